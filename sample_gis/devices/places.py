"""Where a device can stand: off the carriageway, outdoors, on dry land; and in which town that is."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from sample_gis.city import City

Points = NDArray[np.float64]


class Ground:
    """What stands and lies in the city, asked by points."""

    def __init__(self, city: City) -> None:
        self._city = city

    @cached_property
    def _roads(self) -> shapely.STRtree:
        roads = self._city.roads
        half = roads["width_m"].to_numpy(dtype=float) / 2
        return shapely.STRtree(shapely.buffer(roads.geometry.to_numpy(), half + 0.4, quad_segs=4))

    @cached_property
    def _obstacles(self) -> shapely.STRtree:
        city = self._city
        return shapely.STRtree(
            np.concatenate(
                [
                    city.buildings.geometry.to_numpy(),
                    city.ponds.geometry.to_numpy(),
                    city.reservoirs.geometry.to_numpy(),
                    np.array([city.river, shapely.buffer(city.canal, 14)], dtype=object),
                    shapely.buffer(city.railways.geometry.to_numpy(), 6),
                ]
            )
        )

    def free(self, points: Points, margin_m: float = 0.0) -> NDArray[np.bool_]:
        """Return which points are off every carriageway, building, water and railway, by a margin."""
        found = np.ones(len(points), dtype=bool)
        places = shapely.points(points)
        for tree in (self._roads, self._obstacles):
            if margin_m > 0:
                hit = tree.query(places, predicate="dwithin", distance=margin_m)
            else:
                hit = tree.query(places, predicate="intersects")
            found[hit[0]] = False
        return found & shapely.contains_xy(self._city.outline, points[:, 0], points[:, 1])

    def clear_spot(self, centre: Points, distances: tuple[float, ...], margin_m: float) -> Points:
        """Return for each centre the first clear point around it, NaN where there is none."""
        angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
        spot = np.full((len(centre), 2), np.nan)
        left = np.arange(len(centre))
        # One try for all that are left: most find their spot at once.
        for distance in distances:
            for angle in angles.tolist():
                shift = np.array([distance * np.cos(angle), distance * np.sin(angle)])
                tried = np.round(centre[left] + shift, 2)
                clear = self.free(tried, margin_m)
                spot[left[clear]] = tried[clear]
                left = left[~clear]
        return spot

    @cached_property
    def built_up(self) -> NDArray[np.object_]:
        """Built-up areas of the towns, prepared for point tests."""
        areas = np.array(list(self._city.towns["built_up"]), dtype=object)
        shapely.prepare(areas)
        return areas

    def urban(self, points: Points) -> NDArray[np.bool_]:
        """Return which points lie in a built-up area."""
        inside = np.zeros(len(points), dtype=bool)
        for area in self.built_up:
            inside |= shapely.contains_xy(area, points[:, 0], points[:, 1])
        return inside

    def town_number(self, points: Points) -> NDArray[np.int64]:
        """Return the row of the town that holds each point (1 for the first); the nearest one outside all."""
        tree = shapely.STRtree(self._city.towns.geometry.to_numpy())
        return np.asarray(tree.nearest(shapely.points(points)) + 1, dtype=np.int64)


def spread_out(
    points: Points,
    order: NDArray[np.int64],
    spacing_m: NDArray[np.float64] | float,
    count: int,
    *,
    near: Points | None = None,
    fill: bool = True,
) -> NDArray[np.int64]:
    """Choose points in an order, skipping those closer to a chosen one than their own spacing.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
    order : ndarray of int
        Rows, best first.
    spacing_m : float or ndarray of float
        Least distance of each point to every one chosen before.
    count : int
        Most points to choose.
    near : ndarray of float, optional
        Points that count as chosen already.
    fill : bool
        Where spacing leaves too few, let it shrink by a tenth until there are enough or all are taken.

    Examples
    --------
    >>> spread_out(np.array([[0.0, 0], [1, 0], [9, 0]]), np.array([0, 1, 2]), 5.0, 2).tolist()
    [0, 2]
    """
    space = np.broadcast_to(np.asarray(spacing_m, dtype=float), (len(points),))
    fixed = np.zeros((0, 2)) if near is None else near
    taken = np.zeros(len(points), dtype=bool)
    held = np.vstack([fixed, np.zeros((count, 2))])
    size, shrink = len(fixed), 1.0
    chosen: list[int] = []
    while len(chosen) < count and shrink > 0.02:
        for row in order.tolist():
            if len(chosen) == count:
                break
            if taken[row]:
                continue
            apart = held[:size] - points[row]
            if size == 0 or (apart**2).sum(axis=1).min() > (space[row] * shrink) ** 2:
                held[size] = points[row]
                size += 1
                taken[row] = True
                chosen.append(row)
        if not fill:
            break
        shrink *= 0.9
    if fill:
        chosen += [row for row in order.tolist() if not taken[row]][: count - len(chosen)]
    return np.array(chosen, dtype=np.int64)


def crowd(city: City, points: Points, reach_m: float) -> NDArray[np.float64]:
    """Return floor area within a distance of points, in hundreds of square metres."""
    buildings = city.buildings
    at = shapely.get_coordinates(shapely.centroid(buildings.geometry.to_numpy()))
    floor = shapely.area(buildings.geometry.to_numpy()) * buildings["floors"].to_numpy(dtype=float) / 100
    # Cells of half the reach: an area is a sum of table look-ups, not a search per point.
    step = reach_m / 2
    corner = np.minimum(at.min(axis=0), points.min(axis=0)) - 2 * reach_m
    shape = np.ceil((np.maximum(at.max(axis=0), points.max(axis=0)) - corner) / step).astype(int) + 5
    table = np.zeros(shape)
    cell = ((at - corner) / step).astype(int)
    np.add.at(table, (cell[:, 0], cell[:, 1]), floor)
    here = ((points - corner) / step).astype(int)
    total = np.zeros(len(points))
    for dx in (-2, -1, 0, 1, 2):
        for dy in (-2, -1, 0, 1, 2):
            if dx * dx + dy * dy <= 5:
                total += table[here[:, 0] + dx, here[:, 1] + dy]
    return np.round(total, 3)


def nearest(points: Points, others: GeoDataFrame | Points) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the distance to and the row of the nearest other point; the lowest row where two are as near."""
    at = others if isinstance(others, np.ndarray) else shapely.get_coordinates(others.geometry.to_numpy())
    distance, row = cKDTree(at).query(points)
    return np.asarray(distance), np.asarray(row, dtype=np.int64)
