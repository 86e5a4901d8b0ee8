"""An indicator day by day: computed where its facts are dated, else from the record of the days.

Events of dated windows are added up once by day and region; a window is the difference of two running sums.
Filters that depend on the day are tried for all days in one pass. All else is computed for each stretch of
days between which nothing changes that it depends on.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import sql

from geo.errors import BadInput
from layers.definitions.indicator import Amount, Indicator
from layers.definitions.layer import GeometryFamily
from layers.indicators.adding_up import Asking, wait_for
from layers.indicators.beginnings import read_beginnings
from layers.indicators.compute import Answers, Plan, Told, closed_to, tell
from layers.indicators.conditions import Group, Ways
from layers.indicators.days import digest_of, read_days
from layers.indicators.figures import Figure, Part, Reason
from layers.indicators.passes import LENGTHS, Pass, Sums, Wanted, make_daily
from layers.indicators.places import Place
from layers.indicators.staleness import stale
from layers.schema.names import CITY
from layers.scoped_reading import scoped_reading

#: Days that are told of at most, and of indicators that must be computed day by day.
MOST_STEPS, MOST_COMPUTED = 400, 62
MOST_KEPT = 64
#: Functions of filters that depend on the day.
_OF_THE_DAY = ("days_before_today", "years_before_today")

# Of days by their ends, those on which features begin or end to be valid; an end is within its day.
_CHANGES = sql.SQL("""
    SELECT width_bucket(t.valid_from - interval '1 microsecond', $1::timestamptz[]) FROM {table} AS t
    WHERE t.valid_from > ($1::timestamptz[])[1] AND t.valid_from <= $2
    UNION
    SELECT width_bucket(t.valid_to - interval '1 microsecond', $1::timestamptz[]) FROM {table} AS t
    WHERE t.valid_to > ($1::timestamptz[])[1] AND t.valid_to <= $2
""")


class TooManySteps(BadInput):
    """More days than can be told at once; details: ``steps``, ``most``."""

    code = "too-many-steps"


@dataclass(frozen=True)
class Series:
    """An indicator of several regions on several days.

    Attributes
    ----------
    days : sequence of date
        Oldest first.
    figures : mapping
        By region code, one figure a day.
    kept : sequence of bool
        Days that come from the record.
    """

    days: Sequence[date]
    figures: Mapping[str, Sequence[Figure]]
    kept: Sequence[bool]


@dataclass
class KeptSeries:
    """Series that were told, until a layer changes that they come from; the least used go first."""

    found: OrderedDict[tuple[Any, ...], tuple[str, frozenset[str], Series]] = field(
        default_factory=OrderedDict
    )


async def tell_series(
    connection: Any,
    asking: Asking,
    indicator: Indicator,
    places: Sequence[Place],
    days: Sequence[date],
    *,
    kept: KeptSeries,
) -> Series:
    """Return an indicator of some regions on some days.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of the reading pool.
    days : sequence of date
        Rising; none after the city's own day.
    kept : KeptSeries
        What earlier requests were told.

    Raises
    ------
    TooManySteps
        For more than `MOST_STEPS`, and more than `MOST_COMPUTED` of what must be computed day by day.
    """
    if len(days) > MOST_STEPS:
        raise TooManySteps("too many days at once", steps=len(days), most=MOST_STEPS)
    if not indicator.past or indicator.numerator.targets is not None:
        return await _recorded(connection, asking, indicator, places, days)
    scope = asking.scope
    reader = tuple(sorted(scope.classifications)), scope.region_prefixes
    codes = tuple(place.code for place in places)
    key = (indicator.name, digest_of(indicator), reader, codes, tuple(days))
    known = kept.found.get(key)
    if known is None or await stale(connection, [known[:2]]):
        snapshot = await connection.fetchval("SELECT pg_current_snapshot()::text")
        tables, series = await _computed(connection, asking, indicator, places, days)
        known = (snapshot, tables, series)
    kept.found[key] = known
    kept.found.move_to_end(key)
    while len(kept.found) > MOST_KEPT:
        kept.found.popitem(last=False)
    return known[2]


async def _recorded(
    connection: Any, asking: Asking, indicator: Indicator, places: Sequence[Place], days: Sequence[date]
) -> Series:
    """Return what was kept; of the city's own day what it is now."""
    codes = [place.code for place in places]
    found = await read_days(connection, asking.scope, [indicator], days, codes)
    now: Told | None = None
    if days and days[-1] == asking.clock.today and indicator.numerator.targets is None:
        today = replace(asking, clock=asking.clock.on(asking.clock.today))
        now = await tell(connection, today, [indicator], places)
    figures: dict[str, list[Figure]] = {}
    for place in places:
        hidden = closed_to(asking, indicator, place)
        several = []
        for day in days:
            if now is not None and day == asking.clock.today:
                several.append(now.figures[place.code][indicator.name])
                continue
            known = found.get(day, {}).get(indicator.name, {}).get(place.code)
            several.append(
                _without(indicator, hidden or Reason("not-kept")) if known is None or hidden else known
            )
        figures[place.code] = several
    recorded = [day in found and not (now is not None and day == asking.clock.today) for day in days]
    return Series(tuple(days), figures, recorded)


