"""The table of a run whose result is features: viewsheds, gaps, planned sites, stretches of road.

Ids are texts of the kind's own, so that a place that stays keeps its name. A table is written whole in one
transaction and read through functions that test the scope, as `layers.runs.results` does with cells.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import pandas as pd
import psycopg
import shapely
from psycopg import sql

from geo.errors import Refused
from layers.runs.kinds import Kind
from layers.runs.results import IS_OURS, RESULTS, WRITING_LOCK, drop, refuse, table_name
from layers.schema.tile_functions import TILE_EXTENT

Connection = psycopg.Connection[Any]

_ROWS_AT_ONCE = 5_000
#: Features smaller than this part of a tile's side are not drawn in it.
_LEAST_SIDE = 1 / 2048
#: Margin of a tile, in its units: half of the widest dot of a point, which would else end at the edge.
_MARGIN = TILE_EXTENT // 16

_TABLE = sql.SQL("""
CREATE TABLE {table} (
    id text COLLATE "C" PRIMARY KEY,
    geom ext.geometry(Geometry, 4326) NOT NULL,
    geom_3857 ext.geometry(Geometry, 3857) NOT NULL,
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
    least double precision := (ST_XMax(frame) - ST_XMin(frame)) * {least};
BEGIN
    {refuse_tile}
    snapshot := pg_current_snapshot()::text;
    SELECT ST_AsMVT(q, {layer}, {extent}, '_geom') INTO mvt FROM (
        SELECT t.id, {values}, ST_AsMVTGeom(t.geom_3857, v.frame, {extent}, {buffer}, true) AS _geom
        FROM {table} AS t
        WHERE t.geom_3857 && v.buffered AND (ST_Dimension(t.geom_3857) = 0 OR greatest(
            ST_XMax(t.geom_3857) - ST_XMin(t.geom_3857), ST_YMax(t.geom_3857) - ST_YMin(t.geom_3857)
        ) >= v.least)
    ) AS q WHERE q._geom IS NOT NULL;
    mvt := coalesce(mvt, '');
    RETURN NEXT;
END
$body$;
CREATE FUNCTION {features}(after_id text, row_limit integer, whole_city boolean, prefixes text[])
RETURNS TABLE (id text, shape bytea, {typed})
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, ext, pg_temp
AS $body$
BEGIN
    {refuse_features}
    RETURN QUERY SELECT t.id, ST_AsBinary(t.geom), {values} FROM {table} AS t
    WHERE t.id > $1 ORDER BY t.id LIMIT $2;
END
$body$;
REVOKE EXECUTE ON FUNCTION {tile}(integer, integer, integer, boolean, text[]) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION {features}(text, integer, boolean, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {tile}(integer, integer, integer, boolean, text[]) TO onemap_app;
GRANT EXECUTE ON FUNCTION {features}(text, integer, boolean, text[]) TO onemap_app;
""")

_PREVIOUS = "SELECT run FROM onemap.run_publication WHERE (kind, region, subject) = (%s, %s, %s)"


def write_features(
    connection: Connection,
    kind: Kind,
    run: int,
    cells: pd.DataFrame,
    *,
    attempt: int,
    reach: list[str] | None,
    progress: Callable[[float], None],
) -> int:
    """Write the features of a run into its table, whole or not at all.

    Parameters
    ----------
    cells : GeoDataFrame
        As in `layers.runs.kinds.Outcome`; features without geometry are left out.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    Refused
        Where another attempt has taken the run over.
    """
    features = gpd.GeoDataFrame(cells)
    features = features[~(features.geometry.isna() | features.geometry.is_empty)].sort_index()
    name = table_name(kind.name, run)
    table = sql.Identifier(RESULTS, name)
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s, %s::integer)", [WRITING_LOCK, run % 2**31])
        if connection.execute(IS_OURS, [run, attempt]).fetchone() is None:
            raise Refused(f"run {run} is in other hands", run=run, attempt=attempt)
        drop(connection, kind.name, run)
        connection.execute(_TABLE.format(table=table, columns=_typed(kind)))
        copying = sql.SQL("COPY {} FROM STDIN").format(table)
        with connection.cursor() as cursor, cursor.copy(copying) as copy:
            for start in range(0, len(features), _ROWS_AT_ONCE):
                for row in _rows(kind, features.iloc[start : start + _ROWS_AT_ONCE]):
                    copy.write_row(row)
                progress(0.8 * min(1.0, (start + _ROWS_AT_ONCE) / max(len(features), 1)))
        connection.execute(
            sql.SQL("CREATE INDEX {} ON {} USING gist (geom_3857)").format(
                sql.Identifier(f"{name}_geom"), table
            )
        )
        whole, prefixes = (sql.SQL("$4"), sql.SQL("$5")), (sql.SQL("$3"), sql.SQL("$4"))
        connection.execute(
            _READERS.format(
                tile=sql.Identifier(RESULTS, f"{name}_tile"),
                features=sql.Identifier(RESULTS, f"{name}_features"),
                margin=sql.Literal(_MARGIN / TILE_EXTENT),
                least=sql.Literal(_LEAST_SIDE),
                refuse_tile=refuse(*whole, reach),
                refuse_features=refuse(*prefixes, reach),
                layer=sql.Literal(kind.name),
                extent=sql.Literal(TILE_EXTENT),
                buffer=sql.Literal(_MARGIN),
                values=sql.SQL(", ").join(sql.Identifier("t", column) for column in kind.column_names),
                typed=_typed(kind),
                table=table,
            )
        )
        connection.execute(sql.SQL("ANALYZE {}").format(table))
    progress(1.0)
    return len(features)


def read_previous(
    connection: Connection, kind: Kind, region: str, subject: str = ""
) -> gpd.GeoDataFrame | None:
    """Return ids and geometry of the published result of a kind, region and subject, or None.

    Parameters
    ----------
    connection : psycopg.Connection
        Of `layers.database.admin_connection`: it is what the run itself is about, of the same class.
    """
    row = connection.execute(_PREVIOUS, [kind.name, region, subject]).fetchone()
    if row is None:
        return None
    table = sql.Identifier(RESULTS, table_name(kind.name, int(row[0])))
    rows = connection.execute(sql.SQL("SELECT id, ext.ST_AsBinary(geom) FROM {}").format(table)).fetchall()
    shapes = shapely.from_wkb([bytes(shape) for _, shape in rows])
    return gpd.GeoDataFrame(geometry=shapes, index=pd.Index([one for one, _ in rows]), crs=4326)


def _typed(kind: Kind) -> sql.Composed:
    types = {"number": sql.SQL("double precision"), "text": sql.SQL("text")}
    return sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column.name), types[column.type]) for column in kind.columns
    )


def _rows(kind: Kind, part: gpd.GeoDataFrame) -> list[tuple[Any, ...]]:
    degrees = shapely.to_wkb(
        shapely.set_srid(part.geometry.to_crs(4326).to_numpy(), 4326), hex=True, include_srid=True
    )
    metres = shapely.to_wkb(
        shapely.set_srid(part.geometry.to_crs(3857).to_numpy(), 3857), hex=True, include_srid=True
    )
    values = part[kind.column_names].astype(object)
    values = values.where(values.notna(), None)
    ids = [str(one) for one in part.index]
    return list(zip(ids, degrees, metres, *(values[name] for name in kind.column_names), strict=True))
