"""Two to four scenarios side by side, and where on the map two of them differ."""

from __future__ import annotations

import asyncio
import re
from dataclasses import asdict
from typing import Annotated, Any

import orjson
import pandas as pd
import psycopg
import shapely
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import links
from api.dependencies import TheScope, TheService
from api.headers import revalidated
from api.parameters import bad, parse_whole_number
from api.transactions import in_transaction
from geo.cells import polygons, to_text
from layers.runs.reading import Result, find_result
from layers.scenarios.compare import (
    CELL_COLUMN,
    FIGURES,
    Comparison,
    Side,
    cells_between,
    compare,
    figures,
    pareto,
    sites,
    towns,
)
from layers.scenarios.errors import NotCompared
from layers.scenarios.naming import REFERENCE_PATTERN, Reference, reference

#: What is compared with scenarios: the layers as they are.
PRESENT = "present"
MOST_CELLS = 50_000

TheKind = Annotated[str, Query(description=f"Analysis: {' or '.join(FIGURES)}.")]
TheRegion = Annotated[str, Query(description="Code of the region of the runs; empty for the whole city.")]
OneSide = Annotated[str, Query(description="A scenario, perhaps with @version, or present.")]
OtherSide = Annotated[str | None, Query(description="One more scenario, perhaps with @version, or present.")]


async def side_by_side(
    asked: Request,
    service: TheService,
    scope: TheScope,
    *,
    a: OneSide,
    b: OneSide,
    c: OtherSide = None,
    d: OtherSide = None,
    kind: TheKind = "camera_coverage",
    region: TheRegion = "",
) -> Response:
    """Compare runs over scenarios: figures with the best named, towns, what is added, cost against reach.

    A side without a run has ``run`` null and ``order``: the body that asks for the run at ``/runs``.
    """
    given = {"a": a, "b": b, "c": c, "d": d}
    references = [_side(name, text) for name, text in given.items() if text is not None]
    _check_kind(kind)
    found = await in_transaction(
        service, scope, lambda connection: compare(connection, kind, region, references)
    )
    document = {
        "kind": kind,
        "region": region or None,
        "parameters": found.parameters,
        "sides": [_side_document(asked, found, side) for side in found.sides],
        "figures": figures(found),
        "towns": {"figure": FIGURES[kind][0].name, "sides": towns(found)},
        "pareto": pareto(found),
    }
    return revalidated(asked, orjson.dumps(document), links.JSON)


async def difference(
    asked: Request,
    service: TheService,
    scope: TheScope,
    *,
    a: OneSide,
    b: OneSide,
    kind: TheKind = "camera_coverage",
    region: TheRegion = "",
    resolution: Annotated[
        str | None, Query(description="H3 resolution; a middle one where left out.")
    ] = None,
) -> Response:
    """Return the cells in which b differs from a as GeoJSON, and no others."""
    references = [_side("a", a), _side("b", b)]
    _check_kind(kind)

    def find(connection: psycopg.Connection[Any]) -> Comparison:
        return compare(connection, kind, region, references)

    found = await in_transaction(service, scope, find)
    results: list[Result] = []
    for name, side in zip("ab", found.sides, strict=True):
        if side.run is None:
            raise NotCompared(f"side {name} has no run of {kind} to compare", side=name, kind=kind)
        async with service.database.connection() as connection:
            results.append(await find_result(connection, scope, side.run))
    levels = sorted(set(results[0].levels) & set(results[1].levels))
    chosen = levels[len(levels) // 2] if levels else 0
    if resolution is not None:
        chosen = parse_whole_number(resolution, "resolution", levels[0], levels[-1])
    cells = await cells_between(
        service.database, scope, results[0], results[1], resolution=chosen, column=CELL_COLUMN[kind]
    )
    if len(cells) > MOST_CELLS:
        raise bad("resolution", str(chosen), "fewer-cells", cells=len(cells), most=MOST_CELLS)
    body = await asyncio.to_thread(_collection, cells, CELL_COLUMN[kind], chosen)
    return revalidated(asked, body, links.GEOJSON)


def _collection(cells: pd.DataFrame, column: str, resolution: int) -> bytes:
    index = cells.index.to_numpy(dtype="uint64")
    outlines = shapely.to_geojson(polygons(index).to_numpy()) if len(index) else []
    features = [
        {"type": "Feature", "id": name, "geometry": orjson.Fragment(outline), "properties": values}
        for name, outline, values in zip(
            to_text(index).tolist(), outlines, cells.round(6).to_dict("records"), strict=True
        )
    ]
    document = {"type": "FeatureCollection", "column": column, "resolution": resolution, "features": features}
    return orjson.dumps(document)


def _side_document(asked: Request, found: Comparison, side: Side) -> dict[str, Any]:
    scenario = side.scenario
    title = PRESENT if scenario is None else str(scenario.reference)
    order = None
    if side.run is None:
        parameters = {**found.parameters, "scenario": None if scenario is None else title}
        order = {"kind": found.kind, "region": found.region, "parameters": parameters}
    return {
        "name": title,
        "state": None if scenario is None else str(scenario.state),
        "run": side.run,
        "href": None if side.run is None else links.address(asked, f"/runs/{side.run}"),
        "order": order,
        **asdict(sites(side)),
    }


def _side(parameter: str, text: str) -> Reference | None:
    if text == PRESENT:
        return None
    if not re.fullmatch(REFERENCE_PATTERN, text):
        raise bad(parameter, text, "scenario-reference")
    return reference(text)


def _check_kind(kind: str) -> None:
    if kind not in FIGURES:
        raise bad("kind", kind, "one-of", known=", ".join(FIGURES))


def add_routes(router: APIRouter) -> None:
    """Add the addresses; before those of single scenarios, which would take them for names."""
    router.add_api_route("/scenarios/compare", side_by_side, summary="Scenarios side by side")
    router.add_api_route(
        "/scenarios/compare/cells.geojson", difference, summary="Cells in which two scenarios differ"
    )
