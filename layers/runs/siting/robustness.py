"""How many sites of a plan stay where range or demand is otherwise than was taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.siting import Plan
from layers.runs.kinds import Inputs
from layers.runs.siting.made import Problem, solve
from layers.runs.siting.parameters import SitingParameters

#: Share by which range and demand are tried otherwise.
CHANGE = 0.1
#: Draws of another demand, and the seed of their numbers.
DRAWS, SEED = 5, 1


@dataclass(frozen=True, slots=True)
class Stays:
    """What became of the sites.

    Attributes
    ----------
    share : ndarray of float64
        Of all trials, those in which each site of the plan stays, in its order.
    finding : dict
        How many stay in each trial; of a demand that is drawn anew their mean, and the fewest.
    """

    share: NDArray[np.float64]
    finding: dict[str, Any]


def tried(
    parameters: SitingParameters,
    inputs: Inputs,
    problem: Problem,
    plan: Plan,
    ranged: Callable[[float], Problem],
) -> Stays:
    """Solve the model again, at once, with other ranges and other demands.

    Parameters
    ----------
    ranged : callable
        From a factor of range to the model with that; rows stand for the same settings of the same places.
    """
    whose = np.arange(len(problem.candidates)) if problem.groups is None else np.array(problem.groups)
    own = whose[plan.chosen]
    trials: list[NDArray[np.bool_]] = []
    rows = []

    def again(one: Problem) -> tuple[NDArray[np.bool_], Plan]:
        other = solve(parameters, inputs, one)
        return np.isin(own, whose[other.chosen]), other

    for factor in (1.0 - CHANGE, 1.0 + CHANGE):
        stay, other = again(ranged(factor))
        trials.append(stay)
        rows.append(_row("range", round(100 * (factor - 1)), [stay], [other]))
    random = np.random.default_rng(SEED)
    weights = np.asarray(problem.weights, dtype=float)
    draws = [
        again(replace(problem, weights=weights * random.uniform(1.0 - CHANGE, 1.0 + CHANGE, len(weights))))
        for _ in range(DRAWS)
    ]
    trials += [stay for stay, _ in draws]
    rows.append(_row("demand", round(100 * CHANGE), [stay for stay, _ in draws], [one for _, one in draws]))
    share = np.mean(trials, axis=0) if len(own) else np.zeros(0)
    return Stays(share, {"what": "sensitivity", "sites": len(own), "rows": rows})


def _row(change: str, percent: int, stays: list[NDArray[np.bool_]], plans: list[Plan]) -> dict[str, Any]:
    counts = [int(one.sum()) for one in stays]
    covered = [float(one.already + one.gains.sum()) for one in plans]
    return {
        "change": change, "percent": percent, "trials": len(counts), "stay": float(np.mean(counts)),
        "least": min(counts), "covered": float(np.mean(covered)),
    }  # fmt: skip
