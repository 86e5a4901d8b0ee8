"""The table of one run: written whole in one transaction, read through functions that test the scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import psycopg
from numpy.typing import NDArray
from psycopg import sql

from geo.cells import corners, resolution_of
from geo.crs import mercator
from geo.errors import Refused
from layers.runs.kinds import Kind
from layers.runs.zooms import bands
from layers.schema.tile_functions import TILE_BUFFER, TILE_EXTENT

Connection = psycopg.Connection[Any]

RESULTS = "results"

#: First key of the advisory locks that keep two attempts at one run from writing at the same time.
WRITING_LOCK = 0x72756E

_ROWS_AT_ONCE = 200_000

#: Is this attempt still the one that works on the run?
IS_OURS = "SELECT FROM onemap.run WHERE id = %s AND attempt = %s AND state = 'running'"

_TABLE = sql.SQL("""
CREATE TABLE {table} (
    cell bigint NOT NULL,
    resolution smallint NOT NULL,
    geom_3857 ext.geometry(Polygon, 3857) NOT NULL,
    {columns}
)""")

_READERS = sql.SQL("""
CREATE FUNCTION {tile}(z integer, x integer, y integer, whole_city boolean, prefixes text[])
RETURNS TABLE (mvt bytea, snapshot text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, ext, pg_temp SET plan_cache_mode = force_generic_plan
AS $body$
<<v>>
DECLARE
    frame geometry := ST_TileEnvelope($1, $2, $3);
    buffered geometry := ST_TileEnvelope($1, $2, $3, margin => {margin});
BEGIN
    {refuse_tile}
    snapshot := pg_current_snapshot()::text;
    {bands}
    mvt := coalesce(mvt, '');
    RETURN NEXT;
END
$body$;
CREATE FUNCTION {cells}(
    of_resolution integer, after_cell bigint, row_limit integer, whole_city boolean, prefixes text[]
) RETURNS TABLE (cell bigint, {typed})
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, ext, pg_temp
AS $body$
<<v>>
DECLARE
    wanted smallint := $1;
    after bigint := $2;
    most integer := $3;
BEGIN
    {refuse_cells}
    RETURN QUERY SELECT t.cell, {values} FROM {table} AS t
    WHERE t.resolution = v.wanted AND t.cell > v.after ORDER BY t.cell LIMIT v.most;
END
$body$;
REVOKE EXECUTE ON FUNCTION {tile}(integer, integer, integer, boolean, text[]) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION {cells}(integer, bigint, integer, boolean, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {tile}(integer, integer, integer, boolean, text[]) TO onemap_app;
GRANT EXECUTE ON FUNCTION {cells}(integer, bigint, integer, boolean, text[]) TO onemap_app;
""")

# The class of a run is tested when its record is read, as a layer's is with its scope; here the regions are.
_REFUSE = sql.SQL("""IF {whole} IS NULL OR (NOT {whole} AND (
        {prefixes} IS NULL OR cardinality({prefixes}) = 0 OR '' = ANY ({prefixes})
        OR array_position({prefixes}, NULL) IS NOT NULL)) THEN
        RAISE EXCEPTION 'reading needs a scope: the whole city or region prefixes'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    {reach}""")
_REACH = sql.SQL("""IF NOT {whole} AND (cardinality({codes}::text[]) = 0 OR EXISTS (
        SELECT FROM unnest({codes}::text[]) AS code WHERE NOT code ^@ ANY ({prefixes}))) THEN
        RAISE EXCEPTION 'the run reaches beyond the scope' USING ERRCODE = 'insufficient_privilege';
    END IF;""")

_BAND = sql.SQL("""IF $1 >= {zoom} THEN
        SELECT ST_AsMVT(q, {layer}, {extent}, '_geom') INTO mvt FROM (
            SELECT lpad(to_hex(t.cell), 15, '0') AS cell, {values},
                   ST_AsMVTGeom(t.geom_3857, v.frame, {extent}, {buffer}, true) AS _geom
            FROM {table} AS t WHERE t.resolution = {resolution} AND t.geom_3857 && v.buffered
        ) AS q;
    """)


def table_name(kind: str, run: int) -> str:
    """Return the name of a run's table in schema ``results``.

    Examples
    --------
    >>> table_name("density", 12)
    'density_12'
    """
    return f"{kind}_{run}"


def write(
    connection: Connection,
    kind: Kind,
    run: int,
    cells: pd.DataFrame,
    *,
    attempt: int,
    reach: list[str] | None,
    progress: Callable[[float], None],
) -> int:
    """Write the cells of a run into its table, whole or not at all.

    Parameters
    ----------
    connection : psycopg.Connection
        Of `layers.database.admin_connection`, outside a transaction.
    cells : DataFrame
        As in `layers.runs.kinds.Outcome`.
    attempt : int
        The attempt at the run that writes.
    reach : list of str, optional
        Region codes that a reader must reach; None where no input was cut by region.

    Returns
    -------
    int
        Rows written. Nothing points to the table yet: `layers.runs.publishing` does that.

    Raises
    ------
    Refused
        Where another attempt has taken the run over: what it wrote stays.
    """
    table = sql.Identifier(RESULTS, table_name(kind.name, run))
    cells = cells.sort_index()
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s, %s::integer)", [WRITING_LOCK, run % 2**31])
        if connection.execute(IS_OURS, [run, attempt]).fetchone() is None:
            raise Refused(f"run {run} is in other hands", run=run, attempt=attempt)
        drop(connection, kind.name, run)
        create_table(connection, kind, run)
        # The table is new in this transaction, so its rows can be frozen at once.
        copying = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY, FREEZE)").format(table)
        with connection.cursor() as cursor, cursor.copy(copying) as copy:
            copy.write(b"PGCOPY\n\xff\r\n\x00" + bytes(8))
            for start in range(0, len(cells), _ROWS_AT_ONCE):
                part = cells.iloc[start : start + _ROWS_AT_ONCE]
                for rows in binary_rows(part.index.to_numpy(), part[kind.column_names].to_numpy(float)):
                    copy.write(rows)
                progress(0.6 * min(1.0, (start + _ROWS_AT_ONCE) / max(len(cells), 1)))
            copy.write(b"\xff\xff")
        make_readable(connection, kind, run, _levels(cells), reach)
        progress(0.9)
        connection.execute(sql.SQL("ANALYZE {}").format(table))
    progress(1.0)
    return len(cells)


def drop(connection: Connection, kind: str, run: int) -> None:
    """Drop the table of a run, its readers and its parts, where they exist."""
    name = table_name(kind, run)
    arguments = {"tile": "(integer, integer, integer, boolean, text[])",
                 "cells": "(integer, bigint, integer, boolean, text[])",
                 "features": "(text, integer, boolean, text[])"}  # fmt: skip
    for reader, types in arguments.items():
        function = sql.Identifier(RESULTS, f"{name}_{reader}")
        connection.execute(sql.SQL("DROP FUNCTION IF EXISTS {}" + types).format(function))
    connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(RESULTS, name)))
    connection.execute("DELETE FROM onemap.run_part WHERE run = %s", [run])


def create_table(connection: Connection, kind: Kind, run: int) -> sql.Identifier:
    """Make the empty table of a run and return its name."""
    table = sql.Identifier(RESULTS, table_name(kind.name, run))
    columns = [sql.SQL("{} double precision").format(sql.Identifier(name)) for name in kind.column_names]
    connection.execute(_TABLE.format(table=table, columns=sql.SQL(", ").join(columns)))
    return table


def make_readable(
    connection: Connection, kind: Kind, run: int, levels: list[int], reach: list[str] | None
) -> None:
    """Give a filled table its indexes and its readers; ``levels`` are its resolutions."""
    _index(connection, kind, run, levels)
    _make_readers(connection, kind, run, levels, reach)


def _index(connection: Connection, kind: Kind, run: int, levels: list[int]) -> None:
    name = table_name(kind.name, run)
    table = sql.Identifier(RESULTS, name)
    connection.execute(
        sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} PRIMARY KEY (cell)").format(
            table, sql.Identifier(f"{name}_pkey")
        )
    )
    for resolution in levels:
        connection.execute(
            sql.SQL("CREATE INDEX {} ON {} USING gist (geom_3857) WHERE resolution = {}").format(
                sql.Identifier(f"{name}_{resolution}"), table, sql.Literal(resolution)
            )
        )


def _make_readers(
    connection: Connection, kind: Kind, run: int, levels: list[int], reach: list[str] | None
) -> None:
    name = table_name(kind.name, run)
    table = sql.Identifier(RESULTS, name)
    values = sql.SQL(", ").join(sql.Identifier("t", column) for column in kind.column_names)
    levels = levels or [0]
    drawn = sql.SQL("ELS").join(
        _BAND.format(
            zoom=sql.Literal(zoom), layer=sql.Literal(kind.name), extent=sql.Literal(TILE_EXTENT),
            buffer=sql.Literal(TILE_BUFFER), values=values, table=table, resolution=sql.Literal(resolution),
        )
        for zoom, resolution in bands(max(levels), min(levels))
    ) + sql.SQL("END IF;")  # fmt: skip
    connection.execute(
        _READERS.format(
            tile=sql.Identifier(RESULTS, f"{name}_tile"),
            cells=sql.Identifier(RESULTS, f"{name}_cells"),
            margin=sql.Literal(TILE_BUFFER / TILE_EXTENT),
            refuse_tile=refuse(sql.SQL("$4"), sql.SQL("$5"), reach),
            refuse_cells=refuse(sql.SQL("$4"), sql.SQL("$5"), reach),
            bands=drawn,
            typed=sql.SQL(", ").join(
                sql.SQL("{} double precision").format(sql.Identifier(column)) for column in kind.column_names
            ),
            values=values,
            table=table,
        )
    )


def refuse(whole: sql.SQL, prefixes: sql.SQL, reach: list[str] | None) -> sql.Composed:
    """Return the statements with which a reader refuses a scope that is missing or does not reach."""
    cut: sql.Composable = sql.SQL("")
    if reach is not None:
        cut = _REACH.format(whole=whole, prefixes=prefixes, codes=sql.Literal(reach))
    return _REFUSE.format(whole=whole, prefixes=prefixes, reach=cut)


def _levels(cells: pd.DataFrame) -> list[int]:
    return sorted({int(one) for one in np.unique(resolution_of(cells.index.to_numpy()))}, reverse=True)


def binary_rows(cells: NDArray[np.uint64], values: NDArray[np.float64]) -> Iterator[bytes]:
    """Yield rows in PostgreSQL's binary COPY format, made for whole groups of rows of one length.

    Nearly all cells are hexagons with all values; pentagons, cells on the edges of H3's icosahedron and
    missing values have rows of other lengths and are grouped by them.
    """
    points, sizes = corners(cells)
    points = mercator(points)
    first = np.cumsum(sizes) - sizes
    missing = ~np.isfinite(values)
    pattern = missing @ (1 << np.arange(values.shape[1]))
    resolutions = resolution_of(cells)
    for size, gaps in np.unique(np.column_stack([sizes, pattern]), axis=0):
        chosen = np.flatnonzero((sizes == size) & (pattern == gaps))
        present = [not gaps >> column & 1 for column in range(values.shape[1])]
        rows = np.zeros(len(chosen), dtype=_layout(int(size), present))
        rows["fields"] = 3 + values.shape[1]
        rows["cell size"], rows["cell"] = 8, cells[chosen].astype(np.int64)
        rows["resolution size"], rows["resolution"] = 2, resolutions[chosen]
        rows["shape size"] = 17 + 16 * size
        rows["order"], rows["type"], rows["srid"] = 1, 0x2000_0003, 3857  # EWKB, little-endian, with its SRID
        rows["rings"], rows["points"] = 1, size
        rows["outline"] = points[first[chosen, None] + np.arange(size)].reshape(len(chosen), -1)
        for column, is_there in enumerate(present):
            rows[f"size {column}"] = 8 if is_there else -1
            if is_there:
                rows[f"value {column}"] = values[chosen, column]
        yield rows.tobytes()


def _layout(points: int, present: list[bool]) -> np.dtype[Any]:
    layout: list[Any] = [
        ("fields", ">i2"), ("cell size", ">i4"), ("cell", ">i8"), ("resolution size", ">i4"),
        ("resolution", ">i2"), ("shape size", ">i4"), ("order", "u1"), ("type", "<u4"), ("srid", "<u4"),
        ("rings", "<u4"), ("points", "<u4"), ("outline", "<f8", (2 * points,)),
    ]  # fmt: skip
    for column, is_there in enumerate(present):
        layout.append((f"size {column}", ">i4"))
        if is_there:
            layout.append((f"value {column}", ">f8"))
    return np.dtype(layout)
