"""The tile of a plan, from memory, disk or the database, with what is to be said of its age."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from api.tile_answers import EMPTY, Standing
from api.tile_plans import Plan, PlannedLayer
from layers.features.reading import RenderedTile
from tilecache.address import TileAddress
from tilecache.memory import Tile
from tilecache.render import render
from tilecache.store import Served

if TYPE_CHECKING:
    from api.service import Service


async def drawn_tile(service: Service, plan: Plan, address: tuple[int, int, int]) -> tuple[Tile, Standing]:
    """Return the tile of a plan's layers at zoom, column and row.

    Raises
    ------
    Unavailable
        Where a layer's tile cannot be drawn now and never was.
    """
    z, x, y = address
    here = [layer for layer in plan if z in layer.zooms]
    if not here:
        return EMPTY, Standing()
    ways = [_of_layer(service, layer, z, x, y) for layer in here]
    # drawn side by side where they must be; one alone needs no task of its own
    parts = await asyncio.gather(*ways) if len(ways) > 1 else [await ways[0]]
    addresses = tuple(TileAddress(layer.tiles, z, x, y) for layer in here)
    joined = await service.composer.compose(addresses, tuple(part.tile for part in parts))
    return joined, Standing.of(parts)


def _of_layer(service: Service, layer: PlannedLayer, z: int, x: int, y: int) -> Coroutine[Any, Any, Served]:
    async def draw() -> RenderedTile:
        async with service.admission.turn(), service.database.connection() as connection:
            return await render(connection, layer.definition, layer.scope, z, x, y, layer.moment)

    return service.tiles.get(TileAddress(layer.tiles, z, x, y), draw, layer.freshness)
