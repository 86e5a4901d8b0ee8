"""Why a point has the signal it has: the strongest sectors line by line, and what would help."""

from __future__ import annotations

import asyncio
import math
from dataclasses import asdict
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
from fastapi import APIRouter, Query, Request
from pydantic import WithJsonSchema
from starlette.responses import Response

from api import links
from api.dependencies import TheScope, TheService
from api.headers import revalidated
from api.parameters import bad
from api.radio_sentences import remedy_sentence, sentences
from api.service import Service
from geo.cells import index, to_text
from geo.crs import metric_crs
from geo.radio import MODELS, RELEASE, TECHNOLOGIES, Explanation, Heights, Settings, class_of, explain
from layers.antennas import SETTING as ANTENNAS
from layers.antennas import patterns_of
from layers.features.reading import Query as Wanted
from layers.features.reading import read_items
from layers.relief import SETTING as RELIEF
from layers.relief import heights
from layers.runs.errors import NoResult, NoRun
from layers.runs.radio_inputs import DOCUMENTS, RELIEF_M
from layers.runs.reading import find_published, read_cells, read_run
from layers.scope import Scope

#: Most features that one answer looks at, within the cut-off.
MOST_SECTORS, MOST_BUILDINGS = 6000, 30_000
_DEGREE_M = 110_000.0
_PREDICTED = ("5g", "4g", "nb_iot", "pdt")
SETTINGS = "SELECT key, value FROM onemap.setting WHERE key = ANY ($1)"


async def explain_radio(
    request: Request,
    service: TheService,
    scope: TheScope,
    *,
    lon: Annotated[str, WithJsonSchema({"type": "number"}), Query(description="Degrees east, WGS 84.")],
    lat: Annotated[str, WithJsonSchema({"type": "number"}), Query(description="Degrees north, WGS 84.")],
    technology: Annotated[str, Query(description="5g, 4g, nb_iot or pdt.")] = "5g",
    model: Annotated[str, Query(description="uma, umi, rma or sma of 3GPP TR 38.901.")] = "uma",
) -> Response:
    """Return the link budget of a point with sentences in Chinese and English."""
    x, y = degrees("lon", lon, 180), degrees("lat", lat, 85)
    if technology not in _PREDICTED:
        raise bad("technology", technology, "one-of", known=", ".join(_PREDICTED))
    if model not in MODELS:
        raise bad("model", model, "one-of", known=", ".join(MODELS))
    settings = Settings(technology=technology)
    reach = settings.cutoff_m
    sectors = await around(service, scope, "sectors", (x, y), metres=reach, most=MOST_SECTORS)
    buildings = await around(service, scope, "buildings", (x, y), metres=reach, most=MOST_BUILDINGS)
    kept = await _kept(service)
    document = await asyncio.to_thread(
        _document, x, y, sectors, buildings, kept=kept, settings=settings, model=model
    )
    document["map"] = await _on_the_map(service, scope, x, y, technology)
    return revalidated(request, orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY), links.JSON)


