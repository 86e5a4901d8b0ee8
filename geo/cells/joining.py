"""Groups of cells that lie near each other, put together as long as they do not grow too wide."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist

from geo.cells.indexing import Cells, area_m2, centres

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_DEGREE_M = 111_195.0


def joined(
    cells: Cells, label: Integers, *, join_m: float, widest_m: float, area: Integers | None = None
) -> Integers:
    """Return the labels of groups after those near each other have been put together, the nearest first.

    Parameters
    ----------
    cells : ndarray of uint64
        Of one resolution.
    label : ndarray of int
        Group of each cell, numbered from 0.
    join_m : float
        Groups with at most this much ground between two of their cells are put together.
    widest_m : float
        Unless the middles of two cells would then lie farther apart. A chain of hamlets all over a county
        would otherwise become one group.
    area : ndarray of int, optional
        Groups of two areas stay apart; each group lies in one.

    Returns
    -------
    ndarray of int
        As ``label``, with the number of one of the groups for all that are put together.

    Notes
    -----
    Single linkage in the order of the distances (Kruskal), each step tested for the width of what it makes.
    Distances are those of the sphere, flattened about the middle latitude. Between two cells lies the
    distance of their middles less that of two cells that touch.

    Examples
    --------
    >>> from geo.cells.indexing import index
    >>> row = index([115.900, 115.903, 115.912], [31.75] * 3, 10)
    >>> joined(row, np.arange(3), join_m=200, widest_m=2000).tolist()
    [0, 0, 2]
    """
    if len(cells) < 2 or join_m <= 0:
        return label
    lon, lat = centres(cells)
    east = (lon - lon.mean()) * _DEGREE_M * np.cos(np.radians(lat.mean()))
    xy = np.column_stack([east, (lat - lat.mean()) * _DEGREE_M])
    touching = float(np.sqrt(area_m2(cells).mean() * 2 / np.sqrt(3)))
    pairs = cKDTree(xy).query_pairs(join_m + touching, output_type="ndarray")
    one, other = label[pairs[:, 0]], label[pairs[:, 1]]
    apart = one != other
    if area is not None:
        apart &= area[pairs[:, 0]] == area[pairs[:, 1]]
    pairs, one, other = pairs[apart], one[apart], other[apart]
    way = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T).round(3)
    links = pd.DataFrame({"one": np.minimum(one, other), "other": np.maximum(one, other), "way": way})
    links = links.groupby(["one", "other"], sort=True)["way"].min().reset_index()
    links = links.sort_values(["way", "one", "other"])
    owner = np.arange(int(label.max()) + 1)
    order = np.argsort(label, kind="stable")
    members = np.split(xy[order], np.flatnonzero(np.diff(label[order])) + 1)
    hulls = dict(zip(np.unique(label).tolist(), map(_rim, members), strict=True))
    for a, b in zip(links["one"].tolist(), links["other"].tolist(), strict=True):
        first, second = _root(owner, a), _root(owner, b)
        if first == second:
            continue
        both = np.vstack([hulls[first], hulls[second]])
        if pdist(both).max() > widest_m:
            continue
        owner[second] = first
        hulls[first] = _rim(both)
    return np.array([_root(owner, at) for at in range(len(owner))], dtype=np.int64)[label]


def _root(owner: Integers, at: int) -> int:
    while owner[at] != at:
        owner[at] = owner[owner[at]]
        at = int(owner[at])
    return at


def _rim(points: Floats) -> Floats:
    """Return the points of the convex hull: the two farthest apart are among them."""
    return np.asarray(np.unique(shapely.get_coordinates(shapely.MultiPoint(points).convex_hull), axis=0))
