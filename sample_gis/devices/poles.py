"""Lamp posts and multi-use poles along the streets: layer ``poles``. Camera poles come with the cameras."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sample_gis.devices.clock import days_of
from sample_gis.devices.places import Ground, Points, spread_out
from sample_gis.finishing import finished

if TYPE_CHECKING:
    from sample_gis.city import City

SOURCE = "样例合成数据；多功能杆规划 500 根为目标，非现状"
#: Distance between lamps on one side, by class of street 0 to 3.
_SPACING_M = np.array([36.0, 34.0, 31.0, 28.0])
#: From the kerb to the post.
_BEHIND_KERB_M = 0.8
_SLOTS = {"lamp": 2, "multi_use": 6, "camera": 2, "signal": 2}
_MULTI_USE_APART_M = 170.0


def make(city: City) -> None:
    """Place the profile's lamp posts and multi-use poles; reads roads, towns and buildings."""
    random = city.random("poles")
    lamps, several = city.profile.count("lamp_posts"), city.profile.count("multi_use_poles")
    xy, road, first = _lit(city, lamps + several)
    roads = city.roads
    rank = roads["class"].to_numpy()[road]
    # Multi-use poles stand at the first place behind a junction of the larger streets.
    candidates = np.lexsort([np.arange(len(xy)), np.where(first, 0, 1), np.where(rank <= 2, 0, 1)])
    chosen = np.zeros(len(xy), dtype=bool)
    chosen[spread_out(xy, candidates, _MULTI_USE_APART_M, several)] = True
    order = np.concatenate([np.flatnonzero(chosen), np.flatnonzero(~chosen)[:lamps]])
    kind = np.where(chosen[order], "multi_use", "lamp").astype(object)
    modules = [["lighting"] for _ in order]
    for row in np.flatnonzero(kind == "multi_use").tolist():
        extra = [name for name, p in (("screen", 0.35), ("charger", 0.3)) if random.random() < p]
        modules[row] += extra
    year = random.integers(2006, 2021, len(order))
    year[kind == "multi_use"] = random.integers(2019, 2021, int((kind == "multi_use").sum()))
    numbers = np.concatenate([np.arange(1, several + 1), np.arange(1, len(order) - several + 1)])
    city.layers["poles"] = frame(
        city,
        code=[f"{'DG' if k == 'multi_use' else 'LD'}{n:05d}" for k, n in zip(kind, numbers, strict=True)],
        kind=kind,
        modules=modules,
        xy=xy[order],
        road_code=roads["code"].to_numpy(dtype=object)[road[order]],
        height_m=np.where(kind == "multi_use", 12.0, np.where(rank[order] <= 1, 10.0, 8.0)),
        owner="市政设施管理单位（样例）",
        power=np.where(kind == "multi_use", "mains_battery", "lamp_circuit").astype(object),
        backhaul=np.where(kind == "multi_use", "fibre", "none").astype(object),
        installed_on=days_of(city, year, random),
    )


def frame(
    city: City,
    *,
    code: Sequence[str],
    kind: NDArray[np.object_],
    modules: list[list[str]],
    xy: Points,
    road_code: NDArray[np.object_],
    height_m: NDArray[np.float64],
    owner: str,
    power: NDArray[np.object_],
    backhaul: NDArray[np.object_],
    installed_on: NDArray[np.object_],
) -> gpd.GeoDataFrame:
    """Return rows of the layer ``poles``."""
    return finished(
        city,
        {
            "code": code,
            "kind": kind,
            "multi_use": kind == "multi_use",
            "modules": modules,
            "free_slots": [_SLOTS[k] - len(m) for k, m in zip(kind, modules, strict=True)],
            "owner": owner,
            "power": power,
            "backhaul": backhaul,
            "height_m": height_m,
            "road_code": road_code,
            "installed_on": installed_on,
        },
        shapely.points(xy),
        source=SOURCE,
    )


def add(city: City, more: gpd.GeoDataFrame) -> None:
    """Append poles that another theme needs."""
    city.layers["poles"] = gpd.GeoDataFrame(
        pd.concat([city.layers["poles"], more], ignore_index=True), geometry="geometry", crs=city.crs
    )


