"""How water runs over a raster: filled basins, receivers, catchments, and the wear that it causes.

Priority flood after Barnes, Lehman and Mulla (2014), implicit stream-power erosion after Braun and Willett
(2013).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from geo.compiled import compiled
from sample_gis.shapes.heap import drop_least, push


@compiled
def flood(
    height: NDArray[np.float64], outlet: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.int32]]:
    """Fill basins so that every cell drains, and find where to.

    Parameters
    ----------
    height : ndarray of float, shape (rows, columns)
        Metres.
    outlet : ndarray of bool, shape (rows, columns)
        Cells where water leaves, beside those of the rim.

    Returns
    -------
    filled : ndarray of float
        Heights with basins filled to their outlet, rising 0.1 mm a cell.
    receiver : ndarray of int, flat
        The steepest lower neighbour of each cell, -1 at outlets.
    order : ndarray of int
        Cells from outlets upwards: a receiver always stands before its givers.
    """
    rows, columns = height.shape
    count = rows * columns
    filled = height.copy().ravel()
    receiver = np.full(count, -1, np.int32)
    done = np.zeros(count, np.bool_)
    order = np.empty(count, np.int32)
    keys, values = np.empty(count * 2), np.empty(count * 2, np.int32)
    leaves = outlet.ravel()
    size, ordered = 0, 0
    for cell in range(count):
        row, column = cell // columns, cell % columns
        if leaves[cell] or row == 0 or column == 0 or row == rows - 1 or column == columns - 1:
            done[cell] = True
            size = push(keys, values, size, filled[cell], cell)
    while size > 0:
        cell = values[0]
        size = drop_least(keys, values, size)
        order[ordered] = cell
        ordered += 1
        row, column = cell // columns, cell % columns
        for r in range(max(row - 1, 0), min(row + 2, rows)):
            for c in range(max(column - 1, 0), min(column + 2, columns)):
                other = r * columns + c
                if not done[other]:
                    done[other] = True
                    filled[other] = max(filled[other], filled[cell] + 1e-4)
                    receiver[other] = cell
                    size = push(keys, values, size, filled[other], other)
    for cell in range(count):
        if receiver[cell] < 0:
            continue
        row, column = cell // columns, cell % columns
        steepest = 0.0
        for r in range(max(row - 1, 0), min(row + 2, rows)):
            for c in range(max(column - 1, 0), min(column + 2, columns)):
                other = r * columns + c
                if other != cell:
                    fall = (filled[cell] - filled[other]) / math.sqrt((r - row) ** 2 + (c - column) ** 2)
                    if fall > steepest:
                        steepest = fall
                        receiver[cell] = other
    return filled.reshape(rows, columns), receiver, order


@compiled
def catchments(
    receiver: NDArray[np.int32], order: NDArray[np.int32], cell_area: float
) -> NDArray[np.float64]:
    """Return the area that drains through each cell, itself included, flat."""
    area = np.full(receiver.size, cell_area)
    for k in range(receiver.size - 1, -1, -1):
        cell = order[k]
        if receiver[cell] >= 0:
            area[receiver[cell]] += area[cell]
    return area


@compiled
def erode(
    height: NDArray[np.float64],
    receiver: NDArray[np.int32],
    order: NDArray[np.int32],
    area: NDArray[np.float64],
    step: float,
) -> None:
    """Lower a contiguous height raster in place by one implicit step of stream-power erosion."""
    strength, power = 0.045, 0.45
    columns = height.shape[1]
    flat = height.ravel()
    for k in range(order.size):
        cell = order[k]
        to = receiver[cell]
        if to < 0:
            continue
        straight = abs(cell - to) == 1 or abs(cell - to) == columns
        factor = strength * area[cell] ** power / (step if straight else step * math.sqrt(2.0))
        flat[cell] = (flat[cell] + factor * flat[to]) / (1 + factor)
