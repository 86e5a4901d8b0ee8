"""The operations that write, for the descriptions of the interface."""

from __future__ import annotations

from typing import Any

from api import links
from api.ogc.bodies import LARGEST_BODY, MERGE_PATCH, MOST_VERTICES
from api.ogc.crs import SUPPORTED

_BODY = f"At most {LARGEST_BODY:,} bytes and {MOST_VERTICES:,} positions."
_TAG: dict[str, Any] = {"schema": {"type": "string"}, "description": "Of the feature as it stands now."}
_IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": "The ETag that the feature was read with; * changes whatever stands there.",
}
_IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "format": "uuid"},
    "description": "The same key twice adds one feature.",
}
_CONTENT_CRS: dict[str, Any] = {
    "name": "Content-Crs",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "enum": [f"<{uri}>" for uri in SUPPORTED]},
    "description": "Reference system of the coordinates that are sent; CRS84 where left out.",
}
_FEATURE: dict[str, Any] = {
    "type": "object",
    "required": ["type", "geometry", "properties"],
    "properties": {
        "type": {"type": "string", "enum": ["Feature"]},
        "geometry": {"type": "object", "nullable": True},
        "properties": {"type": "object", "nullable": True},
    },
}
_PATCH: dict[str, Any] = {
    "type": "object",
    "properties": {"geometry": {"type": "object"}, "properties": {"type": "object"}},
}


def writing_operations(collection: str, feature: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the operations by path and method, without the parameters of the path.

    Parameters
    ----------
    collection, feature : str
        The parameters of the path, with their braces.
    """
    many = f"/ogc/collections/{collection}/items"
    whole = _body((links.GEOJSON, links.JSON), _FEATURE)
    shown = {
        "description": "The feature as it stands now.",
        "headers": {"ETag": _TAG},
        "content": {links.GEOJSON: {"schema": {"type": "object"}}},
    }
    created = {**shown, "headers": {"ETag": _TAG, "Location": {"schema": {"type": "string"}}}}
    gone = {"description": "Done; there is nothing to show."}
    again = {"200": {**created, "description": "It was added before with this Idempotency-Key."}}
    changed = {"200": shown, "204": gone}
    return {
        many: {
            "post": _operation(
                "create", "Add a feature", [_IDEMPOTENCY_KEY, _CONTENT_CRS], {"201": created, **again}, whole
            ),
            "options": _operation("itemsOptions", "What a collection takes", [], {"204": gone}),
        },
        f"{many}/{feature}": {
            "put": _operation("replace", "Replace a feature", [_IF_MATCH, _CONTENT_CRS], changed, whole),
            "patch": _operation(
                "update",
                "Change a feature",
                [_IF_MATCH, _CONTENT_CRS],
                changed,
                _body((MERGE_PATCH,), _PATCH),
            ),
            "delete": _operation("delete", "Delete a feature", [_IF_MATCH], {"204": gone}),
            "options": _operation("itemOptions", "What a feature takes", [], {"204": gone}),
        },
    }


def _body(media_types: tuple[str, ...], schema: dict[str, Any]) -> dict[str, Any]:
    content = {name: {"schema": schema} for name in media_types}
    return {"required": True, "description": _BODY, "content": content}


def _operation(
    name: str,
    summary: str,
    parameters: list[dict[str, Any]],
    answers: dict[str, Any],
    body: dict[str, Any] | None = None,
) -> dict[str, Any]:
    problem = {"$ref": "#/components/responses/problem"}
    statuses = ("400", "403", "404", "405", "409", "412", "413", "414", "415", "421", "428", "503")
    found = {
        "operationId": name,
        "summary": summary,
        "tags": ["OGC API - Features"],
        "parameters": parameters,
        "responses": {**answers, **dict.fromkeys(statuses, problem)},
    }
    return found if body is None else {**found, "requestBody": body}
