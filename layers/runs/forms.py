"""What a program must know to ask for a run: a form made from the parameters of a kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers.definitions.words import Words
from layers.runs.kinds import Asked, Kind

#: JSON Schema types that a form field can have as they are.
_PLAIN = {"integer", "number", "boolean"}
_RANGE = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "above",
    "exclusiveMaximum": "below",
    "multipleOf": "step",
}

#: How all kinds ask how fine their cells are.
RESOLUTION_ASKED = Asked(
    Words(zh="单元级别", en="Cell resolution"),
    Words(
        zh="H3 级别：8 约 0.6 平方公里，9 约 0.09，10 约 0.012",
        en="H3 resolution: 8 is about 0.6 km², 9 about 0.09, 10 about 0.012",
    ),
)


def form(kind: Kind) -> list[dict[str, Any]]:
    """Return the fields of a form for the parameters of a kind, in their order.

    Parameters
    ----------
    kind : Kind
        Its `asks` have the titles; types, ranges, choices and defaults come from its model.

    Returns
    -------
    list of dict
        ``name``, ``title`` and ``note`` in zh and en, ``type`` (``layer``, ``field``, ``choice``,
        ``choices``, ``integer``, ``number``, ``boolean`` or ``text``), ``required``, ``default``, ``unit``,
        and where there are such: ``of`` (the parameter that names the layer of a field), ``options``,
        ``minimum``, ``maximum``, ``above``, ``below``, ``step``. A parameter without a title is shown by its
        name.

    Examples
    --------
    >>> from layers.runs.kinds import kind_named
    >>> [(one["name"], one["type"]) for one in form(kind_named("density"))]
    [('layer', 'layer'), ('weight', 'field'), ('against', 'choice'), ('resolution', 'integer')]
    """
    schema = kind.parameters.model_json_schema()
    shared = schema.get("$defs", {})
    required = schema.get("required", [])
    return [
        _field(name, _resolved(one, shared), shared, kind.asks.get(name), name in required)
        for name, one in schema.get("properties", {}).items()
    ]


def _resolved(schema: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema without references, and without the null that optional parameters allow."""
    found = dict(schema)
    for one in found.pop("anyOf", []):
        if one.get("type") != "null":
            found = {**one, **found}
    if "$ref" in found:
        found = {**shared[found.pop("$ref").rpartition("/")[2]], **found}
    return found


def _field(
    name: str, schema: Mapping[str, Any], shared: Mapping[str, Any], asked: Asked | None, required: bool
) -> dict[str, Any]:
    asked = asked or Asked(_named(name))
    items = _resolved(schema.get("items", {}), shared)
    values = schema.get("enum") or items.get("enum") or ([schema["const"]] if "const" in schema else [])
    found: dict[str, Any] = {
        "name": name,
        "type": _type(schema, items, asked),
        "title": asked.title.model_dump(),
        "note": asked.note and asked.note.model_dump(),
        "required": required,
        "default": schema.get("default"),
        "unit": asked.unit,
    }
    if asked.of is not None:
        found["of"] = asked.of
    if values:
        found["options"] = [
            {"value": value, "title": asked.options.get(str(value), _named(str(value))).model_dump()}
            for value in values
        ]
    return found | {told: schema[key] for key, told in _RANGE.items() if key in schema}


def _type(schema: Mapping[str, Any], items: Mapping[str, Any], asked: Asked) -> str:
    if asked.choose is not None:
        return asked.choose
    if "enum" in schema or "const" in schema:
        return "choice"
    if "enum" in items:
        return "choices"
    return schema["type"] if schema.get("type") in _PLAIN else "text"


def _named(name: str) -> Words:
    text = name.replace("_", " ")
    return Words(zh=text, en=text)
