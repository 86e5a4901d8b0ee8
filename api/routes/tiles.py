"""Vector tiles: one layer or several in one tile, and TileJSON.

A Mapbox vector tile is a protobuf message whose layers are repeated fields, so the tiles of several layers
are joined by writing their bytes after each other.
"""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.routing import Route

from api import links
from api.dependencies import TheScope, TheService, scope_of, service_of
from api.errors import NoTiles, OutsideMatrix, RepeatedLayer, TooManyLayers
from api.extents import extents
from api.headers import revalidated, tile_response
from api.language import language_of
from api.limits import GREATEST_ZOOM, MOST_LAYERS_A_TILE
from api.ogc.crs import Box
from api.parameters import bad, check_parameters
from api.service import Service
from layers.definitions import FieldType, GeometryFamily, LayerDefinition
from layers.features.reading import read_tile
from layers.scope import LayerScope, Scope

TILEJSON = "3.0.0"
_TYPES = {FieldType.INTEGER: "Number", FieldType.NUMBER: "Number", FieldType.BOOLEAN: "Boolean"}
Drawn = list[tuple[LayerDefinition, LayerScope]]


def drawn_layers(service: Service, scope: Scope, names: str) -> Drawn:
    """Return the layers of a comma-separated list, in its order.

    Raises
    ------
    TooManyLayers, RepeatedLayer, NoLayer, NoTiles
        A list may not multiply the work of one request.
    """
    asked = names.split(",")
    if len(asked) > MOST_LAYERS_A_TILE:
        raise TooManyLayers("too many layers in one tile", given=len(asked), limit=MOST_LAYERS_A_TILE)
    if not all(asked):
        raise bad("layers", names, "layers")
    found: Drawn = []
    for name in asked:
        definition, layer_scope = service.layer(name, scope)
        if asked.count(name) > 1:
            raise RepeatedLayer("a layer stands twice", layer=name)
        if definition.geometry is GeometryFamily.NONE:
            raise NoTiles("the layer has no geometry", layer=name)
        found.append((definition, layer_scope))
    return found


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
    texts = (z, x, y)
    # at most eight ASCII digits: 2^22 has seven, and nothing longer is worth converting
    if all(0 < len(text) <= 8 and text.isascii() and text.isdigit() for text in texts):
        zoom, column, row = (int(text) for text in texts)
        if zoom <= GREATEST_ZOOM and column < 2**zoom and row < 2**zoom:
            return zoom, column, row
    raise OutsideMatrix("no such tile", z=z[:24], x=x[:24], y=y[:24])


async def tile(request: Request) -> Response:
    """Return a tile; 204 where there is nothing to draw in it."""
    check_parameters(request.query_params, ())
    service = service_of(request)
    path = request.path_params
    drawn = drawn_layers(service, scope_of(request), path["layers"])
    z, x, y = tile_address(path["z"], path["x"], path["y"])
    parts: list[bytes] = []
    here = [(layer, scope) for layer, scope in drawn if layer.zoom and layer.zoom.min <= z <= layer.zoom.max]
    if here:
        async with service.admission.turn(), service.database.connection() as connection:
            for layer, layer_scope in here:
                parts.append((await read_tile(connection, layer, layer_scope, z, x, y)).data)
    return tile_response(request, b"".join(parts), links.MVT, {})


async def tilejson(layers: str, request: Request, service: TheService, scope: TheScope) -> Response:
    """Return the TileJSON of one layer or of several in one tile."""
    drawn = [definition for definition, _ in drawn_layers(service, scope, layers)]
    boxes = await extents(service, scope, drawn)
    document = tilejson_document(request, drawn, [box for box in boxes.values() if box is not None])
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
        "vector_layers": [_vector_layer(layer, language) for layer in drawn],
    }
    if boxes:
        west, south, east, north = zip(*boxes, strict=True)
        document["bounds"] = [min(west), min(south), max(east), max(north)]
    return document


def _vector_layer(layer: LayerDefinition, language: Any) -> dict[str, Any]:
    fields = {"code": "String", "status": "String"}
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
