"""Dart throwing: keep points in their order where none that was kept is too near."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.compiled import compiled


@compiled
def _thrown(
    x: NDArray[np.float64], y: NDArray[np.float64], apart: NDArray[np.float64], most: int
) -> NDArray[np.bool_]:
    size = apart.max()
    west, south = x.min(), y.min()
    columns = int((x.max() - west) / size) + 1
    rows = int((y.max() - south) / size) + 1
    first = np.full(rows * columns, -1, np.int64)
    following = np.full(x.size, -1, np.int64)
    kept = np.zeros(x.size, np.bool_)
    count = 0
    for k in range(x.size):
        if count >= most:
            break
        column, row = int((x[k] - west) / size), int((y[k] - south) / size)
        free = True
        for r in range(max(row - 1, 0), min(row + 2, rows)):
            for c in range(max(column - 1, 0), min(column + 2, columns)):
                other = first[r * columns + c]
                while other >= 0 and free:
                    if (x[other] - x[k]) ** 2 + (y[other] - y[k]) ** 2 < apart[k] ** 2:
                        free = False
                    other = following[other]
        if free:
            kept[k] = True
            count += 1
            following[k] = first[row * columns + column]
            first[row * columns + column] = k
    return kept


def spread(points: NDArray[np.float64], apart: ArrayLike, *, most: int | None = None) -> NDArray[np.int64]:
    """Return the positions of the points that are kept, in order.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        In order of preference; rounded to 1 cm before they are compared.
    apart : float or array of float
        Least distance of each point from those kept before it, metres, above 0.
    most : int, optional
        Stop at this many.

    Examples
    --------
    >>> spread(np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 0.0]]), 2.0).tolist()
    [0, 2]
    """
    if not len(points):
        return np.empty(0, dtype=np.int64)
    at = np.round(points, 2)
    distance = np.broadcast_to(np.asarray(apart, dtype=float), (len(at),)).round(2)
    kept = _thrown(at[:, 0].copy(), at[:, 1].copy(), distance, len(at) if most is None else most)
    return np.flatnonzero(kept)
