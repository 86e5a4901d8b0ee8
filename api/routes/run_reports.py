"""A plan of sites as a report: one page that asks for nothing, its print, a picture for the wall."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any, get_args
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.dependencies import TheScope, TheService
from api.language import Language, preferred_language
from api.parameters import bad
from api.report.frame import Paper
from api.report.printing import print_page
from api.report.site_plan import site_plan_page
from api.routes.city import CARD, CREDITS, city_document
from api.routes.reports import PAPERS, InLanguage, read_shapes
from api.routes.runs import run_document, run_id
from api.service import Service
from layers.runs.reading import every_feature, find_result, read_run
from layers.runs.siting import SITE_PLAN
from layers.scope import Scope

#: Around the sites, in degrees, where a plan is of a place without towns.
_MARGIN = 0.01


async def report_html(
    run: str, asked: Request, service: TheService, scope: TheScope, *, lang: InLanguage = None
) -> Response:
    """Return one HTML file that can be kept and opened without a network."""
    page = await _page(asked, service, scope, run, lang=lang, paper="a4")
    return Response(page, 200, _named(run, "html", inline=True), "text/html; charset=utf-8")


async def report_pdf(
    run: str, asked: Request, service: TheService, scope: TheScope, *, lang: InLanguage = None,
    paper: Annotated[str, Query(description="a4 or a3.")] = "a4",
) -> Response:  # fmt: skip
    """Return the report as PDF; needs a headless Chromium, and says so where there is none."""
    if paper not in PAPERS:
        raise bad("paper", paper, "one-of", known=", ".join(PAPERS))
    page = await _page(asked, service, scope, run, lang=lang, paper="a3" if paper == "a3" else "a4")
    made = await asyncio.to_thread(print_page, page, picture=False)
    return Response(made, 200, _named(run, "pdf"), "application/pdf")


async def report_png(
    run: str, asked: Request, service: TheService, scope: TheScope, *, lang: InLanguage = None
) -> Response:
    """Return the report as a picture of the wall's size, 3840 × 2160."""
    page = await _page(asked, service, scope, run, lang=lang, paper="wall")
    made = await asyncio.to_thread(print_page, page, picture=True)
    return Response(made, 200, _named(run, "png"), "image/png")


def _named(run: str, kind: str, *, inline: bool = False) -> dict[str, str]:
    way = "inline" if inline else "attachment"
    name = f"{SITE_PLAN.name}_{run_id(run)}.{kind}"
    return {"Content-Disposition": f'{way}; filename="{name}"', "Cache-Control": "no-store"}


async def _page(
    asked: Request, service: Service, scope: Scope, run: str, *, lang: str | None, paper: Paper
) -> str:
    if lang is not None and lang not in get_args(Language):
        raise bad("lang", lang, "one-of", known=", ".join(get_args(Language)))
    language = preferred_language(lang or asked.headers.get("accept-language", ""))
    async with service.database.connection() as connection:
        result = await find_result(connection, scope, run_id(run))
        if result.kind.name != SITE_PLAN.name:
            raise bad("run", run, "siting-run")
        record = await read_run(connection, scope, result.run)
        card = orjson.loads(await connection.fetchval(CARD) or "{}")
        credits = orjson.loads(await connection.fetchval(CREDITS) or "[]")
        towns = [one["code"] for one in record["areas"] if one["layer"] == "towns"]
        shapes, box = await read_shapes(connection, scope, towns)
    pages = [page async for page in every_feature(service.database, scope, result)]
    sites = _rows(pages)
    city = city_document(card, credits, service.settings)
    told = orjson.loads(orjson.dumps(run_document(asked, record, service.catalog)))
    made = datetime.now(ZoneInfo(city["timezone"]))
    around = box or _around(sites)
    return await asyncio.to_thread(
        site_plan_page, told, sites, city, shapes, around, language, made=made, paper=paper
    )


def _rows(pages: list[gpd.GeoDataFrame]) -> list[dict[str, Any]]:
    if not pages:
        return []
    found = pd.concat(pages).sort_values("rank")
    at = gpd.GeoSeries(found["geometry"])
    rows: list[dict[str, Any]] = found.drop(columns="geometry").assign(lon=at.x, lat=at.y).to_dict("records")
    return rows


def _around(sites: list[dict[str, Any]]) -> tuple[float, float, float, float]:
    at = np.array([(one["lon"], one["lat"]) for one in sites] or [(0.0, 0.0)])
    (west, south), (east, north) = at.min(axis=0) - _MARGIN, at.max(axis=0) + _MARGIN
    return float(west), float(south), float(east), float(north)


def add_routes(router: APIRouter) -> None:
    """Add the addresses."""
    path = "/runs/{run}/report"
    router.add_api_route(f"{path}.html", report_html, summary="A plan of sites as one HTML file")
    router.add_api_route(f"{path}.pdf", report_pdf, summary="The same as PDF, A4 or A3")
    router.add_api_route(f"{path}.png", report_png, summary="The same as a picture of the wall's size")
