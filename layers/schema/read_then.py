"""The hot reads of a layer as of a moment: a tile, a thinned tile, and items with the history."""

from __future__ import annotations

from psycopg import sql

from layers.definitions import GeometryFamily, LayerDefinition
from layers.schema.names import DERIVED, read_function
from layers.schema.scoping import GRANT, IN_REGIONS, REFUSE, clips, head
from layers.schema.tables import column_type, columns_of
from layers.schema.tile_functions import tile_functions
from layers.schema.versions import as_of, history_indexes, import_names, moment_variables, versions

_ARGUMENTS = sql.SQL("(double precision[], bigint, integer, boolean, text[], timestamptz, timestamptz, date)")

# What it returns follows the fields of the layer, and a function cannot change that. Arguments have no names:
# fields may have the same ones.
_ITEMS = sql.SQL("""
DROP FUNCTION IF EXISTS {function};
CREATE FUNCTION {function} RETURNS TABLE ({returned})
{head}{declared}
    after bigint := coalesce($2, 0);
    most integer := $3;{box}
    area geometry;
BEGIN
    {refuse}
    IF $4 THEN{whole}
        RETURN;
    END IF;{area}{cut}
END
$body$;
""")
_BOX = sql.SQL("""
    asked geometry := ST_MakeEnvelope($1[1], $1[2], $1[3], $1[4], 4326);
    mercator geometry := ST_Transform(ST_MakeEnvelope(greatest($1[1], -180), greatest($1[2], -85.06),
                                                      least($1[3], 180), least($1[4], 85.06),
                                                      4326), 3857);""")
_QUERY = sql.SQL("""
        RETURN QUERY SELECT {columns} FROM {versions} AS t
        WHERE t.id > v.after{box}{regions}
        ORDER BY t.id LIMIT v.most;""")
_BOXED = sql.SQL("""
        IF $1 IS NULL THEN{all}
        ELSE{inside}
        END IF;""")
_AREA = sql.SQL("""
    area := onemap.region_area(v.prefixes);""")
_CUT = sql.SQL("CASE WHEN t.region_codes IS NULL THEN t.geom ELSE onemap.clipped(t.geom, v.area) END")
_SEEN = sql.SQL(" AND (t.region_codes IS NULL OR onemap.clipped(t.geom, v.area) IS NOT NULL)")


def read_then(layer: LayerDefinition, whole: LayerDefinition) -> sql.Composed:
    """Return the statements that make the read functions of a layer as of a moment.

    Behind their other arguments they take: the moment up to which records count, NULL for all; the moment of
    validity; and its day in the city's time zone.

    Parameters
    ----------
    layer, whole : LayerDefinition
        As for `layers.schema.read_functions.read_functions`.
    """
    made = _items(layer, whole)
    if layer.part_of is None:
        made = history_indexes(layer) + made
    if layer.geometry is GeometryFamily.NONE:
        return made
    names = [column.name for column in columns_of(layer)]
    return made + tile_functions(layer, whole, as_of(layer, names))


def _items(layer: LayerDefinition, whole: LayerDefinition) -> sql.Composed:
    columns = {c.name: column_type(c.type) for c in columns_of(layer) if c.name not in DERIVED}
    has_geometry = layer.geometry is not GeometryFamily.NONE
    function = read_function(layer.name, "items", then=True)
    cuts = clips(layer, whole)

    def query(regions: bool, boxed: bool) -> sql.Composed:
        taken = {name: sql.Identifier("t", name) for name in columns}
        given: dict[str, sql.Composable] = {**taken, "geom": _CUT} if regions and cuts else {**taken}
        nothing = sql.SQL("")
        source = versions(
            layer, columns,
            sql.SQL(" AND o.geom && v.asked") if boxed else nothing,
            sql.SQL(" AND n.geom_3857 && v.mercator") if boxed else nothing,
        )  # fmt: skip
        return _QUERY.format(
            columns=sql.SQL(", ").join(given.values()),
            versions=source,
            box=sql.SQL(" AND ST_Intersects(t.geom, v.asked)") if boxed else nothing,
            regions=(IN_REGIONS + _SEEN if cuts else IN_REGIONS) if regions else nothing,
        )

    def by_box(regions: bool) -> sql.Composed:
        if not has_geometry:
            return query(regions, False)
        return _BOXED.format(all=query(regions, False), inside=query(regions, True))

    return _ITEMS.format(
        function=function + _ARGUMENTS,
        returned=sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(name), _Type(kind)) for name, kind in columns.items()
        ),
        head=head("$5"),
        declared=moment_variables(import_names(layer), 6),
        box=_BOX if has_geometry else sql.SQL(""),
        refuse=REFUSE.format(whole=sql.SQL("$4")),
        whole=by_box(False),
        area=_AREA if cuts else sql.SQL(""),
        cut=by_box(True),
    ) + GRANT.format(function=function + _ARGUMENTS)


class _Type(sql.Composable):
    """A type as `column_type` writes it."""

    def as_bytes(self, context: object = None) -> bytes:
        return str(self._obj).encode()
