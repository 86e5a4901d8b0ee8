"""What only an administrator does while the service runs: add a layer, put or remove a view."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson
import psycopg
from fastapi import APIRouter, Request
from starlette.responses import Response

from api import links
from api.body import read_body
from api.dependencies import TheScope, TheService
from api.errors import DatabaseUnavailable, NeedsAdministrator, NoView
from api.parameters import bad
from api.routes.layers import layer_document
from api.service import Service
from api.view_documents import view_summary
from geo.errors import NotFound
from layers.database import Addresses, admin_connection
from layers.definitions.marked_yaml import SIZE_LIMIT
from layers.definitions.view import ViewDefinition
from layers.indicators.known import known_to
from layers.indicators.stored_views import put_view, remove_view
from layers.scope import Scope, Verb

if TYPE_CHECKING:
    from layers.schema.adding import Added


async def add(request: Request, service: TheService, scope: TheScope) -> Response:
    """Add a layer, or fields to one that was added before: a definition as YAML or JSON, as in the catalogue.

    Table, checks, tiles, collection, form and legend follow from it at once; other processes of the service
    see it within two seconds.
    """
    scope.require(Verb.ADMINISTER)
    document = await _document(request)
    added = await asyncio.to_thread(_add, _addresses(service), document, scope)
    service.catalog = added.catalog
    name = added.definition.name
    headers = {"Location": links.address(request, f"/ogc/collections/{name}"), "Cache-Control": "no-store"}
    return Response(orjson.dumps(layer_document(added.definition)), 201, headers, links.JSON)


async def put(request: Request, service: TheService, scope: TheScope) -> Response:
    """Add a view, or put it in place of one of the same name: a document as in ``layers/views``.

    It is checked as the files are, and shown at once by every process of the service.
    """
    scope.require(Verb.ADMINISTER)
    document = await _document(request)
    known = known_to(service.catalog)

    def work() -> ViewDefinition:
        with _administrating(_addresses(service)) as connection:
            return put_view(connection, document, service.views, known, scope=scope)

    view = await asyncio.to_thread(work)
    headers = {"Location": links.address(request, f"/views/{view.name}"), "Cache-Control": "no-store"}
    return Response(orjson.dumps(view_summary(view)), 201, headers, links.JSON)


async def remove(name: str, service: TheService, scope: TheScope) -> Response:
    """Remove a view: one that was added is gone, one of the files is not shown until it is put again."""
    scope.require(Verb.ADMINISTER)

    def work() -> None:
        with _administrating(_addresses(service)) as connection:
            remove_view(connection, name, service.views, scope=scope)

    try:
        await asyncio.to_thread(work)
    except NotFound:
        raise NoView("no such view", view=name[:60]) from None
    return Response(None, 204, {"Cache-Control": "no-store"})


async def _document(request: Request) -> str:
    try:
        return (await read_body(request, SIZE_LIMIT)).decode()
    except UnicodeDecodeError:
        raise bad("body", "", "utf-8-text") from None


def _addresses(service: Service) -> Addresses:
    address = service.settings.database_admin_url
    if address is None:
        raise NeedsAdministrator("no address of the role onemap_admin was named")
    return Addresses(address, address)


@contextmanager
def _administrating(addresses: Addresses) -> Iterator[psycopg.Connection[Any]]:
    try:
        with admin_connection(addresses) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"the database is out of reach: {type(error).__name__}") from error


def _add(addresses: Addresses, document: str, scope: Scope) -> Added:
    with _administrating(addresses) as connection:
        # SQLAlchemy, for the few processes that make a table
        from layers.schema.adding import add_layer  # noqa: PLC0415

        return add_layer(connection, document, scope=scope)


def add_routes(router: APIRouter) -> None:
    """Add the addresses."""
    body = {
        "application/yaml": {"schema": {"type": "string"}},
        "application/json": {"schema": {"type": "object"}},
    }
    router.add_api_route(
        "/admin/layers",
        add,
        methods=["POST"],
        status_code=201,
        summary="Add a layer by its document",
        openapi_extra={"requestBody": {"required": True, "content": body}},
    )
    router.add_api_route(
        "/admin/views",
        put,
        methods=["POST"],
        status_code=201,
        summary="Add a view, or put it in place of another, by its document",
        openapi_extra={"requestBody": {"required": True, "content": body}},
    )
    router.add_api_route(
        "/admin/views/{name}", remove, methods=["DELETE"], status_code=204, summary="Remove a view"
    )
