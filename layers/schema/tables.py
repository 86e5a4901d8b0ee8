"""A layer definition as a table: columns, constraints and indexes, in SQLAlchemy Core."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from math import ceil, floor
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.types import TypeEngine

from layers.definitions import CodeList, Field, FieldType, GeometryFamily, LayerDefinition
from layers.schema.names import CITY, CLEARANCE, DERIVED, MERCATOR_COPY, PROVENANCES, STATUSES

#: What statements are written in.
DIALECT: Dialect = make_url("postgresql+psycopg://").get_dialect()()

#: EPSG:3857 ends here; beyond it the mercator copy of a geometry has no sensible value.
MOST_LATITUDE = 85.06

#: Room on each page for a new version of a row, so that an edit seldom touches the indexes.
FILL_FACTOR = 85

_FAMILIES: dict[GeometryFamily, tuple[str, ...]] = {
    GeometryFamily.LINE: ("LINESTRING", "MULTILINESTRING"),
    GeometryFamily.POLYGON: ("POLYGON", "MULTIPOLYGON"),
    GeometryFamily.ANY: (
        "POINT", "MULTIPOINT", "LINESTRING", "MULTILINESTRING", "POLYGON", "MULTIPOLYGON",
    ),
}  # fmt: skip

_TYPES: dict[FieldType, Any] = {
    FieldType.TEXT: Text,
    FieldType.INTEGER: BigInteger,
    FieldType.NUMBER: Double,
    FieldType.BOOLEAN: Boolean,
    FieldType.DATE: Date,
    FieldType.DATETIME: lambda: DateTime(timezone=True),
    FieldType.CODE: Text,
    FieldType.CODES: lambda: ARRAY(Text),
    FieldType.GEOMETRY: lambda: Geometry("GEOMETRY", 4326, spatial_index=False),
}

#: Under this name a column's `info` has the expression that gives it to rows of before it.
MADE_FROM = "made from"

#: Columns of a history table beside those of its layer.
HISTORY_COLUMNS = ("history_id", "recorded_from", "recorded_to", "op", "import_id", "actor")


def object_name(*parts: str) -> str:
    """Join parts to a name that PostgreSQL takes whole (63 bytes), the same for the same parts.

    Examples
    --------
    >>> object_name("cameras", "kind", "codes")
    'cameras_kind_codes'
    >>> len(object_name("a" * 48, "b" * 48))
    63
    """
    name = "_".join(parts)
    if len(name) <= 63:
        return name
    return f"{name[:54]}_{hashlib.blake2b(name.encode(), digest_size=4).hexdigest()}"


def layer_table(definition: LayerDefinition, code_lists: Mapping[str, CodeList]) -> Table:
    """Return the table of a layer.

    Parameters
    ----------
    definition : LayerDefinition
        A layer with a table of its own (`part_of` is None).
    code_lists : mapping of str to CodeList
        The lists that its fields name.
    """
    name = definition.name
    table = Table(
        name,
        MetaData(schema=CITY),
        *columns_of(definition),
        *_geometry_checks(definition),
        *(check for field in definition.fields for check in _field_checks(name, field, code_lists)),
        CheckConstraint(_one_of("status", STATUSES), name=object_name(name, "status", "codes")),
        CheckConstraint(_one_of("provenance", PROVENANCES), name=object_name(name, "provenance", "codes")),
        CheckConstraint("valid_from < valid_to", name=object_name(name, "valid")),
        postgresql_with={"fillfactor": FILL_FACTOR},
    )
    _add_indexes(table, definition)
    return table


def columns_of(definition: LayerDefinition) -> list[Column[Any]]:
    """Return the columns of a layer: those that every layer has, then its fields."""
    return [*_first_columns(definition), *map(_field_column, definition.fields)]


def has_clearance(definition: LayerDefinition) -> bool:
    """Tell whether rows of a layer have a `CLEARANCE`: where there can be areas among them."""
    return definition.geometry in (GeometryFamily.POLYGON, GeometryFamily.ANY)


def history_table(layer: Table) -> Table:
    """Return the table that holds a layer's replaced and deleted rows, each with its period."""
    table = Table(
        f"{layer.name}_history",
        MetaData(schema=CITY),
        Column("history_id", BigInteger, Identity(always=True), primary_key=True),
        *(Column(column.name, column.type) for column in kept_columns(layer)),
        Column("recorded_from", DateTime(timezone=True), nullable=False),
        Column("recorded_to", DateTime(timezone=True), nullable=False),
        Column("op", Text, nullable=False),
        Column("import_id", BigInteger),
        Column("actor", Text),
    )
    Index(object_name(table.name, "id"), table.c.id, table.c.recorded_to)
    Index(object_name(table.name, "recorded_to"), table.c.recorded_to)
    return table


def kept_columns(layer: Table) -> list[Column[Any]]:
    """Return the columns of a layer's table that its history has too."""
    return [column for column in layer.columns if column.name not in DERIVED]


