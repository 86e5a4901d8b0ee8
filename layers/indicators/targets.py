"""Targets of plans against the present: met or missed where their year is over, else the gap and pace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from layers.definitions.target import Plan, Target
from layers.indicators.figures import Figure
from layers.indicators.places import Place, prefix_of

Standing = Literal["met", "missed", "reached", "not_reached", "without_value"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One target as it stands for one region.

    Attributes
    ----------
    standing : str
        ``met`` or ``missed`` where the target's year is over, ``reached`` or ``not_reached`` before.
    gap : float, optional
        What is still wanting, in the indicator's unit; 0 where nothing is.
    pace : float, optional
        What is wanting for each year that is left; None where the year is over or nothing is wanting.
    current : bool
        True of the target that counts now: the next that is due, or the last one.
    """

    plan: Plan
    target: Target
    standing: Standing
    gap: float | None
    pace: float | None
    current: bool


def targets_for(place: Place, plans: Iterable[Plan]) -> list[tuple[Plan, Target]]:
    """Return the targets that hold for a region: those of its own plan, and rates of the plans above it."""
    found = []
    for plan in plans:
        above = prefix_of(plan.region, "admin")
        if above == place.prefix:
            found += [(plan, target) for target in plan.targets]
        elif place.prefix.startswith(above):
            found += [(plan, target) for target in plan.targets if target.parts]
    return found


def weigh(place: Place, plans: Sequence[Plan], figures: Mapping[str, Figure], day: date) -> list[Asked]:
    """Return every target of a region against its figures on a day, by plan, indicator and year."""
    found = targets_for(place, plans)
    current = {_current([t for p, t in found if (p.name, _about(t)) == key], day) for key in _keys(found)}
    return [_asked(plan, target, figures, day, current=target in current) for plan, target in found]


def _keys(found: Iterable[tuple[Plan, Target]]) -> set[tuple[str, str]]:
    return {(plan.name, _about(target)) for plan, target in found}


def _about(target: Target) -> str:
    return target.indicator or (target.title.en if target.title else "")


def _current(targets: Sequence[Target], day: date) -> Target:
    ahead = [one for one in targets if _due(one) >= day]
    return min(ahead, key=lambda one: one.year) if ahead else max(targets, key=lambda one: one.year)


def _due(target: Target) -> date:
    return date(target.year, 12, 31)


def _asked(plan: Plan, target: Target, figures: Mapping[str, Figure], day: date, *, current: bool) -> Asked:
    found = figures.get(target.indicator or "")
    if found is None or found.value is None:
        return Asked(plan, target, "without_value", None, None, current)
    is_met = target.is_met(found.value)
    is_over = day >= _due(target)
    standing: Standing = (
        ("met" if is_met else "missed") if is_over else ("reached" if is_met else "not_reached")
    )
    gap = 0.0 if is_met else abs(target.value - found.value)
    years = (_due(target) - day).days / 365.2425
    pace = None if is_met or is_over else gap / years
    return Asked(plan, target, standing, gap, pace, current)


def count_targets(which: str, asked: Sequence[Asked]) -> int:
    """Return how many of the targets that count now stand so: an amount of an indicator over targets."""
    now = [one for one in asked if one.current]
    match which:
        case "all":
            return len(now)
        case "reached":
            return sum(one.standing in ("met", "reached") for one in now)
        case "not_reached":
            return sum(one.standing in ("missed", "not_reached") for one in now)
        case "missed":
            return sum(one.standing == "missed" for one in now)
        case _:
            return sum(one.standing == "without_value" for one in now)
