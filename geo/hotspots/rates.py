"""Counts against what is exposed: without it, hotspots are where people are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import BadInput

Floats = NDArray[np.float64]


def expected(observed: ArrayLike, exposure: ArrayLike) -> Floats:
    """Return the counts that each place would have at the common rate.

    Parameters
    ----------
    observed : array_like of float, shape (n,)
        Counts.
    exposure : array_like of float, shape (n,)
        People, road length, area, or all incidents; at least 0.

    Returns
    -------
    ndarray of float64
        Adds up to the sum of the counts that lie where something is exposed.

    Raises
    ------
    BadInput
        For negative or missing values, or no exposure at all.

    Examples
    --------
    >>> expected([3, 1], [100, 300]).tolist()
    [1.0, 3.0]
    """
    counts, base = _checked(observed, exposure)
    exposed = base > 0
    return np.asarray(base * counts[exposed].sum() / base.sum())


def deviation(observed: ArrayLike, expected_counts: ArrayLike) -> Floats:
    """Return (O - E) / √E, the standardised deviation of a Poisson count; NaN where nothing was expected.

    Examples
    --------
    >>> deviation([9, 0], [4.0, 4.0]).tolist()
    [2.5, -2.0]
    """
    counts, base = np.asarray(observed, dtype=np.float64), np.asarray(expected_counts, dtype=np.float64)
    return np.asarray(
        np.divide(counts - base, np.sqrt(base), out=np.full(counts.shape, np.nan), where=base > 0)
    )


def empirical_bayes(observed: ArrayLike, exposure: ArrayLike) -> Floats:
    """Return rates drawn to the common rate, the more the less is exposed.

    Returns
    -------
    ndarray of float64
        Count per unit of exposure; the common rate where nothing is exposed.

    Notes
    -----
    Marshall 1991, global estimator: rate = m + (r - m) · a / (a + m/exposure), with m the common rate and a
    the variance between places beyond that of the counts, 0 where there is none.

    Examples
    --------
    >>> empirical_bayes([5, 0], [1000, 10]).round(5).tolist()
    [0.00495, 0.00495]
    """
    counts, base = _checked(observed, exposure)
    rate = float(counts.sum() / base.sum())
    exposed = base > 0
    crude = np.divide(counts, base, out=np.full(len(base), rate), where=exposed)
    variance = float((base * (crude - rate) ** 2).sum() / base.sum())
    between = max(0.0, variance - rate / (base.sum() / int(exposed.sum())))
    weight = np.divide(
        between, between + np.divide(rate, base, out=np.ones(len(base)), where=exposed),
        out=np.zeros(len(base)), where=exposed & (between > 0),
    )  # fmt: skip
    return np.asarray(rate + weight * (crude - rate))


def _checked(observed: ArrayLike, exposure: ArrayLike) -> tuple[Floats, Floats]:
    counts = np.asarray(observed, dtype=np.float64).ravel()
    base = np.asarray(exposure, dtype=np.float64).ravel()
    if len(counts) != len(base):
        raise BadInput(f"{len(counts)} counts and {len(base)} exposures", counts=len(counts))
    if not (np.isfinite(counts) & np.isfinite(base) & (counts >= 0) & (base >= 0)).all():
        raise BadInput("counts and exposures must be numbers from 0")
    if not base.sum() > 0:
        raise BadInput("nothing is exposed, so that no rate can be told")
    return counts, base
