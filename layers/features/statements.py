"""The SQL that makes GeoJSON features, for each layer from its definition; asyncpg's ``$n`` parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psycopg import sql

from geo.errors import BadInput
from layers.definitions import FieldType, GeometryFamily, LayerDefinition
from layers.features.filters import Equality, condition
from layers.schema.names import CITY, read_function

#: Decimals of coordinates: 7 of a degree are about a centimetre, 3 of a metre a millimetre.
DECIMALS = {4326: 7, 4490: 7, 3857: 3, 4526: 3, 4527: 3, 4547: 3, 4548: 3}

#: Columns of the properties beside the fields of the definition.
PROPERTIES = (
    "code", "region_code", "status", "provenance", "valid_from", "valid_to", "source", "updated_at",
    "version",
)  # fmt: skip

_FEATURE = sql.SQL(
    """SELECT t.id, convert_to('{{"type":"Feature","id":' || t.id || ',"geometry":' || {geometry}
    || ',"properties":' || row_to_json(p)::text || '}}', 'UTF8') AS feature
FROM {source} AS t CROSS JOIN LATERAL (SELECT {properties}) AS p
{where}"""
)


_BOX_TEST = sql.SQL(
    "ST_Intersects(t.geom, ST_MakeEnvelope("
    "($1::float8[])[1], ($1::float8[])[2], ($1::float8[])[3], ($1::float8[])[4], 4326))"
)
_NO_TIME = sql.SQL("$2::timestamptz IS NULL AND $3::timestamptz IS NULL")


def items_statement(
    definition: LayerDefinition,
    tests: Sequence[Equality],
    epsg: int,
    latitude_first: bool,
    *,
    one: bool = False,
) -> str:
    """Return the statement that reads through a definer function.

    Parameters of many: box, from, to, after, limit of the function, whole city, prefixes, limit, and one a
    test. Parameters of one: id, whole city, prefixes.

    Raises
    ------
    BadInput
        Where the coordinate reference system is none of `DECIMALS`.
    """
    if one:
        source = sql.SQL("{}($1, $2, $3)").format(read_function(definition.name, "item"))
        where: sql.Composable = sql.SQL("")
    else:
        source = sql.SQL("{}($1, $2, $3, $4, $5, $6, $7)").format(read_function(definition.name, "items"))
        where = _where([condition(test, 9 + number) for number, test in enumerate(tests)])
        where += sql.SQL(" ORDER BY t.id LIMIT $8")
    return _feature(definition, source, where, epsg, latitude_first)


def items_then_statement(
    definition: LayerDefinition, tests: Sequence[Equality], epsg: int, latitude_first: bool
) -> str:
    """Return the statement that reads features as of a moment through their definer function.

    Parameters: box, after, limit of the function, whole city, prefixes, recorded, moment, day, limit, and one
    a test.

    Raises
    ------
    BadInput
        Where the coordinate reference system is none of `DECIMALS`.
    """
    function = read_function(definition.name, "items", then=True)
    source = sql.SQL("{}($1, $2, $3, $4, $5, $6, $7, $8)").format(function)
    where = _where([condition(test, 10 + number) for number, test in enumerate(tests)])
    where += sql.SQL(" ORDER BY t.id LIMIT $9")
    return _feature(definition, source, where, epsg, latitude_first)


def policy_statement(
    definition: LayerDefinition,
    tests: Sequence[Equality],
    epsg: int,
    latitude_first: bool,
    *,
    boxed: bool,
    timed: bool,
) -> str:
    """Return the statement that reads the table itself, under its policies.

    Parameters: box, from, to, after, limit, and one a test.
    """
    conditions = [sql.SQL("t.id > $4").format()]
    # A parameter that no test uses still needs its type.
    conditions.append(_BOX_TEST.format() if boxed else sql.SQL("$1::float8[] IS NULL").format())
    conditions.extend(_time_tests(definition) if timed else [_NO_TIME.format()])
    conditions += [condition(test, 6 + number) for number, test in enumerate(tests)]
    where = _where(conditions) + sql.SQL(" ORDER BY t.id LIMIT $5")
    return _feature(definition, sql.Identifier(CITY, definition.name), where, epsg, latitude_first)


def _where(conditions: Sequence[sql.Composed]) -> sql.Composed:
    if not conditions:
        return sql.SQL("").format()
    return sql.SQL("WHERE ") + sql.SQL(" AND ").join(conditions)


def _time_tests(definition: LayerDefinition) -> Iterator[sql.Composed]:
    since = sql.SQL("coalesce($2::timestamptz, '-infinity')")
    until = sql.SQL("coalesce($3::timestamptz, 'infinity')")
    if definition.time is None or definition.time not in definition.field_names:
        yield sql.SQL("coalesce(t.valid_from, '-infinity') <= {}").format(until)
        yield sql.SQL("coalesce(t.valid_to, 'infinity') >= {}").format(since)
        return
    column = sql.Identifier("t", definition.time)
    days = sql.SQL("::date" if definition.field(definition.time).type is FieldType.DATE else "")
    yield sql.SQL("{} >= {}{}").format(column, since, days)
    yield sql.SQL("{} <= {}{}").format(column, until, days)


def _feature(
    definition: LayerDefinition,
    source: sql.Composable,
    where: sql.Composable,
    epsg: int,
    latitude_first: bool,
) -> str:
    if epsg not in DECIMALS:
        known = ", ".join(map(str, DECIMALS))
        raise BadInput(f"coordinates are given in EPSG:{known}, not in EPSG:{epsg}", epsg=epsg)

    def geojson(column: str) -> sql.Composed:
        shape: sql.Composable = sql.Identifier("t", column)
        if epsg != 4326:
            shape = sql.SQL("ST_Transform({}, {})").format(shape, sql.Literal(epsg))
        if latitude_first:
            shape = sql.SQL("ST_FlipCoordinates({})").format(shape)
        return sql.SQL("ST_AsGeoJSON({}, {}, 0)").format(shape, sql.Literal(DECIMALS[epsg]))

    def prop(name: str, kind: FieldType | None) -> sql.Composed:
        if kind is FieldType.GEOMETRY:
            return sql.SQL("{}::json AS {}").format(geojson(name), sql.Identifier(name))
        return sql.SQL("{}").format(sql.Identifier("t", name))

    properties = [prop(name, None) for name in PROPERTIES]
    properties += [prop(field.name, field.type) for field in definition.fields]
    has_geometry = definition.geometry is not GeometryFamily.NONE
    geometry = geojson("geom") if has_geometry else sql.SQL("'null'").format()
    return _FEATURE.format(
        geometry=sql.SQL("coalesce({}, 'null')").format(geometry),
        source=source,
        properties=sql.SQL(", ").join(properties),
        where=where,
    ).as_string()
