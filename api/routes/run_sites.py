"""One site of a plan explained: who gains, what stands in the way, which other sites reach the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import geopandas as gpd
import orjson
import pandas as pd
import psycopg
import shapely
from fastapi import APIRouter, Request
from starlette.responses import Response

from api import links
from api.dependencies import TheScope, TheService
from api.errors import NoFeature
from api.headers import revalidated
from api.parameters import bad
from api.routes.runs import run_id
from api.site_sentences import sentences
from api.transactions import in_transaction
from geo.crs import metric_crs
from layers.runs.inputs import Read, read_here
from layers.runs.reading import every_feature, find_result, read_run
from layers.runs.siting import SITE_PLAN
from layers.runs.siting.explaining import AROUND_M, explained, layers_around
from layers.runs.siting.parameters import SitingParameters
from layers.scenarios.changes import Change
from layers.scenarios.naming import reference
from layers.scenarios.record import read as read_scenario


async def site(run: str, site: str, asked: Request, service: TheService, scope: TheScope) -> Response:
    """Explain one site of a plan beside what stands and the other sites of the plan."""
    async with service.database.connection() as connection:
        result = await find_result(connection, scope, run_id(run))
        record = await read_run(connection, scope, result.run)
    if result.kind.name != SITE_PLAN.name:
        raise bad("run", run, "siting-run")
    pages = [page async for page in every_feature(service.database, scope, result)]
    sites = gpd.GeoDataFrame(pd.concat(pages), crs=4326) if pages else gpd.GeoDataFrame(geometry=[], crs=4326)
    if site not in sites.index:
        raise NoFeature("the plan has no such site", layer=SITE_PLAN.name, id=site[:24])
    # They were checked when the run was asked for.
    parameters = SitingParameters.model_validate(record["parameters"])
    for one in layers_around(parameters.device):
        scope.for_layer(service.catalog.layer(one.layer))
    row = sites.loc[site].to_dict()
    around = _around(row["geometry"], AROUND_M[parameters.device])

    def work(connection: psycopg.Connection[Any]) -> Read:
        changes: tuple[Change, ...] = ()
        if parameters.scenario is not None:
            found = read_scenario(connection, reference(parameters.scenario), also_deleted=True)
            changes = tuple(found.changes)
        return read_here(
            connection, service.catalog, layers_around(parameters.device), region="", around=around,
            documents=SITE_PLAN.documents, changes=changes,
        )  # fmt: skip

    seen = await in_transaction(service, scope, work)
    others = sites.drop(index=site)
    inputs = replace(seen.inputs, region=around)
    told = await asyncio.to_thread(explained, parameters, row, others, inputs)
    document = {
        "run": result.run, "id": site, "rank": int(row["rank"]), "device": str(parameters.device),
        "gain": row["gain"], "unit": record["summary"].get("units", {}).get("gain"),
        "point": {"lon": round(row["geometry"].x, 7), "lat": round(row["geometry"].y, 7)},
        **told, "sentences": sentences(told),
        "links": {"self": links.address(asked, f"/runs/{result.run}/sites/{site}")},
    }  # fmt: skip
    return revalidated(asked, orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY), links.JSON)


def _around(at: shapely.Point, metres: float) -> Any:
    """Return a disc about a place, in degrees."""
    place = gpd.GeoSeries([at], crs=4326)
    return place.to_crs(metric_crs(gpd.GeoDataFrame(geometry=place))).buffer(metres).to_crs(4326).iloc[0]


def add_routes(router: APIRouter) -> None:
    """Add the address."""
    router.add_api_route("/runs/{run}/sites/{site}", site, summary="One site of a plan, explained")
