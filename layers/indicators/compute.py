"""Indicators of many regions at once: one pass a layer, kept until the layer changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from layers.definitions.indicator import Amount, Indicator
from layers.definitions.loading import Catalog
from layers.indicators.figures import Figure, Part, Reason, figure
from layers.indicators.passes import Clock, Pass, Sums, Wanted, make_pass
from layers.indicators.places import Place
from layers.indicators.run_figures import RunFigures, Tables, read_run_figures
from layers.indicators.staleness import stale
from layers.schema.policies import by_region
from layers.scope import Scope
from layers.scoped_reading import scoped_reading

MOST_KEPT = 512

#: Lengths and areas that cross many boundaries take longer than a hot read may.
_PATIENCE = "SET LOCAL statement_timeout = '9s'"

#: What goes into one pass: layer, kind of extent, and what cannot be added up beside the rest.
Group = tuple[str, str | None, str]


@dataclass
class Kept:
    """What was read: passes by what was asked under which scope, the least used go first; tables of runs."""

    sums: OrderedDict[tuple[Any, ...], Sums] = field(default_factory=OrderedDict)
    tables: Tables = field(default_factory=dict)

    def get(self, key: tuple[Any, ...]) -> Sums | None:
        """Return what is kept, and count it as used."""
        found = self.sums.get(key)
        if found is not None:
            self.sums.move_to_end(key)
        return found

    def put(self, key: tuple[Any, ...], sums: Sums) -> None:
        """Keep what a pass found."""
        self.sums[key] = sums
        self.sums.move_to_end(key)
        while len(self.sums) > MOST_KEPT:
            self.sums.popitem(last=False)


@dataclass(frozen=True)
class Told:
    """Indicators of several regions.

    Attributes
    ----------
    figures : mapping
        Figures by region code and indicator.
    runs : sequence of RunFigures
        The runs that stand behind them, newest first.
    """

    figures: Mapping[str, Mapping[str, Figure]]
    runs: Sequence[RunFigures]


@dataclass(frozen=True)
class _Ask:
    """What one amount needs of a pass: which pass, and which of its columns."""

    group: Group
    column: int


@dataclass(frozen=True)
class Asking:
    """Who asks, of what, and for which day.

    Attributes
    ----------
    scope : Scope
        Layers and regions that it does not reach give a reason, never a smaller number.
    city : str, optional
        Code of the city's own region.
    kept : Kept
        What earlier requests of this process have read.
    """

    scope: Scope
    catalog: Catalog
    clock: Clock
    city: str | None = None
    kept: Kept = field(default_factory=Kept)


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
    plan = _Plan(asking.catalog, asking.scope)
    for indicator in indicators:
        plan.add(indicator)
    passes = {group: plan.make(group, asking.clock) for group in plan.groups}
    sums = await _run(connection, asking.scope, passes, asking.kept)
    runs = await read_run_figures(connection, asking.scope, plan.kinds, asking.city, asking.kept.tables)
    answers = _Answers(plan, sums, runs, asking)
    figures = {place.code: {one.name: answers.figure(one, place) for one in indicators} for place in places}
    return Told(figures, runs)


class _Plan:
    """Which sums are needed of which layer."""

    def __init__(self, catalog: Catalog, scope: Scope) -> None:
        self.catalog, self.scope = catalog, scope
        self.groups: dict[Group, list[Wanted]] = {}
        self.asks: dict[tuple[str, str], _Ask] = {}
        self.kinds: set[str] = set()

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
        if amount.layer is None or not self.scope.may_open(self.catalog.layer(amount.layer)):
            return
        apart = amount.measure if amount.measure in ("value", "length", "area") else ""
        group = (amount.layer, amount.extent, apart)
        several = self.groups.setdefault(group, [])
        if wanted not in several:
            several.append(wanted)
        self.asks[indicator.name, key] = _Ask(group, several.index(wanted))

    def make(self, group: Group, clock: Clock) -> Pass:
        """Return the pass of one group."""
        return make_pass(self.catalog.layer(group[0]), self.groups[group], self.catalog.code_lists, clock)


async def _run(connection: Any, scope: Scope, passes: Mapping[Group, Pass], kept: Kept) -> dict[Group, Sums]:
    """Run the passes that are not kept, or of which a table has changed since."""
    reader = (tuple(sorted(scope.classifications)), scope.region_prefixes)
    keys = {group: (one.key, reader) for group, one in passes.items()}
    found = {group: sums for group, key in keys.items() if (sums := kept.get(key)) is not None}
    async with scoped_reading(connection, scope):
        groups = list(found)
        kept_reads = [(found[group].snapshot, passes[group].tables) for group in groups]
        for row in await stale(connection, kept_reads):
            del found[groups[row]]
        missing = [group for group in passes if group not in found]
        if missing:
            await connection.execute(_PATIENCE)
            snapshot = await connection.fetchval("SELECT pg_current_snapshot()::text")
        for group in missing:
            found[group] = await passes[group].run(connection, snapshot)
            kept.put(keys[group], found[group])
    return found


@dataclass(frozen=True)
class _Answers:
    """Sums and tables by region made into figures."""

    plan: _Plan
    sums: Mapping[Group, Sums]
    runs: Sequence[RunFigures]
    asking: Asking

    def figure(self, indicator: Indicator, place: Place) -> Figure:
        """Return one indicator of one region."""
        if not indicator.past and self.asking.clock.day < self.asking.clock.today:
            told = Part(None, Reason("present-only"))
            return Figure(None, told, None if indicator.denominator is None else told, None, told.reason)
        parts = {key: self._part(indicator, key, amount, place) for key, amount in indicator.amounts}
        unknown = self._sum(indicator, "unknown", place) if indicator.missing is not None else None
        counted = self._sum(indicator, "counted", place)
        return figure(
            indicator, parts["numerator"], parts.get("denominator"),
            counted=counted or 0.0, unknown=0.0 if unknown is None and counted else unknown,
        )  # fmt: skip

    def _part(self, indicator: Indicator, key: str, amount: Amount, place: Place) -> Part:
        reason = self._closed(amount, place)
        if reason is not None:
            return Part(None, reason)
        of_run = amount.run is not None
        value = self._of_run(amount, place) if of_run else self._of_layer(indicator, key, place)
        if isinstance(value, Reason):
            return Part(None, value)
        return Part(value * amount.factor)

    def _closed(self, amount: Amount, place: Place) -> Reason | None:
        """Tell whether the reader sees all of a region: a smaller number would be a wrong one."""
        if amount.layer is None:
            return None
        layer = self.plan.catalog.layer(amount.layer)
        if not self.asking.scope.may_open(layer):
            return Reason("not-readable", {"layer": layer.name})
        prefixes = self.asking.scope.region_prefixes
        if prefixes is None or not by_region(layer) or place.prefix.startswith(prefixes):
            return None
        return Reason("not-readable", {"layer": layer.name})

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
            return Reason("layer-without-data", {"layer": ask.group[0]})
        exact = ask.group[2] == "value"
        value = sums.of(place.code if exact else place.prefix, ask.column)
        if value is None and exact:
            return Reason("no-figure", {"layer": ask.group[0]})
        return value or 0.0

    def _sum(self, indicator: Indicator, key: str, place: Place) -> float | None:
        ask = self.plan.asks.get((indicator.name, key))
        return None if ask is None else self.sums[ask.group].of(place.prefix, ask.column)
