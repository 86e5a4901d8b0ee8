"""Features written: create, replace, update, delete (OGC API - Features Part 4, draft 20-002r1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
from fastapi import APIRouter, Request
from psycopg import errors as database_errors
from starlette.responses import Response

from api import links
from api.dependencies import TheScope, TheService
from api.errors import NoFeature, PreconditionFailed, PreconditionNeeded
from api.ogc.bodies import PARTS, WHOLE, FeatureBody, read_feature, refused
from api.ogc.etags import item_etag, versions_in
from api.parameters import bad, check_parameters, parse_feature_id
from api.service import Service
from api.transactions import in_transaction
from geo.errors import BadInput, Conflict, NotFound, OneMapError, Unavailable
from layers import audit
from layers.definitions import LayerDefinition
from layers.features.reading import read_item
from layers.features.writing import (
    Written,
    delete_feature,
    insert_feature,
    replace_feature,
    update_feature,
    version_of,
)
from layers.importing.refusals import RowsRefused
from layers.scope import LayerScope, Scope, Verb
from layers.search.index import refresh

_NO_STORE = {"Cache-Control": "no-store"}

Connection = psycopg.Connection[Any]


async def create(name: str, request: Request, service: TheService, scope: TheScope) -> Response:
    """Add a feature; an ``Idempotency-Key`` (a UUID) makes the same request safe to send again."""
    definition, layer_scope = _layer(service, scope, name, request)
    key = _client_key(request)
    body = await read_feature(request, definition)

    def work(connection: Connection) -> Written:
        lists = service.catalog.code_lists
        return insert_feature(connection, definition, lists, body.geometry, body.properties, client_key=key)

    made = await _write(service, scope, definition, work, action="create")
    status = 201 if made.created else 200
    return await _answer(request, service, definition, layer_scope, made.id, status=status)


async def replace(
    name: str, feature: str, request: Request, service: TheService, scope: TheScope
) -> Response:
    """Put a feature in the place of the one that was read."""
    definition, layer_scope = _layer(service, scope, name, request)
    feature_id = _feature_id(definition, feature)
    expected = _expected(request, definition, feature_id)
    body = await read_feature(request, definition, feature_id)
    lists = service.catalog.code_lists

    def work(connection: Connection) -> Written:
        version = expected(connection)
        return replace_feature(
            connection, definition, lists, feature_id, version,
            geometry=body.geometry, properties=body.properties,
        )  # fmt: skip

    await _write(service, scope, definition, work, action="replace", feature_id=feature_id)
    return await _answer(request, service, definition, layer_scope, feature_id)


async def update(name: str, feature: str, request: Request, service: TheService, scope: TheScope) -> Response:
    """Change some properties of a feature, or its geometry, by a JSON merge patch (RFC 7396)."""
    definition, layer_scope = _layer(service, scope, name, request)
    feature_id = _feature_id(definition, feature)
    expected = _expected(request, definition, feature_id)
    body: FeatureBody = await read_feature(request, definition, feature_id, partial=True)
    lists = service.catalog.code_lists
    if body.geometry is None and not body.properties:
        raise refused(definition, "properties", None, "nothing-to-change")

    def work(connection: Connection) -> Written:
        version = expected(connection)
        return update_feature(
            connection, definition, lists, feature_id, version,
            geometry=body.geometry, properties=body.properties,
        )  # fmt: skip

    await _write(service, scope, definition, work, action="update", feature_id=feature_id)
    return await _answer(request, service, definition, layer_scope, feature_id)


async def delete(name: str, feature: str, request: Request, service: TheService, scope: TheScope) -> Response:
    """Delete a feature; its last state stays in the history."""
    definition, _ = _layer(service, scope, name, request)
    feature_id = _feature_id(definition, feature)
    expected = _expected(request, definition, feature_id)

    def work(connection: Connection) -> Written:
        version = expected(connection)
        delete_feature(connection, definition, feature_id, version)
        return Written(feature_id, version, None)

    await _write(service, scope, definition, work, action="delete", feature_id=feature_id)
    return Response(status_code=204, headers=_NO_STORE)


def many_options(name: str, service: TheService, scope: TheScope) -> Response:
    """Say what can be done with the features of a collection."""
    service.layer(name, scope)
    allowed = ["GET", "OPTIONS"] + (["POST"] if Verb.WRITE in scope.verbs else [])
    return Response(status_code=204, headers={"Allow": ", ".join(allowed), "Accept-Post": ", ".join(WHOLE)})


def one_options(name: str, feature: str, service: TheService, scope: TheScope) -> Response:
    """Say what can be done with one feature."""
    definition, _ = service.layer(name, scope)
    _feature_id(definition, feature)
    allowed = ["GET", "OPTIONS"] + (["PUT", "PATCH", "DELETE"] if Verb.WRITE in scope.verbs else [])
    headers = {"Allow": ", ".join(allowed), "Accept-Patch": ", ".join(PARTS)}
    return Response(status_code=204, headers=headers)


def _layer(service: Service, scope: Scope, name: str, request: Request) -> tuple[LayerDefinition, LayerScope]:
    check_parameters(request.query_params, ())
    found = service.layer(name, scope)
    scope.require(Verb.WRITE)
    return found


def _feature_id(definition: LayerDefinition, text: str) -> int:
    feature_id = parse_feature_id(text)
    if feature_id is None:
        raise NoFeature("no such feature", layer=definition.name, id=text[:60])
    return feature_id


def _client_key(request: Request) -> UUID | None:
    given = request.headers.get("idempotency-key")
    if given is None:
        return None
    try:
        return UUID(given.strip().strip('"'))
    except ValueError:
        raise bad("Idempotency-Key", given, "uuid") from None


def _expected(request: Request, definition: LayerDefinition, feature_id: int) -> Callable[[Connection], int]:
    """Return what finds the version that the client has read, in the transaction of the write."""
    given = request.headers.get("if-match")
    if given is None:
        raise PreconditionNeeded("a change names the state that it changes", layer=definition.name)
    versions = versions_in(given)

    def find(connection: Connection) -> int:
        present = version_of(connection, definition, feature_id)
        if versions is not None and present not in versions:
            raise PreconditionFailed("it was changed since", layer=definition.name, id=feature_id)
        return present

    return find


async def _write(
    service: Service,
    scope: Scope,
    definition: LayerDefinition,
    work: Callable[[Connection], Written],
    *,
    action: str,
    feature_id: int | None = None,
) -> Written:
    """Write with its line in the audit table; a refusal leaves a line too."""
    line = {"actor": scope.subject, "action": f"feature.{action}", "layer": definition.name}

    def write(connection: Connection) -> Written:
        done = work(connection)
        refresh(connection, service.catalog, definition.table, done.id)
        audit.note(connection, **line, outcome="done", details={"id": done.id, "version": done.version})
        return done

    try:
        try:
            return await in_transaction(service, scope, write)
        except (OneMapError, psycopg.Error) as error:
            raise _told(definition, error) from error
    except (BadInput, Conflict, NotFound) as error:
        outcome = error.code
        details = {"id": feature_id, **{key: error.details.get(key) for key in ("field", "reason")}}

        def note(connection: Connection) -> None:
            audit.note(connection, **line, outcome=outcome, details=details)

        await in_transaction(service, scope, note)
        raise


def _told(definition: LayerDefinition, error: Exception) -> Exception:  # noqa: PLR0911 - one a case
    """Return an error of the layers, or of the database, in this interface's terms."""
    match error:
        case RowsRefused():
            first = error.refusals[0]
            field = "geometry" if first.field == "geom" else first.field
            found = refused(definition, field, first.value, first.reason, first.allowed)
            found.details["refusals"] = error.details["refusals"]
            return found
        case NoFeature() | PreconditionFailed():
            return error
        case Conflict() if "version" in error.details:
            return PreconditionFailed("it was changed since", layer=definition.name, id=error.details["id"])
        case NotFound():
            return NoFeature("no such feature", layer=definition.name, id=error.details.get("id"))
        case BadInput() if "columns" in error.details:
            return refused(definition, error.details["columns"][0][:60], None, "unknown-field")
        case BadInput() if "field" not in error.details and "column" in error.details:
            return refused(definition, error.details["column"], None, "type")
        case database_errors.IntegrityError() | database_errors.DataError():
            rule = error.diag.constraint_name or error.diag.column_name or ""
            return refused(definition, _field_of(definition, rule), None, "rule", rule or None)
        case _:
            return error


