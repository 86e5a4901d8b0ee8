"""What the analyses of radio share: parameters, sectors and their operators, people and ways by cell."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio.features
import rasterio.transform
import shapely
from numpy.typing import NDArray
from pydantic import Field as Limited
from shapely.geometry.base import BaseGeometry

from geo.cells import Containment, cover
from geo.density import in_cells, lengths_km
from geo.radio import Heights, Pattern, Settings
from layers.antennas import SETTING as ANTENNAS
from layers.antennas import patterns_of
from layers.city import TARGETS
from layers.definitions.words import Words
from layers.relief import SETTING as RELIEF
from layers.relief import heights
from layers.runs.kinds import (
    SCENARIO_ASKED,
    SCENARIO_PART,
    Asked,
    Inputs,
    Parameters,
    ScenarioReference,
    Wanted,
    bad,
)
from layers.runs.subjects import SubjectPart

COARSEST, FINEST, USUAL = 6, 11, 10
#: Cells of the finest resolution that one run predicts.
MOST_CELLS = 1_500_000
AREA_LAYERS = ("counties", "towns", "communities", "extents")
#: Sectors outside a region count for it up to here.
MARGIN_M = 5000.0
#: Side of a square of the surface that decides line of sight, and of the relief where buildings do not count.
SURFACE_M, RELIEF_M = 5.0, 30.0
NOT_WORKING = ("fault", "out_of_service")
#: Settings of the city that every analysis of radio reads.
DOCUMENTS = (ANTENNAS, RELIEF, TARGETS)

_SECTOR_FIELDS = (
    "site_code", "technology", "frequency_mhz", "bandwidth_mhz", "subcarrier_spacing_khz", "azimuth_deg",
    "mechanical_tilt_deg", "electrical_tilt_deg", "height_m", "power_dbm", "pattern", "beamwidth_deg",
)  # fmt: skip
_STATION_FIELDS = ("operator", "sharing_operators", "technology", "counting_unit", "commissioned_on")


class RadioTechnology(StrEnum):
    """Technologies of the layer of sectors that can be predicted."""

    NR = "5g"
    LTE = "4g"
    NB_IOT = "nb_iot"
    PDT = "pdt"


class Model(StrEnum):
    """Path-loss models."""

    UMA = "uma"
    UMI = "umi"
    RMA = "rma"
    SMA = "sma"


class Sight(StrEnum):
    """Where line of sight is taken from."""

    PROBABILITY = "probability"
    BUILDINGS = "buildings"


class RadioParameters(Parameters):
    """What radio is predicted from.

    Attributes
    ----------
    technology : {"5g", "4g", "nb_iot", "pdt"}
        Sectors of it, with its thresholds.
    operator : str, optional
        One operator's own and shared sectors; all in total where left out.
    model : {"uma", "umi", "rma", "sma"}
        Path-loss model of 3GPP TR 38.901.
    sight : {"probability", "buildings"}
        Line of sight by the model's probability, or past the buildings of the city.
    load : float
        Share of time and frequency in which other sectors transmit.
    min_dbm, min_sinr_db : float, optional
        Thresholds in place of the technology's.
    cutoff_m : float
        Sectors beyond do not count.
    resolution : int
        H3 resolution, 7 to 11.
    scenario : str, optional
        Whose changes are laid over the layers.
    """

    technology: RadioTechnology = RadioTechnology.NR
    operator: Annotated[str, Limited(min_length=1, max_length=16)] | None = None
    model: Model = Model.UMA
    sight: Sight = Sight.PROBABILITY
    load: Annotated[float, Limited(ge=0, le=1)] = 0.5
    min_dbm: Annotated[float, Limited(ge=-150, le=-40)] | None = None
    min_sinr_db: Annotated[float, Limited(ge=-20, le=40)] | None = None
    cutoff_m: Annotated[float, Limited(ge=500, le=20_000)] = 3000.0
    resolution: Annotated[int, Limited(ge=COARSEST + 1, le=FINEST)] = USUAL
    scenario: ScenarioReference = None

    def settings(self) -> Settings:
        """Return how `geo.radio` predicts."""
        return Settings(
            technology=self.technology.value,
            load=self.load,
            cutoff_m=self.cutoff_m,
            min_dbm=self.min_dbm,
            min_sinr_db=self.min_sinr_db,
        )


#: What results of radio show: whose network of which technology.
SUBJECT = (SubjectPart("technology"), SubjectPart("operator", codes="operators"), SCENARIO_PART)
ASKS = {
    "scenario": SCENARIO_ASKED,
    "technology": Asked(
        Words(zh="制式", en="Technology"),
        options={
            "5g": Words(zh="5G", en="5G"),
            "4g": Words(zh="4G", en="4G"),
            "nb_iot": Words(zh="NB-IoT", en="NB-IoT"),
            "pdt": Words(zh="数字集群 PDT", en="Digital trunking, PDT"),
        },
    ),
    "operator": Asked(
        Words(zh="运营商", en="Operator"),
        Words(
            zh="空则合计；填代码 cmcc、ctcc、cucc、cbn",
            en="Empty for all in total; else cmcc, ctcc, cucc or cbn",
        ),
    ),
    "model": Asked(
        Words(zh="传播模型", en="Propagation model"),
        options={
            "uma": Words(zh="城市宏站 UMa", en="Urban macro, UMa"),
            "umi": Words(zh="城市微站 UMi", en="Urban micro, UMi"),
            "rma": Words(zh="农村宏站 RMa", en="Rural macro, RMa"),
            "sma": Words(zh="郊区宏站 SMa", en="Suburban macro, SMa"),
        },
    ),
    "sight": Asked(
        Words(zh="视距", en="Line of sight"),
        options={
            "probability": Words(zh="按模型概率", en="By the model's probability"),
            "buildings": Words(zh="按建筑物高度", en="Past the buildings"),
        },
    ),
    "load": Asked(
        Words(zh="邻区负荷", en="Load of other sectors"),
        Words(zh="0 到 1，决定干扰", en="0 to 1; makes the interference"),
    ),
    "min_dbm": Asked(
        Words(zh="电平门限", en="Least level"),
        Words(zh="空则按制式", en="The technology's if empty"),
        unit="dBm",
    ),
    "min_sinr_db": Asked(
        Words(zh="信干噪比门限", en="Least SINR"),
        Words(zh="空则按制式", en="The technology's if empty"),
        unit="dB",
    ),
    "cutoff_m": Asked(Words(zh="计算半径", en="Cut-off"), unit="m"),
    "resolution": Asked(Words(zh="六边形级别", en="H3 resolution")),
}


def wanted(parameters: RadioParameters) -> list[Wanted]:
    """Return the layers that a run reads."""
    margin = max(MARGIN_M, parameters.cutoff_m)
    states = ("in_service", *NOT_WORKING)
    found = [
        Wanted("sectors", _SECTOR_FIELDS, "sectors", margin_m=margin, states=states),
        Wanted("base_stations", _STATION_FIELDS, "stations", margin_m=margin, states=states),
        Wanted("population", ("cell", "residents"), "people"),
        Wanted("roads", ("class", "name", "ref"), "roads"),
        Wanted("railways", ("name",), "railways"),
        Wanted("water", ("kind", "name"), "water"),
        Wanted("buildings", ("height_m",), "buildings", margin_m=margin),
        Wanted("key_places", ("name", "class"), "key_places", optional=True),
    ]
    return found + [
        Wanted(layer, ("name", "kind") if layer == "extents" else ("name",), layer, optional=True)
        for layer in AREA_LAYERS
    ]


def sectors_of(
    parameters: RadioParameters, inputs: Inputs, *, operator: str | None = None
) -> gpd.GeoDataFrame:
    """Return the sectors of the technology, of one operator or of all, with ``operators`` and ``in_service``.

    A sector serves its site's operator and those that share the site; one whose site is not in the layer
    serves nobody by name and counts in the total only.
    """
    sectors = inputs.frames["sectors"]
    sectors = sectors[sectors["technology"] == parameters.technology.value]
    stations = inputs.frames["stations"].drop_duplicates("code").set_index("code")
    own = stations["operator"].reindex(sectors["site_code"])
    shared = stations["sharing_operators"].reindex(sectors["site_code"])
    every = [
        frozenset(([first] if isinstance(first, str) else []) + (list(others) if _is_list(others) else []))
        for first, others in zip(own.tolist(), shared.tolist(), strict=True)
    ]
    working = stations["status"].reindex(sectors["site_code"]).fillna("in_service").to_numpy() == "in_service"
    working &= sectors["status"].to_numpy() == "in_service"
    found = sectors.assign(operators=pd.Series(every, index=sectors.index, dtype=object), in_service=working)
    if operator is not None:
        found = found[[operator in names for names in every]]
    return found


def _is_list(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str)


def antennas_in(inputs: Inputs) -> dict[str, Pattern]:
    """Return the antenna patterns of the city by the names that sectors call them."""
    return patterns_of(inputs.documents.get(ANTENNAS))


def operators_in(sectors: gpd.GeoDataFrame) -> list[str]:
    """Return the operators that any sector serves."""
    return sorted(set().union(*sectors["operators"])) if len(sectors) else []


def outline_of(inputs: Inputs) -> BaseGeometry:
    """Return what is predicted: the region, the city, or all its counties."""
    outline = inputs.region or inputs.city
    if outline is None and len(counties := inputs.frames.get("counties", gpd.GeoDataFrame())):
        outline = shapely.union_all(counties.geometry.to_numpy())
    if outline is None:
        raise bad("region", None, "given")
    return outline


def cells_of(outline: BaseGeometry, resolution: int) -> NDArray[np.uint64]:
    """Return the cells that touch an outline, or raise `BadRunParameter` where they are too many."""
    coarse = len(cover(outline, COARSEST, Containment.INTERSECTS))
    if (about := coarse * 7 ** (resolution - COARSEST)) > 4 * MOST_CELLS:
        raise bad("resolution", resolution, "fewer-cells", cells=about, most=MOST_CELLS)
    cells = cover(outline, resolution, Containment.INTERSECTS)
    if len(cells) > MOST_CELLS:
        raise bad("resolution", resolution, "fewer-cells", cells=len(cells), most=MOST_CELLS)
    return cells


def kilometres_by_cell(lines: gpd.GeoDataFrame, resolution: int, within: BaseGeometry) -> pd.Series:
    """Return the length of lines in each cell, in kilometres."""
    if not len(lines):
        return pd.Series([], index=pd.Index([], dtype=np.uint64, name="cell"), dtype=float)
    return in_cells(lines.assign(km=lengths_km), resolution, weight="km", within=within)["value"]


def ground_of(
    parameters: RadioParameters, inputs: Inputs, outline: BaseGeometry, crs: int
) -> tuple[Heights | None, Heights | None]:
    """Return the surface that decides line of sight and the bare ground, each None where it has no part.

    Both lie on one grid of the metric system: of 5 m where buildings count, else of 30 m.
    """
    past_buildings = parameters.sight is Sight.BUILDINGS
    step = SURFACE_M if past_buildings else RELIEF_M
    west, south, east, north = gpd.GeoSeries([outline], crs=4326).to_crs(crs).buffer(MARGIN_M).total_bounds
    bounds = (float(west), float(south), float(east), float(north))
    terrain = heights(inputs.documents.get(RELIEF), crs, bounds, step)
    surface = _surface(inputs.frames["buildings"], terrain, crs, bounds) if past_buildings else None
    return surface, terrain


def _surface(
    buildings: gpd.GeoDataFrame, terrain: Heights | None, crs: int, bounds: tuple[float, float, float, float]
) -> Heights | None:
    """Return the roofs of the city over the ground, which is flat where no relief is known."""
    known = buildings[buildings["height_m"] > 0]
    if not len(known):
        return terrain
    west, south, east, north = bounds
    rows, columns = int((north - south) / SURFACE_M) + 1, int((east - west) / SURFACE_M) + 1
    order = np.argsort(known["height_m"].to_numpy(), kind="stable")
    height = known["height_m"].to_numpy(dtype=np.float32)
    roofs = known.geometry.to_crs(crs)
    shapes = [(roofs.iloc[at], float(height[at])) for at in order.tolist()]
    # Painted from the lowest to the highest: where two overlap the higher one stands.
    painted = rasterio.features.rasterize(
        shapes,
        out_shape=(rows, columns),
        transform=rasterio.transform.from_origin(west, south + rows * SURFACE_M, SURFACE_M, SURFACE_M),
        dtype="float32",
    )
    roofed = np.ascontiguousarray(painted[::-1])
    return Heights(roofed if terrain is None else roofed + terrain.values, west, south, SURFACE_M)
