"""The way into a table: binary COPY into a temporary table, then an ordered INSERT.

COPY into a table with row-level security is refused by PostgreSQL, keys that the table has must be found, and
rows must be stored in Hilbert order: hence the temporary table. Only the owner of an empty table needs none
of this and copies straight into it, see `layers.importing.filling`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql

from layers.definitions import FieldType, LayerDefinition
from layers.importing.binary_copy import HEADER, TRAILER, CopyColumn, Encoded, numbers_as_column
from layers.importing.binary_geometry import MERCATOR
from layers.importing.checking import SYSTEM_FIELDS, Checked
from layers.schema.names import CITY, CLEARANCE, MERCATOR_COPY
from layers.schema.tables import has_clearance

Progress = Callable[[int, int], None]

_SQL_TYPES: dict[FieldType, LiteralString] = {
    FieldType.TEXT: "text",
    FieldType.INTEGER: "bigint",
    FieldType.NUMBER: "double precision",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.DATETIME: "timestamptz",
    FieldType.CODE: "text",
    FieldType.CODES: "text[]",
    FieldType.GEOMETRY: "geometry",
}

#: Rows made ready at once; so few fit into the socket's buffer that the server works while the next are made.
_CHUNK = 1_000
_TOLD_EVERY = 20 * _CHUNK


@dataclass(frozen=True, slots=True)
class Staged:
    """What lies in the staging table.

    Attributes
    ----------
    columns : tuple of str
        Columns of the layer's table that the rows bring.
    rows : int
        How many.
    """

    columns: tuple[str, ...]
    rows: int


def columns_of(definition: LayerDefinition, checked: Checked) -> list[CopyColumn]:
    """Return what rows bring and what is made from their geometry, as columns to copy; it is the first."""
    system = {**SYSTEM_FIELDS, "region_codes": FieldType.CODES}
    kinds = {name: system[name] for name in checked.columns if name in system}
    kinds |= {one.name: one.type for one in definition.fields if one.name in checked.columns}
    columns = [CopyColumn(name, kind, checked.columns[name]) for name, kind in kinds.items()]
    columns += [CopyColumn(name, FieldType.GEOMETRY, shapes) for name, shapes in checked.geometries.items()]
    if checked.geometry is not None:
        columns.insert(0, CopyColumn("geom", FieldType.GEOMETRY, checked.geometry))
        columns.append(CopyColumn(MERCATOR_COPY, FieldType.GEOMETRY, checked.geometry, MERCATOR))
        if has_clearance(definition):
            columns.append(CopyColumn(CLEARANCE, "clearance", checked.geometry))
    return columns


def copy_rows(
    connection: psycopg.Connection[Any],
    table: sql.Identifier,
    columns: Sequence[CopyColumn],
    rows: NDArray[np.intp],
    progress: Progress | None,
) -> None:
    """Copy rows into a table, in their order; they are joined while the server takes those before."""
    encoded = Encoded(columns, rows)
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(table, names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(HEADER)
        for start in range(0, len(rows), _CHUNK):
            copy.write(encoded.rows(rows[start : start + _CHUNK]))
            if progress is not None and start % _TOLD_EVERY == 0:
                progress(min(start + _CHUNK, len(rows)), len(rows))
        if progress is not None:
            progress(len(rows), len(rows))
        copy.write(TRAILER)


def stage(
    connection: psycopg.Connection[Any],
    definition: LayerDefinition,
    checked: Checked,
    progress: Progress | None,
) -> Staged:
    """Copy the good rows into the temporary table ``onemap_staging``, with their number as ``n``."""
    rows = np.flatnonzero(checked.good)
    columns = columns_of(definition, checked)
    connection.execute("DROP TABLE IF EXISTS pg_temp.onemap_staging")
    connection.execute(
        sql.SQL("CREATE TEMP TABLE onemap_staging ({}) ON COMMIT DROP").format(
            sql.SQL(", ").join([sql.SQL("n bigint").format(), *_declared(columns)])
        )
    )
    numbered = [numbers_as_column("n", len(checked.good)), *columns]
    copy_rows(connection, sql.Identifier("pg_temp", "onemap_staging"), numbered, rows, progress)
    connection.execute("ANALYZE pg_temp.onemap_staging (n)")
    return Staged(tuple(column.name for column in columns), len(rows))


def _declared(columns: Sequence[CopyColumn]) -> Iterator[sql.Composed]:
    for column in columns:
        kind = "real" if column.kind == "clearance" else _SQL_TYPES[column.kind]
        yield sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(kind))


def insert(
    connection: psycopg.Connection[Any],
    definition: LayerDefinition,
    staged: Staged,
    defaults: dict[str, str],
    skipped: Sequence[int] = (),
) -> tuple[int, int | None, int | None]:
    """Move the staged rows into the table, in Hilbert order.

    Parameters
    ----------
    defaults : dict of str to str
        Values of columns where a row brings none.
    skipped : sequence of int
        Numbers of rows to leave behind.

    Returns
    -------
    (int, int or None, int or None)
        How many rows, their smallest and their largest id.
    """
    targets: list[sql.Composable] = []
    values: list[sql.Composable] = []
    for name in dict.fromkeys((*staged.columns, *defaults)):
        column = sql.Identifier("s", name)
        if name not in staged.columns:
            value: sql.Composable = sql.Literal(defaults[name])
        elif name in defaults:
            value = sql.SQL("coalesce({}, {})").format(column, sql.Literal(defaults[name]))
        else:
            value = column
        targets.append(sql.Identifier(name))
        values.append(value)
    order = sql.SQL(" ORDER BY s.geom" if "geom" in staged.columns else " ORDER BY s.n")
    query = sql.SQL(
        "WITH added AS (INSERT INTO {} ({}) SELECT {} FROM pg_temp.onemap_staging AS s"
        " WHERE s.n <> ALL (%s){} RETURNING id)"
        " SELECT count(*), min(id), max(id) FROM added"
    ).format(
        sql.Identifier(CITY, definition.table), sql.SQL(", ").join(targets), sql.SQL(", ").join(values), order
    )
    row = connection.execute(query, [list(skipped)]).fetchone()
    connection.execute("DROP TABLE pg_temp.onemap_staging")
    if row is None:
        return 0, None, None
    return int(row[0]), row[1], row[2]