def _without(indicator: Indicator, reason: Reason) -> Figure:
    part = Part(None, reason)
    return Figure(None, part, None if indicator.denominator is None else part, None, reason)


async def _computed(
    connection: Any, asking: Asking, indicator: Indicator, places: Sequence[Place], days: Sequence[date]
) -> tuple[frozenset[str], Series]:
    plan = Plan(asking.catalog, asking.scope)
    plan.add(indicator)
    tables: set[str] = set()
    sums: list[dict[Group, Sums]] = [{} for _ in days]
    grids = any(len(place.prefix) > LENGTHS[-1] for place in places)
    async with scoped_reading(connection, asking.scope):
        await wait_for(connection, asking.patience_seconds)
        for group, wanted in plan.groups.items():
            own = plan.make(group, asking.clock, Ways()).tables
            tables |= own
            changed = await _changed(connection, asking, own, days)
            if not changed and _by_day(asking, group, wanted):
                several = await _running(connection, asking, group, wanted, days, grids=grids)
            elif not changed and _by_filter(wanted) and len(days) <= MOST_COMPUTED:
                one = plan.make(group, asking.clock.on(days[-1]), Ways(), days=days)
                several = _split(await one.run(connection), len(wanted))
            else:
                begins = [*range(len(days))] if any(map(_moves, wanted)) else [0, *changed]
                if len(begins) > MOST_COMPUTED:
                    raise TooManySteps("each day is computed", steps=len(begins), most=MOST_COMPUTED)
                passes = [plan.make(group, asking.clock.on(days[begin]), Ways()) for begin in begins]
                several = await _stretches(connection, passes, [*begins, len(days)])
            for each, found in zip(sums, several, strict=True):
                each[group] = found
    beginnings = await read_beginnings(connection, asking.catalog, plan.amounts, asking.clock)
    figures: dict[str, list[Figure]] = {place.code: [] for place in places}
    for day, of_day in zip(days, sums, strict=True):
        answers = Answers(plan, of_day, (), replace(asking, clock=asking.clock.on(day)), beginnings)
        for place in places:
            figures[place.code].append(answers.figure(indicator, place))
    return frozenset(tables), Series(tuple(days), figures, [False] * len(days))


async def _changed(connection: Any, asking: Asking, tables: Iterable[str], days: Sequence[date]) -> list[int]:
    """Return the places of the days, after the first, on which any feature of the tables begins or ends."""
    ends = [asking.clock.on(day).end for day in days]
    places: set[int] = set()
    for table in sorted(tables):
        statement = _CHANGES.format(table=sql.Identifier(CITY, table)).as_string()
        places |= {row[0] for row in await connection.fetch(statement, ends, ends[-1])}
    return sorted(places)


