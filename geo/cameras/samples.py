"""Points that stand for the outdoor area of cells, and which cameras see each of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numba
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.cells import area_m2, corners
from geo.cells.indexing import Cells, as_cells
from geo.crs import metric_crs, transformer
from geo.errors import BadInput

Numbers = NDArray[np.float64]

#: Each of the six triangles of a cell is cut into four of equal area; their centres stand for them.
PER_TRIANGLE = 4
_WEIGHTS = np.array([[4, 1, 1], [1, 4, 1], [1, 1, 4], [2, 2, 2]]) / 6.0
#: Side of the squares by which points are looked up, metres.
_SQUARE_M = 24.0
#: Most cameras that one point counts.
MOST = 255


@dataclass(frozen=True, slots=True)
class Samples:
    """Points of cells that lie outdoors and on land.

    Attributes
    ----------
    cells : ndarray of uint64, shape (n,)
        As given.
    cell : ndarray of int64, shape (k,)
        Position of each point's cell.
    x, y : ndarray of float, shape (k,)
        Metres of ``crs``.
    area : ndarray of float, shape (k,)
        Square metres that each point stands for.
    crs : int
        The metric system.
    """

    cells: Cells
    cell: NDArray[np.int64]
    x: Numbers
    y: Numbers
    area: Numbers
    crs: int

    @property
    def considered_m2(self) -> Numbers:
        """Outdoor area of each cell."""
        return np.asarray(np.bincount(self.cell, self.area, minlength=len(self.cells)), dtype=np.float64)

    def share(self, seen: NDArray[np.bool_]) -> Numbers:
        """Return the share of each cell's outdoor area that chosen points stand for; NaN without any."""
        whole = self.considered_m2
        part = np.bincount(self.cell, weights=self.area * seen, minlength=len(self.cells))
        return np.asarray(np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0))


def sample(cells: ArrayLike, excluded: gpd.GeoSeries | None = None, *, crs: int | None = None) -> Samples:
    """Return the outdoor points of cells.

    Parameters
    ----------
    cells : array_like of uint64
        Of any resolutions.
    excluded : GeoSeries of polygons, optional
        Buildings, water and what else is no place to be seen.
    crs : int, optional
        Metric system of the result; that of the cells' own place where left out.

    Notes
    -----
    24 points a hexagon, each for nearly the same share of its area; at resolution 12 they lie about 3.3 m
    apart.

    Examples
    --------
    >>> from geo.cells import index
    >>> found = sample(index([115.88], [31.74], 12))
    >>> len(found.x), round(float(found.considered_m2[0]), 1)
    (24, 251.7)
    """
    array = as_cells(cells)
    if excluded is not None and excluded.crs is None:
        raise BadInput("what is excluded needs a CRS")
    ring, sizes = corners(array)
    if not len(array):
        none = np.zeros(0)
        return Samples(array, np.zeros(0, dtype=np.int64), none, none, none, crs or 4548)
    if crs is None:
        crs = metric_crs(gpd.GeoDataFrame(geometry=[shapely.Point(ring[0])], crs=4326))
    xy = np.column_stack(transformer(4326, crs).transform(*ring.T))
    owner = np.repeat(np.arange(len(array)), sizes)
    same = owner[1:] == owner[:-1]
    one, two, of = xy[:-1][same], xy[1:][same], owner[:-1][same]
    middle = np.column_stack([np.bincount(of, one[:, axis]) / np.bincount(of) for axis in (0, 1)])[of]
    to_one, to_two = one - middle, two - middle
    triangle = np.abs(to_one[:, 0] * to_two[:, 1] - to_one[:, 1] * to_two[:, 0])
    points = np.einsum("pk,tkd->tpd", _WEIGHTS, np.stack([middle, one, two], axis=1)).reshape(-1, 2)
    share = triangle / np.bincount(of, triangle)[of]
    area = np.repeat(share * area_m2(array)[of] / PER_TRIANGLE, PER_TRIANGLE)
    cell = np.repeat(of, PER_TRIANGLE)
    kept = np.ones(len(points), dtype=bool)
    if excluded is not None and len(excluded):
        kept = ~inside_any(points, excluded.to_crs(crs).to_numpy())
    return Samples(array, cell[kept], points[kept, 0].copy(), points[kept, 1].copy(), area[kept], crs)


