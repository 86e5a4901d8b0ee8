"""Cached tiles, answered before any routing: an ASGI app around the whole service.

It answers only what it can answer at once, from memory or disk, fresh and without an error; everything else
goes on to the route, which knows how to draw, to wait and to refuse.
"""

from __future__ import annotations

import re
import uuid

from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Connection

from api.dependencies import reader_of
from api.headers import GIVEN_ID, RAW_SECURITY, host_names, is_ours
from api.limits import GREATEST_ZOOM
from api.service import Service
from api.tile_answers import EMPTY, FRESH, TileAnswer, tile_answer
from geo.errors import OneMapError
from tilecache.address import TileAddress
from tilecache.memory import Tile
from tilecache.statistics import Result

_PATH = re.compile(r"/tiles/([^/]+)/(\d{1,2})/(\d{1,7})/(\d{1,7})\.mvt", re.ASCII)


class FastTiles:
    """ASGI app that answers tiles which need nothing to be drawn.

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
        if scope["type"] == "http" and scope["method"] == "GET" and not scope["query_string"]:
            match = _PATH.fullmatch(scope["path"])
            if match is not None:
                headers = dict(scope["headers"])
                answer = self._answer(match, headers)
                if answer is not None:
                    given = headers.get(b"x-request-id", b"").decode("latin-1")
                    known = given if given and GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
                    start = [*answer.headers, (b"x-request-id", known.encode()), *RAW_SECURITY]
                    await send({"type": "http.response.start", "status": answer.status, "headers": start})
                    await send({"type": "http.response.body", "body": answer.body})
                    return
        await self.app(scope, receive, send)

    def _answer(self, match: re.Match[str], headers: dict[bytes, bytes]) -> TileAnswer | None:
        service = self.service
        names = match[1]
        z, x, y = int(match[2]), int(match[3]), int(match[4])
        host = headers.get(b"host", b"").decode("latin-1")
        if z > GREATEST_ZOOM or x >> z or y >> z or not is_ours(host, self._hosts):
            return None
        try:
            plan = service.plans.plan(service, reader_of(service), names)
        except OneMapError:
            return None
        addresses = tuple(TileAddress(layer.tiles, z, x, y) for layer in plan if z in layer.zooms)
        parts: list[Tile] = []
        for address in addresses:
            tile = service.tiles.look(address)
            if tile is None or not service.tiles.is_current(address, tile):
                return None
            parts.append(tile)
        joined = service.composer.find(addresses, tuple(parts)) if parts else EMPTY
        if joined is None:
            return None
        for address, tile in zip(addresses, parts, strict=True):
            service.tiles.count(address, tile, Result.HIT)
        return tile_answer(joined, FRESH, headers.get(b"accept-encoding", b""), headers.get(b"if-none-match"))
