"""What lies around a point, a drawn polygon or a line with a width."""

from __future__ import annotations

import asyncio
import math
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import WithJsonSchema
from starlette.responses import Response

from api import links
from api.around_documents import area_document, sight_document, stock_document, subject_document, way_note
from api.body import read_body
from api.dependencies import TheScope, TheService
from api.headers import revalidated
from api.parameters import bad
from api.routes.city import CARD, city_document
from api.routes.explain_radio import degrees
from api.routes.views import clock_of
from api.service import Service
from geo.cameras import Explanation, explain
from layers.around.area import Area, make_area
from layers.around.kept import Rows, read_kept, read_near
from layers.around.subjects import ROAD_FIELDS, SUBJECTS, Subject
from layers.around.surroundings import Found, Ways, look_around, nearest_stock
from layers.definitions.layer import LayerDefinition
from layers.scope import Scope
from layers.scoped_reading import scoped_reading

LARGEST_BODY = 2_000_000
#: Cameras and buildings that are looked at for the question who sees the point.
SIGHT_M = 300.0
MOST_CAMERAS = 30
_CAMERA_FIELDS = (
    "name", "azimuth_deg", "view_angle_deg", "pixels_horizontal", "height_m", "tilt_deg", "kind", "online",
)  # fmt: skip
_NUMBERS = ("azimuth_deg", "view_angle_deg", "pixels_horizontal", "height_m", "tilt_deg")
_SUPPLIES = ("store_code", "item_code", "item", "quantity", "unit", "minimum", "stage")


async def around_point(
    request: Request,
    service: TheService,
    scope: TheScope,
    *,
    lon: Annotated[str, WithJsonSchema({"type": "number"}), Query(description="Degrees east, WGS 84.")],
    lat: Annotated[str, WithJsonSchema({"type": "number"}), Query(description="Degrees north, WGS 84.")],
    radius: Annotated[
        str, Query(description="Metres; up to five, separated by commas. Rings hold the smaller ones.")
    ] = "500,1000,2000",
    item: Annotated[
        str | None, Query(description="Only stores of this item (code list supply_item).")
    ] = None,
) -> Response:
    """Return people, places, hazards, pipes, cameras, teams and stores around a point, ring by ring."""
    at = {"type": "Point", "coordinates": [degrees("lon", lon, 180), degrees("lat", lat, 85)]}
    area = make_area(at, radii_m=_metres(radius))
    return revalidated(request, await _answer(service, scope, area, item), links.JSON)


async def around_shape(request: Request, service: TheService, scope: TheScope) -> Response:
    """Return the same for a drawn shape: a JSON object with ``geometry`` (GeoJSON, degrees).

    ``width_m`` is that of a line; ``radii_m`` adds rings around the shape; ``item`` asks for one item only.
    """
    body = await read_body(request, LARGEST_BODY)
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError:
        asked = None
    known = {"geometry", "width_m", "radii_m", "item"}
    if not isinstance(asked, dict) or "geometry" not in asked or set(asked) - known:
        raise bad("body", body[:60].decode(errors="replace"), "json-object")
    width, radii, item = asked.get("width_m", 0.0), asked.get("radii_m"), asked.get("item")
    if radii is not None and not isinstance(radii, list):
        raise bad("radii_m", str(radii), "json-object")
    numbers = [width, *(radii or [])]
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in numbers):
        raise bad("radii_m", str(numbers), "json-object")
    area = await asyncio.to_thread(make_area, asked["geometry"], width_m=float(width), radii_m=radii)
    document = await _answer(service, scope, area, item if isinstance(item, str) else None)
    return Response(document, 200, {"Cache-Control": "no-store"}, links.JSON)


