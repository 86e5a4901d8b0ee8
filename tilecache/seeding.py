"""Drawing tiles before anybody asks: in a fixed order, so that it can be stopped and gone on with."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

import orjson

from geo.errors import Unavailable
from tilecache.address import Box, TileAddress, TileSet, cover
from tilecache.disk import STALE_SINCE, Disk
from tilecache.store import Drawing, TileStore

RUNNING, PAUSED, DONE = "running", "paused", "done"

#: Seconds between two notes of how far it is; a killed seeding draws no more than that again.
_NOTE_EVERY = 0.5
#: So many tiles that cannot be drawn, one after the other, end a seeding.
_MOST_FAILURES = 20
_HOT = f"""
SELECT s.layer, s.generation, s.scope, t.zoom, t.x, t.y FROM tile AS t JOIN tile_set AS s ON s.id = t.tile_set
WHERE t.hits > 0 AND {STALE_SINCE} IS NOT NULL ORDER BY t.hits DESC LIMIT 100000
"""  # noqa: S608 - constants
_KEPT = "SELECT document, done, total, state FROM seeding WHERE name = ?"
_NOTE = """
INSERT INTO seeding (name, document, done, total, state, at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET document = excluded.document, done = excluded.done, total = excluded.total,
    state = CASE WHEN seeding.state = 'paused' AND excluded.state = 'running' THEN 'paused'
                 ELSE excluded.state END, at = excluded.at
"""


@dataclass(frozen=True, slots=True)
class SeededLayer:
    """What to draw of one layer.

    Attributes
    ----------
    box : Box
        West, south, east, north in EPSG:3857.
    zooms : range
        Zooms of the layer.
    draw : callable
        Draws one tile from the database.
    """

    tiles: TileSet
    box: Box
    zooms: range
    draw: Callable[[TileAddress], Awaitable[Drawing]]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a seeding is: tiles looked at, of all; those that were drawn; those that could not be."""

    done: int
    total: int
    drawn: int
    failed: int
    state: str = RUNNING


def every_tile(layers: list[SeededLayer]) -> Iterator[tuple[SeededLayer, TileAddress]]:
    """Yield all tiles, low zooms first; the order is the same each time."""
    for zoom in sorted({zoom for layer in layers for zoom in layer.zooms}):
        for layer in layers:
            area = cover(layer.box, zoom) if zoom in layer.zooms else None
            if area is not None:
                for x in range(area.x_min, area.x_max + 1):
                    for y in range(area.y_min, area.y_max + 1):
                        yield layer, TileAddress(layer.tiles, zoom, x, y)


def count_tiles(layers: list[SeededLayer]) -> int:
    """Return how many `every_tile` yields."""
    areas = (cover(layer.box, zoom) for layer in layers for zoom in layer.zooms)
    return sum(area.size for area in areas if area is not None)


class Seeding:
    """One seeding, known by what it draws: the same one goes on where it was left.

    Parameters
    ----------
    store : TileStore
        Through which tiles are drawn and kept; its disk is the one below.
    disk : Disk
        Keeps how far it is.
    layers : list of SeededLayer
        What to draw.
    """

    def __init__(self, store: TileStore, disk: Disk, layers: list[SeededLayer]) -> None:
        self._store, self._disk, self._layers = store, disk, layers
        self._name = " ".join(f"{one.tiles.layer}:{one.zooms.start}-{one.zooms.stop - 1}" for one in layers)
        self._document = orjson.dumps(
            [[one.tiles.layer, one.tiles.generation, one.tiles.scope, one.box] for one in layers]
        ).decode()
        self._total = count_tiles(layers)
        self._drawn = self._failed = self._failures = 0

    def begin(self, *, anew: bool = False) -> int:
        """Return after how many tiles to go on: 0 for a seeding that was never begun, or is done."""
        rows = self._disk.query(_KEPT, (self._name,))
        kept = rows[0] if rows and not anew else None
        # Another definition or extent is another order of tiles.
        same = kept is not None and kept[0] == self._document and kept[3] != DONE
        done = int(kept[1]) if kept is not None and same else 0
        self._note(done, RUNNING, resumed=True)
        return done

    async def run(
        self, tell: Callable[[Progress], None], *, anew: bool = False, at_once: int = 2
    ) -> Progress:
        """Draw what is missing or stale: first what was asked for most, then everything in order.

        Parameters
        ----------
        tell : callable
            Told how far it is, some times a second.
        at_once : int
            Tiles drawn side by side.

        Raises
        ------
        Unavailable
            Where the database is away; the next run goes on from here.
        """
        done = self.begin(anew=anew)
        noted_at = time.monotonic()
        hottest = ((batch, 0) for batch in _batches(self._hottest(), at_once))
        ordered = _batches(islice(every_tile(self._layers), done, None), at_once)
        for batch, places in chain(hottest, ((batch, len(batch)) for batch in ordered)):
            await self._draw(batch)
            done += places
            if time.monotonic() - noted_at > _NOTE_EVERY:
                noted_at = time.monotonic()
                if self._note(done, RUNNING) == PAUSED:
                    return self._progress(done, PAUSED)
                tell(self._progress(done, RUNNING))
        self._note(done, DONE)
        last = self._progress(done, DONE)
        tell(last)
        return last

    def _hottest(self) -> Iterator[tuple[SeededLayer, TileAddress]]:
        known = {(one.tiles.layer, one.tiles.generation, one.tiles.scope): one for one in self._layers}
        for layer, generation, scope, z, x, y in self._disk.query(_HOT):
            one = known.get((layer, generation, scope))
            if one is not None and z in one.zooms:
                yield one, TileAddress(one.tiles, z, x, y)

    async def _draw(self, batch: list[tuple[SeededLayer, TileAddress]]) -> None:
        missing = [(layer, address) for layer, address in batch if not self._is_current(address)]
        results = await asyncio.gather(*map(self._draw_one, missing))
        for error in results:
            self._drawn += error is None
            self._failed += error is not None
            self._failures = 0 if error is None else self._failures + 1
            if error is not None and self._failures >= _MOST_FAILURES:
                raise error
        # Nothing needs them in memory; and readers, in whichever process, go first.
        await asyncio.sleep(0)

    def _is_current(self, address: TileAddress) -> bool:
        tile = self._store.look(address)
        return tile is not None and self._store.is_current(address, tile)

    async def _draw_one(self, one: tuple[SeededLayer, TileAddress]) -> Unavailable | None:
        layer, address = one
        try:
            await self._store.get(address, lambda: layer.draw(address))
        except Unavailable as error:
            return error
        return None

    def _progress(self, done: int, state: str) -> Progress:
        return Progress(done, self._total, self._drawn, self._failed, state)

    def _note(self, done: int, state: str, *, resumed: bool = False) -> str:
        with self._disk.transaction() as write:
            if resumed:
                write.execute("DELETE FROM seeding WHERE name = ?", (self._name,))
            write.execute(_NOTE, (self._name, self._document, done, self._total, state, time.time()))
            (kept,) = write.execute("SELECT state FROM seeding WHERE name = ?", (self._name,)).fetchone()
        return str(kept)


def pause_all(disk: Disk) -> int:
    """Ask every running seeding to pause; return how many were asked."""
    with disk.transaction() as write:
        return write.execute("UPDATE seeding SET state = 'paused' WHERE state = 'running'").rowcount


def _batches(
    tiles: Iterator[tuple[SeededLayer, TileAddress]], size: int
) -> Iterator[list[tuple[SeededLayer, TileAddress]]]:
    while batch := list(islice(tiles, size)):
        yield batch
