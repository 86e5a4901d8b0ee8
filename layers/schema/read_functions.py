"""The hot reads of a layer: a tile, a thinned tile, many items, one item, as security-definer functions.

Row-level security keeps PostgreSQL from using the spatial index (``&&`` is not leakproof), so these
filter by the scope themselves. They take it as arguments, refuse an empty one, and are the only way round the
policies (DESIGN section 8).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from psycopg import sql

from layers.definitions import Field, FieldType, GeometryFamily, LayerDefinition
from layers.schema.names import CITY, read_function
from layers.schema.policies import by_region
from layers.schema.versions import Rows, present

#: Extent of a tile and its margin, in tile units: features beside the tile are drawn over its edge.
TILE_EXTENT = 4096
TILE_BUFFER = 64

_HEAD = sql.SQL("""
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, ext, pg_temp
SET plan_cache_mode = force_generic_plan
AS $body$
<<v>>
DECLARE
    -- The prefixes of the scope and, for the index, the range of all codes that start with one of them.
    prefixes text[] := {prefixes};
    low text;
    high text;
""")

REFUSE = sql.SQL("""
    IF {whole} IS NULL OR (NOT {whole} AND (
        v.prefixes IS NULL OR cardinality(v.prefixes) = 0 OR '' = ANY (v.prefixes)
        OR array_position(v.prefixes, NULL) IS NOT NULL)) THEN
        RAISE EXCEPTION 'reading needs a scope: the whole city or region prefixes'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT {whole} THEN
        SELECT min(p COLLATE "C"), max(p COLLATE "C") || '~' INTO v.low, v.high FROM unnest(v.prefixes) AS p;
    END IF;
""")

IN_REGIONS = sql.SQL("""
        AND ((t.region_code >= v.low AND t.region_code < v.high AND t.region_code ^@ ANY (v.prefixes))
             OR (t.region_codes IS NOT NULL AND onemap.touches(t.region_codes, v.prefixes)))""")

_TILE = sql.SQL("""
CREATE OR REPLACE FUNCTION {function}(
    z integer, x integer, y integer, whole_city boolean, prefixes text[]{arguments}
) RETURNS TABLE (mvt bytea, snapshot text)
{head}
    frame geometry := ST_TileEnvelope($1, $2, $3);
    buffered geometry := ST_TileEnvelope($1, $2, $3, margin => {margin});
    area geometry;{declared}
BEGIN
    {refuse}
    snapshot := pg_current_snapshot()::text;
    {area}
    {bands}
    mvt := coalesce(mvt, '');
    RETURN NEXT;
END
$body$;
""")

_TILE_QUERY = sql.SQL("""
        SELECT ST_AsMVT(q, {layer}, {extent}, '_geom', 'id') INTO mvt FROM (
            SELECT t.id, ST_AsMVTGeom({shape}, v.frame, {extent}, {buffer}, true) AS _geom{attributes}
            FROM {table} AS t
            WHERE t.geom_3857 && v.buffered{regions}
        ) AS q;""")

_THIN = sql.SQL("""
CREATE OR REPLACE FUNCTION {function}(
    z integer, x integer, y integer, whole_city boolean, prefixes text[], cells integer{arguments}
) RETURNS TABLE (mvt bytea, snapshot text)
{head}
    frame geometry := ST_TileEnvelope($1, $2, $3);
    buffered geometry := ST_TileEnvelope($1, $2, $3, margin => {margin});
    area geometry;{declared}
    west double precision := ST_XMin(v.frame);
    north double precision := ST_YMax(v.frame);
    -- Edge of a cell in metres. Cells are cells of the tile, so that what changes in one stays in its tile.
    cell double precision := (ST_XMax(v.frame) - ST_XMin(v.frame)) / $6;
    most integer := $6 * $6 * 5 / 8;
    found bigint;
BEGIN
    {refuse}
    snapshot := pg_current_snapshot()::text;
    {area}
    IF $4 THEN{count}
    ELSE{count_of_regions}
    END IF;
    IF found <= v.most THEN
        SELECT d.mvt INTO mvt FROM {plain}($1, $2, $3, $4, $5{passed}) AS d;
        RETURN NEXT;
        RETURN;
    END IF;
    {bands}
    mvt := coalesce(mvt, '');
    RETURN NEXT;
