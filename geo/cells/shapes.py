"""Cells to polygons, and connected groups of cells whose ids stay over runs."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from h3ronpy import vector
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.cells.indexing import Cells, as_cells, parents, resolution_of
from geo.cells.joining import joined
from geo.cells.rings import neighbours
from geo.errors import BadInput

#: Bytes of a polygon's WKB before its first coordinate: byte order, type, rings, points.
_WKB_HEAD = 13


def polygons(cells: ArrayLike) -> gpd.GeoSeries:
    """Return the outline of each cell.

    Returns
    -------
    GeoSeries
        Index: the cells (uint64); polygons in EPSG:4326. A cell over the antimeridian has longitudes beyond
        180°, so that its outline stays in one piece.

    Examples
    --------
    >>> from geo.cells.indexing import index
    >>> polygons(index([115.88], [31.74], 9)).geom_type.tolist()
    ['Polygon']
    """
    array = as_cells(cells)
    return gpd.GeoSeries(_drawn(array), index=pd.Index(array, name="cell"), crs=4326)


def _drawn(cells: Cells, *, joined_up: bool = False) -> NDArray[np.object_]:
    """Return the outline of each cell, or those of the areas that they make together."""
    wkb = pa.array(vector.cells_to_wkb_polygons(pa.array(cells), link_cells=joined_up))
    shapes: NDArray[np.object_] = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False))
    if len(shapes):
        west, _, east, _ = shapely.bounds(shapes).T
        split = east - west > 180
        if split.any():
            shapes[split] = shapely.transform(
                shapes[split],
                lambda at: np.column_stack([np.where(at[:, 0] < 0, at[:, 0] + 360, at[:, 0]), at[:, 1]]),
            )
    return shapes


def outline(cells: ArrayLike, *, most: int = 1000) -> shapely.MultiPolygon:
    """Return the ground that cells cover together, as one shape in degrees (EPSG:4326).

    Parameters
    ----------
    cells : array_like of uint64
        Cells of one resolution.
    most : int
        Corners that the shape may have; the outline of coarser cells stands in for one of more.

    Raises
    ------
    BadInput
        For cells of several resolutions.

    Examples
    --------
    >>> import h3
    >>> disk = [h3.str_to_int(cell) for cell in h3.grid_disk("8928308280fffff", 1)]
    >>> outline(disk).geoms[0].exterior.coords.__len__()
    19
    """
    array = np.unique(as_cells(cells))
    if not len(array):
        return shapely.MultiPolygon()
    finest = int(resolution_of(array[:1])[0])
    if (resolution_of(array) != finest).any():
        raise BadInput("cells of several resolutions have no outline: roll them up first")
    shapes = _drawn(array, joined_up=True)
    for resolution in range(finest - 1, -1, -1):
        if shapely.get_num_coordinates(shapes).sum() <= most:
            break
        shapes = _drawn(np.unique(parents(array, resolution)), joined_up=True)
    return shapely.MultiPolygon(list(shapes))


def corners(cells: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the outlines of cells as plain numbers, for programs that write many.

    Returns
    -------
    corners : ndarray of float64, shape (k, 2)
        Longitude and latitude of the closed rings, one after the other, as in `polygons`.
    counts : ndarray of int64, shape (n,)
        Corners of each ring: 7 for a hexagon, others for pentagons and on the edges of the icosahedron.

    Examples
    --------
    >>> from geo.cells.indexing import index
    >>> points, counts = corners(index([115.88], [31.74], 9))
    >>> points.shape, counts.tolist(), bool((points[0] == points[-1]).all())
    ((7, 2), [7], True)
    """
    array = as_cells(cells)
    if not len(array):
        return np.zeros((0, 2)), np.zeros(0, dtype=np.int64)
    wkb = pa.array(vector.cells_to_wkb_polygons(pa.array(array)))
    starts = np.frombuffer(wkb.buffers()[1], dtype=np.int64)[wkb.offset : wkb.offset + len(array) + 1]
    data = np.frombuffer(wkb.buffers()[2], dtype=np.uint8)[starts[0] : starts[-1]]
    sizes = np.diff(starts)
    counts = (sizes - _WKB_HEAD) // 16
    if (sizes == sizes[0]).all():
        rings = data.reshape(len(array), -1)[:, _WKB_HEAD:]
    else:
        kept = np.ones(len(data), dtype=bool)
        kept[(starts[:-1, None] - starts[0] + np.arange(_WKB_HEAD)).ravel()] = False
        rings = data[kept]
    points = np.ascontiguousarray(rings).view("<f8").reshape(-1, 2).astype(np.float64)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    split = np.maximum.reduceat(points[:, 0], first) - np.minimum.reduceat(points[:, 0], first) > 180
    if split.any():
        east = np.repeat(split, counts) & (points[:, 0] < 0)
        points[east, 0] += 360
    return points, counts


