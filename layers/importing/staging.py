"""The way into a table: binary COPY into a temporary table, regions for all rows at once, ordered INSERT.

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

from layers.definitions import FieldType, GeometryFamily, LayerDefinition
from layers.importing.checking import SYSTEM_FIELDS, Checked
from layers.schema.tables import CITY, REGIONS

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

# Most features lie inside one piece of one of the smallest regions: the index and one exact test find it.
_PLACE_INSIDE: LiteralString = """
    INSERT INTO pg_temp.onemap_placed (n, region_code)
    SELECT DISTINCT ON (s.n) s.n, p.code
    FROM pg_temp.onemap_staging AS s
    JOIN onemap.region_piece AS p ON p.geom && s.geom AND ST_Covers(p.geom, s.geom)
    WHERE p.depth = (SELECT max(d.depth) FROM onemap.region_piece AS d)
    ORDER BY s.n, p.code
"""
# The others: the regions that they touch, and the smallest one that holds them whole.
_PLACE_OTHERS: LiteralString = """
    WITH touched AS MATERIALIZED (
        SELECT s.n, s.geom, onemap.deepest(array_agg(DISTINCT p.prefix)) AS codes
        FROM pg_temp.onemap_staging AS s
        JOIN onemap.region_piece AS p ON p.geom && s.geom AND ST_Intersects(p.geom, s.geom)
        WHERE NOT EXISTS (SELECT FROM pg_temp.onemap_placed AS done WHERE done.n = s.n)
        GROUP BY s.n, s.geom
    )
    INSERT INTO pg_temp.onemap_placed (n, region_code, region_codes)
    SELECT t.n, holder.code, CASE WHEN cardinality(t.codes) > 1 OR holder.code IS NULL THEN t.codes END
    FROM touched AS t LEFT JOIN LATERAL (
        SELECT r.code FROM onemap.region_shape AS r
        WHERE t.codes[1] ^@ r.prefix AND t.codes[cardinality(t.codes)] ^@ r.prefix
          AND ST_Covers(r.geom, t.geom)
        ORDER BY r.depth DESC, r.code LIMIT 1
    ) AS holder ON true
"""


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
    kinds = {name: SYSTEM_FIELDS[name] for name in checked.columns if name in SYSTEM_FIELDS}
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
    connection.execute("DROP TABLE IF EXISTS pg_temp.onemap_staging, pg_temp.onemap_placed")
    connection.execute(
        sql.SQL("CREATE TEMP TABLE onemap_staging (n integer{}) ON COMMIT DROP").format(
            sql.SQL(", ") + listed if columns else sql.SQL("")
        )
    )
    connection.execute(
        "CREATE TEMP TABLE onemap_placed (n integer PRIMARY KEY, region_code text, region_codes text[])"
        " ON COMMIT DROP"
    )
    _copy(connection, rows, columns, progress)
    return Staged(tuple(name for name, _, _ in columns), len(rows))


def place(connection: psycopg.Connection[Any], definition: LayerDefinition) -> None:
    """Find the region of each staged row, all at once, into ``onemap_placed``."""
    if definition.geometry is GeometryFamily.NONE or definition.table == REGIONS:
        return
    row = connection.execute("SELECT EXISTS (SELECT FROM onemap.region_piece)").fetchone()
    if row is None or not row[0]:
        return
    connection.execute(_PLACE_INSIDE)
    connection.execute("ANALYZE pg_temp.onemap_placed")
    connection.execute(_PLACE_OTHERS)


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
        if name == "region_code":
            continue
        column = sql.Identifier("s", name)
        if name not in staged.columns:
            value: sql.Composable = sql.Literal(defaults[name])
        elif name in defaults:
            value = sql.SQL("coalesce({}, {})").format(column, sql.Literal(defaults[name]))
        else:
            value = column
        targets.append(sql.Identifier(name))
        values.append(value)
    given = sql.SQL("s.region_code, " if "region_code" in staged.columns else "")
    targets += [sql.Identifier("region_code"), sql.Identifier("region_codes")]
    values += [sql.SQL("coalesce({}p.region_code)").format(given), sql.SQL("p.region_codes")]
    order = sql.SQL(" ORDER BY s.geom" if "geom" in staged.columns else " ORDER BY s.n")
    query = sql.SQL(
        "WITH added AS (INSERT INTO {} ({}) SELECT {} FROM pg_temp.onemap_staging AS s"
        " LEFT JOIN pg_temp.onemap_placed AS p USING (n) WHERE s.n <> ALL (%s){} RETURNING id)"
        " SELECT count(*), min(id), max(id) FROM added"
    ).format(
        sql.Identifier(CITY, definition.table), sql.SQL(", ").join(targets), sql.SQL(", ").join(values), order
    )
    row = connection.execute(query, [list(skipped)]).fetchone()
    if row is None:
        return 0, None, None
    return int(row[0]), row[1], row[2]


def _as_wkb(shapes: NDArray[np.object_]) -> list[bytes | None]:
    made: list[bytes | None] = shapely.to_wkb(
        shapely.set_srid(shapes, 4326), include_srid=True, byte_order=1
    ).tolist()
    return made


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
