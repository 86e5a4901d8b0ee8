"""What routes ask for: the service, the reader's scope, checked query parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from pydantic import WithJsonSchema

from api.errors import NeedsLoopback
from api.parameters import check_parameters
from api.service import Service
from layers.scope import Scope

_EVERYTHING = Scope.everything("loopback")


def service_of(request: Request) -> Service:
    """Return the running service."""
    service: Service = request.app.state.service
    return service


def scope_of(request: Request) -> Scope:
    """Return what this reader may see.

    There are no accounts yet: whoever reaches the loopback address sees everything, and nobody else anything.
    """
    return reader_of(service_of(request))


def reader_of(service: Service) -> Scope:
    """Return what the reader of a service without accounts may see.

    Raises
    ------
    NeedsLoopback
        Where the service is not bound to loopback.
    """
    settings = service.settings
    if not settings.on_loopback:
        raise NeedsLoopback("the service has no accounts and is not bound to loopback", host=settings.host)
    return _EVERYTHING


def only_declared_parameters(request: Request) -> None:
    """Refuse query parameters that the route does not declare, and repeated ones."""
    route = request.scope["route"]
    check_parameters(request.query_params, set(_declared(route.dependant)))


def _declared(dependant: Any) -> Iterator[str]:
    """Yield the query parameters of a route and of everything it depends on."""
    for parameter in dependant.query_params:
        yield parameter.alias
    for part in dependant.dependencies:
        yield from _declared(part)


TheService = Annotated[Service, Depends(service_of)]
TheScope = Annotated[Scope, Depends(scope_of)]


def asked_format(
    f: Annotated[
        str | None,
        WithJsonSchema({"type": "string", "enum": ["json", "html"]}),
        Query(description="Format of the answer; goes before the Accept header."),
    ] = None,
) -> str | None:
    """Declare the parameter ``f``; `api.ogc.answers.shown_type` reads it."""
    return f
