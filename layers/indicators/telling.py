"""A view of a region: its figures, those of the region's parts, and what plans ask of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from layers.definitions.indicator import Amount, Indicator
from layers.definitions.view import ViewDefinition
from layers.definitions.view_loading import Views
from layers.indicators.compute import Asking, tell
from layers.indicators.figures import Figure, Part, Reason, figure
from layers.indicators.places import Family, Place
from layers.indicators.run_figures import RunFigures
from layers.indicators.targets import Asked, count_targets, weigh


@dataclass(frozen=True)
class ToldView:
    """One view of one region.

    Attributes
    ----------
    figures : mapping
        Figures by region code and indicator: the region's own and those of its parts.
    asked : sequence of Asked
        Targets of the region: of the view's indicators, or all of them in a view that counts targets.
    """

    view: ViewDefinition
    family: Family
    indicators: Sequence[Indicator]
    figures: Mapping[str, Mapping[str, Figure]]
    asked: Sequence[Asked]
    runs: Sequence[RunFigures]


async def tell_view(
    connection: Any, asking: Asking, views: Views, view: ViewDefinition, family: Family
) -> ToldView:
    """Compute a view of a region and its parts."""
    shown = [views.indicators[name] for name in view.indicators]
    over_targets = [one for one in shown if one.numerator.targets is not None]
    names = {one.name for one in shown if one not in over_targets}
    planned = {target.indicator for plan in views.plans for target in plan.targets if target.indicator}
    wanted = names | planned if over_targets else names
    computed = [views.indicators[name] for name in sorted(wanted)]
    places = [family.place, *family.parts]
    told = await tell(connection, asking, computed, places)
    figures = {code: dict(found) for code, found in told.figures.items()}
    if over_targets:
        for place in places:
            asked = weigh(place, views.plans, figures[place.code], asking.clock.day)
            figures[place.code] |= {one.name: _over_targets(one, asked) for one in over_targets}
    asked = weigh(family.place, views.plans, figures[family.place.code], asking.clock.day)
    if not over_targets:
        asked = [one for one in asked if one.target.indicator in names]
    return ToldView(view, family, shown, figures, asked, told.runs)


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
