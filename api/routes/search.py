"""Search by name, code, address, pinyin and its initials; coordinates are read as a place."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import WithJsonSchema
from starlette.responses import Response

from api import links
from api.dependencies import TheScope, TheService
from api.headers import revalidated
from api.limits import LONGEST_SEARCH
from api.parameters import bad, is_plain, parse_limit
from api.problems import message_file
from layers.search.codes import find_code, may_be_code
from layers.search.coordinates import Coordinates, read_coordinates
from layers.search.places import towns_of
from layers.search.reading import find

USUAL_FOUND = 10
MOST_FOUND = 50


async def search(
    request: Request,
    service: TheService,
    scope: TheScope,
    q: Annotated[
        str | None,
        WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST_SEARCH}),
        Query(
            description="A name or a part of one, a code, an address, pinyin or its initials, or coordinates."
        ),
    ] = None,
    limit: Annotated[
        str | None,
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST_FOUND, "default": USUAL_FOUND}),
        Query(description="How many to answer at most."),
    ] = None,
) -> Response:
    """Return what was found, the best first."""
    wanted = (q or "").strip()
    if not wanted or len(wanted) > LONGEST_SEARCH or not is_plain(wanted):
        raise bad("q", wanted, "searched-text", high=LONGEST_SEARCH)
    most = parse_limit(limit, usual=USUAL_FOUND, most=MOST_FOUND)
    open_layers = service.open_layers(scope)
    layers = [layer for layer in open_layers if layer.part_of is None]
    async with service.database.connection() as connection:
        scoped = [(layer, scope.for_layer(layer)) for layer in layers]
        found = await find(connection, scoped, wanted, most)
        if may_be_code(wanted):
            known = {(entry.layer, entry.id) for entry in found}
            exact = await find_code(connection, scoped, wanted)
            found = [*(one for one in exact if (one.layer, one.id) not in known), *found][:most]
        towns = await towns_of(connection, scope, found)
    titles = {layer.name: layer.title.model_dump() for layer in open_layers}
    # A community is shown as one, and its layer switched on, not that of all regions.
    shown = [entry.part if entry.part in titles else entry.layer for entry in found]
    document = {
        "results": [
            {
                "layer": layer,
                "id": entry.id,
                "code": entry.code,
                "name": entry.name,
                "title": titles[layer],
                "bbox": entry.bbox,
                "point": entry.point,
                "region": None if town is None else {"code": town[0], "name": town[1]},
            }
            for entry, layer, town in zip(found, shown, towns, strict=True)
        ],
        "coordinates": coordinates_document(read_coordinates(wanted)),
    }
    return revalidated(request, orjson.dumps(document), links.JSON)


def coordinates_document(found: Coordinates | None) -> dict[str, Any] | None:
    """Return the place that a text gives as numbers, and in words how they were taken."""
    if found is None:
        return None
    words = message_file("search")
    order = "longitude-first" if found.longitude_first else "latitude-first"
    parts = [
        words["notations"][found.notation],
        words["datums"][found.datum] if found.datum_named else words["no-datum"],
        words["orders"][order if found.order_certain else "guessed"],
    ]
    return {
        "point": [round(found.lon, 8), round(found.lat, 8)],
        "notation": found.notation,
        "datum": found.datum,
        "datum_named": found.datum_named,
        "order": order,
        "order_certain": found.order_certain,
        "text": {"zh": "，".join(one["zh"] for one in parts), "en": ", ".join(one["en"] for one in parts)},
    }


def add_routes(router: APIRouter) -> None:
    """Add the address."""
    router.add_api_route("/search", search, summary="Search by name, code, address, pinyin or coordinates")
