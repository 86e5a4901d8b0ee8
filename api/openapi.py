"""OpenAPI 3.1 of the whole interface: what FastAPI knows of its routes, and what it cannot know."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api import links
from api.limits import GREATEST_ZOOM
from api.ogc.description import PARAMETERS, problem_schema, tile_operation
from api.ogc.writing_description import writing_operations

#: Statuses that any address may answer with.
PROBLEMS = ("400", "403", "404", "405", "406", "414", "421", "503")

#: Media types of the addresses that do not answer with plain JSON alone.
_MEDIA_TYPES = {
    "/events": (links.EVENTS,),
    "/ogc": (links.JSON, links.HTML),
    "/ogc/conformance": (links.JSON, links.HTML),
    "/ogc/api": (links.OPENAPI,),
    "/ogc/collections": (links.JSON, links.HTML),
    "/ogc/collections/{name}": (links.JSON, links.HTML),
    "/ogc/tileMatrixSets": (links.JSON, links.HTML),
    "/ogc/tileMatrixSets/{matrix_set_id}": (links.JSON, links.HTML),
    "/ogc/collections/{name}/tiles": (links.JSON, links.HTML),
    "/ogc/collections/{name}/tiles/{matrix_set_id}": (links.JSON, links.HTML),
    "/ogc/collections/{name}/queryables": (links.SCHEMA_JSON, links.HTML),
    "/ogc/collections/{name}/schema": (links.SCHEMA_JSON, links.HTML),
    "/ogc/collections/{name}/items": (links.GEOJSON, links.HTML),
    "/ogc/collections/{name}/items/{feature}": (links.GEOJSON, links.HTML),
}


def whole_document(app: FastAPI) -> dict[str, Any]:
    """Return the document: FastAPI's, with tiles, media types, problems, and the parameters of items."""
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    document["paths"]["/tiles/{layers}/{z}/{x}/{y}.mvt"] = {"get": _tile()}
    own_tile = tile_operation("name", "matrix_set_id", "matrix", "row", "column")
    document["paths"]["/ogc/collections/{name}/tiles/{matrix_set_id}/{matrix}/{row}/{column}"] = {
        "get": own_tile
    }
    problem = {
        "description": "RFC 9457 problem document.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}},
    }
    components = document.setdefault("components", {})
    components["schemas"] = {"problem": problem_schema()}
    components["responses"] = {"problem": problem}
    for path, methods in document["paths"].items():
        for operation in methods.values():
            _complete(path, operation)
    items = document["paths"]["/ogc/collections/{name}/items"]["get"]
    items["parameters"] += [parameter for name, parameter in PARAMETERS.items() if name != "f"]
    item = document["paths"]["/ogc/collections/{name}/items/{feature}"]["get"]
    item["parameters"] += [PARAMETERS["crs"]]
    for path, methods in writing_operations("{name}", "{feature}").items():
        for method, operation in methods.items():
            found = document["paths"][path][method]
            found |= {key: operation[key] for key in ("requestBody", "responses") if key in operation}
            found["parameters"] = found.get("parameters", []) + operation["parameters"]
    return document


def _complete(path: str, operation: dict[str, Any]) -> None:
    """Give an operation the answers that it can really have."""
    answers = operation["responses"]
    answers.pop("422", None)  # a parameter that does not fit is a 400 with our own document
    if path in _MEDIA_TYPES and "200" in answers:
        answers["200"]["content"] = {name: {"schema": {}} for name in _MEDIA_TYPES[path]}
    answers["304"] = {"description": "Unchanged since the ETag in If-None-Match."}
    for status in PROBLEMS:
        answers[status] = {"$ref": "#/components/responses/problem"}


def _tile() -> dict[str, Any]:
    def part(name: str, schema: dict[str, Any], text: str) -> dict[str, Any]:
        return {"name": name, "in": "path", "required": True, "schema": schema, "description": text}

    number = {"type": "integer", "minimum": 0}
    return {
        "summary": "Vector tile of a layer or several",
        "operationId": "tile",
        "parameters": [
            part("layers", {"type": "string"}, "Names of up to 20 layers, separated by commas."),
            part("z", {**number, "maximum": GREATEST_ZOOM}, "Zoom."),
            part("x", number, "Column, from the west."),
            part("y", number, "Row, from the north."),
        ],
        "responses": {
            "200": {
                "description": "Mapbox vector tile, WebMercatorQuad.",
                "content": {links.MVT: {"schema": {"type": "string", "format": "binary"}}},
            },
            "204": {"description": "Nothing to draw here."},
        },
    }
