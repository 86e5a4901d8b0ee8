"""Vector tiles of each collection, as OGC API - Tiles asks (20-057): lists, metadata and the tiles.

The tiles of WebMercatorQuad are those of ``/tiles``, with its cache; those of WorldCRS84Quad are drawn as
they are asked for.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.routing import Route

from api import links
from api.dependencies import TheScope, TheService, scope_of, service_of
from api.disconnecting import CLIENT_CLOSED, ReaderLeft, while_connected
from api.errors import NoTiles
from api.extents import extents
from api.headers import revalidated
from api.language import language_of
from api.ogc.answers import answer
from api.ogc.crs import CRS84, Box
from api.ogc.tile_matrix_sets import (
    MERCATOR,
    NAMES,
    crs_of,
    frame_in_degrees,
    matrix_set,
    tile_of,
    uri_of,
)
from api.parameters import bad, check_parameters
from api.routes.tiles import answer_with_tile, vector_layer
from api.service import Service
from api.tile_plans import PlannedLayer
from layers.definitions import GeometryFamily, LayerDefinition
from layers.features.reading import RenderedTile
from tilecache.render import digest_of, render_in_degrees

TILESETS = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
TILING_SCHEME = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
TILING_SCHEMES = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"
#: A layer of any geometry has none of these.
_DIMENSIONS = {GeometryFamily.POINT: 0, GeometryFamily.LINE: 1, GeometryFamily.POLYGON: 2}
_JSON_TYPES = {"Number": "number", "Boolean": "boolean", "String": "string"}


def _path(layer: str, *more: str) -> str:
    return "/".join((f"/ogc/collections/{layer}/tiles", *more))


def _drawn(service: Service, scope: Any, name: str) -> LayerDefinition:
    definition, _ = service.layer(name, scope)
    if definition.geometry is GeometryFamily.NONE or definition.zoom is None:
        raise NoTiles("the layer has no geometry", layer=name)
    return definition


async def tilesets(name: str, request: Request, service: TheService, scope: TheScope) -> Response:
    """Return the tilesets of a collection, one a tile matrix set."""
    definition = _drawn(service, scope, name)
    title = definition.title.in_language(language_of(request))
    found = [
        {
            "title": title,
            "dataType": "vector",
            "crs": crs_of(one),
            "tileMatrixSetId": one,
            "tileMatrixSetURI": uri_of(one),
            "links": [links.link(links.address(request, _path(name, one)), "self", links.JSON, one)],
        }
        for one in NAMES
    ]
    return answer(request, {"tilesets": found}, title=title)


async def tileset(
    name: str, matrix_set_id: str, request: Request, service: TheService, scope: TheScope
) -> Response:
    """Return the metadata of one tileset (17-083r4, clause 7)."""
    matrix_set(matrix_set_id)
    definition = _drawn(service, scope, name)
    box = (await extents(service, scope, [definition]))[name]
    title = definition.title.in_language(language_of(request))
    return answer(request, _tileset_document(request, definition, matrix_set_id, box), title=title)


def _tileset_document(
    request: Request, definition: LayerDefinition, matrix_set_id: str, box: Box | None
) -> dict[str, Any]:
    language = language_of(request)
    title = definition.title.in_language(language)
    told = vector_layer(definition, language)
    scheme = links.address(request, f"/ogc/tileMatrixSets/{matrix_set_id}")
    tile = links.address(
        request, _path(definition.name, matrix_set_id, "{tileMatrix}", "{tileRow}", "{tileCol}")
    )
    found: list[dict[str, Any]] = [
        dict(links.link(scheme, TILING_SCHEME, links.JSON, matrix_set_id)),
        {**links.link(tile, "item", links.MVT, title), "templated": True},
    ]
    if matrix_set_id == MERCATOR:
        tilejson = links.address(request, f"/tiles/{definition.name}.json")
        found.append(dict(links.link(tilejson, "describedby", links.JSON, "TileJSON")))
    document: dict[str, Any] = {
        "title": title,
        "description": definition.description.in_language(language),
        "attribution": definition.source,
        "license": definition.licence,
        "dataType": "vector",
        "crs": crs_of(matrix_set_id),
        "tileMatrixSetId": matrix_set_id,
        "tileMatrixSetURI": uri_of(matrix_set_id),
        "layers": [
            {
                "id": definition.name,
                "title": title,
                "dataType": "vector",
                **_dimension(definition.geometry),
                "propertiesSchema": {
                    "type": "object",
                    "properties": {
                        field: {"type": _JSON_TYPES[kind]} for field, kind in told["fields"].items()
                    },
                },
            }
        ],
        "links": found,
    }
    if box is not None:
        west, south, east, north = box
        document["boundingBox"] = {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84}
        document["tileMatrixSetLimits"] = _limits(definition, matrix_set_id, box)
    return document


def _dimension(family: GeometryFamily) -> dict[str, int]:
    return {"geometryDimension": _DIMENSIONS[family]} if family in _DIMENSIONS else {}


def _limits(definition: LayerDefinition, matrix_set_id: str, box: Box) -> list[dict[str, Any]]:
    """Return at which zooms and between which rows and columns there is something."""
    zoom = definition.zoom
    if zoom is None:
        return []
    scheme = matrix_set(matrix_set_id)
    found = []
    for level in range(zoom.min, zoom.max + 1):
        first = scheme.tile(box[0], box[3], level, truncate=True)
        last = scheme.tile(box[2], box[1], level, truncate=True)
        found.append(
            {
                "tileMatrix": str(level),
                "minTileRow": first.y,
                "maxTileRow": last.y,
                "minTileCol": first.x,
                "maxTileCol": last.x,
            }
        )
    return found


async def tile(request: Request) -> Response:
    """Return a tile; 204 where there is nothing to draw in it."""
    wanted = check_parameters(request.query_params, ("f",)).get("f", "mvt")
    if wanted != "mvt":
        raise bad("f", wanted, "format", known=["mvt"])
    service = service_of(request)
    path = request.path_params
    name, scheme = path["name"], path["matrix_set_id"]
    plan = service.plans.plan(service, scope_of(request), name)
    matrix_set(scheme)
    zoom, column, row = tile_of(scheme, path["matrix"], path["row"], path["column"])
    if scheme == MERCATOR:
        return await answer_with_tile(request, service, plan, (zoom, column, row))
    try:
        drawn = await while_connected(request, _in_degrees(service, plan[0], zoom, column, row))
    except ReaderLeft:
        return Response(status_code=CLIENT_CLOSED)
    if drawn is None or not drawn.data:
        return Response(status_code=204, headers={"Cache-Control": "private, no-cache"})
    return revalidated(request, drawn.data, links.MVT, etag=f'"{digest_of(drawn.data)}"')


async def _in_degrees(
    service: Service, layer: PlannedLayer, zoom: int, column: int, row: int
) -> RenderedTile | None:
    """Draw a tile of WorldCRS84Quad; its zoom has the scale of the next one of WebMercatorQuad."""
    if zoom + 1 not in layer.zooms:
        return None
    frame = frame_in_degrees(zoom, column, row)
    async with service.admission.turn(), service.database.connection() as connection:
        return await render_in_degrees(connection, layer.definition, layer.scope, frame, zoom + 1)


#: Without FastAPI's injection, as the route of ``/tiles``.
TILE = Route(
    "/ogc/collections/{name}/tiles/{matrix_set_id}/{matrix}/{row}/{column}", tile, methods=["GET"],
    name="collection_tile",
)  # fmt: skip


def add_routes(router: APIRouter) -> None:
    """Add the lists and the metadata; the address of the tiles is `TILE`."""
    path = "/ogc/collections/{name}/tiles"
    router.add_api_route(path, tilesets, operation_id="tilesets", summary="Tilesets of a collection")
    router.add_api_route(f"{path}/{{matrix_set_id}}", tileset, operation_id="tileset", summary="One tileset")
