"""Poles that several devices share: which could be one, and what lies near to one."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geo.crs import metric_crs
from geo.errors import BadInput


def mergeable(poles: gpd.GeoDataFrame, metres: float) -> pd.Series:
    """Return groups of poles that stand so near each other that one could take the place of all.

    Parameters
    ----------
    poles : GeoDataFrame
        Points with a CRS.
    metres : float
        Of a group each pole has another one no farther than this.

    Returns
    -------
    Series of int64
        Index of poles; number of the group from 0, -1 for a pole that stands alone.

    Examples
    --------
    >>> row = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 8, 100, 109, 300], [0] * 5), crs=32650)
    >>> mergeable(row, 10).tolist()
    [0, 0, 1, 1, -1]
    """
    count = len(poles)
    if not count:
        return pd.Series([], index=poles.index, dtype=np.int64)
    at = _metric(poles).geometry
    pairs = cKDTree(np.column_stack([at.x, at.y])).query_pairs(metres, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    several = np.bincount(label)[label] > 1
    found = np.full(count, -1, dtype=np.int64)
    # Numbered by the first pole of each, so that a group keeps its place.
    names, number = np.unique(label[several], return_inverse=True)
    first = np.array([np.flatnonzero(label == name)[0] for name in names.tolist()], dtype=np.int64)
    rank = np.argsort(np.argsort(first, kind="stable"), kind="stable")
    found[several] = rank[number] if len(names) else number
    return pd.Series(found, index=poles.index)


def length_near(lines: gpd.GeoDataFrame, points: gpd.GeoDataFrame, metres: float) -> pd.DataFrame:
    """Return how much of each line has a point within a distance.

    Parameters
    ----------
    lines, points : GeoDataFrame
        With a CRS.
    metres : float

    Returns
    -------
    DataFrame
        Index of lines; ``length_m`` and ``near_m``.

    Examples
    --------
    >>> road = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (300, 0)])], crs=32650)
    >>> pole = gpd.GeoDataFrame(geometry=[shapely.Point(100, 30)], crs=32650)
    >>> length_near(road, pole, 50).round(1).iloc[0].tolist()
    [300.0, 80.0]
    """
    if not metres > 0:
        raise BadInput("the distance to a pole is more than 0", metres=metres)
    own = _metric(lines)
    shapes = own.geometry.to_numpy()
    found = pd.DataFrame({"length_m": shapely.length(shapes), "near_m": 0.0}, index=lines.index)
    if not len(lines) or not len(points):
        return found
    at = points.geometry.to_crs(own.crs).to_numpy()
    line, point = shapely.STRtree(at).query(shapes, predicate="dwithin", distance=metres)
    # Round enough that the part of a straight road is right to some ten thousandths.
    discs = shapely.buffer(at, metres, quad_segs=32)
    near = np.zeros(len(shapes))
    for row in np.unique(line).tolist():
        around = shapely.union_all(discs[point[line == row]])
        near[row] = shapely.length(shapely.intersection(shapes[row], around))
    return found.assign(near_m=near)


def has_near(places: gpd.GeoDataFrame, points: gpd.GeoDataFrame, metres: float) -> pd.Series:
    """Return which places have a point within a distance.

    Examples
    --------
    >>> boxes = [shapely.box(0, 0, 50, 50), shapely.box(500, 0, 550, 50)]
    >>> pole = gpd.GeoDataFrame(geometry=[shapely.Point(90, 25)], crs=32650)
    >>> has_near(gpd.GeoDataFrame(geometry=boxes, crs=32650), pole, 50).tolist()
    [True, False]
    """
    found = np.zeros(len(places), dtype=bool)
    if len(places) and len(points):
        own = _metric(places)
        at = points.geometry.to_crs(own.crs).to_numpy()
        place, _ = shapely.STRtree(at).query(own.geometry.to_numpy(), predicate="dwithin", distance=metres)
        found[place] = True
    return pd.Series(found, index=places.index)


def _metric(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if frame.crs is None:
        raise BadInput("places of poles need a CRS")
    return frame.to_crs(metric_crs(frame)) if len(frame) else frame
