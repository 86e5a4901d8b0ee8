"""Moran's I: whether like lies beside like, over the whole area and place by place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, diags_array

from geo.compiled import compiled_parallel
from geo.errors import BadInput
from geo.hotspots.neighbours import without_self
from geo.hotspots.significance import benjamini_hochberg, two_sided

#: Draws at a place when the least p is made finer.
MOST_DRAWS = 999_999
#: Quadrants of the Moran scatter plot: own value and that of the neighbours.
QUADRANTS = ("", "high-high", "low-high", "low-low", "high-low")


@dataclass(frozen=True, slots=True)
class Moran:
    """Global Moran's I.

    Attributes
    ----------
    value : float
        The statistic.
    expected : float
        Its expectation without autocorrelation, -1/(n-1).
    variance : float
        Under randomisation.
    z, p : float
        Of the value; p two-sided.
    """

    value: float
    expected: float
    variance: float
    z: float
    p: float

    def __float__(self) -> float:
        return self.value


def moran(values: ArrayLike, neighbours: Any) -> Moran:
    """Return global Moran's I with row-standardised weights.

    Parameters
    ----------
    values : array_like of float, shape (n,)
    neighbours : sparse matrix, shape (n, n)
        Any adjacency; the diagonal does not count.

    Raises
    ------
    BadInput
        For values that are not finite or all equal, fewer than four places, or no neighbours at all.

    Notes
    -----
    Cliff and Ord 1981: variance under randomisation.

    Examples
    --------
    >>> line = csr_array(np.eye(6, k=1) + np.eye(6, k=-1))
    >>> round(moran([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], line).value, 4)
    0.7143
    """
    deviations, weights = _prepared(values, neighbours)
    size = len(deviations)
    total = float(weights.sum())
    if total == 0:
        raise BadInput("no place has a neighbour")
    squares = float(deviations @ deviations)
    value = size / total * float(deviations @ (weights @ deviations)) / squares
    expected = -1.0 / (size - 1)
    both = weights + weights.T
    s1 = float(both.multiply(both).sum()) / 2
    s2 = float(((np.asarray(weights.sum(axis=1)) + np.asarray(weights.sum(axis=0))) ** 2).sum())
    kurtosis = size * float((deviations**4).sum()) / squares**2
    first = size * ((size**2 - 3 * size + 3) * s1 - size * s2 + 3 * total**2)
    second = kurtosis * ((size**2 - size) * s1 - 2 * size * s2 + 6 * total**2)
    below = (size - 1) * (size - 2) * (size - 3) * total**2
    variance = (first - second) / below - expected**2
    z = (value - expected) / np.sqrt(variance)
    return Moran(value, expected, variance, float(z), float(two_sided(z)))


def local_moran(
    values: ArrayLike,
    neighbours: Any,
    *,
    permutations: int = 999,
    seed: int,
    q: float = 0.05,
    finer: bool = False,
) -> pd.DataFrame:
    """Return local Moran's I with conditional permutations.

    Parameters
    ----------
    values, neighbours
        As `moran`. A place without neighbours has I 0 and p 1.
    permutations : int
        Draws of other values for the neighbours of each place; the smallest p is 2 / (permutations + 1).
    seed : int
        The same seed gives the same p, on any number of cores.
    q : float
        False discovery rate of ``significant``.
    finer : bool
        True to go on drawing at the places that reach the smallest p, until it is small enough to be rejected
        among so many: with few permutations and many places none could be.

    Returns
    -------
    DataFrame
        One row a place: ``moran`` (I), ``p`` (two-sided, permutation), ``significant`` (after
        Benjamini-Hochberg), ``quadrant`` ("high-high", "low-low", "high-low", "low-high").

    Notes
    -----
    Anselin 1995: I = z_i / m2 · Σ w z_j with m2 = Σz²/n, weights row-standardised. spdep gives the same;
    esda divides by n - 1 and so gives (n-1)/n of it.

    Examples
    --------
    >>> line = csr_array(np.eye(6, k=1) + np.eye(6, k=-1))
    >>> local_moran([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], line, seed=1)["moran"].round(3).tolist()
    [1.286, 0.771, 0.086, 0.086, 0.771, 1.286]
    """
    if permutations < 1:
        raise BadInput(f"permutations must be at least 1, not {permutations}", permutations=permutations)
    deviations, weights = _prepared(values, neighbours)
    lag = np.asarray(weights @ deviations)
    own = deviations / (deviations @ deviations / len(deviations))
    starts, places = weights.indptr.astype(np.int64), np.arange(len(own))

    def drawn(at: NDArray[np.int64], times: int) -> NDArray[np.float64]:
        larger, equal = _permuted(starts, weights.data, deviations, lag, at, times, np.uint64(seed % 2**63))
        tail = np.minimum(larger, times - larger - equal) + equal
        return np.asarray(np.minimum(1.0, 2 * (tail + 1) / (times + 1)))

    p = drawn(places, permutations)
    p[np.diff(weights.indptr) == 0] = 1.0
    least = places[p <= 2 / (permutations + 1)]
    if finer and len(least):
        # The first draws are the same again, so that this is one longer series, not a second chance.
        enough = int(4 * len(own) / (q * len(least)))
        p[least] = drawn(least, min(max(enough, permutations), MOST_DRAWS))
    quadrant = np.where(deviations > 0, np.where(lag > 0, 1, 4), np.where(lag > 0, 2, 3))
    return pd.DataFrame(
        {
            "moran": own * lag,
            "p": p,
            "significant": benjamini_hochberg(p, q),
            "quadrant": np.array(QUADRANTS)[quadrant],
        }
    )


def _prepared(values: ArrayLike, neighbours: Any) -> tuple[NDArray[np.float64], csr_array]:
    numbers = np.asarray(values, dtype=np.float64).ravel()
    matrix = without_self(neighbours)
    if matrix.shape[0] != len(numbers):
        raise BadInput(f"{len(numbers)} values and neighbours of {matrix.shape}", values=len(numbers))
    if len(numbers) < 4:
        raise BadInput(f"{len(numbers)} places are too few: at least 4", places=len(numbers))
    if not np.isfinite(numbers).all():
        raise BadInput("values must be numbers: leave places without one out")
    deviations = numbers - numbers.mean()
    if not deviations.any():
        raise BadInput("all values are equal: there is nothing to compare")
    rows = np.asarray(matrix.sum(axis=1)).ravel()
    scale = np.divide(1.0, rows, out=np.zeros(len(rows)), where=rows > 0)
    return deviations, csr_array(diags_array(scale) @ matrix)


@compiled_parallel
def _permuted(  # noqa: PLR0917 - numba takes positions
    starts: NDArray[np.int64],
    weights: NDArray[np.float64],
    deviations: NDArray[np.float64],
    lag: NDArray[np.float64],
    places: NDArray[np.int64],
    permutations: int,
    seed: np.uint64,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:  # pragma: no cover
    """Count at some places how often drawn neighbours give a larger lag, and how often the same."""
    size = len(deviations)
    larger = np.zeros(len(places), dtype=np.int64)
    equal = np.zeros(len(places), dtype=np.int64)
    for at in numba.prange(len(places)):
        i = places[at]
        first, number = starts[i], starts[i + 1] - starts[i]
        taken = np.empty(number, dtype=np.int64)
        # SplitMix64, one stream a place: the draw does not depend on how cores share the work.
        state = seed + np.uint64(i) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(1)
        for _ in range(permutations):
            drawn = 0.0
            for j in range(number):
                while True:
                    state += np.uint64(0x9E3779B97F4A7C15)
                    mixed = state
                    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
                    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
                    mixed = mixed ^ (mixed >> np.uint64(31))
                    other = np.int64((mixed >> np.uint64(11)) % np.uint64(size))
                    fresh = other != i
                    for before in range(j):
                        fresh = fresh and taken[before] != other
                    if fresh:
                        break
                taken[j] = other
                drawn += weights[first + j] * deviations[other]
            tolerance = 1e-12 * (abs(drawn) + abs(lag[i]))
            if drawn > lag[i] + tolerance:
                larger[at] += 1
            elif drawn >= lag[i] - tolerance:
                equal[at] += 1
    return larger, equal
