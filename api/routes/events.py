"""Everything that changes, as one stream of server-sent events for each reader."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.dependencies import TheScope, TheService
from api.live.events import Asked, View
from api.live.hub import Reader
from api.live.stream import EventStream
from api.live.tokens import Token
from api.ogc.crs import DEFAULT
from api.parameters import bad, parse_bbox
from api.service import Service
from geo.errors import BadInput
from layers.runs.kinds import kinds
from layers.scope import Scope

MOST_NAMES = 50


async def events(
    request: Request,
    service: TheService,
    scope: TheScope,
    *,
    layers: Annotated[str | None, Query(description="Names of layers and results; all without it.")] = None,
    bbox: Annotated[
        str | None, Query(description="West, south, east, north in degrees: only what meets it.")
    ] = None,
    since: Annotated[
        str | None, Query(description="The id of the last event had, as Last-Event-ID, which goes before it.")
    ] = None,
) -> Response:
    """Send changes of layers and results from now on, or from the position that is named."""
    asked = Asked(_names(service, scope, layers), parse_bbox(bbox, DEFAULT))
    reader = Reader(View.of(scope), asked)
    position = request.headers.get("last-event-id") or since
    if position:
        try:
            reader.token = Token.parse(position)
        except BadInput:
            reader.unusable = True
    client = f"{scope.subject} {request.client.host if request.client else ''}"
    joined = service.hub.joined(reader, client)
    return EventStream(joined, lambda: service.hub.blocks(reader))


def _names(service: Service, scope: Scope, text: str | None) -> frozenset[str] | None:
    """Return the names that are asked for; one that is not there is an error, not an empty stream."""
    if text is None:
        return None
    names = text.split(",")
    if not all(names) or len(names) > MOST_NAMES:
        raise bad("layers", text, "layers")
    for name in names:
        if name not in kinds():
            service.layer(name, scope)
    return frozenset(names)


def add_routes(router: APIRouter) -> None:
    """Add the address."""
    router.add_api_route("/events", events, summary="Changes as they happen (server-sent events)")