def degrees(name: str, text: str, most: float) -> float:
    """Return a coordinate of an address, or raise `BadParameter`."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= most:
        raise bad(name, text, "degrees", most=most)
    return value


async def around(
    service: Service, scope: Scope, name: str, at: tuple[float, float], *, metres: float, most: int
) -> gpd.GeoDataFrame:
    """Read the features of a layer in a box about a point, as far as this reader may."""
    definition, layer_scope = service.layer(name, scope)
    up = metres / _DEGREE_M
    aside = up / math.cos(math.radians(at[1]))
    box = (at[0] - aside, at[1] - up, at[0] + aside, at[1] + up)
    async with service.database.connection() as connection:
        page = await read_items(connection, definition, layer_scope, Wanted(box=box, limit=most))
    found = [orjson.loads(feature) for feature in page.features]
    if not found:
        return gpd.GeoDataFrame({"code": [], "status": []}, geometry=[], crs=4326)
    frame = gpd.GeoDataFrame.from_features(found, crs=4326)
    return frame.set_index(pd.Index([feature["id"] for feature in found]))


async def _on_the_map(
    service: Service, scope: Scope, lon: float, lat: float, technology: str
) -> dict[str, Any] | None:
    """Return what the published prediction of the whole city says of the cell that holds a point.

    A run looks at the median of a cell, and as its parameters say; the point itself may have it otherwise.
    """
    async with service.database.connection() as connection:
        try:
            result = await find_published(connection, scope, "radio_coverage", subject=technology)
            record = await read_run(connection, scope, result.run)
        except (NoResult, NoRun):
            return None
        finest = result.levels[0]
        cell = int(index(np.array([lon]), np.array([lat]), finest)[0])
        found = await read_cells(connection, scope, result, finest, after=cell - 1, limit=1)
    if not len(found) or int(found.index[0]) != cell:
        return None
    level = float(found["rsrp_dbm"].iloc[0])
    return {
        "run": result.run,
        "cell": str(to_text([cell])[0]),
        "level_dbm": _number(level),
        "class": class_of(level, technology) if math.isfinite(level) else "none",
        "line_of_sight": record["parameters"]["sight"],
    }


async def _kept(service: Service) -> dict[str, Any]:
    """Read the settings of the city that predictions stand on."""
    async with service.database.connection() as connection:
        rows = await connection.fetch(SETTINGS, list(DOCUMENTS))
    return {row["key"]: orjson.loads(row["value"]) for row in rows}


def _relief(
    document: Any, lon: float, lat: float, sectors: gpd.GeoDataFrame, reach_m: float
) -> Heights | None:
    """Return bare ground around a point in the metric system of the sectors."""
    if document is None or not len(sectors):
        return None
    crs = metric_crs(sectors)
    at = gpd.GeoSeries(gpd.points_from_xy([lon], [lat]), crs=4326).to_crs(crs).buffer(reach_m + RELIEF_M)
    west, south, east, north = (float(one) for one in at.total_bounds)
    return heights(document, crs, (west, south, east, north), RELIEF_M)


def _document(
    lon: float,
    lat: float,
    sectors: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    kept: dict[str, Any],
    settings: Settings,
    model: str,
) -> dict[str, Any]:
    if "technology" in sectors.columns:
        sectors = sectors[sectors["technology"] == settings.technology]
        sectors = sectors[sectors["status"].isin(["in_service", "fault", "out_of_service"])]
        sectors = sectors.assign(in_service=sectors["status"] == "in_service")
    houses = None
    if len(buildings) and "height_m" in buildings.columns and len(sectors):
        heights = pd.to_numeric(buildings["height_m"], errors="coerce")
        standing = buildings.assign(height_m=heights)[buildings["status"] == "in_service"]
        houses = standing.to_crs(metric_crs(sectors))
    terrain = _relief(kept.get(RELIEF), lon, lat, sectors, settings.cutoff_m)
    found = explain(
        lon, lat, sectors, model=model, settings=settings, buildings=houses, terrain=terrain,
        patterns=patterns_of(kept.get(ANTENNAS)),
    )  # fmt: skip
    codes = sectors["code"].dropna().to_dict() if len(sectors) else {}
    named = buildings["code"].dropna().to_dict() if len(buildings) else {}
    return {
        "point": {"lon": lon, "lat": lat},
        "technology": settings.technology,
        "reference": TECHNOLOGIES[settings.technology].reference,
        "model": model,
        "release": RELEASE,
        "thresholds": {"dbm": settings.rsrp_threshold, "sinr_db": settings.sinr_threshold},
        "level_dbm": _number(found.level_dbm),
        "sinr_db": _number(found.sinr_db),
        "class": class_of(found.level_dbm, settings.technology) if found.lines else "none",
        "covered": found.covered,
        "terrain": terrain is not None,
        "line_of_sight": "probability" if houses is None else "buildings",
        "sectors": [_line(line, codes, named) for line in found.lines],
        "remedies": _remedies(found, codes, named),
        "assumed": dict(found.assumed),
        "sentences": sentences(found, settings, codes, named),
    }


def _line(line: Any, codes: dict[Any, str], buildings: dict[Any, str]) -> dict[str, Any]:
    told = {name: _number(value) for name, value in asdict(line).items() if name not in ("blocked", "sector")}
    told |= {"id": line.sector, "code": codes.get(line.sector)}
    if line.blocked is not None:
        told["line_of_sight"] = line.blocked.clear
        if not line.blocked.clear:
            told["blocked_by"] = {
                "id": line.blocked.building,
                "code": buildings.get(line.blocked.building),
                "over_m": _number(line.blocked.over_m),
                "distance_m": _number(line.blocked.distance_m),
            }
    return told


def _remedies(found: Explanation, codes: dict[Any, str], buildings: dict[Any, str]) -> list[dict[str, Any]]:
    return [
        {
            "kind": remedy.kind,
            "id": remedy.sector,
            "code": codes.get(remedy.sector),
            "level_dbm": _number(remedy.level_dbm),
            "sentence": remedy_sentence(remedy, codes, buildings),
            **{
                name: buildings.get(value, value) if name == "building" else _number(value)
                for name, value in remedy.facts.items()
            },
        }
        for remedy in found.remedies
    ]


def _number(value: Any) -> Any:
    """Return a number with three decimals, and nothing for one that is none."""
    if isinstance(value, bool) or not isinstance(value, float):
        return value
    return round(value, 3) if math.isfinite(value) else None


def add_routes(router: APIRouter) -> None:
    """Add the address."""
    router.add_api_route("/explain/radio", explain_radio, summary="Link budget of a point, with reasons")
