"""The functions that draw a tile of a layer: with everything in it, and thinned where that is too much."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from layers.definitions import Field, FieldType, GeometryFamily, LayerDefinition
from layers.schema.names import CLEARANCE, read_function
from layers.schema.scoping import GRANT, IN_REGIONS, REFUSE, clips, head
from layers.schema.tables import has_clearance
from layers.schema.versions import Rows

#: Extent of a tile and its margin, in tile units: features beside the tile are drawn over its edge.
TILE_EXTENT = 4096
TILE_BUFFER = 64

#: Most corners of an area in a thinned tile that is not simplified: with more it may have bends too small.
_FEW_CORNERS = 32

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
            SELECT t.id, {drawn} AS _geom{attributes}
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

# Of the points in a cell the first one stands for all, with their number. Where they are several it has no
# code, which would be of one of many: strings that all differ take up to a fifth of the time of a tile.
_CODE_OF_ONE = sql.SQL("CASE WHEN k.point_count = 1 THEN t.code END AS code")
_THIN_POINTS = sql.SQL("""
        SELECT ST_AsMVT(q, {layer}, {extent}, '_geom', 'id') INTO mvt FROM (
            SELECT t.id, {drawn} AS _geom, k.point_count{attributes}
            FROM (
                SELECT min(t.id) AS first_id, count(*) AS point_count FROM {table} AS t
                WHERE t.geom_3857 && v.buffered{regions}
                -- one number for column and row, which is half the work of two
                GROUP BY floor((ST_X(t.geom_3857) - v.west) / v.cell)::integer * 65536
                         + floor((v.north - ST_Y(t.geom_3857)) / v.cell)::integer
            ) AS k
            JOIN {table} AS t ON t.id = k.first_id
        ) AS q;""")

_CODE = sql.SQL("t.code")

# In units of the tile.
_DRAWN = sql.SQL("ST_AsMVTGeom({shape}, v.frame, {extent}, {buffer}, true)")

# Repairing areas that were rounded takes most of the time of a tile. One inside the tile needs none where its
# corners are further from its other edges than rounding can bring them together: half of sqrt(2) units each.
_DRAWN_AREA = sql.SQL("""CASE
                WHEN t.{clearance} > v.room{more} AND t.geom_3857 @ v.inside THEN
                    ST_ForcePolygonCCW(ST_SnapToGrid(ST_Affine(
                        t.geom_3857, v.scale, 0, 0, -v.scale, v.across, v.down), 1))
                ELSE {drawn} END""")
_SCALE = sql.SQL("""
    -- Boxes are compared in single precision, to a metre or so: less than half of the margin.
    inside geometry := ST_TileEnvelope($1, $2, $3, margin => {margin});
    -- Units of the tile in a metre, and metres that rounding to them can bring two corners together.
    scale double precision := {extent} / (ST_XMax(v.frame) - ST_XMin(v.frame));
    room double precision := 1.5 / v.scale;
    across double precision := -ST_XMin(v.frame) * v.scale;
    down double precision := ST_YMax(v.frame) * v.scale;""")

_SIMPLER = sql.SQL("ST_Simplify({shape}, v.cell * $6 * 2 / {extent}, true)")
_SIZES = {
    GeometryFamily.POLYGON: sql.SQL("ST_Area(t.geom_3857)"),
    GeometryFamily.LINE: sql.SQL("ST_Length(t.geom_3857)"),
}
_SIZE_OF_ANY = sql.SQL(
    "greatest(ST_XMax(t.geom_3857) - ST_XMin(t.geom_3857), ST_YMax(t.geom_3857) - ST_YMin(t.geom_3857))"
)

# Of lines and areas the largest stay, without bends that cannot be seen; the tile says that it lacks some.
_THIN_SHAPES = sql.SQL("""
        SELECT ST_AsMVT(q, {layer}, {extent}, '_geom', 'id') INTO mvt FROM (
            SELECT t.id, {drawn} AS _geom, true AS thinned{attributes}
            FROM {table} AS t
            WHERE t.geom_3857 && v.buffered{regions}
            ORDER BY {size} DESC, t.id
            LIMIT v.most
        ) AS q;""")


def _bands(layer: LayerDefinition) -> Iterator[tuple[int, list[Field]]]:
    """Yield (smallest zoom, fields in tiles from there on), largest zoom first."""
    starts = {0, *(field.tile_from for field in layer.fields if field.tile_from is not None)}
    for start in sorted(starts, reverse=True):
        yield start, tile_fields(layer, start)


def tile_fields(layer: LayerDefinition, zoom: int) -> list[Field]:
    """Return the fields that stand in the layer's tiles of a zoom."""
    return [field for field in layer.fields if field.tile_from is not None and field.tile_from <= zoom]


def tile_attributes(fields: list[Field], code: sql.Composable = _CODE) -> sql.Composed:
    """Return what MVT takes of a row ``t`` beside its shape, beginning with a comma."""
    shown = [field for field in fields if field.type is not FieldType.GEOMETRY]
    return sql.SQL(", {}, t.status").format(code) + sql.SQL("").join(map(_attribute, shown))


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
        As for `layers.schema.read_functions.read_functions`.
    rows : Rows
        Where the features come from; what it asks for stands behind the other arguments.
    """
    margin = sql.Literal(TILE_BUFFER / TILE_EXTENT)
    half = sql.Literal(TILE_BUFFER / 2 / TILE_EXTENT)
    scale: sql.Composable = sql.SQL("")
    if has_clearance(layer):
        scale = _SCALE.format(extent=sql.Literal(TILE_EXTENT), margin=half)
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
    made = _TILE.format(function=plain, bands=bands, declared=scale + rows.declared(6), **shared)
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
        declared=scale + rows.declared(7),
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
    simpler = template is _THIN_SHAPES

    def drawn(regions: bool) -> sql.Composed:
        numbers = {"extent": sql.Literal(TILE_EXTENT), "buffer": sql.Literal(TILE_BUFFER)}
        shape: sql.Composable = sql.SQL("t.geom_3857")
        more: sql.Composable = sql.SQL("")
        if regions and cut:
            more = sql.SQL(" AND t.region_codes IS NULL")
            shape = sql.SQL(
                "CASE WHEN t.region_codes IS NULL THEN t.geom_3857"
                " ELSE onemap.clipped(t.geom_3857, v.area) END"
            )
        if simpler:
            more += sql.SQL(" AND ST_NPoints(t.geom_3857) <= {}").format(sql.Literal(_FEW_CORNERS))
            shape = _SIMPLER.format(shape=shape, **numbers)
        made = _DRAWN.format(shape=shape, **numbers)
        if not has_clearance(layer):
            return made
        return _DRAWN_AREA.format(clearance=sql.Identifier(CLEARANCE), more=more, drawn=made)

    def query(fields: list[Field], regions: bool) -> sql.Composed:
        return template.format(
            layer=sql.Literal(layer.name),
            extent=sql.Literal(TILE_EXTENT),
            drawn=drawn(regions),
            size=_SIZES.get(layer.geometry, _SIZE_OF_ANY),
            attributes=tile_attributes(fields, _CODE_OF_ONE if template is _THIN_POINTS else _CODE),
            table=rows.table,
            regions=IN_REGIONS if regions else sql.SQL(""),
        )

    return sql.SQL("    ELS").join(
        sql.SQL("IF $1 >= {} THEN\n        IF $4 THEN{}\n        ELSE{}\n        END IF;\n").format(
            sql.Literal(start), query(fields, False), query(fields, True)
        )
        for start, fields in _bands(layer)
    ) + sql.SQL("    END IF;")