async def _stretches(connection: Any, passes: Iterable[Pass], begins: Sequence[int]) -> list[Sums]:
    """Return the sums of each day, added up once for each stretch of days that are alike."""
    found: list[Sums] = []
    for one, (begin, end) in zip(passes, pairwise(begins), strict=True):
        found += [await one.run(connection)] * (end - begin)
    return found


def _moves(wanted: Wanted) -> bool:
    """Tell whether a sum depends on the day beside the validity of features."""
    amount = wanted.amount
    texts = [text for text in (amount.where, wanted.among) if text]
    return (
        amount.window is not None
        or amount.year is not None
        or any(name in text for text in texts for name in _OF_THE_DAY)
    )


def _by_day(asking: Asking, group: Group, wanted: Sequence[Wanted]) -> bool:
    """Tell whether all sums are windows over one field of points, and nothing else depends on the day."""
    layer = asking.catalog.layer(group.layer)
    windows = [one.amount.window for one in wanted]
    fields = {window.field for window in windows if window is not None}
    if layer.geometry is not GeometryFamily.POINT or group.area or None in windows or len(fields) != 1:
        return False
    if any(any(one.amount.conditions()) or one.amount.year for one in wanted):
        return False
    return not any(_moves(replace(one, amount=_without_window(one.amount))) for one in wanted)


def _by_filter(wanted: Sequence[Wanted]) -> bool:
    """Tell whether nothing but filters on the layer's own fields depends on the day."""
    amounts = [one.amount for one in wanted]
    plain = not any(one.window or one.year or any(one.conditions()) for one in amounts)
    return plain and any(map(_moves, wanted))


def _split(sums: Sums, amounts: int) -> list[Sums]:
    """Return the sums of each day from those of a pass of several days."""
    begins = range(0, len(sums.columns), amounts)
    return [Sums(sums.columns[begin : begin + amounts], sums.rows) for begin in begins]


def _without_window(amount: Amount) -> Amount:
    return amount.model_copy(update={"window": None})


async def _running(
    connection: Any,
    asking: Asking,
    group: Group,
    wanted: Sequence[Wanted],
    days: Sequence[date],
    *,
    grids: bool,
) -> list[Sums]:
    """Return the sums of each day from running sums by day and region."""
    windows = [one.amount.window for one in wanted if one.amount.window is not None]
    reach = max(window.days + window.ends_days_ago for window in windows)
    first = days[0] - timedelta(days=reach)
    plain = [replace(one, amount=_without_window(one.amount)) for one in wanted]
    clock = asking.clock.on(days[-1])
    layer = asking.catalog.layer(group.layer)
    daily = make_daily(layer, plain, asking.catalog, clock, time=windows[0].field, first=first, whole=grids)
    rows, any_row = await daily.run(connection)
    span = (days[-1] - first).days + 1
    by_region: dict[str, NDArray[np.float64]] = {}
    for place, number, *values in rows:
        told = np.array([0.0 if value is None else value for value in values])
        for prefix in {place, *(place[:length] for length in LENGTHS if length < len(place))}:
            if prefix not in by_region:
                by_region[prefix] = np.zeros((span, len(wanted)))
            by_region[prefix][number] += told
    running = {
        prefix: np.vstack([np.zeros(len(wanted)), one.cumsum(axis=0)]) for prefix, one in by_region.items()
    }
    found = []
    for day in days:
        at = (day - first).days + 1
        spans = [(max(at - w.ends_days_ago - w.days, 0), max(at - w.ends_days_ago, 0)) for w in windows]
        sums = [
            {prefix: float(one[last, row] - one[begin, row]) for prefix, one in running.items()}
            for row, (begin, last) in enumerate(spans)
        ]
        found.append(Sums(sums, any_row))
    return found
