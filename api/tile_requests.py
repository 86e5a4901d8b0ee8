"""Requests for tiles, read from the bytes of a connection where they are written as browsers write them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from starlette.requests import Request

from api.dependencies import reader_of
from api.headers import host_names, is_ours, request_id_of
from api.limits import GREATEST_ZOOM
from api.service import Service
from api.tile_plans import Plan
from geo.errors import OneMapError

#: A whole request and nothing after it (RFC 9112, 2.1); a header line that is continued is not met.
_REQUEST = re.compile(
    rb"GET (/tiles/([A-Za-z0-9_,.-]+)/(\d{1,2})/(\d{1,7})/(\d{1,7})\.mvt) HTTP/1\.1\r\n"
    rb"((?:[A-Za-z0-9-]+:[\t -~]*\r\n)*)\r\n"
)
#: Longer requests are not looked at.
_LONGEST = 4096
#: Headers that ask for more than an answer.
_OTHERWISE = frozenset((
    b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"range", b"origin", b"te", b"trailer",
))  # fmt: skip


class Asked(NamedTuple):
    """What the headers of a request for a tile say."""

    host: str
    accept_encoding: bytes
    if_none_match: bytes | None
    request_id: str


class TileRequest(NamedTuple):
    """A request for a tile of some layers at zoom, column and row."""

    plan: Plan
    address: tuple[int, int, int]
    asked: Asked
    path: bytes
    lines: bytes

    def as_request(self, request_id: str) -> Request:
        """Return it as routes see one, for an answer that says what went wrong."""
        pairs = (line.partition(b":") for line in self.lines.split(b"\r\n")[:-1])
        return Request({
            "type": "http", "method": "GET", "scheme": "http", "query_string": b"", "root_path": "",
            "path": self.path.decode(), "raw_path": self.path, "request_id": request_id,
            "headers": [(name.lower(), value.strip(b" \t")) for name, _, value in pairs],
        })  # fmt: skip


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


class TileRequests:
    """Reads requests for tiles of a service.

    Parameters
    ----------
    service : Service
        Whose tiles.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._hosts = host_names(service.settings)

    def read(self, data: bytes) -> TileRequest | None:
        """Return the request; None where it is none for a tile, or the route has to say what is wrong.

        Parameters
        ----------
        data : bytes
            What came over the connection since the last answer.
        """
        match = _REQUEST.fullmatch(data) if len(data) <= _LONGEST else None
        asked = read_headers(match[6]) if match else None
        if match is None or asked is None:
            return None
        z, x, y = address = int(match[3]), int(match[4]), int(match[5])
        if z > GREATEST_ZOOM or x >> z or y >> z or not is_ours(asked.host, self._hosts):
            return None
        try:
            plan = self._service.plans.plan(self._service, reader_of(self._service), match[2].decode())
        except OneMapError:
            return None
        return TileRequest(plan, address, asked, match[1], match[6])


def id_of(request: TileRequest) -> str:
    """Return what the request is called in logs and in its answer."""
    return request_id_of(request.asked.request_id)