def column_type(kind: TypeEngine[Any]) -> str:
    """Return a column's type as PostgreSQL writes it, in lower case.

    Examples
    --------
    >>> column_type(Double())
    'double precision'
    """
    name = str(kind.compile(dialect=DIALECT)).lower()
    return name.replace(' collate "c"', "")


def _first_columns(definition: LayerDefinition) -> Iterator[Column[Any]]:
    yield Column("id", BigInteger, Identity(always=True), primary_key=True)
    yield Column("code", Text(collation="C"))
    yield Column("client_key", Uuid)
    if definition.geometry is not GeometryFamily.NONE:
        kind = "POINT" if definition.geometry is GeometryFamily.POINT else "GEOMETRY"
        yield Column("geom", Geometry(kind, 4326, spatial_index=False), nullable=False)
        # By trigger and not as generated columns: a bulk load, which has computed them, can do without.
        yield Column(MERCATOR_COPY, Geometry(kind, 3857, spatial_index=False), nullable=False)
    if has_clearance(definition):
        yield Column(CLEARANCE, REAL, info={MADE_FROM: f"onemap.clearance_of({MERCATOR_COPY})"})
    yield Column("region_code", Text(collation="C"))
    yield Column("region_codes", ARRAY(Text(collation="C")))
    yield Column("status", Text, nullable=False, server_default="in_service")
    yield Column("provenance", Text, nullable=False)
    yield Column("valid_from", DateTime(timezone=True))
    yield Column("valid_to", DateTime(timezone=True))
    yield Column("source", Text, nullable=False)
    yield Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now())
    yield Column("version", Integer, nullable=False, server_default=text("1"))


def _field_column(field: Field) -> Column[Any]:
    return Column(field.name, _TYPES[field.type](), nullable=not field.required, comment=field.title.en)


def _one_of(column: str, values: Iterable[str]) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f'"{column}" IN ({listed})'


def _geometry_checks(definition: LayerDefinition) -> Iterator[CheckConstraint]:
    if definition.geometry is GeometryFamily.NONE:
        return
    name = definition.name
    if definition.geometry in _FAMILIES:
        kinds = ", ".join(f"'{kind}'" for kind in _FAMILIES[definition.geometry])
        yield CheckConstraint(f"GeometryType(geom) IN ({kinds})", name=object_name(name, "geom", "family"))
    # Box in box: one cheap test, and an empty geometry has no box that could pass it.
    yield CheckConstraint(
        f"geom @ ST_MakeEnvelope(-180, -{MOST_LATITUDE}, 180, {MOST_LATITUDE}, 4326)",
        name=object_name(name, "geom", "envelope"),
    )


def _field_checks(layer: str, field: Field, lists: Mapping[str, CodeList]) -> Iterator[CheckConstraint]:
    quoted = f'"{field.name}"'
    if field.codes is not None:
        codes = [code.code for code in lists[field.codes].codes]
        name = object_name(layer, field.name, "codes")
        if field.type is FieldType.CODE:
            yield CheckConstraint(_one_of(field.name, codes), name=name)
        else:
            listed = ", ".join(f"'{code}'" for code in codes)
            yield CheckConstraint(f"{quoted} <@ CAST(ARRAY[{listed}] AS text[])", name=name)
    if field.range is not None:
        low, high = field.range
        if field.type is FieldType.INTEGER:
            # Against a bound with a fraction each row's number would be turned into a numeric first.
            low, high = None if low is None else ceil(low), None if high is None else floor(high)
        tests = [f"{quoted} >= {low!r}"] if low is not None else []
        tests += [f"{quoted} <= {high!r}"] if high is not None else []
        if tests:
            yield CheckConstraint(" AND ".join(tests), name=object_name(layer, field.name, "range"))
    if field.length is not None:
        test = f"char_length({quoted}) <= {field.length}"
        yield CheckConstraint(test, name=object_name(layer, field.name, "length"))


def _add_indexes(table: Table, definition: LayerDefinition) -> None:
    """Give the table its indexes. None on updated_at: it would end updates that leave the indexes alone."""
    name, columns = table.name, table.columns
    if MERCATOR_COPY in columns:
        Index(object_name(name, MERCATOR_COPY), columns[MERCATOR_COPY], postgresql_using="gist")
    Index(object_name(name, "key"), *(columns[part] for part in definition.key), unique=True)
    if definition.key[0] != "code":
        Index(object_name(name, "code"), columns["code"])
    Index(object_name(name, "region_code"), columns["region_code"])
    client_key = columns["client_key"]
    Index(object_name(name, "client_key"), client_key, unique=True, postgresql_where=client_key.is_not(None))
    # Few features cross a boundary: the reader of one region finds them here and all others by region_code.
    crossing = columns["region_codes"].is_not(None)
    Index(object_name(name, "crossing"), columns["id"], postgresql_where=crossing)
    for field in definition.fields:
        if field.unique and definition.key != (field.name,):
            Index(object_name(name, field.name, "unique"), columns[field.name], unique=True)
    if definition.time is not None and definition.time in definition.field_names:
        Index(object_name(name, definition.time), columns[definition.time])
