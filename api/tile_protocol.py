"""HTTP connections that answer tiles themselves: those in memory as soon as the request's bytes are there.

A map asks for tiles all day. What a request costs on its way through uvicorn, middleware and routing (tasks,
a scope, messages to and fro) is many times what looking into memory costs, and as much as the query of a
small tile. Everything that is not written as browsers write it goes on to uvicorn.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.headers import RAW_SECURITY
from api.problems import problem_of
from api.service import Service
from api.tile_answers import FRESH, TileAnswer, tile_answer
from api.tile_drawing import drawn_tile, kept_tile
from api.tile_requests import TileRequest, TileRequests, id_of

_SECURITY = b"".join(b"%b: %b\r\n" % pair for pair in RAW_SECURITY)


class TileProtocol(HttpToolsProtocol):
    """A connection of uvicorn that answers tiles itself."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._service: Service = self.config.app.state.service  # type: ignore[union-attr]
        self._requests = TileRequests(self._service)
        self._inside = False
        self._drawing: asyncio.Task[None] | None = None
        #: What came while a tile is being drawn.
        self._later = b""
        self._ends = False

    # --- requests

    def data_received(self, data: bytes) -> None:
        """Answer at once, or when the tile is drawn, or let uvicorn read it."""
        if self._drawing is not None:
            self._later += data
            if len(self._later) > HIGH_WATER_LIMIT:
                self.flow.pause_reading()
            return
        request = self._requests.read(data) if self._is_free() else None
        if request is None:
            super().data_received(data)
            return
        tile = kept_tile(self._service, request.plan, request.address)
        if tile is None:
            self._unset_keepalive_if_required()
            self._drawing = self.loop.create_task(self._draw(request))
            self.tasks.add(self._drawing)
            self._drawing.add_done_callback(self.tasks.discard)
            return
        asked = request.asked
        self._answer(tile_answer(tile, FRESH, asked.accept_encoding, asked.if_none_match), id_of(request))

    async def _draw(self, request: TileRequest) -> None:
        """Answer with a tile that is not in memory, or not current; then read what came meanwhile."""
        name, asked = id_of(request), request.asked
        try:
            drawn = await drawn_tile(self._service, request.plan, request.address)
            answer = tile_answer(
                drawn.tile, drawn.standing, asked.accept_encoding, asked.if_none_match, drawn.content
            )
        except Exception as error:
            with structlog.contextvars.bound_contextvars(request_id=name):
                problem = problem_of(error, request.as_request(name))
            answer = TileAnswer(problem.status_code, problem.raw_headers, bytes(problem.body))
        self._drawing = None
        self._answer(answer, name)
        later, self._later = self._later, b""
        if self._ends:
            self.transport.close()
        elif later:
            self.data_received(later)

    def _answer(self, answer: TileAnswer, name: str) -> None:
        lines = [STATUS_LINE[answer.status]]
        lines += [b"%b: %b\r\n" % header for header in (*self.server_state.default_headers, *answer.headers)]
        lines.append(b"x-request-id: %b\r\n" % name.encode())
        if not self.transport.is_closing():
            self.transport.write(b"".join((*lines, _SECURITY, b"\r\n", answer.body)))
        self.on_response_complete()

    # --- the connection

    def connection_lost(self, exc: Exception | None) -> None:
        """End what is drawn for a reader who has left, and with it its query."""
        if self._drawing is not None:
            self._drawing.cancel()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """End the connection, after the answer that is on its way."""
        if self._drawing is None:
            super().shutdown()
        else:
            self._ends = True

    def on_message_begin(self) -> None:
        """Know that the parser is inside a request."""
        self._inside = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """Know that the parser has a whole request."""
        self._inside = False
        super().on_message_complete()

    def _is_free(self) -> bool:
        """Tell whether a request may begin here and its answer go out next.

        A reader who asks and does not read is left to uvicorn, which waits for him.
        """
        answered = self.cycle is None or self.cycle.response_complete
        return answered and not (self._inside or self.pipeline or self.flow.write_paused)
