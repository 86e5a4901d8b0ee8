"""A road network as edges between nodes, and what makes it clean: noding, joining, contracting.

Nodes are points at 1 cm. Edges are never moved by an order that depends on a set or on the last digit of a
coordinate, so that a seed gives the same network everywhere.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, STRtree
from shapely.ops import polygonize

from sample_gis.shapes.lines import Points, centimetres, lengths

Node = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Edge:
    """One edge: vertices at 1 cm, class (0 the highest) and route number."""

    points: Points
    rank: int
    ref: str = ""

    @cached_property
    def first(self) -> Node:
        """Node at the start."""
        return float(self.points[0, 0]), float(self.points[0, 1])

    @cached_property
    def last(self) -> Node:
        """Node at the end."""
        return float(self.points[-1, 0]), float(self.points[-1, 1])

    @cached_property
    def length(self) -> float:
        """Length in metres, at 1 cm."""
        return round(float(lengths(self.points)[-1]), 2)


def at_nodes(edges: Sequence[Edge]) -> dict[Node, list[int]]:
    """Return the numbers of the edges at each node; an edge that is a ring stands twice."""
    found: dict[Node, list[int]] = defaultdict(list)
    for number, edge in enumerate(edges):
        found[edge.first].append(number)
        found[edge.last].append(number)
    return found


def measured(edges: Iterable[Edge]) -> list[Edge]:
    """Return the edges with their nodes and lengths worked out, for all of them at once."""
    edges = list(edges)
    new = [edge for edge in edges if "length" not in edge.__dict__]
    if not new:
        return edges
    last = np.cumsum([len(edge.points) for edge in new]) - 1
    first = np.concatenate([[0], last[:-1] + 1])
    points = np.concatenate([edge.points for edge in new])
    steps = np.hypot(*np.diff(points, axis=0).T)
    places = zip(
        new, first.tolist(), last.tolist(), points[first].tolist(), points[last].tolist(), strict=True
    )
    for edge, begin, end, start, stop in places:
        # As the property does it, one step after the other: a sum in pairs differs in the last digit.
        length = np.add.accumulate(steps[begin:end])[-1] if end > begin else 0.0
        edge.__dict__.update(first=tuple(start), last=tuple(stop), length=round(float(length), 2))
    return edges


def noded(edges: Iterable[Edge]) -> list[Edge]:
    """Cut edges wherever they meet; where two lie on each other the higher class holds."""
    edges = list(edges)
    lines = lines_of(edges)
    pieces = shapely.get_parts(shapely.union_all(lines, grid_size=0.01))
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    piece_of, line_of = STRtree(lines).query(middles, predicate="dwithin", distance=0.05)
    best: dict[int, int] = {}
    for piece, line in sorted(zip(piece_of.tolist(), line_of.tolist(), strict=True)):
        held = best.setdefault(piece, line)
        if (edges[line].rank, edges[line].ref == "") < (edges[held].rank, edges[held].ref == ""):
            best[piece] = line
    result = []
    coordinates, piece_of_each = shapely.get_coordinates(pieces, return_index=True)
    borders = np.searchsorted(piece_of_each, np.arange(1, len(pieces)))
    for number, points in enumerate(np.split(centimetres(coordinates), borders)):
        line = best.get(number)
        if line is not None:
            result.append(Edge(points, edges[line].rank, edges[line].ref))
    return in_order(result)


def lines_of(edges: Sequence[Edge]) -> NDArray[np.object_]:
    """Return the line of each edge."""
    counts = [len(edge.points) for edge in edges]
    points = np.concatenate([edge.points for edge in edges]) if edges else np.empty((0, 2))
    lines = shapely.linestrings(points, indices=np.repeat(np.arange(len(edges)), counts))
    return np.asarray(lines, dtype=object)


def in_order(edges: Iterable[Edge]) -> list[Edge]:
    """Sort edges by class and place, each running from its lower node to its higher."""
    forward = [
        edge if edge.first <= edge.last else Edge(edge.points[::-1], edge.rank, edge.ref)
        for edge in measured(edges)
    ]
    return sorted(measured(forward), key=lambda edge: (edge.rank, edge.first, edge.last, edge.length))


def joined(edges: Sequence[Edge]) -> list[Edge]:
    """Join edges of one class and number at nodes where only two of them meet."""
    ends = at_nodes(edges)

    def passes(node: Node) -> bool:
        meeting = ends[node]
        if len(meeting) != 2 or meeting[0] == meeting[1]:
            return False
        one, two = (edges[k] for k in meeting)
        return one.rank == two.rank and one.ref == two.ref

    used: set[int] = set()
    result = []
    for number, edge in enumerate(edges):
        if number in used:
            continue
        used.add(number)
        chain = edge.points
        for _ in range(2):
            node = (float(chain[-1, 0]), float(chain[-1, 1]))
            while passes(node):
                following = next((k for k in ends[node] if k not in used), None)
                if following is None:
                    break
                used.add(following)
                points = edges[following].points
                points = points if edges[following].first == node else points[::-1]
                chain = np.vstack([chain, points[1:]])
                node = (float(chain[-1, 0]), float(chain[-1, 1]))
            chain = chain[::-1]
        result.append(edge if len(chain) == len(edge.points) else Edge(chain, edge.rank, edge.ref))
    return in_order(result)


def _clusters(edges: Sequence[Edge], shortest: Sequence[float], widest: float) -> dict[Node, list[Node]]:
    """Group nodes that short edges join, shortest first, no group wider than ``widest``."""
    group: dict[Node, list[Node]] = {}
    short = [k for k, edge in enumerate(edges) if edge.length < shortest[edge.rank]]
    for k in sorted(short, key=lambda k: (edges[k].length, edges[k].first, edges[k].last)):
        one = group.get(edges[k].first, [edges[k].first])
        two = group.get(edges[k].last, [edges[k].last])
        if one is two or edges[k].first == edges[k].last:
            continue
        both = one + two
        at = np.array(both)
        if np.hypot(*(at.max(axis=0) - at.min(axis=0))) <= widest:
            for node in both:
                group[node] = both
    return group


def _meeting_point(edges: Sequence[Edge], nodes: list[Node], ends: dict[Node, list[int]]) -> Node:
    """Return where a group of nodes becomes one: on its highest road, nearest to their middle."""
    middle = shapely.Point(np.array(nodes).mean(axis=0))
    around = sorted({k for node in nodes for k in ends[node]})
    best = min(edges[k].rank for k in around)
    lines = [LineString(edges[k].points) for k in around if edges[k].rank == best]
    line = min(lines, key=lambda one: round(one.distance(middle), 2))
    at = line.interpolate(line.project(middle))
    return round(at.x, 2), round(at.y, 2)


def _moved(edge: Edge, first: Node, last: Node) -> Edge:
    """Move the ends of an edge, and the vertices near them along, so that no kink is left."""
    along = lengths(edge.points)
    reach = min(float(along[-1]), 140.0)
    from_first = np.clip(1 - along / reach, 0, 1)[:, None]
    from_last = np.clip(1 - (along[-1] - along) / reach, 0, 1)[:, None]
    points = edge.points + from_first * (np.array(first) - edge.points[0])
    points = points + from_last * (np.array(last) - edge.points[-1])
    points[0], points[-1] = first, last
    return Edge(centimetres(points), edge.rank, edge.ref)


def contracted(edges: Sequence[Edge], shortest: Sequence[float], widest: float = 48.0) -> list[Edge]:
    """Let junctions that stand too near to each other become one.

    Parameters
    ----------
    edges : sequence of Edge
    shortest : sequence of float
        Least length of an edge by its class, metres.
    widest : float
        No group of junctions wider than this becomes one.
    """
    ends = at_nodes(edges)
    place: dict[Node, Node] = {}
    for node, nodes in _clusters(edges, shortest, widest).items():
        if node not in place:
            meeting = _meeting_point(edges, nodes, ends)
            place.update(dict.fromkeys(nodes, meeting))
    result = []
    for edge in edges:
        first, last = place.get(edge.first, edge.first), place.get(edge.last, edge.last)
        if (first, last) == (edge.first, edge.last):
            result.append(edge)
        elif first != last or edge.length >= 120:
            result.append(_moved(edge, first, last))
    return _without_twins(result)


def _without_twins(edges: Sequence[Edge]) -> list[Edge]:
    """Leave out edges that run beside a higher one between the same two nodes."""
    kept: dict[tuple[Node, Node], list[Edge]] = defaultdict(list)
    for edge in in_order(edges):
        others = kept[edge.first, edge.last]
        line = LineString(edge.points)
        if all(line.hausdorff_distance(LineString(other.points)) > 18 for other in others):
            others.append(edge)
    return in_order(edge for twins in kept.values() for edge in twins)


def without_slivers(edges: Sequence[Edge]) -> list[Edge]:
    """Take the lowest edge of loops away that are too small or too thin to be ground between roads."""
    lines = lines_of(edges)
    tree = STRtree(lines)
    gone: set[int] = set()
    for face in polygonize(lines):
        compact = 4 * math.pi * face.area / face.length**2
        if face.area >= 3500 and (compact >= 0.2 or face.area >= 12000):
            continue
        around = tree.query(face.buffer(0.5), predicate="contains").tolist()
        if around and not gone.intersection(around):
            gone.add(max(around, key=lambda k: (edges[k].rank, -edges[k].length, k)))
    return [edge for k, edge in enumerate(edges) if k not in gone]


def connected(edges: Sequence[Edge]) -> list[Edge]:
    """Return the edges of the largest connected part, by length."""
    ends = at_nodes(edges)
    part: dict[Node, int] = {}
    for start in sorted(ends):
        waiting = [] if start in part else [start]
        number = len(part)
        while waiting:
            node = waiting.pop()
            if node in part:
                continue
            part[node] = number
            for k in ends[node]:
                waiting += [edges[k].first, edges[k].last]
    size: dict[int, float] = defaultdict(float)
    for edge in edges:
        size[part[edge.first]] += edge.length
    largest = max(size, key=lambda number: round(size[number], 2))
    return [edge for edge in edges if part[edge.first] == largest]


def without_stubs(edges: Sequence[Edge], shortest: Sequence[float]) -> list[Edge]:
    """Leave out loose ends shorter than the least length of their class, metres."""
    ends = at_nodes(edges)
    return [
        edge
        for edge in edges
        if edge.length >= shortest[edge.rank] or (len(ends[edge.first]) > 1 and len(ends[edge.last]) > 1)
    ]


def demoted(edges: Sequence[Edge], longest: float = 220.0) -> list[Edge]:
    """Lower the class of short last pieces of main and secondary streets that run out in lesser streets."""
    ends = at_nodes(edges)
    result = []
    for number, edge in enumerate(edges):
        rank = edge.rank
        if rank in (1, 2) and edge.length < longest:
            for node in (edge.first, edge.last):
                others = [edges[k].rank for k in ends[node] if k != number]
                rank = max(rank, min(others, default=rank))
        # A short piece becomes a street at the least, never a lane.
        result.append(Edge(edge.points, min(rank, max(edge.rank, 3)), edge.ref))
    return in_order(result)
