"""A region by its code, with its parents and children."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import links
from api.dependencies import TheScope, TheService
from api.errors import NoRegion
from api.headers import revalidated
from api.parameters import is_plain
from geo.errors import NotFound
from layers.regions.reading import Region, read_region


def region_document(request: Request, region: Region) -> dict[str, Any]:
    """Return a region as JSON, with the address of its outline."""
    return {
        "id": region.id,
        "code": region.code,
        "system": region.system,
        "name": region.name,
        **region.properties,
        "bbox": region.bbox,
        "href": links.address(request, f"/ogc/collections/regions/items/{region.id}"),
    }


async def region(
    code: str,
    request: Request,
    service: TheService,
    scope: TheScope,
    system: Annotated[str | None, Query(description="Region system; the official tree comes first.")] = None,
) -> Response:
    """Return one region, its parents from the top down, and the regions right below it."""
    if not is_plain(code):
        raise NoRegion("no such region", region=code[:60], system=system)
    try:
        async with service.database.connection() as connection:
            family = await read_region(connection, scope, code, system)
    except NotFound:
        raise NoRegion("no such region", region=code[:60], system=system) from None
    document = {
        **region_document(request, family.region),
        "parents": [region_document(request, parent) for parent in family.parents],
        "children": [region_document(request, child) for child in family.children],
    }
    return revalidated(request, orjson.dumps(document), links.JSON)


def add_routes(router: APIRouter) -> None:
    """Add the address."""
    router.add_api_route("/regions/{code}", region, summary="A region with its parents and children")
