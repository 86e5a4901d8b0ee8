"""The six neighbours of every cell of a set, found among the set itself.

The neighbour of a cell is found from the digits of its number alone, as the H3 library does it, so that a
million cells take a fraction of a second. Where a step leaves the base cell, or falls into the part that a
pentagon lacks, the library itself is asked; that concerns few cells.
"""

from __future__ import annotations

import h3ronpy
import numba
import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from geo.cells.indexing import FINEST, Cells, as_cells, resolution_of
from geo.compiled import compiled, compiled_parallel
from geo.errors import BadInput

Positions = NDArray[np.int32]

# H3 4.x, algos.c: the digit that a step in a direction leads to, and the step that is carried to the next
# coarser digit, for a digit (row) and a direction (column). Class III resolutions are the odd ones.
_DIGIT_ODD = np.array(
    [
        [0, 1, 2, 3, 4, 5, 6], [1, 4, 3, 6, 5, 2, 0], [2, 3, 1, 4, 6, 0, 5], [3, 6, 4, 5, 0, 1, 2],
        [4, 5, 6, 0, 2, 3, 1], [5, 2, 0, 1, 3, 6, 4], [6, 0, 5, 2, 1, 4, 3],
    ],
    dtype=np.uint8,
)  # fmt: skip
_CARRY_ODD = np.array(
    [
        [0, 0, 0, 0, 0, 0, 0], [0, 1, 0, 1, 0, 5, 0], [0, 0, 2, 3, 0, 0, 2], [0, 1, 3, 3, 0, 0, 0],
        [0, 0, 0, 0, 4, 4, 6], [0, 5, 0, 0, 4, 5, 0], [0, 0, 2, 0, 6, 0, 6],
    ],
    dtype=np.uint8,
)  # fmt: skip
_DIGIT_EVEN = np.array(
    [
        [0, 1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6, 0], [2, 3, 4, 5, 6, 0, 1], [3, 4, 5, 6, 0, 1, 2],
        [4, 5, 6, 0, 1, 2, 3], [5, 6, 0, 1, 2, 3, 4], [6, 0, 1, 2, 3, 4, 5],
    ],
    dtype=np.uint8,
)  # fmt: skip
_CARRY_EVEN = np.array(
    [
        [0, 0, 0, 0, 0, 0, 0], [0, 1, 0, 3, 0, 1, 0], [0, 0, 2, 2, 0, 0, 6], [0, 3, 2, 3, 0, 0, 0],
        [0, 0, 0, 0, 4, 5, 4], [0, 1, 0, 0, 5, 5, 0], [0, 0, 6, 0, 4, 0, 6],
    ],
    dtype=np.uint8,
)  # fmt: skip
_PENTAGONS = np.array([4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117], dtype=np.int64)
_DIGITS = np.uint64((1 << 45) - 1)
#: In place of a neighbour: not in the set, and not to be found from the digits.
_OUTSIDE, _UNKNOWN = -1, -2


def neighbours(cells: ArrayLike) -> Positions:
    """Return the positions of the six neighbours of each cell.

    Parameters
    ----------
    cells : array_like of uint64, shape (n,)
        Cells of one resolution, ascending, each once.

    Returns
    -------
    ndarray of int32, shape (n, 6)
        Positions in ``cells``; -1 for a neighbour that is not among them and for the sixth of a pentagon. The
        order of the six has no meaning.

    Raises
    ------
    BadInput
        For cells of several resolutions, or cells that are not ascending or given twice.

    Notes
    -----
    H3 4.x: digits, carries and base cells of ``h3NeighborRotations``.

    Examples
    --------
    >>> import h3
    >>> disk = np.sort([h3.str_to_int(cell) for cell in h3.grid_disk("8928308280fffff", 1)])
    >>> sorted((neighbours(disk) >= 0).sum(axis=1).tolist())
    [3, 3, 3, 3, 3, 3, 6]
    """
    array = as_cells(cells)
    if not len(array):
        return np.zeros((0, 6), dtype=np.int32)
    if (array[1:] <= array[:-1]).any():
        raise BadInput("cells must be ascending and each given once")
    resolutions = resolution_of(array)
    if (resolutions != resolutions[0]).any():
        raise BadInput("cells of several resolutions have no common neighbours: roll them up first")
    resolution = int(resolutions[0])
    if resolution == 0:
        return _asked(array, array)
    groups, rows = _table(array, np.uint64(3 * (FINEST - resolution)))
    found = _walk(array, resolution, groups, rows)
    hard = np.flatnonzero((found == _UNKNOWN).any(axis=1))
    if len(hard):
        found[hard] = _asked(array[hard], array)
    return found


