"""Which stretches of a network are reached: from roads within some minutes to pipes within some metres."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import metric_crs
from geo.errors import BadInput
from geo.notes import MethodNote
from geo.reach.graph import Floats, RoadGraph, Snapped, Whole, road_graph, snap
from geo.reach.travel import travel_times

#: A metre a second: what the graph calls seconds are metres then.
_METRE_A_SECOND = 3.6
_LINE = "line"


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of the lines of a graph that do not overlap, in the order of the lines.

    Attributes
    ----------
    line : ndarray of int
        Row among the graph's lines.
    first_m, last_m : ndarray of float
        Along the line.
    """

    line: Whole
    first_m: Floats
    last_m: Floats


def reached_stretches(graph: RoadGraph, begin: Snapped, seconds: Floats, most: float) -> Stretches:
    """Return what is reached in time.

    Parameters
    ----------
    begin : Snapped
        Where one begins.
    seconds : ndarray
        Times at the nodes, as `travel_times` gives them.
    most : float
        Seconds.
    """
    share_from_start = np.clip((most - seconds[graph.start]) / graph.seconds, 0, 1)
    back = np.where(graph.oneway, np.inf, seconds[graph.end])
    share_from_end = np.clip((most - back) / graph.seconds, 0, 1)
    parts: dict[int, list[tuple[float, float]]] = {}
    for edge in np.flatnonzero((share_from_start > 0) | (share_from_end > 0)).tolist():
        parts[edge] = [(0.0, float(share_from_start[edge])), (1 - float(share_from_end[edge]), 1.0)]
    access = begin.access_seconds()
    for place in np.flatnonzero((begin.edge >= 0) & (access < most)).tolist():
        edge, at = int(begin.edge[place]), float(begin.fraction[place])
        share = float((most - access[place]) / graph.seconds[edge])
        first = at if graph.oneway[edge] else max(at - share, 0.0)
        parts.setdefault(edge, []).append((first, min(at + share, 1.0)))
    of = np.searchsorted(graph.first, np.arange(graph.edges), side="right") - 1
    on_lines: dict[int, list[tuple[float, float]]] = {}
    for edge, several in parts.items():
        begins, length = float(graph.begin_m[edge]), float(graph.length_m[edge])
        on_lines.setdefault(int(of[edge]), []).extend(
            (begins + first * length, begins + last * length) for first, last in several
        )
    found = [(line, *part) for line in sorted(on_lines) for part in joined(on_lines[line])]
    line, first_m, last_m = zip(*found, strict=True) if found else ((), (), ())
    return Stretches(np.array(line, dtype=np.int64), np.array(first_m, float), np.array(last_m, float))


def joined(several: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return parts of a line as parts that do not overlap.

    Examples
    --------
    >>> joined([(0.0, 0.5), (0.4, 0.7), (0.9, 1.0)])
    [(0.0, 0.7), (0.9, 1.0)]
    """
    found: list[tuple[float, float]] = []
    for first, last in sorted(part for part in several if part[1] > part[0]):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def stretches_within(
    lines: gpd.GeoDataFrame, origins: gpd.GeoDataFrame, metres: float, *, beside_m: float = 50.0
) -> pd.DataFrame:
    """Return the stretches of lines within a distance of some places, along the lines themselves.

    Parameters
    ----------
    lines : GeoDataFrame
        Lines with a CRS; they meet where they share a vertex. Both directions count.
    origins : GeoDataFrame
        Points with a CRS; each counts from the nearest line within ``beside_m``.
    metres : float
        Along the lines, measured in the metric system of the lines' place.

    Returns
    -------
    DataFrame
        A row a stretch: ``line`` (label of the line), ``part`` (of a line of several, from 1), ``first`` and
        ``last`` (shares of the part's planar length in the CRS of the lines), ``length_m``.
        ``attrs["note"]`` is the `MethodNote`.

    Raises
    ------
    BadInput
        For lines without CRS, other than lines, or a distance that is not positive.

    Examples
    --------
    >>> shapes = shapely.from_wkt(["LINESTRING (0 0, 300 0)", "LINESTRING (300 0, 300 400)"])
    >>> pipes = gpd.GeoDataFrame(geometry=shapes, index=["a", "b"], crs=32650)
    >>> sensor = gpd.GeoDataFrame(geometry=gpd.points_from_xy([200], [3]), crs=32650)
    >>> stretches_within(pipes, sensor, 200)[["line", "length_m"]].round(6).values.tolist()
    [['a', 300.0], ['b', 100.0]]
    """
    if not metres > 0:
        raise BadInput("a distance is positive", metres=metres)
    if lines.crs is None:
        raise BadInput("the lines have no CRS")
    single = lines.geometry.explode(index_parts=True)
    single = single[~single.is_empty]
    crs = metric_crs(single) if len(single) else 4526
    same = np.full(len(single), _LINE, dtype=object)
    metric = gpd.GeoDataFrame({"class": same}, geometry=single.to_crs(crs).to_numpy(), crs=crs)
    graph = road_graph(metric, speeds_kmh={_LINE: _METRE_A_SECOND})
    begin = snap(graph, origins, most_m=beside_m)
    # a sensor counts from the pipe that it stands on: the way beside it is none of the pipe's
    begin = replace(begin, away_m=np.where(np.isfinite(begin.away_m), 0.0, np.inf))
    seconds, _ = travel_times(graph, begin, most_seconds=metres)
    found = reached_stretches(graph, begin, seconds, metres)
    labels = single.index.get_level_values(0).to_numpy(dtype=object)
    parts = single.index.get_level_values(1).to_numpy(dtype=np.int64)
    shares = _shares(graph.lines, single.to_numpy(), found)
    frame = pd.DataFrame(
        {
            "line": labels[found.line], "part": parts[found.line] + 1, "first": shares[0], "last": shares[1],
            "length_m": found.last_m - found.first_m,
        }
    )  # fmt: skip
    frame.attrs["note"] = MethodNote(
        "Stretches within a distance of the nearest place along the lines, both ways from the point of the "
        "line that is nearest to the place.",
        "Dijkstra 1959, A note on two problems in connexion with graphs (SciPy's implementation)",
        {"metres": metres, "beside_m": beside_m},
        limits=("Lines that only cross do not meet; valves and the direction of flow are not in it.",),
    )
    return frame


def _shares(metric: np.ndarray, own: np.ndarray, found: Stretches) -> tuple[Floats, Floats]:
    """Return where stretches begin and end as shares of the lines in another system, vertex by vertex."""
    first, last = np.zeros(len(found.line)), np.ones(len(found.line))
    length = shapely.length(metric[found.line]) if len(found.line) else np.zeros(0)
    cut = (found.first_m > 0) | (found.last_m < length * (1 - 1e-12))
    for row in np.flatnonzero(cut).tolist():
        line = int(found.line[row])
        along, other = _measures(metric[line]), _measures(own[line])
        first[row], last[row] = np.interp([found.first_m[row], found.last_m[row]], along, other / other[-1])
    return first, last


def _measures(line: shapely.LineString) -> Floats:
    points = shapely.get_coordinates(line)
    measures: Floats = np.r_[0.0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    return measures
