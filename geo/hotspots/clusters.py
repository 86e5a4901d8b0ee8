"""Clusters of events by density: DBSCAN, and HDBSCAN where density differs from place to place."""

from __future__ import annotations

from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geo.errors import BadInput
from geo.hotspots.hierarchy import condensed_labels
from geo.hotspots.quality import metres

#: Events that HDBSCAN takes: it looks at every pair.
MOST_EVENTS = 50_000
NOISE = -1


def clusters(
    points: gpd.GeoDataFrame,
    *,
    method: Literal["dbscan", "hdbscan"] = "dbscan",
    radius_m: float = 100.0,
    min_points: int = 10,
) -> pd.Series:
    """Group events that lie densely.

    Parameters
    ----------
    points : GeoDataFrame
        Events with a CRS.
    method : {"dbscan", "hdbscan"}
        DBSCAN takes one density, ``min_points`` within ``radius_m``; HDBSCAN finds the densities itself and
        takes ``min_points`` as the smallest cluster.
    radius_m : float
        For DBSCAN.
    min_points : int
        At least 2; the event itself counts.

    Returns
    -------
    Series
        Index of the points: number of the cluster from 0, the one with the first event first; -1 for none.

    Raises
    ------
    BadInput
        For a radius or number that is too small, or more events than HDBSCAN takes.

    Notes
    -----
    Ester et al. 1996; a border event between two clusters goes to the nearest core event. Campello et al.
    2013, clusters by excess of mass.

    Examples
    --------
    >>> x = [0, 5, 9, 500, 505, 509, 2_000]
    >>> points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, [0] * 7), crs=32650)
    >>> clusters(points, radius_m=20, min_points=3).tolist()
    [0, 0, 0, 1, 1, 1, -1]
    """
    if min_points < 2 or not radius_m > 0:
        raise BadInput(f"a cluster needs two events and a radius, not {min_points} and {radius_m}")
    at = metres(points)
    if method == "dbscan":
        labels = _dbscan(at, radius_m, min_points)
    elif len(at) > MOST_EVENTS:
        raise BadInput(f"{len(at)} events are more than {MOST_EVENTS}: use dbscan", events=len(at))
    else:
        labels = condensed_labels(at, min_points)
    return pd.Series(_in_order(labels), index=points.index, name="cluster")


def _dbscan(at: NDArray[np.float64], radius: float, least: int) -> NDArray[np.int64]:
    labels = np.full(len(at), NOISE, dtype=np.int64)
    if not len(at):
        return labels
    tree = cKDTree(at)
    core = np.flatnonzero(tree.query_ball_point(at, radius, return_length=True) >= least)
    if not len(core):
        return labels
    cores = cKDTree(at[core])
    pairs = cores.query_pairs(radius, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(core), len(core)))
    component = connected_components(graph, directed=False)[1]
    distance, nearest = cores.query(at, distance_upper_bound=np.nextafter(radius, np.inf))
    reached = np.isfinite(distance)
    labels[reached] = component[nearest[reached]]
    return labels


def _in_order(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the labels numbered by the first event of each cluster."""
    known, first = np.unique(labels[labels != NOISE], return_index=True)
    place = np.empty(int(known.max()) + 2 if len(known) else 1, dtype=np.int64)
    place[known[np.argsort(first)]] = np.arange(len(known))
    place[-1] = NOISE
    return place[labels]
