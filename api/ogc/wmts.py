"""WMTS 1.0.0 (OGC 07-057r7) of the rasters, for desktop programs: key-value and RESTful encoding."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from api import links
from api.dependencies import TheScope, TheService
from api.headers import revalidated
from api.language import language_of
from api.ogc.landing import TITLE
from api.ogc.tile_matrix_sets import NAMES, document, matrix_set, tile_of
from api.parameters import bad, check_parameters
from api.routes.rasters import PNG, open_raster, open_rasters, picture
from api.service import Service
from layers.rasters import Raster
from layers.scope import Scope
from tilecache.raster import clear_png

_WMTS = "http://www.opengis.net/wmts/1.0"
_OWS = "http://www.opengis.net/ows/1.1"
_XLINK = "http://www.w3.org/1999/xlink"
XML = "application/xml"
#: URNs of the reference systems, with the axis order of their registry.
_CRS = {"WebMercatorQuad": "urn:ogc:def:crs:EPSG::3857", "WorldCRS84Quad": "urn:ogc:def:crs:OGC:1.3:CRS84"}
_WELL_KNOWN = {
    "WebMercatorQuad": "urn:ogc:def:wkss:OGC:1.0:GoogleMapsCompatible",
    "WorldCRS84Quad": "urn:ogc:def:wkss:OGC:1.0:GoogleCRS84Quad",
}
_PARAMETERS = (
    "service", "request", "version", "layer", "style", "format", "tilematrixset", "tilematrix", "tilerow",
    "tilecol",
)  # fmt: skip

register_namespace("", _WMTS)
register_namespace("ows", _OWS)
register_namespace("xlink", _XLINK)


def _add(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    prefix, _, name = tag.rpartition(":")
    namespace = _OWS if prefix == "ows" else _WMTS
    found = SubElement(parent, f"{{{namespace}}}{name}", attributes)
    found.text = text
    return found


def capabilities(request: Request, rasters: list[Raster]) -> bytes:
    """Return the document that tells which layers there are and how to ask for them."""
    root = Element(f"{{{_WMTS}}}Capabilities", {"version": "1.0.0"})
    identification = _add(root, "ows:ServiceIdentification")
    _add(identification, "ows:Title", TITLE[language_of(request)])
    _add(identification, "ows:ServiceType", "OGC WMTS")
    _add(identification, "ows:ServiceTypeVersion", "1.0.0")
    metadata = _add(root, "ows:OperationsMetadata")
    for operation in ("GetCapabilities", "GetTile"):
        http = _add(_add(_add(metadata, "ows:Operation", name=operation), "ows:DCP"), "ows:HTTP")
        get = _add(http, "ows:Get")
        get.set(f"{{{_XLINK}}}href", links.address(request, "/wmts") + "?")
        constraint = _add(get, "ows:Constraint", name="GetEncoding")
        _add(_add(constraint, "ows:AllowedValues"), "ows:Value", "KVP")
    contents = _add(root, "Contents")
    for raster in rasters:
        _add_layer(contents, request, raster)
    for name in NAMES:
        _add_matrix_set(contents, name)
    served = _add(root, "ServiceMetadataURL")
    served.set(f"{{{_XLINK}}}href", links.address(request, "/wmts/1.0.0/WMTSCapabilities.xml"))
    declaration = b'<?xml version="1.0" encoding="UTF-8"?>\n'
    return declaration + bytes(tostring(root, encoding="utf-8", xml_declaration=False))


def _add_layer(contents: Element, request: Request, raster: Raster) -> None:
    layer = _add(contents, "Layer")
    _add(layer, "ows:Title", raster.title.in_language(language_of(request)))
    _add(layer, "ows:Abstract", raster.source)
    west, south, east, north = raster.bounds
    box = _add(layer, "ows:WGS84BoundingBox")
    _add(box, "ows:LowerCorner", f"{west:.7f} {south:.7f}")
    _add(box, "ows:UpperCorner", f"{east:.7f} {north:.7f}")
    _add(layer, "ows:Identifier", raster.name)
    _add(_add(layer, "Style", isDefault="true"), "ows:Identifier", "default")
    _add(layer, "Format", PNG)
    for name in NAMES:
        _add(_add(layer, "TileMatrixSetLink"), "TileMatrixSet", name)
    place = f"/wmts/1.0.0/{raster.name}/default"
    template = f"{place}/{{TileMatrixSet}}/{{TileMatrix}}/{{TileRow}}/{{TileCol}}.png"
    _add(layer, "ResourceURL", format=PNG, resourceType="tile", template=links.address(request, template))


def _add_matrix_set(contents: Element, name: str) -> None:
    scheme = _add(contents, "TileMatrixSet")
    _add(scheme, "ows:Identifier", name)
    _add(scheme, "ows:SupportedCRS", _CRS[name])
    _add(scheme, "WellKnownScaleSet", _WELL_KNOWN[name])
    for matrix in document(name)["tileMatrices"]:
        found = _add(scheme, "TileMatrix")
        _add(found, "ows:Identifier", matrix["id"])
        _add(found, "ScaleDenominator", repr(matrix["scaleDenominator"]))
        _add(found, "TopLeftCorner", " ".join(map(repr, matrix["pointOfOrigin"])))
        for tag in ("tileWidth", "tileHeight", "matrixWidth", "matrixHeight"):
            _add(found, tag[0].upper() + tag[1:], str(matrix[tag]))


async def wmts(request: Request, service: TheService, scope: TheScope) -> Response:
    """Answer GetCapabilities and GetTile; names of parameters are taken in any case."""
    in_lower_case = [(name.lower(), value) for name, value in request.query_params.multi_items()]
    given = check_parameters(QueryParams(in_lower_case), _PARAMETERS)
    asked = given.get("request", "").lower()
    if asked == "getcapabilities":
        return revalidated(request, capabilities(request, open_rasters(service, scope)), XML)
    if asked != "gettile":
        raise bad("request", given.get("request", ""), "format", known=["GetCapabilities", "GetTile"])
    needed = ("layer", "tilematrixset", "tilematrix", "tilerow", "tilecol")
    missing = next((name for name in needed if name not in given), None)
    if missing is not None:
        raise bad(missing, "", "plain-text")
    if given.get("format", PNG).lower() != PNG:
        raise bad("format", given["format"], "format", known=[PNG])
    return await _tile(request, service, scope, *(given[name] for name in needed))


async def capabilities_file(request: Request, service: TheService, scope: TheScope) -> Response:
    """Return the capabilities under the address of the RESTful encoding."""
    return revalidated(request, capabilities(request, open_rasters(service, scope)), XML)


async def tile(  # noqa: PLR0917 - FastAPI gives them by name
    layer: str, matrix_set_id: str, matrix: str, row: str, column: str,
    request: Request, service: TheService, scope: TheScope,
) -> Response:  # fmt: skip
    """Return a tile under the address of the RESTful encoding."""
    return await _tile(request, service, scope, layer, matrix_set_id, matrix, row, column)


async def _tile(  # noqa: PLR0917 - the parameters of GetTile
    request: Request, service: Service, scope: Scope, layer: str, scheme: str, matrix: str, row: str,
    column: str,
) -> Response:  # fmt: skip
    raster = open_raster(service, scope, layer)
    matrix_set(scheme)
    zoom, x, y = tile_of(scheme, matrix, row, column)
    body, etag = await picture(service, raster, scheme, (zoom, x, y))
    # WMTS knows no empty answer
    return revalidated(request, body or clear_png(), PNG, etag=etag)


def add_routes(router: APIRouter) -> None:
    """Add the addresses of both encodings."""
    router.add_api_route("/wmts", wmts, summary="WMTS, key-value encoding", include_in_schema=False)
    router.add_api_route(
        "/wmts/1.0.0/WMTSCapabilities.xml", capabilities_file, summary="WMTS capabilities",
        include_in_schema=False,
    )  # fmt: skip
    router.add_api_route(
        "/wmts/1.0.0/{layer}/default/{matrix_set_id}/{matrix}/{row}/{column}.png", tile,
        summary="WMTS tile", include_in_schema=False,
    )  # fmt: skip
