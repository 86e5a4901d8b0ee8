"""A tile as an HTTP answer: its headers, and what they say of its age."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from starlette.responses import Response

from api import links
from tilecache.memory import Tile
from tilecache.render import digest_of, unpacked
from tilecache.statistics import Result
from tilecache.store import Served

Headers = list[tuple[bytes, bytes]]

_NO_GZIP = re.compile(rb"gzip\s*;\s*q\s*=\s*0(\.0*)?\s*(,|$)")
_PLAIN: Headers = [
    (b"cache-control", b"private, no-cache"),
    (b"vary", b"Accept-Encoding"),
]
_MVT = (b"content-type", links.MVT.encode())
_HIT = (b"cache-status", b"onemap; hit")
#: The worst comes last: a tile of several layers is as its worst part.
_ORDER = (Result.HIT, Result.COALESCED, Result.MISS, Result.STALE)
EMPTY = Tile(b"", False, digest_of(b""), "", 0.0, 0.0, 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a tile stands to what the database holds now.

    Attributes
    ----------
    stale_since : float or None
        Seconds since 1970; None for a fresh tile.
    reason : str
        Why no fresher one was answered.
    """

    result: Result = Result.HIT
    stale_since: float | None = None
    reason: str = ""

    @classmethod
    def of(cls, parts: Sequence[Served]) -> Standing:
        """Return the worst of the parts."""
        if not parts:
            return cls()
        worst = max(parts, key=lambda part: _ORDER.index(part.result))
        since = [part.stale_since for part in parts if part.stale_since is not None]
        return cls(worst.result, min(since, default=None), worst.reason)

    def headers(self, now: float) -> Headers:
        """Return ``Cache-Status`` (RFC 9211) and, for a stale tile, for how many seconds it may be so."""
        match self.result:
            case Result.HIT:
                return [_HIT]
            case Result.STALE:
                seconds = max(0, round(now - (self.stale_since or now)))
                status = f"onemap; hit; ttl=-{seconds}; detail={self.reason}"
                return [(b"cache-status", status.encode()), (b"x-tile-stale-seconds", b"%d" % seconds)]
            case Result.COALESCED:
                return [(b"cache-status", b"onemap; fwd=miss; collapsed")]
            case _:
                return [(b"cache-status", b"onemap; fwd=miss; stored")]


FRESH = Standing()


@dataclass(frozen=True, slots=True)
class TileAnswer:
    """Status, headers in lower case, and body."""

    status: int
    headers: Headers = field(default_factory=list)
    body: bytes = b""

    def response(self) -> Response:
        """Return it for a route."""
        found = Response(self.body, self.status)
        found.raw_headers = [*self.headers]
        return found


@lru_cache(maxsize=256)
def takes_gzip(accepted: bytes) -> bool:
    """Tell whether the reader takes gzip; what cannot be read counts as no.

    Examples
    --------
    >>> takes_gzip(b"br;q=0.5, gzip"), takes_gzip(b"gzip;q=0"), takes_gzip(b"")
    (True, False, False)
    """
    short = accepted[:1000].lower()
    if b"gzip" not in short:
        return False
    names = (part.partition(b";")[0].strip() for part in short.split(b","))
    return b"gzip" in names and _NO_GZIP.search(short) is None


def is_named(etag: bytes, given: bytes) -> bool:
    """Tell whether ``If-None-Match`` names an ETag (weak comparison of RFC 9110, 13.1.2)."""
    if given == etag:
        return True
    return any(part.strip().removeprefix(b"W/") in (b"*", etag) for part in given.split(b","))


def tile_answer(
    tile: Tile, standing: Standing, accepted: bytes, if_none_match: bytes | None, content: bytes | None = None
) -> TileAnswer:
    """Return a tile, compressed where the reader takes it, or 304 where the reader has it already.

    Parameters
    ----------
    accepted, if_none_match : bytes
        Headers ``Accept-Encoding`` and ``If-None-Match`` of the request.
    content : bytes, optional
        The vector tile itself where it is at hand.
    """
    now = time.time()
    compressed = tile.packed and takes_gzip(accepted)
    etag = f'"{tile.digest}-gz"'.encode() if compressed else f'"{tile.digest}"'.encode()
    headers = [(b"etag", etag), *_PLAIN, *standing.headers(now)]
    if tile.drawn_at:
        headers.append((b"age", b"%d" % max(0, now - tile.drawn_at)))
    if if_none_match is not None and is_named(etag, if_none_match):
        return TileAnswer(304, headers)
    if not tile.size:
        return TileAnswer(204, headers)
    if compressed:
        body = tile.body
        headers.append((b"content-encoding", b"gzip"))
    else:
        body = unpacked(tile) if content is None else content
    headers.append(_MVT)
    headers.append((b"content-length", b"%d" % len(body)))
    return TileAnswer(200, headers, body)
