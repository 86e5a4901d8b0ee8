"""The layers as OGC collections."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import links
from api.dependencies import TheScope, TheService
from api.extents import extents
from api.language import language_of
from api.ogc.answers import answer, rendered, shown_type
from api.ogc.crs import CRS84, SUPPORTED, Box
from api.ogc.schemas import queryables, schema
from api.ogc.tilesets import TILESETS
from layers.definitions import GeometryFamily, LayerDefinition


def collection_document(request: Request, definition: LayerDefinition, bbox: Box | None) -> dict[str, Any]:
    """Return one collection (Part 1, requirement 14; Part 2, requirements 1 to 3)."""
    language = language_of(request)
    path = f"/ogc/collections/{definition.name}"
    words = (
        {"items": "要素", "queryables": "可查询属性", "schema": "结构", "tiles": "瓦片", "tilesets": "瓦片集"}
        if language == "zh"
        else {
            "items": "Features",
            "queryables": "Queryables",
            "schema": "Schema",
            "tiles": "Tiles",
            "tilesets": "Tilesets",
        }
    )
    document: dict[str, Any] = {
        "id": definition.name,
        "title": definition.title.in_language(language),
        "description": definition.description.in_language(language),
        "attribution": definition.source,
        "license": definition.licence,
        "classification": str(definition.classification),
        "itemType": "feature",
    }
    found = [
        links.link(links.address(request, path), "collection", links.JSON),
        links.link(links.address(request, f"{path}/items", f="json"), "items", links.GEOJSON, words["items"]),
        links.link(links.address(request, f"{path}/items", f="html"), "items", links.HTML, words["items"]),
        links.link(
            links.address(request, f"{path}/queryables"),
            links.QUERYABLES,
            links.SCHEMA_JSON,
            words["queryables"],
        ),
        links.link(
            links.address(request, f"{path}/schema"), links.SCHEMA, links.SCHEMA_JSON, words["schema"]
        ),
    ]
    if definition.geometry is not GeometryFamily.NONE:
        document["crs"] = list(SUPPORTED)
        document["storageCrs"] = CRS84
        tiles = links.address(request, f"/tiles/{definition.name}.json")
        found.append(links.link(tiles, "describedby", links.JSON, words["tiles"]))
        tilesets = links.address(request, f"{path}/tiles")
        found.append(links.link(tilesets, TILESETS, links.JSON, words["tilesets"]))
    if bbox is not None:
        document["extent"] = {"spatial": {"bbox": [list(bbox)], "crs": CRS84}}
    document["links"] = found
    return document


async def collections(request: Request, service: TheService, scope: TheScope) -> Response:
    """Return all collections that the reader may open."""
    layers = service.open_layers(scope)
    boxes = await extents(service, scope, layers)
    title = "图层" if language_of(request) == "zh" else "Layers"
    document = {
        "crs": list(SUPPORTED),
        "links": [],
        "collections": [
            _with_self(request, layer, collection_document(request, layer, boxes[layer.name]))
            for layer in layers
        ],
    }
    return answer(request, document, title=title)


def _with_self(request: Request, definition: LayerDefinition, document: dict[str, Any]) -> dict[str, Any]:
    """Add the link by which readers of the list find the single collection."""
    own = links.address(request, f"/ogc/collections/{definition.name}")
    return {**document, "links": [links.link(own, "self", links.JSON), *document["links"]]}


async def collection(name: str, request: Request, service: TheService, scope: TheScope) -> Response:
    """Return one collection."""
    definition, _ = service.layer(name, scope)
    box = (await extents(service, scope, [definition]))[definition.name]
    document = collection_document(request, definition, box)
    return answer(request, document, title=definition.title.in_language(language_of(request)))


async def collection_queryables(
    name: str, request: Request, service: TheService, scope: TheScope
) -> Response:
    """Return what a collection can be filtered by."""
    definition, _ = service.layer(name, scope)
    own = links.address(request, f"/ogc/collections/{definition.name}/queryables")
    language = language_of(request)
    document = queryables(definition, service.catalog, own, language)
    return rendered(request, document, shown_type(request, links.SCHEMA_JSON), title=document["title"])


async def collection_schema(name: str, request: Request, service: TheService, scope: TheScope) -> Response:
    """Return the schema of a collection's features."""
    definition, _ = service.layer(name, scope)
    own = links.address(request, f"/ogc/collections/{definition.name}/schema")
    language = language_of(request)
    document = schema(definition, service.catalog, own, language)
    return rendered(request, document, shown_type(request, links.SCHEMA_JSON), title=document["title"])


def add_routes(router: APIRouter) -> None:
    """Add the addresses of collections."""
    path = "/ogc/collections"
    router.add_api_route(path, collections, operation_id="collections", summary="Collections")
    router.add_api_route(f"{path}/{{name}}", collection, operation_id="collection", summary="One collection")
    router.add_api_route(
        f"{path}/{{name}}/queryables", collection_queryables, operation_id="queryables", summary="Queryables"
    )
    router.add_api_route(
        f"{path}/{{name}}/schema", collection_schema, operation_id="schema", summary="Schema"
    )
