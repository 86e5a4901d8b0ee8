"""Drawing a tile of a layer, small enough to be sent, and what is kept of it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from isal import igzip, isal_zlib

from layers.definitions import LayerDefinition
from layers.features.moments import Moment
from layers.features.reading import RenderedTile, read_thinned_tile, read_tile
from layers.features.tiles_in_degrees import Box, read_tile_in_degrees
from layers.scope import LayerScope
from tilecache.memory import Tile

#: Tiles smaller than this are kept and sent as they are: a packet is a packet.
SMALLEST_PACKED = 1200
#: Of ISA-L's four: as small as zlib's fastest at a third of its time.
LEVEL = 1
#: Window bits of a gzip stream, as zlib writes them.
_GZIP = 31
#: From this size on compressing leaves the event loop.
_LONG = 300_000


#: Greatest size of a tile as it is sent, in bytes.
MOST_BYTES = 500_000
#: From this zoom on a tile holds everything unless it gets too large; below, only what can be told apart.
WHOLE_FROM = 14
#: Cells along the side of a thinned tile, finest first: 4 pixels each on a desk, 8 on a wall. The margin of a
#: tile is one cell of the finest, so that tiles agree on the cells along their common edge.
_CELLS = (64, 32, 16)


async def render(  # noqa: PLR0917 - z, x, y are one address
    connection: Any,
    definition: LayerDefinition,
    scope: LayerScope,
    z: int,
    x: int,
    y: int,
    moment: Moment | None = None,
) -> RenderedTile:
    """Draw a tile of a layer, thinned as far as needed to be no larger than `MOST_BYTES` when compressed.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of `layers.database.open_reading_pool`.
    moment : Moment, optional
        As of when; None for now.

    Raises
    ------
    Unavailable
        Where the database takes longer than a read may.
    """

    async def draw(cells: int | None) -> RenderedTile:
        if cells is None:
            return await read_tile(connection, definition, scope, z, x, y, moment)
        return await read_thinned_tile(connection, definition, scope, z, x, y, cells, moment)

    return await _small_enough(draw, z)


async def render_in_degrees(
    connection: Any, definition: LayerDefinition, scope: LayerScope, frame: Box, zoom: int
) -> RenderedTile:
    """Draw a tile whose frame is a box in degrees, thinned like one of WebMercatorQuad.

    Parameters
    ----------
    frame : Box
        West, south, east, north.
    zoom : int
        Zoom of WebMercatorQuad of the same scale.

    Raises
    ------
    Unavailable
        Where the database takes longer than a read may.
    """

    async def draw(cells: int | None) -> RenderedTile:
        return await read_tile_in_degrees(connection, definition, scope, frame, zoom, cells=cells)

    return await _small_enough(draw, zoom)


async def _small_enough(draw: Callable[[int | None], Awaitable[RenderedTile]], zoom: int) -> RenderedTile:
    """Draw with ever larger cells, or with none at first where a tile holds everything."""
    cells: list[int | None] = [None, *_CELLS] if zoom >= WHOLE_FROM else [*_CELLS]
    drawn = await draw(cells.pop(0))
    while cells and await _is_too_large(drawn.data):
        drawn = await draw(cells.pop(0))
    return drawn


async def _is_too_large(data: bytes) -> bool:
    if len(data) <= MOST_BYTES:
        return False
    return len(await asyncio.to_thread(compress, data)) > MOST_BYTES


def digest_of(data: bytes) -> str:
    """Return what stands in the ETag of a tile.

    Examples
    --------
    >>> digest_of(b"")
    'b8e1dda3ac0aa3820ad2990b'
    """
    return hashlib.blake2b(data, digest_size=12).hexdigest()


def compress(data: bytes) -> bytes:
    """Return a tile as gzip; the time stamp is fixed, so that equal tiles are equal to the byte."""
    return igzip.compress(data, LEVEL, mtime=0)


async def pack(data: bytes, snapshot: str, drawn_at: float, cost_ms: float) -> Tile:
    """Return a tile as it is kept: compressed, with its digest.

    Parameters
    ----------
    data : bytes
        Mapbox vector tile.
    snapshot : str
        In which it was drawn.
    drawn_at, cost_ms : float
        When its query began (seconds since 1970) and how long it took.
    """
    if len(data) < _LONG:
        return packed(data, snapshot, drawn_at, cost_ms)
    return await asyncio.to_thread(packed, data, snapshot, drawn_at, cost_ms)


def packed(data: bytes, snapshot: str, drawn_at: float, cost_ms: float) -> Tile:
    """Return what `pack` returns, without leaving the thread."""
    is_packed = len(data) >= SMALLEST_PACKED
    body = compress(data) if is_packed else data
    # equal tiles are equal when compressed, and there is less to look at
    return Tile(body, is_packed, digest_of(body), snapshot, drawn_at, cost_ms, len(data))


def unpacked(tile: Tile) -> bytes:
    """Return the vector tile itself."""
    return isal_zlib.decompress(tile.body, _GZIP) if tile.packed else tile.body
