"""A view of a region as a report: one page that asks for nothing, its print, a picture for the wall."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any, get_args
from zoneinfo import ZoneInfo

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.dependencies import TheScope, TheService
from api.language import Language, preferred_language
from api.parameters import bad
from api.report.frame import Paper
from api.report.page import report_page
from api.report.pictures import Shape
from api.report.printing import print_page
from api.routes.city import CARD, CREDITS, city_document
from api.routes.views import tell_region
from api.service import Service
from layers.scope import Scope
from layers.scoped_reading import scoped_reading

PAPERS = ("a4", "a3")
#: About so many steps across the map: finer than a print shows.
STEPS = 1500
_SHAPES = """
    SELECT r.code, coalesce(r.short_name, r.name) AS name,
           ext.ST_AsSVG(ext.ST_SimplifyPreserveTopology(r.geom, $2), 0, 6) AS path,
           ext.ST_X(ext.ST_PointOnSurface(r.geom)) AS x, ext.ST_Y(ext.ST_PointOnSurface(r.geom)) AS y
    FROM city.regions AS r WHERE r.code = ANY ($1::text[]) ORDER BY r.code
"""
_BOX = """
    SELECT ext.ST_XMin(b.box) AS west, ext.ST_YMin(b.box) AS south, ext.ST_XMax(b.box) AS east,
           ext.ST_YMax(b.box) AS north
    FROM (SELECT ext.ST_Extent(r.geom) AS box FROM city.regions AS r WHERE r.code = ANY ($1::text[])) AS b
"""

AtDay = Annotated[str | None, Query(description="Day to tell of, YYYY-MM-DD; the city's own where left out.")]
InLanguage = Annotated[str | None, Query(description="zh or en; what the reader prefers where left out.")]


async def report_html(
    name: str, region: str, request: Request, service: TheService, scope: TheScope, *,
    at: AtDay = None, lang: InLanguage = None,
) -> Response:  # fmt: skip
    """Return one HTML file that can be kept and opened without a network."""
    page = await _page(request, service, scope, name, region, at=at, lang=lang, paper="a4")
    return Response(page, 200, _named(name, region, "html", inline=True), "text/html; charset=utf-8")


async def report_pdf(
    name: str, region: str, request: Request, service: TheService, scope: TheScope, *,
    at: AtDay = None, lang: InLanguage = None,
    paper: Annotated[str, Query(description="a4 or a3.")] = "a4",
) -> Response:  # fmt: skip
    """Return the report as PDF; needs a headless Chromium, and says so where there is none."""
    if paper not in PAPERS:
        raise bad("paper", paper, "one-of", known=", ".join(PAPERS))
    chosen: Paper = "a3" if paper == "a3" else "a4"
    page = await _page(request, service, scope, name, region, at=at, lang=lang, paper=chosen)
    made = await asyncio.to_thread(print_page, page, picture=False)
    return Response(made, 200, _named(name, region, "pdf"), "application/pdf")


async def report_png(
    name: str, region: str, request: Request, service: TheService, scope: TheScope, *,
    at: AtDay = None, lang: InLanguage = None,
) -> Response:  # fmt: skip
    """Return the report as a picture of the wall's size, 3840 × 2160."""
    page = await _page(request, service, scope, name, region, at=at, lang=lang, paper="wall")
    made = await asyncio.to_thread(print_page, page, picture=True)
    return Response(made, 200, _named(name, region, "png"), "image/png")


def _named(name: str, region: str, kind: str, *, inline: bool = False) -> dict[str, str]:
    way = "inline" if inline else "attachment"
    return {"Content-Disposition": f'{way}; filename="{name}-{region}.{kind}"', "Cache-Control": "no-store"}


async def _page(
    request: Request, service: Service, scope: Scope, name: str, region: str, *,
    at: str | None, lang: str | None, paper: Paper,
) -> str:  # fmt: skip
    if lang is not None and lang not in get_args(Language):
        raise bad("lang", lang, "one-of", known=", ".join(get_args(Language)))
    language = preferred_language(lang or request.headers.get("accept-language", ""))
    async with service.telling() as connection:
        told = await tell_region(connection, service, scope, name, region, at=at)
        codes = [part["code"] for part in told["parts"]]
        shapes, _ = await read_shapes(connection, scope, codes)
        card = orjson.loads(await connection.fetchval(CARD) or "{}")
        credits = orjson.loads(await connection.fetchval(CREDITS) or "[]")
    city = city_document(card, credits, service.settings)
    made = datetime.now(ZoneInfo(city["timezone"]))
    # through JSON, as everybody else reads it
    plain = orjson.loads(orjson.dumps(told))
    return await asyncio.to_thread(report_page, plain, city, shapes, language, made=made, paper=paper)


async def read_shapes(
    connection: Any, scope: Scope, codes: list[str]
) -> tuple[list[Shape], tuple[float, float, float, float] | None]:
    """Return the outlines of regions as a report draws them, and the box that holds all; None for none."""
    async with scoped_reading(connection, scope):
        box = await connection.fetchrow(_BOX, codes)
        if box is None or box["west"] is None:
            return [], None
        rows = await connection.fetch(_SHAPES, codes, (box["east"] - box["west"]) / STEPS)
    shapes = [Shape(row["code"], row["name"], row["path"], (row["x"], row["y"])) for row in rows]
    return shapes, (box["west"], box["south"], box["east"], box["north"])


def add_routes(router: APIRouter) -> None:
    """Add the addresses."""
    path = "/views/{name}/{region}/report"
    router.add_api_route(f"{path}.html", report_html, summary="A view of a region as one HTML file")
    router.add_api_route(f"{path}.pdf", report_pdf, summary="The same as PDF, A4 or A3")
    router.add_api_route(f"{path}.png", report_png, summary="The same as a picture of the wall's size")
