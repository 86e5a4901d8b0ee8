"""Roads as a graph: junctions, the stretches between them with their driving time, and places on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geo.crs import metric_crs
from geo.errors import BadInput
from geo.reach.speeds import ACCESS_KMH, SPEEDS_KMH

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Vertices of roads that are nearer than this are one junction.
SAME_M = 0.5


@dataclass(frozen=True, slots=True)
class RoadGraph:
    """Roads joined where they share a vertex.

    Attributes
    ----------
    crs : int
        EPSG code of the metric system that everything is measured in.
    lines : ndarray of LineString
        The roads that carry vehicles.
    tree : STRtree
        Of the lines.
    first : ndarray of int
        Of each line, its first edge; one more at the end. Edges of a line follow one another.
    begin_m : ndarray of float
        Where each edge begins along its line.
    length_m, seconds : ndarray of float
        Of each edge.
    oneway : ndarray of bool
        Edges that are driven only in the direction of their line.
    start, end : ndarray of int
        Nodes of each edge.
    nodes : int
        How many nodes there are.
    """

    crs: int
    lines: NDArray[np.object_]
    tree: shapely.STRtree
    first: Whole
    begin_m: Floats
    length_m: Floats
    seconds: Floats
    oneway: NDArray[np.bool_]
    start: Whole
    end: Whole
    nodes: int
    _matrices: dict[bool, csr_array] = field(default_factory=dict, repr=False, compare=False)

    @property
    def edges(self) -> int:
        """How many edges there are."""
        return len(self.start)

    def matrix(self, *, reverse: bool = False) -> csr_array:
        """Return driving times from node to node; reversed, those of the way back.

        Of parallel roads the fastest counts. Made once in each direction.
        """
        if reverse not in self._matrices:
            self._matrices[reverse] = self._matrix(reverse=reverse)
        return self._matrices[reverse]

    def _matrix(self, *, reverse: bool) -> csr_array:
        back = ~self.oneway
        source = np.concatenate([self.start, self.end[back]])
        target = np.concatenate([self.end, self.start[back]])
        seconds = np.concatenate([self.seconds, self.seconds[back]])
        if reverse:
            source, target = target, source
        order = np.lexsort((seconds, target, source))
        source, target, seconds = source[order], target[order], seconds[order]
        kept = np.ones(len(source), dtype=bool)
        kept[1:] = (np.diff(source) != 0) | (np.diff(target) != 0)
        return csr_array((seconds[kept], (source[kept], target[kept])), shape=(self.nodes, self.nodes))


@dataclass(frozen=True, slots=True)
class Snapped:
    """Places on the nearest road.

    Attributes
    ----------
    edge : ndarray of int
        -1 where no road is near enough.
    fraction : ndarray of float
        Share of the edge that lies before the place.
    away_m : ndarray of float
        Distance from the place to the road.
    """

    edge: Whole
    fraction: Floats
    away_m: Floats

    def access_seconds(self) -> Floats:
        """Return the time between each place and its road."""
        return self.away_m / (ACCESS_KMH / 3.6)


def road_graph(roads: gpd.GeoDataFrame, *, speeds_kmh: Mapping[str, float] = SPEEDS_KMH) -> RoadGraph:
    """Return the graph of roads.

    Parameters
    ----------
    roads : GeoDataFrame
        Lines with a CRS; ``class``; optional ``speed_limit_kmh`` and ``oneway``. Lines meet where they share
        a vertex, at their ends or between; lines that only cross (a bridge) do not meet.
    speeds_kmh : mapping
        Speed by class, where no limit is on record; roads of other classes carry no vehicles.

    Raises
    ------
    BadInput
        For roads without CRS, without class, or other than lines.

    Examples
    --------
    >>> lines = shapely.from_wkt(["LINESTRING (0 0, 500 0, 1000 0)", "LINESTRING (500 0, 500 300)"])
    >>> roads = gpd.GeoDataFrame({"class": ["main", "lane"]}, geometry=lines, crs=32650)
    >>> graph = road_graph(roads)
    >>> graph.edges, graph.nodes, graph.seconds.round().tolist()
    (3, 4, [40.0, 40.0, 72.0])
    """
    if roads.crs is None:
        raise BadInput("the roads have no CRS")
    if "class" not in roads.columns:
        raise BadInput("the roads have no class", column="class")
    single = roads.explode(ignore_index=True)
    speed = single["class"].map(speeds_kmh).to_numpy(dtype=float)
    if "speed_limit_kmh" in single.columns:
        limit = single["speed_limit_kmh"].to_numpy(dtype=float)
        speed = np.where(np.isfinite(speed) & (limit > 0), limit, speed)
    single = single[np.isfinite(speed)]
    crs = metric_crs(single) if len(single) else 4526
    lines = single.geometry.to_crs(crs).to_numpy()
    if (shapely.get_type_id(lines) != shapely.GeometryType.LINESTRING).any():
        raise BadInput("roads are lines")
    oneway = np.zeros(len(lines), dtype=bool)
    if "oneway" in single.columns:
        oneway = single["oneway"].eq(True).to_numpy(dtype=bool)
    return _made(crs, lines, speed[np.isfinite(speed)] / 3.6, oneway)


def _made(crs: int, lines: NDArray[np.object_], speed: Floats, oneway: NDArray[np.bool_]) -> RoadGraph:
    """Cut the lines at every vertex that is an end or stands in two places."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    if not len(line):
        none, nowhere = np.zeros(0), np.zeros(0, dtype=np.int64)
        tree = shapely.STRtree(lines)
        first = np.zeros(1, dtype=np.int64)
        return RoadGraph(
            crs, lines, tree, first, none, none, none, np.zeros(0, dtype=bool), nowhere, nowhere, 0
        )
    _, vertex = np.unique(np.rint(points / SAME_M).astype(np.int64), axis=0, return_inverse=True)
    vertex = vertex.ravel()
    changes = line[1:] != line[:-1]
    is_first, is_last = np.r_[True, changes], np.r_[changes, True]
    step = np.hypot(*np.diff(points, axis=0, prepend=points[:1]).T)
    step[is_first] = 0.0
    along = np.cumsum(step)
    along -= np.repeat(along[is_first], np.bincount(line))
    places = np.flatnonzero(is_first | is_last | (np.bincount(vertex)[vertex] > 1))
    same = line[places[1:]] == line[places[:-1]]
    begin, end = places[:-1][same], places[1:][same]
    _, node = np.unique(vertex[places], return_inverse=True)
    numbered = np.full(len(points), -1, dtype=np.int64)
    numbered[places] = node.ravel()
    of = line[begin]
    length = along[end] - along[begin]
    return RoadGraph(
        crs, lines, shapely.STRtree(lines), np.searchsorted(of, np.arange(len(lines) + 1)),
        along[begin], length, np.maximum(length, 1e-3) / speed[of], oneway[of],
        numbered[begin], numbered[end], int(node.max()) + 1,
    )  # fmt: skip


