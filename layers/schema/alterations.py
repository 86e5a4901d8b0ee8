"""How an existing table differs from its definition, and what of that can be done without loss."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import CheckConstraint, Column, Index, Table
from sqlalchemy.schema import CreateIndex

from layers.schema.names import CITY, DERIVED
from layers.schema.tables import DIALECT, HISTORY_COLUMNS, MADE_FROM, column_type

_COLUMNS = """
    SELECT attname, format_type(atttypid, atttypmod), attnotnull, attgenerated <> '' FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
"""
_CHECKS = """
    SELECT conname, obj_description(oid, 'pg_constraint') FROM pg_constraint
    WHERE conrelid = %s::regclass AND contype = 'c'
"""
_INDEXES = """
    SELECT c.relname, obj_description(c.oid, 'pg_class')
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
    WHERE i.indrelid = %s::regclass AND NOT i.indisprimary
"""


@dataclass(frozen=True, slots=True)
class Differences:
    """What is different, and what of it is refused.

    Attributes
    ----------
    added : list of str
        Fields to add.
    loosened, tightened : list of str
        Fields that are no longer, or only now, required.
    checks, indexes : list of str
        Names of those to make anew.
    plain : list of str
        Columns that PostgreSQL generates and that are to be plain ones.
    refused : list of str
        Reasons, one a difference that would lose data.
    """

    added: list[str] = field(default_factory=list)
    loosened: list[str] = field(default_factory=list)
    tightened: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    indexes: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def compare(connection: psycopg.Connection[Any], table: Table, history: Table) -> Differences:
    """Compare a layer's table with what its definition wants."""
    found = Differences()
    rows = _read(connection, _COLUMNS, table)
    there = {name: (kind, needed) for name, kind, needed, _ in rows}
    found.plain.extend(name for name, _, _, generated in rows if generated)
    for column in table.columns:
        if column.name not in there:
            _compare_new(connection, table, column, found)
            continue
        kind, needed = there[column.name]
        wanted = column_type(column.type)
        if kind.lower().removeprefix("ext.") != wanted:
            found.refused.append(f"field {column.name} is of type {kind} and would become {wanted}")
        elif needed and column.nullable:
            found.loosened.append(column.name)
        elif not needed and not column.nullable:
            found.tightened.append(column.name)
    lost = sorted(set(there) - set(table.columns.keys()))
    found.refused.extend(f"field {name} is in the table but no longer in the definition" for name in lost)
    kept = {row[0] for row in _read(connection, _COLUMNS, history)} - set(HISTORY_COLUMNS)
    if kept - set(table.columns.keys()):
        found.refused.append("the history holds fields that are no longer in the definition")
    checks = dict(_read(connection, _CHECKS, table))
    found.checks.extend(name for name, text in _checks(table).items() if checks.get(name) != _mark(text))
    found.checks.extend(name for name in checks if name not in _checks(table))
    indexes = dict(_read(connection, _INDEXES, table))
    found.indexes.extend(name for name, text in _indexes(table).items() if indexes.get(name) != _mark(text))
    found.indexes.extend(name for name in indexes if name not in _indexes(table))
    _compare_rows(connection, table, found)
    return found


def apply_differences(
    connection: psycopg.Connection[Any], table: Table, history: Table, found: Differences
) -> None:
    """Make the changes that `compare` found and did not refuse."""
    name = sql.Identifier(CITY, table.name)
    for field_name in found.added:
        column = table.columns[field_name]
        for target in (table,) if field_name in DERIVED else (table, history):
            needed = sql.SQL(" NOT NULL" if target is table and not column.nullable else "")
            connection.execute(
                sql.SQL("ALTER TABLE {} ADD COLUMN {} {}").format(
                    sql.Identifier(CITY, target.name), sql.Identifier(field_name), _type(column)
                )
                + needed
                + _made(column)
            )
        if MADE_FROM in column.info:
            found.plain.append(field_name)
    for field_name in found.plain:
        connection.execute(
            sql.SQL("ALTER TABLE {} ALTER {} DROP EXPRESSION").format(name, sql.Identifier(field_name))
        )
    for field_name in found.loosened:
        connection.execute(
            sql.SQL("ALTER TABLE {} ALTER {} DROP NOT NULL").format(name, sql.Identifier(field_name))
        )
    for field_name in found.tightened:
        connection.execute(
            sql.SQL("ALTER TABLE {} ALTER {} SET NOT NULL").format(name, sql.Identifier(field_name))
        )
    for check in found.checks:
        connection.execute(
            sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}").format(name, sql.Identifier(check))
        )
    for index in found.indexes:
        connection.execute(sql.SQL("DROP INDEX IF EXISTS {}").format(sql.Identifier(CITY, index)))
    for check, text in _checks(table).items():
        if check in found.checks:
            # The text is from layers.schema.tables, with names and values of the checked catalogue only.
            rule = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} CHECK ({})")
            connection.execute(rule.format(name, sql.Identifier(check), _Verbatim(text)))
            connection.execute(_check_mark(table, check, text))
    for index, text in _indexes(table).items():
        if index in found.indexes:
            connection.execute(text.encode())
            connection.execute(_index_mark(index, text))


