"""What counts as significant: p of z, Benjamini-Hochberg, permutation where the normal law does not hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, ndtr

from geo.errors import BadInput

Floats = NDArray[np.float64]
#: Where p comes from: the normal law of z, or the exact law of a sum under permutation.
Method = Literal["analytic", "permutation"]

#: Levels that a hotspot is shown with, strictest first: false discovery rate, confidence in per cent.
LEVELS: tuple[tuple[float, int], ...] = ((0.01, 99), (0.05, 95), (0.10, 90))


def two_sided(z: ArrayLike) -> Floats:
    """Return the two-sided p of standard normal values.

    Examples
    --------
    >>> two_sided([0.0, 1.959963984540054]).round(6).tolist()
    [1.0, 0.05]
    """
    return np.asarray(2.0 * ndtr(-np.abs(np.asarray(z, dtype=np.float64))))


def benjamini_hochberg(p: ArrayLike, q: float = 0.05) -> NDArray[np.bool_]:
    """Tell which of many hypotheses are rejected at a false discovery rate.

    Parameters
    ----------
    p : array_like of float
        One p a hypothesis, of any shape; NaN is a hypothesis that was not tested.
    q : float
        Expected share of false ones among the rejected, 0 to 1.

    Returns
    -------
    ndarray of bool, shape of ``p``

    Raises
    ------
    BadInput
        For a p or q outside 0 to 1.

    Notes
    -----
    Benjamini and Hochberg 1995, step-up. Overlapping neighbourhoods make the tests positively dependent; the
    rate still holds then (Benjamini and Yekutieli 2001).

    Examples
    --------
    >>> benjamini_hochberg([0.001, 0.02, 0.04, 0.9], 0.05).tolist()
    [True, True, False, False]
    """
    values = np.asarray(p, dtype=np.float64)
    if not 0 < q < 1:
        raise BadInput(f"q is a share between 0 and 1, not {q}", q=q)
    return np.asarray(values <= threshold(values, q))


def threshold(p: Floats, q: float) -> float:
    """Return the largest p that Benjamini-Hochberg rejects at q; -1 where it rejects none."""
    return thresholds(p, [q])[0]


def thresholds(p: Floats, levels: Sequence[float]) -> list[float]:
    """Return `threshold` for several q, looking at all values once."""
    flat = p.ravel()
    missing = int(np.count_nonzero(np.isnan(flat)))
    inside = int(np.count_nonzero((flat >= 0) & (flat <= 1)))
    if wrong := len(flat) - missing - inside:
        raise BadInput(f"{wrong} values are no probabilities", wrong=wrong)
    few = np.sort(flat[flat <= max(levels)])  # no other can be rejected, and sorting all takes the longest
    steps = np.arange(1, len(few) + 1) / max(inside, 1)
    passed = [np.flatnonzero(few <= q * steps) for q in levels]
    return [float(few[one[-1]]) if len(one) else -1.0 for one in passed]


def confidence(z: ArrayLike, p: ArrayLike) -> NDArray[np.int8]:
    """Return the confidence of each test after correction, with the sign of z: 0, ±90, ±95 or ±99 per cent.

    Examples
    --------
    >>> confidence([4.0, -4.0, 0.1], [0.0001, 0.0001, 0.9]).tolist()
    [99, -99, 0]
    """
    signs = np.sign(np.asarray(z, dtype=np.float64))
    values = np.asarray(p, dtype=np.float64)
    found = np.zeros(values.shape, dtype=np.int8)
    for q, percent in reversed(LEVELS):
        found[benjamini_hochberg(values, q)] = percent
    return np.asarray(found * np.nan_to_num(signs), dtype=np.int8)


def sum_p(values: ArrayLike, sums: ArrayLike, sizes: ArrayLike) -> Floats:
    """Return the two-sided permutation p of sums over neighbourhoods, exactly.

    Under the permutations of counts over cells, the sum of a neighbourhood is that of as many counts drawn
    without replacement. Its law depends on the size alone, so that it is computed in place of being drawn.

    Parameters
    ----------
    values : array_like of int, shape (n,)
        Counts of all cells, at least 0.
    sums : array_like of int, shape (m,)
        Sum of each neighbourhood.
    sizes : array_like of int, shape (m,)
        Cells of each neighbourhood, 1 to n.

    Returns
    -------
    ndarray of float64, shape (m,)
        Twice the smaller tail, at most 1: never too small, however sparse the counts.

    Raises
    ------
    BadInput
        For values that are no whole numbers from 0.

    Notes
    -----
    The number of ways is the coefficient of t^size x^sum in the product of (1 + t x^count) over the cells;
    with counts of 0 and 1 only it is the hypergeometric law.

    Examples
    --------
    >>> sum_p([0, 0, 0, 1], [1], [1]).round(6).tolist()
    [0.5]
    """
    counts = np.asarray(values, dtype=np.float64)
    if (counts < 0).any() or (counts != np.rint(counts)).any():
        raise BadInput("permutation needs counts: whole numbers from 0")
    wanted, size_of = np.asarray(sums, dtype=np.int64), np.asarray(sizes, dtype=np.int64)
    found = np.ones(len(wanted))
    if not len(wanted):
        return found
    law = _laws(counts.astype(np.int64), int(size_of.max()), _largest_sum(counts, size_of))
    for size in np.unique(size_of):
        rows = size_of == size
        lower = np.cumsum(law[size])[wanted[rows]]
        upper = np.cumsum(law[size][::-1])[::-1][
            wanted[rows]
        ]  # from its own end: small ones keep their digits
        found[rows] = np.minimum(1.0, 2 * np.minimum(lower, upper))
    return found


def can_be_exact(values: ArrayLike, sizes: ArrayLike) -> bool:
    """Tell whether `sum_p` is quick: few different counts, and no large sums."""
    counts, size = np.asarray(values), np.asarray(sizes, dtype=np.int64)
    if not len(counts) or not len(size) or (counts < 0).any() or (counts != np.rint(counts)).any():
        return False
    work = len(np.unique(counts)) * float(size.max()) ** 2 * (_largest_sum(counts, size) + 1)
    return work < 400_000_000


def _largest_sum(counts: NDArray[Any], sizes: NDArray[np.int64]) -> int:
    most = min(int(sizes.max()), len(counts))
    return int(np.partition(counts, len(counts) - most)[len(counts) - most :].sum())


def _laws(counts: NDArray[np.int64], size: int, most: int) -> Floats:
    """Return P(sum = s) for 0 to ``size`` draws without replacement, s up to ``most``."""
    values, numbers = np.unique(counts, return_counts=True)
    # Ways are kept as shares of all ways to draw j out of the cells seen so far: no number grows large.
    law = np.zeros((size + 1, most + 1))
    law[0, 0] = 1.0
    seen = 0
    for value, number in zip(values.tolist(), numbers.tolist(), strict=True):
        new = np.zeros_like(law)
        for drawn in range(min(size, seen + number) + 1):
            for own in range(max(0, drawn - seen), min(drawn, number) + 1):
                shift = own * value
                if shift > most:
                    break
                share = np.exp(
                    _choose(number, own) + _choose(seen, drawn - own) - _choose(seen + number, drawn)
                )
                new[drawn, shift:] += share * law[drawn - own, : most + 1 - shift]
        law, seen = new, seen + number
    return law


def _choose(n: int, k: int) -> float:
    return float(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
