"""How much of a cell, a street or a place cameras see: once to k times, by day and by night, by class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.cameras.samples import Samples, count_seeing, sample
from geo.cameras.viewsheds import numbers
from geo.cells import rollup
from geo.cells.covering import touched
from geo.crs import metric_crs
from geo.errors import BadInput

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Distance between two stations of a street, metres.
STATION_M = 5.0


@dataclass(frozen=True, slots=True)
class Group:
    """Cameras that are counted together.

    Attributes
    ----------
    name : str
        Column of the result.
    members : ndarray of bool
        One a camera.
    reach : ndarray of float, optional
        Metres up to which each camera counts; nothing beyond, and nothing where it is NaN.
    """

    name: str
    members: Flags
    reach: Numbers | None = None


def working(viewsheds: gpd.GeoDataFrame) -> Flags:
    """Tell which cameras cover: those that are online. Without a column ``online`` all are."""
    if "online" not in viewsheds.columns:
        return np.ones(len(viewsheds), dtype=bool)
    return np.asarray(viewsheds["online"].map(lambda value: value is True or value == 1).to_numpy(dtype=bool))


def by_night(cameras: pd.DataFrame, members: Flags) -> Group:
    """Return the group that sees by night: up to the infrared range on record, none without one."""
    return Group("night", members, numbers(cameras, "infrared_range_m"))


def coverage(
    viewsheds: gpd.GeoDataFrame,
    cells: ArrayLike,
    *,
    excluded: gpd.GeoSeries | None = None,
    times: int = 2,
    groups: Sequence[Group] = (),
) -> pd.DataFrame:
    """Return which share of each cell's outdoor area cameras see.

    Parameters
    ----------
    viewsheds : GeoDataFrame
        Of `geo.cameras.viewsheds`, joined with the cameras' ``online`` (False and unknown cover nothing) and,
        for groups with a reach, their position as ``camera_point``.
    cells : array_like of uint64
        Of one or several resolutions.
    excluded : GeoSeries, optional
        Polygons that are no outdoor ground: buildings, water.
    times : int
        Greatest k of the columns ``seen_k``.
    groups : sequence of Group
        Others to count, each a column.

    Returns
    -------
    DataFrame
        Index ``cell``: ``considered_m2`` (outdoor area), ``seen_1`` … ``seen_k`` (share seen by at least so
        many working cameras; NaN where nothing is outdoors), ``cameras`` (mean number that see a point), a
        column for each group.

    Notes
    -----
    By 24 sample points a cell, see `geo.cameras.samples`; the error of a share is about 0.02 at most cells.

    Examples
    --------
    >>> from geo.cells import index
    >>> box = shapely.box(115.8, 31.7, 115.9, 31.8)
    >>> shed = gpd.GeoDataFrame({"online": [True]}, geometry=[box], crs=4326)
    >>> coverage(shed, index([115.88, 115.95], [31.74, 31.74], 12))["seen_1"].tolist()
    [1.0, 0.0]
    """
    points = sample(cells, excluded)
    return shares(points, viewsheds, times=times, groups=groups)


def shares(
    points: Samples, viewsheds: gpd.GeoDataFrame, *, times: int = 2, groups: Sequence[Group] = ()
) -> pd.DataFrame:
    """Return `coverage` of points that were made before."""
    counts, names = seen_counts(points, viewsheds, groups)
    found: dict[str, Any] = {"considered_m2": points.considered_m2}
    for k in range(1, times + 1):
        found[f"seen_{k}"] = points.share(counts[:, 0] >= k)
    weighted = np.bincount(points.cell, points.area * counts[:, 0], minlength=len(points.cells))
    whole = points.considered_m2
    found["cameras"] = np.divide(weighted, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    for at, name in enumerate(names, start=1):
        found[name] = points.share(counts[:, at] > 0)
    return pd.DataFrame(found, index=pd.Index(points.cells, name="cell"))


def seen_counts(
    points: Samples, viewsheds: gpd.GeoDataFrame, groups: Sequence[Group] = ()
) -> tuple[NDArray[np.uint8], list[str]]:
    """Return how many cameras see each point: all that work, and those of each group."""
    if viewsheds.crs is None:
        raise BadInput("viewsheds need a CRS")
    shapes = viewsheds.geometry.to_crs(points.crs).to_numpy()
    every = [Group("all", working(viewsheds)), *groups]
    members = np.column_stack([group.members for group in every])
    reach = eyes = None
    if any(group.reach is not None for group in every):
        eyes = _eyes(viewsheds, points.crs)
        reach = np.column_stack(
            [
                np.full(len(shapes), np.inf)
                if g.reach is None
                else np.where(np.isnan(g.reach), -1.0, g.reach)
                for g in every
            ]
        )
    counts = count_seeing(points, shapes, members, eyes=eyes, reach=reach)
    return counts, [group.name for group in groups]


def roll_up(cells: pd.DataFrame, resolution: int) -> pd.DataFrame:
    """Return coarser cells: shares of the outdoor area of all their children, which is added up.

    Notes
    -----
    The children of a cell do not tile its outline: 7 % of it lies under others. A rolled-up share is that of
    the children's own ground, never of the parent's outline.
    """
    weight = cells["considered_m2"]
    amounts = cells.drop(columns="considered_m2").mul(weight, axis=0).fillna(0.0)
    coarse = rollup(amounts.assign(considered_m2=weight), resolution)
    whole = coarse.pop("considered_m2")
    result = coarse.div(whole.where(whole > 0), axis=0)
    result.insert(0, "considered_m2", whole)
    return result


def of_lines(
    lines: gpd.GeoDataFrame, viewsheds: gpd.GeoDataFrame, *, groups: Sequence[Group] = ()
) -> pd.DataFrame:
    """Return which share of each line's length cameras see, by stations every 5 m.

    Returns
    -------
    DataFrame
        Index of the lines: ``length_m``, ``seen_m`` (seen by at least one working camera), ``share``, and one
        column of metres for each group.

    Examples
    --------
    >>> road = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (100, 0)])], crs=4548)
    >>> shed = gpd.GeoDataFrame(geometry=[shapely.box(-5, -5, 50, 5)], crs=4548)
    >>> float(of_lines(road, shed)["seen_m"].iloc[0])
    50.0
    """
    points = stations(lines)
    length = points.considered_m2
    counts, names = seen_counts(points, viewsheds, groups)
    found = {"length_m": length, "seen_m": _sum(points, counts[:, 0] > 0)}
    found["share"] = np.divide(found["seen_m"], length, out=np.full(len(length), np.nan), where=length > 0)
    for column, name in enumerate(names, start=1):
        found[name] = _sum(points, counts[:, column] > 0)
    return pd.DataFrame(found, index=lines.index)


def stations(lines: gpd.GeoDataFrame) -> Samples:
    """Return points every 5 m along lines: ``cell`` is the line, ``area`` the metres of a point."""
    if lines.crs is None:
        raise BadInput("lines need a CRS")
    crs = 4548 if not len(lines) else metric_crs(lines)
    shapes = lines.geometry.to_crs(crs).to_numpy()
    length = np.nan_to_num(shapely.length(shapes))
    several = np.where(length > 0, np.maximum(np.ceil(length / STATION_M), 1), 0).astype(np.int64)
    line = np.repeat(np.arange(len(shapes)), several)
    order = np.arange(len(line)) - np.repeat(np.cumsum(several) - several, several)
    at = shapely.line_interpolate_point(
        shapely.line_merge(shapes)[line], (order + 0.5) / several[line], normalized=True
    )
    none = np.zeros(len(shapes), dtype=np.uint64)
    return Samples(none, line, shapely.get_x(at), shapely.get_y(at), (length[line] / several[line]), crs)


def of_places(
    places: gpd.GeoDataFrame,
    viewsheds: Mapping[str, gpd.GeoDataFrame],
    *,
    groups: Mapping[str, Sequence[Group]] | None = None,
) -> pd.DataFrame:
    """Return which share of each key place's target cameras see at the task that it asks for.

    Parameters
    ----------
    places : GeoDataFrame
        ``geometry`` is what must be seen (a point, a line or an area), ``required_task`` a key of
        ``viewsheds``, ``minimum_share`` 0 to 1 (NaN: all of it must be seen, and one sight of a point).
    viewsheds : mapping of str to GeoDataFrame
        By task.
    groups : mapping of str to sequence of Group, optional
        By task; the same names for all.

    Returns
    -------
    DataFrame
        Index of the places: ``seen_share``, ``covered``, and ``covered_<group>``.

    Notes
    -----
    Areas and lines are measured by intersection with the union of the views, exactly; a point is seen or not.
    """
    found = pd.DataFrame({"seen_share": np.nan, "covered": False}, index=places.index)
    least = places["minimum_share"].astype(float).fillna(1.0).to_numpy() - 1e-9
    crs = 4548 if not len(places) else metric_crs(places)
    targets = places.geometry.to_crs(crs).to_numpy()
    task = places["required_task"].to_numpy(dtype=object)
    for one, sheds in viewsheds.items():
        rows = np.flatnonzero(task == one)
        shapes = sheds.geometry.to_crs(crs).to_numpy()
        sorts = [Group("", working(sheds)), *((groups or {}).get(one, ()))]
        for sort in sorts:
            share = _seen_shares(targets[rows], shapes[sort.members & ~shapely.is_empty(shapes)])
            if not sort.name:
                found.iloc[rows, 0] = share
            column = f"covered_{sort.name}" if sort.name else "covered"
            if column not in found.columns:
                found[column] = False
            found.iloc[rows, found.columns.get_loc(column)] = share >= least[rows]
    return found


def touched_cells(shapes: gpd.GeoSeries, cells: ArrayLike, resolution: int) -> NDArray[np.uint64]:
    """Return those of some cells that given shapes can touch: what a changed camera makes anew.

    Parameters
    ----------
    shapes : GeoSeries
        The camera's views before and after.
    cells : array_like of uint64
        Ascending; all that are kept.
    """
    near = touched(shapes.to_crs(4326).to_numpy(), resolution)
    known = np.asarray(cells, dtype=np.uint64)
    at = np.searchsorted(known, near)
    at[at == len(known)] = 0
    return near[known[at] == near] if len(known) else near[:0]


def _sum(points: Samples, seen: Flags) -> Numbers:
    sums = np.bincount(points.cell, weights=points.area * seen, minlength=len(points.cells))
    return np.asarray(sums, dtype=np.float64)


def _seen_shares(targets: NDArray[np.object_], shapes: NDArray[np.object_]) -> Numbers:
    share = np.zeros(len(targets))
    if not len(shapes) or not len(targets):
        return share
    target, shed = shapely.STRtree(shapes).query(targets, predicate="intersects")
    pairs = [np.flatnonzero(target == row) for row in range(len(targets))]
    size = shapely.get_dimensions(targets)
    for row in np.unique(target).tolist():
        seen = shapely.intersection(targets[row], shapely.union_all(shapes[shed[pairs[row]]]))
        whole = (shapely.get_num_coordinates, shapely.length, shapely.area)[size[row]](targets[row])
        part = (shapely.get_num_coordinates, shapely.length, shapely.area)[size[row]](seen)
        share[row] = min(1.0, part / whole) if whole > 0 else 0.0
    return share


def _eyes(viewsheds: gpd.GeoDataFrame, crs: int) -> Numbers:
    if "camera_point" not in viewsheds.columns:
        raise BadInput("viewsheds need camera_point to limit the range from it", columns=["camera_point"])
    at = gpd.GeoSeries(viewsheds["camera_point"], crs=viewsheds.crs).to_crs(crs)
    return np.column_stack([at.x.to_numpy(dtype=float), at.y.to_numpy(dtype=float)])
