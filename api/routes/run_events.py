"""The progress of one run as server-sent events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.responses import Response

from api.dependencies import TheScope, TheService
from api.errors import Busy
from api.language import Language, language_of
from api.routes.runs import run_id, told_error
from api.service import Service
from geo.errors import OneMapError
from layers.runs.reading import read_progress
from layers.runs.record import State
from layers.scope import Scope

#: Watchers at one time in one process: each looks into the database a few times a second.
MOST_WATCHERS = 64
LOOK_SECONDS = 0.3
KEEP_ALIVE_SECONDS = 15.0

_watching: set[object] = set()


async def events(run: str, asked: Request, service: TheService, scope: TheScope) -> Response:
    """Send ``progress`` whenever something changes, and ``end`` when the run has finished."""
    number = run_id(run)
    if len(_watching) >= MOST_WATCHERS:
        raise Busy("too many watch runs already", waiting=len(_watching))
    async with service.database.connection() as connection:
        first = await read_progress(connection, scope, number)
    stream = _stream(asked, service, scope, first)
    # nginx would keep events back until its buffer is full
    return EventSourceResponse(stream, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


async def _stream(
    asked: Request, service: Service, scope: Scope, progress: dict[str, Any]
) -> AsyncIterator[bytes]:
    language = language_of(asked)
    token = object()
    _watching.add(token)
    try:
        yield _event("progress", progress, language)
        seen, sent = progress["changed_at"], time.monotonic()
        while not State(progress["state"]).finished:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                async with service.database.connection() as connection:
                    progress = await read_progress(connection, scope, progress["id"])
            except OneMapError:
                return  # the reader connects again and hears why
            if progress["changed_at"] != seen:
                yield _event("progress", progress, language)
                seen, sent = progress["changed_at"], time.monotonic()
            elif time.monotonic() - sent > KEEP_ALIVE_SECONDS:
                yield KEEPALIVE_COMMENT
                sent = time.monotonic()
        yield _event("end", progress, language)
    finally:
        _watching.discard(token)


def _event(name: str, progress: dict[str, Any], language: Language) -> bytes:
    error = progress["error"]
    document = {**progress, "error": error and told_error(error, language)}
    data = orjson.dumps(document).decode()
    return format_sse_event(data_str=data, event=name, id=progress["changed_at"], retry=2000)


def add_routes(router: APIRouter) -> None:
    """Add the address."""
    router.add_api_route("/runs/{run}/events", events, summary="Progress of a run (server-sent events)")
