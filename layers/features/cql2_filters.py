"""Filters in CQL2 (OGC 21-065r2, text encoding) made into SQL over one layer, every value bound.

Taken are comparisons of fields with values and with each other, ``AND``, ``OR``, ``NOT``, ``IN``,
``BETWEEN``, ``LIKE``, ``IS NULL``, ``A_CONTAINS`` for fields that hold several codes, dates, and the
functions of `FUNCTIONS`. A field, a value or an operator that does not fit the layer is an error that says
which.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, LiteralString

import cql2
from psycopg import sql

from geo.errors import BadInput
from layers.definitions.checking import hint
from layers.definitions.code_lists import CodeList
from layers.definitions.field import FieldType
from layers.definitions.layer import LayerDefinition
from layers.features.filters import FILTERED_COLUMNS

#: Functions beside the standard: whole days, and years with a fraction, from a time to the city's day.
FUNCTIONS = ("days_before_today", "years_before_today")

_COMPARISONS: dict[str, LiteralString] = {
    "=": "=", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
}  # fmt: skip
_JOINED: dict[str, LiteralString] = {"and": " AND ", "or": " OR "}
_SQL_TYPES: dict[FieldType, LiteralString] = {
    FieldType.INTEGER: "double precision",
    FieldType.NUMBER: "double precision",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.DATETIME: "timestamptz",
}
_NUMERIC = (FieldType.INTEGER, FieldType.NUMBER)
_TIMES = (FieldType.DATE, FieldType.DATETIME)
_MOST_DEPTH = 20


class BadFilter(BadInput):
    """A filter that cannot be used; details: ``filter``, ``reason``."""

    code = "bad-filter"

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(
            f"the filter {text[:120]!r} cannot be used: {reason}", filter=text[:120], reason=reason
        )
        self.reason = reason


@dataclass
class Bound:
    """Values of a statement in the order of their parameters, ``$1`` first.

    Attributes
    ----------
    today, timezone
        Parameters of the city's day and its time zone, as they stand in the statement; what is compiled after
        a change of `today` is of the other day.
    """

    values: list[Any] = field(default_factory=list)
    today: sql.Composable = field(default_factory=lambda: sql.SQL("$1"))
    timezone: LiteralString = "$2"

    def add(self, value: Any, kind: LiteralString) -> sql.Composable:
        """Bind one value and return its parameter."""
        self.values.append(value)
        return sql.SQL("${}::{}").format(sql.Literal(len(self.values)), sql.SQL(kind))


def compile_filter(
    text: str, layer: LayerDefinition, code_lists: Mapping[str, CodeList], bound: Bound
) -> sql.Composable:
    """Return a filter as SQL on the alias ``t``.

    Parameters
    ----------
    text : str
        CQL2 text.
    bound : Bound
        Takes the values; one for a whole statement.

    Raises
    ------
    BadFilter
        Where the text is no CQL2, or does not fit the layer.
    """
    try:
        document = cql2.parse_text(text).to_json()
    except (cql2.ParseError, cql2.ValidationError, ValueError) as error:
        told = [line.strip(" =") for line in str(error).splitlines() if line.strip()]
        raise BadFilter(text, f"not CQL2 text: {told[-1] if told else 'it cannot be read'}") from error
    return _Compiler(text, layer, code_lists, bound).condition(document, 0)


@dataclass(frozen=True, slots=True)
class _Operand:
    """A field or a function of one: its SQL, its type, and its code list where it has one."""

    text: sql.Composable
    kind: FieldType
    codes: str | None = None


@dataclass
class _Compiler:
    text: str
    layer: LayerDefinition
    code_lists: Mapping[str, CodeList]
    bound: Bound

    def condition(self, node: Any, depth: int) -> sql.Composable:
        """Return a node that is true or false."""
        if depth > _MOST_DEPTH:
            raise self.bad("it is nested too deeply")
        if not isinstance(node, dict) or "op" not in node:
            return self.flag(node)
        operator, arguments = node["op"], node["args"]
        if operator in _JOINED or operator == "not":
            within = [self.condition(one, depth + 1) for one in arguments]
            if operator == "not":
                return sql.SQL("(NOT {})").format(within[0])
            return sql.SQL("({})").format(sql.SQL(_JOINED[operator]).join(within))
        if operator == "isNull":
            return sql.SQL("({} IS NULL)").format(self.operand(arguments[0]).text)
        if operator in _COMPARISONS:
            return self.comparison(sql.SQL(_COMPARISONS[operator]), arguments)
        return self.other(operator, arguments)

    def flag(self, node: Any) -> sql.Composable:
        """Return a condition without an operator: a word, or a field that is true or false."""
        if isinstance(node, bool):
            return sql.SQL("true" if node else "false")
        if isinstance(node, dict) and "property" in node:
            operand = self.field(node["property"])
            if operand.kind is FieldType.BOOLEAN:
                return operand.text
        raise self.bad("a condition is expected")

    def comparison(self, operator: sql.SQL, arguments: list[Any]) -> sql.Composable:
        left, right = arguments
        if self.is_value(left):
            left, right = right, left
            flipped = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
            written = operator.as_string()
            operator = sql.SQL(flipped.get(written, written))
        operand = self.operand(left)
        if self.is_value(right):
            other = self.value(right, operand)
        else:
            beside = self.operand(right)
            if any((operand.kind in group) != (beside.kind in group) for group in (_NUMERIC, _TIMES)):
                raise self.bad(f"{operand.kind} cannot be compared with {beside.kind}")
            other = beside.text
        return sql.SQL("({} {} {})").format(operand.text, operator, other)

    def other(self, operator: str, arguments: list[Any]) -> sql.Composable:
        """Return ``IN``, ``BETWEEN``, ``LIKE`` or ``A_CONTAINS``."""
        if operator not in ("in", "between", "like", "a_contains"):
            raise self.bad(f"{operator} is not taken here")
        operand = self.operand(arguments[0])
        if operator == "in":
            values = [self.value(one, operand) for one in arguments[1]]
            return sql.SQL("({} IN ({}))").format(operand.text, sql.SQL(", ").join(values))
        if operator == "between":
            low, high = (self.value(one, operand) for one in arguments[1:])
            return sql.SQL("({} BETWEEN {} AND {})").format(operand.text, low, high)
        if operator == "a_contains":
            wanted = arguments[1] if isinstance(arguments[1], list) else [arguments[1]]
            if operand.kind is not FieldType.CODES:
                raise self.bad("a_contains needs a field that holds several codes")
            for one in wanted:
                self.check_code(_text(one), operand)
            return sql.SQL("({} @> {})").format(operand.text, self.bound.add(wanted, "text[]"))
        if not isinstance(arguments[1], str) or operand.kind not in (FieldType.TEXT, FieldType.CODE):
            raise self.bad("like compares a text with a pattern")
        return sql.SQL("({} LIKE {})").format(operand.text, self.bound.add(arguments[1], "text"))

    def operand(self, node: Any) -> _Operand:
        """Return a field or a function of one."""
        if isinstance(node, dict) and "property" in node:
            return self.field(node["property"])
        if isinstance(node, dict) and node.get("op") in FUNCTIONS:
            return self.function(node["op"], node["args"])
        known = f"; functions: {', '.join(FUNCTIONS)}"
        raise self.bad(f"a field of {self.layer.name} is expected{known if isinstance(node, dict) else ''}")

    def function(self, name: str, arguments: list[Any]) -> _Operand:
        if len(arguments) != 1:
            raise self.bad(f"{name} takes one field")
        operand = self.operand(arguments[0])
        if operand.kind not in _TIMES:
            raise self.bad(f"{name} takes a date or a time")
        day = operand.text
        if operand.kind is FieldType.DATETIME:
            zone = sql.SQL(self.bound.timezone)
            day = sql.SQL("({} AT TIME ZONE {}::text)::date").format(operand.text, zone)
        days = sql.SQL("({}::date - {})").format(self.bound.today, day)
        if name == "years_before_today":
            return _Operand(sql.SQL("({} / 365.2425)").format(days), FieldType.NUMBER)
        return _Operand(days, FieldType.NUMBER)

    def field(self, name: str) -> _Operand:
        """Return a field of the layer, or one of its system columns."""
        kinds = FILTERED_COLUMNS | {one.name: one.type for one in self.layer.fields}
        kind = kinds.get(name)
        if kind is None or kind is FieldType.GEOMETRY:
            raise self.bad(f"{self.layer.name} has no field {name[:60]!r}{hint(name, tuple(kinds))}")
        codes = self.layer.field(name).codes if name in self.layer.field_names else None
        return _Operand(sql.Identifier("t", name), kind, codes)

    @staticmethod
    def is_value(node: Any) -> bool:
        return not isinstance(node, dict) or "date" in node or "timestamp" in node

    def value(self, node: Any, operand: _Operand) -> sql.Composable:
        """Bind a value of a field's type."""
        kind = operand.kind
        try:
            reader: Callable[[Any], Any] = _READERS.get(kind, _text)
            read = reader(node)
        except (ValueError, TypeError, KeyError):
            shown = node if not isinstance(node, dict) else next(iter(node.values()))
            raise self.bad(f"{shown!r} is no value of type {kind}") from None
        if kind is FieldType.CODE:
            self.check_code(read, operand)
        return self.bound.add(read, _SQL_TYPES.get(kind, "text"))

    def check_code(self, value: str, operand: _Operand) -> None:
        """Refuse a value that the field's code list does not have."""
        if operand.codes is None or operand.codes not in self.code_lists:
            return
        known = self.code_lists[operand.codes].values
        if value not in known:
            raise self.bad(f"{value!r} is not a code of {operand.codes}{hint(value, known)}")

    def bad(self, reason: str) -> BadFilter:
        return BadFilter(self.text, reason)


def _text(node: Any) -> str:
    if not isinstance(node, str):
        raise TypeError(node)
    return node


def _number(node: Any) -> float:
    if isinstance(node, bool) or not isinstance(node, int | float):
        raise TypeError(node)
    return float(node)


def _boolean(node: Any) -> bool:
    if not isinstance(node, bool):
        raise TypeError(node)
    return node


_READERS: dict[FieldType, Callable[[Any], Any]] = {
    FieldType.INTEGER: _number,
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: lambda node: date.fromisoformat(node["date"]),
    FieldType.DATETIME: lambda node: datetime.fromisoformat(node["timestamp"]),
}
