"""What only an administrator does while the service runs: add a layer by its document."""

from __future__ import annotations

import asyncio

import orjson
import psycopg
from fastapi import APIRouter, Request
from starlette.responses import Response

from api import links
from api.body import read_body
from api.dependencies import TheScope, TheService
from api.errors import DatabaseUnavailable, NeedsAdministrator
from api.parameters import bad
from api.routes.layers import layer_document
from layers.database import Addresses, admin_connection
from layers.definitions.marked_yaml import SIZE_LIMIT
from layers.schema.adding import Added, add_layer
from layers.scope import Scope, Verb


async def add(request: Request, service: TheService, scope: TheScope) -> Response:
    """Add a layer, or fields to one that was added before: a definition as YAML or JSON, as in the catalogue.

    Table, checks, tiles, collection, form and legend follow from it at once; other processes of the service
    see it within two seconds.
    """
    scope.require(Verb.ADMINISTER)
    try:
        document = (await read_body(request, SIZE_LIMIT)).decode()
    except UnicodeDecodeError:
        raise bad("body", "", "utf-8-text") from None
    address = service.settings.database_admin_url
    if address is None:
        raise NeedsAdministrator("no address of the role onemap_admin was named")
    added = await asyncio.to_thread(_add, Addresses(address, address), document, scope)
    service.catalog = added.catalog
    name = added.definition.name
    headers = {"Location": links.address(request, f"/ogc/collections/{name}"), "Cache-Control": "no-store"}
    return Response(orjson.dumps(layer_document(added.definition)), 201, headers, links.JSON)


def _add(addresses: Addresses, document: str, scope: Scope) -> Added:
    try:
        with admin_connection(addresses) as connection:
            return add_layer(connection, document, scope=scope)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"the database is out of reach: {type(error).__name__}") from error


def add_routes(router: APIRouter) -> None:
    """Add the address."""
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
