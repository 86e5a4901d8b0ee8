"""The HTTP server around the app: it tells when it answers, and ends streams when it is told to stop."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from api.tile_protocol import TileProtocol

#: Seconds that a request which is being answered has left when the server is told to stop.
TO_FINISH = 5


class Server(uvicorn.Server):
    """uvicorn, which by itself waits at its end until every reader of a stream has gone: for ever.

    Parameters
    ----------
    app : FastAPI
        Of `api.main.create_app`.
    answers : callable
        Called when the server answers, not before.
    """

    def __init__(self, app: FastAPI, answers: Callable[[], None] = lambda: None) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=TileProtocol,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=TO_FINISH,
            )
        )
        self._service = app.state.service
        self._answers = answers

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        if self.started:
            # what was made so far stays: looking through it for garbage takes a twentieth of drawing tiles
            gc.collect()
            gc.freeze()
            self._answers()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End streams, which do so only when somebody tells them to, then everything."""
        self._service.hub.close()
        await super().shutdown(sockets)
