"""A stream of server-sent events as an answer: it ends when the reader has gone or takes nothing any more."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager

import structlog
from starlette.background import BackgroundTask
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import links

#: A reader that takes nothing for so long has gone without a word.
SEND_SECONDS = 30.0

log = structlog.get_logger(__name__)


class EventStream(Response):
    """Sends blocks as they come.

    Parameters
    ----------
    joined : context manager
        Entered while the answer goes on.
    blocks : callable
        Returns the blocks; called inside ``joined``.
    """

    media_type = links.EVENTS

    def __init__(
        self, joined: AbstractContextManager[None], blocks: Callable[[], AsyncIterator[bytes]]
    ) -> None:
        self.status_code = 200
        self.background: BackgroundTask | None = None
        # nginx would keep events back until its buffer is full
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._joined, self._blocks = joined, blocks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the answer."""
        with self._joined:
            sending = asyncio.create_task(self._send(send))
            gone = asyncio.create_task(_until_gone(receive))
            try:
                await asyncio.wait((sending, gone), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (sending, gone):
                    task.cancel()
                await asyncio.wait((sending, gone))
            if not sending.cancelled() and (error := sending.exception()) is not None:
                raise error

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        with contextlib.suppress(TimeoutError):
            async for block in self._blocks():
                async with asyncio.timeout(SEND_SECONDS):
                    await send({"type": "http.response.body", "body": block, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        log.info("a reader of events takes nothing any more")


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
