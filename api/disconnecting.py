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
    working = asyncio.ensure_future(work)
    try:
        await asyncio.wait((working,), timeout=_SOON)
        if working.done():
            return working.result()
    except BaseException:
        await _ended(working)
        raise
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ReaderLeft("the reader left")
    finally:
        await _ended(working, leaving)


async def _ended(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
