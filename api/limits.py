"""How much one request, and all together, may ask for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.errors import Busy

LONGEST_ADDRESS = 8192
MOST_LAYERS_A_TILE = 20
GREATEST_ZOOM = 22
LONGEST_SEARCH = 64


class Admission:
    """Lets a number of requests work with the database, some more wait, and refuses the rest.

    Parameters
    ----------
    working : int
        How many may work at once.
    waiting : int
        How many may wait for their turn.
    """

    def __init__(self, working: int, waiting: int) -> None:
        self._turns = asyncio.Semaphore(working)
        self._waiting = 0
        self._may_wait = waiting

    @property
    def waiting(self) -> int:
        """How many wait for their turn now."""
        return self._waiting

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn and hold it.

        Raises
        ------
        Busy
            At once, where too many wait already: an answer that says so beats one that comes too late.
        """
        if self._turns.locked() and self._waiting >= self._may_wait:
            raise Busy("too many requests wait for the database", waiting=self._waiting)
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()
