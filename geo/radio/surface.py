"""Buildings as they stand: whether a straight line between two antennas passes over or beside all of them.

One test for a point that is explained and for millions of points of a map, so that both tell the same. A line
walks through a grid of squares; only where it is lower than the highest roof of a square are the walls of the
buildings there looked at, exactly, as polygons.
"""

# ruff: noqa: PLR0917 - compiled functions take their arguments by place
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.compiled import compiled_fast as compiled
from geo.crs import metric_crs
from geo.errors import BadInput
from geo.radio.terrain import Heights

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

#: Side of a square of the grid in metres: a town block holds a few, a village lies in a handful.
SIDE_M = 60.0
#: Longer than any line, in shares of it.
_NEVER = 1e30
#: Below this share of a line, or this many metres of height, a wall or roof is only touched: a touch hides
#: nothing, and rounding does not decide.
_TOUCH = 1e-9


class Obstacles(NamedTuple):
    """Buildings as arrays for compiled loops.

    Attributes
    ----------
    top : ndarray of float64
        Roof of each building above the datum of the ground.
    middle_x, middle_y, half_x, half_y : ndarray of float64
        Its box.
    first : ndarray of int64, shape (buildings + 1,)
        Its walls, among those below.
    x, y, to_x, to_y : ndarray of float64
        Both ends of each wall.
    square_first : ndarray of int64, shape (rows * columns + 1,)
        Buildings of each square, among ``members``.
    square_top : ndarray of float64
        Highest roof of each square.
    """

    top: Floats
    middle_x: Floats
    middle_y: Floats
    half_x: Floats
    half_y: Floats
    first: Indices
    x: Floats
    y: Floats
    to_x: Floats
    to_y: Floats
    square_first: Indices
    members: Indices
    square_top: Floats
    columns: int
    rows: int
    west: float
    south: float


@dataclass(frozen=True, slots=True)
class Blocking:
    """What stands in the way of one line.

    Attributes
    ----------
    clear : bool
        True where nothing does.
    building : object
        Index of the building that rises highest over the line; None where it is clear.
    over_m : float
        How far its roof stands over the line; NaN where the line is clear.
    distance_m : float
        From the base station to where the line goes into it.
    """

    clear: bool
    building: object = None
    over_m: float = float("nan")
    distance_m: float = float("nan")


class Surface:
    """The buildings that decide line of sight.

    Parameters
    ----------
    buildings : GeoDataFrame
        Polygons with ``height_m`` in a projected CRS in metres. One without a height hides nothing.

    Attributes
    ----------
    crs : int
        EPSG code; sectors and points must lie in it.
    index : Index
        Of the buildings with a height.

    Raises
    ------
    BadInput
        Where the buildings are in degrees or have no heights.

    Examples
    --------
    >>> house = gpd.GeoDataFrame({"height_m": [20.0]}, geometry=[shapely.box(40, -5, 50, 5)], crs=4548)
    >>> found = Surface(house).blocking((0, 0), 25.0, (100, 0), 1.5)
    >>> found.clear, found.building, round(found.over_m, 2), found.distance_m
    (False, 0, 6.75, 40.0)
    """

    def __init__(self, buildings: gpd.GeoDataFrame) -> None:
        if buildings.crs is None or buildings.crs.is_geographic:
            raise BadInput("buildings in degrees or without a CRS: project them to metres first")
        if "height_m" not in buildings.columns:
            raise BadInput("the buildings have no column height_m", column="height_m")
        heights = pd.to_numeric(buildings["height_m"], errors="coerce").to_numpy(dtype=float)
        shapes = buildings.geometry.to_numpy()
        known = (heights > 0) & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
        self.crs = metric_crs(buildings)
        self.index = buildings.index[known]
        self._height_m = heights[known]
        self._stood: tuple[Heights | None, Obstacles] = (
            None, _on_level_ground(shapes[known], self._height_m),
        )  # fmt: skip

    def standing_on(self, terrain: Heights | None) -> Obstacles:
        """Return the buildings with their roofs above the ground of a terrain, or above 0 without one."""
        ground, obstacles = self._stood
        if terrain is not ground:
            top = self._height_m
            if terrain is not None:
                top = top + terrain.at(obstacles.middle_x, obstacles.middle_y)
            square_top = _square_tops(obstacles.square_first, top[obstacles.members])
            obstacles = obstacles._replace(top=top, square_top=square_top)
            # The next line is very likely over the same ground.
            self._stood = (terrain, obstacles)
        return obstacles

    def blocking(
        self,
        base_xy: tuple[float, float],
        base_height_m: float,
        user_xy: tuple[float, float],
        user_height_m: float,
        *,
        terrain: Heights | None = None,
    ) -> Blocking:
        """Tell which building, if any, cuts the straight line between two antennas.

        Parameters
        ----------
        base_xy, user_xy : pair of float
            In the CRS of the buildings.
        base_height_m, user_height_m : float
            Above the ground. A building that holds either end, on its wall too, hides nothing: it carries the
            one, and its loss for the other is that of getting in.
        terrain : Heights, optional
            Ground that antennas and buildings stand on; it hides nothing here.
        """
        ends = np.zeros(2)
        if terrain is not None:
            ends = terrain.at([base_xy[0], user_xy[0]], [base_xy[1], user_xy[1]])
        at, over, part = in_the_way(
            self.standing_on(terrain), *user_xy, float(ends[1]) + user_height_m, *base_xy,
            float(ends[0]) + base_height_m, True,
        )  # fmt: skip
        if at < 0:
            return Blocking(True)
        length = float(np.hypot(base_xy[0] - user_xy[0], base_xy[1] - user_xy[1]))
        return Blocking(False, self.index[at], float(over), float((1 - part) * length))


