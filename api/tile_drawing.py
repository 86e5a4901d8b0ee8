"""The tile of a plan, from memory, disk or the database, with what is to be said of its age."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, NamedTuple

from api.tile_answers import EMPTY, Standing
from api.tile_plans import Plan, PlannedLayer
from layers.features.reading import RenderedTile
from tilecache.address import TileAddress
from tilecache.memory import Tile
from tilecache.render import render
from tilecache.statistics import Result
from tilecache.store import Served

if TYPE_CHECKING:
    from api.service import Service


class Drawn(NamedTuple):
    """A tile, how it stands to the database, and its content where that need not be unpacked."""

    tile: Tile
    standing: Standing
    content: bytes | None = None


def kept_tile(service: Service, plan: Plan, address: tuple[int, int, int]) -> Tile | None:
    """Return the tile of a plan's layers if all its parts are in memory, and current."""
    z, x, y = address
    addresses = tuple(TileAddress(layer.tiles, z, x, y) for layer in plan if z in layer.zooms)
    parts: list[Tile] = []
    for one in addresses:
        tile = service.tiles.at_hand(one)
        if tile is None or not service.tiles.is_current(one, tile):
            return None
        parts.append(tile)
    joined = service.composer.find(addresses, tuple(parts)) if parts else EMPTY
    if joined is not None:
        for one, tile in zip(addresses, parts, strict=True):
            service.tiles.count(one, tile, Result.HIT)
    return joined


async def drawn_tile(service: Service, plan: Plan, address: tuple[int, int, int]) -> Drawn:
    """Return the tile of a plan's layers at zoom, column and row.

    Raises
    ------
    Unavailable
        Where a layer's tile cannot be drawn now and never was.
    """
    z, x, y = address
    here = [layer for layer in plan if z in layer.zooms]
    if not here:
        return Drawn(EMPTY, Standing())
    ways = [_of_layer(service, layer, z, x, y) for layer in here]
    # drawn side by side where they must be; one alone needs no task of its own
    parts = await asyncio.gather(*ways) if len(ways) > 1 else [await ways[0]]
    addresses = tuple(TileAddress(layer.tiles, z, x, y) for layer in here)
    joined, content = await service.composer.compose(addresses, parts)
    return Drawn(joined, Standing.of(parts), content)


def _of_layer(service: Service, layer: PlannedLayer, z: int, x: int, y: int) -> Coroutine[Any, Any, Served]:
    async def draw() -> RenderedTile:
        async with service.admission.turn(), service.database.connection() as connection:
            return await render(connection, layer.definition, layer.scope, z, x, y, layer.moment)

    return service.tiles.get(TileAddress(layer.tiles, z, x, y), draw, layer.freshness)
