"""Defects of pipes at known places; every other pipe stays as it was laid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from sample_gis.planted import pipe_places
from sample_gis.planted.truth import change, entry, read_causes

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from sample_gis.city import City

THEME = "pipe_defects"
#: Two defects are farther apart than this.
APART_M = 300.0
_RADIUS_M = 15.0
#: How far the end of a counter slope is raised over its start.
_RISE_M = 0.08
_SHRUNK_MM = 300.0
#: A dangling end stops short of its node; a near miss is nearer than surveys are exact.
_SHORT_M, _MISSED_M = 0.6, 0.2
#: Between the outsides of pipes that lie too close, and where the way out of the old place begins and ends.
_GAP_M, _BEND_M = 0.15, 6.0
_LAID_ON, _LIFE_YEARS = date(1971, 5, 1), 25
_STUCK_SINCE = date(2009, 11, 2)

#: Fields that are empty, in turn.
_MISSING = (("diameter_mm",), ("start_depth_m", "end_depth_m", "start_invert_m", "end_invert_m"))
#: Values that no pipe has, in turn: slips of the pen.
_IMPOSSIBLE: tuple[tuple[str, Any], ...] = (
    ("diameter_mm", 9000.0),
    ("laid_on", date(2091, 3, 15)),
    ("start_depth_m", -3.5),
)


class Defect(NamedTuple):
    """Where a cause can be planted, best places first, and what it edits.

    Attributes
    ----------
    layer : str
        ``pipes`` or ``pipe_nodes``.
    rows : callable
        From city to rows of the layer.
    edit : callable
        From city, row, number of the defect and notes of changes to facts.
    """

    layer: str
    rows: Callable[[City], NDArray[np.int64]]
    edit: Callable[[City, int, int, dict[str, Any]], dict[str, Any]]


def make(city: City) -> None:
    """Plant the defects; reads pipes, pipe nodes and roads."""
    causes = read_causes()[THEME]
    taken: list[NDArray[np.float64]] = []
    found: list[dict[str, Any]] = []
    for cause, rule in causes.items():
        defect = _DEFECTS[cause]
        shapes = city.layers[defect.layer].geometry.to_numpy()
        number = 0
        for row in defect.rows(city).tolist():
            if number == rule.count:
                break
            middle = shapely.centroid(shapes[row])
            at = np.round(shapely.get_coordinates(middle)[0], 2)
            if any(np.hypot(*(at - other)) < APART_M for other in taken):
                continue
            taken.append(at)
            found.append(_plant(city, cause, row, number, at))
            number += 1
    city.truth[THEME] = found


def _plant(city: City, cause: str, row: int, number: int, at: NDArray[np.float64]) -> dict[str, Any]:
    defect = _DEFECTS[cause]
    frame = city.layers[defect.layer]
    changed: dict[str, Any] = {}
    facts = {
        "pipe" if defect.layer == "pipes" else "node": frame.at[row, "code"],
        "medium": frame.at[row, "medium"],
        "road": frame.at[row, "road_code"],
        **defect.edit(city, row, number, changed),
    }
    where = (float(at[0]), float(at[1]))
    return entry(city, THEME, cause, at=where, radius_m=_RADIUS_M, changed=changed, **facts)


def _counter_slope(city: City, row: int, _: int, changed: dict[str, Any]) -> dict[str, Any]:
    pipes = city.layers["pipes"]
    old, end = float(pipes.at[row, "end_invert_m"]), float(pipes.at[row, "start_invert_m"]) + _RISE_M
    depth = float(pipes.at[row, "end_depth_m"]) - (end - old)
    change(city, "pipes", row, changed, end_invert_m=round(end, 3), end_depth_m=round(depth, 2))
    return {"rise_m": _RISE_M, "length_m": _length(pipes, row)}


def _against_fall(city: City, row: int, _: int, changed: dict[str, Any]) -> dict[str, Any]:
    change(city, "pipes", row, changed, flow_direction="backward")
    return {}


def _shrinking(city: City, row: int, _: int, changed: dict[str, Any]) -> dict[str, Any]:
    pipes = city.layers["pipes"]
    old = float(pipes.at[row, "diameter_mm"])
    less = (old - _SHRUNK_MM) / 1000
    depths = {name: round(float(pipes.at[row, name]) + less, 2) for name in ("start_depth_m", "end_depth_m")}
    change(city, "pipes", row, changed, diameter_mm=_SHRUNK_MM, **depths)
    return {"diameter_mm": _SHRUNK_MM, "before_mm": old}


def _dangling_end(city: City, row: int, _: int, changed: dict[str, Any]) -> dict[str, Any]:
    node = city.layers["pipes"].at[row, "to_node"]
    _cut(city, row, 0.0, _SHORT_M)
    change(city, "pipes", row, changed, to_node=None)
    return {"node": node, "short_m": _SHORT_M}


def _no_source(city: City, row: int, _: int, changed: dict[str, Any]) -> dict[str, Any]:
    pipes = city.layers["pipes"]
    node, hydrant = pipes.at[row, "from_node"], pipes.at[row, "to_node"]
    _cut(city, row, _MISSED_M, 0.0)
    change(city, "pipes", row, changed, from_node=None)
    return {"node": node, "hydrant": hydrant, "short_m": _MISSED_M}


def _cut(city: City, row: int, begin_m: float, end_m: float) -> None:
    """Shorten a pipe at its ends."""
    pipes = city.layers["pipes"]
    line = pipes.geometry.iloc[row]
    cut = substring(line, begin_m, line.length - end_m)
    pipes.loc[[row], "geometry"] = shapely.LineString(np.round(shapely.get_coordinates(cut), 3))


def _missing_valve(city: City, row: int, _: int, changed: dict[str, Any]) -> dict[str, Any]:
    sides = pipe_places.lengths_beside(city, row)
    values = {"kind": "junction", "valve_state": None, "last_operated_on": None, "design_life_years": 50}
    change(city, "pipe_nodes", row, changed, **values)
    return {"segment_m": round(sum(sides)), "sides_m": [round(one) for one in sides]}


def _stuck_valve(city: City, row: int, _: int, changed: dict[str, Any]) -> dict[str, Any]:
    sides = pipe_places.lengths_beside(city, row)
    change(city, "pipe_nodes", row, changed, valve_state="stuck", last_operated_on=_STUCK_SINCE)
    return {"sides_m": [round(one) for one in sides]}


def _clearance(city: City, row: int, _: int, changed: dict[str, Any]) -> dict[str, Any]:
    """Lay the middle of a gas pipe beside the nearest duct of communication."""
    pipes = city.layers["pipes"]
    line = pipes.geometry.iloc[row]
    other = pipe_places.beside(city, row, "comms")
    duct = pipes.geometry.iloc[other]
    apart = _GAP_M + (float(pipes.at[row, "diameter_mm"]) + float(pipes.at[other, "section_width_mm"])) / 2000
    way = np.linspace(_BEND_M, line.length - _BEND_M, 9)
    points = shapely.line_interpolate_point(line, way)
    feet = shapely.line_interpolate_point(duct, shapely.line_locate_point(duct, points))
    toward = shapely.get_coordinates(points) - shapely.get_coordinates(feet)
    size = np.hypot(*toward.T)
    laid = shapely.get_coordinates(feet) + toward * (apart / size)[:, None]
    ends = shapely.get_coordinates(line)[[0, -1]]
    pipes.loc[[row], "geometry"] = shapely.LineString(np.round([ends[0], *laid, ends[1]], 3))
    changed[f"pipes {pipes.at[row, 'code']}"] = {}
    return {
        "other": pipes.at[other, "code"], "gap_m": _GAP_M, "moved_m": round(float(np.max(size - apart)), 2),
        "run_m": round(float(way[-1] - way[0]), 1), "required_m": 1.0,
    }  # fmt: skip


def _over_age(city: City, row: int, _: int, changed: dict[str, Any]) -> dict[str, Any]:
    values = {"laid_on": _LAID_ON, "material": "cast_iron", "design_life_years": _LIFE_YEARS}
    change(city, "pipes", row, changed, **values, accuracy_class="D")
    return {"laid": _LAID_ON, "age_years": city.as_of.year - _LAID_ON.year, "life_years": _LIFE_YEARS}


def _missing_attribute(city: City, row: int, number: int, changed: dict[str, Any]) -> dict[str, Any]:
    fields = _MISSING[number % len(_MISSING)]
    change(city, "pipes", row, changed, **dict.fromkeys(fields))
    return {"fields": list(fields)}


def _impossible_attribute(city: City, row: int, number: int, changed: dict[str, Any]) -> dict[str, Any]:
    name, value = _IMPOSSIBLE[number % len(_IMPOSSIBLE)]
    change(city, "pipes", row, changed, **{name: value})
    return {"fields": [name], "value": value}


def _length(pipes: GeoDataFrame, row: int) -> float:
    return round(float(pipes.geometry.iloc[row].length), 1)


_DEFECTS = {
    "counter_slope": Defect("pipes", pipe_places.deep_drains, _counter_slope),
    "against_fall": Defect("pipes", pipe_places.steep_drains, _against_fall),
    "shrinking": Defect("pipes", pipe_places.wide_drains, _shrinking),
    "dangling_end": Defect("pipes", pipe_places.loops, _dangling_end),
    "no_source": Defect("pipes", pipe_places.hydrant_branches, _no_source),
    "missing_valve": Defect("pipe_nodes", pipe_places.dividing_valves, _missing_valve),
    "stuck_valve": Defect("pipe_nodes", pipe_places.dividing_valves, _stuck_valve),
    "clearance": Defect("pipes", pipe_places.gas_beside_ducts, _clearance),
    "over_age": Defect("pipes", pipe_places.mains_under_busy_roads, _over_age),
    "missing_attribute": Defect("pipes", pipe_places.plain_pipes, _missing_attribute),
    "impossible_attribute": Defect("pipes", pipe_places.plain_pipes, _impossible_attribute),
}
