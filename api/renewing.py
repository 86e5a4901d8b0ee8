"""What is added up behind an answer: once for all who ask, on a connection of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import AbstractAsyncContextManager
from typing import Any

import structlog

from geo.errors import Unavailable
from tilecache.flight import Flights

log = structlog.get_logger(__name__)


class Renewals:
    """Computations that go on whoever leaves.

    Parameters
    ----------
    lend : callable
        Lends a connection.
    most : int
        How many connections are held at once.
    """

    def __init__(self, lend: Callable[[], AbstractAsyncContextManager[Any]], most: int) -> None:
        self._lend = lend
        self._turns = asyncio.Semaphore(most)
        self._flights: Flights[Hashable, None] = Flights()

    def begin(self, key: Hashable, compute: Callable[[Any], Awaitable[None]]) -> asyncio.Task[None]:
        """Return the computation of a key, begun where none is running."""

        async def computed() -> None:
            try:
                async with self._turns, self._lend() as connection:
                    await compute(connection)
            except Unavailable as error:
                log.warning("sums stay old for now", reason=error.code)
                raise
            except Exception:
                log.exception("sums could not be added up anew")
                raise

        return self._flights.keep(key, computed)

    async def end(self) -> None:
        """Cancel what is running and wait for it."""
        await self._flights.end()
