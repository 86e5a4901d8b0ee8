"""Views: which there are, how one is made, and what one tells of a region on a day."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import links
from api.dependencies import TheScope, TheService
from api.errors import NoRegion, NoView
from api.headers import revalidated
from api.parameters import bad, is_plain
from api.routes.city import CARD, city_document
from api.service import Service
from api.view_documents import indicator_document, told_document, view_summary, views_document
from geo.errors import NotFound, Unavailable
from layers.definitions.view import ViewDefinition
from layers.definitions.view_loading import Views
from layers.indicators.clock import Clock
from layers.indicators.places import LEVELS, Family, read_family
from layers.indicators.sums import reader_of
from layers.indicators.telling import tell_view
from layers.scope import Scope


def find_view(views: Views, name: str) -> ViewDefinition:
    """Return a view; raises `NoView` where there is none."""
    try:
        return views.view(name)
    except NotFound:
        raise NoView("no such view", view=name[:60]) from None


async def views(request: Request, service: TheService) -> Response:
    """Return all views in the order of the screen, and the plans that they answer."""
    async with service.database.connection() as connection:
        current = await service.current_views(connection)
    return revalidated(request, orjson.dumps(views_document(current)), links.JSON)


async def view(name: str, request: Request, service: TheService) -> Response:
    """Return how a view is made: its layers, results, and the definitions of its indicators."""
    async with service.database.connection() as connection:
        current = await service.current_views(connection)
    found = find_view(current, name)
    told = {
        key: [indicator_document(current.indicators[one], service.catalog) for one in names]
        for key, names in (("indicators", found.indicators), ("more", found.more))
    }
    document = {**view_summary(found), **told}
    return revalidated(request, orjson.dumps(document), links.JSON)


async def view_of_region(
    name: str,
    region: str,
    request: Request,
    service: TheService,
    scope: TheScope,
    *,
    at: Annotated[
        str | None, Query(description="Day to tell of, YYYY-MM-DD; the city's own day where left out.")
    ] = None,
    level: Annotated[
        str | None,
        Query(description=f"Level of the parts: {', '.join(LEVELS)}; the next one below where left out."),
    ] = None,
) -> Response:
    """Return a view of a region: indicators with parts or reasons, targets, and the region's own parts.

    Where sums are added up anew, or the database is away, the last ones are told: ``stale_since`` says from
    when on they may be out of date.
    """

    async def tell(connection: Any) -> dict[str, Any]:
        return await tell_region(connection, service, scope, name, region, at=at, level=level, old=True)

    asked = ("view", name, region, at, level, reader_of(scope))
    document = await told_or_last(service, asked, tell)
    return revalidated(request, orjson.dumps(document), links.JSON)


async def told_or_last(
    service: Service, asked: Hashable, tell: Callable[[Any], Awaitable[dict[str, Any]]]
) -> dict[str, Any]:
    """Return a document; where the database cannot be asked now the last one of this process, marked.

    Raises
    ------
    Unavailable
        Where this process has never told it.
    """
    began = datetime.now(service.timezone)
    try:
        async with service.telling() as connection:
            document = await tell(connection)
    except Unavailable as error:
        last = service.last_told.get(asked, error.code)
        if last is None:
            raise
        return last
    service.last_told.put(asked, document, began)
    return document


async def tell_region(
    connection: Any,
    service: Service,
    scope: Scope,
    name: str,
    region: str,
    *,
    at: str | None = None,
    level: str | None = None,
    old: bool = False,
) -> dict[str, Any]:
    """Return a view of a region as the document that screens and reports read.

    Parameters
    ----------
    old : bool
        True where sums may be old ones that say so.
    """
    views = await service.current_views(connection)
    found = find_view(views, name)
    if level is not None and level not in LEVELS:
        raise bad("level", level, "one-of", known=", ".join(LEVELS))
    card, clock = await asked_of(connection, service, at)
    family = await read_place(connection, scope, region, level)
    asking = service.asking(scope, clock, card["region"], old=old)
    told = await tell_view(connection, asking, views, found, family)
    return told_document(told, service.catalog, views, clock, sample=bool(card["sample"]))


async def asked_of(connection: Any, service: Service, at: str | None) -> tuple[dict[str, Any], Clock]:
    """Return the city's card, and the clock of the day that is asked for."""
    card = city_document(orjson.loads(await connection.fetchval(CARD) or "{}"), [], service.settings)
    return card, clock_of(card, at)


async def read_place(
    connection: Any, scope: Scope, region: str, level: str | None, *, parts: bool = True
) -> Family:
    """Return a region with its parts, or alone.

    Raises
    ------
    NoRegion
        Where there is none for this reader.
    """
    if not is_plain(region):
        raise NoRegion("no such region", region=region[:60], system=None)
    try:
        family = await read_family(connection, scope, region, level if parts else None)
    except NotFound:
        raise NoRegion("no such region", region=region[:60], system=None) from None
    return family if parts else replace(family, parts=())


def clock_of(card: dict[str, Any], at: str | None) -> Clock:
    """Return the day that is told of.

    Raises
    ------
    BadParameter
        Where it is no day, or one after the city's own.
    """
    zone = ZoneInfo(card["timezone"])
    today = datetime.now(zone).date() if card["as_of"] is None else date.fromisoformat(card["as_of"])
    if at is None:
        return Clock(today, today, zone)
    try:
        day = date.fromisoformat(at) if len(at) == 10 else None
    except ValueError:
        day = None
    if day is None or not date(1949, 10, 1) <= day <= today:
        raise bad("at", at, "day-until", today=today.isoformat())
    return Clock(day, today, zone)


def add_routes(router: APIRouter) -> None:
    """Add the addresses."""
    router.add_api_route("/views", views, summary="Views in the order of the screen, and the plans")
    router.add_api_route("/views/{name}", view, summary="A view with the definitions of its indicators")
    router.add_api_route(
        "/views/{name}/{region}", view_of_region,
        summary="A view of a region: indicators with parts, targets, and the region's parts",
    )  # fmt: skip
