"""What the whole city is: name, clock, frame, and the lines that a map must print."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api import links
from api.dependencies import TheService
from api.headers import revalidated
from api.settings import Settings

#: The frame that every service, print and export declares.
DECLARED_FRAME = "CGCS2000"
CARD = "SELECT value FROM onemap.setting WHERE key = 'city'"
CREDITS = "SELECT value FROM onemap.setting WHERE key = 'credits'"
NAMELESS = {"zh": "一张图", "en": "One Map"}


def city_document(card: dict[str, Any], credits: list[str], settings: Settings) -> dict[str, Any]:
    """Return the city's card with what the settings add; an empty city has no name of its own."""
    return {
        "name": card.get("name", NAMELESS),
        "region": card.get("region"),
        "bbox": card.get("bbox"),
        "as_of": card.get("as_of"),
        "timezone": card.get("timezone", "Asia/Shanghai"),
        "sample": card.get("sample", False) if settings.sample is None else settings.sample,
        "approval_number": settings.approval_number,
        "producer": settings.producer or None,
        "credits": credits,
        "crs": DECLARED_FRAME,
        "version": version("onemap"),
    }


async def city(request: Request, service: TheService) -> Response:
    """Return the city's card."""
    async with service.database.connection() as connection:
        card = await connection.fetchval(CARD)
        credits = await connection.fetchval(CREDITS)
    document = city_document(orjson.loads(card or "{}"), orjson.loads(credits or "[]"), service.settings)
    return revalidated(request, orjson.dumps(document), links.JSON)


def add_routes(router: APIRouter) -> None:
    """Add the address."""
    router.add_api_route("/city", city, summary="The city's card")
