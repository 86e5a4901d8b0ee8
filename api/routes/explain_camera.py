"""Why a point is not seen: the nearest cameras, and the test that each fails."""

from __future__ import annotations

import asyncio
import math
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

import geopandas as gpd
import orjson
import pandas as pd
import shapely
from fastapi import APIRouter, Query, Request
from pydantic import WithJsonSchema
from shapely.geometry.base import BaseGeometry
from starlette.responses import Response

from api import links
from api.camera_sentences import sentence
from api.dependencies import TheScope, TheService
from api.headers import revalidated
from api.parameters import bad, parse_whole_number
from api.routes.explain_radio import around, degrees
from geo.cameras import Explanation, cause, explain, viewsheds
from layers.features.reading import read_item

TASKS = ("monitor", "detect", "observe", "recognise", "identify")
#: Around the point: no street camera reaches farther; high points do.
CAMERAS_M, BUILDINGS_M = 600.0, 600.0
MOST_CAMERAS, MOST_BUILDINGS, LISTED = 2000, 8000, 8


async def explain_camera(
    request: Request,
    service: TheService,
    scope: TheScope,
    *,
    lon: Annotated[str, WithJsonSchema({"type": "number"}), Query(description="Degrees east, WGS 84.")],
    lat: Annotated[str, WithJsonSchema({"type": "number"}), Query(description="Degrees north, WGS 84.")],
    task: Annotated[str, Query(description="monitor, detect, observe, recognise or identify.")] = "detect",
) -> Response:
    """Return the nearest cameras of a point and why each does not see it, in Chinese and English."""
    x, y = degrees("lon", lon, 180), degrees("lat", lat, 85)
    if task not in TASKS:
        raise bad("task", task, "one-of", known=", ".join(TASKS))
    cameras = await around(service, scope, "cameras", (x, y), metres=CAMERAS_M, most=MOST_CAMERAS)
    houses = await around(service, scope, "buildings", (x, y), metres=BUILDINGS_M, most=MOST_BUILDINGS)
    template = service.settings.video_link
    document = await asyncio.to_thread(_document, x, y, cameras, houses, task=task, template=template)
    return revalidated(request, orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY), links.JSON)


async def camera_view(
    camera: str,
    request: Request,
    service: TheService,
    scope: TheScope,
    *,
    task: Annotated[str, Query(description="monitor, detect, observe, recognise or identify.")] = "detect",
) -> Response:
    """Return what one camera sees as a GeoJSON feature: its view less what buildings hide."""
    if task not in TASKS:
        raise bad("task", task, "one-of", known=", ".join(TASKS))
    number = parse_whole_number(camera, "camera", 1, 2**53)
    definition, layer_scope = service.layer("cameras", scope)
    async with service.database.connection() as connection:
        item = orjson.loads(await read_item(connection, definition, layer_scope, number))
    own = gpd.GeoDataFrame.from_features([item], crs=4326)
    own.index = pd.Index([number])
    at = own.geometry.iloc[0]
    houses = await around(
        service, scope, "buildings", (at.x, at.y), metres=BUILDINGS_M, most=MOST_BUILDINGS
    )  # fmt: skip
    document = await asyncio.to_thread(_view_of, usable(own), with_heights(in_service(houses)), task)
    return revalidated(request, orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY), links.JSON)


def _view_of(camera: gpd.GeoDataFrame, houses: gpd.GeoDataFrame, task: str) -> dict[str, Any]:
    row = viewsheds(camera, houses, task=task).iloc[0]
    properties = {name: _number(float(row[name])) for name in ("area_m2", "range_m", "near_m")}
    properties |= {"code": _text(camera.iloc[0], "code"), "task": task, "state": row["state"]}
    online = camera["online"].iloc[0]
    return {
        "type": "Feature",
        "id": int(camera.index[0]),
        "geometry": as_geojson(row.geometry),
        "properties": {**properties, "online": None if online is None else bool(online)},
    }


def as_geojson(shape: BaseGeometry) -> dict[str, Any] | None:
    """Return a shape in degrees as GeoJSON; None for an empty one."""
    if shape.is_empty:
        return None
    made: dict[str, Any] = orjson.loads(shapely.to_geojson(shapely.set_precision(shape, 1e-7)))
    return made


