"""Equality filters on fields: text of a query made into values of the field's type, then bound."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, LiteralString

from psycopg import sql

from geo.errors import BadInput
from layers.definitions import FieldType, LayerDefinition

#: System columns that can be filtered by beside the fields.
FILTERED_COLUMNS: dict[str, FieldType] = {
    "code": FieldType.TEXT,
    "region_code": FieldType.TEXT,
    "status": FieldType.TEXT,
    "provenance": FieldType.TEXT,
    "source": FieldType.TEXT,
}

_LONGEST = 1_000
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Equality:
    """One test: the field has, or its list holds, this value."""

    field: str
    kind: FieldType
    value: Any


def equalities(definition: LayerDefinition, equals: Mapping[str, str]) -> list[Equality]:
    """Convert a query's filters by the definition.

    Parameters
    ----------
    definition : LayerDefinition
        The layer.
    equals : mapping of str to str
        Field name to value, as it stands in the query.

    Raises
    ------
    BadInput
        Where the layer has no such field or the text is no value of its type; names the field.
    """
    kinds = FILTERED_COLUMNS | {field.name: field.type for field in definition.fields}
    tests = []
    for name, text in equals.items():
        kind = kinds.get(name)
        if kind is None or kind is FieldType.GEOMETRY:
            raise BadInput(
                f"layer {definition.name!r} cannot be filtered by {name[:60]!r}",
                field=name[:60],
                value=text[:80],
            )
        try:
            if len(text) > _LONGEST:
                raise ValueError("too long")
            value = _CONVERSIONS.get(kind, _text)(text)
        except ValueError as error:
            raise BadInput(
                f"{text[:80]!r} is no value of field {name!r} ({kind})",
                field=name,
                value=text[:80],
                type=str(kind),
            ) from error
        tests.append(Equality(name, kind, value))
    return tests


def condition(test: Equality, parameter: int) -> sql.Composed:
    """Return a test as SQL on the alias ``t`` with parameter ``$n``."""
    column = sql.Identifier("t", test.field)
    bound = sql.SQL("${}::{}").format(sql.Literal(parameter), sql.SQL(_SQL_TYPES.get(test.kind, "text")))
    if test.kind is FieldType.CODES:
        return sql.SQL("{} = ANY ({})").format(bound, column)
    return sql.SQL("{} = {}").format(column, bound)


_SQL_TYPES: dict[FieldType, LiteralString] = {
    FieldType.INTEGER: "bigint",
    FieldType.NUMBER: "double precision",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.DATETIME: "timestamptz",
}


def _text(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a NUL character")
    text.encode()  # a lone surrogate raises UnicodeEncodeError, a ValueError
    return text


def _integer(text: str) -> int:
    value = int(text)
    if abs(value) > _LARGEST or not text.isascii():
        raise ValueError(text)
    return value


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or not text.isascii():
        raise ValueError(text)
    return value


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _moment(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


_CONVERSIONS: dict[FieldType, Callable[[str], Any]] = {
    FieldType.INTEGER: _integer,
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: date.fromisoformat,
    FieldType.DATETIME: _moment,
}