END
$body$;
""")

_COUNT = sql.SQL("""
        SELECT count(*) INTO found FROM (
            SELECT FROM {table} AS t WHERE t.geom_3857 && v.buffered{regions} LIMIT v.most + 1
        ) AS few;""")

# Of the points in a cell the first one stands for all, with their number.
_THIN_POINTS = sql.SQL("""
        SELECT ST_AsMVT(q, {layer}, {extent}, '_geom', 'id') INTO mvt FROM (
            SELECT t.id, ST_AsMVTGeom({shape}, v.frame, {extent}, {buffer}, true) AS _geom,
                   k.point_count{attributes}
            FROM (
                SELECT min(t.id) AS first_id, count(*) AS point_count FROM {table} AS t
                WHERE t.geom_3857 && v.buffered{regions}
                -- one number for column and row, which is half the work of two
                GROUP BY floor((ST_X(t.geom_3857) - v.west) / v.cell)::integer * 65536
                         + floor((v.north - ST_Y(t.geom_3857)) / v.cell)::integer
            ) AS k
            JOIN {table} AS t ON t.id = k.first_id
        ) AS q;""")

# Of lines and areas the largest stay, without bends that cannot be seen; the tile says that it lacks some.
_THIN_SHAPES = sql.SQL("""
        SELECT ST_AsMVT(q, {layer}, {extent}, '_geom', 'id') INTO mvt FROM (
            SELECT t.id, ST_AsMVTGeom(
                ST_Simplify({shape}, v.cell * $6 * 2 / {extent}, true), v.frame, {extent}, {buffer}, true
            ) AS _geom, true AS thinned{attributes}
            FROM {table} AS t
            WHERE t.geom_3857 && v.buffered{regions}
            ORDER BY greatest(ST_XMax(t.geom_3857) - ST_XMin(t.geom_3857),
                              ST_YMax(t.geom_3857) - ST_YMin(t.geom_3857)) DESC, t.id
            LIMIT v.most
        ) AS q;""")

_ITEMS = sql.SQL("""
CREATE OR REPLACE FUNCTION {function}(
    box double precision[], time_from timestamptz, time_to timestamptz, after_id bigint, row_limit integer,
    whole_city boolean, prefixes text[]
) RETURNS SETOF {rows}
{head}
    after bigint := coalesce($4, 0);
    since timestamptz := coalesce($2, '-infinity');
    until timestamptz := coalesce($3, 'infinity');
    timed boolean := $2 IS NOT NULL OR $3 IS NOT NULL;
    most integer := $5;
    {box}
BEGIN
    {refuse}
    {choice}
END
$body$;
""")

_BOX = sql.SQL("""
    asked geometry := ST_MakeEnvelope($1[1], $1[2], $1[3], $1[4], 4326);
    -- Mercator ends before the poles do.
    mercator geometry := ST_Transform(ST_MakeEnvelope(
        greatest($1[1], -180), greatest($1[2], -85.06), least($1[3], 180), least($1[4], 85.06), 4326), 3857);
    -- A box that holds much of the layer is read in the order of the ids, a smaller one by the index.
    wide boolean := $1 IS NOT NULL AND onemap.is_wide({table_name}, $1);
    area geometry;""")

_ITEMS_QUERY = sql.SQL("""
        RETURN QUERY SELECT t.* FROM {table} AS t
        WHERE t.id > v.after{box}{time}{regions}
        ORDER BY t.id LIMIT v.most;""")

_CLIPPED_QUERY = sql.SQL("""
        area := onemap.region_area(v.prefixes);
        FOR kept IN
            SELECT t.* FROM {table} AS t
            WHERE t.id > v.after{box}{time}{regions}
              AND (t.region_codes IS NULL OR onemap.clipped(t.geom, v.area) IS NOT NULL)
            ORDER BY t.id LIMIT v.most
        LOOP
            IF kept.region_codes IS NOT NULL THEN
                kept.geom := onemap.clipped(kept.geom, area);
                kept.geom_3857 := ST_Transform(kept.geom, 3857);
            END IF;
            RETURN NEXT kept;
        END LOOP;""")

_ITEM = sql.SQL("""
CREATE OR REPLACE FUNCTION {function}(feature_id bigint, whole_city boolean, prefixes text[])
RETURNS SETOF {rows}
{head}
    wanted bigint := $1;
    kept {rows}%ROWTYPE;
BEGIN
    {refuse}
    IF {whole} THEN
        RETURN QUERY SELECT t.* FROM {table} AS t WHERE t.id = v.wanted;
        RETURN;
    END IF;
    SELECT t.* INTO kept FROM {table} AS t WHERE t.id = v.wanted{regions};
    IF NOT FOUND THEN
        RETURN;
    END IF;
    {clip}
    RETURN NEXT kept;
