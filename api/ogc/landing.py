"""Landing page, conformance, and the description of the interface."""

from __future__ import annotations

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api import links
from api.dependencies import TheScope, TheService
from api.headers import revalidated
from api.language import language_of
from api.ogc.answers import answer
from api.ogc.description import description
from api.ogc.tilesets import TILING_SCHEMES

#: Exactly the classes whose requirements are met and tested.
CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/update",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/features",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/optimistic-locking-etags",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilesetmetadata",
)
TITLE = {"zh": "一张图 OGC API", "en": "One Map OGC API"}
DESCRIPTION = {
    "zh": "城市运行一张图：全部图层，按 OGC API - Features 与 OGC API - Tiles。",
    "en": "Every layer of the city's one map, as OGC API - Features and OGC API - Tiles.",
}


def landing(request: Request) -> Response:
    """Return the landing page."""
    language = language_of(request)
    words = (
        {
            "api": "接口定义",
            "docs": "接口说明",
            "conformance": "符合性",
            "data": "图层",
            "schemes": "瓦片矩阵集",
        }
        if language == "zh"
        else {
            "api": "Definition",
            "docs": "Description",
            "conformance": "Conformance",
            "data": "Layers",
            "schemes": "Tile matrix sets",
        }
    )
    document = {
        "title": TITLE[language],
        "description": DESCRIPTION[language],
        "links": [
            links.link(links.address(request, "/ogc/api"), "service-desc", links.OPENAPI, words["api"]),
            links.link(links.address(request, "/docs"), "service-doc", links.HTML, words["docs"]),
            links.link(
                links.address(request, "/ogc/conformance"), "conformance", links.JSON, words["conformance"]
            ),
            links.link(links.address(request, "/ogc/collections"), "data", links.JSON, words["data"]),
            links.link(
                links.address(request, "/ogc/tileMatrixSets"), TILING_SCHEMES, links.JSON, words["schemes"]
            ),
        ],
    }
    return answer(request, document, title=TITLE[language])


def conformance(request: Request) -> Response:
    """Return the conformance classes."""
    title = "符合性" if language_of(request) == "zh" else "Conformance"
    return answer(request, {"conformsTo": list(CONFORMANCE)}, title=title)


def interface(request: Request, service: TheService, scope: TheScope) -> Response:
    """Return the OpenAPI 3.0 document of the OGC interface."""
    names = [layer.name for layer in service.open_layers(scope)]
    document = description(links.base_address(request), names, language_of(request))
    headers = {"Vary": "Accept-Language"}
    return revalidated(request, orjson.dumps(document), links.OPENAPI, headers)


def add_routes(router: APIRouter) -> None:
    """Add the three addresses."""
    router.add_api_route("/ogc", landing, operation_id="landing", summary="Landing page")
    router.add_api_route("/ogc/", landing, include_in_schema=False)
    router.add_api_route("/ogc/conformance", conformance, operation_id="conformance", summary="Conformance")
    router.add_api_route("/ogc/api", interface, operation_id="interface", summary="OpenAPI 3.0 of /ogc")
