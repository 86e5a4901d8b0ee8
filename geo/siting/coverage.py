"""Maximal covering: the sites that reach most within a budget, and how near that is to the best."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import BadInput
from geo.notes import MethodNote
from geo.siting.bounds import Bound, Dual, online
from geo.siting.exact import TANGENTS, Solved, solve
from geo.siting.greedy import choose, exchanged, ranked
from geo.siting.plan import PROVEN, Plan, Standing, Watch, gap_of
from geo.siting.rules import Rules
from geo.siting.task import Task, task_of

SOURCE = (
    "Church & ReVelle 1974 (maximal covering); Nemhauser, Wolsey & Fisher 1978, Minoux 1978 (greedy); "
    "Leskovec et al. 2007 (online bound); Held, Wolfe & Crowder 1974 (subgradient); HiGHS (exact)"
)
#: Subgradient steps at most, and for matrices that the exact method solves in a moment.
MORE_STEPS, FEW_STEPS, FEW_PAIRS = 3000, 150, 100_000
#: Share of the time given that the subgradient may take before the exact method.
DUAL_SHARE = 0.3
#: Entries of its matrix up to which the exact method is tried: it looks at the clock only between steps.
MOST_ENTRIES = 1_500_000
#: Said where the fast method cannot give each district its least.
NOT_MET = "the fast method finds no plan that gives each district its least: allow time for the exact one"
_LIMITS = (
    "Demand counts where it is: nothing is said of what moves there later.",
    "The gap is measured against a proven bound; the plan may be nearer to the best than it says.",
)


def max_coverage(
    covers: Any,
    weights: ArrayLike,
    budget: float,
    *,
    costs: ArrayLike | None = None,
    fixed: Sequence[int] | None = None,
    rules: Rules | None = None,
    times: int = 1,
    exact_seconds: float = 0.0,
    watch: Watch | None = None,
) -> Plan:
    """Choose the candidates that cover most within a budget.

    Parameters
    ----------
    covers : sparse array, shape (n, m)
        Which candidate covers which demand: 1, or the probability that it does. Several sites cover with
        ``1 - (1-p1)(1-p2)…``.
    weights : array_like of float, shape (m,)
        What covering a demand is worth: people, for instance.
    budget : float
        How many to choose; with ``costs`` how much to spend.
    costs : array_like of float, shape (n,), optional
        More than 0.
    fixed : sequence of int, optional
        Rows that stand already: they cost nothing, and what they cover is no gain any more.
    rules : Rules, optional
        Forced and forbidden candidates, spacing, groups, districts.
    times : int
        How many sites a demand needs. Each of them counts for an equal part, so half of it counts where one
        of two stands.
    exact_seconds : float
        With 0 the fast answer only; else time for a better bound and the exact method.
    watch : callable, optional
        Told best-so-far and bound, first as soon as there is any plan; False ends with the best so far.

    Returns
    -------
    Plan
        At once by lazy greedy choice with exchanges of single sites and the online bound, or better where
        time is given. Of candidates that are worth the same, that with the lower row is chosen.

    Raises
    ------
    BadInput
        Where parts do not fit together, or no plan keeps to the rules.

    Examples
    --------
    >>> import scipy.sparse
    >>> reach = scipy.sparse.csr_array(np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1.0]]))
    >>> plan = max_coverage(reach, [5, 1, 4, 3], 2)
    >>> plan.chosen.tolist(), plan.gains.tolist(), plan.covered
    ([0, 1], [6.0, 4.0], 10.0)
    """
    begun = time.perf_counter()
    task = task_of(covers, weights, budget, costs=costs, fixed=fixed, rules=rules or Rules(), times=times)
    chosen = choose(task)
    method = "greedy"
    met = is_met(task, chosen)
    if watch is not None and met:
        first = online(task, chosen, prefixes=2).value
        value = task.value(chosen)
        if not watch(Standing(value, max(first, value), time.perf_counter() - begun)):
            exact_seconds = 0.0
    if met:
        chosen, exchanges = exchanged(task, chosen)
        method = "greedy+exchange" if exchanges else "greedy"
    elif exact_seconds <= 0:
        raise BadInput(NOT_MET)
    order, gains = ranked(task, chosen)
    bound, proof = online(task, order), "online"
    if exact_seconds > 0:
        order, gains, bound, method, proof = _better(
            task, order, gains, bound, method, begun + exact_seconds, begun, watch or (lambda now: True), met
        )
    return finish(task, order, gains, bound.value, method, proof, begun)


def is_met(task: Task, chosen: NDArray[np.int64]) -> bool:
    """Tell whether chosen candidates give each district its least."""
    for labels, least in zip(task.limits.labels, task.limits.least, strict=True):
        held = labels[chosen]
        if (np.bincount(held[held >= 0], minlength=len(least)) < least).any():
            return False
    return True


def is_small(task: Task, phases: int = 1) -> bool:
    """Tell whether the exact method can be expected to keep to its time."""
    entries = int(task.covers.nnz) * phases
    return entries * (1 if task.sure else len(TANGENTS)) <= MOST_ENTRIES


def finish(  # noqa: PLR0917
    task: Task, order: NDArray[np.int64], gains: NDArray[np.float64], bound: float, method: str, proof: str,
    begun: float,
) -> Plan:  # fmt: skip
    """Return a ranked choice as a plan, with its note."""
    covered = task.value(order)
    # What has been reached is possible, whatever the last digits of a bound say.
    bound = max(min(bound, float((task.rest * task.needed).sum())), covered)
    seconds = time.perf_counter() - begun
    limits = task.limits
    note = MethodNote(
        "Sites chosen to cover as much weight of demand as the budget allows.",
        SOURCE,
        {"budget": task.budget, "times": task.times, "spacing_pairs": limits.near.nnz // 2},
        {
            "candidates": int(limits.allowed.sum()), "forced": int(limits.forced.sum()),
            "demands": len(task.rest), "pairs": int(task.covers.nnz), "chosen": len(order),
            "method": method, "bound_method": proof, "gap": gap_of(covered, bound),
        },
        _LIMITS,
    )  # fmt: skip
    return Plan(
        order, gains, covered, bound, gap_of(covered, bound), method, proof, seconds, task.already,
        task.total, float(task.costs[order].sum()), note=note,
    )  # fmt: skip


def _better(  # noqa: PLR0917
    task: Task, order: NDArray[np.int64], gains: NDArray[np.float64], bound: Bound, method: str, until: float,
    begun: float, watch: Watch, met: bool,
) -> tuple[NDArray[np.int64], NDArray[np.float64], Bound, str, str]:  # fmt: skip
    """Spend time on a better bound, then on the exact method."""
    best = task.value(order) if met else 0.0
    going = True

    def go_on(value: float) -> bool:
        nonlocal going
        now = time.perf_counter()
        going = watch(Standing(best, max(min(value, bound.value), best), now - begun)) and now < until
        return going

    proof = "online"
    if not go_on(bound.value):
        return order, gains, bound, method, proof
    share = begun + DUAL_SHARE * (until - begun)
    steps = FEW_STEPS if task.covers.nnz <= FEW_PAIRS else MORE_STEPS
    dual = Dual(task)
    sunk = dual.sink(bound, best, steps=steps, until=share, go_on=go_on)
    if sunk.value < bound.value:
        bound, proof = sunk, "lagrangian"
    if not going or (met and gap_of(best, bound.value) <= PROVEN) or not is_small(task):
        return order, gains, bound, method, proof
    left = max(until - time.perf_counter(), 0.1)
    never, always = dual.settled(bound.multipliers, best) if met else (None, None)
    found = solve(task, np.array([task.budget]), seconds=left, never=never, always=always, go_on=go_on)
    if found.infeasible and met:
        found = Solved(None, best, finished=True)
    elif found.infeasible or (found.chosen is None and not met):
        raise BadInput("no plan within the budget keeps to the rules", budget=task.budget)
    if found.bound < bound.value:
        bound, proof = Bound(found.bound, bound.multipliers), "highs"
    if found.chosen is not None:
        chosen = np.flatnonzero(found.chosen[0] & (task.limits.allowed | task.limits.forced))
        if not met or task.value(chosen) > best * (1 + 1e-12):
            order, gains = ranked(task, chosen)
            method = "highs"
    return order, gains, bound, method, proof
