"""JSON or HTML: one document, shown as the reader asks."""

from __future__ import annotations

import re
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api import errors, links
from api.headers import revalidated
from api.language import language_of
from api.ogc.pages import page
from api.parameters import bad

_QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


def shown_type(request: Request, media_type: str) -> str:
    """Return the media type to answer with: ``media_type`` or HTML.

    The parameter ``f`` (json, html) goes before the ``Accept`` header; without both it is ``media_type``.

    Raises
    ------
    BadParameter
        Where ``f`` is neither.
    NotAcceptable
        Where the header takes neither.
    """
    wanted = request.query_params.get("f")
    if wanted is not None:
        if wanted not in ("json", "html"):
            raise bad("f", wanted, "format", known=["json", "html"])
        return media_type if wanted == "json" else links.HTML
    weights = _weights(request.headers.get("accept", "*/*"))
    as_json = max(_weight(weights, media_type), _weight(weights, links.JSON))
    as_html = _weight(weights, links.HTML)
    if as_json <= 0 and as_html <= 0:
        if not weights:
            return media_type
        raise errors.NotAcceptable("no such media type", accepted=[media_type, links.HTML])
    return links.HTML if as_html > as_json else media_type


def _weights(accept: str) -> dict[str, float]:
    """Return weights by media range; a part that cannot be read is passed over."""
    weights: dict[str, float] = {}
    for part in accept[:2000].split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        if name.count("/") == 1 and _QUALITY.fullmatch(quality):
            weights[name] = float(quality)
    return weights


def _weight(weights: dict[str, float], media_type: str) -> float:
    family = media_type.split("/", maxsplit=1)[0]
    for media_range in (media_type, f"{family}/*", "*/*"):
        if media_range in weights:
            return weights[media_range]
    return 0.0


def answer(
    request: Request,
    document: dict[str, Any],
    media_type: str = links.JSON,
    headers: dict[str, str] | None = None,
    *,
    title: str,
) -> Response:
    """Return a document, with links to itself in front of its own, as JSON or as a page."""
    shown = shown_type(request, media_type)
    own = links.self_links(request, shown=shown, media_types=(media_type, links.HTML))
    document = {**document, "links": [*own, *document.get("links", [])]}
    return rendered(request, document, shown, headers, title=title)


def rendered(
    request: Request,
    document: dict[str, Any],
    shown: str,
    headers: dict[str, str] | None = None,
    *,
    title: str,
) -> Response:
    """Return a document as it stands, as JSON or as a page."""
    known = {"Vary": "Accept, Accept-Language", **(headers or {})}
    if shown == links.HTML:
        body = page(title, document, language_of(request)).encode()
        return revalidated(request, body, "text/html; charset=utf-8", known)
    return revalidated(request, orjson.dumps(document), shown, known)
