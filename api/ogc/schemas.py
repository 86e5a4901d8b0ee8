"""JSON Schema of a layer and of the properties it can be filtered by, from its definition."""

from __future__ import annotations

from typing import Any

from api.language import Language
from api.ogc.bodies import READ_ONLY
from layers.definitions import CodeList, Field, FieldType, GeometryFamily, LayerDefinition, Words
from layers.definitions.loading import Catalog

DIALECT = "https://json-schema.org/draft/2020-12/schema"

#: Parameters of the items address; a property of such a name cannot be filtered by.
ITEMS_PARAMETERS = frozenset({"bbox", "bbox-crs", "crs", "datetime", "limit", "after", "f"})

_GEOMETRY_FORMAT = {
    GeometryFamily.POINT: "geometry-point",
    GeometryFamily.LINE: "geometry-linestring-or-multilinestring",
    GeometryFamily.POLYGON: "geometry-polygon-or-multipolygon",
    GeometryFamily.ANY: "geometry-any",
}
_TYPES: dict[FieldType, dict[str, Any]] = {
    FieldType.TEXT: {"type": "string"},
    FieldType.INTEGER: {"type": "integer"},
    FieldType.NUMBER: {"type": "number"},
    FieldType.BOOLEAN: {"type": "boolean"},
    FieldType.DATE: {"type": "string", "format": "date"},
    FieldType.DATETIME: {"type": "string", "format": "date-time"},
    FieldType.CODE: {"type": "string"},
    FieldType.CODES: {"type": "array", "items": {"type": "string"}},
    FieldType.GEOMETRY: {"type": "object", "format": "geometry-any"},
}
#: System columns that every feature has as properties.
_SYSTEM: dict[str, tuple[FieldType, Words]] = {
    "code": (FieldType.TEXT, Words(zh="代码", en="Code")),
    "region_code": (FieldType.TEXT, Words(zh="区域代码", en="Region code")),
    "status": (FieldType.CODE, Words(zh="状态", en="Status")),
    "provenance": (FieldType.CODE, Words(zh="数据性质", en="Provenance")),
    "valid_from": (FieldType.DATETIME, Words(zh="生效时间", en="Valid from")),
    "valid_to": (FieldType.DATETIME, Words(zh="失效时间", en="Valid to")),
    "source": (FieldType.TEXT, Words(zh="来源", en="Source")),
    "updated_at": (FieldType.DATETIME, Words(zh="更新时间", en="Updated at")),
    "version": (FieldType.INTEGER, Words(zh="版本", en="Version")),
}
_FILTERED_SYSTEM = ("code", "region_code", "status", "provenance", "source")
_FILTERED_TYPES = frozenset(FieldType) - {FieldType.GEOMETRY}


def queryable_names(definition: LayerDefinition) -> tuple[str, ...]:
    """Return the properties that items can be filtered by."""
    own = (field.name for field in definition.fields if field.type in _FILTERED_TYPES)
    return tuple(name for name in (*_FILTERED_SYSTEM, *own) if name not in ITEMS_PARAMETERS)


def queryables(
    definition: LayerDefinition, catalog: Catalog, address: str, language: Language
) -> dict[str, Any]:
    """Return the queryables document of a layer (Part 3, requirement 2).

    Parameters
    ----------
    address : str
        Where the document stands; its ``$id``.
    """
    every = _properties(definition, catalog, language)
    named = {name: every[name] for name in queryable_names(definition)}
    return {
        "$schema": DIALECT,
        "$id": address,
        "type": "object",
        "title": definition.title.in_language(language),
        "description": definition.description.in_language(language),
        "properties": named | _geometry(definition, language),
        # a name that is not listed is an error, not an empty answer
        "additionalProperties": False,
    }


def schema(definition: LayerDefinition, catalog: Catalog, address: str, language: Language) -> dict[str, Any]:
    """Return the schema of a layer's features: every property with type, unit, range and codes."""
    return {
        "$schema": DIALECT,
        "$id": address,
        "type": "object",
        "title": definition.title.in_language(language),
        "description": definition.description.in_language(language),
        "properties": {
            "id": {"type": "integer", "x-ogc-role": "id", "readOnly": True},
            **_properties(definition, catalog, language),
            **_geometry(definition, language),
        },
        "required": [field.name for field in definition.fields if field.required],
        "additionalProperties": False,
    }


def _geometry(definition: LayerDefinition, language: Language) -> dict[str, Any]:
    if definition.geometry is GeometryFamily.NONE:
        return {}
    title = "图形" if language == "zh" else "Geometry"
    geometry = {"format": _GEOMETRY_FORMAT[definition.geometry], "x-ogc-role": "primary-geometry"}
    return {"geometry": {"title": title, **geometry}}


def _properties(definition: LayerDefinition, catalog: Catalog, language: Language) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, (kind, title) in _SYSTEM.items():
        # the code lists of system columns have the columns' names
        code_list = catalog.code_lists.get(name) if kind is FieldType.CODE else None
        found[name] = {
            "title": title.in_language(language),
            **_TYPES[kind],
            **_codes(code_list, kind, language),
        }
        if name in READ_ONLY and not (name == "region_code" and definition.geometry is GeometryFamily.NONE):
            found[name]["readOnly"] = True
    for field in definition.fields:
        code_list = catalog.code_lists.get(field.codes) if field.codes is not None else None
        found[field.name] = _property(field, code_list, language)
    return found


def _property(field: Field, code_list: CodeList | None, language: Language) -> dict[str, Any]:
    found: dict[str, Any] = {"title": field.title.in_language(language), **_TYPES[field.type]}
    if field.note is not None:
        found["description"] = field.note.in_language(language)
    if field.unit is not None:
        found["x-ogc-unit"] = field.unit
    if field.standard is not None:
        found["x-standard"] = field.standard
    if field.range is not None:
        low, high = field.range
        found |= {key: value for key, value in (("minimum", low), ("maximum", high)) if value is not None}
    if field.length is not None:
        found["maxLength"] = field.length
    if field.pattern is not None:
        found["pattern"] = f"^(?:{field.pattern})$"
    return found | _codes(code_list, field.type, language)


def _codes(code_list: CodeList | None, kind: FieldType, language: Language) -> dict[str, Any]:
    """Return the closed values of a list with their titles, as JSON Schema annotates them."""
    if code_list is None:
        return {}
    closed = {
        "type": "string",
        "oneOf": [
            {"const": code.code, "title": code.title.in_language(language)} for code in code_list.codes
        ],
    }
    return {"items": closed} if kind is FieldType.CODES else closed
