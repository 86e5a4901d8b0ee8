"""Several layers in one tile: a vector tile repeats its layers, so their bytes follow each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tilecache.address import TileAddress
from tilecache.memory import Tile, WeighedCache
from tilecache.render import pack, unpacked
from tilecache.store import Served


@dataclass(frozen=True, slots=True)
class _Composite:
    parts: tuple[Tile, ...]
    tile: Tile


class Joined(NamedTuple):
    """A joined tile, and the vector tile itself where that is at hand."""

    tile: Tile
    content: bytes | None


class Composer:
    """Keeps joined tiles as long as their parts are the same.

    Parameters
    ----------
    limit : int
        Greatest number of bytes in memory.
    """

    def __init__(self, limit: int) -> None:
        self._kept: WeighedCache[tuple[TileAddress, ...], _Composite] = WeighedCache(
            limit, lambda composite: composite.tile.weight
        )

    @property
    def bytes(self) -> int:
        """Bytes in use."""
        return self._kept.weight

    def find(self, addresses: tuple[TileAddress, ...], parts: tuple[Tile, ...]) -> Tile | None:
        """Return the joined tile of exactly these parts if it is kept."""
        if len(parts) == 1:
            return parts[0]
        found = self._kept.get(addresses)
        if found is None or any(a is not b for a, b in zip(found.parts, parts, strict=True)):
            return None
        return found.tile

    async def compose(self, addresses: tuple[TileAddress, ...], served: Sequence[Served]) -> Joined:
        """Return the joined tile, which is as old as its oldest part."""
        parts = tuple(part.tile for part in served)
        found = self.find(addresses, parts)
        if found is not None:
            return Joined(found, served[0].content if len(served) == 1 else None)
        joined = b"".join(unpacked(part.tile) if part.content is None else part.content for part in served)
        tile = await pack(joined, "", min(part.drawn_at for part in parts), 0.0)
        self._kept.put(addresses, _Composite(parts, tile))
        return Joined(tile, joined)
