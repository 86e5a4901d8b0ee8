"""From a drawn vector tile to what is kept of it."""

from __future__ import annotations

import asyncio
import gzip
import hashlib

from tilecache.memory import Tile

#: Tiles smaller than this are kept and sent as they are: a packet is a packet.
SMALLEST_PACKED = 1200
#: The fastest level: the next ones save a few per cent of the bytes and double the time.
LEVEL = 1
#: From this size on compressing leaves the event loop.
_LONG = 100_000


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
    return gzip.compress(data, LEVEL, mtime=0)


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
    packed = len(data) >= SMALLEST_PACKED
    if not packed:
        body = data
    elif len(data) < _LONG:
        body = compress(data)
    else:
        body = await asyncio.to_thread(compress, data)
    return Tile(body, packed, digest_of(data), snapshot, drawn_at, cost_ms, len(data))


def unpacked(tile: Tile) -> bytes:
    """Return the vector tile itself."""
    return gzip.decompress(tile.body) if tile.packed else tile.body