def mount(city: City, codes: Sequence[str], module: str) -> None:
    """Note that the poles of these codes carry a module; a module counts once a pole.

    Raises
    ------
    KeyError
        Where there is no pole of a code.
    """
    poles = city.layers["poles"]
    row_of = {code: row for row, code in enumerate(poles["code"])}
    modules, free = list(poles["modules"]), poles["free_slots"].to_numpy().copy()
    for code in sorted({*codes}):
        row = row_of[code]
        if module not in modules[row]:
            modules[row] = [*modules[row], module]
            free[row] = max(0, free[row] - 1)
    poles["modules"], poles["free_slots"] = modules, free


def unmount(city: City, codes: Sequence[str], module: str, layer: str) -> None:
    """Take a module off the poles of these codes on which no row of a layer hangs any more."""
    poles = city.layers["poles"]
    still = set(city.layers[layer]["pole_code"].dropna())
    gone = {*codes} - still
    modules, free = list(poles["modules"]), poles["free_slots"].to_numpy().copy()
    for row in np.flatnonzero(poles["code"].isin(gone)).tolist():
        if module in modules[row]:
            modules[row] = [name for name in modules[row] if name != module]
            free[row] += 1
    poles["modules"], poles["free_slots"] = modules, free


def _lit(city: City, count: int) -> tuple[Points, NDArray[np.int64], NDArray[np.bool_]]:
    """Return where lamps stand, their road's row, and whether each is the first behind a junction.

    Streets are lit by class, from the seat outwards, until there are enough lamps.
    """
    roads, towns = city.roads, city.towns
    rank = roads["class"].to_numpy(dtype=np.int64)
    town = roads["town"].to_numpy(dtype=object)
    rows = np.flatnonzero((town != "") & (rank <= 3))
    seat = shapely.get_coordinates(np.array([towns.loc[code, "seat"] for code in town[rows]], dtype=object))
    size = np.sqrt(np.array([shapely.area(towns.loc[code, "built_up"]) for code in town[rows]]) / np.pi)
    middle = shapely.get_coordinates(
        shapely.line_interpolate_point(roads.geometry.to_numpy()[rows], 0.5, normalized=True)
    )
    away = np.hypot(*(middle - seat).T) / size
    # A street one class lower is lit like one farther out by three quarters of the town's radius.
    rows = rows[np.lexsort([rows, np.round(away + 0.75 * rank[rows], 3)])]
    lines = roads.geometry.to_numpy()[rows]
    length = shapely.length(lines)
    number = np.where(length >= 20, np.maximum(np.round(length / _SPACING_M[rank[rows]]), 1), 0).astype(int)
    both = rank[rows] <= 1

    line = np.repeat(np.arange(len(rows)), number)
    nth = np.arange(len(line)) - np.repeat(np.cumsum(number) - number, number)
    way = (nth + 0.5) * length[line] / number[line]
    at = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], way))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], way + 1.0))
    normal = np.column_stack([at[:, 1] - ahead[:, 1], ahead[:, 0] - at[:, 0]])
    normal /= np.maximum(np.hypot(normal[:, 0], normal[:, 1]), 1e-9)[:, None]
    behind = (roads["width_m"].to_numpy(dtype=float)[rows] / 2 + _BEHIND_KERB_M)[line]
    sides = [(1.0, np.ones(len(line), dtype=bool)), (-1.0, both[line])]
    xy = np.vstack([(at + side * normal * behind[:, None])[use] for side, use in sides])
    of = np.concatenate([line[use] for _, use in sides])
    first = np.concatenate([((nth == 0) | (nth == number[line] - 1))[use] for _, use in sides])
    order = np.lexsort([np.concatenate([way[use] for _, use in sides]), of])
    xy, of, first = np.round(xy[order], 2), of[order], first[order]
    free = Ground(city).free(xy)
    xy, of, first = xy[free], of[free], first[free]
    return xy[:count], rows[of[:count]], first[:count]
