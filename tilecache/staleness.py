"""From changes of layers to tiles that are stale.

A tile was drawn in one snapshot of the database and shows exactly the transactions that this snapshot sees.
A change makes stale every tile that its boxes touch and that was drawn without seeing it: neither clocks nor
the order of messages decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from layers.features.changes import Change, Snapshot
from layers.schema.names import REGIONS
from tilecache.address import REACH, RESULT_REACH, TileAddress, TileRange, TileSet, covers

#: Over so many tiles, or changes at once, all tiles of the table are stale: cheaper than to name them.
MOST_TILES = 50_000
MOST_CHANGES = 500

#: Source of a mark that means every layer: somebody lost the place in the log.
EVERY_SOURCE = "*"


@lru_cache(maxsize=4096)
def parse_snapshot(text: str) -> Snapshot:
    """Return a snapshot; the same ones are asked for again and again."""
    return Snapshot.parse(text)


@dataclass(frozen=True, slots=True)
class Mark:
    """Tiles that one transaction made stale.

    Attributes
    ----------
    source : str
        Table; `EVERY_SOURCE` for all.
    xid : int or None
        The transaction; a tile whose snapshot sees it is not stale. None spares no tile.
    ranges : frozenset of TileRange, or None
        None stands for every tile of the table.
    regions : bool
        True where only tiles that regions cut are meant, of every table.
    """

    source: str
    xid: int | None
    ranges: frozenset[TileRange] | None
    regions: bool = False

    def concerns(self, tiles: TileSet) -> bool:
        """Tell whether tiles of a set can be meant."""
        if not tiles.source:
            return False  # what never changes is never stale
        return tiles.by_region if self.regions else self.source in (tiles.source, EVERY_SOURCE)

    def touches(self, address: TileAddress, snapshot: str) -> bool:
        """Tell whether the mark makes a tile stale that was drawn in a snapshot."""
        if not self.concerns(address.tiles):
            return False
        if self.ranges is not None and not any(one.holds(*address[1:]) for one in self.ranges):
            return False
        return self.xid is None or not parse_snapshot(snapshot).holds(self.xid)


EVERYTHING = Mark(EVERY_SOURCE, None, None)


def marks_of(changes: Iterable[Change]) -> Iterator[Mark]:
    """Yield what a read of the log makes stale, one mark for a transaction and table.

    Parameters
    ----------
    changes : iterable of Change
        Of `layers.features.changes.Follower`.
    """

    def of_one(change: Change) -> tuple[int, str]:
        return change.xid, change.layer

    for (xid, layer), group in groupby(sorted(changes, key=of_one), key=of_one):
        together = list(group)
        boxes = tuple(dict.fromkeys(box for change in together for box in change.boxes))
        if boxes:
            reach = REACH if together[0].details is None else RESULT_REACH
            ranges = covers(boxes, reach=reach) if len(together) <= MOST_CHANGES else None
            if ranges is not None and sum(one.size for one in ranges) > MOST_TILES:
                ranges = None
            yield Mark(layer, xid, ranges)
        if layer == REGIONS:
            # What a reader of some regions sees of any layer is cut by the shapes of these regions.
            yield Mark(layer, xid, None, regions=True)
