"""Whole numbers that add up: the largest-remainder method."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import BadInput

#: Weights that add up to less are taken as shares of the largest one.
_SMALL = 1e-200


def apportion(total: int, weights: ArrayLike) -> NDArray[np.int64]:
    """Share a whole number out by weights, so that the parts add up to it exactly.

    Parameters
    ----------
    total : int
        Not negative.
    weights : array_like of float, shape (n,)
        Not negative, and not all zero unless ``total`` is.

    Returns
    -------
    ndarray of int, shape (n,)
        Each the floor or the ceiling of its exact share (Hamilton's method); of equal remainders the earlier
        one gets the unit.

    Raises
    ------
    BadInput
        Where there is nothing to share among, or a weight is negative or not a number.

    Examples
    --------
    >>> apportion(10, [1, 1, 1]).tolist()
    [4, 3, 3]
    """
    share = np.asarray(weights, dtype=float)
    if not np.isfinite(share).all() or (share < 0).any():
        raise BadInput("weights are numbers that are not negative", total=total)
    if total == 0:
        return np.zeros(len(share), dtype=np.int64)
    if total < 0 or share.sum() <= 0:
        raise BadInput(f"{total} cannot be shared out: no weight is above zero", total=total)
    if share.sum() < _SMALL:
        share = share / share.max()  # a number over next to nothing is no number
    exact = share * (total / share.sum())
    parts: NDArray[np.int64] = np.floor(exact + 1e-9).astype(np.int64)
    # Rounding to 1e-9 keeps the order of equal remainders the same on every machine.
    remainder = np.round(exact - parts, 9)
    parts[np.argsort(-remainder, kind="stable")[: total - int(parts.sum())]] += 1
    return parts


def apportion_within(totals: ArrayLike, weights: ArrayLike, group: ArrayLike) -> NDArray[np.int64]:
    """Share each group's total out among the members of the group.

    Parameters
    ----------
    totals : array_like of int, shape (g,)
        What each group has.
    weights : array_like of float, shape (n,)
        Weights of the members.
    group : array_like of int, shape (n,)
        Group of each member, 0 to g - 1; -1 for none, which gets nothing.

    Examples
    --------
    >>> apportion_within([3, 4], [1, 1, 5, 1], [0, 0, 1, -1]).tolist()
    [2, 1, 4, 0]
    """
    share, member = np.asarray(weights, dtype=float), np.asarray(group)
    result = np.zeros(len(share), dtype=np.int64)
    order = np.argsort(member, kind="stable")
    edges = np.searchsorted(member[order], np.arange(len(np.asarray(totals)) + 1))
    for total, start, end in zip(np.asarray(totals), edges[:-1], edges[1:], strict=True):
        rows = order[start:end]
        result[rows] = apportion(int(total), share[rows])
    return result
