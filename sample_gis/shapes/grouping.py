"""Groups of neighbouring points, and the land that belongs to each group."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry


def groups_of(
    points: NDArray[np.float64], weights: NDArray[np.float64], count: int, *, rounds: int = 12
) -> NDArray[np.int64]:
    """Return compact groups of points with about equal weight where points are dense.

    Weighted k-means from a farthest-first start: the same points always give the same groups.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        Metres.
    weights : ndarray of float, shape (n,)
        What pulls a group's middle to a point; not negative.
    count : int
        Groups wanted; fewer come back where there are fewer distinct points.

    Returns
    -------
    ndarray of int, shape (n,)
        Group of each point, 0 to m - 1, every one of them used.

    Examples
    --------
    >>> groups_of(np.array([[0.0, 0], [1, 0], [90, 0]]), np.ones(3), 2).tolist()
    [0, 0, 1]
    """
    pull = np.asarray(weights, dtype=float) + 1e-6
    start = np.average(points, axis=0, weights=pull)
    middles = points[[int(np.argmin(np.round(np.hypot(*(points - start).T), 2)))]]
    while len(middles) < min(count, len(points)):
        away = cKDTree(middles).query(points)[0]
        score = np.round(away * np.sqrt(np.sqrt(pull)), 3)
        if away.max() <= 0:
            break
        middles = np.vstack([middles, points[int(np.argmax(score))]])
    group = np.zeros(len(points), dtype=np.int64)
    for _ in range(rounds):
        group = cKDTree(np.round(middles, 3)).query(points)[1].astype(np.int64)
        total = np.bincount(group, pull, minlength=len(middles))
        sums = np.column_stack([np.bincount(group, pull * axis, minlength=len(middles)) for axis in points.T])
        used = total > 0
        middles = middles.copy()
        middles[used] = sums[used] / total[used, None]
    return np.unique(group, return_inverse=True)[1].astype(np.int64)


def land_of(
    points: NDArray[np.float64], group: NDArray[np.int64], within: BaseGeometry, *, tolerance: float = 0.0
) -> list[BaseGeometry]:
    """Return the part of an area that lies nearest to each group of points; the parts tile the area.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
    group : ndarray of int, shape (n,)
        0 to m - 1.
    within : Polygon or MultiPolygon
    tolerance : float
        Limits between groups are drawn this much simpler, metres.

    Returns
    -------
    list of Polygon or MultiPolygon, length m

    Examples
    --------
    >>> areas = land_of(np.array([[1.0, 1], [3, 1]]), np.array([0, 1]), shapely.box(0, 0, 4, 2))
    >>> [part.area for part in areas]
    [4.0, 4.0]
    """
    count = int(group.max()) + 1
    if count == 1:
        return [within]
    distinct, first = np.unique(np.round(points, 2), axis=0, return_index=True)
    around = shapely.box(*shapely.bounds(within)).buffer(200.0, join_style="mitre")
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(distinct), extend_to=around, ordered=True)
    )
    owner = group[first]
    merged = np.array([shapely.union_all(cells[owner == k]) for k in range(count)], dtype=object)
    if tolerance > 0:
        merged = shapely.coverage_simplify(merged, tolerance)
    return [only_polygons(part) for part in shapely.intersection(merged, within)]


def tidied(geometry: BaseGeometry) -> BaseGeometry:
    """Return an area rounded to a millimetre: the hair-thin slits that overlays leave close.

    They would make the area invalid as soon as it is turned to longitude and latitude.

    Examples
    --------
    >>> slit = shapely.box(0, 0, 9, 9).difference(shapely.box(4, 4, 4.0001, 8))
    >>> len(slit.interiors), len(tidied(slit).interiors)
    (1, 0)
    """
    return only_polygons(shapely.set_precision(geometry, 0.001))


def only_polygons(geometry: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a geometry without the lines and points that an overlay leaves.

    Examples
    --------
    >>> only_polygons(shapely.GeometryCollection([shapely.Point(0, 0), shapely.box(0, 0, 1, 1)])).geom_type
    'Polygon'
    """
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon" and part.area > 0]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
