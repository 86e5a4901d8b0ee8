"""Set cover: the fewest or cheapest sites that cover a share of the demand."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import BadInput
from geo.notes import MethodNote
from geo.siting.bounds import best_sum
from geo.siting.coverage import is_met
from geo.siting.exact import solve
from geo.siting.greedy import choose, ranked
from geo.siting.plan import Plan, Standing, Watch
from geo.siting.rules import Rules
from geo.siting.task import Task, task_of


class ShareTooHigh(BadInput):
    """All candidates together do not cover as much; details: ``share`` wanted, ``most``."""

    code = "share-too-high"


def set_cover(
    covers: Any,
    weights: ArrayLike,
    share: float = 1.0,
    *,
    costs: ArrayLike | None = None,
    fixed: Sequence[int] | None = None,
    rules: Rules | None = None,
    times: int = 1,
    exact_seconds: float = 0.0,
    watch: Watch | None = None,
) -> Plan:
    """Choose the fewest candidates, or the cheapest, that cover a share of all demand.

    Parameters
    ----------
    share : float
        Of the weight of all demand, what existing sites cover counted; more than 0, at most 1.
    covers, weights, costs, fixed, rules, times, exact_seconds, watch
        As in `geo.siting.max_coverage`.

    Returns
    -------
    Plan
        ``covered`` is the cost (the number, without costs), ``bound`` the least that any plan costs, ``gap``
        their difference as a share of ``covered``.

    Raises
    ------
    ShareTooHigh
        Where all allowed candidates together do not reach it.
    BadInput
        As `geo.siting.max_coverage`.

    Examples
    --------
    >>> import scipy.sparse
    >>> reach = scipy.sparse.csr_array(np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1.0]]))
    >>> plan = set_cover(reach, [1, 1, 1, 1])
    >>> plan.chosen.tolist(), plan.covered, plan.bound
    ([0, 2], 2.0, 2.0)
    """
    begun = time.perf_counter()
    if not 0 < share <= 1:
        raise BadInput("the share to cover is more than 0 and at most 1", share=share)
    every = np.ones(np.shape(covers)[0]) if costs is None else np.asarray(costs, dtype=float)
    task = task_of(
        covers, weights, float(every.sum()), costs=costs, fixed=fixed, rules=rules or Rules(), times=times
    )
    target = max(share * task.total - task.already, 0.0)
    tolerance = 1e-9 * max(task.total, 1.0)
    order = _enough(task, target - tolerance)
    fits = order is not None and is_met(task, order)
    if order is None and (plain := task.value(np.flatnonzero(task.limits.allowed))) < target - tolerance:
        most = (task.already + plain) / task.total
        raise ShareTooHigh(f"all candidates together cover {most:.1%}", share=share, most=most)
    if not fits and exact_seconds <= 0:
        raise BadInput("the fast method finds no plan that keeps to the rules: allow time for the exact one")
    if order is not None:
        order = _without_idle(task, order, target - tolerance)
    bound, proof, method = _least_cost(task, order, target - tolerance), "online", "greedy"
    if exact_seconds > 0:
        cost = float(task.costs[order].sum()) if order is not None else np.inf

        def go_on(known: float) -> bool:
            now = time.perf_counter() - begun
            return watch is None or watch(Standing(cost, min(max(-known, bound), cost), now))

        found = solve(task, np.array([task.budget]), seconds=exact_seconds, target=target, go_on=go_on)
        if found.chosen is not None:
            open_ = task.limits.allowed | task.limits.forced
            chosen = np.flatnonzero(found.chosen[0] & open_)
            enough = task.value(chosen) >= target - tolerance
            if enough and (not fits or task.costs[chosen].sum() < cost - 1e-9):
                order, fits, method = chosen, True, "highs"
        if not fits or order is None:
            raise BadInput("no plan keeps to the rules", share=share)
        if found.bound > bound:
            bound, proof = found.bound, "highs"
    assert order is not None  # noqa: S101 - raised above
    return _told(task, order, bound, method, proof, begun, whole=costs is None, share=share)


def _enough(task: Task, target: float) -> NDArray[np.int64] | None:
    """Return candidates in greedy order up to where the target is reached."""
    order = choose(task)
    low, high = int(task.limits.forced.sum()), len(order)
    if task.value(order) < target:
        return None
    while low < high:
        middle = (low + high) // 2
        if task.value(order[:middle]) >= target:
            high = middle
        else:
            low = middle + 1
    if is_met(task, order[:low]):
        return order[:low]
    return order


def _without_idle(task: Task, order: NDArray[np.int64], target: float) -> NDArray[np.int64]:
    """Leave out, the dearest first, what the target does not need."""
    kept = order
    for one in sorted(order.tolist(), key=lambda one: (-task.costs[one], -one)):
        fewer = kept[kept != one]
        if not task.limits.forced[one] and task.value(fewer) >= target and is_met(task, fewer):
            kept = fewer
    return kept


def _least_cost(task: Task, order: NDArray[np.int64] | None, target: float) -> float:
    """Return what any plan costs at least: the greatest budget that some prefix proves to be too small."""
    rows = np.zeros(0, dtype=np.int64) if order is None else order
    low = 0.0
    for size in np.unique(np.linspace(0, len(rows), 8).astype(int)).tolist():
        part = rows[:size]
        gains, base = task.covers @ task.left_by(part), task.value(part)
        bottom, top = low, task.budget
        for _ in range(40):
            middle = (bottom + top) / 2
            if base + best_sum(task, gains, middle)[0] < target:
                bottom = middle
            else:
                top = middle
        low = bottom
    return low


def _told(  # noqa: PLR0917
    task: Task, chosen: NDArray[np.int64], bound: float, method: str, proof: str, begun: float, *,
    whole: bool, share: float,
) -> Plan:  # fmt: skip
    order, gains = ranked(task, chosen)
    cost = float(task.costs[order].sum())
    if whole:
        bound = float(np.ceil(bound - 1e-6))
    bound = min(bound, cost)
    gap = (cost - bound) / cost if cost > 0 else 0.0
    note = MethodNote(
        "The cheapest sites that cover a share of the demand.",
        "Toregas et al. 1971 (set covering); HiGHS (exact)",
        {"share": share, "times": task.times},
        {"chosen": len(order), "method": method, "bound_method": proof, "gap": gap},
        ("Demand counts where it is: nothing is said of what moves there later.",),
    )
    return Plan(
        order, gains, cost, bound, gap, method, proof, time.perf_counter() - begun, task.already, task.total,
        cost, note=note,
    )  # fmt: skip
