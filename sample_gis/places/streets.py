"""Named streets of towns as whole lines, and how far along them a place lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City


def named_streets(city: City) -> gpd.GeoDataFrame:
    """Return the named streets, one row a town and name.

    Returns
    -------
    GeoDataFrame
        ``town`` (code), ``name``, ``class`` (of its highest edge), ``codes`` (list of road codes), geometry:
        the edges merged (LineString or MultiLineString), running away from the town's seat.
    """
    roads = city.roads
    named = roads[(roads["town"] != "") & roads["name"].fillna("").astype(bool)]
    lines, ranks, codes = (named[column].to_numpy() for column in ("geometry", "class", "code"))
    street = named.groupby(["town", "name"], sort=True).indices
    merged = shapely.line_merge([shapely.multilinestrings(lines[edges]) for edges in street.values()])
    rows = []
    for ((town, name), edges), whole in zip(street.items(), merged, strict=True):
        seat = city.towns["seat"][town]
        parts = [_running_from(seat, part) for part in shapely.get_parts(whole)]
        parts.sort(key=lambda part: round(part.distance(seat), 1))
        line = parts[0] if len(parts) == 1 else shapely.MultiLineString(parts)
        rows.append((town, name, int(ranks[edges].min()), codes[edges].tolist(), line))
    columns = ["town", "name", "class", "codes", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=city.crs)


def _running_from(seat: shapely.Point, line: shapely.LineString) -> shapely.LineString:
    start, end = shapely.get_point(line, 0), shapely.get_point(line, -1)
    return shapely.reverse(line) if round(seat.distance(end), 1) < round(seat.distance(start), 1) else line


def along(street: BaseGeometry, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return how far along a street points lie, and whether to the left of it.

    Parameters
    ----------
    street : LineString or MultiLineString
        The parts count on from one another.
    points : ndarray of float, shape (n, 2)
        Beside the street.

    Returns
    -------
    distance_m : ndarray of float, shape (n,)
    left : ndarray of bool, shape (n,)

    Examples
    --------
    >>> distance, left = along(shapely.LineString([(0, 0), (10, 0)]), np.array([[4.0, 2], [5, -2]]))
    >>> distance.tolist(), left.tolist()
    ([4.0, 5.0], [True, False])
    """
    parts = shapely.get_parts(street)
    at = shapely.points(points)
    away = np.array([shapely.distance(part, at) for part in parts])
    part = np.argmin(np.round(away, 2), axis=0)
    before = np.concatenate([[0.0], np.cumsum(shapely.length(parts))])
    own = parts[part]
    measure = shapely.line_locate_point(own, at)
    foot = shapely.get_coordinates(shapely.line_interpolate_point(own, measure))
    # The way the street runs there, from a metre before to a metre after the foot.
    ahead = shapely.get_coordinates(
        shapely.line_interpolate_point(own, np.minimum(measure + 1, shapely.length(own)))
    )
    behind = shapely.get_coordinates(shapely.line_interpolate_point(own, np.maximum(measure - 1, 0.0)))
    way, side = ahead - behind, points - foot
    return before[part] + measure, np.asarray(way[:, 0] * side[:, 1] - way[:, 1] * side[:, 0] > 0)