def count_seeing(
    samples: Samples,
    shapes: NDArray[np.object_],
    groups: NDArray[np.bool_],
    *,
    eyes: Numbers | None = None,
    reach: Numbers | None = None,
) -> NDArray[np.uint8]:
    """Count the cameras that see each point, for several groups of cameras at once.

    Parameters
    ----------
    shapes : ndarray of polygons
        Viewsheds in the samples' system, one a camera.
    groups : ndarray of bool, shape (cameras, groups)
        Which groups each camera belongs to.
    eyes : ndarray of float, shape (cameras, 2), optional
        Where the cameras are, with ``reach``.
    reach : ndarray of float, shape (cameras, groups), optional
        A camera counts in a group only up to so many metres (its infrared lamp by night).

    Returns
    -------
    ndarray of uint8, shape (points, groups)
        At most 255.
    """
    counts = np.zeros((len(samples.x), groups.shape[1]), dtype=np.uint8)
    used = np.flatnonzero(groups.any(axis=1) & ~shapely.is_empty(shapes) & ~shapely.is_missing(shapes))
    if not len(used) or not len(samples.x):
        return counts
    edges, first = _edges(shapes[used])
    limits = np.full((len(used), groups.shape[1]), np.inf) if reach is None else reach[used]
    places = np.zeros((len(used), 2)) if eyes is None else eyes[used]
    order, starts, west, south, columns, rows = _squares(samples.x, samples.y)
    _count(
        samples.x, samples.y, order, starts, west, south, columns, rows, edges, first,
        np.ascontiguousarray(groups[used]), np.ascontiguousarray(places), np.ascontiguousarray(limits),
        counts,
    )  # fmt: skip
    return counts


def inside_any(points: Numbers, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell which points, shape (n, 2), lie in any of some polygons of the same metric system."""
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    wrong = ~shapely.is_valid(shapes)
    shapes[wrong] = shapely.make_valid(shapes[wrong])
    found = np.zeros(len(points), dtype=bool)
    if not len(shapes):
        return found
    order, starts, west, south, columns, rows = _squares(points[:, 0], points[:, 1])
    edges, first = _edges(shapes)
    counts = np.zeros((len(points), 1), dtype=np.uint8)
    every = np.ones((len(shapes), 1), dtype=np.bool_)
    _count(
        np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1]), order, starts, west, south,
        columns, rows, edges, first, every, np.zeros((len(shapes), 2)), np.full((len(shapes), 1), np.inf),
        counts,
    )  # fmt: skip
    return np.asarray(counts[:, 0] > 0)


def _edges(shapes: NDArray[np.object_]) -> tuple[Numbers, NDArray[np.int64]]:
    """Return the edges of all rings, and where those of each shape begin."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    flat = shapely.get_dimensions(parts) == 2
    parts, owner = parts[flat], owner[flat]
    rings, of_part = shapely.get_rings(parts, return_index=True)
    at, of_ring = shapely.get_coordinates(rings, return_index=True)
    same = of_ring[1:] == of_ring[:-1]
    edges = np.ascontiguousarray(np.hstack([at[:-1][same], at[1:][same]]))
    of_shape = owner[of_part[of_ring[:-1][same]]]
    return edges, np.searchsorted(of_shape, np.arange(len(shapes) + 1)).astype(np.int64)


def _squares(x: Numbers, y: Numbers) -> tuple[NDArray[Any], NDArray[Any], float, float, int, int]:
    """Sort points by squares of a grid."""
    west, south = float(x.min()), float(y.min())
    columns = int((x.max() - west) // _SQUARE_M) + 1
    rows = int((y.max() - south) // _SQUARE_M) + 1
    key = ((y - south) // _SQUARE_M).astype(np.int64) * columns + ((x - west) // _SQUARE_M).astype(np.int64)
    order = np.argsort(key, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(key, minlength=columns * rows))]).astype(np.int64)
    return order, starts, west, south, columns, rows


@numba.njit(cache=True, nogil=True)
def _count(  # noqa: PLR0917  # pragma: no cover - compiled
    x: Numbers, y: Numbers, order: NDArray[np.int64], starts: NDArray[np.int64], west: float, south: float,
    columns: int, rows: int, edges: Numbers, first: NDArray[np.int64], groups: NDArray[np.bool_],
    eyes: Numbers, limits: Numbers, counts: NDArray[np.uint8],
) -> None:  # fmt: skip
    for shape in range(len(first) - 1):
        low, high = first[shape], first[shape + 1]
        x0, x1, y0, y1 = np.inf, -np.inf, np.inf, -np.inf
        for edge in range(low, high):
            x0, x1 = min(x0, edges[edge, 0]), max(x1, edges[edge, 0])
            y0, y1 = min(y0, edges[edge, 1]), max(y1, edges[edge, 1])
        c0, c1 = max(0, int((x0 - west) // 24.0)), min(columns - 1, int((x1 - west) // 24.0))
        r0, r1 = max(0, int((y0 - south) // 24.0)), min(rows - 1, int((y1 - south) // 24.0))
        if c1 < c0:
            continue  # west or east of all points: its column would be none of theirs
        for row in range(r0, r1 + 1):
            for at in range(starts[row * columns + c0], starts[row * columns + c1 + 1]):
                point = order[at]
                px, py = x[point], y[point]
                if px < x0 or px > x1 or py < y0 or py > y1:
                    continue
                inside = False
                for edge in range(low, high):
                    ay, by = edges[edge, 1], edges[edge, 3]
                    if (ay > py) != (by > py):
                        ax, bx = edges[edge, 0], edges[edge, 2]
                        if px < ax + (py - ay) / (by - ay) * (bx - ax):
                            inside = not inside
                if not inside:
                    continue
                away = math.hypot(px - eyes[shape, 0], py - eyes[shape, 1])
                for group in range(groups.shape[1]):
                    if groups[shape, group] and away <= limits[shape, group] and counts[point, group] < 255:
                        counts[point, group] += 1