def _metres(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise bad("radius", text, "area-radii", most=20_000, rings=5) from None


async def _answer(service: Service, scope: Scope, area: Area, item: str | None) -> bytes:
    items = service.catalog.code_lists["supply_item"].values
    if item is not None and item not in items:
        raise bad("item", item, "one-of", known=", ".join(items))
    layers = service.catalog.layers
    open_subjects = [one for one in SUBJECTS if scope.may_open(layers[one.layer])]
    wanted: dict[str, tuple[LayerDefinition, tuple[str, ...]]] = {
        one.name: (layers[one.layer], one.fields) for one in open_subjects
    }
    for name, fields in (("roads", ROAD_FIELDS), ("emergency_supplies", _SUPPLIES)):
        if scope.may_open(layers[name]):
            wanted[f"layer {name}"] = (layers[name], fields)
    async with service.database.connection() as connection:
        card = city_document(orjson.loads(await connection.fetchval(CARD) or "{}"), [], service.settings)
        clock = clock_of(card, None)
        async with scoped_reading(connection, scope):
            rows = await read_kept(
                connection, service.around, scope, wanted, at=clock.end, crs=area.crs
            )  # fmt: skip
            sight = await _sight_rows(connection, service, scope, area, clock.end)
    document = await asyncio.to_thread(_document, service, area, rows, sight, item)
    document["as_of"], document["sample"] = clock.day.isoformat(), bool(card["sample"])
    return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)


async def _sight_rows(
    connection: Any, service: Service, scope: Scope, area: Area, at: datetime
) -> tuple[Rows, Rows] | None:
    """Read cameras and buildings about a point."""
    cameras, buildings = (service.catalog.layers[name] for name in ("cameras", "buildings"))
    if area.kind != "point" or not (scope.may_open(cameras) and scope.may_open(buildings)):
        return None
    here = area.in_degrees()[0]
    up = SIGHT_M / 110_000.0
    aside = up / math.cos(math.radians(here.y))
    box = (here.x - aside, here.y - up, here.x + aside, here.y + up)
    near, houses = [
        await read_near(connection, layer, fields, scope.for_layer(layer), box, at=at, crs=area.crs)
        for layer, fields in ((cameras, _CAMERA_FIELDS), (buildings, ("height_m",)))
    ]
    return near, houses


def _document(
    service: Service, area: Area, rows: dict[str, Rows], sight: tuple[Rows, Rows] | None, item: str | None
) -> dict[str, Any]:
    catalog = service.catalog
    roads = rows.get("layer roads")
    ways = Ways(area, service.around.graph(roads) if roads is not None else None)
    found = {one.name: _found(one, rows.get(one.name), ways) for one in SUBJECTS}
    stores, supplies = rows.get("stores"), rows.get("layer emergency_supplies")
    stocks = []
    if stores is not None and supplies is not None:
        subject = next(one for one in SUBJECTS if one.name == "stores")
        stocks = nearest_stock(subject, stores, supplies, ways, item=item)
    explanations = None if sight is None else _explained(area, *sight)
    names: dict[Any, tuple[str | None, str | None]] = {}
    if sight is not None:
        columns = sight[0].columns
        told = zip(columns["code"], columns["name"], strict=True)
        names = dict(zip(sight[0].ids.tolist(), told, strict=True))
    return {
        "area": area_document(area),
        "subjects": [subject_document(found[one.name], one, catalog, area.crs) for one in SUBJECTS],
        "sight": sight_document(explanations, names),
        "stock": stock_document(stocks, catalog.layers["emergency_supplies"], catalog),
        "by_road": ways.by_road,
        "note": way_note(by_road=ways.by_road),
    }


def _found(subject: Subject, rows: Rows | None, ways: Ways) -> Found | str:
    if rows is None:
        return "not-readable"
    return look_around(ways.area, subject, rows, ways) if len(rows) else "layer-without-data"


def _explained(area: Area, cameras: Rows, houses: Rows) -> list[Explanation]:
    frame, walls = cameras.frame(_NUMBERS), houses.frame(("height_m",))
    return explain(area.in_degrees()[0], frame, walls, most=MOST_CAMERAS)


def add_routes(router: APIRouter) -> None:
    """Add the addresses."""
    router.add_api_route("/around", around_point, summary="What lies around a point, ring by ring")
    body = {"application/json": {"schema": {"type": "object", "required": ["geometry"]}}}
    router.add_api_route(
        "/around", around_shape, methods=["POST"], summary="What lies in and around a drawn shape",
        openapi_extra={"requestBody": {"required": True, "content": body}},
    )  # fmt: skip
