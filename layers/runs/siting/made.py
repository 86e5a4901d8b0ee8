"""What a computed plan consists of, before it is told, and how its model is solved."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import ArrayLike

from geo.crs import metric_crs
from geo.siting import Districts, Plan, Rules, Spacing, Standing, Watch, gap_of, phased, set_cover
from layers.runs.cameras.areas import areas, points_of
from layers.runs.kinds import Inputs, Progress
from layers.runs.parameters import bad
from layers.runs.reporter import Reporter
from layers.runs.siting.parameters import EVERY, SitingParameters

#: Seconds between two words on how far the search is.
_TOLD_AFTER = 0.25


@dataclass(frozen=True, slots=True)
class Made:
    """A plan and what stands at each chosen place.

    Attributes
    ----------
    plan : Plan
    sites : GeoDataFrame
        One row a chosen one, in the plan's order, EPSG:4326: the columns of the candidate and of its setting.
    unit : str
        Of what is gained.
    whole : float
        Of that unit, all that there is to be covered.
    facts : mapping
    findings : list of dict
    limits : tuple of str
    parts : mapping of str to bytes
        Documents of the run: `layers.runs.siting.model`.
    """

    plan: Plan
    sites: gpd.GeoDataFrame
    unit: str
    whole: float
    facts: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Mapping[str, Any], ...] = ()
    limits: tuple[str, ...] = ()
    parts: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """The model of a run.

    Attributes
    ----------
    covers : sparse array, shape (n, m)
    weights : array_like of float, shape (m,)
    candidates : GeoDataFrame
        One row a row of ``covers``: ``cost``, ``forced`` and a point in degrees.
    unit : str
        Of the weights.
    fixed : int, optional
        Row of ``covers`` of what stands already.
    groups : list, optional
        Label of the place of each row, None for what stands.
    of_group : int
        Rows of a place at most.
    """

    covers: Any
    weights: ArrayLike
    candidates: gpd.GeoDataFrame
    unit: str
    fixed: int | None = None
    groups: list[Any] | None = None
    of_group: int = 1


def solved(
    parameters: SitingParameters,
    inputs: Inputs,
    problem: Problem,
    *,
    progress: Progress,
    start: float,
    end: float,
) -> Plan:
    """Solve the model of a run, telling the best so far and its bound as time goes by.

    Parameters
    ----------
    start, end : float
        Share of the run that this takes.

    Returns
    -------
    Plan
        With a share as the target, ``covered`` and ``bound`` are costs: see `geo.siting.set_cover`.
    """
    last = -np.inf

    def watch(now: Standing) -> bool:
        nonlocal last
        if time.monotonic() - last < _TOLD_AFTER:
            return True
        last = time.monotonic()
        progress(start + (end - start) * min(now.seconds / max(parameters.seconds, 1.0), 1.0))
        if isinstance(progress, Reporter):
            return progress.standing(_told(now, parameters, problem))
        return True

    return solve(parameters, inputs, problem, seconds=parameters.seconds, watch=watch)


def solve(
    parameters: SitingParameters,
    inputs: Inputs,
    problem: Problem,
    *,
    seconds: float = 0.0,
    watch: Watch | None = None,
) -> Plan:
    """Solve the model of a run within some seconds; with 0 at once."""
    candidates = problem.candidates
    costs = candidates["cost"].to_numpy(dtype=float)
    common: dict[str, Any] = {
        "fixed": None if problem.fixed is None else [problem.fixed],
        "rules": _rules(parameters, inputs, problem),
        "times": parameters.times,
        "exact_seconds": seconds,
        "watch": watch,
    }
    if parameters.target_share is not None:
        # The fewest sites; with costs of the reader's own, the cheapest.
        own = costs if parameters.costs else None
        return set_cover(problem.covers, problem.weights, parameters.target_share / 100, costs=own, **common)
    own = costs if parameters.by_money else None
    return phased(problem.covers, problem.weights, parameters.phases, costs=own, **common)


def _rules(parameters: SitingParameters, inputs: Inputs, problem: Problem) -> Rules:
    candidates = problem.candidates
    rows = np.arange(len(candidates))
    free = rows != (-1 if problem.fixed is None else problem.fixed)
    groups = rows.tolist() if problem.groups is None else problem.groups
    forced = {
        groups[row] for row in np.flatnonzero(candidates["forced"].to_numpy(dtype=bool) & free).tolist()
    }
    spacing = None
    if parameters.spacing_m > 0:
        metres = candidates.geometry.to_crs(metric_crs(candidates))
        spacing = Spacing(np.column_stack([metres.x, metres.y]), parameters.spacing_m)
    return Rules(
        spacing=spacing,
        groups=problem.groups if problem.groups is not None or not forced else groups,
        of_group=problem.of_group,
        forced_groups=frozenset(forced),
        districts=_districts(parameters, inputs, candidates),
    )


def _districts(
    parameters: SitingParameters, inputs: Inputs, candidates: gpd.GeoDataFrame
) -> Districts | None:
    """Return the town of each candidate with the least and most sites of each."""
    if not parameters.district_least and not parameters.district_most:
        return None
    towns = [one for one in areas(inputs) if one.layer == "towns"]
    known = {one.code for one in towns}
    labels = np.full(len(candidates), None, dtype=object)
    located = points_of(candidates)
    for one in towns:
        labels[located.inside(one)] = one.code
    found = []
    for name in ("district_least", "district_most"):
        given: dict[str, int] = getattr(parameters, name)
        if unknown := set(given) - known - {EVERY}:
            raise bad(name, min(unknown), "town-codes", known=", ".join(sorted(known)))
        every = dict.fromkeys(known, given[EVERY]) if EVERY in given else {}
        found.append(every | {code: number for code, number in given.items() if code != EVERY})
    least, most = found
    if empty := {code for code, number in least.items() if number > 0} - set(labels):
        raise bad("district_least", min(empty), "towns-with-candidates")
    return Districts(labels.tolist(), least, most)


def _told(now: Standing, parameters: SitingParameters, problem: Problem) -> dict[str, Any]:
    least_cost = parameters.target_share is not None
    gap = gap_of(now.covered, now.bound)
    if least_cost:
        gap = (now.covered - now.bound) / now.covered if np.isfinite(now.covered) and now.covered > 0 else 1.0
    return {
        "objective": "least_cost" if least_cost else "most_covered",
        "covered": float(now.covered) if np.isfinite(now.covered) else None,
        "bound": float(now.bound),
        "gap": float(gap),
        "seconds": round(now.seconds, 2),
        "unit": bound_unit(parameters) if least_cost else problem.unit,
    }


def bound_unit(parameters: SitingParameters) -> str:
    """Return in what the cost of the fewest or cheapest sites is told."""
    return "10,000 CNY" if parameters.costs else "sites"