def mark(connection: psycopg.Connection[Any], table: Table) -> None:
    """Note at each check and index of a new table what it was made from, so that a change is seen later."""
    connection.execute(
        sql.SQL("; ").join(
            [_check_mark(table, name, text) for name, text in _checks(table).items()]
            + [_index_mark(name, text) for name, text in _indexes(table).items()]
        )
    )


class _Verbatim(sql.Composable):
    """Text that SQLAlchemy compiled from a definition."""

    def as_bytes(self, context: Any = None) -> bytes:
        return str(self._obj).encode()


def _compare_new(
    connection: psycopg.Connection[Any], table: Table, column: Column[Any], found: Differences
) -> None:
    if column.nullable or _is_empty(connection, table):
        found.added.append(column.name)
    else:
        found.refused.append(
            f"field {column.name} is new and required, but rows without it are there; add it as not required"
        )


def _compare_rows(connection: psycopg.Connection[Any], table: Table, found: Differences) -> None:
    """Refuse tighter rules that rows in the table break."""
    name = sql.Identifier(CITY, table.name)
    for column in found.tightened:
        query = sql.SQL("SELECT FROM {} WHERE {} IS NULL LIMIT 1").format(name, sql.Identifier(column))
        if connection.execute(query).fetchone() is not None:
            found.refused.append(f"field {column} would become required, but rows without it are there")
    texts = _checks(table)
    added = set(found.added)
    for check in found.checks:
        if check not in texts or any(f'"{column}"' in texts[check] for column in added):
            continue
        query = sql.SQL("SELECT FROM {} WHERE NOT ({}) LIMIT 1").format(name, _Verbatim(texts[check]))
        if connection.execute(query).fetchone() is not None:
            found.refused.append(f"rows are there that break the rule {check}: {texts[check][:120]}")


def _is_empty(connection: psycopg.Connection[Any], table: Table) -> bool:
    query = sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier(CITY, table.name))
    return connection.execute(query).fetchone() is None


def _read(connection: psycopg.Connection[Any], query: str, table: Table) -> list[tuple[Any, ...]]:
    return connection.execute(query.encode(), [f'"{CITY}"."{table.name}"']).fetchall()


def _type(column: Column[Any]) -> _Verbatim:
    return _Verbatim(str(column.type.compile(dialect=DIALECT)))


def _made(column: Column[Any]) -> sql.Composable:
    """Let PostgreSQL make a column for the rows that are there: no trigger runs, no version begins."""
    if MADE_FROM not in column.info:
        return sql.SQL("")
    return sql.SQL(" GENERATED ALWAYS AS ({}) STORED").format(_Verbatim(column.info[MADE_FROM]))


def _checks(table: Table) -> dict[str, str]:
    return {str(one.name): str(one.sqltext) for one in table.constraints if isinstance(one, CheckConstraint)}


def _indexes(table: Table) -> dict[str, str]:
    def text(index: Index) -> str:
        return str(CreateIndex(index).compile(dialect=DIALECT)).strip()

    return {str(index.name): text(index) for index in sorted(table.indexes, key=lambda one: str(one.name))}


def _check_mark(table: Table, check: str, text: str) -> sql.Composed:
    return sql.SQL("COMMENT ON CONSTRAINT {} ON {} IS {}").format(
        sql.Identifier(check), sql.Identifier(CITY, table.name), sql.Literal(_mark(text))
    )


def _index_mark(index: str, text: str) -> sql.Composed:
    return sql.SQL("COMMENT ON INDEX {} IS {}").format(sql.Identifier(CITY, index), sql.Literal(_mark(text)))


def _mark(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
