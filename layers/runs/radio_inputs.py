"""What the analyses of radio share: parameters, sectors and their operators, people and ways by cell."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pydantic import Field as Limited
from shapely.geometry.base import BaseGeometry

from geo.cells import Containment, cover
from geo.density import in_cells, lengths_km
from geo.radio import Heights, Pattern, Settings, Surface, models_of
from geo.radio.environment import AROUND_M, RULE
from geo.radio.sectors import ASSUMED_FREQUENCY_MHZ
from layers.antennas import SETTING as ANTENNAS
from layers.antennas import patterns_of
from layers.city import TARGETS
from layers.definitions.words import Words
from layers.relief import SETTING as RELIEF
from layers.relief import heights
from layers.runs.forms import RESOLUTION_ASKED
from layers.runs.kinds import SCENARIO_ASKED, SCENARIO_PART, Asked, Inputs, Wanted
from layers.runs.parameters import Parameters, ScenarioReference, bad
from layers.runs.subjects import SubjectPart

COARSEST, FINEST, USUAL = 6, 11, 10
#: Cells of the finest resolution that one run predicts.
MOST_CELLS = 1_500_000
AREA_LAYERS = ("counties", "towns", "communities", "extents")
#: Sectors outside a region count for it up to here.
MARGIN_M = 5000.0
#: Default cut-off in metres by technology, and the least past buildings: in the open these hide nothing.
REACH_M = {"5g": 3000.0, "4g": 3000.0, "nb_iot": 10_000.0, "pdt": 20_000.0}
OPEN_REACH_M = 5000.0
#: Side of a square of the relief.
RELIEF_M = 30.0
NOT_WORKING = ("fault", "out_of_service")
#: Settings of the city that every analysis of radio reads.
DOCUMENTS = (ANTENNAS, RELIEF, TARGETS)

_SECTOR_FIELDS = (
    "site_code", "technology", "frequency_mhz", "bandwidth_mhz", "subcarrier_spacing_khz", "azimuth_deg",
    "mechanical_tilt_deg", "electrical_tilt_deg", "height_m", "power_dbm", "pattern", "beamwidth_deg",
)  # fmt: skip
_BUILDING_FIELDS = ("height_m", "use", "floors", "floor_area_m2")
_AREA_FIELDS = {"extents": ("name", "kind", "scenic_grade")}
_STATION_FIELDS = ("operator", "sharing_operators", "technology", "counting_unit", "commissioned_on")


class RadioTechnology(StrEnum):
    """Technologies of the layer of sectors that can be predicted."""

    NR = "5g"
    LTE = "4g"
    NB_IOT = "nb_iot"
    PDT = "pdt"


class Model(StrEnum):
    """Path-loss models; `AUTO` takes that of each site's surroundings and carrier."""

    AUTO = "auto"
    UMA = "uma"
    UMI = "umi"
    RMA = "rma"
    SMA = "sma"
    HATA_URBAN = "hata_urban"
    HATA_SUBURBAN = "hata_suburban"
    HATA_OPEN = "hata_open"


class Sight(StrEnum):
    """Where line of sight is taken from."""

    PROBABILITY = "probability"
    BUILDINGS = "buildings"


class Indoor(StrEnum):
    """Which buildings the coverage indoors is told for."""

    BY_USE = "by_use"
    LOW_LOSS = "low_loss"
    HIGH_LOSS = "high_loss"