def groups(
    cells: ArrayLike,
    previous: pd.Series | None = None,
    within: pd.Series | None = None,
    *,
    join_m: float = 0.0,
    widest_m: float = float("inf"),
) -> pd.Series:
    """Group cells that touch, with ids that stay the same over runs.

    Parameters
    ----------
    cells : array_like of uint64
        Cells of one resolution, each once.
    previous : Series, optional
        Result of an earlier run. A group keeps the id of the earlier group that it shares most cells with; of
        two groups that share one, the larger share keeps it.
    within : Series, optional
        Area of each cell: cells of two areas, or of one and of none, do not join.
    join_m, widest_m : float
        Groups with at most ``join_m`` of ground between them are put together, the nearest first, as long as
        the middles of their cells lie no farther apart than ``widest_m``: see `geo.cells.joining.joined`.

    Returns
    -------
    Series
        Index: the cells, ascending; value: the group's id (uint64), the smallest cell it was first made of.

    Raises
    ------
    BadInput
        For cells of several resolutions, or a cell given twice.

    Examples
    --------
    >>> from geo.cells.indexing import index
    >>> import h3
    >>> near = [h3.str_to_int(c) for c in h3.grid_disk("8928308280fffff", 1)]
    >>> groups(near).nunique()
    1
    """
    array = np.sort(as_cells(cells))
    if len(array) and (resolution_of(array) != resolution_of(array[:1])[0]).any():
        raise BadInput("cells of several resolutions cannot be grouped: roll them up first")
    if len(np.unique(array)) != len(array):
        raise BadInput("a cell is given twice")
    area = None if within is None else pd.factorize(within.reindex(array).to_numpy())[0]
    label = _components(array, area)
    label = joined(array, label, join_m=join_m, widest_m=widest_m, area=area)
    order = np.lexsort((array, label))
    _, first, number = np.unique(label[order], return_index=True, return_inverse=True)
    smallest = np.empty(len(array), dtype=np.uint64)
    smallest[order] = array[order][first][number]
    result = pd.Series(smallest, index=pd.Index(array, name="cell"), name="group", dtype=np.uint64)
    return result if previous is None or previous.empty else _inherit(result, previous)


def _components(array: Cells, area: NDArray[np.int64] | None) -> np.ndarray:
    if not len(array):
        return np.zeros(0, dtype=np.int64)
    around = neighbours(array)
    start, place = np.nonzero(around >= 0)
    end = around[start, place]
    if area is not None:
        same = area[start] == area[end]
        start, end = start[same], end[same]
    graph = coo_array((np.ones(len(start)), (start, end)), shape=(len(array), len(array)))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _inherit(groups_now: pd.Series, previous: pd.Series) -> pd.Series:
    """Give each group the id of the earlier one that it overlaps most, each id once."""
    common = groups_now.index.intersection(previous.index)
    pairs = pd.DataFrame({"now": groups_now[common], "before": previous[common]})
    overlap = pairs.groupby(["now", "before"]).size().reset_index(name="cells")
    overlap = overlap.sort_values(["cells", "before", "now"], ascending=[False, True, True])
    names: dict[int, int] = {}
    for now, before in zip(overlap["now"].tolist(), overlap["before"].tolist(), strict=True):
        if now not in names and before not in names.values():
            names[now] = before
    # A new group's own smallest cell may be the id that an earlier group left to another: take the next cell.
    taken = set(names.values())
    for group, members in groups_now.groupby(groups_now).groups.items():
        if group not in names:
            names[group] = next((int(cell) for cell in members if int(cell) not in taken), int(group))
            taken.add(names[group])
    return groups_now.map(names).astype(np.uint64)