def _document(
    lon: float,
    lat: float,
    cameras: gpd.GeoDataFrame,
    houses: gpd.GeoDataFrame,
    *,
    task: str,
    template: str,
) -> dict[str, Any]:
    cameras, houses = usable(in_service(cameras)), with_heights(in_service(houses))
    found = explain(shapely.Point(lon, lat), cameras, houses, task=task, most=LISTED)
    reason, best = cause(found)
    told = [_camera(one, cameras, houses, template) for one in found]
    by_label = dict(zip([one.camera for one in found], told, strict=True))
    return {
        "point": {"lon": lon, "lat": lat},
        "task": task,
        "seen": reason == "seen",
        "cause": reason,
        "camera": None if best is None else by_label[best.camera]["code"],
        "sentence": sentence("none_near", {}) if best is None else by_label[best.camera]["sentence"],
        "cameras": told,
    }


def usable(cameras: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return cameras with numbers in every column that a view is made of; missing as NaN."""
    cameras = cameras.copy()
    for name in ("azimuth_deg", "view_angle_deg", "pixels_horizontal", "height_m", "tilt_deg", "range_m"):
        given = cameras[name] if name in cameras.columns else pd.Series(index=cameras.index, dtype=float)
        cameras[name] = pd.to_numeric(given, errors="coerce")
    if "online" not in cameras.columns:
        cameras["online"] = None
    return cameras


def with_heights(houses: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return buildings with their heights as numbers; missing as NaN."""
    known = "height_m" in houses.columns
    heights = houses["height_m"] if known else pd.Series(index=houses.index, dtype=float)
    return houses.assign(height_m=pd.to_numeric(heights, errors="coerce"))


def in_service(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the features that are in service."""
    return frame[(frame["status"] == "in_service").to_numpy(dtype=bool)].copy()


def _camera(
    one: Explanation, cameras: gpd.GeoDataFrame, houses: gpd.GeoDataFrame, template: str
) -> dict[str, Any]:
    row = cameras.loc[one.camera]
    facts = {**one.facts, "camera": _text(row, "code") or str(one.camera), "distance_m": one.distance_m}
    outline = None
    if "building" in facts:
        house = houses.loc[facts["building"]]
        outline = as_geojson(house.geometry)
        facts["building"] = _text(house, "name") or _text(house, "code") or str(facts["building"])
    device = _text(row, "device_id")
    link = template.replace("{device_id}", quote(device, safe="")) if template and device else None
    return {
        "id": one.camera,
        "code": _text(row, "code"),
        "name": _text(row, "name"),
        "device_id": device,
        "video": link,
        "distance_m": round(one.distance_m, 1),
        "bearing_deg": round(one.bearing_deg, 1),
        "sees": one.sees,
        "reason": one.reason,
        "failing": list(one.failing),
        "concerned": one.concerned,
        "facts": {name: _number(value) for name, value in facts.items()},
        "sight_line": {"type": "LineString", "coordinates": [list(at) for at in one.sight_line]},
        "building": outline,
        "cut": None if one.cut is None else {"type": "Point", "coordinates": list(one.cut)},
        "sentence": sentence(one.reason, facts, _offline_days(row)),
    }


def _offline_days(row: Any) -> int | None:
    """Return whole days between the change of the online state and the row's own update."""
    since, seen = _text(row, "online_changed_at"), _text(row, "updated_at")
    if since is None or seen is None:
        return None
    try:
        return max(0, (datetime.fromisoformat(seen) - datetime.fromisoformat(since)).days)
    except (TypeError, ValueError):
        return None


def _text(row: Any, name: str) -> str | None:
    value = row.get(name)
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3) if math.isfinite(value) else None
    return value


def add_routes(router: APIRouter) -> None:
    """Add the address."""
    router.add_api_route("/explain/camera/{camera}", camera_view, summary="What one camera sees")
    router.add_api_route("/explain/camera", explain_camera, summary="Why a point is not seen, by camera")
