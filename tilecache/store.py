"""Tiles from memory, then from disk, then from the database; fresh where it can be, stale where it must."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple, Protocol

import structlog

from geo.errors import Unavailable
from tilecache.address import TileAddress
from tilecache.disk import REMEMBERED, Disk, DiskFailed
from tilecache.flight import Flights, Locks
from tilecache.journal import Journal, MemoryJournal
from tilecache.memory import Tile, TileMemory
from tilecache.quota import Quota
from tilecache.render import pack
from tilecache.staleness import EVERYTHING, Mark
from tilecache.statistics import Result, Statistics
from tilecache.writing import DiskWriter

#: Seconds for which it holds that nothing was missed after somebody has said so.
VERIFIED = 2.0
#: Seconds for which a tile that was just drawn is fresh while nobody follows the log.
_JUST_DRAWN = 0.5
#: Seconds for which the database is not asked again after it was out of reach, where an old tile will do.
_PAUSE = 1.0
#: Seconds a reader waits for a new tile where there is an old one.
PATIENCE = 0.3
#: Seconds after which a disk that failed is tried again.
_DISK_AGAIN = 30.0
#: Seconds between two counts of use on disk.
_COUNT_USE = 10.0

log = structlog.get_logger(__name__)


class Drawing(Protocol):
    """What drawing gives; `layers.features.reading.RenderedTile` is one."""

    @property
    def data(self) -> bytes:
        """The vector tile."""
        ...

    @property
    def snapshot(self) -> str:
        """``pg_current_snapshot()`` of the query."""
        ...


Draw = Callable[[], Awaitable[Drawing]]


class Freshness(StrEnum):
    """What a reader gets while a new tile is drawn in place of a stale one.

    ``fresh_first`` waits for it a moment; ``stale_while_revalidate`` answers with the old one at once.
    """

    FRESH_FIRST = "fresh_first"
    STALE_WHILE_REVALIDATE = "stale_while_revalidate"


@dataclass(frozen=True, slots=True)
class Served:
    """An answer.

    Attributes
    ----------
    stale_since : float or None
        Seconds since 1970 from which on it may be out of date; None where it is fresh.
    reason : str
        Why a stale tile was answered; a word for ``Cache-Status``.
    content : bytes or None
        The vector tile itself where it was just drawn: who takes no gzip, or joins it with others, need not
        unpack it.
    """

    tile: Tile
    result: Result
    stale_since: float | None = None
    reason: str = ""
    content: bytes | None = None


class _Drawn(NamedTuple):
    """A tile from the database, or from another process that turned out to have drawn it: without content."""

    tile: Tile
    content: bytes | None

    def served(self, *, joined: bool = False) -> Served:
        """Return it as an answer; ``joined`` where somebody else had begun it."""
        result = Result.COALESCED if joined or self.content is None else Result.MISS
        return Served(self.tile, result, content=self.content)


class TileStore:
    """The tiles of one process. Everything but the writing to disk happens on its event loop.

    Parameters
    ----------
    folder : Path, optional
        Of the file on disk, shared with the other processes of the machine; None keeps tiles in memory only.
    memory_bytes, disk_bytes : int
        Greatest sizes.
    patience : float
        Seconds that `Freshness.FRESH_FIRST` waits.
    """

    def __init__(
        self,
        folder: Path | None,
        memory_bytes: int,
        disk_bytes: int,
        patience: float = PATIENCE,
    ) -> None:
        self.memory = TileMemory(memory_bytes)
        self.statistics = Statistics()
        self.patience = patience
        self.journal: Journal = MemoryJournal()
        self._folder = folder
        self._quota = Quota(disk_bytes)
        self._locks: Locks | None = None
        self._writer: DiskWriter | None = None
        self._flights: Flights[TileAddress, _Drawn] = Flights()
        self._recent: deque[tuple[float, Mark]] = deque()
        self._asked_again_at = 0.0
        self._disk_again_at = 0.0
        self._used_counted_at = time.monotonic()
        self._refusal = ""
        self._tick = 0

    def start(self) -> None:
        """Open the disk; without it, or before this, tiles are kept in memory only."""
        self._open_disk()

    @property
    def has_disk(self) -> bool:
        """Tell whether tiles are kept on disk too."""
        return self._writer is not None

    @property
    def evicted(self) -> int:
        """How many tiles this process took from disk for want of room."""
        return self._quota.evicted

    @property
    def drawing(self) -> int:
        """How many tiles are being drawn."""
        return len(self._flights)

    # --- looking

    def at_hand(self, address: TileAddress) -> Tile | None:
        """Return a tile from memory, stale or not."""
        self.catch_up()
        return self.memory.get(address)

    def look(self, address: TileAddress) -> Tile | None:
        """Return a tile from memory or disk, stale or not; no database is asked."""
        return self.at_hand(address) or self._from_disk(address)

    def is_current(self, address: TileAddress, tile: Tile) -> bool:
        """Tell whether a tile shows what the database holds now, as far as can be known."""
        if tile.stale_since is not None:
            return False
        clock = self.journal.clock
        if not address.tiles.source or clock.is_verified(VERIFIED):
            return True
        return tile.drawn_at >= clock.doubted_at and 0 <= time.time() - tile.drawn_at < _JUST_DRAWN

    def stale_since(self, tile: Tile) -> float:
        """Return from when on a tile that is not current may be out of date."""
        if tile.stale_since is not None:
            return tile.stale_since
        known = time.time() - self.journal.clock.verified_age
        return max(tile.drawn_at, known)

    # --- answering

    async def get(
        self, address: TileAddress, draw: Draw, freshness: Freshness = Freshness.FRESH_FIRST
    ) -> Served:
        """Return a tile: a fresh one where that is possible, else an old one that says so.

        Parameters
        ----------
        draw : callable
            Draws the tile from the database; called only where that is needed.

        Raises
        ------
        Unavailable
            Where it cannot be drawn now and never was.
        """
        try:
            served = await self._get(address, draw, freshness)
        except Unavailable:
            self.statistics.count(address.tiles.layer, address.z, Result.ERROR)
            raise
        self.count(address, served.tile, served.result)
        return served

    def count(self, address: TileAddress, tile: Tile, result: Result) -> None:
        """Count an answer."""
        tile.hits += 1
        self.statistics.count(address.tiles.layer, address.z, result)

    async def _get(self, address: TileAddress, draw: Draw, freshness: Freshness) -> Served:
        tile = self.look(address)

        async def compute() -> _Drawn:
            return await self._draw(address, draw)

        if tile is None:
            drawn, joined = await self._flights.run(address, compute)
            return drawn.served(joined=joined)
        if self.is_current(address, tile):
            return Served(tile, Result.HIT)
        if time.monotonic() < self._asked_again_at:
            return self._old(tile, self._refusal)
        return await self._renewed(tile, self._flights.keep(address, compute), freshness)

    async def _renewed(self, tile: Tile, task: asyncio.Task[_Drawn], freshness: Freshness) -> Served:
        """Answer where there is an old tile and a new one is being drawn."""
        if freshness is Freshness.STALE_WHILE_REVALIDATE:
            return self._old(tile, "revalidating")
        await asyncio.wait([task], timeout=self.patience)
        if not task.done():
            return self._old(tile, "drawing-takes-long")
        try:
            return task.result().served()
        except Unavailable as error:
            return self._old(tile, error.code)

    def _old(self, tile: Tile, reason: str) -> Served:
        return Served(tile, Result.STALE, self.stale_since(tile), reason)

    # --- drawing

    async def _draw(self, address: TileAddress, draw: Draw) -> _Drawn:
        """Draw a tile and keep it."""
        writer = self._writer
        if writer is not None and await writer.claim(address):
            # Another process held it: perhaps for this very tile.
            self.catch_up()
            tile = self._from_disk(address)
            if tile is not None and self.is_current(address, tile):
                writer.release(address)
                return _Drawn(tile, None)
        began, now = time.monotonic(), time.time()
        try:
            drawing = await draw()
            tile = await pack(drawing.data, drawing.snapshot, now, 1000 * (time.monotonic() - began))
        except BaseException as error:
            if writer is not None:
                writer.release(address)
            if isinstance(error, Unavailable):
                self._asked_again_at, self._refusal = time.monotonic() + _PAUSE, error.code
            raise
        self.statistics.add_drawing(address.tiles.layer, address.z, tile.cost_ms / 1000)
        self.catch_up()
        meanwhile = takewhile(lambda entry: entry[0] >= began, reversed(self._recent))
        if any(mark.touches(address, tile.snapshot) for _, mark in meanwhile):
            tile.stale_since = time.time()
        self.memory.put(address, tile)
        if writer is not None:
            writer.write(address, tile, began)
        return _Drawn(tile, drawing.data)

    def _from_disk(self, address: TileAddress) -> Tile | None:
        if self._writer is None:
            return None
        try:
            tile = self._writer.disk.read(address)
        except DiskFailed as error:
            self.lose_disk(error)
            return None
        if tile is not None:
            self.memory.put(address, tile)
        return tile

    # --- marks

    def catch_up(self) -> None:
        """Mark in memory what has been marked elsewhere since the last look."""
        if self.journal.clock.tick == self._tick:
            return
        try:
            self._tick, marks = self.journal.marks_after(self._tick)
        except DiskFailed as error:
            self.lose_disk(error)
            return
        now, at = time.monotonic(), time.time()
        while self._recent and self._recent[0][0] < now - REMEMBERED:
            self._recent.popleft()
        for mark in marks:
            self._recent.append((now, mark))
            self.memory.mark(mark, at)

    # --- the disk

    def maintain(self) -> None:
        """Do what is due from time to time: try a disk that failed again, count what was used."""
        now = time.monotonic()
        if self._writer is None:
            if now >= self._disk_again_at:
                self._open_disk(again=True)
        elif now - self._used_counted_at > _COUNT_USE:
            self._used_counted_at = now
            self._writer.count_used(self.memory.take_used())

    async def close(self) -> None:
        """End what is being drawn, write what was drawn, and close the file."""
        await self._flights.end()
        if self._writer is not None:
            self._writer.count_used(self.memory.take_used())
            await self._writer.close()
        if self._locks is not None:
            self._locks.close()

    def lose_disk(self, error: DiskFailed) -> None:
        """Go on without the disk. What was marked meanwhile is not known: everything in memory is stale."""
        if self._writer is None:
            return
        log.error("going on without tiles on disk", reason=error.message)
        writer, self._writer = self._writer, None
        self._disk_again_at = time.monotonic() + _DISK_AGAIN
        self.journal, self._tick = MemoryJournal(), 0
        self.memory.mark(EVERYTHING, time.time())
        writer.abandon()

    def _open_disk(self, *, again: bool = False) -> None:
        if self._folder is None:
            return
        try:
            disk = Disk(self._folder)
            self._locks = self._locks or Locks(self._folder / "locks")
            if again:
                disk.record([EVERYTHING], {})
        except (DiskFailed, OSError) as error:
            log.error("tiles are kept in memory only", reason=str(error))
            self._disk_again_at = time.monotonic() + _DISK_AGAIN
            return
        self.journal, self._tick = disk, disk.clock.tick
        self.memory.mark(EVERYTHING, time.time())
        self._writer = DiskWriter(disk, self._locks, self._quota, self.lose_disk)
