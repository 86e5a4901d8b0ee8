"""What no plan can exceed: the online bound of greedy prefixes, and a Lagrangian dual that sinks below it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from geo.siting.rules import NO_LIMIT
from geo.siting.task import NEARLY_SURE, Task

#: Prefixes of a greedy order at which the online bound is computed.
PREFIXES = 3
#: Steps that may go by without a better bound before they become shorter.
PATIENCE = 12


@dataclass(frozen=True, slots=True)
class Bound:
    """A proven bound, and the multipliers of demand that prove it."""

    value: float
    multipliers: NDArray[np.float64]


def best_sum(task: Task, gains: NDArray[np.float64], budget: float) -> tuple[float, NDArray[np.float64]]:
    """Return the most that candidates can bring whose gains just add up, and how much each has part in it.

    A relaxation: parts of a candidate may be chosen, and of groups and districts the one kind that says most
    is kept to. So it is never less than what any plan brings.
    """
    limits = task.limits
    fixed = limits.forced
    left = max(budget - float(task.costs[fixed].sum()), 0.0)
    base = float(gains[fixed].sum())
    found: tuple[float, NDArray[np.float64]] | None = None
    free = limits.allowed & ~fixed & (gains > 0)
    for part in range(-1, len(limits.labels)):
        kept = free if part < 0 else _within(free, gains, limits.labels[part], limits.most[part])
        one = _fill(task.costs, gains, kept, left)
        if found is None or one[0] < found[0]:
            found = one
        if part < 0 and not (limits.most < NO_LIMIT).any():
            break
    assert found is not None  # noqa: S101 - the loop runs at least once
    share = found[1]
    share[fixed] = 1.0
    return base + found[0], share


def _within(
    free: NDArray[np.bool_], gains: NDArray[np.float64], labels: NDArray[np.int64], most: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Keep of each label as many of the best as it may have."""
    rows = np.flatnonzero(free & (labels >= 0))
    order = rows[np.lexsort((-gains[rows], labels[rows]))]
    label = labels[order]
    place = np.arange(len(order)) - np.searchsorted(label, label, side="left")
    kept = free & (labels < 0)
    kept[order[place < most[label]]] = True
    return kept


def _fill(
    costs: NDArray[np.float64], gains: NDArray[np.float64], kept: NDArray[np.bool_], budget: float
) -> tuple[float, NDArray[np.float64]]:
    """Fill a budget with what brings most for its cost; the last one in part."""
    rows = np.flatnonzero(kept)
    share = np.zeros(len(costs))
    worth = gains[rows] / costs[rows]
    most = int(min(len(rows), budget / costs[rows].min() + 1)) if len(rows) else 0
    if most < len(rows):
        chosen = np.argpartition(-worth, most - 1)[:most]
        rows, worth = rows[chosen], worth[chosen]
    order = rows[np.argsort(-worth, kind="stable")]
    ends = np.cumsum(costs[order])
    part = np.clip((budget - (ends - costs[order])) / costs[order], 0.0, 1.0)
    share[order] = part
    return float((gains[order] * part).sum()), share


def online(
    task: Task, order: NDArray[np.int64], *, budget: float | None = None, prefixes: int = PREFIXES
) -> Bound:
    """Return the least of what prefixes of an order prove: their value and the best gains beside it.

    For any set, its value and the sum of the greatest gains that fit the budget are never less than the value
    of the best plan, since gains only sink (Leskovec et al. 2007, online bound).
    """
    money = task.budget if budget is None else budget
    sizes = np.unique(np.linspace(len(order), 0, prefixes).astype(int))[::-1]
    found: Bound | None = None
    for size in sizes.tolist():
        left = task.left_by(order[:size])
        value = task.value(order[:size])
        value += best_sum(task, task.covers @ left, money)[0]
        if found is None or value < found.value:
            found = Bound(value, left)
    assert found is not None  # noqa: S101 - there is at least the empty prefix
    return found


