"""A coverage problem made ready: what every method for it starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import ArrayLike, NDArray

from geo.errors import BadInput
from geo.siting.rules import Limits, Rules, limits_of, rows_of

#: Probabilities above count as this much where their logarithm is needed; the bound is widened for it.
NEARLY_SURE = 1.0 - 1e-9


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be covered by what.

    Attributes
    ----------
    covers : csr_array of float64, shape (n, m)
        Probability with which a candidate covers a demand, more than 0, at most 1.
    rest : ndarray of float64, shape (m,)
        What a first site that surely covers the demand adds to those that stand.
    times : int
        Sites that a demand needs; with more than one each adds an equal part.
    needed : ndarray of int64, shape (m,)
        How many of them are missing yet.
    costs : ndarray of float64, shape (n,)
    budget : float
        Of the costs.
    limits : Limits
    already, total : float
        Weight that existing sites cover, and all.
    """

    covers: scipy.sparse.csr_array
    rest: NDArray[np.float64]
    times: int
    needed: NDArray[np.int64]
    costs: NDArray[np.float64]
    budget: float
    limits: Limits
    already: float
    total: float

    @property
    def sure(self) -> bool:
        """True where nothing is covered by a mere probability."""
        return bool((self.covers.data == 1.0).all())

    def left_by(self, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what one more sure site would add to each demand after some are chosen."""
        part = self.covers[chosen]
        if self.times > 1:
            return np.where(part.sum(axis=0) < self.needed, self.rest, 0.0)
        left = self.rest.copy()
        np.multiply.at(left, part.indices, 1.0 - part.data)
        return left

    def value(self, chosen: NDArray[np.int64]) -> float:
        """Return what chosen candidates add to the existing sites."""
        if self.times > 1:
            count = np.minimum(self.covers[chosen].sum(axis=0), self.needed)
            return float((self.rest * count).sum())
        return float((self.rest - self.left_by(chosen)).sum())


def task_of(
    covers: Any,
    weights: ArrayLike,
    budget: float,
    *,
    costs: ArrayLike | None = None,
    fixed: Sequence[int] | None = None,
    rules: Rules,
    times: int = 1,
) -> Task:
    """Check the parts of a problem and put them together; see `geo.siting.max_coverage`.

    Raises
    ------
    BadInput
        For what does not fit together or cannot be.
    """
    matrix = scipy.sparse.csr_array(covers, dtype=np.float64)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    count, size = matrix.shape
    weight = np.asarray(weights, dtype=np.float64)
    if weight.shape != (size,) or not np.isfinite(weight).all() or (weight < 0).any():
        raise BadInput(f"each of the {size} demands needs a weight of 0 or more", demands=size)
    if matrix.nnz and not (matrix.data.min() > 0 and matrix.data.max() <= 1):
        raise BadInput("covers holds probabilities: each more than 0 and at most 1")
    if times < 1 or (times > 1 and (matrix.data != 1).any()):
        raise BadInput(
            "a demand needs 1 site or more; more than 1 only where sites cover surely", times=times
        )
    cost = np.ones(count) if costs is None else np.asarray(costs, dtype=np.float64)
    if cost.shape != (count,) or not np.isfinite(cost).all() or (cost <= 0).any():
        raise BadInput(f"each of the {count} candidates needs a cost above 0", candidates=count)
    if not budget >= 0:
        raise BadInput("the budget cannot be less than 0", budget=budget)
    standing = rows_of(() if fixed is None else fixed, count, "fixed")
    limits = limits_of(rules, count, standing)
    if cost[limits.forced].sum() > budget * (1 + 1e-12):
        needed = float(cost[limits.forced].sum())
        raise BadInput(f"the forced candidates alone cost {needed:g}", cost=needed, budget=budget)
    part = matrix[standing]
    missing = np.maximum(times - part.sum(axis=0), 0) if times > 1 else np.ones(size)
    rest = weight / times
    np.multiply.at(rest, part.indices, 1.0 - part.data if times == 1 else 1.0)
    already = float(weight.sum() - (rest * missing).sum())
    return Task(
        matrix, rest, times, missing.astype(np.int64), cost, float(budget), limits,
        already, float(weight.sum()),
    )  # fmt: skip
