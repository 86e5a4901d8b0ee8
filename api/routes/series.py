"""Indicators of a view over time: one of a region and its parts step by step, or a short line of each."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import links
from api.dependencies import TheScope, TheService
from api.headers import revalidated
from api.parameters import bad, parse_whole_number
from api.routes.views import asked_of, find_view, read_place
from api.series_documents import STEPS, days_of, first_of, series_document, trend_document
from api.view_documents import place_document
from layers.indicators.clock import Clock
from layers.indicators.places import LEVELS
from layers.indicators.series import tell_series

NO_PARTS = "none"
LEAST_DAYS, MOST_DAYS, MOST_POINTS = 7, 366, 31


async def series(
    name: str,
    region: str,
    request: Request,
    service: TheService,
    scope: TheScope,
    *,
    indicator: Annotated[
        str | None, Query(description="One of the view's indicators; that of its ranking where left out.")
    ] = None,
    step: Annotated[
        str | None, Query(description=f"One of {', '.join(STEPS)}; each is told by its last day.")
    ] = None,
    first: Annotated[
        str | None,
        Query(alias="from", description="First day, YYYY-MM-DD; a month, half a year or a year back."),
    ] = None,
    to: Annotated[
        str | None, Query(description="Last day, YYYY-MM-DD; the city's own day where left out.")
    ] = None,
    level: Annotated[
        str | None,
        Query(description=f"Level of the parts: {', '.join((*LEVELS, NO_PARTS))}; the next one below."),
    ] = None,
) -> Response:
    """Return an indicator of a region and its parts over time, each step computed, kept, or not known."""
    chosen = step or "day"
    if chosen not in STEPS:
        raise bad("step", chosen, "one-of", known=", ".join(STEPS))
    if level is not None and level not in (*LEVELS, NO_PARTS):
        raise bad("level", level, "one-of", known=", ".join((*LEVELS, NO_PARTS)))
    async with service.telling() as connection:
        views = await service.current_views(connection)
        view = find_view(views, name)
        wanted = indicator or view.ranking
        if wanted not in view.told:
            raise bad("indicator", wanted, "one-of", known=", ".join(view.told))
        card, clock = await asked_of(connection, service, to)
        begins = _first(first, chosen, clock)
        family = await read_place(connection, scope, region, level, parts=level != NO_PARTS)
        told = await tell_series(
            connection, service.asking(scope, clock, card["region"]), views.indicators[wanted],
            [family.place, *family.parts], days_of(chosen, begins, clock.day), kept=service.series,
        )  # fmt: skip
    found = views.indicators[wanted]
    document: dict[str, Any] = {
        "view": name, "sample": bool(card["sample"]),
        **series_document(told, found, family, service.catalog, clock=clock, step=chosen),
    }  # fmt: skip
    return revalidated(request, orjson.dumps(document), links.JSON)


def _first(given: str | None, step: str, clock: Clock) -> date:
    if given is None:
        return first_of(step, clock.day)
    first = clock_of_day(given, clock)
    if first is None:
        raise bad("from", given, "day-until", today=clock.day.isoformat())
    return first


def clock_of_day(given: str, clock: Clock) -> date | None:
    """Return a day that is not after the clock's own; None for all else."""
    try:
        day = date.fromisoformat(given) if len(given) == 10 else None
    except ValueError:
        return None
    return day if day is not None and date(1949, 10, 1) <= day <= clock.day else None


async def trends(
    name: str,
    region: str,
    request: Request,
    service: TheService,
    scope: TheScope,
    *,
    days: Annotated[
        str | None,
        Query(description=f"Days back, {LEAST_DAYS} to {MOST_DAYS}; at most {MOST_POINTS} are told."),
    ] = None,
    at: Annotated[str | None, Query(description="Last day, YYYY-MM-DD; the city's own day.")] = None,
) -> Response:
    """Return a short line of each indicator of a view for a region."""
    length = 30 if days is None else parse_whole_number(days, "days", LEAST_DAYS, MOST_DAYS)
    async with service.telling() as connection:
        views = await service.current_views(connection)
        view = find_view(views, name)
        card, clock = await asked_of(connection, service, at)
        family = await read_place(connection, scope, region, None, parts=False)
        apart = -(-length // MOST_POINTS)
        last = clock.day.toordinal()
        told = [date.fromordinal(last - back) for back in range(0, length, apart)][::-1]
        asking = service.asking(scope, clock, card["region"])
        lines = []
        for one in (views.indicators[key] for key in view.told):
            found = await tell_series(connection, asking, one, [family.place], told, kept=service.series)
            lines.append(trend_document(found, one, family.place.code, service.catalog))
    document = {
        "view": name, "region": place_document(family.place), "as_of": clock.day.isoformat(),
        "today": clock.today.isoformat(), "sample": bool(card["sample"]),
        "days": [day.isoformat() for day in told], "indicators": lines,
    }  # fmt: skip
    return revalidated(request, orjson.dumps(document), links.JSON)


def add_routes(router: APIRouter) -> None:
    """Add the addresses."""
    router.add_api_route(
        "/views/{name}/{region}/series", series,
        summary="An indicator of a region and its parts, day by day or month by month",
    )  # fmt: skip
    router.add_api_route(
        "/views/{name}/{region}/trends", trends, summary="A short line of each indicator of a view"
    )
