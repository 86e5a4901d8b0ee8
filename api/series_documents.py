"""Indicators day by day as the JSON that playback and trend lines read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from api.view_documents import indicator_document, place_document, reason_document
from layers.definitions.indicator import Indicator
from layers.definitions.loading import Catalog
from layers.indicators.clock import Clock
from layers.indicators.figures import Figure
from layers.indicators.places import Family
from layers.indicators.series import Series

STEPS = ("day", "week", "month")
#: How many steps are told where no beginning is named.
USUAL_STEPS = {"day": 30, "week": 26, "month": 12}


def days_of(step: str, first: date, last: date) -> list[date]:
    """Return the days that stand for the steps between two days: the last one of each.

    Examples
    --------
    >>> [str(day) for day in days_of("month", date(2020, 11, 15), date(2020, 12, 31))]
    ['2020-11-30', '2020-12-31']
    >>> [str(day) for day in days_of("week", date(2020, 12, 20), date(2020, 12, 31))]
    ['2020-12-24', '2020-12-31']
    """
    days = [last]
    while True:
        day = _before(step, days[-1])
        if day < first:
            return days[::-1]
        days.append(day)


def first_of(step: str, last: date) -> date:
    """Return where a series begins that names no beginning.

    Examples
    --------
    >>> str(first_of("month", date(2020, 12, 31)))
    '2020-01-31'
    """
    day = last
    for _ in range(USUAL_STEPS[step] - 1):
        day = _before(step, day)
    return day


def _before(step: str, day: date) -> date:
    if step == "month":
        return day.replace(day=1) - timedelta(days=1)
    return day - timedelta(days=7 if step == "week" else 1)


def series_document(
    series: Series, indicator: Indicator, family: Family, catalog: Catalog, *, clock: Clock, step: str
) -> dict[str, Any]:
    """Return an indicator of a region and its parts, step by step."""
    own = series.figures[family.place.code]
    parts = {place.code: [one.value for one in series.figures[place.code]] for place in family.parts}
    shown = parts or {family.place.code: [one.value for one in own]}
    known = [value for several in shown.values() for value in several if value is not None]
    with_value = [day for day, one in zip(series.days, own, strict=True) if one.value is not None]
    return {
        "indicator": indicator_document(indicator, catalog),
        "region": place_document(family.place),
        "parents": [place_document(one) for one in family.parents],
        "as_of": series.days[-1].isoformat(),
        "today": clock.today.isoformat(),
        "timezone": clock.timezone.key,
        "step": step,
        "days": [day.isoformat() for day in series.days],
        **_values(own, indicator, catalog),
        "kept": list(series.kept),
        "known_from": with_value[0].isoformat() if with_value else None,
        "range": [min(known), max(known)] if known else None,
        "parts": [{**place_document(place), "values": parts[place.code]} for place in family.parts],
    }


def _values(own: Sequence[Figure], indicator: Indicator, catalog: Catalog) -> dict[str, Any]:
    reasons = {one.reason.code: one.reason for one in own if one.reason is not None}
    whole = indicator.denominator is not None
    return {
        "values": [one.value for one in own],
        "numerators": [one.numerator.value for one in own],
        "denominators": [one.denominator and one.denominator.value for one in own] if whole else None,
        "reasons": [one.reason and one.reason.code for one in own],
        "reason_texts": {code: reason_document(one, catalog)["text"] for code, one in reasons.items()},
    }


def trend_document(series: Series, indicator: Indicator, code: str, catalog: Catalog) -> dict[str, Any]:
    """Return a short line of one indicator of one region."""
    own = series.figures[code]
    known = [one.value for one in own if one.value is not None]
    first, last = (known[0], own[-1].value) if known else (None, None)
    several = len(known) > 1 and first and last is not None
    return {
        "name": indicator.name,
        **_values(own, indicator, catalog),
        "first": first,
        "last": last,
        "change": last / first - 1 if several and first and last is not None else None,
    }
