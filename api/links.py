"""Links with absolute addresses, as the reader reached us."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from starlette.requests import Request

JSON = "application/json"
GEOJSON = "application/geo+json"
HTML = "text/html"
SCHEMA_JSON = "application/schema+json"
EVENTS = "text/event-stream"
MVT = "application/vnd.mapbox-vector-tile"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
SCHEMA = "http://www.opengis.net/def/rel/ogc/1.0/schema"

Link = dict[str, str]


def base_address(request: Request) -> str:
    """Return scheme, host and port (and a proxy's prefix) without a final slash."""
    return str(request.base_url).rstrip("/")


def address(request: Request, path: str, **query: str) -> str:
    """Return the absolute address of a path of ours."""
    tail = f"?{urlencode(query)}" if query else ""
    return f"{base_address(request)}{quote(path, safe='/{},.')}{tail}"


def link(href: str, relation: str, media_type: str, title: str | None = None) -> Link:
    """Return one link object of OGC API."""
    found = {"href": href, "rel": relation, "type": media_type}
    if title is not None:
        found["title"] = title
    return found


def self_links(request: Request, *, shown: str, media_types: tuple[str, ...]) -> list[Link]:
    """Return ``self`` for the media type that is shown and ``alternate`` for each other one.

    The address is the request's own; the format stands in it as ``f``, so that a link opened in a browser
    gives what it promises.
    """
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "f"]
    links = []
    for media_type in media_types:
        tail = urlencode([*query, ("f", FORMATS[media_type])])
        href = f"{base_address(request)}{quote(request.url.path, safe='/,.')}?{tail}"
        links.append(link(href, "self" if media_type == shown else "alternate", media_type))
    return links


#: Values of the parameter ``f``.
FORMATS = {JSON: "json", GEOJSON: "json", SCHEMA_JSON: "json", HTML: "html"}
