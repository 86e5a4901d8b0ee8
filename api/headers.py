"""What every answer carries: a request id, security headers, an ETag where the reader may keep it."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import errors
from api.limits import LONGEST_ADDRESS
from api.problems import internal_problem, problem_response
from api.settings import Settings, is_loopback
from geo.errors import OneMapError

#: Answers smaller than this go as they are: a packet is a packet.
SMALLEST_COMPRESSED = 1200
#: The fastest level: the next ones save a few per cent.
COMPRESSION_LEVEL = 1

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "style-src 'self' 'unsafe-inline'",  # Leaflet and print styles set style attributes
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
SECURITY: tuple[tuple[str, str], ...] = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: What a request may be called by who sends it.
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
#: `SECURITY` as ASGI wants it.
RAW_SECURITY = [(name.lower().encode(), value.encode()) for name, value in SECURITY]


class Envelope:
    """ASGI middleware around everything: checks host and address, adds headers, turns a crash to a problem.

    Parameters
    ----------
    app : ASGIApp
        What it wraps.
    settings : Settings
        For the host names that the service answers to.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.hosts = host_names(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = request_id_of(headers.get("x-request-id", ""))
        scope["request_id"] = request_id
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                raw = message.setdefault("headers", [])
                raw.append((b"x-request-id", request_id.encode()))
                raw.extend(RAW_SECURITY)
            await send(message)

        request = Request(scope, receive)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            refusal = self._refusal(scope, headers)
            if refusal is not None:
                await problem_response(refusal, request)(scope, receive, send_with_headers)
                return
            try:
                await self.app(scope, receive, send_with_headers)
            except Exception as error:
                if started:
                    # half an answer is out; only breaking the connection tells the reader so
                    raise
                await internal_problem(error, request)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope, headers: Headers) -> OneMapError | None:
        address = len(scope.get("raw_path", b"") or b"") + len(scope.get("query_string", b""))
        if address > LONGEST_ADDRESS:
            return errors.AddressTooLong("the address is too long", limit=LONGEST_ADDRESS)
        host = headers.get("host", "")
        if not is_ours(host, self.hosts):
            return errors.UnknownHost("unknown host name", host=host[:120])
        if scope["method"] not in _SAFE_METHODS and _is_of_another_site(headers, host.lower()):
            return errors.CrossSite("a page of another site may not change anything here")
        return None


def _is_of_another_site(headers: Headers, host: str) -> bool:
    """Tell whether a browser sends a request for a page of another origin; programs send neither header."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() != host


def request_id_of(given: str) -> str:
    """Return what a request is called in logs: as who sends it says where that is a usable name, else anew.

    Examples
    --------
    >>> request_id_of("of-the-wall-17"), len(request_id_of("?"))
    ('of-the-wall-17', 32)
    """
    # drawn for every tile: no secret, so the quick source will do
    return given if _GIVEN_ID.fullmatch(given) else f"{random.getrandbits(128):032x}"


def host_names(settings: Settings) -> frozenset[str]:
    """Return the further names that the service answers to."""
    return frozenset(name.lower() for name in settings.hosts)


@lru_cache(maxsize=256)
def is_ours(host: str, hosts: frozenset[str]) -> bool:
    """Tell whether a ``Host`` header names this service: by a loopback name or one of the settings.

    Examples
    --------
    >>> [is_ours(host, frozenset({"city.example"})) for host in ("127.0.0.1:80", "City.example", "other")]
    [True, True, False]
    """
    host = host.lower()
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return is_loopback(name) or name in hosts


def etag_of(body: bytes) -> str:
    """Return a strong ETag of a body.

    Examples
    --------
    >>> etag_of(b"") == etag_of(b""), etag_of(b"") == etag_of(b"x")
    (True, False)
    """
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def is_unchanged(request: Request, etag: str) -> bool:
    """Tell whether ``If-None-Match`` names this ETag (weak comparison of RFC 9110, 13.1.2)."""
    given = request.headers.get("if-none-match")
    if given is None:
        return False
    plain = etag.removeprefix("W/")
    return any(part.strip().removeprefix("W/") in ("*", plain) for part in given.split(","))


def revalidated(
    request: Request,
    body: bytes,
    media_type: str,
    headers: Mapping[str, str] | None = None,
    *,
    etag: str | None = None,
) -> Response:
    """Return a body with its ETag, or 304 where the reader has it already.

    Parameters
    ----------
    etag : str, optional
        ETag to use; that of the body where left out. It is weak: the body may be compressed on its way out.
    """
    tag = etag or f"W/{etag_of(body)}"
    known = {"ETag": tag, "Cache-Control": "private, no-cache", **(headers or {})}
    if is_unchanged(request, tag):
        return Response(status_code=304, headers=known)
    return Response(body, headers=known, media_type=media_type)
