"""Going on with a plan by hand: candidates, what is missing where, what a site gains where it is dragged."""

from __future__ import annotations

import asyncio
import math
import re
from typing import Annotated

import numpy as np
import orjson
import pandas as pd
import shapely
from fastapi import APIRouter, Query, Request
from pydantic import WithJsonSchema
from starlette.responses import Response

from api import links
from api.dependencies import TheScope, TheService
from api.headers import revalidated
from api.parameters import bad, parse_whole_number
from api.routes.explain_radio import degrees
from api.routes.runs import run_id
from api.service import Service
from geo.cells import polygons, to_text
from layers.runs.parts import read_parts
from layers.runs.reading import find_result
from layers.runs.siting.model import CANDIDATES, CHOSEN, DEMAND, Reach, reach_name, read_reach
from layers.runs.siting.moving import Kept, Stand, after, by_cell, kept_of, neighbourhood
from layers.scope import Scope

#: Candidates of one answer.
USUAL_NEAR, MOST_NEAR = 60, 200
#: Resolution of hexagons where none is asked for: of stations, and of cameras.
USUAL_RESOLUTION = {True: 9, False: 10}
MOST_HEXAGONS = 20_000
#: Models that one service keeps in memory.
MODELS = 4

_MOVE = re.compile(r"(\d{1,5}):(\d{1,6}):(\d{1,4})")

Number = Annotated[str | None, WithJsonSchema({"type": "number"})]
Moved = Annotated[
    str,
    Query(description="Sites that were moved: rank:candidate:setting, with commas between.", max_length=1000),
]
Removed = Annotated[str, Query(description="Ranks of sites that were taken out, with commas between.")]


async def candidates(run: str, asked: Request, service: TheService, scope: TheScope) -> Response:
    """Return all candidates of a plan with what is against each; those of the plan have ranks."""
    kept = await _model(service, scope, run_id(run))
    ranks: dict[int, list[int]] = {}
    for one in kept.chosen:
        ranks.setdefault(one.number, []).append(one.rank)
    found = [{**one, "ranks": ranks.get(number, [])} for number, one in enumerate(kept.candidates)]
    return revalidated(asked, orjson.dumps({"run": run_id(run), "candidates": found}), links.JSON)


async def demand(
    run: str,
    asked: Request,
    service: TheService,
    scope: TheScope,
    *,
    resolution: Annotated[str | None, Query(description="H3 resolution of the hexagons.")] = None,
    moved: Moved = "",
    without: Removed = "",
) -> Response:
    """Return hexagons with what is missing without the plan (``missing``) and what it gains (``gained``)."""
    number = run_id(run)
    kept = await _model(service, scope, number)
    standing, _ = _standing(kept, moved, without)
    reached = await _reached(service, scope, number, _moved_to(kept, standing))
    _check_settings(kept, standing, reached)
    chosen = _resolution(kept, resolution)
    cells = await asyncio.to_thread(lambda: by_cell(kept, after(kept, standing, reached), chosen))
    if len(cells) > MOST_HEXAGONS:
        raise bad("resolution", str(chosen), "fewer-cells", cells=len(cells), most=MOST_HEXAGONS)
    return revalidated(asked, await asyncio.to_thread(_collection, cells, chosen), links.GEOJSON)


async def reach(
    run: str,
    asked: Request,
    service: TheService,
    scope: TheScope,
    *,
    lon: Annotated[Number, Query(description="Degrees east, WGS 84.")],
    lat: Annotated[Number, Query(description="Degrees north, WGS 84.")],
    candidates: Annotated[str | None, Query(description=f"How many, 1 to {MOST_NEAR}.")] = None,
    resolution: Annotated[str | None, Query(description="H3 resolution of the hexagons.")] = None,
    moved: Moved = "",
    without: Removed = "",
) -> Response:
    """Return what a site would gain at each of the candidates nearest to a place, beside all others.

    Sites that are taken out (``without``) are those that are moved. See
    `layers.runs.siting.moving.neighbourhood`.
    """
    number = run_id(run)
    at = degrees("lon", str(lon), 180), degrees("lat", str(lat), 85)
    most = USUAL_NEAR if candidates is None else parse_whole_number(candidates, "candidates", 1, MOST_NEAR)
    kept = await _model(service, scope, number)
    standing, taken = _standing(kept, moved, without)
    near = kept.nearest(*at, most).tolist()
    reached = await _reached(service, scope, number, [*near, *_moved_to(kept, [*standing, *taken])])
    _check_settings(kept, [*standing, *taken], reached)
    found = await asyncio.to_thread(
        neighbourhood, kept, near, standing, reached, taken=taken, resolution=_resolution(kept, resolution)
    )
    return revalidated(asked, orjson.dumps({"run": number, **found}), links.JSON)


