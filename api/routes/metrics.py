"""Counters and gauges of this process, for Prometheus."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.dependencies import TheScope, TheService
from layers.scope import Verb
from tilecache.statistics import PROMETHEUS


async def metrics(service: TheService, scope: TheScope) -> Response:
    """Return what is counted, in the text format of Prometheus 0.0.4."""
    scope.require(Verb.ADMINISTER)
    tiles, admission = service.tiles, service.admission
    in_memory = tiles.memory.bytes + service.composer.bytes
    told = service.feed.told_at
    gauges = {
        "tile_memory_bytes": (
            "Bytes of tiles in memory.",
            float(in_memory),
        ),
        "tile_memory_tiles": ("Tiles in memory.", float(len(tiles.memory))),
        "tile_memory_evicted": ("Tiles that left memory for want of room.", float(tiles.memory.evicted)),
        "tile_disk_evicted": (
            "Tiles that left the disk for want of room.",
            float(tiles.evicted),
        ),
        "tile_disk_used": ("1 while tiles are kept on disk too.", float(tiles.has_disk)),
        "tile_drawing": ("Tiles that are being drawn.", float(tiles.drawing)),
        "database_waiting": ("Requests that wait for a connection.", float(admission.waiting)),
        "change_log_lag_seconds": (
            "Seconds since the change log was last read; NaN before the first time.",
            float("nan") if told is None else time.monotonic() - told,
        ),
    }
    text = tiles.statistics.exposition(gauges)
    return Response(text, media_type=PROMETHEUS, headers={"Cache-Control": "no-store"})


def add_routes(router: APIRouter) -> None:
    """Add the address."""
    text: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
    summary = "Counters of this process, for Prometheus"
    router.add_api_route("/metrics", metrics, summary=summary, responses=text, response_class=Response)
