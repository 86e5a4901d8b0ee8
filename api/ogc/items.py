"""Features of a collection, and one feature, as GeoJSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api import links
from api.as_of import moment_in, one_moment
from api.dependencies import TheScope, TheService
from api.errors import BadParameter, NoFeature
from api.headers import etag_of, is_unchanged, revalidated
from api.language import language_of
from api.ogc.answers import rendered, shown_type
from api.ogc.crs import parse_crs
from api.ogc.etags import item_etag
from api.ogc.schemas import ITEMS_PARAMETERS, queryable_names
from api.parameters import (
    bad,
    check_parameters,
    make_cursor,
    parse_bbox,
    parse_cursor,
    parse_datetime,
    parse_feature_id,
    parse_limit,
)
from geo.errors import BadInput, NotFound
from layers.definitions import LayerDefinition
from layers.features.reading import Page, Query, read_item, read_items
from layers.scope import LayerScope


async def items(name: str, request: Request, service: TheService, scope: TheScope) -> Response:
    """Return a page of features."""
    definition, layer_scope = service.layer(name, scope)
    filters = queryable_names(definition)
    values = check_parameters(request.query_params, {*ITEMS_PARAMETERS, *filters})
    shown = shown_type(request, links.GEOJSON)
    system = parse_crs(values.get("crs"), "crs")
    period = parse_datetime(values.get("datetime"), service.timezone)
    moment = moment_in(service, definition, period)
    query = Query(
        box=parse_bbox(values.get("bbox"), parse_crs(values.get("bbox-crs"), "bbox-crs")),
        time=period if moment is None else None,
        moment=moment,
        equals={field: values[field] for field in filters if field in values},
        limit=parse_limit(values.get("limit")),
        after=parse_cursor(values.get("after"), definition.name),
        epsg=system.epsg,
        latitude_first=system.north_first,
    )
    async with service.database.connection() as connection:
        page = await _read(connection, definition, layer_scope, query)
    headers = {"Content-Crs": f"<{system.uri}>", "Vary": "Accept, Accept-Language"}
    page_links = _page_links(request, definition, page, shown)
    # the time stamp differs each time, so what an answer is known by are its features and links
    etag = f"W/{etag_of(b''.join([shown.encode(), *page.features, orjson.dumps(page_links)]))}"
    if is_unchanged(request, etag):
        return revalidated(request, b"", shown, headers, etag=etag)
    body = b"".join(
        (
            b'{"type":"FeatureCollection","timeStamp":"',
            datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode(),
            b'","numberReturned":',
            str(len(page.features)).encode(),
            b',"links":',
            orjson.dumps(page_links),
            b',"features":[',
            b",".join(page.features),
            b"]}",
        )
    )
    if shown == links.HTML:
        title = definition.title.in_language(language_of(request))
        return rendered(request, orjson.loads(body), shown, headers, title=title)
    return revalidated(request, body, links.GEOJSON, headers, etag=etag)


async def _read(connection: Any, definition: LayerDefinition, layer_scope: LayerScope, query: Query) -> Page:
    try:
        if query.box is not None and query.box[0] > query.box[2]:
            return await _over_the_antimeridian(connection, definition, layer_scope, query)
        return await read_items(connection, definition, layer_scope, query)
    except BadInput as error:
        field = str(error.details.get("field", ""))
        if field not in query.equals:
            raise
        raise BadParameter(
            "a filter's value does not fit its field",
            **{
                **error.details,
                "parameter": field,
                "value": query.equals[field],
                "expected": expected(definition, field),
            },
        ) from error


async def _over_the_antimeridian(
    connection: Any, definition: LayerDefinition, layer_scope: LayerScope, query: Query
) -> Page:
    """Read a box that crosses 180° as its two halves, and put their features in the one order of ids."""
    west, south, east, north = query.box or (0.0, 0.0, 0.0, 0.0)
    found: dict[int, bytes] = {}
    more = False
    for box in ((west, south, 180.0, north), (-180.0, south, east, north)):
        page = await read_items(connection, definition, layer_scope, replace(query, box=box))
        found |= {int(orjson.loads(feature)["id"]): feature for feature in page.features}
        more = more or page.next_after is not None
    kept = sorted(found)[: query.limit]
    more = more or len(found) > len(kept)
    return Page([found[number] for number in kept], kept[-1] if more and kept else None)


def expected(definition: LayerDefinition, field: str) -> str:
    """Return the phrase that says what a property's values are."""
    if field not in definition.field_names:
        return "known-code" if field in ("status", "provenance") else "field-text"
    return {
        "text": "field-text",
        "integer": "field-whole-number",
        "number": "field-number",
        "boolean": "field-boolean",
        "date": "field-date",
        "datetime": "field-datetime",
        "code": "known-code",
        "codes": "known-code",
    }[str(definition.field(field).type)]


def _page_links(request: Request, definition: LayerDefinition, page: Page, shown: str) -> list[links.Link]:
    found = links.self_links(request, shown=shown, media_types=(links.GEOJSON, links.HTML))
    path = f"/ogc/collections/{definition.name}"
    if page.next_after is not None:
        query = [
            (name, value) for name, value in request.query_params.multi_items() if name not in ("after", "f")
        ]
        query += [("f", links.FORMATS[shown]), ("after", make_cursor(definition.name, page.next_after))]
        href = f"{links.address(request, f'{path}/items')}?{urlencode(query)}"
        found.append(links.link(href, "next", shown))
    found.append(links.link(links.address(request, path), "collection", links.JSON))
    return found


async def item(name: str, feature: str, request: Request, service: TheService, scope: TheScope) -> Response:
    """Return one feature."""
    definition, layer_scope = service.layer(name, scope)
    values = check_parameters(request.query_params, {"crs", "datetime", "f"})
    shown = shown_type(request, links.GEOJSON)
    system = parse_crs(values.get("crs"), "crs")
    period = parse_datetime(values.get("datetime"), service.timezone)
    moment = one_moment(service, period)
    if period is not None and moment is None:
        raise bad("datetime", values["datetime"], "one-moment")
    feature_id = parse_feature_id(feature)
    if feature_id is None:
        raise NoFeature("no such feature", layer=definition.name, id=feature[:60])
    try:
        async with service.database.connection() as connection:
            plain = await read_item(
                connection,
                definition,
                layer_scope,
                feature_id,
                epsg=system.epsg,
                latitude_first=system.north_first,
                moment=moment,
            )
    except NotFound:
        raise NoFeature("no such feature", layer=definition.name, id=feature_id) from None
    found = links.self_links(request, shown=shown, media_types=(links.GEOJSON, links.HTML))
    collection = links.address(request, f"/ogc/collections/{definition.name}")
    found.append(links.link(collection, "collection", links.JSON))
    body = plain.rstrip()[:-1] + b',"links":' + orjson.dumps(found) + b"}"
    headers = {"Content-Crs": f"<{system.uri}>", "Vary": "Accept, Accept-Language"}
    if shown == links.HTML:
        title = f"{definition.title.in_language(language_of(request))} {feature_id}"
        return rendered(request, orjson.loads(body), shown, headers, title=title)
    return revalidated(request, body, links.GEOJSON, headers, etag=item_etag(plain, shown=body))


def add_routes(router: APIRouter) -> None:
    """Add the addresses of features. They check their parameters themselves: each layer has its own."""
    path = "/ogc/collections/{name}/items"
    router.add_api_route(path, items, operation_id="items", summary="Features of a collection")
    router.add_api_route(f"{path}/{{feature}}", item, operation_id="item", summary="One feature")
