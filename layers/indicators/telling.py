"""A view of a region: its figures, those of the region's parts, and what plans ask of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from layers.definitions.indicator import Amount, Indicator
from layers.definitions.view import ViewDefinition
from layers.definitions.view_loading import Views
from layers.indicators.adding_up import Asking
from layers.indicators.compute import Told, closed_to, tell
from layers.indicators.days import read_days
from layers.indicators.figures import Figure, Part, Reason, figure
from layers.indicators.places import Family, Place
from layers.indicators.run_figures import RunFigures
from layers.indicators.targets import Asked, count_targets, weigh


@dataclass(frozen=True)
class ToldView:
    """One view of one region.

    Attributes
    ----------
    indicators : sequence of Indicator
        Those of the wall, and then those of desk and report.
    figures : mapping
        Figures by region code and indicator: the region's own and those of its parts.
    kept : frozenset of str
        Indicators whose figures come from the record of the day.
    asked : sequence of Asked
        Targets of the region: of the view's indicators, or all of them in a view that counts targets.
    stale_since : mapping
        Indicators of the view, or that targets are of, whose sums a change has made old, with its moment.
    """

    view: ViewDefinition
    family: Family
    indicators: Sequence[Indicator]
    figures: Mapping[str, Mapping[str, Figure]]
    kept: frozenset[str]
    asked: Sequence[Asked]
    runs: Sequence[RunFigures]
    stale_since: Mapping[str, datetime]


async def tell_view(
    connection: Any, asking: Asking, views: Views, view: ViewDefinition, family: Family
) -> ToldView:
    """Compute a view of a region and its parts."""
    shown = [views.indicators[name] for name in view.told]
    told = await tell_all(connection, asking, views, shown, [family.place, *family.parts])
    asked = weigh(family.place, views.plans, told.figures[family.place.code], asking.clock.day)
    if not any(_counts_targets(one) for one in shown):
        asked = [one for one in asked if one.target.indicator in view.told]
    return ToldView(view, family, shown, told.figures, told.kept, asked, told.runs, told.stale_since)


async def tell_all(
    connection: Any, asking: Asking, views: Views, indicators: Sequence[Indicator], places: Sequence[Place]
) -> Told:
    """Return indicators of regions, those over targets too; of an earlier day also what was kept of it.

    Where targets are counted, the indicators that plans name are told beside those that were asked for.
    """
    over_targets = [one for one in indicators if _counts_targets(one)]
    names = {one.name for one in indicators if one not in over_targets}
    planned = {target.indicator for plan in views.plans for target in plan.targets if target.indicator}
    wanted = names | planned if over_targets else names
    computed = [views.indicators[name] for name in sorted(wanted)]
    told = await tell(connection, asking, computed, places)
    figures = {code: dict(found) for code, found in told.figures.items()}
    kept = await _of_the_day(connection, asking, computed, places, figures)
    since = dict(told.stale_since)
    if over_targets:
        for place in places:
            asked = weigh(place, views.plans, figures[place.code], asking.clock.day)
            figures[place.code] |= {one.name: _over_targets(one, asked) for one in over_targets}
        if known := [since[name] for name in planned if name in since]:
            since |= {one.name: min(known) for one in over_targets}
    return Told(figures, told.runs, kept, {name: at for name, at in since.items() if name not in kept})


async def _of_the_day(
    connection: Any,
    asking: Asking,
    computed: Sequence[Indicator],
    places: Sequence[Place],
    figures: dict[str, dict[str, Figure]],
) -> frozenset[str]:
    """Put in what was kept of an earlier day where nothing that is stored tells it."""
    day = asking.clock.day
    asked = [one for one in computed if not one.past]
    if day >= asking.clock.today or not asked:
        return frozenset()
    codes = [place.code for place in places]
    days = await read_days(connection, asking.scope, asked, [day], codes)
    found = days.get(day, {})
    for one in asked:
        for place in places:
            known = found.get(one.name, {}).get(place.code)
            if known is not None and not closed_to(asking, one, place):
                figures[place.code][one.name] = known
    return frozenset(found)


def _counts_targets(indicator: Indicator) -> bool:
    return indicator.numerator.targets is not None


def _over_targets(indicator: Indicator, asked: Sequence[Asked]) -> Figure:
    """Return an indicator that counts targets."""

    def part(amount: Amount) -> Part:
        if not asked:
            return Part(None, Reason("no-targets"))
        return Part(float(count_targets(amount.targets or "all", asked)) * amount.factor)

    denominator = None if indicator.denominator is None else part(indicator.denominator)
    return figure(indicator, part(indicator.numerator), denominator, counted=len(asked), unknown=None)


def ranked(told: ToldView, indicator: Indicator) -> list[Place]:
    """Return the parts of the region by one indicator, the worst first; those without a value last."""
    values = {place.code: told.figures[place.code][indicator.name].value for place in told.family.parts}
    way = 1 if indicator.better == "higher" else -1

    def place_of(place: Place) -> tuple[bool, float, str]:
        value = values[place.code]
        return value is None, way * (value or 0.0), place.code

    return sorted(told.family.parts, key=place_of)
