"""Tiles, answered before any routing: an ASGI app around the whole service.

Routing, dependencies and middleware would take longer than many a tile's query. What is asked for in another
way, or is no tile, goes on to the route; what is kept and current never comes here (`api.tile_protocol`).
"""

from __future__ import annotations

import re

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Connection

from api.dependencies import reader_of
from api.disconnecting import ReaderLeft, while_connected
from api.headers import RAW_SECURITY, host_names, is_ours, request_id_of
from api.limits import GREATEST_ZOOM
from api.problems import problem_of
from api.service import Service
from api.tile_answers import EMPTY, FRESH, TileAnswer, tile_answer
from api.tile_drawing import drawn_tile
from api.tile_plans import Plan
from geo.errors import OneMapError

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
        known = request_id_of(headers.get(b"x-request-id", b"").decode("latin-1"))
        scope["request_id"] = known
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
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        address = int(match[2]), int(match[3]), int(match[4])
        plan = asked_tile(self.service, self._hosts, host.decode("latin-1"), match[1], address)
        return None if plan is None else (plan, address)


def asked_tile(
    service: Service, hosts: frozenset[str], host: str, names: str, address: tuple[int, int, int]
) -> Plan | None:
    """Return the layers of a tile for whoever asks; None where the route has to say what is wrong.

    Parameters
    ----------
    hosts : frozenset of str
        Of `api.headers.host_names`.
    host : str
        Header ``Host`` of the request.
    names : str
        Layers, with commas between them.
    address : (int, int, int)
        Zoom, column and row.
    """
    z, x, y = address
    if z > GREATEST_ZOOM or x >> z or y >> z or not is_ours(host, hosts):
        return None
    try:
        return service.plans.plan(service, reader_of(service), names)
    except OneMapError:
        return None


async def _send(send: Send, answer: TileAnswer, request_id: str) -> None:
    start = [*answer.headers, (b"x-request-id", request_id.encode()), *RAW_SECURITY]
    await send({"type": "http.response.start", "status": answer.status, "headers": start})
    await send({"type": "http.response.body", "body": answer.body})
