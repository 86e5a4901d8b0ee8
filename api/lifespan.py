"""Start and stop: the database is looked for in the background, so that a start never waits for it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from fastapi import FastAPI

from api.counting import tell_others
from api.service import Service
from api.settings import unknown_variables
from geo.errors import BadInput, Unavailable
from layers.definitions.loading import Catalog, parse_layer

#: How often layers added at run time, by whichever process, are looked for.
CATALOG_SECONDS = 2.0
CLOCK = """
    SELECT value ->> 'timezone' AS timezone, value ->> 'as_of' AS as_of
    FROM onemap.setting WHERE key = 'city'
"""
RUNTIME_LAYERS = "SELECT name, document FROM onemap.layer_definition ORDER BY at, name"

log = structlog.get_logger(__name__)


def with_documents(base: Catalog, documents: Mapping[str, str]) -> Catalog:
    """Return the catalogue of the files with the layers that were added at run time.

    A document that does not fit any more (its code list is gone) is left out and logged: one bad layer must
    not take the others from the screen.
    """
    catalog = base
    for name, document in documents.items():
        try:
            catalog = catalog.with_layer(parse_layer(document, f"layer {name}", catalog.code_lists))
        except BadInput as error:
            log.error("a layer added at run time cannot be used", layer=name, reason=error.message)
    return catalog


async def follow_catalog(service: Service, base: Catalog) -> None:
    """Keep the service's catalogue current and its tiles in order; the first round opens the database."""
    known: dict[str, str] = {}
    was_up: bool | None = None
    while True:
        try:
            async with service.database.connection() as connection:
                rows = await connection.fetch(RUNTIME_LAYERS)
                clock = await connection.fetchrow(CLOCK)
            documents = {row["name"]: row["document"] for row in rows}
            if documents != known:
                service.catalog = with_documents(base, documents)
                known = documents
            if clock is not None:
                service.stands_on = clock["as_of"] and date.fromisoformat(clock["as_of"])
                if clock["timezone"] is not None:
                    service.timezone = ZoneInfo(clock["timezone"])
            if was_up is not True:
                log.info("database is there", runtime_layers=len(known))
            was_up = True
        except Unavailable as error:
            if was_up is not False:
                log.warning("database is not there; trying on", reason=error.message)
            was_up = False
        service.tiles.maintain()
        tell_others(service)
        await asyncio.sleep(CATALOG_SECONDS)


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Run what the service does beside answering."""
    service: Service = app.state.service
    for name, near in unknown_variables().items():
        log.warning("this variable is no setting", variable=name, did_you_mean=near)
    following: asyncio.Task[Any] = asyncio.create_task(follow_catalog(service, service.catalog))
    following.add_done_callback(_report)
    service.tiles.start()
    service.feed.start()
    try:
        yield
    finally:
        service.hub.close()
        await service.feed.stop()
        # Python 3.11 can lose a cancellation that meets the end of a wait: ask until it is done
        while not following.done():
            following.cancel()
            await asyncio.wait([following], timeout=0.5)
        await service.renewals.end()
        await service.tiles.close()
        await service.database.close()


def _report(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("following the catalogue ended", exc_info=task.exception())