async def _model(service: Service, scope: Scope, run: int) -> Kept:
    """Return the model of a run that this reader may read; kept in memory, since a run never changes."""
    async with service.database.connection() as connection:
        await find_result(connection, scope, run)
        models = service.site_models
        if run not in models:
            parts = await read_parts(connection, scope, run, [CANDIDATES, DEMAND, CHOSEN])
            models[run] = await asyncio.to_thread(kept_of, parts)
            while len(models) > MODELS:
                models.pop(next(iter(models)))
    models[run] = models.pop(run)  # the last one asked for goes last
    return models[run]


async def _reached(service: Service, scope: Scope, run: int, numbers: list[int]) -> dict[int, Reach]:
    names = {reach_name(number): number for number in numbers}
    if not names:
        return {}
    async with service.database.connection() as connection:
        parts = await read_parts(connection, scope, run, list(names))
    return {names[name]: read_reach(body) for name, body in parts.items()}


def _standing(kept: Kept, moved: str, without: str) -> tuple[list[Stand], list[Stand]]:
    """Return the plan as it stands after sites were moved, and those that were taken out."""
    gone = set()
    for text in filter(None, without.split(",")):
        gone.add(parse_whole_number(text, "without", 1, len(kept.chosen)))
    moves = {}
    for text in filter(None, moved.split(",")):
        found = _MOVE.fullmatch(text)
        if found is None:
            raise bad("moved", text, "moved-sites")
        rank, number, setting = map(int, found.groups())
        usable = number < len(kept.candidates) and not kept.candidates[number]["reasons"]
        if not (1 <= rank <= len(kept.chosen) and usable):
            raise bad("moved", text, "moved-sites")
        moves[rank] = Stand(rank, number, setting)
    now = [moves.get(one.rank, one) for one in kept.chosen]
    return [one for one in now if one.rank not in gone], [one for one in now if one.rank in gone]


def _moved_to(kept: Kept, standing: list[Stand]) -> list[int]:
    planned = set(kept.chosen)
    return [one.number for one in standing if one not in planned]


def _check_settings(kept: Kept, standing: list[Stand], reached: dict[int, Reach]) -> None:
    planned = set(kept.chosen)
    for one in standing:
        if one not in planned and one.setting >= len(reached[one.number].azimuth_deg):
            raise bad("moved", f"{one.rank}:{one.number}:{one.setting}", "moved-sites")


def _resolution(kept: Kept, text: str | None) -> int:
    if text is not None:
        return parse_whole_number(text, "resolution", 5, 12)
    return USUAL_RESOLUTION[kept.of_place == 1]


def _collection(cells: pd.DataFrame, resolution: int) -> bytes:
    index = cells.index.to_numpy(dtype="uint64")
    shapes = shapely.transform(polygons(index).to_numpy(), lambda at: np.round(at, 6)) if len(index) else []
    outlines = shapely.to_geojson(shapes)
    features = [
        {"type": "Feature", "id": name, "geometry": orjson.Fragment(outline), "properties": values}
        for name, outline, values in zip(
            to_text(index).tolist(), outlines, cells.round(6).to_dict("records"), strict=True
        )
    ]
    most = float(cells["missing"].max()) if len(cells) else 0.0
    document = {
        "type": "FeatureCollection", "resolution": resolution, "most": most if math.isfinite(most) else 0.0,
        "features": features,
    }  # fmt: skip
    return orjson.dumps(document)


def add_routes(router: APIRouter) -> None:
    """Add the addresses."""
    here = "/runs/{run}"
    router.add_api_route(f"{here}/candidates", candidates, summary="Candidates of a site plan")
    router.add_api_route(
        f"{here}/demand.geojson", demand, summary="What a site plan finds missing, and gains"
    )
    router.add_api_route(f"{here}/reach", reach, summary="What a site gains at candidates around a place")
