"""Candidates: places in the city's layers where a device could stand, its cost, and what is against it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from geo.cells import index, parse, polygons, to_text
from geo.crs import metric_crs
from geo.siting import Exclusion, exclude, grid
from layers.runs.kinds import Inputs, Wanted
from layers.runs.parameters import bad
from layers.runs.siting.parameters import Device, SitingParameters, Source, shape_of

#: What one site costs, in 10,000 yuan, with what must be built for it. Ours, for comparing candidates with
#: each other: a city puts its own figures in their place.
COSTS = {
    Device.STATIONS: {
        Source.EXISTING_4G: 12.0, Source.TOWERS: 15.0, Source.POLES: 8.0, Source.ROOFS: 22.0,
        Source.PUBLIC_BUILDINGS: 20.0, Source.KEY_PLACES: 30.0, Source.GRID: 45.0,
    },
    Device.CAMERAS: {
        Source.EXISTING_4G: 1.2, Source.TOWERS: 1.5, Source.POLES: 0.8, Source.ROOFS: 1.2,
        Source.PUBLIC_BUILDINGS: 1.0, Source.KEY_PLACES: 2.0, Source.GRID: 2.5,
    },
    # What stands there before any device hangs on it: `layers.runs.siting.shared_poles` adds these.
    Device.POLES: {
        Source.EXISTING_4G: 0.5, Source.TOWERS: 0.5, Source.POLES: 0.1, Source.ROOFS: 1.0,
        Source.PUBLIC_BUILDINGS: 1.0, Source.KEY_PLACES: 1.5, Source.GRID: 1.5,
    },
}  # fmt: skip
#: Uses of public buildings.
PUBLIC_USES = ("civic", "school", "hospital", "culture", "transport", "utility")
#: Kinds of poles that can carry more.
POLE_KINDS = ("lamp", "camera", "signal", "multi_use")
#: Candidates nearer to each other than this are one place; that of the earlier source stays.
SAME_PLACE_M = 5.0
#: A 5G site nearer than this serves the place already.
SERVED_M = 50.0
#: Height of antennas over a roof, and of what would be built anew, in metres.
OVER_ROOF_M, NEW_M = 3.0, 30.0
GRID_M = {Device.STATIONS: 500.0, Device.CAMERAS: 100.0, Device.POLES: 100.0}
#: Around named blind cells a grid is finer, but has no more places than this.
FOCUS_M, FINEST_M, MOST_AROUND = 80.0, 20.0, 8_000
MOST_CANDIDATES = 12_000
#: Cells that name the places of a grid.
GRID_RESOLUTION = 12
#: What can be against a candidate.
REASONS = (
    "water", "hazard_area", "served", "school", "no_power", "no_free_slot", "outside_area", "keep_out",
    "forbidden", "sees_no_blind_spot", "one_use_only",
)  # fmt: skip


def candidate_layers(parameters: SitingParameters) -> list[Wanted]:
    """Return the layers that candidates come from, beside those of the device."""
    pole = ("kind", "multi_use", "free_slots", "owner", "power", "height_m")
    return [
        Wanted("poles", pole, "poles"),
        Wanted("towers", ("name", "free_slots", "owner", "power", "height_m"), "towers"),
        Wanted("buildings", ("height_m", "use", "name"), "roofs"),
        Wanted("base_stations", ("technology", "name", "tower_owner", "height_m"), "sites"),
        Wanted("key_places", ("name", "class"), "grounds"),
        Wanted("hazard_areas", (), "hazard_areas", optional=True),
    ]


def candidates_of(parameters: SitingParameters, inputs: Inputs) -> gpd.GeoDataFrame:
    """Return candidates in degrees.

    Returns
    -------
    GeoDataFrame
        ``source``, ``code`` and ``name`` of what stands there, ``owner``, ``power``, ``height_m``, ``cost``,
        ``reasons`` (tuple of keys; empty where a device may stand there), ``forced``.
    """
    parts = [part for source in parameters.sources for part in _from(source, parameters, inputs)]
    found = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=4326)
    found = found[~(found.geometry.isna() | found.geometry.is_empty)].reset_index(drop=True)
    if outline := inputs.region or inputs.city:
        found = found[found.geometry.within(outline).to_numpy()].reset_index(drop=True)
    if not len(found):
        raise bad("candidates", ", ".join(parameters.sources), "sources-with-places")
    found = _once(found)
    cost = COSTS[parameters.device] | parameters.costs
    found["cost"] = [cost[Source(one)] for one in found["source"]]
    found["reasons"] = _reasons(found, parameters, inputs)
    found["forced"] = _forced(found, parameters)
    return found


def told_of(candidates: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return how many candidates there are by source, what one costs, and how many each reason is against."""
    sources = []
    for source, some in candidates.groupby("source", sort=False):
        counted = some["reasons"].explode().dropna().value_counts()
        sources.append(
            {
                "source": source, "places": len(some), "usable": int((some["reasons"].map(len) == 0).sum()),
                "cost": float(some["cost"].median()),
                "reasons": {name: int(counted[name]) for name in REASONS if name in counted},
            }
        )  # fmt: skip
    usable = int((candidates["reasons"].map(len) == 0).sum())
    return {"what": "candidates", "places": len(candidates), "usable": usable, "sources": sources}


