"""What makes false hotspots: many events on one default point, and one event reported again and again."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from scipy.special import pdtrc

from geo.crs import metric_crs
from geo.errors import BadInput

#: Two coordinates are the same point up to this many metres.
SAME_M = 0.5


def metres(points: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return points in metres of their own zone, shape (n, 2).

    Raises
    ------
    BadInput
        Without a CRS, or where a geometry is no point.
    """
    if points.crs is None:
        raise BadInput("the points have no CRS")
    if not len(points):
        return np.zeros((0, 2))
    shapes = points.geometry.to_numpy()
    if (shapely.get_type_id(shapes) != shapely.GeometryType.POINT).any() or shapely.is_empty(shapes).any():
        raise BadInput("every event must have one point")
    return np.asarray(shapely.get_coordinates(points.geometry.to_crs(metric_crs(points)).to_numpy()))


def pile_ups(points: gpd.GeoDataFrame, *, within_m: float = 300.0, at_least: int = 10) -> pd.DataFrame:
    """Find coordinates that hold far more events than their surroundings: default points of an address.

    Parameters
    ----------
    points : GeoDataFrame
        Events with a CRS.
    within_m : float
        Radius of the surroundings.
    at_least : int
        Events on one coordinate, below which nothing is told.

    Returns
    -------
    DataFrame
        One row a coordinate, most events first: ``lon``, ``lat``, ``events``, ``around`` (events within the
        radius on other coordinates), ``rows`` (list of index labels).

    Notes
    -----
    A coordinate is told where its events are more than the busiest coordinate of so many events spread evenly
    over as many places as the surroundings use would have once in a million (Poisson tail).

    Examples
    --------
    >>> same = gpd.GeoDataFrame(geometry=gpd.points_from_xy([115.88] * 30, [31.74] * 30), crs=4326)
    >>> int(pile_ups(same)["events"].iloc[0])
    30
    """
    at = metres(points)
    columns = ["lon", "lat", "events", "around", "rows"]
    if not len(at):
        return pd.DataFrame(columns=columns)
    _, first, member, counts = np.unique(
        np.rint(at / SAME_M).astype(np.int64),
        axis=0,
        return_index=True,
        return_inverse=True,
        return_counts=True,
    )
    member = member.ravel()
    heavy = np.flatnonzero(counts >= at_least)
    places = at[first]
    tree = cKDTree(places)
    found = []
    degrees = points.geometry.to_crs(4326)
    for one in heavy:
        near = np.array(tree.query_ball_point(places[one], within_m))
        near = near[near != one]
        around = int(counts[near].sum())
        usual = (around + 1) / max(len(near), 1)
        if pdtrc(counts[one] - 1, usual) > 1e-6:
            continue
        point = degrees.iloc[first[one]]
        rows = points.index[member == one].tolist()
        found.append((point.x, point.y, int(counts[one]), around, rows))
    result = pd.DataFrame(found, columns=columns)
    return result.sort_values(["events", "lon", "lat"], ascending=[False, True, True], ignore_index=True)


def repeats(
    points: gpd.GeoDataFrame,
    classes: ArrayLike,
    times: ArrayLike,
    *,
    within_m: float = 50.0,
    within_days: float = 30.0,
) -> pd.Series:
    """Find reports that tell of an event already told: the same class, near, and soon after.

    Parameters
    ----------
    points : GeoDataFrame
        Events with a CRS.
    classes : array_like, shape (n,)
        Class of each event.
    times : array_like of datetime64, shape (n,)
        When it happened.
    within_m, within_days : float
        How near and how soon.

    Returns
    -------
    Series
        Index of the points. The label of the first event of the chain for a repeat, missing for a first
        event. Chains are linked: a third report counts with the second even where the first is too far.

    Raises
    ------
    BadInput
        For lengths that differ, or a time that is missing.

    Examples
    --------
    >>> points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 30, 900], [0, 0, 0]), crs=32650)
    >>> days = np.array(["2020-01-01", "2020-01-20", "2020-01-20"], dtype="datetime64[s]")
    >>> repeats(points, ["a", "a", "a"], days).tolist()
    [<NA>, 0, <NA>]
    """
    at = metres(points)
    when = np.asarray(times).astype("datetime64[s]")
    _, kind = np.unique(np.asarray(classes).astype(str), return_inverse=True)
    if not len(at) == len(when) == len(kind):
        raise BadInput("points, classes and times differ in length", points=len(at))
    if np.isnat(when).any():
        raise BadInput("an event without a time can be no repeat: leave it out")
    # A third axis keeps classes out of each other's reach.
    apart = np.column_stack([at, kind * (within_m * 2 + 1)])
    pairs = (
        cKDTree(apart).query_pairs(within_m, output_type="ndarray")
        if len(at)
        else np.zeros((0, 2), dtype=int)
    )
    soon = np.abs(when[pairs[:, 0]] - when[pairs[:, 1]]) <= np.timedelta64(round(within_days * 86_400), "s")
    pairs = pairs[soon]
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(at), len(at)))
    chain = connected_components(graph, directed=False)[1] if len(at) else np.zeros(0, dtype=int)
    order = np.lexsort((np.arange(len(at)), when, chain))
    first_of_chain = np.ones(len(at), dtype=bool)
    first_of_chain[1:] = chain[order][1:] != chain[order][:-1]
    first = np.empty(len(at), dtype=np.int64)
    first[order] = order[np.maximum.accumulate(np.where(first_of_chain, np.arange(len(at)), 0))]
    found = pd.Series(points.index[first], index=points.index, name="repeat_of").convert_dtypes()
    return found.mask(first == np.arange(len(at)))
