"""How far the corners of areas are apart in web mercator, for whole arrays, as ``onemap.clearance_of`` tells.

Most areas are one ring of few corners: NumPy tries each corner with each edge, five times as fast as GEOS,
which builds a tree for each. What is longer, has holes or parts, or nearly touches itself is left to GEOS.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import mercator

#: Rings of more corners than this go to GEOS: each corner with each edge grows with the square.
_MOST_CORNERS = 16

#: Distances tried at once, so that they stay in the processor's cache.
_AT_ONCE = 1 << 14

#: Metres under which rounding could hide that edges touch or cross.
_NEAR = 1e-3


def clearances(areas: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the minimum clearance of each area in metres of EPSG:3857.

    Parameters
    ----------
    areas : ndarray of shapely geometries or None
        In degrees.

    Returns
    -------
    ndarray of float
        NaN for what is no area, or none that is valid in mercator.

    Examples
    --------
    >>> clearances(np.array([shapely.box(116, 31, 116.1, 31.0001), shapely.Point(116, 31)])).round(2).tolist()
    [12.99, nan]
    """
    found = np.full(len(areas), np.nan)
    corners = shapely.get_num_coordinates(areas) - 1
    single = shapely.get_type_id(areas) == shapely.GeometryType.POLYGON
    single &= (shapely.get_num_interior_rings(areas) == 0) & (corners >= 3) & (corners <= _MOST_CORNERS)
    for count in np.unique(corners[single]):
        of_count = np.flatnonzero(single & (corners == count))
        points = mercator(shapely.get_coordinates(areas[of_count])).reshape(-1, count + 1, 2)[:, :-1]
        step = max(1, _AT_ONCE // int(count) ** 2)
        for start in range(0, len(of_count), step):
            found[of_count[start : start + step]] = _of_rings(points[start : start + step])
    left = np.flatnonzero(np.isnan(found) & (shapely.get_dimensions(areas) == 2))
    if len(left):
        found[left] = _by_geos(areas[left])
    return found


def _of_rings(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the clearance of rings (rings, corners, 2), NaN where edges cross or nearly touch."""
    # Rings on the last axis: NumPy is fast along it, and it is the long one.
    x, y = np.ascontiguousarray(points.transpose(2, 1, 0))
    count = len(x)
    along_x, along_y = np.roll(x, -1, axis=0) - x, np.roll(y, -1, axis=0) - y
    squares = along_x**2 + along_y**2
    # Of corner i and edge k, axes 0 and 1: from where the edge begins to the corner.
    from_x, from_y = x[:, None] - x, y[:, None] - y
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (from_x * along_x + from_y * along_y) / squares
    np.clip(share, 0, 1, out=share)
    distances = (from_x - share * along_x) ** 2 + (from_y - share * along_y) ** 2
    corner = np.arange(count)
    distances[corner, corner] = distances[(corner + 1) % count, corner] = np.inf
    nearest = np.sqrt(np.minimum(distances.min(axis=(0, 1)), squares.min(axis=0)))
    # Edge i crosses edge k where the ends of each lie on both sides of the other.
    side = along_x * from_y > along_y * from_x
    parted = side != np.roll(side, -1, axis=0)
    parted[corner, corner] = parted[corner - 1, corner] = parted[(corner + 1) % count, corner] = False
    crossing = (parted & parted.transpose(1, 0, 2)).any(axis=(0, 1))
    return np.where(crossing | ~(nearest > _NEAR), np.nan, nearest)


def _by_geos(areas: NDArray[np.object_]) -> NDArray[np.float64]:
    turned: Any = shapely.transform(areas, mercator)
    return np.where(shapely.is_valid(turned), shapely.minimum_clearance(turned), np.nan)
