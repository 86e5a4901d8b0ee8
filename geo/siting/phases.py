"""Sites by year: what is built in one phase stands in all that follow."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import BadInput
from geo.siting.bounds import Bound, Dual, online
from geo.siting.coverage import MORE_STEPS, NOT_MET, finish, is_met, is_small
from geo.siting.exact import Solved, solve
from geo.siting.greedy import choose, exchanged
from geo.siting.plan import Plan, Standing, Watch, gap_of
from geo.siting.rules import Rules
from geo.siting.task import Task, task_of


def phased(
    covers: Any,
    weights: ArrayLike,
    budgets: Sequence[float],
    *,
    costs: ArrayLike | None = None,
    fixed: Sequence[int] | None = None,
    rules: Rules | None = None,
    times: int = 1,
    exact_seconds: float = 0.0,
    watch: Watch | None = None,
) -> Plan:
    """Choose sites for several phases, so that what stands is good after each of them.

    Parameters
    ----------
    budgets : sequence of float
        What each phase may add; what one leaves, the next may spend.
    covers, weights, costs, fixed, rules, times, exact_seconds, watch
        As in `geo.siting.max_coverage`. Forced candidates and what districts get at least must stand in the
        end.

    Returns
    -------
    Plan
        ``covered`` is what the last phase covers; ``bound`` and ``gap`` are of the sum over all phases, which
        is what the plan is good at: with one phase they are those of `max_coverage`.

    Raises
    ------
    BadInput
        As `geo.siting.max_coverage`.

    Examples
    --------
    >>> import scipy.sparse
    >>> reach = scipy.sparse.csr_array(np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1.0]]))
    >>> plan = phased(reach, [5, 1, 4, 3], [1, 1, 1])
    >>> plan.chosen.tolist(), plan.phase.tolist(), plan.covered_by_phase.tolist()
    ([0, 1, 2], [0, 1, 2], [6.0, 10.0, 13.0])
    """
    begun = time.perf_counter()
    if not budgets or min(budgets) < 0:
        raise BadInput("each phase needs a budget of 0 or more", budgets=list(budgets))
    ends = np.cumsum(np.asarray(budgets, dtype=float))
    task = task_of(
        covers, weights, float(ends[-1]), costs=costs, fixed=fixed, rules=rules or Rules(), times=times
    )
    ways = _ways(task, ends)
    if not ways and exact_seconds <= 0:
        raise BadInput(NOT_MET)
    method, stands = max(ways, key=lambda one: _total(task, one[1]), default=("", None))
    value = 0.0 if stands is None else _total(task, stands)
    final = stands[-1] if stands is not None else np.zeros(0, dtype=np.int64)
    # What is forced must stand in the end only: before, it is like any other.
    early = replace(task, limits=replace(task.limits, forced=np.zeros_like(task.limits.forced)))
    tasks = [*(early for _ in ends[1:]), task]
    bounds = [online(one, final, budget=float(end)) for one, end in zip(tasks, ends, strict=True)]
    proof, going = "online", True
    bound = sum(one.value for one in bounds)
    first = Standing(value, max(bound, value), time.perf_counter() - begun)
    enough = watch is not None and stands is not None and not watch(first)
    if exact_seconds > 0 and not enough:
        until = begun + exact_seconds

        def go_on(known: float) -> bool:
            nonlocal going
            now = time.perf_counter()
            told = Standing(value, max(min(known, bound), value), now - begun)
            going = (watch is None or watch(told)) and now < until
            return going

        duals = [Dual(one, budget=float(end)) for one, end in zip(tasks, ends, strict=True)]
        for at in range(len(ends)):
            if not going:
                break
            rest = sum(one.value for one in bounds) - bounds[at].value
            reached = 0.0 if stands is None else task.value(stands[at])
            share = time.perf_counter() + 0.3 * (until - time.perf_counter()) / (len(ends) - at)
            bounds[at] = duals[at].sink(
                bounds[at], reached, steps=MORE_STEPS, until=share,
                go_on=lambda one, rest=rest: go_on(one + rest),  # type: ignore[misc]
            )  # fmt: skip
        bound, proof = sum(one.value for one in bounds), "lagrangian"
        if going and gap_of(value, bound) > 1e-9 and is_small(task, len(ends)):
            found = _exact(task, ends, duals, bounds, value if stands is not None else None, until, go_on)
            if found.bound < bound:
                bound, proof = found.bound, "highs"
            if found.chosen is not None:
                open_ = task.limits.allowed | task.limits.forced
                better = [np.flatnonzero(one & open_) for one in found.chosen]
                if stands is None or _total(task, better) > value * (1 + 1e-12):
                    stands, method, value = better, "highs", _total(task, better)
    if stands is None:
        raise BadInput("no plan that keeps to the rules was found in time", budget=task.budget)
    return _told(task, stands, max(bound, value), value, method, proof, begun)


def _ways(task: Task, ends: NDArray[np.float64]) -> list[tuple[str, list[NDArray[np.int64]]]]:
    """Return what stands after each phase: by greedy choice on and on, and by the best final set in order."""
    found = []
    onward: list[NDArray[np.int64]] = []
    # Early phases choose without what is forced to stand in the end, but leave the money for it.
    for end in ends.tolist():
        before = onward[-1] if onward else None
        last = end == ends[-1]
        start = before if before is not None else np.zeros(0, dtype=np.int64)
        if last:
            start = np.concatenate([start, np.setdiff1d(np.flatnonzero(task.limits.forced), start)])
        fits = task.costs[start].sum() <= end * (1 + 1e-12)
        onward.append(choose(task, start=start, budget=end) if fits else start)
    if is_met(task, onward[-1]) and _keeps(task, onward[-1]):
        found.append(("greedy", onward))
    final = choose(task)
    if is_met(task, final):
        final, _ = exchanged(task, final)
        only = np.zeros(len(task.costs), dtype=bool)
        only[final] = True
        limits = replace(
            task.limits, allowed=only, forced=np.zeros_like(only), least=np.zeros_like(task.limits.least)
        )
        within = replace(task, limits=limits)
        steps: list[NDArray[np.int64]] = []
        for end in ends[:-1].tolist():
            steps.append(
                choose(within, start=steps[-1] if steps else np.zeros(0, dtype=np.int64), budget=end)
            )
        begun = steps[-1] if steps else np.zeros(0, dtype=np.int64)
        found.append(("greedy+exchange", [*steps, np.concatenate([begun, np.setdiff1d(final, begun)])]))
    return found


def _exact(  # noqa: PLR0917
    task: Task, ends: NDArray[np.float64], duals: list[Dual], bounds: list[Bound], value: float | None,
    until: float, go_on: Callable[[float], bool],
) -> Solved:  # fmt: skip
    """Solve exactly for what is better than a value, where one is known."""
    never = always = None
    if value is not None:
        whole = sum(one.value for one in bounds)
        settled = [
            dual.settled(one.multipliers, value, beside=whole - one.value)
            for dual, one in zip(duals, bounds, strict=True)
        ]
        never, always = (np.array([one[at] for one in settled]) for at in range(2))
    left = max(until - time.perf_counter(), 0.1)
    found = solve(task, ends, seconds=left, never=never, always=always, go_on=go_on)
    if value is not None and found.infeasible:
        return Solved(None, value, finished=True)  # there is nothing better
    if found.infeasible or (found.chosen is None and value is None):
        raise BadInput("no plan within the budget keeps to the rules", budget=task.budget)
    return found


def _keeps(task: Task, chosen: NDArray[np.int64]) -> bool:
    """Tell whether a choice is within budget, spacing and the most of each group and district."""
    if task.costs[chosen].sum() > task.budget * (1 + 1e-9) or task.limits.near[chosen][:, chosen].nnz:
        return False
    return all(
        (np.bincount(labels[chosen][labels[chosen] >= 0], minlength=len(most)) <= most).all()
        for labels, most in zip(task.limits.labels, task.limits.most, strict=True)
    )


def _total(task: Task, stands: list[NDArray[np.int64]]) -> float:
    return float(sum(task.value(one) for one in stands))


def _told(  # noqa: PLR0917
    task: Task, stands: list[NDArray[np.int64]], bound: float, value: float, method: str, proof: str,
    begun: float,
) -> Plan:  # fmt: skip
    """Rank what each phase adds, phase by phase."""
    order: list[int] = []
    gains: list[float] = []
    phase: list[int] = []
    for at, stand in enumerate(stands):
        left = np.setdiff1d(stand, order)
        rest = task.left_by(np.array(order, dtype=np.int64)) if task.times == 1 else None
        while len(left):
            if rest is not None:
                worth = task.covers[left] @ rest
            else:
                base = task.value(np.array(order, dtype=np.int64))
                worth = np.array([task.value(np.array([*order, one])) - base for one in left.tolist()])
            best = int(np.argmax(worth))
            one = int(left[best])
            order.append(one)
            gains.append(float(worth[best]))
            phase.append(at)
            left = np.delete(left, best)
            if rest is not None:
                row = task.covers[[one]]
                rest[row.indices] *= 1.0 - row.data
    chosen = np.array(order, dtype=np.int64)
    plan = finish(task, chosen, np.array(gains), np.inf, method, proof, begun)
    note = replace(
        plan.note,
        parameters={**plan.note.parameters, "phases": len(stands)},
        facts={**plan.note.facts, "gap": gap_of(value, bound)},
        limits=("Bound and gap are of the sum of what stands after each phase.", *plan.note.limits),
    )
    return replace(
        plan, bound=bound, gap=gap_of(value, bound), phase=np.array(phase, dtype=np.int64),
        covered_by_phase=np.array([task.value(one) for one in stands]), note=note,
    )  # fmt: skip
