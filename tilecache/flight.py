"""One computation for many who wait for the same thing, in a process and among processes."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
from collections.abc import Awaitable, Callable, Hashable
from pathlib import Path
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

#: Seconds between two looks at a lock that another process holds.
_PATIENCE = 0.005


class Flights(Generic[K, V]):
    """Runs one computation a key; whoever asks meanwhile waits for the same one.

    A waiter that is cancelled leaves the others their answer; the last one that leaves cancels the
    computation, and with it what it has asked of the database.
    """

    def __init__(self) -> None:
        self._tasks: dict[K, asyncio.Task[V]] = {}
        self._waiters: dict[K, int] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    async def run(self, key: K, compute: Callable[[], Awaitable[V]]) -> tuple[V, bool]:
        """Return the result and whether somebody else had begun it.

        Raises
        ------
        BaseException
            Whatever the computation raises, for everybody who waits.
        """
        joined = key in self._tasks
        task = self._start(key, compute)
        self._waiters[key] += 1
        try:
            return await asyncio.shield(task), joined
        finally:
            if self._tasks.get(key) is task:
                self._waiters[key] -= 1
                if not self._waiters[key]:
                    # Out of the way first: who asks now gets a computation of its own.
                    del self._tasks[key], self._waiters[key]
                    task.cancel()

    def keep(self, key: K, compute: Callable[[], Awaitable[V]]) -> asyncio.Task[V]:
        """Return the computation of a key, begun where none is running, which goes on whoever leaves."""
        task = self._start(key, compute)
        self._waiters[key] += 1
        return task

    async def end(self) -> None:
        """Cancel what is running and wait for it."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, key: K, compute: Callable[[], Awaitable[V]]) -> asyncio.Task[V]:
        task = self._tasks.get(key)
        if task is not None:
            return task

        async def computed() -> V:
            return await compute()

        def done(ended: asyncio.Task[V]) -> None:
            if self._tasks.get(key) is ended:
                del self._tasks[key], self._waiters[key]
            if not ended.cancelled():
                ended.exception()  # looked at, also where everybody has left

        self._tasks[key] = task = asyncio.get_running_loop().create_task(computed())
        self._waiters[key] = 0
        task.add_done_callback(done)
        return task


class Locks:
    """Locks by key among the processes of a machine.

    Each key is a byte of a file that is locked; the system frees it when its holder dies.

    Parameters
    ----------
    path : Path
        The file; it stays empty.
    """

    def __init__(self, path: Path) -> None:
        # Closing any other descriptor of the file would free all locks of this process: there is none.
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def try_lock(self, key: str) -> bool:
        """Take a lock if no other process holds it."""
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(key))
        except (BlockingIOError, PermissionError):
            return False
        return True

    def unlock(self, key: str) -> None:
        """Give a lock back."""
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, _place(key))

    async def lock(self, key: str) -> bool:
        """Wait for a lock and take it.

        Returns
        -------
        bool
            True where another process held it: look again whether its result will do.
        """
        waited = False
        while not self.try_lock(key):
            waited = True
            await asyncio.sleep(_PATIENCE)
        return waited

    def close(self) -> None:
        """Free all locks of this process."""
        os.close(self._descriptor)


def _place(key: str) -> int:
    """Return the byte of a key; two keys at one byte only wait for each other."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big") >> 2