END
$body$;
""")

_CLIP_ONE = sql.SQL("""
    IF kept.region_codes IS NOT NULL THEN
        kept.geom := onemap.clipped(kept.geom, onemap.region_area(v.prefixes));
        IF kept.geom IS NULL THEN
            RETURN;
        END IF;
        kept.geom_3857 := ST_Transform(kept.geom, 3857);
    END IF;""")

GRANT = sql.SQL("""
REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {function} TO onemap_app;
""")


def read_functions(layer: LayerDefinition, whole: LayerDefinition) -> sql.Composed:
    """Return the statements that make the read functions of a layer.

    Parameters
    ----------
    layer : LayerDefinition
        The layer to read, possibly a part of another one.
    whole : LayerDefinition
        The layer whose table holds the rows; the same as `layer` where it is no part.
    """
    made = _items(layer, whole) + _item(layer, whole)
    return (
        made if layer.geometry is GeometryFamily.NONE else tile_functions(layer, whole, present(layer)) + made
    )


def clips(layer: LayerDefinition, whole: LayerDefinition) -> bool:
    """Tell whether features that cross are cut to the reader's regions: restricted ones, and no points."""
    return by_region(whole) and layer.geometry not in (GeometryFamily.POINT, GeometryFamily.NONE)


def head(prefixes: LiteralString) -> sql.Composed:
    """Return the beginning of a function that finds the prefixes of the scope in an argument."""
    return _HEAD.format(prefixes=sql.SQL(prefixes))


def _bands(layer: LayerDefinition) -> Iterator[tuple[int, list[Field]]]:
    """Yield (smallest zoom, fields in tiles from there on), largest zoom first."""
    starts = {0, *(field.tile_from for field in layer.fields if field.tile_from is not None)}
    for start in sorted(starts, reverse=True):
        yield start, tile_fields(layer, start)


def tile_fields(layer: LayerDefinition, zoom: int) -> list[Field]:
    """Return the fields that stand in the layer's tiles of a zoom."""
    return [field for field in layer.fields if field.tile_from is not None and field.tile_from <= zoom]


def tile_attributes(fields: list[Field]) -> sql.Composed:
    """Return what MVT takes of a row ``t`` beside its shape, beginning with a comma."""
    shown = [field for field in fields if field.type is not FieldType.GEOMETRY]
    return sql.SQL(", t.code, t.status") + sql.SQL("").join(map(_attribute, shown))


def _attribute(field: Field) -> sql.Composed:
    """Return a field as a value that MVT knows: times, dates and lists become text."""
    name = sql.Identifier(field.name)
    match field.type:
        case FieldType.DATE:
            value = sql.SQL("to_char(t.{name}, 'YYYY-MM-DD')")
        case FieldType.DATETIME:
            value = sql.SQL("to_char(t.{name} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")
        case FieldType.CODES:
            value = sql.SQL("array_to_string(t.{name}, ',')")
        case _:
            value = sql.SQL("t.{name}")
    return sql.SQL(", ") + value.format(name=name) + sql.SQL(" AS {}").format(name)


def tile_functions(layer: LayerDefinition, whole: LayerDefinition, rows: Rows) -> sql.Composed:
    """Return the functions that draw a tile: with everything in it, and thinned where that is too much.

    Parameters
    ----------
    layer, whole : LayerDefinition
        As for `read_functions`.
    rows : Rows
        Where the features come from; what it asks for stands behind the other arguments.
    """
    margin = sql.Literal(TILE_BUFFER / TILE_EXTENT)
    area = sql.SQL("""IF NOT $4 THEN
        area := ST_Transform(onemap.region_area(v.prefixes), 3857);
    END IF;""")
    shared = {
        "head": head("$5"),
        "margin": margin,
        "refuse": REFUSE.format(whole=sql.SQL("$4")),
        "area": area if clips(layer, whole) else sql.SQL(""),
        "arguments": rows.arguments,
    }
    plain = read_function(layer.name, "tile", then=rows.moments)
    thin = read_function(layer.name, "thin", then=rows.moments)
    bands = _tile_bands(layer, whole, _TILE_QUERY, rows)
    made = _TILE.format(function=plain, bands=bands, declared=rows.declared(6), **shared)
    made += GRANT.format(
        function=plain + sql.SQL("(integer, integer, integer, boolean, text[]{})").format(rows.types)
    )
    thinned = _THIN_POINTS if layer.geometry is GeometryFamily.POINT else _THIN_SHAPES
    made += _THIN.format(
        function=thin,
        plain=plain,
        count=_COUNT.format(table=rows.table, regions=sql.SQL("")),
        count_of_regions=_COUNT.format(table=rows.table, regions=IN_REGIONS),
        bands=_tile_bands(layer, whole, thinned, rows),
        declared=rows.declared(7),
        passed=rows.passed(7),
        **shared,
    )
    return made + GRANT.format(
        function=thin + sql.SQL("(integer, integer, integer, boolean, text[], integer{})").format(rows.types)
    )