def disk_positions(cells: Cells, k: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs (position, position of a cell at most ``k`` steps away), the cell itself included.

    Parameters
    ----------
    cells : ndarray of uint64
        As `neighbours` takes them.
    k : int
        Steps over the grid; they may lead over cells that are not in the set.
    """
    around, sizes = _disks(cells, k)
    start = np.repeat(np.arange(len(cells)), sizes)
    at = _search(cells, around)
    return start[at >= 0], at[at >= 0]


def _asked(few: Cells, cells: Cells) -> Positions:
    """Ask the library for the neighbours of some cells."""
    around, sizes = _disks(few, 1)
    start = np.repeat(np.arange(len(few)), sizes)
    other = around != few[start]
    start, around = start[other], around[other]
    place = (
        np.arange(len(start))
        - np.concatenate([[0], np.cumsum(np.bincount(start, minlength=len(few)))])[start]
    )
    found = np.full((len(few), 6), _OUTSIDE, dtype=np.int32)
    found[start, place] = _search(cells, around)
    return found


def _disks(cells: Cells, k: int) -> tuple[Cells, NDArray[np.int64]]:
    disks = pa.array(h3ronpy.grid_disk(pa.array(cells), k))
    sizes = disks.value_lengths().to_numpy(zero_copy_only=False).astype(np.int64)
    return disks.flatten().to_numpy(zero_copy_only=False).astype(np.uint64), sizes


def _search(cells: Cells, wanted: Cells) -> NDArray[np.int64]:
    at = np.searchsorted(cells, wanted)
    at[at == len(cells)] = 0
    return np.where(cells[at] == wanted, at, _OUTSIDE)


@compiled
def _slot(parent: np.uint64, mask: np.uint64) -> np.uint64:  # pragma: no cover
    mixed = parent * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(24)) & mask


@compiled
def _table(cells: Cells, shift: np.uint64) -> tuple[Cells, Positions]:  # pragma: no cover
    """Return a hash table of parents whose rows hold the positions of their children by digit.

    Cells of one parent stand in one line of the cache, and most neighbours have the same parent.
    """
    above = shift + np.uint64(3)
    parents = 1
    for i in range(1, len(cells)):
        if cells[i] >> above != cells[i - 1] >> above:
            parents += 1
    size = 2
    while size < 2 * parents:
        size *= 2
    mask = np.uint64(size - 1)
    groups = np.zeros(size, dtype=np.uint64)  # no cell is 0
    rows = np.full((size, 8), np.int32(-1), dtype=np.int32)
    slot = np.uint64(0)
    last = np.uint64(0)
    for i in range(len(cells)):
        parent = cells[i] >> above
        if parent != last:
            slot = _slot(parent, mask)
            while groups[slot] != 0:
                slot = (slot + np.uint64(1)) & mask
            groups[slot] = parent
            last = parent
        rows[slot, (cells[i] >> shift) & np.uint64(7)] = i
    return groups, rows


@compiled_parallel
def _walk(cells: Cells, resolution: int, groups: Cells, rows: Positions) -> Positions:  # pragma: no cover
    found = np.empty((len(cells), 6), dtype=np.int32)
    mask = np.uint64(len(groups) - 1)
    shift = np.uint64(3 * (15 - resolution))
    above = shift + np.uint64(3)
    for i in numba.prange(len(cells)):
        base = np.int64((cells[i] >> np.uint64(45)) & np.uint64(127))
        pentagon = False
        for one in _PENTAGONS:
            pentagon |= base == one
        known, slot = np.uint64(0), np.uint64(0)
        for direction in range(1, 7):
            cell = cells[i]
            step = np.uint8(direction)
            level = resolution
            while step != 0 and level > 0:
                place = np.uint64(3 * (15 - level))
                digit = (cell >> place) & np.uint64(7)
                if level % 2:
                    new, step = _DIGIT_ODD[digit, step], _CARRY_ODD[digit, step]
                else:
                    new, step = _DIGIT_EVEN[digit, step], _CARRY_EVEN[digit, step]
                cell = (cell & ~(np.uint64(7) << place)) | (np.uint64(new) << place)
                level -= 1
            if pentagon and step == 0:
                # A pentagon has no cells that begin with direction 1: a step into them goes another way.
                digits = cell & _DIGITS
                unused = np.uint64(3 * (15 - resolution))
                lead = np.uint64(42)
                while lead > unused and (digits >> lead) & np.uint64(7) == 0:
                    lead -= np.uint64(3)
                if (digits >> lead) & np.uint64(7) == 1:
                    step = np.uint8(1)
            if step != 0:
                found[i, direction - 1] = -2
                continue
            parent = cell >> above
            if parent != known:
                known, slot = parent, _slot(parent, mask)
                while groups[slot] != 0 and groups[slot] != parent:
                    slot = (slot + np.uint64(1)) & mask
            # The row of a parent that is not there holds -1 only.
            found[i, direction - 1] = rows[slot, (cell >> shift) & np.uint64(7)]
    return found