class RadioParameters(Parameters):
    """What radio is predicted from.

    Attributes
    ----------
    technology : {"5g", "4g", "nb_iot", "pdt"}
        Sectors of it, with its thresholds.
    operator : str, optional
        One operator's own and shared sectors; all in total where left out.
    model : {"auto", "uma", "umi", "rma", "sma", "hata_urban", "hata_suburban", "hata_open"}
        ``auto`` chooses one for each site by `geo.radio.models_of`; the others hold for all: those of 3GPP
        TR 38.901, and Hata's under its 500 MHz.
    sight : {"probability", "buildings"}
        Line of sight by the model's probability, which holds trees and all else that no layer knows, or past
        the buildings of the city where their heights are known.
    indoor : {"by_use", "low_loss", "high_loss"}
        Class of building of TR 38.901 for the coverage indoors: after the use of each, or one everywhere.
    load : float
        Share of time and frequency in which other sectors transmit.
    min_dbm, min_sinr_db : float, optional
        Thresholds in place of the technology's.
    cutoff_m : float, optional
        Sectors beyond do not count; `REACH_M` of the technology where left out, past
        buildings at least `OPEN_REACH_M`.
    resolution : int
        H3 resolution, 7 to 11.
    scenario : str, optional
        Whose changes are laid over the layers.
    """

    technology: RadioTechnology = RadioTechnology.NR
    operator: Annotated[str, Limited(min_length=1, max_length=16)] | None = None
    model: Model = Model.AUTO
    sight: Sight = Sight.PROBABILITY
    indoor: Indoor = Indoor.BY_USE
    load: Annotated[float, Limited(ge=0, le=1)] = 0.5
    min_dbm: Annotated[float, Limited(ge=-150, le=-40)] | None = None
    min_sinr_db: Annotated[float, Limited(ge=-20, le=40)] | None = None
    cutoff_m: Annotated[float, Limited(ge=500, le=20_000)] | None = None
    resolution: Annotated[int, Limited(ge=COARSEST + 1, le=FINEST)] = USUAL
    scenario: ScenarioReference = None

    @property
    def reach_m(self) -> float:
        """The cut-off that holds."""
        if self.cutoff_m is not None:
            return self.cutoff_m
        usual = REACH_M[self.technology.value]
        return max(usual, OPEN_REACH_M) if self.sight is Sight.BUILDINGS else usual

    @property
    def usual_model(self) -> str:
        """The model of a sector that was given none."""
        return "uma" if self.model is Model.AUTO else self.model.value

    def settings(self) -> Settings:
        """Return how `geo.radio` predicts."""
        return Settings(
            technology=self.technology.value,
            load=self.load,
            cutoff_m=self.reach_m,
            min_dbm=self.min_dbm,
            min_sinr_db=self.min_sinr_db,
        )


