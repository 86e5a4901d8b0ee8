"""Runs of analyses: ask for one, list them, look at one, call one off."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
import psycopg
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import links
from api.body import read_body
from api.dependencies import TheScope, TheService
from api.headers import revalidated
from api.language import Language, language_of
from api.notes import told_note
from api.parameters import bad, is_plain, make_cursor, parse_cursor, parse_feature_id, parse_limit
from api.problems import words_of
from api.run_files import FEATURE_FORMATS, FORMATS
from api.transactions import in_transaction
from geo.errors import OneMapError
from layers.definitions.loading import Catalog
from layers.runs.errors import NoRun
from layers.runs.forms import form
from layers.runs.kinds import Kind, kind_named, kinds
from layers.runs.reading import list_runs, read_run
from layers.runs.record import State
from layers.runs.requesting import call_off, request
from layers.runs.showing import about, area_columns, columns, finding, result_layer
from layers.runs.siting import SITE_PLAN

LARGEST_BODY = 65_536
_KEYS = {"kind", "parameters", "region"}


def run_id(text: str) -> int:
    """Return the id in an address, or raise `NoRun`."""
    found = parse_feature_id(text)
    if found is None:
        raise NoRun("no such run", run=text[:24])
    return found


def run_document(asked: Request, run: dict[str, Any], catalog: Catalog) -> dict[str, Any]:
    """Return a run as JSON with its addresses."""
    kind = kind_named(run["kind"])
    here = links.address(asked, f"/runs/{run['id']}")
    addresses = {"self": here, "events": f"{here}/events"}
    if run["has_results"]:
        forms = FORMATS if kind.result == "cells" else FEATURE_FORMATS
        addresses |= {f"{kind.result}.{name}": f"{here}/{kind.result}.{name}" for name in forms}
        if kind.name == SITE_PLAN.name:
            addresses |= {f"report.{name}": f"{here}/report.{name}" for name in ("html", "pdf", "png")}
        addresses["areas.csv"] = f"{here}/areas.csv"
        tiles = f"/tiles/{kind.name}/{{z}}/{{x}}/{{y}}.mvt"
        addresses["tiles"] = links.address(asked, tiles, run=str(run["id"]))
    return {
        **run,
        "region": run["region"] or None,
        "title": kind.title.model_dump(),
        "about": about(run, catalog),
        "result": kind.result,
        "standing": (run["summary"] or {}).get("standing"),
        "columns": columns(run, catalog),
        "area_columns": area_columns(run, catalog),
        "shown": kind.shown,
        "note": run["note"] and told_note(run["note"]),
        "error": run["error"] and told_error(run["error"], language_of(asked)),
        "links": addresses,
    }


def told_error(error: dict[str, Any], language: Language) -> dict[str, Any]:
    """Return the error that a run keeps, in words."""
    kept = type("KeptError", (OneMapError,), {"code": error["code"]})(error["message"], **error["details"])
    title, detail = words_of(kept, language)
    return {"code": error["code"], "title": title, "detail": detail, "details": error["details"]}


async def start(asked: Request, service: TheService, scope: TheScope) -> Response:
    """Ask for a run; it begins as soon as a worker is free."""
    order = await _order(asked)

    def make(connection: psycopg.Connection[Any]) -> int:
        return request(connection, scope, service.catalog, **order)

    run = await in_transaction(service, scope, make)
    async with service.database.connection() as connection:
        document = run_document(asked, await read_run(connection, scope, run), service.catalog)
    headers = {"Location": document["links"]["self"], "Cache-Control": "no-store"}
    return Response(orjson.dumps(document), 201, headers, links.JSON)


async def many(
    asked: Request,
    service: TheService,
    scope: TheScope,
    *,
    kind: Annotated[str | None, Query(description="Name of the analysis.")] = None,
    region: Annotated[str | None, Query(description="Code of the region; empty for the whole city.")] = None,
    subject: Annotated[str | None, Query(description="What the result shows, as a run tells it.")] = None,
    state: Annotated[State | None, Query(description="State of the run.")] = None,
    limit: Annotated[str | None, Query(description="How many at most, 1 to 200.")] = None,
    cursor: Annotated[str | None, Query(description="From the next link of the page before.")] = None,
) -> Response:
    """Return runs, newest first, and the analyses that there are."""
    if kind is not None:
        kind_named(kind)
    before = parse_cursor(cursor, "runs")
    most = parse_limit(limit, usual=50, most=200)
    async with service.database.connection() as connection:
        found, after = await list_runs(
            connection,
            scope,
            kind=kind,
            region=region,
            subject=subject,
            state=state,
            before=before,
            limit=most,
        )
    document: dict[str, Any] = {
        "runs": [run_document(asked, run, service.catalog) for run in found],
        "kinds": [kind_document(one) for one in kinds().values()],
        "links": [],
    }
    if after is not None:
        query = {**asked.query_params, "cursor": make_cursor("runs", after)}
        document["links"] = [{"rel": "next", "href": links.address(asked, "/runs", **query)}]
    return revalidated(asked, orjson.dumps(document), links.JSON, {"Vary": "Accept-Language"})


def kind_document(kind: Kind) -> dict[str, Any]:
    """Return a kind with the JSON Schema of its parameters, and the fields of a form that asks for them."""
    return {
        "name": kind.name,
        "title": kind.title.model_dump(),
        "description": kind.description.model_dump(),
        "parameters": kind.parameters.model_json_schema(),
        "form": form(kind),
    }


async def one(run: str, asked: Request, service: TheService, scope: TheScope) -> Response:
    """Return one run: its state, inputs, method note, figures by region and extent; ``layer`` for the map."""
    async with service.database.connection() as connection:
        found = await read_run(connection, scope, run_id(run))
    document = run_document(asked, found, service.catalog)
    if found["has_results"]:
        document["layer"] = result_layer({**found, "note": document["note"]}, service.catalog)
        said = finding(found, service.catalog)
        document["finding"] = said and said._asdict()
    body = orjson.dumps(document)
    return revalidated(asked, body, links.JSON, {"Vary": "Accept-Language"})


async def call_off_one(run: str, asked: Request, service: TheService, scope: TheScope) -> Response:
    """Cancel a run that waits, or end one that goes on; a finished run stays as it is."""
    number = run_id(run)

    def end(connection: psycopg.Connection[Any]) -> State:
        return call_off(connection, number)

    await in_transaction(service, scope, end)
    async with service.database.connection() as connection:
        document = run_document(asked, await read_run(connection, scope, number), service.catalog)
    # 202: a run that goes on ends in a moment, not yet
    status = 200 if State(document["state"]).finished else 202
    return Response(orjson.dumps(document), status, {"Cache-Control": "no-store"}, links.JSON)


async def _order(asked: Request) -> dict[str, Any]:
    """Return kind, parameters and region from the body, strictly."""
    body = await read_body(asked, LARGEST_BODY)
    try:
        order = orjson.loads(body)
    except orjson.JSONDecodeError:
        order = None
    if not isinstance(order, dict) or set(order) - _KEYS or not isinstance(order.get("kind"), str):
        raise bad("body", body[:80].decode("utf-8", "replace"), "json-object")
    parameters, region = order.get("parameters", {}), order.get("region") or ""
    if not isinstance(parameters, dict):
        raise bad("parameters", str(parameters), "json-object")
    if not isinstance(region, str) or not is_plain(region):
        raise bad("region", str(region), "plain-text")
    return {"kind": order["kind"], "parameters": parameters, "region": region}


def add_routes(router: APIRouter) -> None:
    """Add the addresses."""
    router.add_api_route("/runs", start, methods=["POST"], status_code=201, summary="Ask for a run")
    router.add_api_route("/runs", many, summary="Runs and analyses")
    router.add_api_route("/runs/{run}", one, summary="One run")
    router.add_api_route("/runs/{run}", call_off_one, methods=["DELETE"], summary="Call a run off")
