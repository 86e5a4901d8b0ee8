"""Which polygon holds each point."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray


def containing(polygons: Any, points: ArrayLike | shapely.STRtree) -> NDArray[np.int64]:
    """Return for each point the position of the first polygon that holds it or touches it, or -1.

    Parameters
    ----------
    polygons : sequence of Polygon or MultiPolygon, length m
    points : array_like of float, shape (n, 2), or STRtree of points
        In the same metres; a tree where the same points are asked for again and again.

    Examples
    --------
    >>> containing([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], [[0.5, 0.5], [9, 9]]).tolist()
    [0, -1]
    """
    tree = points if isinstance(points, shapely.STRtree) else tree_of(points)
    holders = np.asarray(polygons, dtype=object)
    result = np.full(len(tree.geometries), -1, dtype=np.int64)
    # The polygons are the queries: one prepared polygon against many points is the fast way round.
    holder, point = tree.query(holders, predicate="intersects")
    order = np.argsort(holder, kind="stable")[::-1]
    result[point[order]] = holder[order]
    return result


def tree_of(points: ArrayLike) -> shapely.STRtree:
    """Return points of shape (n, 2) as a tree for `containing`."""
    return shapely.STRtree(np.asarray(shapely.points(np.asarray(points, dtype=float).reshape(-1, 2))))


def nearest(geometries: Any, points: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return for each point the position of the nearest geometry, and the distance to it in metres.

    Of several at the same distance the first one is taken.
    """
    at = shapely.points(np.asarray(points, dtype=float).reshape(-1, 2))
    found = shapely.STRtree(np.asarray(geometries, dtype=object)).query_nearest(at, return_distance=True)
    (point, geometry), distance = found
    order = np.lexsort((geometry, point))
    first = np.unique(point[order], return_index=True)[1]
    chosen = order[first]
    return geometry[chosen].astype(np.int64), distance[chosen]
