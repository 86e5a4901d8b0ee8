"""The app, wired together; nothing else happens here."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.routing import BaseRoute

from api import links
from api.dependencies import asked_format, only_declared_parameters
from api.headers import COMPRESSION_LEVEL, SMALLEST_COMPRESSED, Envelope
from api.lifespan import lifespan
from api.ogc import collections, items, landing, tile_matrix_sets, tilesets, wmts, writing
from api.openapi import whole_document
from api.problems import add_handlers
from api.routes import (
    admin,
    around,
    city,
    docs,
    events,
    explain_camera,
    explain_radio,
    health,
    incident_counts,
    layers,
    metrics,
    rasters,
    region_cards,
    regions,
    reports,
    run_cells,
    run_events,
    run_reports,
    run_results,
    run_sites,
    runs,
    scenario_compare,
    scenarios,
    search,
    series,
    site_candidates,
    site_model,
    tiles,
    views,
    web,
    what_if,
)
from api.service import Service
from api.settings import Settings, read_settings
from layers.definitions.loading import Catalog, read_catalog


def create_app(settings: Settings | None = None, catalog: Catalog | None = None) -> FastAPI:
    """Return the app.

    Parameters
    ----------
    settings : Settings, optional
        Read from the environment where left out.
    catalog : Catalog, optional
        Layers to serve; those of the catalogue's files where left out.

    Raises
    ------
    BadSetting
        Where a setting cannot be used.
    BadDefinition
        Where a file of the catalogue cannot be used.
    """
    settings = settings or read_settings()
    service = Service.made_from(settings, catalog or read_catalog())
    app = FastAPI(
        title="One Map",
        version=version("onemap"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(Envelope, settings=settings),
            Middleware(
                GZipMiddleware,
                minimum_size=SMALLEST_COMPRESSED,
                compresslevel=COMPRESSION_LEVEL,
                # tiles are compressed where they are made: each encoding has its own strong ETag
                # and blocks of numbers are wanted at once: packing them takes longer than sending them
                exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, links.MVT),
            ),
        ],
    )
    app.state.service = service
    add_handlers(app)
    app.router.routes += [*_routes(), *web.routes(settings)]
    # FastAPI's own documented way to extend it; made when it is first asked for
    app.openapi = cache(partial(whole_document, app))  # type: ignore[method-assign]
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Return what answers; every app of a process shares it, since it holds nothing of an app.

    FastAPI analyses the signature of each route, and once more for a router that an app includes: the routes
    are therefore taken as they are.
    """
    plain = (admin, around,
        city, docs, events, explain_camera, explain_radio, health, incident_counts, layers, metrics, rasters,
        region_cards, regions, reports, run_cells, run_events, run_reports, run_results, run_sites, runs,
        scenario_compare, scenarios, search, series, site_candidates, site_model, tiles, views, what_if,
    )  # fmt: skip
    in_formats = (landing, collections, tile_matrix_sets, tilesets)
    return (
        *run_results.TILES, tiles.TILE, tilesets.TILE, rasters.TILE,
        *_made(plain, Depends(only_declared_parameters)),
        *_made(in_formats, Depends(only_declared_parameters), Depends(asked_format)),
        # items check their parameters themselves: each layer has its own
        *_made([items], Depends(asked_format)),
        *_made([writing, wmts]),
    )  # fmt: skip


def _made(modules: Iterable[Any], *dependencies: Any) -> list[BaseRoute]:
    """Return the routes of some modules, which share their dependencies."""
    router = APIRouter(dependencies=list(dependencies))
    for module in modules:
        module.add_routes(router)
    return router.routes
