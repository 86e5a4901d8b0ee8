"""Vector tiles: one layer or several in one tile, and TileJSON.

What is asked for in the ordinary way has been answered before this (`api.tile_protocol`).
"""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response
from starlette.routing import Route

from api import links
from api.as_of import moment_of
from api.dependencies import TheScope, TheService, scope_of, service_of
from api.disconnecting import CLIENT_CLOSED, ReaderLeft, while_connected
from api.extents import extents
from api.headers import revalidated
from api.language import Language, language_of
from api.ogc.crs import Box
from api.ogc.tile_matrix_sets import MERCATOR, tile_of
from api.parameters import check_parameters
from api.service import Service
from api.tile_answers import tile_answer
from api.tile_drawing import Drawn, drawn_tile
from api.tile_plans import Plan
from layers.definitions import FieldType, GeometryFamily, LayerDefinition
from tilecache.render import WHOLE_FROM

TILEJSON = "3.0.0"
AsOf = Annotated[
    str | None,
    Query(description="Day, YYYY-MM-DD, at whose end the layers are shown; the present where left out."),
]
_TYPES = {FieldType.INTEGER: "Number", FieldType.NUMBER: "Number", FieldType.BOOLEAN: "Boolean"}


def tile_address(z: str, x: str, y: str) -> tuple[int, int, int]:
    """Return a tile's address as numbers.

    Raises
    ------
    OutsideMatrix
        Where it is not a tile of WebMercatorQuad, zoom 0 to 22.

    Examples
    --------
    >>> tile_address("14", "13500", "6600")
    (14, 13500, 6600)
    """
    return tile_of(MERCATOR, z, y, x)


async def tile(request: Request) -> Response:
    """Return a tile; 204 where there is nothing to draw in it."""
    given = check_parameters(request.query_params, ("as_of",))
    service = service_of(request)
    path = request.path_params
    address = tile_address(path["z"], path["x"], path["y"])
    moment = await moment_of(service, given.get("as_of"))
    plan = service.plans.plan(service, scope_of(request), path["layers"], moment)
    return await answer_with_tile(request, service, plan, address)


async def answer_with_tile(
    request: Request, service: Service, plan: Plan, address: tuple[int, int, int]
) -> Response:
    """Return the tile of a plan's layers at zoom, column and row."""
    try:
        drawn = await while_connected(request, drawn_tile(service, plan, address))
    except ReaderLeft:
        return Response(status_code=CLIENT_CLOSED)
    return answer_to(request, drawn)


def answer_to(request: Request, drawn: Drawn) -> Response:
    """Return a tile as the answer to a request."""
    accepted = request.headers.get("accept-encoding", "").encode("latin-1")
    given = request.headers.get("if-none-match")
    known = None if given is None else given.encode("latin-1")
    return tile_answer(drawn.tile, drawn.standing, accepted, known, drawn.content).response()


async def tilejson(
    layers: str, request: Request, service: TheService, scope: TheScope, *, as_of: AsOf = None
) -> Response:
    """Return the TileJSON of one layer or of several in one tile."""
    moment = await moment_of(service, as_of)
    drawn = [layer.definition for layer in service.plans.plan(service, scope, layers)]
    boxes = await extents(service, scope, drawn)
    document = tilejson_document(request, drawn, [box for box in boxes.values() if box is not None])
    if moment is not None:
        document["tiles"] = [f"{address}?as_of={moment.day}" for address in document["tiles"]]
    return revalidated(request, orjson.dumps(document), links.JSON, {"Vary": "Accept-Language"})


def tilejson_document(request: Request, drawn: list[LayerDefinition], boxes: list[Box]) -> dict[str, Any]:
    """Return the TileJSON 3.0.0 document; without extents it has no bounds."""
    language = language_of(request)
    names = ",".join(layer.name for layer in drawn)
    zooms = [layer.zoom for layer in drawn if layer.zoom is not None]
    document: dict[str, Any] = {
        "tilejson": TILEJSON,
        "name": "，".join(layer.title.zh for layer in drawn)
        if language == "zh"
        else ", ".join(layer.title.en for layer in drawn),
        "tiles": [links.address(request, f"/tiles/{names}/{{z}}/{{x}}/{{y}}.mvt")],
        "minzoom": min(zoom.min for zoom in zooms),
        "maxzoom": max(zoom.max for zoom in zooms),
        "attribution": "; ".join(dict.fromkeys(layer.source for layer in drawn)),
        "vector_layers": [vector_layer(layer, language) for layer in drawn],
    }
    if boxes:
        west, south, east, north = zip(*boxes, strict=True)
        document["bounds"] = [min(west), min(south), max(east), max(north)]
    return document


def vector_layer(layer: LayerDefinition, language: Language) -> dict[str, Any]:
    """Return what TileJSON says of one layer in the tiles."""
    fields = {"code": "String", "status": "String"}
    if layer.zoom is not None and layer.zoom.min < WHOLE_FROM:  # of thinned tiles
        is_point = layer.geometry is GeometryFamily.POINT
        fields |= {"point_count": "Number"} if is_point else {"thinned": "Boolean"}
    fields |= {
        field.name: _TYPES.get(field.type, "String") for field in layer.fields if field.tile_from is not None
    }
    found: dict[str, Any] = {
        "id": layer.name,
        "description": layer.title.in_language(language),
        "fields": fields,
    }
    if layer.zoom is not None:
        found |= {"minzoom": layer.zoom.min, "maxzoom": layer.zoom.max}
    return found


#: Without FastAPI's injection, which costs a small tile more than its own query.
TILE = Route("/tiles/{layers}/{z}/{x}/{y}.mvt", tile, methods=["GET"], name="tile")


def add_routes(router: APIRouter) -> None:
    """Add the address of TileJSON; that of tiles is `TILE`."""
    router.add_api_route("/tiles/{layers}.json", tilejson, summary="TileJSON of a layer or several")
