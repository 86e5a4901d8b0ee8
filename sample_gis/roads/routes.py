"""Roads between places while they grow: least-cost ways that merge with the roads already there."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage
from scipy.spatial import Delaunay

from sample_gis.shapes.lines import Points, centimetres, chaikin, chains
from sample_gis.shapes.routing import search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from sample_gis.city import City
    from sample_gis.shapes.raster import Grid

#: Rows and columns of a part of the grid.
Window = tuple[slice, slice]
WHOLE: Window = (slice(None), slice(None))
#: How often a line of each class is smoothed: wide roads take wide bends.
SMOOTHING = np.array([90, 60, 35, 12])


def ground_cost(city: City) -> NDArray[np.float64]:
    """Return what a metre of road costs on each cell: slope, water, the strip beside large streams."""
    grid, terrain = city.grid, city.terrain
    x, y = grid.centres
    area = city.streams["catchment_km2"]
    large = grid.burn(city.streams.geometry[area > 3])
    # A road along a stream looks wrong: crossing it is dear, and running beside it too.
    beside = ndimage.binary_dilation(grid.burn(city.streams.geometry[area > 5]), iterations=2) & ~large
    cost = 1.5 + (terrain.slope / 0.05) ** 2 + 22 * (terrain.river_distance_m <= 0) + 3.0 * large
    cost += 0.9 * beside + 80 * grid.burn(city.reservoirs.geometry) + 1.2 * grid.burn([city.canal])
    cost += 4.0 * grid.burn(city.ponds.geometry) + 2.5 * ~grid.burn([city.outline], touched=False)
    cost += 0.5 * city.noise.fractal(x / 900, y / 900, salt=61, octaves=3)
    return np.asarray(np.maximum(cost, 0.3))


def neighbours(points: NDArray[np.float64], slack: float) -> list[tuple[float, int, int]]:
    """Return pairs with no third point much nearer to both (relative neighbourhood, Toussaint 1980).

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
    slack : float
        1 for the strict graph; less gives more pairs.

    Returns
    -------
    list of (metres, int, int)
        Shortest first.

    Examples
    --------
    >>> neighbours(np.array([[0.0, 0.0], [10.0, 0.0], [20.0, 1.0], [9.0, 30.0]]), 1.0)[0][1:]
    (0, 1)
    """
    corners = Delaunay(points).simplices
    sides = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    away = np.hypot(points[:, None, 0] - points[None, :, 0], points[:, None, 1] - points[None, :, 1])
    pairs = []
    for a, b in np.unique(np.sort(sides, axis=1), axis=0):
        apart = away[a, b]
        farther = np.maximum(away[a], away[b])
        farther[[a, b]] = np.inf
        if farther.min() >= apart * slack:
            pairs.append((round(float(apart), 2), int(a), int(b)))
    return sorted(pairs)


class RouteNet:
    """Road cells and the edges between them.

    Parameters
    ----------
    grid : Grid
    cost : ndarray of float
        Cost of a metre on open ground, of the grid's shape.
    """

    def __init__(self, grid: Grid, cost: NDArray[np.float64]) -> None:
        self.grid = grid
        self.cost = cost
        self.is_road = np.zeros(grid.rows * grid.columns, dtype=bool)
        self._edges: dict[tuple[int, int], int] = {}

    def current_cost(self, discount: float, window: Window = WHOLE) -> NDArray[np.float64]:
        """Return the cost with roads: cheap on them, dear just beside, so that routes merge."""
        open_ground = self.cost[window]
        road = self.is_road.reshape(self.grid.shape)[window]
        cost = np.where(ndimage.binary_dilation(road, iterations=2), open_ground * 1.7, open_ground)
        return np.where(road, open_ground * discount, cost)

    def add(self, way: Sequence[int], rank: int) -> None:
        """Make a way of cells a road; where one runs already, the higher class (lower number) holds."""
        for a, b in pairwise(way):
            edge = (min(a, b), max(a, b))
            self._edges[edge] = min(rank, self._edges.get(edge, rank))
        self.is_road[list(way)] = True

    def route(self, start: ArrayLike, end: ArrayLike, rank: int, discount: float) -> list[int]:
        """Build the cheapest road between two points; return its cells from start to end."""
        first, last = (int(self.grid.cell(*np.asarray(at))) for at in (start, end))
        (row, column), (to_row, to_column) = divmod(first, self.grid.columns), divmod(last, self.grid.columns)
        # A route may leave the straight line by about its own length; no search looks farther.
        apart = max(abs(row - to_row), abs(column - to_column))
        top, left = (max(min(pair) - apart - 30, 0) for pair in ((row, to_row), (column, to_column)))
        window = (
            slice(top, max(row, to_row) + apart + 30),
            slice(left, max(column, to_column) + apart + 30),
        )
        cost = self.current_cost(discount, window)
        wide = cost.shape[1]
        target = (to_row - top) * wide + to_column - left
        found = search(cost, [(row - top) * wide + column - left], step=self.grid.step, target=target)
        local = np.array(found.way_to(target))
        way = ((local // wide + top) * self.grid.columns + local % wide + left).tolist()
        self.add(way, rank)
        return list(way)

    def join(self, places: NDArray[np.float64], rank: int, discount: float) -> None:
        """Join all places to the roads that are there, by one search from all of them."""
        found = search(self.current_cost(discount), np.flatnonzero(self.is_road), step=self.grid.step)
        for cell in self.grid.cell(places[:, 0], places[:, 1]):
            way = [int(cell)]
            while found.before[way[-1]] >= 0 and not self.is_road[way[-1]]:
                way.append(int(found.before[way[-1]]))
            if len(way) > 1:
                self.add(way, rank)

    def lines(self) -> list[tuple[Points, int, list[int]]]:
        """Return smooth lines, their class and cells.

        The whole graph is smoothed, not line by line: each cell with exactly two neighbours of its best
        class moves to their middle, so that junctions glide along a through road and leave no kink.
        """
        cells = np.unique(np.array(list(self._edges), dtype=np.int64))
        position = {int(cell): k for k, cell in enumerate(cells)}
        near: list[list[tuple[int, int]]] = [[] for _ in cells]
        for (a, b), rank in sorted(self._edges.items()):
            near[position[a]].append((rank, position[b]))
            near[position[b]].append((rank, position[a]))
        moving, left, right, ranks = [], [], [], []
        for k, links in enumerate(near):
            best = min(rank for rank, _ in links)
            through = [other for rank, other in links if rank == best]
            if len(through) == 2:
                moving.append(k)
                left.append(through[0])
                right.append(through[1])
                ranks.append(best)
        at = self.grid.points(cells)
        turns = SMOOTHING[ranks]
        middle, one, two = np.array(moving), np.array(left), np.array(right)
        for turn in range(int(SMOOTHING.max())):
            on = turn < turns
            at[middle[on]] += 0.5 * (0.5 * (at[one[on]] + at[two[on]]) - at[middle[on]])
        at = centimetres(at)
        return [
            (chaikin(at[[position[cell] for cell in chain]]), rank, chain)
            for chain, rank in chains((a, b, rank) for (a, b), rank in sorted(self._edges.items()))
        ]
