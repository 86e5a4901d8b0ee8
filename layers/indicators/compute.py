"""Indicators of many regions at once: what was added up before, and what is not known yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from layers.definitions.conditions import Others
from layers.definitions.indicator import Amount, Indicator
from layers.definitions.loading import Catalog
from layers.indicators.adding_up import Added, Asking, add_up
from layers.indicators.beginnings import beginning_of, read_beginnings
from layers.indicators.clock import Clock
from layers.indicators.conditions import Group, Ways, group_of
from layers.indicators.figures import Figure, Part, Reason, figure
from layers.indicators.passes import Pass, Sums, Wanted, make_pass
from layers.indicators.places import Place
from layers.indicators.run_figures import RunFigures, read_run_figures
from layers.schema.policies import by_region
from layers.scope import Scope
from layers.scoped_reading import scoped_reading


@dataclass(frozen=True)
class Told:
    """Indicators of several regions.

    Attributes
    ----------
    figures : mapping
        Figures by region code and indicator.
    runs : sequence of RunFigures
        The runs that stand behind them, newest first.
    kept : frozenset of str
        Indicators whose figures come from the record of an earlier day.
    stale_since : mapping
        Indicators whose sums a change has made old, with the moment from which on they may be out of date.
    """

    figures: Mapping[str, Mapping[str, Figure]]
    runs: Sequence[RunFigures]
    kept: frozenset[str] = frozenset()
    stale_since: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Ask:
    """What one amount needs of a pass: which pass, and which of its columns."""

    group: Group
    column: int


async def tell(
    connection: Any, asking: Asking, indicators: Sequence[Indicator], places: Sequence[Place]
) -> Told:
    """Return every indicator for every region.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of `layers.database.open_reading_pool`.
    indicators : sequence of Indicator
        None over targets: `layers.indicators.telling` adds those.
    """
    plan = Plan(asking.catalog, asking.scope)
    for indicator in indicators:
        if is_computed(indicator, asking.clock):
            plan.add(indicator)
    async with scoped_reading(connection, asking.scope):
        added = await add_up(connection, asking, plan.groups, places)
    beginnings = await read_beginnings(connection, asking.catalog, plan.amounts, asking.clock)
    runs = await read_run_figures(connection, asking.scope, plan.kinds, asking.city, asking.kept.tables)
    answers = Answers(plan, added.sums, runs, asking, beginnings)
    figures = {place.code: {one.name: answers.figure(one, place) for one in indicators} for place in places}
    return Told(figures, runs, stale_since=plan.stale_since(added))


def is_computed(indicator: Indicator, clock: Clock) -> bool:
    """Tell whether what is stored tells an indicator of the day: of an earlier one only where it is dated."""
    return indicator.past or clock.day >= clock.today


class Plan:
    """Which sums are needed of which layer."""

    def __init__(self, catalog: Catalog, scope: Scope) -> None:
        self.catalog, self.scope = catalog, scope
        self.groups: dict[Group, list[Wanted]] = {}
        self.asks: dict[tuple[str, str], Ask] = {}
        self.kinds: set[str] = set()

    @property
    def amounts(self) -> list[Amount]:
        """What is added up."""
        return [one.amount for several in self.groups.values() for one in several]

    def stale_since(self, added: Added) -> dict[str, datetime]:
        """Return the indicators that come from old sums, each with the earliest moment."""
        found: dict[str, datetime] = {}
        for (name, _), ask in self.asks.items():
            since = added.stale_since.get((ask.group, ask.column))
            if since is not None:
                found[name] = min(since, found.get(name, since))
        return found

    def add(self, indicator: Indicator) -> None:
        """Note what an indicator needs."""
        for key, amount in indicator.amounts:
            if amount.run is not None:
                self.kinds.add(amount.run)
            elif amount.layer is not None:
                self._want(indicator, key, Wanted(amount))
        if indicator.missing is not None:
            # of lengths and areas the unknown share is one of length or area, of all else of features
            rows = indicator.whole.measure not in ("length", "area")
            self._want(indicator, "counted", Wanted(indicator.whole, rows=rows))
            among = Wanted(indicator.whole, among=indicator.missing, rows=rows)
            self._want(indicator, "unknown", among)

    def _want(self, indicator: Indicator, key: str, wanted: Wanted) -> None:
        amount = wanted.amount
        if not self._may_open(amount):
            return
        self.asks[indicator.name, key] = self._ask(wanted)
        # an area, team or sensor that is not there makes no figure: whether any is, is counted too
        for condition, others in amount.conditions():
            self.asks[indicator.name, f"{key} {condition}"] = self._ask(Wanted(amount_of(others)))

    def _ask(self, wanted: Wanted) -> Ask:
        group = group_of(wanted.amount)
        several = self.groups.setdefault(group, [])
        if wanted not in several:
            several.append(wanted)
        return Ask(group, several.index(wanted))

    def _may_open(self, amount: Amount) -> bool:
        named = [amount.layer or "", *(others.layer for _, others in amount.conditions())]
        return all(self.scope.may_open(self.catalog.layer(name)) for name in named)

    def make(self, group: Group, clock: Clock, ways: Ways, *, days: Sequence[date] = ()) -> Pass:
        """Return the pass of one group; `days` as for `layers.indicators.passes.make_pass`."""
        layer = self.catalog.layer(group.layer)
        return make_pass(layer, self.groups[group], self.catalog, clock, ways, days=days)


def amount_of(others: Others) -> Amount:
    """Return the number of the others as an amount."""
    return Amount(title=others.title, layer=others.layer, where=others.where)


@dataclass(frozen=True)
class Answers:
    """Sums and tables by region made into figures."""

    plan: Plan
    sums: Mapping[Group, Sums]
    runs: Sequence[RunFigures]
    asking: Asking
    beginnings: Mapping[str, date] = field(default_factory=dict)

    def figure(self, indicator: Indicator, place: Place) -> Figure:
        """Return one indicator of one region."""
        if not is_computed(indicator, self.asking.clock):
            told = Part(None, Reason("not-kept"))
            return Figure(None, told, None if indicator.denominator is None else told, None, told.reason)
        parts = {key: self._part(indicator, key, amount, place) for key, amount in indicator.amounts}
        unknown = self._sum(indicator, "unknown", place) if indicator.missing is not None else None
        counted = self._sum(indicator, "counted", place)
        return figure(
            indicator, parts["numerator"], parts.get("denominator"),
            counted=counted or 0.0, unknown=0.0 if unknown is None and counted else unknown,
        )  # fmt: skip

    def _part(self, indicator: Indicator, key: str, amount: Amount, place: Place) -> Part:
        reason = closed(self.plan.catalog, self.asking.scope, amount, place) or self._nothing(
            indicator, key, amount
        )
        if reason is not None:
            return Part(None, reason)
        since = beginning_of(amount, self.beginnings, self.asking.clock.day)
        if since is not None:
            return Part(
                None, Reason("window-before-data", {"layer": amount.layer, "since": since.isoformat()})
            )
        of_run = amount.run is not None
        value = self._of_run(amount, place) if of_run else self._of_layer(indicator, key, place)
        if isinstance(value, Reason):
            return Part(None, value)
        return Part(value * amount.factor)

    def _nothing(self, indicator: Indicator, key: str, amount: Amount) -> Reason | None:
        """Tell whether a layer that a condition needs has nothing at all: no 0 % comes of that."""
        for condition, others in amount.conditions():
            ask = self.plan.asks[indicator.name, f"{key} {condition}"]
            if not self.sums[ask.group].rows:
                return Reason("layer-without-data", {"layer": others.layer})
        return None

    def _of_run(self, amount: Amount, place: Place) -> float | Reason:
        run = next((one for one in self.runs if one.fits(amount.run or "", amount.parameters)), None)
        if run is None:
            return Reason("no-run", {"kind": amount.run})
        value = run.by_region.get(place.code, {}).get(amount.column or "")
        if value is None:
            return Reason("run-without-region", {"kind": amount.run, "run": run.run})
        return float(value)

    def _of_layer(self, indicator: Indicator, key: str, place: Place) -> float | Reason:
        ask = self.plan.asks[indicator.name, key]
        sums = self.sums[ask.group]
        if not sums.rows:
            return Reason("layer-without-data", {"layer": ask.group.layer})
        exact = ask.group.apart == "value"
        value = sums.of(place.code if exact else place.prefix, ask.column)
        if value is None and exact:
            return Reason("no-figure", {"layer": ask.group.layer})
        return value or 0.0

    def _sum(self, indicator: Indicator, key: str, place: Place) -> float | None:
        ask = self.plan.asks.get((indicator.name, key))
        return None if ask is None else self.sums[ask.group].of(place.prefix, ask.column)


def closed(catalog: Catalog, scope: Scope, amount: Amount, place: Place) -> Reason | None:
    """Tell whether a reader sees all that an amount of a region needs: a smaller number would be a wrong one.

    Of other layers that are cut by region the whole city is needed: help and sensors come from next door.
    """
    if amount.layer is None:
        return None
    layers = [(amount.layer, place.prefix), *((others.layer, "") for _, others in amount.conditions())]
    for name, prefix in layers:
        layer = catalog.layer(name)
        prefixes = scope.region_prefixes
        reached = prefixes is None or not by_region(layer) or prefix.startswith(prefixes)
        if not scope.may_open(layer) or not reached:
            return Reason("not-readable", {"layer": layer.name})
    return None


def closed_to(asking: Asking, indicator: Indicator, place: Place) -> Reason | None:
    """Tell whether a reader does not see all that an indicator of a region needs."""
    reasons = (closed(asking.catalog, asking.scope, one, place) for _, one in indicator.amounts)
    return next((reason for reason in reasons if reason is not None), None)
