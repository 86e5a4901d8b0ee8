"""Least-cost routes over a raster, with 16 directions from each cell.

After Galin et al., "Procedural generation of roads" (2010): the knight's moves beside the eight neighbours
keep routes from running in steps of 45 degrees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.compiled import compiled
from sample_gis.shapes.heap import drop_least, push

_ROWS = np.array([0, 0, 1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 2, 2, -2, -2])
_COLUMNS = np.array([1, -1, 0, 0, 1, -1, 1, -1, 2, -2, 2, -2, 1, -1, 1, -1])
_FAR = 1e18


@compiled
def _search(
    cost: NDArray[np.float64],
    sources: NDArray[np.int64],
    start_costs: NDArray[np.float64],
    step: float,
    target: int,
) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.int32]]:
    rows, columns = cost.shape
    flat = cost.ravel()
    distance = np.full(flat.size, 1e18)
    before = np.full(flat.size, -1, np.int32)
    label = np.full(flat.size, -1, np.int32)
    keys, values = np.empty(flat.size * 16), np.empty(flat.size * 16, np.int32)
    size = 0
    for k in range(sources.size):
        cell = sources[k]
        if start_costs[k] < distance[cell]:
            distance[cell] = start_costs[k]
            label[cell] = k
            size = push(keys, values, size, start_costs[k], cell)
    while size > 0:
        reached, cell = keys[0], values[0]
        size = drop_least(keys, values, size)
        if reached > distance[cell]:
            continue
        if cell == target:
            break
        row, column = cell // columns, cell % columns
        for k in range(16):
            dr, dc = _ROWS[k], _COLUMNS[k]
            r, c = row + dr, column + dc
            if r < 0 or c < 0 or r >= rows or c >= columns:
                continue
            other = r * columns + c
            mean = 0.5 * (flat[cell] + flat[other])
            if k >= 8:
                # A knight's move also pays for the two cells that it passes between.
                half_r, half_c = row + int(dr / 2), column + int(dc / 2)
                far_r, far_c = r - int(dr / 2), c - int(dc / 2)
                mean = 0.5 * mean + 0.25 * (flat[half_r * columns + half_c] + flat[far_r * columns + far_c])
            there = reached + mean * step * math.sqrt(dr * dr + dc * dc)
            # The margin keeps rounding errors from choosing between equal ways.
            if there < distance[other] - 1e-6:
                distance[other] = there
                before[other] = cell
                label[other] = label[cell]
                size = push(keys, values, size, there, other)
    return distance, before, label


@dataclass(frozen=True)
class Search:
    """Answer of a least-cost search over a raster; all arrays are flat, one value a cell.

    Attributes
    ----------
    distance : ndarray of float
        Cost from the nearest source, 1e18 where none was reached.
    before : ndarray of int
        The cell before on the cheapest way, -1 at sources and where nothing was reached.
    label : ndarray of int
        Position of the source that is cheapest to come from.
    """

    distance: NDArray[np.float64]
    before: NDArray[np.int32]
    label: NDArray[np.int32]

    def way_to(self, cell: int) -> list[int]:
        """Return the cells from the source to a cell."""
        way = [int(cell)]
        while self.before[way[-1]] >= 0:
            way.append(int(self.before[way[-1]]))
        return way[::-1]


def search(
    cost: NDArray[np.float64],
    sources: ArrayLike,
    *,
    step: float,
    start_costs: ArrayLike | None = None,
    target: int = -1,
) -> Search:
    """Find the cheapest ways from sources to all cells (Dijkstra).

    Parameters
    ----------
    cost : ndarray of float, shape (rows, columns)
        Cost of a metre in each cell, above 0.
    sources : array of int
        Flat cell indices.
    step : float
        Size of a cell, metres.
    start_costs : array of float, optional
        What each source begins with.
    target : int
        Stop as soon as this cell is reached; -1 for all cells.

    Examples
    --------
    >>> search(np.ones((1, 3)), [0], step=50.0).distance.tolist()
    [0.0, 50.0, 100.0]
    """
    cells = np.atleast_1d(np.asarray(sources, dtype=np.int64))
    starts = np.zeros(cells.size) if start_costs is None else np.asarray(start_costs, dtype=float)
    # A route costs at most millions: a ten-thousandth is far above the noise of the last digit.
    return Search(*_search(np.round(cost, 4), cells, starts, float(step), int(target)))
