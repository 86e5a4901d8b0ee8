"""Views: which there are, how one is made, and what one tells of a region on a day."""

from __future__ import annotations

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
from geo.errors import NotFound
from layers.definitions.view import ViewDefinition
from layers.definitions.view_loading import Views
from layers.indicators.compute import Asking
from layers.indicators.passes import Clock
from layers.indicators.places import LEVELS, read_family
from layers.indicators.telling import tell_view
from layers.scope import Scope


def _view(views: Views, name: str) -> ViewDefinition:
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
    found = _view(current, name)
    indicators = [current.indicators[one] for one in found.indicators]
    document = {
        **view_summary(found),
        "indicators": [indicator_document(one, service.catalog) for one in indicators],
    }
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
    """Return a view of a region: indicators with parts or reasons, targets, and the region's own parts."""
    async with service.database.connection() as connection:
        document = await tell_region(connection, service, scope, name, region, at=at, level=level)
    return revalidated(request, orjson.dumps(document), links.JSON)


async def tell_region(
    connection: Any,
    service: Service,
    scope: Scope,
    name: str,
    region: str,
    *,
    at: str | None = None,
    level: str | None = None,
) -> dict[str, Any]:
    """Return a view of a region as the document that screens and reports read."""
    views = await service.current_views(connection)
    found = _view(views, name)
    if level is not None and level not in LEVELS:
        raise bad("level", level, "one-of", known=", ".join(LEVELS))
    if not is_plain(region):
        raise NoRegion("no such region", region=region[:60], system=None)
    card = city_document(orjson.loads(await connection.fetchval(CARD) or "{}"), [], service.settings)
    clock = clock_of(card, at)
    try:
        family = await read_family(connection, scope, region, level)
    except NotFound:
        raise NoRegion("no such region", region=region[:60], system=None) from None
    asking = Asking(scope, service.catalog, clock, card["region"], service.kept)
    told = await tell_view(connection, asking, views, found, family)
    return told_document(told, service.catalog, views, clock, sample=bool(card["sample"]))


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
