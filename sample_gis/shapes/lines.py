"""Smoothing, resampling and joining of polylines given as arrays of shape (n, 2), metres."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline

Points = NDArray[np.float64]


def centimetres(points: ArrayLike) -> Points:
    """Round to 1 cm: before anything branches on a coordinate, so that all machines branch alike.

    Examples
    --------
    >>> centimetres([[1.0049, 2.0]]).tolist()
    [[1.0, 2.0]]
    """
    return np.round(np.asarray(points, dtype=float), 2)


def lengths(points: Points) -> NDArray[np.float64]:
    """Return the way along the line at each vertex, starting with 0."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])


def chaikin(points: ArrayLike, times: int = 1) -> Points:
    """Cut the corners of an open line (Chaikin 1974); the ends stay.

    Examples
    --------
    >>> chaikin([[0, 0], [4, 0], [4, 4]]).tolist()
    [[0.0, 0.0], [3.0, 0.0], [4.0, 1.0], [4.0, 4.0]]
    """
    line = np.asarray(points, dtype=float)
    for _ in range(times):
        if len(line) < 3:
            break
        near, far = 0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]
        cut = np.empty((2 * len(near), 2))
        cut[0::2], cut[1::2] = near, far
        line = np.vstack([line[:1], cut[1:-1], line[-1:]])
    return line


def relaxed(points: ArrayLike, times: int, strength: float = 0.5) -> Points:
    """Move every inner vertex towards the middle of its neighbours, again and again; the ends stay."""
    line = np.array(points, dtype=float)
    for _ in range(times):
        if len(line) > 2:
            line[1:-1] += strength * (0.5 * (line[:-2] + line[2:]) - line[1:-1])
    return line


def resampled(points: ArrayLike, step: float) -> Points:
    """Return vertices at even distances of about ``step`` metres.

    Examples
    --------
    >>> resampled([[0, 0], [10, 0]], 5.0).tolist()
    [[0.0, 0.0], [5.0, 0.0], [10.0, 0.0]]
    """
    line = np.asarray(points, dtype=float)
    along = lengths(line)
    count = max(2, int(along[-1] / step + 1e-6) + 1)
    at = np.linspace(0.0, along[-1], count)
    return np.column_stack([np.interp(at, along, line[:, 0]), np.interp(at, along, line[:, 1])])


def spline(points: ArrayLike, step: float) -> Points:
    """Return a smooth line through points (cubic, centripetal), with a vertex about every ``step`` metres."""
    line = np.asarray(points, dtype=float)
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T) ** 0.5)])
    dense = CubicSpline(at, line)(np.linspace(0.0, at[-1], len(line) * 60))
    return resampled(dense, step)


def normals(points: Points) -> Points:
    """Return unit normals, to the left of the direction of the line."""
    along = np.gradient(points, axis=0)
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    return np.column_stack([-along[:, 1], along[:, 0]]) / length[:, None]


def bearings(points: Points) -> NDArray[np.float64]:
    """Return the direction at each vertex, radians counter-clockwise from east."""
    along = np.gradient(points, axis=0)
    return np.asarray(np.arctan2(along[:, 1], along[:, 0]))


def line_through(points: ArrayLike) -> shapely.LineString:
    """Return a line string with coordinates rounded to 1 cm."""
    return shapely.LineString(centimetres(points))


def chains(edges: Iterable[tuple[int, int, int]]) -> list[tuple[list[int], int]]:
    """Join edges of a graph into chains that end at junctions, at ends and where the class changes.

    Parameters
    ----------
    edges : iterable of (node, node, class)
        Undirected; of a repeated edge the lowest class counts.

    Returns
    -------
    list of (list of int, int)
        Nodes of each chain and its class. Rings without any junction are left out.

    Examples
    --------
    >>> chains([(1, 2, 0), (2, 3, 0), (3, 4, 1)])
    [([1, 2, 3], 0), ([3, 4], 1)]
    """
    near: dict[int, dict[int, int]] = defaultdict(dict)
    for a, b, rank in edges:
        if a != b:
            near[a][b] = near[b][a] = min(rank, near[a].get(b, rank))

    def stops(node: int) -> bool:
        return len(near[node]) != 2 or len(set(near[node].values())) > 1

    seen: set[tuple[int, int]] = set()
    found: list[tuple[list[int], int]] = []
    for start in sorted(near):
        if not stops(start):
            continue
        for first in sorted(near[start]):
            if (start, first) in seen:
                continue
            chain = [start, first]
            while not stops(chain[-1]):
                chain.append(next(node for node in near[chain[-1]] if node != chain[-2]))
            for a, b in pairwise(chain):
                seen |= {(a, b), (b, a)}
            found.append((chain, near[start][first]))
    return found
