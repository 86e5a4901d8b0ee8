"""One cell of a run: its values, its outline, the regions that it lies in."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import shapely
from fastapi import APIRouter, Request
from starlette.responses import Response

from api import links
from api.dependencies import TheScope, TheService
from api.headers import revalidated
from api.parameters import bad
from api.routes.runs import run_id
from geo.cells import area_m2, outline, parse, polygons, resolution_of, to_text
from geo.errors import BadInput
from layers.regions.overlapping import Overlap, read_overlapping
from layers.runs.errors import NoCell, NoResult
from layers.runs.groups import group_of, read_groups
from layers.runs.reading import find_result, read_cells, read_run
from layers.runs.showing import columns
from layers.scope import Scope

#: Decimals of degrees of an outline: a decimetre.
_DECIMALS = 6


async def cell(run: str, cell: str, asked: Request, service: TheService, scope: TheScope) -> Response:
    """Return one cell of a run with its values and regions; a missing value is null, never 0.

    Where the run puts cells together, as one of `radio_gaps` does, `group` is what this cell belongs to, with
    its outline; null elsewhere.
    """
    index = _index(cell)
    resolution = int(resolution_of([index])[0])
    async with service.database.connection() as connection:
        result = await find_result(connection, scope, run_id(run))
        if resolution not in result.levels:
            raise NoCell(f"run {result.run} has no cell {cell}", run=result.run, cell=cell[:24])
        found = await read_cells(connection, scope, result, resolution, after=index - 1, limit=1)
        if not len(found) or int(found.index[0]) != index:
            raise NoCell(f"run {result.run} has no cell {cell}", run=result.run, cell=cell[:24])
        record = await read_run(connection, scope, result.run)
        shape = polygons([index]).iloc[0]
        regions = await read_overlapping(connection, scope, shape)
        group = await _group(connection, scope, record, index)
    values = found.iloc[0].astype(object).where(found.iloc[0].notna(), None)
    document = {
        "cell": str(to_text([index])[0]),
        "resolution": resolution,
        "run": result.run,
        "kind": result.kind.name,
        "values": values.to_dict(),
        "columns": columns(record, service.catalog),
        "area_m2": float(area_m2([index])[0]),
        "geometry": orjson.loads(shapely.to_geojson(shape)),
        "group": group,
        "regions": [_region(asked, one) for one in regions],
        "links": {"self": links.address(asked, f"/runs/{result.run}/cells/{cell}")},
    }
    return revalidated(asked, orjson.dumps(document), links.JSON)


async def _group(connection: Any, scope: Scope, record: dict[str, Any], index: int) -> dict[str, Any] | None:
    """Return the group of cells that one belongs to, with its outline."""
    try:
        groups = await read_groups(connection, scope, record["id"])
    except NoResult:
        return None
    ranked = [row for row in record["areas"] if row["layer"] == record["kind"]]
    ranks = {int(row["code"], 16): row["rank"] for row in ranked}
    chosen = group_of(groups, index, ranks)
    if chosen is None:
        return None
    cells = groups.index.to_numpy()[groups.to_numpy() == chosen]
    shape = shapely.transform(outline(cells), lambda at: at.round(_DECIMALS))
    return {
        "code": str(to_text([chosen])[0]),
        "cells": len(cells),
        "area_m2": float(area_m2(cells).sum()),
        "geometry": orjson.loads(shapely.to_geojson(shape)),
    }


def _index(text: str) -> int:
    try:
        return int(parse(np.array([text]))[0])
    except BadInput:
        raise bad("cell", text[:24], "cell") from None


def _region(asked: Request, region: Overlap) -> dict[str, Any]:
    return {
        "id": region.id,
        "code": region.code,
        "name": region.name,
        "level": region.level,
        "path": region.path,
        "share": region.share,
        "href": links.address(asked, f"/regions/{region.code}"),
    }


def add_routes(router: APIRouter) -> None:
    """Add the address."""
    router.add_api_route("/runs/{run}/cells/{cell}", cell, summary="One cell of a run with its regions")
