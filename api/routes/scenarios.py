"""Scenarios: drafted, changed, reviewed, made final, applied; drawn as an overlay of the map."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Annotated, Any

import orjson
import psycopg
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import links
from api.dependencies import TheScope, TheService
from api.headers import revalidated
from api.ogc.answers import shown_type
from api.parameters import GREATEST_ID, bad, parse_limit, parse_whole_number
from api.scenario_bodies import (
    CHANGES_SCHEMA,
    NOTE_SCHEMA,
    changes_in,
    described,
    expected_versions,
    known_name,
    name_in,
    note_in,
    read_members,
    scenario_document,
    scenario_etag,
)
from api.service import Service
from api.transactions import in_transaction
from layers import audit
from layers.runs.reading import every_feature, find_result, read_run
from layers.runs.siting import SITE_PLAN
from layers.runs.siting.planned import planned_changes
from layers.scenarios import record
from layers.scenarios.applying import apply
from layers.scenarios.changes import Proposed, check_changes
from layers.scenarios.naming import Reference, is_name, reference
from layers.scenarios.overlay import drawn
from layers.scenarios.record import Scenario, State
from layers.scope import Scope

_NO_STORE = {"Cache-Control": "no-store"}
_LAST_VERSION = 999_999_999

Connection = psycopg.Connection[Any]
TheVersion = Annotated[str | None, Query(description="A version; the newest where left out.")]


async def many(
    asked: Request,
    service: TheService,
    scope: TheScope,
    *,
    state: Annotated[State | None, Query(description="State of the scenario.")] = None,
    limit: Annotated[str | None, Query(description="How many at most, 1 to 500.")] = None,
    cursor: Annotated[str | None, Query(description="From the next link of the page before.")] = None,
) -> Response:
    """Return the scenarios by name, without their changes."""
    most, after = parse_limit(limit, usual=100, most=500), _after(cursor)
    found = await in_transaction(
        service, scope, lambda connection: record.every(connection, state=state, after=after, limit=most + 1)
    )
    shown = [{**one, "self": links.address(asked, f"/scenarios/{one['name']}")} for one in found[:most]]
    document: dict[str, Any] = {"scenarios": shown, "links": []}
    if len(found) > most:
        query = {**asked.query_params, "cursor": _cursor(found[most - 1]["name"])}
        document["links"] = [{"rel": "next", "href": links.address(asked, "/scenarios", **query)}]
    return revalidated(asked, orjson.dumps(document), links.JSON)


async def create(asked: Request, service: TheService, scope: TheScope) -> Response:
    """Draft a scenario of some changes, or of what a run of siting (``run``) adds to what it was over."""
    body = await read_members(asked, ("name", "note", "changes", "run"))
    name, note = name_in(body), note_in(body) or ""
    base: str | None = None
    if "run" in body:
        if "changes" in body:
            raise bad("changes", "…", "json-members", known="name, note, run")
        proposed, base = await _planned(service, scope, body["run"])
    else:
        proposed = changes_in(body.get("changes", []), scope, service.catalog)

    def work(connection: Connection) -> Scenario:
        before = record.read(connection, reference(base), also_deleted=True).changes if base else ()
        checked = check_changes(connection, scope, service.catalog, proposed)
        return record.create(connection, scope, service.catalog, name, changes=[*before, *checked], note=note)

    return await _written(asked, service, scope, name, "create", work, status=201)


async def one(
    name: str, asked: Request, service: TheService, scope: TheScope, *, version: TheVersion = None
) -> Response:
    """Return a scenario with its changes; a browser that asks for a page is sent to that of the desk."""
    wanted = _reference(name, version)
    if shown_type(asked, links.JSON) == links.HTML:
        page = links.address(asked, f"/desk/siting/{name}")
        return Response(status_code=303, headers={**_NO_STORE, "Location": page, "Vary": "Accept"})
    found = await in_transaction(service, scope, lambda connection: record.read(connection, wanted))
    body = orjson.dumps(scenario_document(asked, found))
    return revalidated(asked, body, links.JSON, {"Vary": "Accept"}, etag=scenario_etag(found, body))


async def versions(name: str, asked: Request, service: TheService, scope: TheScope) -> Response:
    """Return the versions of a scenario, newest first."""
    known = known_name(name)
    found = await in_transaction(service, scope, lambda connection: record.history(connection, known))
    for each in found:
        each["self"] = links.address(asked, f"/scenarios/{name}", version=str(each["version"]))
    return revalidated(asked, orjson.dumps({"name": name, "versions": found}), links.JSON)


async def overlay(
    name: str, asked: Request, service: TheService, scope: TheScope, *, version: TheVersion = None
) -> Response:
    """Return the changes of a scenario as GeoJSON: where each feature would be, and where it is."""
    wanted = _reference(name, version)

    def work(connection: Connection) -> dict[str, Any]:
        found = record.read(connection, wanted)
        return {
            "type": "FeatureCollection",
            "features": drawn(connection, found.changes),
            "scenario": {"name": found.name, "version": found.version, "state": str(found.state)},
        }

    body = orjson.dumps(await in_transaction(service, scope, work))
    return revalidated(asked, body, links.GEOJSON)


async def replace(name: str, asked: Request, service: TheService, scope: TheScope) -> Response:
    """Put a note or all changes of a draft in the place of those before; what is left out stays."""
    expected, known = expected_versions(asked), known_name(name)
    body = await read_members(asked, ("note", "changes"))
    note = note_in(body)
    given = body.get("changes")
    proposed = None if given is None else changes_in(given, scope, service.catalog)

    def work(connection: Connection) -> Scenario:
        before = record.read_for_change(connection, known, expected)
        checked = None if proposed is None else check_changes(connection, scope, service.catalog, proposed)
        return record.change(connection, scope, service.catalog, before, changes=checked, note=note)

    return await _written(asked, service, scope, known, "change", work)


async def append(name: str, asked: Request, service: TheService, scope: TheScope) -> Response:
    """Add changes to a draft; one of a feature that it changes already takes the place of that one."""
    expected, known = expected_versions(asked), known_name(name)
    body = await read_members(asked, ("changes",))
    proposed = changes_in(body.get("changes"), scope, service.catalog)

    def work(connection: Connection) -> Scenario:
        before = record.read_for_change(connection, known, expected)
        new = check_changes(connection, scope, service.catalog, proposed)
        again = {(each.layer, each.feature_id) for each in new if each.feature_id is not None}
        kept = [each for each in before.changes if (each.layer, each.feature_id) not in again]
        return record.change(connection, scope, service.catalog, before, changes=[*kept, *new])

    return await _written(asked, service, scope, known, "change", work)


async def set_state(name: str, asked: Request, service: TheService, scope: TheScope) -> Response:
    """Give a draft to review, take it back, or make it final."""
    expected, known = expected_versions(asked), known_name(name)
    state = (await read_members(asked, ("state",))).get("state")
    if state not in set(State):
        raise bad("state", str(state), "one-of", known=", ".join(State))

    def work(connection: Connection) -> Scenario:
        before = record.read_for_change(connection, known, expected)
        return record.change(connection, scope, service.catalog, before, state=State(state))

    return await _written(asked, service, scope, known, str(state), work)


async def carry_out(name: str, asked: Request, service: TheService, scope: TheScope) -> Response:
    """Write what a final scenario adds as planned features, once."""
    expected, known = expected_versions(asked), known_name(name)

    def work(connection: Connection) -> Scenario:
        before = record.read_for_change(connection, known, expected)
        apply(connection, scope, service.catalog, before)
        return record.read(connection, before.reference)

    return await _written(asked, service, scope, known, "apply", work)


async def delete(name: str, asked: Request, service: TheService, scope: TheScope) -> Response:
    """Delete a scenario that was not applied; runs that name it stay."""
    expected, known = expected_versions(asked), known_name(name)

    def work(connection: Connection) -> None:
        record.delete(connection, scope, record.read_for_change(connection, known, expected))
        _note(connection, scope, known, "delete", {})

    await in_transaction(service, scope, work)
    return Response(status_code=204, headers=_NO_STORE)


async def _planned(service: Service, scope: Scope, run: Any) -> tuple[list[Proposed], str | None]:
    """Return what a run of siting plans as changes, and the scenario that it was over."""
    if not isinstance(run, int) or isinstance(run, bool) or not 0 < run <= GREATEST_ID:
        raise bad("run", str(run), "siting-run")
    async with service.database.connection() as connection:
        result = await find_result(connection, scope, run)
        order = await read_run(connection, scope, run)
    if result.kind.name != SITE_PLAN.name:
        raise bad("run", str(run), "siting-run")
    sites = [
        site
        async for page in every_feature(service.database, scope, result)
        for site in page.to_dict("records")
    ]
    return planned_changes(sites, run=run), order["parameters"].get("scenario")


async def _written(  # noqa: PLR0917
    asked: Request,
    service: Service,
    scope: Scope,
    name: str,
    action: str,
    work: Callable[[Connection], Scenario],
    *,
    status: int = 200,
) -> Response:
    """Write with a line in the audit table, and return the scenario as it stands now."""

    def write(connection: Connection) -> Scenario:
        found = work(connection)
        _note(connection, scope, name, action, {"version": found.version, "changes": len(found.changes)})
        return found

    found = await in_transaction(service, scope, write)
    body = orjson.dumps(scenario_document(asked, found))
    headers = {**_NO_STORE, "ETag": scenario_etag(found, body)}
    if status == 201:
        headers["Location"] = links.address(asked, f"/scenarios/{found.name}")
    return Response(body, status, headers, links.JSON)


def _note(connection: Connection, scope: Scope, name: str, action: str, details: dict[str, Any]) -> None:
    audit.note(
        connection, actor=scope.subject, action=f"scenario.{action}", layer=None, outcome="done",
        details={"scenario": name, **details},
    )  # fmt: skip


def _reference(name: str, version: str | None) -> Reference:
    number = None if version is None else parse_whole_number(version, "version", 1, _LAST_VERSION)
    return Reference(known_name(name), number)


def _cursor(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")


def _after(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    try:
        name = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        name = ""
    if not is_name(name):
        raise bad("cursor", cursor, "cursor")
    return name


def add_routes(router: APIRouter) -> None:
    """Add the addresses."""
    here = "/scenarios/{name}"
    both = {"note": NOTE_SCHEMA, "changes": CHANGES_SCHEMA}
    run = {"type": "integer", "description": "A run of siting whose sites are added, in place of changes."}
    new = described({"name": {"type": "string"}, "run": run, **both}, ("name",), names_state=False)
    more = described({"changes": CHANGES_SCHEMA}, ("changes",))
    states = {"state": {"type": "string", "enum": [str(state) for state in State]}}

    def add(path: str, endpoint: Callable[..., Any], method: str, summary: str, **facts: Any) -> None:
        router.add_api_route(path, endpoint, methods=[method], summary=summary, **facts)

    add("/scenarios", many, "GET", "Scenarios")
    add("/scenarios", create, "POST", "Draft a scenario", status_code=201, openapi_extra=new)
    add(here, one, "GET", "One scenario with its changes")
    add(here, replace, "PUT", "Change a draft", openapi_extra=described(both))
    add(here, delete, "DELETE", "Delete a scenario", status_code=204, openapi_extra=described())
    add(f"{here}/versions", versions, "GET", "Versions of a scenario")
    add(f"{here}/changes.geojson", overlay, "GET", "Changes of a scenario as GeoJSON")
    add(f"{here}/changes", append, "POST", "Add changes to a draft", openapi_extra=more)
    add(
        f"{here}/state",
        set_state,
        "POST",
        "Set the state of a scenario",
        openapi_extra=described(states, ("state",)),
    )
    add(
        f"{here}/apply",
        carry_out,
        "POST",
        "Write the planned features of a final scenario, once",
        openapi_extra=described(),
    )
