"""Where devices could stand, before anything is planned: cost, owner, power and what is against a place."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pandas as pd
import psycopg
import shapely
from fastapi import APIRouter, Request
from starlette.responses import Response

from api import links
from api.dependencies import TheScope, TheService
from api.parameters import bad, is_plain
from api.scenario_bodies import read_members
from api.transactions import in_transaction
from layers.definitions.loading import Catalog
from layers.runs.inputs import Read, read_here
from layers.runs.kinds import Wanted
from layers.runs.parameters import parse
from layers.runs.siting import SITE_PLAN
from layers.runs.siting.parameters import SitingParameters
from layers.runs.siting.places import candidate_layers, candidates_of, told_of

#: What is told of a place.
_TOLD = ("source", "code", "name", "owner", "power", "height_m", "cost")
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "parameters": {"type": "object", "description": "As of a run of site_plan."},
                        "region": {
                            "type": "string",
                            "description": "Code of a region; empty for the whole city.",
                        },
                    },
                    "required": ["parameters"],
                }
            }
        },
    }
}


async def candidates(asked: Request, service: TheService, scope: TheScope) -> Response:
    """Return all candidates of a plan with these parameters, those that cannot be used with the reasons."""
    body = await read_members(asked, ("parameters", "region"))
    given, region = body.get("parameters"), body.get("region") or ""
    if not isinstance(given, dict):
        raise bad("parameters", str(given), "json-members", known="parameters, region")
    if not isinstance(region, str) or not is_plain(region):
        raise bad("region", str(region), "plain-text")
    open_layers = {name: layer for name, layer in service.catalog.layers.items() if scope.may_open(layer)}
    parameters = parse(SITE_PLAN, given, Catalog(open_layers, service.catalog.code_lists))
    assert isinstance(parameters, SitingParameters)  # noqa: S101 - the model of the kind
    wanted = [*candidate_layers(parameters), Wanted("water", (), "water")]
    for one in wanted:
        scope.for_layer(service.catalog.layer(one.layer))

    def work(connection: psycopg.Connection[Any]) -> Read:
        return read_here(connection, service.catalog, wanted, region=region)

    seen = await in_transaction(service, scope, work)
    body_ = await asyncio.to_thread(_collection, parameters, seen)
    return Response(body_, 200, {"Cache-Control": "no-store"}, links.GEOJSON)


def _collection(parameters: SitingParameters, seen: Read) -> bytes:
    found = candidates_of(parameters, seen.inputs)
    table = found[list(_TOLD)].astype(object)
    rows = pd.DataFrame(table.where(table.notna(), None)).rename(columns={"code": "host"}).to_dict("records")
    shapes = shapely.to_geojson(shapely.set_precision(found.geometry.to_numpy(), 1e-7))
    features = [
        {
            "type": "Feature", "geometry": orjson.Fragment(shape),
            "properties": {**row, "reasons": list(reasons), "forced": bool(forced)},
        }
        for shape, row, reasons, forced in zip(shapes, rows, found["reasons"], found["forced"], strict=True)
    ]  # fmt: skip
    return orjson.dumps({"type": "FeatureCollection", "summary": told_of(found), "features": features})


def add_routes(router: APIRouter) -> None:
    """Add the address."""
    router.add_api_route(
        "/siting/candidates", candidates, methods=["POST"], summary="Candidates of a plan of sites",
        openapi_extra=_BODY,
    )  # fmt: skip