class Dual:
    """The Lagrangian dual of a task: each multiplier of demand gives a bound; it is moved to sink.

    The demand that sites reach is charged to them by multipliers; then demand and candidates are chosen apart
    from each other, each at its best, which is never less than both together. At the multipliers of the
    online bound the two are the same; subgradient steps (Held, Wolfe & Crowder 1974) go on towards the bound
    of the linear relaxation (Galvão & ReVelle 1996 for maximal covering).
    """

    def __init__(self, task: Task, *, budget: float | None = None) -> None:
        self._task = task
        self._budget = task.budget if budget is None else budget
        self._sure = task.sure
        self._most = task.rest
        covers = task.covers
        if not self._sure:
            amounts = -np.log1p(-np.minimum(covers.data, NEARLY_SURE))
            covers = scipy.sparse.csr_array((amounts, covers.indices, covers.indptr), shape=covers.shape)
        self._reach = covers
        self._back = covers.T.tocsr()
        self._slack = 0.0 if self._sure else float(task.rest.sum()) * (1.0 - NEARLY_SURE)

    def at(self, multipliers: NDArray[np.float64]) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Return the bound at some multipliers, its subgradient, and the part of each candidate."""
        demand, wanted = self._demand(multipliers)
        sites, share = best_sum(self._task, self._reach @ multipliers, self._budget)
        return demand + sites + self._slack, self._back @ share - wanted, share

    def settled(
        self, multipliers: NDArray[np.float64], least: float, *, beside: float = 0.0
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return the candidates that no plan of more than ``least`` has, and those that all of them have.

        What choosing a candidate against the multipliers costs is more than lies between the bound and the
        best plan known (fixing by reduced costs, Dantzig, Fulkerson & Johnson 1954).

        Parameters
        ----------
        multipliers : ndarray of float64, shape (m,)
        least : float
            What the best plan known covers.
        beside : float
            Bound of what counts for ``least`` as well, such as other phases.
        """
        task = self._task
        worth, forced = self._reach @ multipliers, task.limits.forced
        free = task.limits.allowed & ~forced
        left = max(self._budget - float(task.costs[forced].sum()), 0.0)
        order = np.flatnonzero(free & (worth > 0))
        order = order[np.argsort(-worth[order] / task.costs[order], kind="stable")]
        beyond = np.flatnonzero(np.cumsum(task.costs[order]) > left)
        # What one more of the budget is worth: any price gives a bound, this one the least.
        price = float(worth[order[beyond[0]]] / task.costs[order[beyond[0]]]) if len(beyond) else 0.0
        over = worth - price * task.costs
        demand, _ = self._demand(multipliers)
        whole = demand + self._slack + float(worth[forced].sum()) + price * left + beside
        whole += float(np.maximum(over[free], 0.0).sum())
        spare = max(whole - least, 0.0) + 1e-9 * abs(whole)
        return free & (over < -spare), free & (over > spare)

    def _demand(self, multipliers: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return what demand brings at its best less what it is charged, and how much reach it takes."""
        if self._sure:
            over = self._most - multipliers
            wanted = np.where(over > 0, self._task.needed, 0)
            return float((over * wanted).sum()), wanted.astype(float)
        ratio = np.divide(self._most, multipliers, out=np.ones_like(multipliers), where=multipliers > 0)
        wanted = np.log(np.maximum(ratio, 1.0))
        return float((self._most - multipliers - multipliers * wanted).sum()), wanted

    def sink(
        self, start: Bound, covered: float, *, steps: int, until: float = np.inf,
        go_on: Callable[[float], bool] = lambda bound: True,
    ) -> Bound:  # fmt: skip
        """Return the least bound of some steps.

        Parameters
        ----------
        start : Bound
        covered : float
            Of the best plan known: the bound cannot sink below it.
        steps : int
        until : float
            `time.perf_counter` at which to end.
        go_on : callable
            Told the bound now and then; False ends it.
        """
        floor = self._most * (0.0 if self._sure else 1e-9)
        multipliers = np.clip(start.multipliers, floor, self._most)
        best, pace, idle = Bound(np.inf, multipliers), 1.0, 0
        for step in range(steps):
            value, slope, _ = self.at(multipliers)
            idle = 0 if value < best.value * (1 - 1e-7) else idle + 1
            if value < best.value:
                best = Bound(value, multipliers)
            if idle >= PATIENCE:
                pace, idle, multipliers = pace / 2, 0, best.multipliers
                continue
            outward = ((multipliers <= floor) & (slope > 0)) | ((multipliers >= self._most) & (slope < 0))
            slope = np.where(outward, 0.0, slope)
            norm = float((slope * slope).sum())
            over = value - covered
            if norm <= 0 or over <= 1e-9 * abs(value) or pace < 1e-4 or time.perf_counter() > until:
                break
            if step % 16 == 15 and not go_on(min(best.value, start.value)):
                break
            multipliers = np.clip(multipliers - pace * over / norm * slope, floor, self._most)
        return best if best.value < start.value else start
