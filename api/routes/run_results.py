"""What runs found: cells as files, tiles of the results that are shown, and their description."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from api import links
from api.dependencies import TheScope, TheService, scope_of, service_of
from api.disconnecting import CLIENT_CLOSED, ReaderLeft, while_connected
from api.errors import DatabaseUnavailable
from api.headers import revalidated
from api.language import language_of
from api.notes import told_note
from api.parameters import bad, check_parameters, parse_whole_number
from api.routes.runs import run_id
from api.routes.tiles import TILEJSON, answer_to, tile_address
from api.run_files import FEATURE_FORMATS, FORMATS, areas_csv, feature_file_of, file_of
from api.run_sheets import sheets_of
from api.service import Service
from api.tile_answers import EMPTY, FRESH, Standing
from api.tile_drawing import Drawn
from geo.errors import Unavailable
from layers.features.reading import RenderedTile
from layers.runs.errors import NoResult
from layers.runs.kinds import Kind, kind_named, kinds
from layers.runs.ranking import read_ranked
from layers.runs.reading import (
    Result,
    every_feature,
    every_page,
    find_published,
    find_result,
    published_runs,
    read_result_tile,
    read_run,
)
from layers.runs.showing import columns, result_layer
from layers.runs.zooms import MAX_ZOOM, MIN_ZOOM
from layers.scope import Scope
from tilecache.address import TileAddress, TileSet

MOST_RANKED = 500


async def cells(
    run: str,
    form: str,
    asked: Request,
    service: TheService,
    scope: TheScope,
    *,
    resolution: Annotated[str | None, Query(description="H3 resolution; the finest where left out.")] = None,
) -> Response:
    """Return the cells of a run as a file."""
    if form not in FORMATS:
        raise bad("format", form, "format", known=", ".join(FORMATS))
    async with service.database.connection() as connection:
        result = await find_result(connection, scope, run_id(run))
        record = await read_run(connection, scope, result.run)
    if result.kind.result != "cells":
        raise NoResult(
            f"run {result.run} holds features, not cells: ask for features.{form}",
            run=result.run,
            state="features",
        )
    chosen = max(result.levels, default=0)
    if resolution is not None:
        chosen = parse_whole_number(resolution, "resolution", min(result.levels), max(result.levels))
    about = _about(record)
    pages = every_page(service.database, scope, result, chosen)
    name = f"{result.kind.name}_{result.run}_r{chosen}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}
    body = file_of(form, pages, result.kind.column_names, about)
    return StreamingResponse(body, headers=headers, media_type=FORMATS[form])


async def areas(run: str, asked: Request, service: TheService, scope: TheScope) -> Response:
    """Return the figures of a run by region and extent as a table; a missing value is empty."""
    async with service.database.connection() as connection:
        result = await find_result(connection, scope, run_id(run))
        record = await read_run(connection, scope, result.run)
    name = f"{result.kind.name}_{result.run}_areas.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}
    return Response(areas_csv(record["areas"], result.kind.of_areas), 200, headers, FORMATS["csv"])


async def features(run: str, form: str, asked: Request, service: TheService, scope: TheScope) -> Response:
    """Return the features of a run as a file: viewsheds, blind spots, gaps."""
    if form not in FEATURE_FORMATS:
        raise bad("format", form, "format", known=", ".join(FEATURE_FORMATS))
    async with service.database.connection() as connection:
        result = await find_result(connection, scope, run_id(run))
        record = await read_run(connection, scope, result.run)
    if result.kind.result != "features":
        raise NoResult(
            f"run {result.run} holds cells, not features: ask for cells.{form}", run=result.run, state="cells"
        )
    pages = every_feature(service.database, scope, result)
    name = f"{result.kind.name}_{result.run}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}
    shown = columns(record, service.catalog)
    sheets = sheets_of(record, service.catalog) if form == "xlsx" else []
    body = feature_file_of(form, pages, result.kind.column_names, _about(record), shown, sheets)
    return StreamingResponse(body, headers=headers, media_type=FEATURE_FORMATS[form])


async def ranking(
    run: str,
    asked: Request,
    service: TheService,
    scope: TheScope,
    *,
    grid: Annotated[str, Query(description="Only in grids whose code begins so.", max_length=48)] = "",
    limit: Annotated[str | None, Query(description=f"At most {MOST_RANKED}.")] = None,
) -> Response:
    """Return the first features of a run by rank, without their shapes: blind spots by exposure."""
    most = 50 if limit is None else parse_whole_number(limit, "limit", 1, MOST_RANKED)
    async with service.database.connection() as connection:
        result = await find_result(connection, scope, run_id(run))
        found = await read_ranked(connection, scope, result, grid=grid, limit=most)
    return revalidated(asked, orjson.dumps({"run": result.run, "features": found}), links.JSON)


def _about(record: dict[str, Any]) -> dict[str, Any]:
    """Return what a file says of the run it comes from."""
    keys = ("id", "kind", "parameters", "region", "classification", "finished_at", "inputs", "note")
    return {**{key: record[key] for key in keys}, "units": record["summary"].get("units", {})}


async def tile(asked: Request, kind: str) -> Response:
    """Return a tile of a result: of the one that is shown, or of the run, region or subject that is named."""
    given = check_parameters(asked.query_params, ("run", "region", "subject"))
    service, scope = service_of(asked), scope_of(asked)
    path = asked.path_params
    address = tile_address(path["z"], path["x"], path["y"])
    if not MIN_ZOOM <= address[0] <= MAX_ZOOM:
        return answer_to(asked, Drawn(EMPTY, FRESH))
    result = await _shown(service, scope, kind, given)

    async def draw() -> RenderedTile:
        async with service.admission.turn(), service.database.connection() as connection:
            return await read_result_tile(connection, scope, result, address)

    tiles = TileSet.of_result(kind, result.run, scope, live=result.live)
    try:
        served = await while_connected(asked, service.tiles.get(TileAddress(tiles, *address), draw))
    except ReaderLeft:
        return Response(status_code=CLIENT_CLOSED)
    return answer_to(asked, Drawn(served.tile, Standing.of([served]), served.content))


async def _shown(service: Service, scope: Scope, kind: str, given: dict[str, str]) -> Result:
    """Return the result that is asked for; while the database is away, the one that was shown last."""
    run = run_id(given["run"]) if "run" in given else None
    region, subject = given.get("region", ""), given.get("subject")
    rights = TileSet.of_result(kind, run or 0, scope)
    about = "*" if subject is None else subject
    note = f"shown/{kind}/{rights.generation}/{region}/{about}/{rights.scope}"
    try:
        async with service.admission.turn(), service.database.connection() as connection:
            if run is None:
                result = await find_published(connection, scope, kind, region, subject)
            else:
                result = await find_result(connection, scope, run)
    except DatabaseUnavailable:
        known = service.tiles.journal.state(note)
        if known is None:
            raise
        last, levels, live = orjson.loads(known)
        return Result(last, kind_named(kind), tuple(levels), live)
    if result.kind.name != kind:
        raise bad("run", given["run"], "one-of", known=f"runs of {kind}")
    found = orjson.dumps([result.run, result.levels, result.live]).decode()
    if service.tiles.journal.state(note) != found:
        await asyncio.to_thread(service.tiles.journal.note, note, found)
    return result


async def result_layers(service: Service, scope: Scope) -> list[dict[str, Any]]:
    """Return the results that are shown to this reader, each as a layer of the map.

    None while the database is away, as with the extents of layers: the map opens without them.
    """
    try:
        async with service.database.connection() as connection:
            runs = await published_runs(connection, scope)
    except Unavailable:
        return []
    return [result_layer({**run, "note": told_note(run["note"])}, service.catalog) for run in runs]


def _tilejson_of(kind: Kind) -> Callable[[Request], Awaitable[Response]]:
    async def tilejson(asked: Request) -> Response:
        """Return the TileJSON of a result layer."""
        language = language_of(asked)
        zooms = {"minzoom": MIN_ZOOM, "maxzoom": MAX_ZOOM}
        types = {"number": "Number", "text": "String"}
        key = "cell" if kind.result == "cells" else "id"
        fields = {key: "String", **{column.name: types[column.type] for column in kind.columns}}
        document = {
            "tilejson": TILEJSON,
            "name": kind.title.in_language(language),
            "description": kind.description.in_language(language),
            "tiles": [links.address(asked, f"/tiles/{kind.name}/{{z}}/{{x}}/{{y}}.mvt")],
            **zooms,
            "vector_layers": [{"id": kind.name, "fields": fields, **zooms}],
        }
        return revalidated(asked, orjson.dumps(document), links.JSON, {"Vary": "Accept-Language"})

    return tilejson


#: Tiles of results, beside those of layers; their names are fixed.
TILES = [
    Route(
        f"/tiles/{name}/{{z}}/{{x}}/{{y}}.mvt", partial(tile, kind=name), methods=["GET"], name=f"{name} tile"
    )
    for name in kinds()
]


def add_routes(router: APIRouter) -> None:
    """Add the addresses of cells and of TileJSON; those of tiles are `TILES`."""
    router.add_api_route("/runs/{run}/cells.{form}", cells, summary="Cells of a run as a file")
    router.add_api_route("/runs/{run}/features.{form}", features, summary="Features of a run as a file")
    router.add_api_route("/runs/{run}/ranking", ranking, summary="The first features of a run by rank")
    router.add_api_route("/runs/{run}/areas.csv", areas, summary="Regions and extents of a run as a file")
    for kind in kinds().values():
        summary = f"TileJSON of the result layer {kind.name}"
        router.add_api_route(f"/tiles/{kind.name}.json", _tilejson_of(kind), summary=summary)
