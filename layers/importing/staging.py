"""The way into a table: binary COPY into a temporary table, then an ordered INSERT.

COPY into a table with row-level security is refused by PostgreSQL, and rows must be stored in Hilbert order:
hence the temporary table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray
from psycopg import sql

from layers.definitions import FieldType, LayerDefinition
from layers.importing.checking import SYSTEM_FIELDS, Checked
from layers.schema.tables import CITY

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
_COPY_TYPES: dict[FieldType, str] = {
    FieldType.INTEGER: "int8",
    FieldType.NUMBER: "float8",
    FieldType.BOOLEAN: "bool",
    FieldType.GEOMETRY: "bytea",
    FieldType.CODES: "text[]",
    FieldType.CODE: "text",
}

_CHUNK = 20_000

#: The highest byte of the type, with the flag for a coordinate system, and EPSG:4326, low byte first.
_WITH_SYSTEM = b"\x20" + (4326).to_bytes(4, "little")


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


def stage(
    connection: psycopg.Connection[Any],
    definition: LayerDefinition,
    checked: Checked,
    progress: Callable[[int, int], None] | None,
) -> Staged:
    """Copy the good rows into the temporary table ``onemap_staging``, with their number as ``n``."""
    system = {**SYSTEM_FIELDS, "region_codes": FieldType.CODES}
    kinds = {name: system[name] for name in checked.columns if name in system}
    kinds |= {one.name: one.type for one in definition.fields if one.name in checked.columns}
    rows = np.flatnonzero(checked.good)
    columns: list[tuple[str, FieldType, list[Any]]] = [
        (name, kind, checked.columns[name][rows].tolist()) for name, kind in kinds.items()
    ]
    if checked.geometry is not None:
        columns.insert(0, ("geom", FieldType.GEOMETRY, _as_wkb(checked.geometry[rows])))
    columns += [
        (name, FieldType.GEOMETRY, _as_wkb(shapes[rows])) for name, shapes in checked.geometries.items()
    ]
    listed = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(_SQL_TYPES[kind])) for name, kind, _ in columns
    )
    connection.execute("DROP TABLE IF EXISTS pg_temp.onemap_staging")
    connection.execute(
        sql.SQL("CREATE TEMP TABLE onemap_staging (n integer{}) ON COMMIT DROP").format(
            sql.SQL(", ") + listed if columns else sql.SQL("")
        )
    )
    _copy(connection, rows, columns, progress)
    return Staged(tuple(name for name, _, _ in columns), len(rows))


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
    if row is None:
        return 0, None, None
    return int(row[0]), row[1], row[2]


def _as_wkb(shapes: NDArray[np.object_]) -> list[bytes | None]:
    """Return flat geometries as PostGIS's extended WKB in EPSG:4326.

    The flag and the number of the system are put into plain WKB, which is twice as fast as setting them at
    each geometry first.
    """
    plain = shapely.to_wkb(shapes, byte_order=1).tolist()
    return [None if wkb is None else wkb[:4] + _WITH_SYSTEM + wkb[5:] for wkb in plain]


def _copy(
    connection: psycopg.Connection[Any],
    rows: NDArray[np.intp],
    columns: Sequence[tuple[str, FieldType, list[Any]]],
    progress: Callable[[int, int], None] | None,
) -> None:
    numbers = (rows + 1).tolist()
    names = sql.SQL(", ").join(sql.Identifier(name) for name in ("n", *(name for name, _, _ in columns)))
    statement = sql.SQL("COPY pg_temp.onemap_staging ({}) FROM STDIN (FORMAT binary)").format(names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(["int4", *(_COPY_TYPES.get(kind, _SQL_TYPES[kind]) for _, kind, _ in columns)])
        for start in range(0, len(numbers), _CHUNK):
            part = slice(start, start + _CHUNK)
            for row in zip(numbers[part], *(values[part] for _, _, values in columns), strict=True):
                copy.write_row(row)
            if progress is not None:
                progress(min(start + _CHUNK, len(numbers)), len(numbers))
    connection.execute("ANALYZE pg_temp.onemap_staging (n)")