def _on_level_ground(shapes: NDArray[np.object_], heights: Floats) -> Obstacles:
    """Return the arrays of buildings that stand at height 0."""
    parts, of_part = shapely.get_parts(shapes, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    corners, of_corner = shapely.get_coordinates(rings, return_index=True)
    wall = of_corner[1:] == of_corner[:-1]
    begin, end = corners[:-1][wall], corners[1:][wall]
    owner = of_part[of_ring[of_corner[1:][wall]]]
    first = np.searchsorted(owner, np.arange(len(shapes) + 1))
    box = shapely.bounds(shapes).reshape(-1, 4)
    middle, half = (box[:, :2] + box[:, 2:]) / 2, (box[:, 2:] - box[:, :2]) / 2
    west, south = box[:, :2].min(axis=0) if len(box) else (0.0, 0.0)
    low = ((box[:, :2] - (west, south)) // SIDE_M).astype(np.int64)
    high = ((box[:, 2:] - (west, south)) // SIDE_M).astype(np.int64)
    columns, rows = (high.max(axis=0) + 1).tolist() if len(box) else (0, 0)
    wide, tall = (high - low + 1).T if len(box) else (np.zeros(0, int), np.zeros(0, int))
    house = np.repeat(np.arange(len(shapes)), wide * tall)
    place = np.arange(len(house)) - np.repeat(np.cumsum(wide * tall) - wide * tall, wide * tall)
    square = (low[house, 1] + place // wide[house]) * columns + low[house, 0] + place % wide[house]
    order = np.argsort(square, kind="stable")
    members = house[order]
    square_first = np.searchsorted(square[order], np.arange(rows * columns + 1))
    (middle_x, middle_y), (half_x, half_y) = _whole(middle), _whole(half)
    (x, y), (to_x, to_y) = _whole(begin), _whole(end)
    return Obstacles(
        heights, middle_x, middle_y, half_x, half_y, first, x, y, to_x, to_y, square_first, members,
        _square_tops(square_first, heights[members]), columns, rows, float(west), float(south),
    )  # fmt: skip


def _whole(pairs: Floats) -> tuple[Floats, Floats]:
    """Return both columns, each in one piece as compiled loops want it."""
    return np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])


def _square_tops(square_first: Indices, top: Floats) -> Floats:
    """Return the highest of the roofs of each square; far below all ground for one without."""
    highest = np.full(len(square_first) - 1, -_NEVER)
    filled = np.diff(square_first) > 0
    if filled.any():
        highest[filled] = np.maximum.reduceat(top, square_first[:-1][filled])
    return highest


#: No building anywhere.
NO_OBSTACLES = _on_level_ground(np.empty(0, dtype=object), np.zeros(0))


@compiled
def in_the_way(
    obstacles: Any, x: float, y: float, low: float, to_x: float, to_y: float, high: float, worst: bool
) -> tuple[int, float, float]:
    """Return the building that cuts a line, how far it rises over it, and at which share of the line.

    Parameters
    ----------
    x, y, low, to_x, to_y, high : float
        Both ends with their heights above the datum.
    worst : bool
        True for the building that rises highest, False for any: that is faster.

    Returns
    -------
    building, over_m, share
        -1, 0 and 0 for a clear line; the share, from the first end, is where the line leaves the building on
        the way to the second.
    """
    dx, dy, rise = to_x - x, to_y - y, high - low
    found, most, where = -1, 0.0, 0.0
    column = int(np.floor((x - obstacles.west) / SIDE_M))
    row = int(np.floor((y - obstacles.south) / SIDE_M))
    right, up = 1 if dx > 0 else -1, 1 if dy > 0 else -1
    across = SIDE_M / abs(dx) if dx != 0.0 else _NEVER
    along = SIDE_M / abs(dy) if dy != 0.0 else _NEVER
    next_column, next_row = _NEVER, _NEVER
    if dx != 0.0:
        next_column = (obstacles.west + (column + (1 if dx > 0 else 0)) * SIDE_M - x) / dx
    if dy != 0.0:
        next_row = (obstacles.south + (row + (1 if dy > 0 else 0)) * SIDE_M - y) / dy
    here = 0.0
    while here < 1.0:
        there = min(next_column, next_row, 1.0)
        if 0 <= row < obstacles.rows and 0 <= column < obstacles.columns:
            square = row * obstacles.columns + column
            lowest = low + rise * (here if rise > 0 else there)
            if obstacles.square_top[square] > lowest:
                for k in range(obstacles.square_first[square], obstacles.square_first[square + 1]):
                    building = obstacles.members[k]
                    if obstacles.top[building] <= lowest:
                        continue
                    over, share = rises_over(obstacles, building, x, y, low, dx, dy, rise)
                    if over > most:
                        if not worst:
                            return building, over, share
                        found, most, where = building, over, share
        if next_column < next_row:
            here, column = next_column, column + right
            next_column += across
        else:
            here, row = next_row, row + up
            next_row += along
    return found, most, where


@compiled
def rises_over(
    obstacles: Any, building: int, x: float, y: float, low: float, dx: float, dy: float, rise: float
) -> tuple[float, float]:
    """Return how far a roof rises over a line, 0 for not at all, and where the line leaves the building."""
    away = dx * (obstacles.middle_y[building] - y) - dy * (obstacles.middle_x[building] - x)
    if abs(away) > abs(dx) * obstacles.half_y[building] + abs(dy) * obstacles.half_x[building]:
        return 0.0, 0.0
    squared = dx * dx + dy * dy
    # A corner on the line counts to the same side whichever end the line is looked at from.
    onward = dx > 0.0 or (dx == 0.0 and dy > 0.0)
    nearest, farthest = 2.0, -1.0
    ahead, beyond = 0, 0
    for k in range(obstacles.first[building], obstacles.first[building + 1]):
        from_x, from_y = obstacles.x[k] - x, obstacles.y[k] - y
        end_x, end_y = obstacles.to_x[k] - x, obstacles.to_y[k] - y
        side, other = dx * from_y - dy * from_x, dx * end_y - dy * end_x
        if onward:
            if (side > 0.0) == (other > 0.0):
                continue
        elif (side >= 0.0) == (other >= 0.0):
            continue
        part = side / (side - other)
        share = ((from_x + (end_x - from_x) * part) * dx + (from_y + (end_y - from_y) * part) * dy) / squared
        if abs(share) < _TOUCH or abs(share - 1.0) < _TOUCH:
            return 0.0, 0.0  # an end stands on this wall: the building holds it
        if share > 0.0:
            ahead += 1
            if share > 1.0:
                beyond += 1
            else:
                nearest, farthest = min(nearest, share), max(farthest, share)
    # An odd number of walls ahead of an end: the building holds it.
    if farthest - nearest < _TOUCH or ahead % 2 == 1 or beyond % 2 == 1:
        return 0.0, 0.0
    # The line falls or rises evenly: inside the building it is lowest where it goes in or comes out.
    over = obstacles.top[building] - (low + rise * (nearest if rise > 0 else farthest))
    return (over if over > _TOUCH else 0.0), farthest
