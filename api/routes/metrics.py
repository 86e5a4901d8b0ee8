"""Counters and gauges of the service, for Prometheus."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.counting import counted_by_all
from api.dependencies import TheScope, TheService
from layers.scope import Verb
from tilecache.statistics import PROMETHEUS, exposition


async def metrics(service: TheService, scope: TheScope) -> Response:
    """Return what is counted, in the text format of Prometheus 0.0.4, of several processes by ``process``."""
    scope.require(Verb.ADMINISTER)
    text = exposition(counted_by_all(service))
    return Response(text, media_type=PROMETHEUS, headers={"Cache-Control": "no-store"})


def add_routes(router: APIRouter) -> None:
    """Add the address."""
    text: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
    summary = "Counters of the service, for Prometheus"
    router.add_api_route("/metrics", metrics, summary=summary, responses=text, response_class=Response)
