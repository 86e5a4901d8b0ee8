"""OpenAPI 3.0 of the OGC interface: what GDAL, QGIS and OWSLib read before they ask."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from api import links
from api.language import Language
from api.limits import GREATEST_ZOOM
from api.ogc.crs import CRS84, SUPPORTED
from api.ogc.tile_matrix_sets import NAMES
from api.ogc.writing_description import writing_operations
from api.parameters import MOST_FEATURES, USUAL_FEATURES

_TITLE = {"zh": "一张图 OGC API", "en": "One Map OGC API"}


def _query(name: str, schema: dict[str, Any], description: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "schema": schema,
        "description": description,
        **more,
    }


def _box() -> dict[str, Any]:
    ends = [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}]
    return {"type": "array", "items": {"type": "number"}, "oneOf": ends}


_CRS = {"type": "string", "format": "uri", "default": CRS84, "enum": list(SUPPORTED)}

PARAMETERS: dict[str, dict[str, Any]] = {
    "bbox": _query(
        "bbox",
        _box(),
        "Smallest, then greatest coordinates in the system of bbox-crs.",
        style="form",
        explode=False,
    ),
    "bbox-crs": _query("bbox-crs", _CRS, "Reference system of bbox."),
    "crs": _query("crs", _CRS, "Reference system of the answer."),
    "datetime": _query(
        "datetime",
        {"type": "string"},
        "An RFC 3339 time, a full date, or an interval start/end with .. for an open end.",
        style="form",
        explode=False,
    ),
    "limit": _query(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST_FEATURES, "default": USUAL_FEATURES},
        f"How many features to answer at most; more than {MOST_FEATURES} is answered with {MOST_FEATURES}.",
        style="form",
        explode=False,
    ),
    "after": _query("after", {"type": "string"}, "The cursor of a next link."),
    "f": _query("f", {"type": "string", "enum": ["json", "html"]}, "Format; goes before the Accept header."),
    "filters": _query(
        "filters",
        {"type": "object", "additionalProperties": {"type": "string"}},
        "Any queryable of the collection with the value that it must equal.",
        style="form",
        explode=True,
    ),
}
_OPEN_OBJECT: dict[str, Any] = {"type": "object"}


def description(base: str, collections: list[str], language: Language) -> dict[str, Any]:
    """Return the OpenAPI 3.0.3 document.

    Parameters
    ----------
    base : str
        Address of the service without a final slash.
    collections : list of str
        Names of the collections that the reader may open.
    """
    title = _TITLE[language]
    name = {
        "name": "collectionId",
        "in": "path",
        "required": True,
        "schema": {"type": "string", **({"enum": collections} if collections else {})},
    }
    feature = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
    scheme = _in_path("tileMatrixSetId", {"type": "string", "enum": list(NAMES)})
    one = "/ogc/collections/{collectionId}"
    document: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {"title": title, "version": version("onemap"), "license": {"name": "Apache-2.0"}},
        "servers": [{"url": base}],
        "tags": [{"name": "OGC API - Features"}, {"name": "OGC API - Tiles"}],
        "paths": {
            "/ogc": _path("landing", "Landing page"),
            "/ogc/conformance": _path("conformance", "Conformance classes"),
            "/ogc/collections": _path("collections", "Collections"),
            one: _path("collection", "One collection", name),
            f"{one}/queryables": _path("queryables", "Queryables", name, media_type=links.SCHEMA_JSON),
            f"{one}/schema": _path("schema", "Schema of the features", name, media_type=links.SCHEMA_JSON),
            f"{one}/items": _path(
                "items",
                "Features",
                name,
                *(_reference(key) for key in PARAMETERS if key != "f"),
                media_type=links.GEOJSON,
            ),
            f"{one}/items/{{featureId}}": _path(
                "item", "One feature", name, feature, _reference("crs"), media_type=links.GEOJSON
            ),
            "/ogc/tileMatrixSets": _path("tileMatrixSets", "Tile matrix sets"),
            "/ogc/tileMatrixSets/{tileMatrixSetId}": _path("tileMatrixSet", "One tile matrix set", scheme),
            f"{one}/tiles": _path("tilesets", "Tilesets", name),
            f"{one}/tiles/{{tileMatrixSetId}}": _path("tileset", "One tileset", name, scheme),
            f"{one}/tiles/{{tileMatrixSetId}}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": {
                "get": tile_operation("collectionId", "tileMatrixSetId", "tileMatrix", "tileRow", "tileCol")
            },
        },
        "components": {
            "parameters": PARAMETERS,
            "schemas": {"problem": problem_schema()},
            "responses": {
                "problem": {
                    "description": "RFC 9457 problem document.",
                    "content": {
                        "application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}
                    },
                }
            },
        },
    }
    for path, methods in writing_operations("{collectionId}", "{featureId}").items():
        place = [name] if path.endswith("/items") else [name, feature]
        for method, operation in methods.items():
            operation["parameters"] = [*place, *operation["parameters"]]
            document["paths"][path][method] = operation
    return document


def _in_path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def tile_operation(collection: str, scheme: str, matrix: str, row: str, column: str) -> dict[str, Any]:
    """Return the operation that answers with a tile of a collection; the names are those in its path."""
    number = {"type": "integer", "minimum": 0}
    problem = {"$ref": "#/components/responses/problem"}
    return {
        "operationId": "collectionTile",
        "summary": "Vector tile of a collection",
        "tags": ["OGC API - Tiles"],
        "parameters": [
            _in_path(collection, {"type": "string"}),
            _in_path(scheme, {"type": "string", "enum": list(NAMES)}),
            _in_path(matrix, {**number, "maximum": GREATEST_ZOOM}),
            _in_path(row, number),
            _in_path(column, number),
            _query("f", {"type": "string", "enum": ["mvt"]}, "Format."),
        ],
        "responses": {
            "200": {
                "description": "Mapbox vector tile.",
                "content": {links.MVT: {"schema": {"type": "string", "format": "binary"}}},
            },
            "204": {"description": "Nothing to draw here."},
            "304": {"description": "Unchanged since the ETag in If-None-Match."},
            **dict.fromkeys(("400", "403", "404", "414", "421", "503"), problem),
        },
    }


def _reference(parameter: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{parameter}"}


def _path(
    operation: str, summary: str, *parameters: dict[str, Any], media_type: str = links.JSON
) -> dict[str, Any]:
    answer = {
        "description": summary,
        "content": {media_type: {"schema": _OPEN_OBJECT}, links.HTML: {"schema": {"type": "string"}}},
    }
    problem = {"$ref": "#/components/responses/problem"}
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "tags": ["OGC API - Features"],
            "parameters": [*parameters, _reference("f")],
            "responses": {
                "200": answer,
                "304": {"description": "Unchanged since the ETag in If-None-Match."},
                **dict.fromkeys(("400", "403", "404", "406", "414", "421", "503"), problem),
            },
        }
    }


def problem_schema() -> dict[str, Any]:
    """Return the JSON Schema of a problem document."""
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code", "instance", "request_id"],
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "code": text,
            "instance": text,
            "request_id": text,
            "details": {"type": "object"},
        },
    }
