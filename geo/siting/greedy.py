"""The fast method: greedy choice, exchanges, and the order in which sites are told."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.siting.kernels import exchange, pick
from geo.siting.task import Task

#: Rounds of exchanges at most; each looks once at every chosen site.
PASSES = 4


def choose(
    task: Task, *, start: NDArray[np.int64] | None = None, budget: float | None = None
) -> NDArray[np.int64]:
    """Return candidates one after the other by what they add, or add for their cost.

    Parameters
    ----------
    start : ndarray of int64, optional
        Chosen already, in this order; they come first.
    budget : float, optional
        In place of the task's.

    Notes
    -----
    Of candidates of one cost, greedy reaches 1 - 1/e of the best (Nemhauser, Wolsey & Fisher 1978); with
    several costs the better of choosing by gain and by gain for cost is at least half of that (Khuller, Moss
    & Naor 1999). With spacing, groups or districts nothing of the kind holds; the measured bound does.
    """
    begun = np.flatnonzero(task.limits.forced) if start is None else start
    money = task.budget if budget is None else budget
    ways = [_pick(task, begun, money, by_cost=False)]
    if len(task.costs) and task.costs.min() < task.costs.max():
        ways.append(_pick(task, begun, money, by_cost=True))
    return max(ways, key=task.value)


def exchanged(task: Task, chosen: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Return a plan improved by exchanges, and their number; what they leave of the budget is spent."""
    by_demand = task.covers.tocsc()
    limits = task.limits
    found, exchanges = exchange(
        *_rows(task), by_demand.indptr.astype(np.int64), by_demand.indices.astype(np.int64), by_demand.data,
        task.rest, task.needed, task.times, task.costs, task.budget, limits.allowed, limits.labels,
        limits.least, limits.most, *_near(task), limits.forced, chosen, PASSES,
    )  # fmt: skip
    if exchanges and task.costs.min() < task.costs.max():
        found = _pick(task, found, task.budget, by_cost=False)
    return found, int(exchanges)


def ranked(task: Task, chosen: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return chosen candidates, each the one that adds most to those before it, with what it adds."""
    limits = task.limits
    none = np.zeros((0, len(task.costs)), dtype=np.int64)
    order = np.sort(chosen)
    only = np.zeros(len(task.costs), dtype=bool)
    only[order] = True
    nothing = np.zeros(len(task.costs) + 1, dtype=np.int64), np.zeros(0, dtype=np.int64)
    found, gains = pick(
        *_rows(task), task.rest, task.needed, task.times, task.costs, np.inf, False, only, none,
        limits.least[:0], limits.most[:0], *nothing, np.zeros(0, dtype=np.int64),
    )  # fmt: skip
    idle = np.setdiff1d(order, found)  # what adds nothing comes last
    return np.concatenate([found, idle]), np.concatenate([gains, np.zeros(len(idle))])


def _pick(task: Task, start: NDArray[np.int64], budget: float, *, by_cost: bool) -> NDArray[np.int64]:
    limits = task.limits
    allowed = limits.allowed.copy()
    allowed[start] = False
    found, _ = pick(
        *_rows(task), task.rest, task.needed, task.times, task.costs, budget, by_cost, allowed, limits.labels,
        limits.least, limits.most, *_near(task), start.astype(np.int64),
    )  # fmt: skip
    return found


def _rows(task: Task) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    covers = task.covers
    return covers.indptr.astype(np.int64), covers.indices.astype(np.int64), covers.data


def _near(task: Task) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    near = task.limits.near
    return near.indptr.astype(np.int64), near.indices.astype(np.int64)
