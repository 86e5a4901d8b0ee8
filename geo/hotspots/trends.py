"""Mann-Kendall: whether a series rises or falls, whatever its law."""

from __future__ import annotations

import numba
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geo.compiled import compiled_parallel
from geo.errors import BadInput
from geo.hotspots.significance import two_sided


def mann_kendall(series: ArrayLike) -> pd.DataFrame:
    """Test many series for a trend.

    Parameters
    ----------
    series : array_like of float, shape (n, t)
        One row a series, in the order of time; no value missing.

    Returns
    -------
    DataFrame
        One row a series: ``s`` (pairs that rise less pairs that fall), ``z`` and ``p`` (two-sided).

    Raises
    ------
    BadInput
        For other than two dimensions, fewer than two steps, or a value that is no number.

    Notes
    -----
    Mann 1945, Kendall 1975: variance corrected for ties, z corrected for continuity. A series of equal values
    has z 0. The normal law is rough below ten steps.

    Examples
    --------
    >>> mann_kendall([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10.0]]).round(4).to_numpy().tolist()
    [[45.0, 3.9355, 0.0001]]
    """
    values = np.ascontiguousarray(series, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] < 2:
        raise BadInput(f"series are rows of at least two steps, not of shape {values.shape}")
    if not np.isfinite(values).all():
        raise BadInput("a series has values that are no numbers")
    s, z = _scores(values)
    return pd.DataFrame({"s": s, "z": z, "p": two_sided(z)})


@compiled_parallel
def _scores(
    values: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # pragma: no cover
    rows, steps = values.shape
    s, z = np.empty(rows), np.empty(rows)
    whole = steps * (steps - 1) * (2 * steps + 5)
    for row in numba.prange(rows):
        score, tied = 0, 0
        for i in range(steps):
            before = 0  # equal values before and after this one: together they are the size of its tie
            after = 0
            for j in range(i):
                before += values[row, j] == values[row, i]
            for j in range(i + 1, steps):
                score += values[row, j] > values[row, i]
                score -= values[row, j] < values[row, i]
                after += values[row, j] == values[row, i]
            if before == 0 and after > 0:
                size = after + 1
                tied += size * (size - 1) * (2 * size + 5)
        variance = (whole - tied) / 18.0
        s[row] = score
        sign = (score > 0) - (score < 0)
        z[row] = (score - sign) / np.sqrt(variance) if variance > 0 else 0.0
    return s, z
