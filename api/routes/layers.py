"""Every layer's definition with the code lists: what the map, its legend and its cards are made from."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api import links
from api.as_of import records_document
from api.dependencies import TheScope, TheService
from api.extents import extents
from api.headers import revalidated
from api.routes.rasters import open_rasters, raster_document
from api.routes.run_results import result_layers
from layers.definitions import LayerDefinition

_LEFT_OUT = {"steward", "update_cycle", "sharing", "data_level", "freshness"}


def layer_document(definition: LayerDefinition) -> dict[str, Any]:
    """Return a definition as JSON; what was left out in the file is left out here."""
    found: dict[str, Any] = definition.model_dump(mode="json", exclude_none=True, exclude=_LEFT_OUT)
    for name in ("part_of", "filter", "time", "label", "zoom", "style"):
        found.setdefault(name, None)
    return found


async def layers(request: Request, service: TheService, scope: TheScope) -> Response:
    """Return the layers that the reader may open, and all code lists."""
    found = service.open_layers(scope)
    boxes = await extents(service, scope, found)
    document = {
        "layers": [{**layer_document(layer), "bbox": boxes[layer.name]} for layer in found],
        "code_lists": {
            name: code_list.model_dump(mode="json", exclude_none=True)
            for name, code_list in sorted(service.catalog.code_lists.items())
        },
        "rasters": [raster_document(raster) for raster in open_rasters(service, scope)],
        "results": await result_layers(service, scope),
    }
    return revalidated(request, orjson.dumps(document), links.JSON)


async def records(request: Request, service: TheService, scope: TheScope) -> Response:
    """Return since when each layer is known: its first record, and the first date that a feature states."""
    found = await service.records.get(service)
    document = records_document(service, service.open_layers(scope), found)
    return revalidated(request, orjson.dumps(document), links.JSON)


def add_routes(router: APIRouter) -> None:
    """Add the addresses."""
    router.add_api_route("/layers/records", records, summary="Since when each layer is known")
    router.add_api_route("/layers", layers, summary="Layers with fields, styles and code lists")
