"""The hot reads of a layer: a tile, a thinned tile, many items, one item, as security-definer functions.

Row-level security keeps PostgreSQL from using the spatial index (``&&`` is not leakproof), so these
filter by the scope themselves. They take it as arguments, refuse an empty one, and are the only way round the
policies (DESIGN section 8).
"""

from __future__ import annotations

from psycopg import sql

from layers.definitions import FieldType, GeometryFamily, LayerDefinition
from layers.schema.names import CITY, read_function
from layers.schema.scoping import GRANT, IN_REGIONS, REFUSE, clips, head
from layers.schema.tile_functions import tile_functions
from layers.schema.versions import present

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
