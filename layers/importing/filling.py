"""Filling an empty table by its owner: straight COPY in Hilbert order, indexes afterwards.

Nothing in the table can be in the way, and the owner stands above its policies, so the rows need no detour.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import geopandas as gpd
import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql

from layers.definitions import FieldType, GeometryFamily, LayerDefinition
from layers.importing.binary_copy import CopyColumn
from layers.importing.checking import Checked
from layers.importing.staging import Progress, columns_of, copy_rows
from layers.schema.names import CITY, REGIONS

#: From this many rows on, making the indexes anew is faster than keeping them while rows come.
FILL_FROM = 5_000

#: Statistics target of the sample (100 by default): enough for plans, and a quarter of a second faster.
_SAMPLE = 30


def may_fill(connection: psycopg.Connection[Any], definition: LayerDefinition) -> bool:
    """Tell whether the present role owns the layer's table and nothing is in it."""
    owner = connection.execute(
        "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = %s::regclass", _name(definition)
    ).fetchone()
    if owner is None or not owner[0]:
        return False
    query = sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier(CITY, definition.table))
    return connection.execute(query).fetchone() is None


def fill(
    connection: psycopg.Connection[Any],
    definition: LayerDefinition,
    checked: Checked,
    defaults: dict[str, str],
    progress: Progress | None,
) -> tuple[int, int | None, int | None]:
    """Copy the good rows into the empty table; return how many, their smallest and their largest id."""
    rows = np.flatnonzero(checked.good)
    if checked.geometry is not None:
        rows = rows[_along_the_curve(checked.geometry[rows])]
    columns = [_without_gaps(column, defaults) for column in columns_of(definition, checked)]
    brought = {column.name for column in columns}
    columns += [
        CopyColumn(name, FieldType.TEXT, value) for name, value in defaults.items() if name not in brought
    ]
    table = sql.Identifier(CITY, definition.table)
    with _indexes_afterwards(connection, definition), _no_row_triggers(connection, definition):
        copy_rows(connection, table, columns, rows, progress)
    ids = connection.execute(sql.SQL("SELECT min(id), max(id) FROM {}").format(table)).fetchone()
    return (len(rows), *ids) if ids is not None else (len(rows), None, None)


def analyse(connection: psycopg.Connection[Any], definition: LayerDefinition) -> None:
    """Tell the planner what has come, as the owner."""
    listed = connection.execute(
        "SELECT array_agg(attname::text) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'geom'",
        _name(definition),
    ).fetchone()
    # No query plans by `geom`: boxes are found by geom_3857.
    names = sql.SQL(", ").join(map(sql.Identifier, listed[0] if listed else ()))
    connection.execute(sql.SQL("SET LOCAL default_statistics_target = {}").format(_SAMPLE))
    connection.execute(sql.SQL("ANALYZE {} ({})").format(sql.Identifier(CITY, definition.table), names))
    connection.execute("SET LOCAL default_statistics_target = DEFAULT")


def _name(definition: LayerDefinition) -> list[str]:
    return [f'"{CITY}"."{definition.table}"']


def _along_the_curve(shapes: NDArray[np.object_]) -> NDArray[np.intp]:
    """Return the order in which neighbours follow each other along a Hilbert curve."""
    return np.argsort(gpd.GeoSeries(shapes, crs=4326).hilbert_distance().to_numpy(), kind="stable")


def _without_gaps(column: CopyColumn, defaults: dict[str, str]) -> CopyColumn:
    default = defaults.get(column.name)
    if default is None or isinstance(column.values, str):
        return column
    values = np.array([default if value is None else value for value in column.values], dtype=object)
    return CopyColumn(column.name, column.kind, values)


@contextmanager
def _no_row_triggers(connection: psycopg.Connection[Any], definition: LayerDefinition) -> Iterator[None]:
    """Switch off the triggers that place single rows and turn them to mercator: these bring both.

    Where there is a trigger before each row, COPY writes row by row and not page by page.
    """
    names = [] if definition.geometry is GeometryFamily.NONE else ["c_mercator_insert"]
    if names and definition.table != REGIONS:
        names.append("b_region_insert")
    table = sql.Identifier(CITY, definition.table)
    for name in names:
        connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER {}").format(table, sql.Identifier(name)))
    yield
    for name in names:
        connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER {}").format(table, sql.Identifier(name)))


@contextmanager
def _indexes_afterwards(connection: psycopg.Connection[Any], definition: LayerDefinition) -> Iterator[None]:
    """Take away the indexes that every row would go into, and make them again at the end."""
    indexes = connection.execute(
        "SELECT c.relname, pg_get_indexdef(c.oid), obj_description(c.oid, 'pg_class')"
        " FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid"
        " WHERE i.indrelid = %s::regclass AND NOT i.indisprimary AND i.indpred IS NULL",
        _name(definition),
    ).fetchall()
    for index, _, _ in indexes:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(CITY, index)))
    yield
    for index, statement, mark in indexes:
        connection.execute(statement.encode())
        connection.execute(
            sql.SQL("COMMENT ON INDEX {} IS {}").format(sql.Identifier(CITY, index), sql.Literal(mark))
        )
