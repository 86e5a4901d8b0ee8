"""HTTP connections that answer kept tiles as soon as the request's bytes are there.

A map asks for the same tiles all day. What a request costs elsewhere (a task, a scope, messages to and fro)
is many times what looking into memory costs, so it is spared where nothing is to be awaited. Everything else
goes on to uvicorn, also what is not written as browsers write it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.fast_tiles import asked_tile
from api.headers import RAW_SECURITY, host_names, request_id_of
from api.service import Service
from api.tile_answers import EMPTY, FRESH, tile_answer
from api.tile_plans import Plan
from tilecache.address import TileAddress
from tilecache.memory import Tile
from tilecache.statistics import Result

#: A whole request and nothing after it (RFC 9112, 2.1); a header line that is continued is not met.
_REQUEST = re.compile(
    rb"GET /tiles/([A-Za-z0-9_,.-]+)/(\d{1,2})/(\d{1,7})/(\d{1,7})\.mvt HTTP/1\.1\r\n"
    rb"((?:[A-Za-z0-9-]+:[\t -~]*\r\n)*)\r\n"
)
#: Longer requests are not looked at.
_LONGEST = 4096
#: Headers that ask for more than an answer.
_OTHERWISE = frozenset((
    b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"range", b"origin", b"te", b"trailer",
))  # fmt: skip
_SECURITY = b"".join(b"%b: %b\r\n" % pair for pair in RAW_SECURITY)


class Asked(NamedTuple):
    """What the headers of a request for a tile say."""

    host: str
    accept_encoding: bytes
    if_none_match: bytes | None
    request_id: str


@lru_cache(maxsize=1024)
def read_headers(lines: bytes) -> Asked | None:
    r"""Return what header lines say; None where they want something for which uvicorn is needed.

    A browser sends the same lines with every tile, so most are known.

    Examples
    --------
    >>> read_headers(b"Host: localhost:8000\r\nAccept-Encoding: gzip, br\r\n")
    Asked(host='localhost:8000', accept_encoding=b'gzip, br', if_none_match=None, request_id='')
    >>> read_headers(b"Host: localhost\r\nConnection: close\r\n") is None
    True
    """
    found: dict[bytes, bytes] = {}
    for line in lines.split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        name, value = name.lower(), value.strip(b" \t")
        if name in found or name in _OTHERWISE:
            return None
        found[name] = value
    if found.get(b"connection", b"keep-alive").lower() != b"keep-alive":
        return None
    return Asked(
        found.get(b"host", b"").decode("latin-1"),
        found.get(b"accept-encoding", b""),
        found.get(b"if-none-match"),
        found.get(b"x-request-id", b"").decode("latin-1"),
    )


class KeptTiles:
    """Answers requests for tiles that are in memory, or on disk, and current.

    Parameters
    ----------
    service : Service
        Whose tiles.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._hosts = host_names(service.settings)

    def answer(self, data: bytes, further: Iterable[tuple[bytes, bytes]]) -> bytes | None:
        """Return the whole answer to a request; None where it is no such request, or there is no such tile.

        Parameters
        ----------
        data : bytes
            What came over the connection since the last answer.
        further : iterable of (name, value)
            Headers that every answer of the server carries.
        """
        match = _REQUEST.fullmatch(data) if len(data) <= _LONGEST else None
        asked = read_headers(match[5]) if match else None
        if match is None or asked is None:
            return None
        address = int(match[2]), int(match[3]), int(match[4])
        plan = asked_tile(self._service, self._hosts, asked.host, match[1].decode(), address)
        tile = None if plan is None else self._kept(plan, address)
        if tile is None:
            return None
        found = tile_answer(tile, FRESH, asked.accept_encoding, asked.if_none_match)
        lines = [STATUS_LINE[found.status]]
        lines += [b"%b: %b\r\n" % header for header in (*further, *found.headers)]
        lines.append(b"x-request-id: %b\r\n" % request_id_of(asked.request_id).encode())
        return b"".join((*lines, _SECURITY, b"\r\n", found.body))

    def _kept(self, plan: Plan, address: tuple[int, int, int]) -> Tile | None:
        """Return the tile if all its parts are kept and current."""
        service = self._service
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


class TileProtocol(HttpToolsProtocol):
    """A connection of uvicorn that answers kept tiles itself."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._tiles = KeptTiles(self.config.app.state.service)  # type: ignore[union-attr]
        self._inside = False

    def data_received(self, data: bytes) -> None:
        """Answer at once, or let uvicorn read it."""
        found = self._tiles.answer(data, self.server_state.default_headers) if self._is_free() else None
        if found is None:
            super().data_received(data)
            return
        self.transport.write(found)
        self.on_response_complete()

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
