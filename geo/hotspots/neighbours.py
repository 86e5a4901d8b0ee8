"""Who is near whom: k-rings of cells as sparse matrices, and the cells on the edge of what was looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from geo.cells import disk_positions, neighbours
from geo.errors import BadInput


def check_k(k: int) -> int:
    """Return the number of rings, or raise `BadInput` where it is no whole number from 1 to 20."""
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or not 1 <= k <= 20:
        raise BadInput(f"k is a whole number of rings from 1 to 20, not {k!r}", k=repr(k))
    return int(k)


def k_rings(cells: ArrayLike, k: int = 1, *, include_self: bool = True) -> csr_array:
    """Return the cells at most ``k`` steps from each cell as a matrix of ones.

    Parameters
    ----------
    cells : array_like of uint64, shape (n,)
        Cells of one resolution, ascending, each once.
    k : int
        Rings of cells, 1 to 20.
    include_self : bool
        True where a cell is a neighbour of itself, as Gi* wants it.

    Returns
    -------
    csr_array of float64, shape (n, n)

    Raises
    ------
    BadInput
        For a ``k`` out of range, and as `geo.cells.neighbours`.

    Examples
    --------
    >>> import h3
    >>> disk = np.sort([h3.str_to_int(cell) for cell in h3.grid_disk("8928308280fffff", 1)])
    >>> sorted(k_rings(disk).sum(axis=1).tolist())
    [4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 7.0]
    """
    check_k(k)
    array = np.asarray(cells)
    size = len(array)
    if k == 1:
        around = neighbours(array)
        start, place = np.nonzero(around >= 0)
        other = around[start, place].astype(np.int64)
        if include_self:
            own = np.arange(size)
            start, other = np.concatenate([start, own]), np.concatenate([other, own])
    else:
        start, other = disk_positions(np.asarray(array, dtype=np.uint64), k)
        if not include_self:
            start, other = start[start != other], other[start != other]
    return csr_array((np.ones(len(start)), (start, other)), shape=(size, size))


def edge_cells(cells: ArrayLike, k: int = 1) -> NDArray[np.bool_]:
    """Tell which cells lack a part of their k-ring: there the test sees less than elsewhere.

    Examples
    --------
    >>> import h3
    >>> disk = np.sort([h3.str_to_int(cell) for cell in h3.grid_disk("8928308280fffff", 2)])
    >>> int(edge_cells(disk).sum())
    12
    """
    check_k(k)
    if k == 1:
        return np.asarray((neighbours(cells) < 0).any(axis=1))
    start, _ = disk_positions(np.asarray(cells, dtype=np.uint64), k)
    size = np.bincount(start, minlength=len(np.asarray(cells)))
    return np.asarray(size < 1 + 3 * k * (k + 1))


def without_self(matrix: Any) -> csr_array:
    """Return an adjacency as CSR without its diagonal and without entries of zero."""
    found = csr_array(matrix, dtype=np.float64, copy=True)
    if found.shape[0] != found.shape[1]:
        raise BadInput(f"neighbours are a square matrix, not {found.shape}", shape=list(found.shape))
    found.setdiag(0.0)
    found.eliminate_zeros()
    return found
