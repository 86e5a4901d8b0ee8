"""What the disk holds, for whoever looks after it."""

from __future__ import annotations

from dataclasses import dataclass

from tilecache.address import TileSet
from tilecache.disk import STALE_SINCE, Disk
from tilecache.staleness import EVERY_SOURCE, Mark

_LAYERS = f"""
SELECT s.layer, min(t.zoom), max(t.zoom), count(*), count({STALE_SINCE}), sum(t.bytes), sum(t.hits),
       min(t.drawn_at)
FROM tile AS t JOIN tile_set AS s ON s.id = t.tile_set GROUP BY s.layer ORDER BY s.layer
"""  # noqa: S608 - constants
_PLACES = """
SELECT t.zoom, t.x, t.y FROM tile AS t JOIN tile_set AS s ON s.id = t.tile_set
WHERE s.layer = ? AND s.generation = ? AND s.scope = ? ORDER BY t.zoom, t.x, t.y
"""
_PURGE = "DELETE FROM tile WHERE tile_set IN (SELECT id FROM tile_set WHERE layer = ?)"


@dataclass(frozen=True, slots=True)
class KeptLayer:
    """What is kept of one layer, in all its generations and for all readers."""

    layer: str
    zooms: tuple[int, int]
    tiles: int
    stale: int
    bytes: int
    hits: int
    oldest: float


def kept_layers(disk: Disk) -> list[KeptLayer]:
    """Return what is kept, by layer."""
    return [KeptLayer(row[0], (row[1], row[2]), *row[3:]) for row in disk.query(_LAYERS)]


def kept_seedings(disk: Disk) -> list[tuple[str, str, int, int]]:
    """Return (name, state, done, total) of seedings."""
    return [tuple(row) for row in disk.query("SELECT name, state, done, total FROM seeding ORDER BY name")]


def places_of(disk: Disk, tiles: TileSet) -> list[tuple[int, int, int]]:
    """Return (z, x, y) of all tiles of a set."""
    return [tuple(row) for row in disk.query(_PLACES, (tiles.layer, tiles.generation, tiles.scope))]


def purge(disk: Disk, layers: list[str] | None) -> int:
    """Delete tiles of some layers, or of all; in the memory of running services they become stale.

    Returns
    -------
    int
        How many were deleted.
    """
    known = disk.query("SELECT DISTINCT layer, source FROM tile_set")
    wanted = [(layer, source) for layer, source in known if layers is None or layer in layers]
    gone = 0
    with disk.transaction() as write:
        for layer, _ in wanted:
            gone += write.execute(_PURGE, (layer,)).rowcount
            write.execute(
                "DELETE FROM seeding WHERE name LIKE ? || ':%' OR name LIKE '% ' || ? || ':%'", (layer, layer)
            )
    sources = {EVERY_SOURCE} if layers is None else {source for _, source in wanted if source}
    disk.record([Mark(source, None, None) for source in sorted(sources)], {})
    return gone