def prediction_of(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return of the parameters of any run of radio those that its prediction follows from."""
    return {name: value for name, value in parameters.items() if name in RadioParameters.model_fields}


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
            "auto": Words(zh="按站点周边自动选取", en="By each site's surroundings"),
            "uma": Words(zh="城市宏站 UMa", en="Urban macro, UMa"),
            "umi": Words(zh="城市微站 UMi", en="Urban micro, UMi"),
            "rma": Words(zh="农村宏站 RMa", en="Rural macro, RMa"),
            "sma": Words(zh="郊区宏站 SMa", en="Suburban macro, SMa"),
            "hata_urban": Words(zh="Hata 城市（500 MHz 以下）", en="Hata, urban (under 500 MHz)"),
            "hata_suburban": Words(zh="Hata 郊区（500 MHz 以下）", en="Hata, suburban (under 500 MHz)"),
            "hata_open": Words(zh="Hata 开阔地（500 MHz 以下）", en="Hata, open land (under 500 MHz)"),
        },
    ),
    "sight": Asked(
        Words(zh="视距", en="Line of sight"),
        options={
            "buildings": Words(zh="按建筑物高度", en="Past the buildings"),
            "probability": Words(zh="按模型概率", en="By the model's probability"),
        },
    ),
    "indoor": Asked(
        Words(zh="室内", en="Indoors"),
        options={
            "by_use": Words(zh="按建筑用途", en="By each building's use"),
            "low_loss": Words(zh="一律低损耗建筑", en="Buildings of low loss"),
            "high_loss": Words(zh="一律高损耗建筑", en="Buildings of high loss"),
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
    "cutoff_m": Asked(
        Words(zh="计算半径", en="Cut-off"), Words(zh="空则按制式", en="The technology's if empty"), unit="m"
    ),
    "resolution": RESOLUTION_ASKED,
}


def wanted(parameters: RadioParameters) -> list[Wanted]:
    """Return the layers that a run reads."""
    margin = max(MARGIN_M, parameters.reach_m)
    states = ("in_service", *NOT_WORKING)
    found = [
        Wanted("sectors", _SECTOR_FIELDS, "sectors", margin_m=margin, states=states),
        Wanted("base_stations", _STATION_FIELDS, "stations", margin_m=margin, states=states),
        Wanted("population", ("cell", "residents"), "people"),
        Wanted("roads", ("class", "name", "ref"), "roads"),
        Wanted("railways", ("name",), "railways"),
        Wanted("water", ("kind", "name"), "water"),
        # What stands around the farthest site says which model suits it.
        Wanted("buildings", _BUILDING_FIELDS, "buildings", margin_m=margin + AROUND_M),
        Wanted("place_names", ("name", "kind"), "place_names", optional=True),
        Wanted("key_places", ("name", "class"), "key_places", optional=True),
        Wanted(
            "legal_entities",
            ("name", "entity_kind", "industry_code", "scale"),
            "legal_entities",
            optional=True,
        ),
    ]
    return found + [
        Wanted(layer, _AREA_FIELDS.get(layer, ("name", "short_name")), layer, optional=True)
        for layer in AREA_LAYERS
    ]


def sectors_of(
    parameters: RadioParameters,
    inputs: Inputs,
    *,
    operator: str | None = None,
    mapped: bool | None = None,
) -> gpd.GeoDataFrame:
    """Return the sectors of the technology, of one operator or of all, with ``operators`` and ``in_service``.

    A sector serves its site's operator and those that share the site; one whose site is not in the layer
    serves nobody by name and counts in the total only. Each has its path-loss ``model``; ``mapped`` is
    that of `geo.radio.models_of`.
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
    return with_models(found, parameters, inputs, mapped=mapped)


def with_models(
    sectors: gpd.GeoDataFrame, parameters: RadioParameters, inputs: Inputs, *, mapped: bool | None = None
) -> gpd.GeoDataFrame:
    """Return sectors, standing or planned, with the path-loss ``model`` of each."""
    if parameters.model is Model.AUTO:
        usual = ASSUMED_FREQUENCY_MHZ[parameters.technology.value]
        known = sectors.assign(frequency_mhz=sectors["frequency_mhz"].fillna(usual))
        return sectors.assign(model=models_of(known, inputs.frames["buildings"].geometry, mapped=mapped))
    return sectors.assign(model=parameters.model.value)


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


def model_limits(parameters: RadioParameters) -> tuple[str, ...]:
    """Return how the path-loss model was chosen, for the method note."""
    return (RULE,) if parameters.model is Model.AUTO else ()


def ground_of(
    parameters: RadioParameters,
    inputs: Inputs,
    outline: BaseGeometry,
    crs: int,
    *,
    heights_known: bool | None = None,
) -> tuple[Surface | None, Heights | None]:
    """Return the buildings that decide line of sight and the bare ground, each None where it has no part.

    The grid of the ground has the same lines whatever the outline, so that a point and a city see one relief.

    Parameters
    ----------
    heights_known : bool, optional
        Whether any building has a height, where the inputs hold only some of them.
    """
    west, south, east, north = gpd.GeoSeries([outline], crs=4326).to_crs(crs).buffer(MARGIN_M).total_bounds
    bounds = (
        RELIEF_M * math.floor(west / RELIEF_M), RELIEF_M * math.floor(south / RELIEF_M), float(east),
        float(north),
    )  # fmt: skip
    terrain = heights(inputs.documents.get(RELIEF), crs, bounds, RELIEF_M)
    buildings = inputs.frames["buildings"]
    if heights_known is None:
        heights_known = bool((buildings["height_m"] > 0).any())
    known = parameters.sight is Sight.BUILDINGS and heights_known
    return Surface(buildings.to_crs(crs)) if known else None, terrain