def excluded(candidates: gpd.GeoDataFrame) -> dict[str, int]:
    """Return how many candidates there are, and how many of them each reason is against."""
    counted = candidates["reasons"].explode().dropna().value_counts()
    return {
        "candidate_places": len(candidates),
        **{f"excluded_{name}": int(counted[name]) for name in REASONS if name in counted},
    }


def usable_of(candidates: gpd.GeoDataFrame, parameters: SitingParameters) -> gpd.GeoDataFrame:
    """Return the candidates that nothing is against.

    Raises
    ------
    BadRunParameter
        For none or too many of them, or where something is against one that must be used.
    """
    barred = candidates[candidates["forced"].to_numpy(dtype=bool) & (candidates["reasons"].map(len) > 0)]
    if len(barred):
        first = barred.iloc[0]
        raise bad("forced", first["code"], "usable-host", reasons=", ".join(first["reasons"]))
    found = candidates[candidates["reasons"].map(len) == 0].reset_index(drop=True)
    if not len(found):
        raise bad("candidates", ", ".join(parameters.sources), "sources-with-places")
    if len(found) > MOST_CANDIDATES:
        raise bad("candidates", len(found), "fewer-candidates", most=MOST_CANDIDATES)
    return found


def _from(source: Source, parameters: SitingParameters, inputs: Inputs) -> Iterator[gpd.GeoDataFrame]:
    frames = inputs.frames
    match source:
        case Source.EXISTING_4G:
            sites = frames["sites"][frames["sites"]["technology"] == "4g"]
            yield _places(source, sites, owner=sites["tower_owner"], power="mains", height=sites["height_m"])
        case Source.TOWERS:
            towers = frames["towers"]
            yield _places(
                source, towers, owner=towers["owner"], power=towers["power"], height=towers["height_m"],
                free=towers["free_slots"],
            )  # fmt: skip
        case Source.POLES:
            poles = frames["poles"][frames["poles"]["kind"].isin(POLE_KINDS)]
            yield _places(
                source, poles, owner=poles["owner"], power=poles["power"], height=poles["height_m"],
                free=poles["free_slots"],
            )  # fmt: skip
        case Source.ROOFS | Source.PUBLIC_BUILDINGS:
            houses = frames["roofs"]
            if source is Source.ROOFS:
                houses = houses[(houses["height_m"] >= parameters.roof_m).to_numpy(dtype=bool)]
            else:
                houses = houses[houses["use"].isin(PUBLIC_USES).to_numpy(dtype=bool)]
            yield _places(source, houses, power="mains", height=houses["height_m"] + OVER_ROOF_M)
        case Source.KEY_PLACES:
            yield _places(source, frames["grounds"], power="mains", height=NEW_M)
        case Source.GRID:
            outline = inputs.region or inputs.city
            if outline is None:
                raise bad("region", None, "given")
            step, names = GRID_M[parameters.device], GRID_RESOLUTION
            if parameters.focus:
                outline, step, names = _around(parameters.focus, outline, step)
            points = grid(gpd.GeoSeries([outline], crs=4326), step)
            # Nothing new is put up inside a house.
            indoors, _ = frames["roofs"].sindex.query(points.to_crs(4326), predicate="intersects")
            points = points.drop(points.index[np.unique(indoors)])
            codes = [f"grid-{one}" for one in to_text(index(points.x, points.y, names)).tolist()]
            none = gpd.GeoDataFrame({"code": codes, "name": None}, index=points.index, geometry=points)
            yield _places(source, none, height=NEW_M)


