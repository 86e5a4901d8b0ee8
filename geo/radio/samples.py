"""The points of cells at which radio is predicted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.cells import centres, children
from geo.cells.indexing import as_cells
from geo.crs import transformer

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Samples:
    """Points at which cells are predicted, ready for any number of predictions.

    Attributes
    ----------
    cells : ndarray of uint64
    x, y : ndarray
        Points in metres of ``crs``, those of one cell beside each other.
    of : ndarray
        Position of each point's cell.
    """

    cells: NDArray[np.uint64]
    x: Floats
    y: Floats
    of: NDArray[np.int64]
    crs: int


def samples_of(cells: ArrayLike, crs: int, samples: int = 7) -> Samples:
    """Return the points at which cells are predicted.

    Parameters
    ----------
    cells : array_like of uint64
    crs : int
        EPSG code of a projected system in metres.
    samples : {1, 7, 49}

    Examples
    --------
    >>> from geo.cells import index
    >>> len(samples_of(index([115.88], [31.74], 9), 4548).x)
    7
    """
    array = as_cells(cells)
    fine, of = array, np.arange(len(array))
    for _ in range({1: 0, 7: 1, 49: 2}[samples]):
        counted = children(fine)
        # A pentagon has six children: count them by their parents' digits.
        sizes = np.full(len(fine), 7) if len(counted) == 7 * len(fine) else _child_counts(fine)
        fine, of = counted, np.repeat(of, sizes)
    lon, lat = centres(fine)
    to_metres = transformer(4326, crs)
    x, y = to_metres.transform(lon, lat)
    return Samples(array, np.asarray(x), np.asarray(y), of, crs)


def _child_counts(cells: NDArray[np.uint64]) -> NDArray[np.int64]:
    return np.array([len(children(cells[at : at + 1])) for at in range(len(cells))])
