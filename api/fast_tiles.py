"""Tiles, answered before any routing: an ASGI app around the whole service.

What is kept is answered at once, what is not is drawn: routing, dependencies and middleware would take longer
than many a tile's query. What is asked for in another way, or is no tile, goes on to the route.
"""

from __future__ import annotations

import re
import uuid

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Connection

from api.dependencies import reader_of
from api.disconnecting import ReaderLeft, while_connected
from api.headers import GIVEN_ID, RAW_SECURITY, host_names, is_ours
from api.limits import GREATEST_ZOOM
from api.problems import problem_of
from api.service import Service
from api.tile_answers import EMPTY, FRESH, TileAnswer, tile_answer
from api.tile_drawing import drawn_tile
from api.tile_plans import Plan
from geo.errors import OneMapError
from tilecache.address import TileAddress
from tilecache.memory import Tile
from tilecache.statistics import Result

_PATH = re.compile(r"/tiles/([^/]+)/(\d{1,2})/(\d{1,7})/(\d{1,7})\.mvt", re.ASCII)


class FastTiles:
    """ASGI app that answers tiles.

    Parameters
    ----------
    app : ASGIApp
        Answers everything else.
    service : Service
        Whose tiles.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self.service = service
        self._hosts = host_names(service.settings)

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Serve one request."""
        asked = self._asked(scope)
        if asked is None:
            await self.app(scope, receive, send)
            return
        plan, address = asked
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        known = given if given and GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        scope["request_id"] = known
        kept = self._kept(plan, address)
        if kept is not None:
            tile, standing = kept, FRESH
        else:
            request = Request(scope, receive)
            try:
                tile, standing = await while_connected(request, drawn_tile(self.service, plan, address))
            except ReaderLeft:
                tile, standing = EMPTY, FRESH  # nobody reads this
            except Exception as error:
                with structlog.contextvars.bound_contextvars(request_id=known):
                    problem = problem_of(error, request)
                answer = TileAnswer(problem.status_code, problem.raw_headers, bytes(problem.body))
                await _send(send, answer, known)
                return
        accepted, if_none_match = headers.get(b"accept-encoding", b""), headers.get(b"if-none-match")
        await _send(send, tile_answer(tile, standing, accepted, if_none_match), known)

    def _asked(self, scope: Connection) -> tuple[Plan, tuple[int, int, int]] | None:
        """Return which tile is asked for in the ordinary way; None where the route has to look."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]:
            return None
        match = _PATH.fullmatch(scope["path"])
        if match is None:
            return None
        z, x, y = int(match[2]), int(match[3]), int(match[4])
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        if z > GREATEST_ZOOM or x >> z or y >> z or not is_ours(host.decode("latin-1"), self._hosts):
            return None
        try:
            return self.service.plans.plan(self.service, reader_of(self.service), match[1]), (z, x, y)
        except OneMapError:
            return None

    def _kept(self, plan: Plan, address: tuple[int, int, int]) -> Tile | None:
        """Return the tile if all its parts are kept and current."""
        service = self.service
        z, x, y = address
        addresses = tuple(TileAddress(layer.tiles, z, x, y) for layer in plan if z in layer.zooms)
        parts: list[Tile] = []
        for one in addresses:
            tile = service.tiles.look(one)
            if tile is None or not service.tiles.is_current(one, tile):
                return None
            parts.append(tile)
        joined = service.composer.find(addresses, tuple(parts)) if parts else EMPTY
        if joined is not None:
            for one, tile in zip(addresses, parts, strict=True):
                service.tiles.count(one, tile, Result.HIT)
        return joined


async def _send(send: Send, answer: TileAnswer, request_id: str) -> None:
    start = [*answer.headers, (b"x-request-id", request_id.encode()), *RAW_SECURITY]
    await send({"type": "http.response.start", "status": answer.status, "headers": start})
    await send({"type": "http.response.body", "body": answer.body})