def _around(focus: tuple[str, ...], outline: BaseGeometry, usual_m: float) -> tuple[BaseGeometry, float, int]:
    """Return what lies around named cells, the step of a fine grid there, and the cells that name its places.

    A camera against one blind spot must stand where houses leave it in sight: a hundred metres are too far.
    """
    cells = gpd.GeoDataFrame(geometry=polygons(parse(np.array(focus))))
    near = gpd.GeoSeries([cells.to_crs(metric_crs(cells)).buffer(FOCUS_M).union_all()], crs=metric_crs(cells))
    step = float(np.clip(np.sqrt(near.area.iloc[0] / MOST_AROUND), FINEST_M, usual_m))
    return near.to_crs(4326).iloc[0].intersection(outline), step, GRID_RESOLUTION + 1


def _places(  # noqa: PLR0917
    source: Source,
    features: gpd.GeoDataFrame,
    owner: pd.Series | None = None,
    power: pd.Series | str | None = None,
    height: pd.Series | float = np.nan,
    free: pd.Series | None = None,
) -> gpd.GeoDataFrame:
    inner = features.geometry.representative_point()
    columns = {
        "source": str(source), "code": features["code"], "owner": owner, "power": power, "height_m": height,
        "name": features["name"] if "name" in features.columns else None,
        "free": np.nan if free is None else free,
    }  # fmt: skip
    return gpd.GeoDataFrame(columns, index=features.index, geometry=inner, crs=4326)


def _once(found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave one candidate of those at one place: the first, by source and id."""
    metres = found.geometry.to_crs(metric_crs(found))
    pairs = cKDTree(np.column_stack([metres.x, metres.y])).query_pairs(SAME_PLACE_M, output_type="ndarray")
    kept = np.ones(len(found), dtype=bool)
    for first, second in sorted(pairs.tolist()):
        if kept[first]:
            kept[second] = False
    return found[kept].reset_index(drop=True)


def _reasons(found: gpd.GeoDataFrame, parameters: SitingParameters, inputs: Inputs) -> list[tuple[str, ...]]:
    water = inputs.frames["water"].geometry
    exclusions = [Exclusion("water", water[water.geom_type.isin(["Polygon", "MultiPolygon"])])]
    if parameters.device is Device.STATIONS:
        if "hazard_areas" in inputs.frames:
            exclusions.append(Exclusion("hazard_area", inputs.frames["hazard_areas"].geometry))
        sites = inputs.frames["sites"]
        exclusions.append(Exclusion("served", sites.geometry[sites["technology"] == "5g"], SERVED_M))
    if parameters.device is not Device.CAMERAS and parameters.schools_m > 0:
        grounds = inputs.frames["grounds"]
        schools = grounds.geometry[(grounds["class"] == "school").to_numpy(dtype=bool)]
        exclusions.append(Exclusion("school", schools, parameters.schools_m))
    if (shape := shape_of(parameters.keep_out)) is not None:
        exclusions.append(Exclusion("keep_out", gpd.GeoSeries([shape], crs=4326)))
    against: dict[str, NDArray[np.bool_]] = {
        "no_power": (found["power"] == "none").to_numpy(dtype=bool),
        "forbidden": found["code"].isin(parameters.forbidden).to_numpy(dtype=bool),
    }
    # A shared pole takes the place of one that is full.
    if parameters.device is not Device.POLES:
        against["no_free_slot"] = (pd.to_numeric(found["free"]) <= 0).to_numpy(dtype=bool)
    if (shape := shape_of(parameters.area)) is not None:
        against["outside_area"] = ~found.geometry.intersects(shape).to_numpy(dtype=bool)
    return [
        (*reasons, *(name for name, some in against.items() if some[row]))
        for row, reasons in enumerate(exclude(found, exclusions))
    ]


def _forced(found: gpd.GeoDataFrame, parameters: SitingParameters) -> NDArray[np.bool_]:
    """Tell which candidates must be used, or raise `BadRunParameter` for a code that none has."""
    forced: NDArray[np.bool_] = found["code"].isin(parameters.forced).to_numpy(dtype=bool)
    if unknown := set(parameters.forced) - set(found["code"][forced]):
        raise bad("forced", min(unknown), "host-of-a-candidate")
    return forced
