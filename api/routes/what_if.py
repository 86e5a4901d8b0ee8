"""What if a camera were added, turned, tilted or moved: the ground won and lost, and the best direction."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely
from fastapi import APIRouter, Query, Request
from pydantic import WithJsonSchema
from starlette.responses import Response

from api import links
from api.dependencies import TheScope, TheService
from api.errors import NoFeature
from api.headers import revalidated
from api.parameters import bad, parse_whole_number
from api.routes.explain_camera import (
    BUILDINGS_M,
    CAMERAS_M,
    MOST_BUILDINGS,
    MOST_CAMERAS,
    TASKS,
    as_geojson,
    in_service,
    usable,
    with_heights,
)
from api.routes.explain_radio import around, degrees
from geo.cameras import best_azimuth, sample, seen_counts, viewsheds, what_if
from geo.cells import polygons, to_text
from geo.cells.covering import touched
from geo.errors import BadInput
from layers.features.reading import read_item

#: What can be tried, with what a new camera has where nothing is said: a fixed one as most of a city are.
TRIED = {
    "azimuth_deg": (0.0, 360.0, 0.0), "tilt_deg": (-90.0, 90.0, 10.0), "height_m": (0.0, 400.0, 6.0),
    "view_angle_deg": (1.0, 360.0, 90.0), "pixels_horizontal": (1.0, 20_000.0, 1920.0),
}  # fmt: skip
#: A camera that is taken farther than about twice this is another camera.
FARTHEST_M = 2_000.0
#: Label of a camera that is added; no feature has it.
NEW = 0
RESOLUTION = 12

Number = Annotated[str | None, WithJsonSchema({"type": "number"})]
A_LON = Query(description="Degrees east, WGS 84: where it is added or moved to.")
A_LAT = Query(description="Degrees north, WGS 84.")


@dataclass(frozen=True, slots=True)
class Trial:
    """One camera before (None where it is new) and after, and what that is as a change of a scenario."""

    label: int
    before: gpd.GeoDataFrame | None
    after: gpd.GeoDataFrame
    change: dict[str, Any]


async def camera(
    request: Request,
    service: TheService,
    scope: TheScope,
    *,
    id: Annotated[str | None, Query(description="A camera that stands; a new one where left out.")] = None,
    lon: Annotated[Number, A_LON] = None,
    lat: Annotated[Number, A_LAT] = None,
    azimuth_deg: Annotated[Number, Query(description="Clockwise from north.")] = None,
    tilt_deg: Annotated[Number, Query(description="Below the horizon.")] = None,
    height_m: Annotated[Number, Query(description="Above the ground, metres.")] = None,
    view_angle_deg: Annotated[Number, Query(description="Horizontal view angle.")] = None,
    pixels_horizontal: Annotated[Number, Query(description="Pixels across.")] = None,
    best: Annotated[str, Query(description="1 turns it to where it sees most that nobody sees.")] = "0",
    task: Annotated[str, Query(description="monitor, detect, observe, recognise or identify.")] = "detect",
) -> Response:
    """Return the view before and after, cells that change, and the change as a scenario takes it."""
    if task not in TASKS:
        raise bad("task", task, "one-of", known=", ".join(TASKS))
    if best not in ("0", "1"):
        raise bad("best", best, "one-of", known="0, 1")
    if (lon is None) != (lat is None) or (id is None and lon is None):
        raise bad("lon", str(lon), "place-or-camera")
    given = {
        name: _number(name, text)
        for name, text in (
            ("azimuth_deg", azimuth_deg), ("tilt_deg", tilt_deg), ("height_m", height_m),
            ("view_angle_deg", view_angle_deg), ("pixels_horizontal", pixels_horizontal),
        )
        if text is not None
    }  # fmt: skip
    at = None if lon is None or lat is None else (degrees("lon", lon, 180), degrees("lat", lat, 85))
    number = NEW if id is None else parse_whole_number(id, "id", 1, 2**53)
    standing = None
    if number != NEW:
        definition, layer_scope = service.layer("cameras", scope)
        async with service.database.connection() as connection:
            item = orjson.loads(await read_item(connection, definition, layer_scope, number))
        standing = usable(gpd.GeoDataFrame.from_features([item], crs=4326).set_index(pd.Index([number])))
        if standing.geometry.iloc[0] is None:
            raise NoFeature("no such camera", layer="cameras", id=number)
    trial = _trial(number, standing, at, given)
    places = [one.geometry.iloc[0] for one in (trial.before, trial.after) if one is not None]
    middle = (float(np.mean([p.x for p in places])), float(np.mean([p.y for p in places])))
    apart = 111_000.0 * max(abs(p.x - middle[0]) + abs(p.y - middle[1]) for p in places)
    if apart > FARTHEST_M:
        raise bad("lon", str(lon), "near-camera", most=f"{FARTHEST_M:g}")
    reach = CAMERAS_M + apart
    cameras = await around(service, scope, "cameras", middle, metres=reach, most=MOST_CAMERAS)
    houses = await around(
        service, scope, "buildings", middle, metres=reach - CAMERAS_M + BUILDINGS_M, most=MOST_BUILDINGS
    )
    body = await asyncio.to_thread(
        _document, trial, usable(in_service(cameras)), with_heights(in_service(houses)), best == "1", task
    )
    return revalidated(request, body, links.JSON)


def _trial(
    number: int, standing: gpd.GeoDataFrame | None, at: tuple[float, float] | None, given: dict[str, float]
) -> Trial:
    place = None if at is None else shapely.Point(at)
    change: dict[str, Any]
    if standing is None:
        fields: dict[str, Any] = {name: usual for name, (_, _, usual) in TRIED.items()} | given
        new = gpd.GeoDataFrame(
            {**{name: [value] for name, value in fields.items()}, "kind": ["fixed"], "online": [True]},
            geometry=[place], index=pd.Index([number]), crs=4326,
        )  # fmt: skip
        change = {"op": "add", "layer": "cameras", "properties": {**fields, "kind": "fixed", "online": True}}
        return Trial(number, None, usable(new), change | {"geometry": as_geojson(new.geometry.iloc[0])})
    after = standing.assign(**given)
    change = {"op": "edit", "layer": "cameras", "feature_id": number, "properties": given}
    if place is not None:
        after = after.set_geometry(gpd.GeoSeries([place], index=after.index, crs=4326))
        change |= {"geometry": as_geojson(place), "op": "edit" if given else "move"}
    return Trial(number, standing, after, change)


def _document(
    trial: Trial, cameras: gpd.GeoDataFrame, houses: gpd.GeoDataFrame, best: bool, task: str
) -> bytes:
    others = cameras[cameras.index != trial.label]
    after, change = trial.after, trial.change
    if best:
        azimuth = _best(trial.after, others, houses, task)
        after = after.assign(azimuth_deg=azimuth)
        properties = {**change.get("properties", {}), "azimuth_deg": azimuth}
        change = change | {"properties": properties, "op": "add" if trial.before is None else "edit"}
    stood = [others] if trial.before is None else [others, trial.before]
    before_all = pd.concat(stood)
    found = what_if(before_all, pd.concat([others, after]), houses, [trial.label], task=task)
    differing = found.cells[(found.cells["after"] - found.cells["before"]).abs() > 0]
    document = {
        "task": task,
        "gained_m2": round(found.gained_m2, 1),
        "lost_m2": round(found.lost_m2, 1),
        "before": [as_geojson(shape) for shape in found.before.geometry],
        "after": [as_geojson(shape) for shape in found.after.geometry],
        "cells": [
            {"cell": name, "before": round(row.before, 4), "after": round(row.after, 4),
             "geometry": as_geojson(outline)}
            for name, row, outline in zip(
                to_text(differing.index.to_numpy()).tolist(), differing.itertuples(),
                polygons(differing.index.to_numpy()).to_numpy(), strict=True,
            )
        ],
        "azimuth_deg": float(after["azimuth_deg"].iloc[0]),
        "change": change,
    }  # fmt: skip
    return orjson.dumps(_finite(document))


def _best(camera: gpd.GeoDataFrame, others: gpd.GeoDataFrame, houses: gpd.GeoDataFrame, task: str) -> float:
    """Return the direction in which most ground is won that no other camera sees."""
    reach = float(viewsheds(camera.assign(azimuth_deg=0.0), houses, task=task)["range_m"].iloc[0])
    if not reach > 0:
        raise BadInput(
            "this camera sees nothing in any direction: look at its angle, pixels, height and tilt"
        )
    all_round = camera.assign(azimuth_deg=0.0, view_angle_deg=360.0, pixels_horizontal=1e9, range_m=reach)
    around_it = viewsheds(all_round, houses, task=task).to_crs(4326)
    cells = touched(around_it.geometry[~around_it.geometry.is_empty].to_numpy(), RESOLUTION)
    if not len(cells):
        return 0.0
    points = sample(cells, houses.geometry)
    views = viewsheds(others, houses, task=task)
    views = views.assign(online=others["online"].reindex(views.index))
    seen = seen_counts(points, views)[0][:, 0] > 0
    return best_azimuth(camera, houses, points, np.where(seen, 0.0, points.area), task=task).best


def _finite(document: dict[str, Any]) -> dict[str, Any]:
    azimuth = document["azimuth_deg"]
    return document if math.isfinite(azimuth) else {**document, "azimuth_deg": None}


def _number(name: str, text: str) -> float:
    low, high, _ = TRIED[name]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise bad(name, text, "number-between", low=f"{low:g}", high=f"{high:g}")
    return value


def add_routes(router: APIRouter) -> None:
    """Add the address."""
    router.add_api_route("/what-if/camera", camera, summary="What a changed or added camera changes")
