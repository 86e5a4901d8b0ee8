"""What goes into a binary COPY comes out of the table."""

from datetime import UTC, date, datetime

import numpy as np
import psycopg
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from layers.database import connect_application
from layers.definitions import FieldType
from layers.importing.binary_copy import CopyColumn, numbers_as_column
from layers.importing.staging import copy_rows

pytestmark = pytest.mark.postgis

text = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))
VALUES = {
    FieldType.TEXT: text,
    FieldType.CODE: st.sampled_from(["a", "b"]),
    FieldType.INTEGER: st.integers(-(2**63), 2**63 - 1),
    FieldType.NUMBER: st.floats(allow_nan=False, allow_infinity=False),
    FieldType.BOOLEAN: st.booleans(),
    FieldType.DATE: st.dates(date(1, 1, 1), date(9999, 12, 31)),
    FieldType.DATETIME: moments,
    FieldType.CODES: st.lists(text, max_size=3),
}
TYPES = {
    FieldType.TEXT: "text",
    FieldType.CODE: "text",
    FieldType.INTEGER: "bigint",
    FieldType.NUMBER: "double precision",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.DATETIME: "timestamptz",
    FieldType.CODES: "text[]",
}


def objects(values):
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


@pytest.fixture(scope="module")
def connection(module_database):
    with connect_application(module_database) as connection:
        yield connection


@pytest.mark.parametrize("kind", list(TYPES))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_type_comes_back_as_it_was_sent(connection, kind, data):
    values = data.draw(st.lists(st.none() | VALUES[kind], min_size=1, max_size=8))
    with connection.transaction(force_rollback=True):
        connection.execute(
            sql.SQL("CREATE TEMP TABLE sent (n bigint, value {}, constant text)").format(sql.SQL(TYPES[kind]))
        )
        columns = [
            numbers_as_column("n", len(values)),
            CopyColumn("value", kind, objects(values)),
            CopyColumn("constant", FieldType.TEXT, "街道"),
        ]
        copy_rows(connection, sql.Identifier("sent"), columns, np.arange(len(values)), None)
        back = connection.execute("SELECT value, constant FROM sent ORDER BY n").fetchall()
    assert [value for value, _ in back] == values
    assert {constant for _, constant in back} == {"街道"}


def test_geometries_come_back_with_their_coordinate_system(connection):
    shapes = [
        shapely.Point(116, 31),
        None,
        shapely.LineString([(116, 31), (116.1, 31.2)]),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]),
    ]
    with connection.transaction(force_rollback=True):
        connection.execute("CREATE TEMP TABLE sent (n bigint, geom geometry)")
        columns = [
            numbers_as_column("n", len(shapes)), CopyColumn("geom", FieldType.GEOMETRY, objects(shapes)),
        ]  # fmt: skip
        copy_rows(connection, sql.Identifier("sent"), columns, np.arange(len(shapes)), None)
        back = connection.execute("SELECT ST_SRID(geom), ST_AsBinary(geom) FROM sent ORDER BY n").fetchall()
    assert [system for system, _ in back] == [4326, None, 4326, 4326]
    for shape, (_, wkb) in zip(shapes, back, strict=True):
        assert (shape is None) == (wkb is None)
        assert shape is None or shapely.from_wkb(bytes(wkb)).equals_exact(shape)


def test_rows_are_copied_in_the_order_that_is_asked_for(connection):
    order = np.array([4, 0, 3])
    seen = []
    with connection.transaction(force_rollback=True):
        connection.execute("CREATE TEMP TABLE sent (place bigint GENERATED ALWAYS AS IDENTITY, n bigint)")
        copy_rows(
            connection,
            sql.Identifier("sent"),
            [numbers_as_column("n", 5)],
            order,
            lambda *done: seen.append(done),
        )
        back = [row[0] for row in connection.execute("SELECT n FROM sent ORDER BY place")]
    assert back == [5, 1, 4]
    assert seen[-1] == (3, 3)


def test_an_error_of_the_server_comes_through(connection):
    with pytest.raises(psycopg.errors.NotNullViolation), connection.transaction():
        connection.execute("CREATE TEMP TABLE sent (n bigint NOT NULL)")
        column = CopyColumn("n", FieldType.INTEGER, objects([1, None]))
        copy_rows(connection, sql.Identifier("sent"), [column], np.arange(2), None)
