"""Registered rasters as PNG tiles: the relief's shading, heights."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.routing import Route

from api import links
from api.dependencies import TheScope, TheService, scope_of, service_of
from api.disconnecting import CLIENT_CLOSED, ReaderLeft, while_connected
from api.errors import NoRaster
from api.headers import is_unchanged, revalidated
from api.ogc.tile_matrix_sets import MERCATOR, matrix_set, tile_of
from api.parameters import check_parameters
from api.service import Service
from geo.errors import NotFound
from layers.rasters import Raster, raster_of, rasters
from layers.scope import Scope
from tilecache.address import TileAddress, TileSet
from tilecache.raster import draw_raster
from tilecache.render import unpacked

PNG = "image/png"
#: Rasters that are drawn at once: each takes a core.
_DRAWING = asyncio.Semaphore(2)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What the store keeps: a picture that no change of a layer makes stale."""

    data: bytes
    snapshot: str = ""


def open_rasters(service: Service, scope: Scope) -> list[Raster]:
    """Return the rasters that a reader may open, by name."""
    found = rasters(service.settings.home / "rasters").values()
    return [raster for raster in found if raster.classification in scope.classifications]


def open_raster(service: Service, scope: Scope, name: str) -> Raster:
    """Return one raster.

    Raises
    ------
    NoRaster
        Where there is none, or none for this reader: one answer for both.
    """
    try:
        found = raster_of(service.settings.home / "rasters", name)
    except NotFound:
        raise NoRaster("no such raster", raster=name[:60]) from None
    if found.classification not in scope.classifications:
        raise NoRaster("no such raster", raster=name[:60])
    return found


def raster_document(raster: Raster) -> dict[str, Any]:
    """Return what the map needs of a raster."""
    return {
        "name": raster.name,
        "title": {"zh": raster.title.zh, "en": raster.title.en},
        "style": raster.style,
        "source": raster.source,
        "bbox": list(raster.bounds),
        "tiles": f"/raster/{raster.name}/{{z}}/{{x}}/{{y}}.png",
    }


async def list_rasters(request: Request, service: TheService, scope: TheScope) -> Response:
    """Return the rasters that the reader may open."""
    found = [raster_document(raster) for raster in open_rasters(service, scope)]
    return revalidated(request, orjson.dumps({"rasters": found}), links.JSON)


async def picture(
    service: Service, raster: Raster, scheme: str, address: tuple[int, int, int]
) -> tuple[bytes, str]:
    """Return a tile of a raster at zoom, column and row, and its ETag; empty where nothing lies there."""
    zoom, column, row = address

    async def draw() -> _Drawn:
        async with _DRAWING:
            args = (raster, matrix_set(scheme), column, row, zoom)
            return _Drawn(await asyncio.to_thread(draw_raster, *args))

    tiles = TileSet(f"raster {raster.name} {scheme}", raster.generation, raster.classification, source="")
    served = await service.tiles.get(TileAddress(tiles, zoom, column, row), draw)
    return unpacked(served.tile), f'"{served.tile.digest}"'


async def raster_tile(request: Request) -> Response:
    """Return a tile; 204 where there is nothing to draw in it."""
    check_parameters(request.query_params, ())
    path = request.path_params
    service = service_of(request)
    raster = open_raster(service, scope_of(request), path["name"])
    address = tile_of(MERCATOR, path["z"], path["y"], path["x"])
    try:
        body, etag = await while_connected(request, picture(service, raster, MERCATOR, address))
    except ReaderLeft:
        return Response(status_code=CLIENT_CLOSED)
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if is_unchanged(request, etag):
        return Response(status_code=304, headers=headers)
    if not body:
        return Response(status_code=204, headers=headers)
    return Response(body, headers=headers, media_type=PNG)


TILE = Route("/raster/{name}/{z}/{x}/{y}.png", raster_tile, methods=["GET"], name="raster_tile")


def add_routes(router: APIRouter) -> None:
    """Add the list; the address of the tiles is `TILE`."""
    router.add_api_route("/rasters", list_rasters, summary="Registered rasters")
