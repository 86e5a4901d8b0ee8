"""Which polygon holds each point."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray


def containing(polygons: Any, points: ArrayLike) -> NDArray[np.int64]:
    """Return for each point the position of the first polygon that holds it or touches it, or -1.

    Parameters
    ----------
    polygons : sequence of Polygon or MultiPolygon, length m
    points : array_like of float, shape (n, 2)
        In the same metres.

    Examples
    --------
    >>> containing([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], [[0.5, 0.5], [9, 9]]).tolist()
    [0, -1]
    """
    at = np.asarray(points, dtype=float).reshape(-1, 2)
    holders = np.asarray(polygons, dtype=object)
    result = np.full(len(at), -1, dtype=np.int64)
    # The polygons are the queries: one prepared polygon against many points is the fast way round.
    spots = np.asarray(shapely.points(at), dtype=object)
    holder, point = shapely.STRtree(spots).query(holders, predicate="intersects")
    order = np.argsort(holder, kind="stable")[::-1]
    result[point[order]] = holder[order]
    return result


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