def _field_of(definition: LayerDefinition, rule: str) -> str | None:
    rest = re.sub(f"^{re.escape(definition.table)}_", "", rule)
    return next(
        (name for name in definition.field_names if rest == name or rest.startswith(f"{name}_")), None
    )


async def _answer(
    request: Request,
    service: Service,
    definition: LayerDefinition,
    layer_scope: LayerScope,
    feature_id: int,
    *,
    status: int = 200,
) -> Response:
    """Return the feature as it stands now, with its address and ETag."""
    here = links.address(request, f"/ogc/collections/{definition.name}/items/{feature_id}")
    headers = {**_NO_STORE, "Location": here}
    try:
        async with service.database.connection() as connection:
            plain = await read_item(connection, definition, layer_scope, feature_id)
    except (NotFound, Unavailable):
        # it is written; that it lies outside what the writer reads, or is gone again, changes nothing
        return Response(status_code=status if status == 201 else 204, headers=headers)
    headers["ETag"] = item_etag(plain)
    return Response(plain, status, headers, links.GEOJSON)


def add_routes(router: APIRouter) -> None:
    """Add the methods that write to the addresses of features."""
    path = "/ogc/collections/{name}/items"
    one = f"{path}/{{feature}}"
    router.add_api_route(path, create, methods=["POST"], status_code=201, summary="Add a feature")
    router.add_api_route(one, replace, methods=["PUT"], summary="Replace a feature")
    router.add_api_route(one, update, methods=["PATCH"], summary="Change a feature (merge patch)")
    router.add_api_route(one, delete, methods=["DELETE"], status_code=204, summary="Delete a feature")
    router.add_api_route(
        path, many_options, methods=["OPTIONS"], status_code=204, summary="What a collection takes"
    )
    router.add_api_route(
        one, one_options, methods=["OPTIONS"], status_code=204, summary="What a feature takes"
    )
