"""Work for a reader who may leave: it ends when the reader does."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request

from geo.errors import OneMapError

T = TypeVar("T")

#: Seconds before anybody looks whether the reader is still there: most work is done by then.
_SOON = 0.02
#: nginx's own status for a reader that has gone; nobody reads it but a log.
CLIENT_CLOSED = 499


class ReaderLeft(OneMapError):
    """The reader closed the connection before the answer was there; nobody reads this."""

    code = "reader-left"


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Return the result of some work, or cancel it when the reader leaves.

    A query that the work waits for is cancelled in the database too.

    Raises
    ------
    ReaderLeft
        Where the reader has gone.
    """
    loop, me = asyncio.get_running_loop(), asyncio.current_task()
    watch = _Watch(request, me)
    timer = loop.call_later(_SOON, watch.begin)
    try:
        return await work
    except asyncio.CancelledError:
        if watch.has_left and me is not None and not me.uncancel():
            raise ReaderLeft("the reader left") from None
        raise
    finally:
        timer.cancel()
        watch.end()


class _Watch:
    """Cancels a task when the reader of its answer leaves."""

    def __init__(self, request: Request, task: asyncio.Task[Any] | None) -> None:
        self._request, self._task = request, task
        self._leaving: asyncio.Task[None] | None = None
        self.has_left = False

    def begin(self) -> None:
        self._leaving = asyncio.ensure_future(_left(self._request))
        self._leaving.add_done_callback(self._left)

    def end(self) -> None:
        """Look no longer; who leaves from now on cancels nothing."""
        self._task = None
        if self._leaving is not None:
            self._leaving.cancel()

    def _left(self, leaving: asyncio.Task[None]) -> None:
        if self._task is not None and not leaving.cancelled():
            self.has_left = leaving.exception() is None
            self._task.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
