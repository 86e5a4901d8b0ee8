"""Lay lines beside the street's centre line, meet them at the junctions, and cut them at fittings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from sample_gis.networks.streets import Indices, Numbers, Streets

#: A line lies on the side of the street that faces this way (a little east of north), or opposite to it.
_SIDE = np.array([0.37, 0.93])
#: Pull of a node towards the crossing of the centre lines; it decides only where the lines leave it free.
_PULL = 0.02
#: Lines bend from the node into their place within this many metres of the street's end.
_BEND_M = 5.0


@dataclass(frozen=True)
class Vertices:
    """Vertices of many lines in one table, line by line.

    Attributes
    ----------
    xy : ndarray of float, shape (n, 2)
    line : ndarray of int
        Number of the line, ascending.
    way : ndarray of float
        Distance along its line, from 0.
    """

    xy: Numbers
    line: Indices
    way: Numbers

    @classmethod
    def of(cls, lines: NDArray[np.object_]) -> Vertices:
        """Take lines apart."""
        xy, line = shapely.get_coordinates(lines, return_index=True)
        return cls(xy, line, way_along(xy, line))

    def lines(self) -> NDArray[np.object_]:
        """Put the lines together again, rounded to 1 cm."""
        return np.asarray(shapely.linestrings(np.round(self.xy, 2), indices=self.line))


def way_along(xy: Numbers, line: Indices) -> Numbers:
    """Return the distance of each vertex from the start of its line."""
    step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    first = np.concatenate([[True], line[1:] != line[:-1]])
    step[first] = 0.0
    total = np.cumsum(step)
    return np.asarray(total - total[first][np.cumsum(first) - 1])


def side_of(lines: NDArray[np.object_]) -> Numbers:
    """Return +1 where the left side of a line faces north or east, -1 where the right side does.

    Examples
    --------
    >>> eastward = shapely.LineString([(0, 0), (10, 0)])
    >>> side_of(np.array([eastward, shapely.reverse(eastward)])).tolist()
    [1.0, -1.0]
    """
    along = shapely.get_coordinates(shapely.get_point(lines, -1)) - shapely.get_coordinates(
        shapely.get_point(lines, 0)
    )
    facing = -along[:, 1] * _SIDE[0] + along[:, 0] * _SIDE[1]
    return np.asarray(np.where(facing >= 0, 1.0, -1.0), dtype=np.float64)


def meeting_points(streets: Streets, edges: Indices, offset_m: Numbers) -> Numbers:
    """Return where lines laid beside the streets meet at each node.

    Parameters
    ----------
    streets : Streets
    edges : ndarray of int
        Street edges that carry a line.
    offset_m : ndarray of float
        Distance of each line from the centre line, metres; positive to the north or east.

    Returns
    -------
    ndarray of float, shape (nodes, 2)
        Nearest point to all lines that come together there (least squares); nodes without a line keep their
        place.
    """
    lines = streets.lines[edges]
    left = side_of(lines) * offset_m
    matrix = np.zeros((len(streets.xy), 2, 2)) + _PULL * np.eye(2)
    target = np.zeros((len(streets.xy), 2))
    for nodes, at, beside, sign in (
        (streets.start[edges], 0, 1, 1.0),
        (streets.end[edges], -1, -2, -1.0),
    ):
        along = sign * (
            shapely.get_coordinates(shapely.get_point(lines, beside))
            - shapely.get_coordinates(shapely.get_point(lines, at))
        )
        normal = np.column_stack([-along[:, 1], along[:, 0]])
        normal /= np.maximum(np.hypot(normal[:, 0], normal[:, 1]), 1e-9)[:, None]
        np.add.at(matrix, nodes, normal[:, :, None] * normal[:, None, :])
        np.add.at(target, nodes, normal * left[:, None])
    shift = np.linalg.solve(matrix, target[:, :, None])[:, :, 0]
    # Streets that meet at a flat angle would throw the point far away.
    reach = np.zeros(len(streets.xy))
    np.maximum.at(reach, streets.start[edges], np.abs(offset_m))
    np.maximum.at(reach, streets.end[edges], np.abs(offset_m))
    far = np.hypot(shift[:, 0], shift[:, 1])
    shift *= np.minimum(1.0, 1.5 * reach / np.maximum(far, 1e-9))[:, None]
    return np.asarray(np.round(streets.xy + shift, 2), dtype=np.float64)


def beside(streets: Streets, edges: Indices, offset_m: Numbers, points: Numbers) -> NDArray[np.object_]:
    """Return lines beside the streets, each from the point of its edge's start node to that of its end.

    Parameters
    ----------
    streets : Streets
    edges : ndarray of int
        Street edges that carry a line; may repeat.
    offset_m : ndarray of float
        Distance from the centre line, positive to the north or east.
    points : ndarray of float, shape (nodes, 2)
        Where the lines meet, of `meeting_points`.
    """
    lines = streets.lines[edges]
    length = streets.length_m[edges]
    bend = np.minimum(np.abs(offset_m) + _BEND_M, length / 3)
    number = np.arange(len(edges))
    raw = Vertices.of(lines)
    keep = (raw.way > bend[raw.line] + 0.5) & (raw.way < (length - bend)[raw.line] - 0.5)
    near = shapely.get_coordinates(shapely.line_interpolate_point(lines, bend))
    far = shapely.get_coordinates(shapely.line_interpolate_point(lines, length - bend))
    xy = np.vstack([near, raw.xy[keep], far])
    line = np.concatenate([number, raw.line[keep], number])
    way = np.concatenate([bend, raw.way[keep], length - bend])
    order = np.lexsort([way, line])
    xy, line = xy[order], line[order]
    xy = xy + _normals(xy, line) * (side_of(lines) * offset_m)[line][:, None]
    # The bends done, put the shared points at both ends.
    xy = np.vstack([points[streets.start[edges]], xy, points[streets.end[edges]]])
    place = np.concatenate([np.zeros(len(edges)), np.ones(len(line)), np.full(len(edges), 2.0)])
    line = np.concatenate([number, line, number])
    order = np.lexsort([np.arange(len(line)), place, line])
    return Vertices(xy[order], line[order], np.zeros(0)).lines()


def _normals(xy: Numbers, line: Indices) -> Numbers:
    """Return the mitre normal of each vertex, to the left, one for each vertex of several lines."""
    along = np.diff(xy, axis=0)
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    piece = np.column_stack([-along[:, 1], along[:, 0]]) / length[:, None]
    piece[line[1:] != line[:-1]] = 0.0
    total = np.zeros_like(xy)
    total[:-1] += piece
    total[1:] += piece
    size = np.maximum(np.hypot(total[:, 0], total[:, 1]), 1e-9)
    total /= size[:, None]
    # A mitre is longer than the offset at a bend; beyond 1.5 times it would leave the street.
    inner = (line[1:-1] == line[:-2]) & (line[1:-1] == line[2:])
    stretch = np.ones(len(xy))
    cosine = (total[1:-1] * piece[1:]).sum(axis=1)
    stretch[1:-1] = np.where(inner, np.minimum(1.0 / np.maximum(cosine, 1e-6), 1.5), 1.0)
    return np.asarray(total * stretch[:, None], dtype=np.float64)


@dataclass(frozen=True)
class Pieces:
    """Lines cut at fittings.

    Attributes
    ----------
    line : ndarray of int
        Which line each piece is of, in the order along it.
    geometry : ndarray of LineString
    begin_m, end_m : ndarray of float
        Distance of the piece's ends along its line.
    first, last : ndarray of bool
        True where the piece begins (ends) at the end of its line, not at a fitting.
    fitting_before, fitting_after : ndarray of int
        Row of the fitting at each end of the piece; -1 at the ends of the line.
    at : ndarray of float, shape (fittings, 2)
        Where each fitting stands.
    """

    line: Indices
    geometry: NDArray[np.object_]
    begin_m: Numbers
    end_m: Numbers
    first: NDArray[np.bool_]
    last: NDArray[np.bool_]
    fitting_before: Indices
    fitting_after: Indices
    at: Numbers


def cut(lines: NDArray[np.object_], of: Indices, way_m: Numbers) -> Pieces:
    """Cut lines at fittings.

    Parameters
    ----------
    lines : ndarray of LineString
    of : ndarray of int
        Line of each fitting.
    way_m : ndarray of float
        Distance of each fitting along its line, strictly inside it.

    Examples
    --------
    >>> line = np.array([shapely.LineString([(0, 0), (10, 0)])])
    >>> [piece.length for piece in cut(line, np.array([0]), np.array([4.0])).geometry]
    [4.0, 6.0]
    """
    at = np.round(shapely.get_coordinates(shapely.line_interpolate_point(lines[of], way_m)), 2)
    raw = Vertices.of(lines)
    # A vertex that all but coincides with a fitting gives way to it.
    crowd = np.zeros(len(raw.line), dtype=bool)
    inner = np.concatenate(
        [[False], (raw.line[1:-1] == raw.line[:-2]) & (raw.line[1:-1] == raw.line[2:]), [False]]
    )
    key = np.sort(of * 1e7 + way_m) if len(of) else np.array([np.inf])
    mine = raw.line * 1e7 + raw.way
    beside = np.searchsorted(key, mine)
    for neighbour in (beside - 1, beside):
        crowd |= np.abs(key[np.clip(neighbour, 0, len(key) - 1)] - mine) < 0.05
    keep = ~(crowd & inner)
    fitting = np.concatenate([np.full(keep.sum(), -1), np.arange(len(of))])
    line = np.concatenate([raw.line[keep], of])
    way = np.concatenate([raw.way[keep], way_m])
    xy = np.vstack([raw.xy[keep], at])
    order = np.lexsort([fitting, way, line])
    fitting, line, way, xy = fitting[order], line[order], way[order], xy[order]
    # Each fitting ends one piece and begins the next: double it.
    twice = np.repeat(np.arange(len(line)), np.where(fitting >= 0, 2, 1))
    second = np.concatenate([[False], twice[1:] == twice[:-1]])
    start = second | np.concatenate([[True], line[twice][1:] != line[twice][:-1]])
    piece = np.cumsum(start) - 1
    head = np.flatnonzero(start)
    tail = np.concatenate([head[1:] - 1, [len(twice) - 1]])
    return Pieces(
        line=line[twice][head],
        geometry=np.asarray(shapely.linestrings(np.round(xy[twice], 2), indices=piece)),
        begin_m=way[twice][head],
        end_m=way[twice][tail],
        first=fitting[twice][head] < 0,
        last=fitting[twice][tail] < 0,
        fitting_before=fitting[twice][head],
        fitting_after=fitting[twice][tail],
        at=at,
    )
