"""The card of a region: people as counts, places, things, matters and organisations, in one request."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import links
from api.dependencies import TheScope, TheService
from api.headers import revalidated
from api.problems import message_file
from api.routes.views import asked_of, read_place, told_or_last
from api.service import Service
from api.view_documents import indicator_document, mark, place_document, reason_document
from layers.definitions.card import CardLine
from layers.definitions.indicator import Indicator
from layers.definitions.loading import Catalog
from layers.indicators.compute import tell
from layers.indicators.figures import Figure
from layers.indicators.sums import reader_of
from layers.scope import Scope


async def card(
    code: str,
    request: Request,
    service: TheService,
    scope: TheScope,
    at: Annotated[
        str | None, Query(description="Day to tell of, YYYY-MM-DD; the city's own day where left out.")
    ] = None,
) -> Response:
    """Return what a region of the tree or a governance grid holds, each number with its definition.

    Where sums are added up anew, or the database is away, the last ones are told; ``stale_since`` says so.
    """

    async def told(connection: Any) -> dict[str, Any]:
        return await _told(connection, service, scope, code, at)

    document = await told_or_last(service, ("card", code, at, reader_of(scope)), told)
    return revalidated(request, orjson.dumps(document), links.JSON)


async def _told(connection: Any, service: Service, scope: Scope, code: str, at: str | None) -> dict[str, Any]:
    city, clock = await asked_of(connection, service, at)
    family = await read_place(connection, scope, code, None, parts=False)
    groups = service.views.card.groups if service.views.card else ()
    indicators = {line.name: _indicator(line, service.catalog) for group in groups for line in group.lines}
    asking = service.asking(scope, clock, city["region"], old=True)
    told = await tell(connection, asking, list(indicators.values()), [family.place])
    figures = told.figures[family.place.code]
    words = message_file("views")["card"]
    return {
        "region": place_document(family.place),
        "parents": [place_document(one) for one in family.parents],
        "as_of": clock.day.isoformat(),
        "today": clock.today.isoformat(),
        **mark(told.stale_since.values(), clock),
        "sample": bool(city["sample"]),
        "groups": [
            {
                "name": group.name,
                "title": words[group.name],
                "lines": [
                    _line_document(indicators[line.name], figures[line.name], service.catalog)
                    for line in group.lines
                ],
            }
            for group in groups
        ],
    }


def _indicator(line: CardLine, catalog: Catalog) -> Indicator:
    return line.indicator(catalog.layer(line.amount.layer or "").title)


def _line_document(line: Indicator, figure: Figure, catalog: Catalog) -> dict[str, Any]:
    told = indicator_document(line, catalog)
    return {
        **{key: told[key] for key in ("name", "title", "definition", "unit", "decimals", "source", "past")},
        "layer": line.numerator.layer,
        "value": figure.value,
        "reason": None if figure.reason is None else reason_document(figure.reason, catalog),
    }


def add_routes(router: APIRouter) -> None:
    """Add the address."""
    router.add_api_route(
        "/regions/{code}/card", card,
        summary="What a region holds: people as counts, places, things, matters, organisations",
    )  # fmt: skip
