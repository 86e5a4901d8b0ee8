"""Why a point has the signal it has: the strongest sectors line by line, and what would help."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
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
from api.parameters import GREATEST_ID, bad, parse_whole_number
from api.radio_sentences import remedy_sentence, sentences
from api.service import Service
from api.transactions import in_transaction
from geo.cells import index, to_text
from geo.radio import TECHNOLOGIES, Explanation, Line, class_of, sources_of
from layers.features.reading import Query as Wanted
from layers.features.reading import read_items
from layers.runs.errors import NoResult
from layers.runs.radio_columns import NO_SIGNAL_DBM
from layers.runs.radio_indoor import DEPTH_M
from layers.runs.radio_inputs import Model, RadioParameters, RadioTechnology, Sight, prediction_of
from layers.runs.radio_point import LAYERS, Seen, read_around, seen_at
from layers.runs.reading import Result, find_published, find_result, read_cells
from layers.scope import Scope

_DEGREE_M = 110_000.0
_PREDICTED = tuple(one.value for one in RadioTechnology)
_MODELS = tuple(one.value for one in Model)
_KINDS = ("radio_coverage", "radio_gaps")


async def explain_radio(
    request: Request,
    service: TheService,
    scope: TheScope,
    *,
    lon: Annotated[str, WithJsonSchema({"type": "number"}), Query(description="Degrees east, WGS 84.")],
    lat: Annotated[str, WithJsonSchema({"type": "number"}), Query(description="Degrees north, WGS 84.")],
    technology: Annotated[str, Query(description="5g, 4g, nb_iot or pdt.")] = "5g",
    model: Annotated[
        str | None,
        Query(
            description="auto, uma, umi, rma or sma of 3GPP TR 38.901, hata_urban, hata_suburban or "
            "hata_open under 500 MHz, in place of the run's own."
        ),
    ] = None,
    run: Annotated[
        str | None,
        Query(description="A run of radio to explain; the published one of the technology where left out."),
    ] = None,
) -> Response:
    """Return the link budget of a point with sentences in Chinese and English.

    Each sector tells what is known to stand `in_the_way`, `building` or `hill`; `line_of_sight` is true where
    nothing does, and null where no more than a probability is known.

    The point is judged as the run judges its cells: over the same scenario, for the same operator, with the
    same model, line of sight, load and thresholds. Without a run it is judged past the buildings; where a run
    goes by chance, they are only named. A level of `no_signal_dbm` or less is
    no signal; a cell with it may have any level below.
    """
    x, y = degrees("lon", lon, 180), degrees("lat", lat, 85)
    if technology not in _PREDICTED:
        raise bad("technology", technology, "one-of", known=", ".join(_PREDICTED))
    if model is not None and model not in _MODELS:
        raise bad("model", model, "one-of", known=", ".join(_MODELS))
    for name in LAYERS:
        service.layer(name, scope)  # or there is none for this reader
    beside = await _beside(service, scope, technology, run)
    usual = {"technology": technology, "sight": Sight.BUILDINGS.value}
    given = usual if beside is None else prediction_of(beside.parameters)
    parameters = RadioParameters.model_validate(given | ({} if model is None else {"model": model}))
    cell = None if beside is None else int(index(np.array([x]), np.array([y]), beside.levels[0])[0])
    around_it = await in_transaction(
        service, scope, lambda connection: read_around(connection, service.catalog, parameters, x, y, cell)
    )
    seen = await asyncio.to_thread(seen_at, parameters, around_it, x, y, cell)
    document = _document(x, y, parameters, seen)
    document["map"] = (
        None if beside is None or cell is None else await _cell(service, scope, beside, cell, seen)
    )
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


async def _beside(service: Service, scope: Scope, technology: str, run: str | None) -> Result | None:
    """Return the run that is asked for, or what is published for the whole city; None where nothing is."""
    async with service.database.connection() as connection:
        if run is not None:
            found = await find_result(connection, scope, parse_whole_number(run, "run", 1, GREATEST_ID))
            if found.kind.name not in _KINDS:
                raise bad("run", run, "one-of", known=", ".join(_KINDS))
            return found
        try:
            return await find_published(connection, scope, _KINDS[0], subject=technology)
        except NoResult:
            return None


async def _cell(
    service: Service, scope: Scope, beside: Result, cell: int, seen: Seen
) -> dict[str, Any] | None:
    """Return what the run says of the cell that holds the point; None where it holds no such cell.

    A run has the median of the cell's points: ``low_dbm`` and ``high_dbm`` tell how far these lie apart.
    """
    async with service.database.connection() as connection:
        found = await read_cells(connection, scope, beside, beside.levels[0], after=cell - 1, limit=1)
    if not len(found) or int(found.index[0]) != cell:
        return None
    level = float(found["rsrp_dbm"].iloc[0])
    low, high = seen.cell_dbm or (None, None)
    technology = beside.parameters["technology"]
    return {
        "run": beside.run,
        "cell": str(to_text([cell])[0]),
        "level_dbm": _number(level),
        "low_dbm": _number(low),
        "high_dbm": _number(high),
        "class": class_of(level, technology) if math.isfinite(level) else "none",
        "line_of_sight": beside.parameters["sight"],
        "scenario": beside.parameters.get("scenario"),
    }


def _document(lon: float, lat: float, parameters: RadioParameters, seen: Seen) -> dict[str, Any]:
    found, settings = seen.explanation, parameters.settings()
    release = sources_of(seen.models[line.sector] for line in found.lines)
    return {
        "point": {"lon": lon, "lat": lat},
        "technology": settings.technology,
        "reference": TECHNOLOGIES[settings.technology].reference,
        "model": parameters.model.value,
        "release": release,
        "operator": parameters.operator,
        "scenario": parameters.scenario,
        "thresholds": {"dbm": settings.rsrp_threshold, "sinr_db": settings.sinr_threshold},
        "no_signal_dbm": NO_SIGNAL_DBM,
        "level_dbm": _number(found.level_dbm),
        "sinr_db": _number(found.sinr_db),
        "class": class_of(found.level_dbm, settings.technology) if found.lines else "none",
        "covered": found.covered,
        "indoor": _indoor(seen, settings.technology),
        "terrain": seen.over_terrain,
        "line_of_sight": _sight(seen),
        "sectors": [_line(line, seen) for line in found.lines],
        "remedies": _remedies(found, seen.codes, seen.buildings),
        "assumed": dict(found.assumed),
        "sentences": sentences(found, settings, seen.codes, seen.buildings, release),
    }


def _sight(seen: Seen) -> str:
    """Return what decides line of sight; ``none`` where no model of the sectors knows one."""
    lines = seen.explanation.lines
    if lines and all(math.isnan(line.chance) for line in lines):
        return "none"
    return "buildings" if seen.past_buildings else "probability"


def _indoor(seen: Seen, technology: str) -> dict[str, Any]:
    inside = seen.indoors
    return {
        "building_class": inside.building_class,
        "building": None
        if inside.building is None
        else {"id": inside.building, "code": seen.buildings.get(inside.building)},
        "depth_m": DEPTH_M,
        "level_dbm": _number(inside.level_dbm),
        "sinr_db": _number(inside.sinr_db),
        "class": class_of(inside.level_dbm, technology) if math.isfinite(inside.level_dbm) else "none",
        "covered": inside.covered,
    }


def _line(line: Line, seen: Seen) -> dict[str, Any]:
    told = {name: _number(value) for name, value in asdict(line).items() if name not in ("blocked", "sector")}
    told |= {"id": line.sector, "code": seen.codes.get(line.sector), "model": seen.models[line.sector]}
    told |= {"line_of_sight": line.line_of_sight, "in_the_way": line.in_the_way}
    if line.blocked is not None and not line.blocked.clear:
        told["blocked_by"] = {
            "id": line.blocked.building,
            "code": seen.buildings.get(line.blocked.building),
            "over_m": _number(line.blocked.over_m),
            "distance_m": _number(line.blocked.distance_m),
        }
    return told


def _remedies(
    found: Explanation, codes: Mapping[Any, str], buildings: Mapping[Any, str]
) -> list[dict[str, Any]]:
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
