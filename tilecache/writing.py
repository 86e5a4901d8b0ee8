"""Writing drawn tiles to disk behind the answer, many in one transaction, under their locks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tilecache.address import TileAddress
from tilecache.disk import Disk, DiskFailed
from tilecache.flight import Locks
from tilecache.memory import Tile
from tilecache.quota import Quota

#: Seconds in which drawn tiles gather: a transaction costs more than writing a tile in it.
_GATHER = 0.005


class DiskWriter:
    """Holds the locks of tiles from before they are drawn until other processes can read them.

    Parameters
    ----------
    disk : Disk
        Where tiles go.
    locks : Locks
        Shared with the other processes.
    quota : Quota
        Looked after when enough has been written.
    failed : callable
        Told, once, that the disk cannot be written.
    """

    def __init__(self, disk: Disk, locks: Locks, quota: Quota, failed: Callable[[DiskFailed], None]) -> None:
        self.disk = disk
        self._locks = locks
        self._quota = quota
        self._failed = failed
        self._waiting: list[tuple[TileAddress, Tile, float]] = []
        self._used: dict[TileAddress, int] = {}
        self._running: asyncio.Task[None] | None = None
        self._abandoned = False

    async def claim(self, address: TileAddress) -> bool:
        """Wait until no other process draws a tile; True where one did."""
        return await self._locks.lock(address.key)

    def release(self, address: TileAddress) -> None:
        """Let other processes draw it."""
        self._locks.unlock(address.key)

    def write(self, address: TileAddress, tile: Tile, began: float) -> None:
        """Write a tile soon, then release it."""
        self._waiting.append((address, tile, began))
        self._go_on()

    def count_used(self, used: dict[TileAddress, int]) -> None:
        """Write soon how often tiles were answered."""
        if used:
            self._used = used
            self._go_on()

    async def drained(self) -> None:
        """Wait until everything is written."""
        while self._running is not None:
            await asyncio.wait([self._running])

    async def close(self) -> None:
        """Write what waits, and close."""
        await self.drained()
        self.disk.close()

    def abandon(self) -> None:
        """Write nothing more, and release what waits."""
        self._abandoned = True
        self._release(self._waiting)
        self._waiting = []

    def _release(self, batch: list[tuple[TileAddress, Tile, float]]) -> None:
        for address, _, _ in batch:
            self.release(address)

    def _go_on(self) -> None:
        if self._abandoned:
            self.abandon()
        elif self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._write_all())

    async def _write_all(self) -> None:
        try:
            while (self._waiting or self._used) and not self._abandoned:
                await asyncio.sleep(_GATHER)
                batch, self._waiting = self._waiting, []
                used, self._used = self._used, {}
                try:
                    await asyncio.to_thread(self._write_now, batch, used)
                finally:
                    self._release(batch)
        except DiskFailed as error:
            self._failed(error)
        finally:
            self._running = None

    def _write_now(self, batch: list[tuple[TileAddress, Tile, float]], used: dict[TileAddress, int]) -> None:
        if batch:
            self.disk.write(batch)
        if used:
            self.disk.add_used(used)
        self._quota.look_after(self.disk, sum(len(tile.body) for _, tile, _ in batch))
