"""How much the disk may hold: what is worth least leaves first."""

from __future__ import annotations

from tilecache.disk import Disk

#: Share of the limit that is written between two looks, and to which a full disk is emptied.
_LOOK_EVERY = 0.02
_EMPTY_TO = 0.9
#: Tiles up to this zoom stay as long as anything else can leave: they are few and dear.
KEPT_ZOOM = 9
#: One layer's share of the limit; beyond it, it makes room among its own tiles.
_LAYER_SHARE = 0.5
_BATCH = 2000
#: Pages given back to the file system at once.
_PAGES = 5000

_SIZES = """
SELECT s.layer, sum(t.bytes), count(*) FROM tile AS t JOIN tile_set AS s ON s.id = t.tile_set GROUP BY s.layer
"""
_LEAST = """
DELETE FROM tile WHERE id IN (
    SELECT id FROM (
        SELECT t.id, sum(t.bytes) OVER (ORDER BY t.zoom <= ?2, t.used_at, t.id) - t.bytes AS before
        FROM tile AS t JOIN tile_set AS s ON s.id = t.tile_set WHERE ?1 IS NULL OR s.layer = ?1)
    WHERE before < ?3 LIMIT ?4)
RETURNING bytes
"""


class Quota:
    """Keeps a disk under a limit by bytes of tiles.

    Tiles leave, least recently used first, those of low zooms last. Stale ones are no exception: they are
    what is left when the database is away.

    Parameters
    ----------
    limit : int
        Bytes of all tiles; one layer may fill half of them.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.evicted = 0
        self._since = float("inf")

    def look_after(self, disk: Disk, written: int) -> None:
        """Make room where enough has been written since the last look and the disk is over its limit."""
        self._since += written
        if self._since > self.limit * _LOOK_EVERY:
            self._since = 0
            self.enforce(disk)

    def enforce(self, disk: Disk) -> None:
        """Make room where a layer or everything is over its limit."""
        with disk.transaction() as write:
            sizes = {layer: size for layer, size, _ in write.execute(_SIZES)}
        for layer, size in sizes.items():
            if size > self.limit * _LAYER_SHARE:
                sizes[layer] -= self._evict(disk, layer, size - int(self.limit * _LAYER_SHARE * _EMPTY_TO))
        total = sum(sizes.values())
        if total > self.limit:
            self._evict(disk, None, total - int(self.limit * _EMPTY_TO))

    def _evict(self, disk: Disk, layer: str | None, wanted: int) -> int:
        """Delete tiles until so many bytes are free; batch by batch, so that nobody waits long."""
        freed = 0
        while freed < wanted:
            with disk.transaction() as write:
                gone = [size for (size,) in write.execute(_LEAST, (layer, KEPT_ZOOM, wanted - freed, _BATCH))]
                write.execute(f"PRAGMA incremental_vacuum({_PAGES})")
            if not gone:
                break
            freed += sum(gone)
            self.evicted += len(gone)
        return freed


def sizes(disk: Disk) -> list[tuple[str, int, int]]:
    """Return (layer, bytes, tiles) of what a disk holds."""
    return [(str(layer), int(size), int(count)) for layer, size, count in disk.query(_SIZES)]