def _tile_bands(
    layer: LayerDefinition, whole: LayerDefinition, template: sql.SQL, rows: Rows
) -> sql.Composed:
    """Return a choice among queries: with the fields of the zoom, with or without a test on regions."""
    cut = clips(layer, whole)

    def query(fields: list[Field], regions: bool) -> sql.Composed:
        shape = sql.SQL("t.geom_3857")
        if regions and cut:
            shape = sql.SQL(
                "CASE WHEN t.region_codes IS NULL THEN t.geom_3857"
                " ELSE onemap.clipped(t.geom_3857, v.area) END"
            )
        return template.format(
            layer=sql.Literal(layer.name),
            extent=sql.Literal(TILE_EXTENT),
            buffer=sql.Literal(TILE_BUFFER),
            shape=shape,
            attributes=tile_attributes(fields),
            table=rows.table,
            regions=IN_REGIONS if regions else sql.SQL(""),
        )

    return sql.SQL("    ELS").join(
        sql.SQL("IF $1 >= {} THEN\n        IF $4 THEN{}\n        ELSE{}\n        END IF;\n").format(
            sql.Literal(start), query(fields, False), query(fields, True)
        )
        for start, fields in _bands(layer)
    ) + sql.SQL("    END IF;")


def _items(layer: LayerDefinition, whole: LayerDefinition) -> sql.Composed:
    has_geometry = layer.geometry is not GeometryFamily.NONE

    def query(box: str, timed: bool, regions: bool) -> sql.Composed:
        boxes = {
            "none": sql.SQL(""),
            "wide": sql.SQL(" AND ST_Intersects(t.geom, v.asked)"),
            "narrow": sql.SQL(" AND t.geom_3857 && v.mercator AND ST_Intersects(t.geom, v.asked)"),
        }
        template = _CLIPPED_QUERY if regions and clips(layer, whole) else _ITEMS_QUERY
        return template.format(
            table=sql.Identifier(CITY, layer.name),
            box=boxes[box],
            time=_time_filter(layer) if timed else sql.SQL(""),
            regions=IN_REGIONS if regions else sql.SQL(""),
        )

    def by_scope(box: str, timed: bool) -> sql.Composed:
        return sql.SQL("IF $6 THEN{}\n    ELSE{}\n    END IF;").format(
            query(box, timed, False), query(box, timed, True)
        )

    def by_time(box: str) -> sql.Composed:
        return sql.SQL("IF v.timed THEN {}\n    ELSE {}\n    END IF;").format(
            by_scope(box, True), by_scope(box, False)
        )

    choice: sql.Composable = by_time("none")
    if has_geometry:
        choice = sql.SQL("IF $1 IS NULL THEN {}\n    ELSIF v.wide THEN {}\n    ELSE {}\n    END IF;").format(
            choice, by_time("wide"), by_time("narrow")
        )
    rows = sql.Identifier(CITY, layer.name)
    kept = sql.SQL("\n    kept {}%ROWTYPE;").format(rows)
    function = read_function(layer.name, "items")
    arguments = "(double precision[], timestamptz, timestamptz, bigint, integer, boolean, text[])"
    return _ITEMS.format(
        function=function,
        rows=rows,
        head=head("$7"),
        box=(_BOX.format(table_name=sql.Literal(layer.table)) if has_geometry else sql.SQL("")) + kept,
        refuse=REFUSE.format(whole=sql.SQL("$6")),
        choice=choice,
    ) + GRANT.format(function=function + sql.SQL(arguments))


def _item(layer: LayerDefinition, whole: LayerDefinition) -> sql.Composed:
    function = read_function(layer.name, "item")
    return _ITEM.format(
        function=function,
        rows=sql.Identifier(CITY, layer.name),
        head=head("$3"),
        refuse=REFUSE.format(whole=sql.SQL("$2")),
        whole=sql.SQL("$2"),
        table=sql.Identifier(CITY, layer.name),
        regions=IN_REGIONS,
        clip=_CLIP_ONE if clips(layer, whole) else sql.SQL(""),
    ) + GRANT.format(function=function + sql.SQL("(bigint, boolean, text[])"))


def _time_filter(layer: LayerDefinition) -> sql.Composed:
    """Return the test of the layer's time against [since, until], beginning with AND."""
    if layer.time is None or layer.time not in layer.field_names:
        return sql.SQL(
            " AND coalesce(t.valid_from, '-infinity') <= v.until"
            " AND coalesce(t.valid_to, 'infinity') >= v.since"
        ).format()
    name = sql.Identifier(layer.time)
    if layer.field(layer.time).type is FieldType.DATE:
        # A day counts where any moment of it lies in the interval; the session's zone is UTC.
        return sql.SQL(" AND t.{name} >= v.since::date AND t.{name} <= v.until::date").format(name=name)
    return sql.SQL(" AND t.{name} >= v.since AND t.{name} <= v.until").format(name=name)
