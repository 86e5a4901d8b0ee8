"""The exact method: a mixed-integer model solved by HiGHS, with a bound while it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from geo.siting.rules import NO_LIMIT, cliques
from geo.siting.task import NEARLY_SURE, Task

#: Reach (the negative logarithm of what is missed) at which the curve of a probability gets a tangent.
TANGENTS = (0.0, 0.15, 0.35, 0.6, 0.95, 1.5, 2.4, 4.0)
#: Seconds between two looks of the solver at whether to go on.
_LOOK = 0.2


@dataclass(frozen=True, slots=True)
class Solved:
    """What HiGHS answers.

    Attributes
    ----------
    chosen : ndarray of bool, shape (phases, n), or None
        Candidates that stand after each phase; None where it has found no plan.
    bound : float
        Of the objective: no plan is better.
    finished : bool
        False where time was over or the computation was ended.
    infeasible : bool
        True where it has proven that no plan keeps to the rules.
    """

    chosen: NDArray[np.bool_] | None
    bound: float
    finished: bool
    infeasible: bool = False


class _Rows:
    """Rows of a sparse model as they come: least and most of a sum of variables."""

    def __init__(self) -> None:
        self.parts: list[tuple[NDArray[Any], NDArray[Any], NDArray[Any]]] = []
        self.low: list[NDArray[np.float64]] = []
        self.high: list[NDArray[np.float64]] = []
        self.count = 0

    def add(self, rows: Any, columns: Any, values: Any, low: Any, high: Any) -> None:
        """Add rows numbered from 0; ``low`` and ``high`` have one value each."""
        low, high = np.atleast_1d(np.asarray(low, float)), np.atleast_1d(np.asarray(high, float))
        rows, columns = np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int64)
        self.parts.append(
            (rows + self.count, columns, np.broadcast_to(np.asarray(values, float), rows.shape))
        )
        self.low.append(low)
        self.high.append(high)
        self.count += len(low)

    def matrix(self, columns: int) -> scipy.sparse.csr_array:
        rows, cols, values = (np.concatenate([one[at] for one in self.parts]) for at in range(3))
        return scipy.sparse.csr_array((values, (rows, cols)), shape=(self.count, columns))


def solve(
    task: Task,
    budgets: NDArray[np.float64],
    *,
    seconds: float,
    target: float | None = None,
    never: NDArray[np.bool_] | None = None,
    always: NDArray[np.bool_] | None = None,
    go_on: Callable[[float], bool] = lambda bound: True,
) -> Solved:
    """Solve a task exactly, or as far as time allows.

    Parameters
    ----------
    budgets : ndarray of float64, shape (phases,)
        What may be spent up to the end of each phase; the value is the sum over the phases of what then
        stands.
    seconds : float
        Time limit.
    target : float, optional
        Then the least cost is sought whose plan adds so much, in one phase.
    never, always : ndarray of bool, shape (phases, n), optional
        What no better plan than one that is known has, and what each has: see `Dual.settled`. Where there is
        no better plan, the answer may then be infeasible.
    go_on : callable
        Told the bound now and then; False ends it.

    Notes
    -----
    Church & ReVelle 1974 for maximal covering, Toregas et al. 1971 for set cover. Covered parts are
    continuous where candidates are whole. Of probabilities the concave curve ``1 - exp(-reach)`` is held
    from above by tangents, so that the bound stays one. Spacing is a clique cover of the pairs that are too
    near. No plan is given to HiGHS to begin with: 1.16.0 was seen to give that back in place of the better
    one it had found.
    """
    count, phases = len(task.costs), len(budgets)
    open_ = task.limits.allowed | task.limits.forced
    demand = np.flatnonzero((task.rest > 0) & (task.needed > 0))
    rows = _Rows()
    size = len(demand)
    width = phases * (count + size)
    for phase in range(phases):
        _cover_rows(rows, task, demand, phase * count, phases * count + phase * size)
        if target is None:
            money = np.arange(count) + phase * count
            rows.add(np.zeros(count), money, task.costs, 0.0, float(budgets[phase]))
        if phase:
            pairs = np.arange(count)
            rows.add(
                np.tile(pairs, 2), np.concatenate([pairs + (phase - 1) * count, pairs + phase * count]),
                np.repeat([1.0, -1.0], count), np.full(count, -np.inf), np.zeros(count),
            )  # fmt: skip
    _rule_rows(rows, task, (phases - 1) * count)
    worth = task.rest[demand] * (task.needed[demand] if task.sure else 1)
    objective = np.zeros(width)
    if target is None:
        objective[phases * count :] = -np.tile(worth, phases)
    else:
        objective[:count] = task.costs
        rows.add(np.zeros(size), np.arange(size) + count, worth, target * (1 - 1e-9), np.inf)
    upper = np.concatenate([np.tile(open_.astype(float), phases), np.ones(phases * size)])
    lower = np.zeros(width)
    lower[(phases - 1) * count : phases * count] = task.limits.forced
    if never is not None and always is not None:
        upper[: phases * count][never.ravel()] = 0.0
        lower[: phases * count][always.ravel()] = 1.0
    whole = np.concatenate([np.ones(phases * count, dtype=bool), np.zeros(phases * size, dtype=bool)])
    answer = _run(rows, objective, lower, upper, whole, seconds=seconds, go_on=go_on)
    if target is None:
        slack = 0.0 if task.sure else phases * float(task.rest.sum()) * (1.0 - NEARLY_SURE)
        answer = Solved(answer.chosen, -answer.bound + slack, answer.finished, answer.infeasible)
    if answer.chosen is not None:
        chosen = answer.chosen[: phases * count].reshape(phases, count)
        return Solved(chosen, answer.bound, answer.finished)
    return answer


def _cover_rows(rows: _Rows, task: Task, demand: NDArray[np.int64], sites: int, places: int) -> None:
    """Add that a demand is covered by no more than what the chosen candidates reach of it."""
    by_demand = task.covers.T.tocsr()[demand]
    size = len(demand)
    owner = np.repeat(np.arange(size), np.diff(by_demand.indptr))
    if task.sure:
        need = task.needed[demand].astype(float)
        rows.add(
            np.concatenate([np.arange(size), owner]),
            np.concatenate([np.arange(size) + places, by_demand.indices + sites]),
            np.concatenate([need, -by_demand.data]), np.full(size, -np.inf), np.zeros(size),
        )  # fmt: skip
        return
    reach = -np.log1p(-np.minimum(by_demand.data, NEARLY_SURE))
    for at in TANGENTS:
        slope, base = np.exp(-at), 1.0 - np.exp(-at) * (1.0 + at)
        rows.add(
            np.concatenate([np.arange(size), owner]),
            np.concatenate([np.arange(size) + places, by_demand.indices + sites]),
            np.concatenate([np.ones(size), -slope * reach]), np.full(size, -np.inf), np.full(size, base),
        )  # fmt: skip


def _rule_rows(rows: _Rows, task: Task, sites: int) -> None:
    """Add groups, districts and spacing, for what stands in the end."""
    limits = task.limits
    for labels, least, most in zip(limits.labels, limits.least, limits.most, strict=True):
        free = np.flatnonzero((labels >= 0) & (limits.allowed | limits.forced))
        high = np.where(most == NO_LIMIT, np.inf, most.astype(float))
        rows.add(labels[free], free + sites, 1.0, least, high)
    sets = cliques(limits.near)
    if sets:
        owner = np.repeat(np.arange(len(sets)), [len(one) for one in sets])
        rows.add(owner, np.concatenate(sets) + sites, 1.0, np.full(len(sets), -np.inf), np.ones(len(sets)))


def _run(
    rows: _Rows,
    objective: NDArray[np.float64],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    whole: NDArray[np.bool_],
    *,
    seconds: float,
    go_on: Callable[[float], bool],
) -> Solved:
    """Let HiGHS minimise; its callback may end it."""
    matrix = rows.matrix(len(objective))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(objective), rows.count
    model.col_cost_, model.col_lower_, model.col_upper_ = objective, lower, upper
    model.row_lower_, model.row_upper_ = np.concatenate(rows.low), np.concatenate(rows.high)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    model.integrality_ = [
        highspy.HighsVarType.kInteger if one else highspy.HighsVarType.kContinuous for one in whole.tolist()
    ]
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (("output_flag", False), ("time_limit", float(seconds)), ("threads", 1),
                        ("random_seed", 1), ("mip_rel_gap", 1e-7)):  # fmt: skip
        solver.setOptionValue(name, value)
    solver.passModel(model)
    last = [time.perf_counter()]

    def look(kind: Any, message: str, told: Any, answer: Any, own: Any) -> None:
        now = time.perf_counter()
        if now - last[0] > _LOOK:
            last[0] = now
            bound = float(told.mip_dual_bound)
            answer.user_interrupt = not go_on(-bound if np.isfinite(bound) else np.inf)

    solver.setCallback(look, None)
    solver.startCallback(highspy.cb.HighsCallbackType.kCallbackMipInterrupt)
    solver.run()
    state, info = solver.getModelStatus(), solver.getInfo()
    if state == highspy.HighsModelStatus.kInfeasible:
        return Solved(None, np.inf, True, infeasible=True)
    finished = state == highspy.HighsModelStatus.kOptimal
    has_plan = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.array(solver.getSolution().col_value) > 0.5 if has_plan else None
    return Solved(values, float(info.mip_dual_bound), finished)