def snap(graph: RoadGraph, places: gpd.GeoDataFrame | gpd.GeoSeries, *, most_m: float = 1000.0) -> Snapped:
    """Put places on the nearest road.

    Parameters
    ----------
    places : GeoDataFrame or GeoSeries
        Points with a CRS.
    most_m : float
        Places with no road that near are on none.

    Examples
    --------
    >>> roads = gpd.GeoDataFrame(
    ...     {"class": ["main"]}, geometry=[shapely.LineString([(0, 0), (1000, 0)])], crs=32650)
    >>> on = snap(road_graph(roads), gpd.GeoSeries.from_xy([250, 250], [30, 4000], crs=32650))
    >>> on.edge.tolist(), on.fraction.tolist(), on.away_m.tolist()
    ([0, -1], [0.25, 0.0], [30.0, inf])
    """
    if places.crs is None:
        raise BadInput("the places have no CRS")
    points = places.geometry.to_crs(graph.crs).to_numpy()
    edge = np.full(len(points), -1, dtype=np.int64)
    fraction, away = np.zeros(len(points)), np.full(len(points), np.inf)
    if graph.edges and len(points):
        (place, line), metres = graph.tree.query_nearest(
            points, max_distance=most_m, all_matches=False, return_distance=True
        )
        along = shapely.line_locate_point(graph.lines[line], points[place])
        # the last edge of the line that begins before the place
        begin = graph.begin_m
        found = np.array(
            [
                first + max(int(np.searchsorted(begin[first:last], at, side="right")) - 1, 0)
                for first, last, at in zip(graph.first[line], graph.first[line + 1], along, strict=True)
            ],
            dtype=np.int64,
        )
        edge[place], away[place] = found, metres
        length = np.maximum(graph.length_m[found], 1e-9)
        fraction[place] = np.clip((along - graph.begin_m[found]) / length, 0.0, 1.0)
    return Snapped(edge, fraction, away)
