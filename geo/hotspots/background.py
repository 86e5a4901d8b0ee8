"""What a place would have by itself, and whether it has more: expected counts from a background, tested.

Getis-Ord on bare counts finds the town in its fields. Here the expected count of a cell is fitted to what
else is there (other incidents, people, road length), and the excess of its neighbourhood is tested by a
negative binomial law, whose dispersion is what places differ by anyway.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, ndtri

from geo.errors import BadInput

Floats = NDArray[np.float64]

#: Reweightings of the fit, smallest expected count a weight is made from, and smallest expected count.
ROUNDS, LEAST_WEIGHED, LEAST = 3, 0.02, 1e-3
#: Median of the square of a standard normal value.
MEDIAN_OF_SQUARE = 0.4549364


def background(counts: ArrayLike, others: ArrayLike, rings: Any) -> Floats:
    """Return expected counts, fitted to what else is in each neighbourhood.

    Parameters
    ----------
    counts : array_like of float, shape (n,)
        Counts by cell.
    others : array_like of float, shape (n, m)
        By cell, at least 0: counts of other classes, people, road length, area.
    rings : sparse matrix of ones, shape (n, n)
        Neighbourhoods, the cell itself included.

    Returns
    -------
    ndarray of float64, shape (n,)
        Above 0; adds up to the sum of the counts.

    Raises
    ------
    BadInput
        For negative or missing values, or where nothing else is there.

    Notes
    -----
    Poisson regression without negative coefficients (least squares reweighted by the fit) of ring means on
    ring means: a cell's own excess is spread over its ring, a whole town's is not.

    Examples
    --------
    >>> from scipy.sparse import eye_array
    >>> background([2.0, 4.0, 6.0], [[1.0], [2.0], [3.0]], eye_array(3)).round(6).tolist()
    [2.0, 4.0, 6.0]
    """
    # half a second for a process that fits nothing
    from scipy.optimize import nnls  # noqa: PLC0415

    own, base = np.asarray(counts, dtype=np.float64), np.asarray(others, dtype=np.float64)
    if base.ndim != 2 or len(base) != len(own):
        raise BadInput(f"{len(own)} counts and a background of {base.shape}")
    if not (np.isfinite(own).all() and np.isfinite(base).all() and (own >= 0).all() and (base >= 0).all()):
        raise BadInput("counts and background must be numbers from 0")
    if not base.any():
        raise BadInput("there is no background to expect counts from")
    size = np.asarray(rings.sum(axis=1)).ravel()
    mean, around = (rings @ own) / size, (rings @ base) / size[:, None]
    scale = around.max(axis=0)
    around = around[:, scale > 0] / scale[scale > 0]
    known = around.any(axis=1)
    weight = np.ones(len(own))
    fitted = np.zeros(len(own))
    for _ in range(ROUNDS):
        # The normal equations hold all there is to know of a fit, and are as small as the background is wide.
        weighted = around[known] * weight[known, None]
        gram = weighted.T @ weighted
        factor = np.linalg.cholesky(gram + 1e-9 * np.trace(gram) / len(gram) * np.eye(len(gram))).T
        target = np.linalg.solve(factor.T, weighted.T @ (mean[known] * weight[known]))
        share, _ = nnls(factor, target)
        fitted = np.maximum(around @ share, LEAST)
        weight = 1 / np.sqrt(np.maximum(fitted, LEAST_WEIGHED))
    return np.asarray(fitted * (own.sum() / fitted.sum()) if own.any() else fitted)


def dispersion(observed: ArrayLike, expected: ArrayLike, least: float = 0.02) -> float:
    """Return how much places vary beyond a Poisson law: variance = E + dispersion · E².

    Notes
    -----
    From the median of ((O - E)² - E) / E² where at least one event is expected: hotspots, which are few, do
    not move it.

    Examples
    --------
    >>> dispersion([5, 5, 5], [5.0, 5.0, 5.0])
    0.02
    """
    seen, base = (
        np.asarray(observed, dtype=np.float64).ravel(),
        np.asarray(expected, dtype=np.float64).ravel(),
    )
    some = base >= 1
    if some.sum() < 20:
        return least
    found = ((seen[some] - base[some]) ** 2 / MEDIAN_OF_SQUARE - base[some]) / base[some] ** 2
    return max(least, float(np.median(found)))


def excess(observed: ArrayLike, expected: ArrayLike, spread: float) -> tuple[Floats, Floats]:
    """Test sums against what was expected.

    Parameters
    ----------
    observed, expected : array_like, same shape
        Sums of neighbourhoods.
    spread : float
        As `dispersion`.

    Returns
    -------
    z : ndarray of float64
        The normal value of the same p, positive for more than expected, -38 to 38.
    p : ndarray of float64
        Two-sided: twice the smaller tail of the negative binomial law.

    Examples
    --------
    >>> z, p = excess([40.0, 10.0, 0.0], [10.0, 10.0, 10.0], 0.02)
    >>> z.round(1).tolist(), bool(p[0] < 1e-6)
    ([6.1, 0.0, -3.7], True)
    """
    seen, base = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    size = 1 / max(spread, 1e-9)
    # The tails by the incomplete beta function: scipy.stats takes a second to import.
    base = np.maximum(base, 1e-12)
    count = np.maximum(np.rint(seen), 0.0)
    lower = betainc(size, count + 1, size / (size + base))
    upper = np.where(count > 0, betainc(np.maximum(count, 1), size, base / (size + base)), 1.0)
    p = np.minimum(1.0, 2 * np.minimum(upper, lower))
    z = -ndtri(np.maximum(p, 1e-300) / 2) * np.where(upper <= lower, 1.0, -1.0)
    return np.asarray(np.where(p >= 1, 0.0, z)), np.asarray(p)
