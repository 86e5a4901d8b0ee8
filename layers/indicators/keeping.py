"""Keeping the day: the worker writes down what indicators are today, as often as something changes."""

from __future__ import annotations

import asyncio
import threading
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import psycopg
import structlog

from geo.errors import NotFound, OneMapError
from layers.city import read_card
from layers.database import Addresses, admin_connection, open_reading_pool
from layers.definitions.loading import read_catalog
from layers.indicators.adding_up import Asking, Kept
from layers.indicators.clock import Clock
from layers.indicators.days import classification_of, write_days
from layers.indicators.known import views_of
from layers.indicators.places import read_family
from layers.indicators.sums import write_sums
from layers.indicators.telling import tell_all
from layers.keeping import kept_beside
from layers.schema.runtime import with_runtime_layers
from layers.scope import Scope

#: One process keeps the days; another one takes over when it is gone.
KEEPING_LOCK = 0x64617973
#: Seconds after which a worker begins, between two rounds, and between two tries.
FIRST_SECONDS, ROUND_SECONDS, AGAIN_SECONDS = 30.0, 300.0, 30.0
#: Nobody waits for it.
PATIENCE_SECONDS = 300
_LEVELS = ("town", "community")

log = structlog.get_logger(__name__)


async def keep_today(reading: Any, own: psycopg.Connection[Any], kept: Kept) -> int:
    """Write down what all indicators are today, of the city's region and all below it down to communities.

    Parameters
    ----------
    reading : asyncpg.Connection
        Of `layers.database.open_reading_pool`.
    own : psycopg.Connection
        Of `layers.database.admin_connection`.
    kept : Kept
        What earlier rounds have read: only what has changed since is read again.

    Returns
    -------
    int
        Indicators of which something was new; 0 for a city that is no region.
    """
    card = read_card(own)
    if card is None or card.region is None:
        return 0
    zone = ZoneInfo(card.timezone)
    today: date = card.as_of or datetime.now(UTC).astimezone(zone).date()
    catalog = with_runtime_layers(own, read_catalog())
    views = views_of(catalog)
    scope = Scope.everything("days of indicators")
    asking = Asking(scope, catalog, Clock(today, today, zone), card.region, kept, PATIENCE_SECONDS)
    try:
        families = [await read_family(reading, scope, card.region, level) for level in _LEVELS]
    except NotFound:
        return 0
    places = {families[0].place.code: families[0].place}
    places |= {part.code: part for family in families for part in family.parts}
    indicators = list(views.indicators.values())
    told = await tell_all(reading, asking, views, indicators, list(places.values()))
    classes = {one.name: classification_of(one, catalog, told.runs) for one in indicators}
    write_sums(own, kept.sums, today)
    return write_days(own, today, indicators, told.figures, classes)


def kept_days(addresses: Addresses) -> AbstractContextManager[None]:
    """Keep the days in a thread as long as the context, where no other process does."""
    return kept_beside(partial(_keep, addresses), "days of indicators")


def _keep(addresses: Addresses, stop: threading.Event) -> None:
    stop.wait(FIRST_SECONDS)
    while not stop.is_set():
        try:
            with admin_connection(addresses) as own:
                taken = own.execute("SELECT pg_try_advisory_lock(%s)", [KEEPING_LOCK]).fetchone()
                if taken is not None and taken[0]:
                    asyncio.run(_rounds(addresses, own, stop))
        except (psycopg.Error, asyncpg.PostgresError, OSError, OneMapError) as error:
            log.warning("the day of indicators is not kept; trying on", reason=type(error).__name__)
        except Exception:
            log.exception("keeping the day of indicators failed; trying on")
        stop.wait(AGAIN_SECONDS)


async def _rounds(addresses: Addresses, own: psycopg.Connection[Any], stop: threading.Event) -> None:
    kept = Kept()
    pool = await open_reading_pool(addresses, size=1)
    try:
        while not stop.is_set():
            async with pool.acquire() as reading:
                written = await keep_today(reading, own, kept)
            if written:
                log.info("the day of indicators is kept", indicators=written)
            await asyncio.to_thread(stop.wait, ROUND_SECONDS)
    finally:
        pool.terminate()
