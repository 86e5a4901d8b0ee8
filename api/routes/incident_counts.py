"""Incidents over time: what a window holds by step, cell, class and hour of the week, from kept counts."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import numpy as np
import orjson
from fastapi import APIRouter, Query, Request
from numpy.typing import NDArray
from pydantic import WithJsonSchema
from starlette.responses import Response

from api import links
from api.dependencies import TheScope, TheService
from api.errors import NoRegion
from api.headers import revalidated
from api.parameters import bad, is_plain, parse_datetime, parse_whole_number
from api.routes.city import CARD, city_document
from api.service import Service
from geo.cells import corners, to_text
from geo.hotspots import Step
from layers.counts.keeping import RESOLUTION
from layers.counts.reading import Window, read_counts
from layers.counts.windows import Counted, counted, steps_of
from layers.runs.hotspot_findings import sensitive_classes
from layers.scope import Classification, Scope

#: Windows by name, in hours.
WINDOWS = {"1h": 1, "6h": 6, "24h": 24, "7d": 168}
#: Longest window, in days, and most steps of it.
MOST_DAYS, MOST_STEPS = 400, 750
#: Longest window, in hours, that is told by hours, days or weeks where no step is asked for.
_USUAL = {Step.HOUR: 48, Step.DAY: 24 * 93, Step.WEEK: 24 * 400}
_LAYER = "incidents"
_PREFIX = "SELECT prefix FROM onemap.region_shape WHERE code = $1 ORDER BY depth, region_id LIMIT 1"


async def incident_counts(
    request: Request,
    service: TheService,
    scope: TheScope,
    *,
    window: Annotated[
        str | None, Query(description=f"{', '.join(WINDOWS)}, up to the city's now; 24h where left out.")
    ] = None,
    when: Annotated[
        str | None, Query(alias="datetime", description="Another window: an interval closed at both ends.")
    ] = None,
    step: Annotated[
        str | None,
        Query(description="hour, day, week or month of the city's clock; by the window otherwise."),
    ] = None,
    classes: Annotated[str, Query(description="Class code or its beginning; all classes otherwise.")] = "",
    region: Annotated[str | None, Query(description="Code of a region; the whole city otherwise.")] = None,
    resolution: Annotated[
        str, WithJsonSchema({"type": "integer"}), Query(description=f"Of the cells: 6 to {RESOLUTION}.")
    ] = str(RESOLUTION),
) -> Response:
    """Return how many incidents each step of a window has, cumulated too, and where and of which class."""
    service.layer(_LAYER, scope)
    fine = parse_whole_number(resolution, "resolution", 6, RESOLUTION)
    codes = service.catalog.code_lists["incident_class"].codes
    if not any(code.code.startswith(classes) for code in codes):
        raise bad("classes", classes, "known-code")
    async with service.database.connection() as connection:
        card = city_document(orjson.loads(await connection.fetchval(CARD) or "{}"), [], service.settings)
        zone = ZoneInfo(card["timezone"])
        asked = _window(window, when, _now(card, zone), zone)
        by = _step(step, asked, card["timezone"])
        prefix = "" if region is None else await _prefix(connection, region)
        frame = await read_counts(connection, scope, asked, classes=classes, prefix=prefix)
    hidden = frozenset() if _sees_all(scope) else sensitive_classes()
    found = await asyncio.to_thread(
        counted, frame, asked, by, card["timezone"], resolution=fine, hidden=hidden
    )
    document = _document(found, asked, by, zone, service)
    document["resolution"] = fine
    return revalidated(request, orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY), links.JSON)


def _sees_all(scope: Scope) -> bool:
    """Tell whether small counts of sensitive classes are shown: to who may open what is restricted."""
    return Classification.RESTRICTED in scope.classifications


def _now(card: dict[str, Any], zone: ZoneInfo) -> datetime:
    """Return the end of the city's own day, or now for a live city."""
    if card["as_of"] is None:
        return datetime.now(UTC)
    return datetime.combine(date.fromisoformat(card["as_of"]) + timedelta(days=1), time.min, zone)


def _window(name: str | None, when: str | None, now: datetime, zone: ZoneInfo) -> Window:
    """Return the whole hours that are asked for."""
    if when is None:
        if name is not None and name not in WINDOWS:
            raise bad("window", name, "one-of", known=", ".join(WINDOWS))
        end = Window.between(now, now).end
        return Window(end - WINDOWS[name or "24h"], end)
    if name is not None:
        raise bad("datetime", when, "window-or-datetime", window=name)
    start, end_moment = parse_datetime(when, zone) or (None, None)
    if start is None or end_moment is None:
        raise bad("datetime", when, "datetime-closed")
    asked = Window.between(start, end_moment)
    if asked.end == asked.first:
        asked = Window(asked.first, asked.first + 1)  # a moment is in its hour
    if asked.end - asked.first > MOST_DAYS * 24:
        raise bad("datetime", when, "shorter-window", most=MOST_DAYS)
    return asked


def _step(name: str | None, window: Window, timezone: str) -> Step:
    """Return the step that is asked for, or the one that suits the window."""
    hours = window.end - window.first
    if name is None:
        return next((step for step, most in _USUAL.items() if hours <= most), Step.MONTH)
    if name not in {one.value for one in Step}:
        raise bad("step", name, "one-of", known=", ".join(Step))
    found = Step(name)
    if (steps := len(steps_of(window, found, timezone))) > MOST_STEPS:
        raise bad("step", name, "fewer-steps", steps=steps, most=MOST_STEPS)
    return found


async def _prefix(connection: Any, region: str) -> str:
    found = await connection.fetchval(_PREFIX, region) if is_plain(region) else None
    if found is None:
        raise NoRegion("no such region", region=region[:60], system=None)
    return str(found)


def _document(found: Counted, window: Window, step: Step, zone: ZoneInfo, service: Service) -> dict[str, Any]:
    titles = {one.code: one.title for one in service.catalog.code_lists["incident_class"].codes}
    running = np.cumsum(found.by_step)
    starts = np.datetime_as_string(found.steps, unit="m")
    return {
        "from": window.start.astimezone(zone).isoformat(),
        "to": window.stop.astimezone(zone).isoformat(),
        "hours": window.end - window.first,
        "timezone": str(zone),
        "step": step,
        "n": int(found.by_step.sum()),
        "left_out": found.left_out,
        "steps": [
            {"start": str(start), "n": int(n), "cumulative": int(so_far)}
            for start, n, so_far in zip(starts, found.by_step, running, strict=True)
        ],
        "cells": to_text(found.cells).tolist(),
        "outlines": _outlines(found.cells),
        "bins": found.bins.tolist(),
        "regions": found.regions,
        "classes": [
            {"code": code, "title": titles[code].model_dump() if code in titles else None, "n": n}
            for code, n in found.by_class.items()
        ],
        "class_bins": found.class_bins.tolist(),
        "profile": found.profile.tolist(),
    }


def _outlines(cells: NDArray[np.uint64]) -> list[list[float]]:
    """Return the corners of each cell, longitude and latitude in turn, without the closing one."""
    points, counts = corners(cells)
    rings = np.split(np.round(points, 5), np.cumsum(counts)[:-1]) if len(counts) else []
    return [ring[:-1].ravel().tolist() for ring in rings]


def add_routes(router: APIRouter) -> None:
    """Add the address."""
    router.add_api_route(
        "/incidents/counts", incident_counts,
        summary="Incidents of a window by step, cell, class and hour of the week",
    )  # fmt: skip
