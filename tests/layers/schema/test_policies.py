"""Row-level security: fail closed, and never another region's rows."""

import psycopg
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.errors import InsufficientPrivilege
from psycopg_pool import ConnectionPool

from layers.database import connect_application, scoped
from layers.scope import Classification, Scope, Verb
from tests.layers.little_city import (
    ALL,
    COUNTY,
    EAST_TOWN,
    WEST_TOWN,
    fill,
    one,
    points,
    scope_of,
    squares,
    working,
)

pytestmark = pytest.mark.postgis

TREE = [
    COUNTY,
    WEST_TOWN,
    EAST_TOWN,
    f"{WEST_TOWN}001",
    f"{WEST_TOWN}002",
    f"{EAST_TOWN}001",
    f"{EAST_TOWN}002",
]
CAMERAS = "SELECT count(*) FROM city.cameras"


@pytest.fixture(scope="module")
def city(module_database, catalog):
    fill(module_database, catalog, cameras=points(300), buildings=squares(100), base_stations=_stations())
    return module_database


def _stations():
    return points(50, seed=3).assign(technology="5g")


def test_a_read_without_a_scope_is_refused(city):
    with (
        connect_application(city) as connection,
        pytest.raises(InsufficientPrivilege, match="no scope is set"),
    ):
        connection.execute(CAMERAS)


def test_a_pooled_connection_forgets_the_scope_and_then_refuses(city):
    """After the transaction the settings are '' and not NULL; a prefix test on '' would show every row."""
    with ConnectionPool(city.application, min_size=1, max_size=1) as pool:
        with scoped(pool, ALL) as connection:
            assert one(connection, CAMERAS) == 300
        with pool.connection() as connection:
            assert one(connection, "SELECT current_setting('onemap.regions')") == ""
            with pytest.raises(InsufficientPrivilege, match="no scope is set"):
                connection.execute(CAMERAS)


@pytest.mark.parametrize("regions", ["", ",", "341504,", "%", "3_", "abc", "*,341504"])
def test_a_scope_that_is_no_list_of_prefixes_is_refused(city, regions):
    with connect_application(city) as connection, connection.transaction():
        connection.execute("SELECT set_config('onemap.classifications', 'restricted', true)")
        connection.execute("SELECT set_config('onemap.regions', %s, true)", [regions])
        with pytest.raises(InsufficientPrivilege):
            connection.execute(CAMERAS)


def test_a_closed_classification_shows_nothing(city):
    public = Scope("guest", frozenset({Verb.READ}), frozenset({Classification.PUBLIC}))
    with working(city, public) as connection:
        assert one(connection, CAMERAS) == 0
        assert one(connection, "SELECT count(*) FROM city.base_stations") == 0
        assert one(connection, "SELECT count(*) FROM city.buildings") == 100


def test_internal_layers_are_seen_whole_and_restricted_ones_by_region(city):
    with working(city, scope_of(WEST_TOWN)) as connection:
        assert one(connection, "SELECT count(*) FROM city.base_stations") == 50
        seen = connection.execute("SELECT DISTINCT left(region_code, 9) FROM city.cameras").fetchall()
    assert seen == [(WEST_TOWN,)]


def test_history_is_under_the_same_policy(city):
    with working(city) as connection:
        connection.execute("UPDATE city.cameras SET name = 'new'")
    with working(city, scope_of(WEST_TOWN)) as connection:
        seen = connection.execute("SELECT DISTINCT left(region_code, 9) FROM city.cameras_history").fetchall()
    assert seen == [(WEST_TOWN,)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(TREE), min_size=1, max_size=3),
    st.lists(st.sampled_from(TREE), min_size=1, max_size=3),
)
def test_two_scopes_see_only_their_own_rows_and_together_no_more_than_both(city, first, second):
    def seen(prefixes):
        with working(city, scope_of(*prefixes)) as connection:
            return set(connection.execute("SELECT id, region_code FROM city.cameras").fetchall())

    a, b, both = seen(first), seen(second), seen(first + second)
    assert all(code.startswith(tuple(first)) for _, code in a)
    assert all(code.startswith(tuple(second)) for _, code in b)
    assert a | b == both
    shared = [one for one in TREE if one.startswith(tuple(first)) and one.startswith(tuple(second))]
    assert all(code.startswith(tuple(shared)) for _, code in a & b) if shared else not a & b


def test_a_writer_cannot_add_change_or_delete_outside_the_scope(city):
    inside, outside = shapely.Point(115.61, 31.71), shapely.Point(115.67, 31.71)
    add = (
        "INSERT INTO city.base_stations (geom, technology, provenance, source)"
        " VALUES (ST_GeomFromText(%s, 4326), '5g', 'real', 't') RETURNING region_code"
    )
    with working(city, scope_of(WEST_TOWN)) as connection:
        with connection.transaction():
            assert one(connection, add, inside.wkt).startswith(WEST_TOWN)
        with pytest.raises(InsufficientPrivilege), connection.transaction():
            connection.execute(add, [outside.wkt])
        # Everyone may read base stations, so the other town's are seen but not hit.
        hit = connection.execute("UPDATE city.base_stations SET name = 'x' RETURNING region_code").fetchall()
        assert hit and all(code.startswith(WEST_TOWN) for (code,) in hit)
        with pytest.raises(InsufficientPrivilege), connection.transaction():
            connection.execute(
                "UPDATE city.base_stations SET geom = ST_GeomFromText(%s, 4326)", [outside.wkt]
            )
        gone = connection.execute("DELETE FROM city.base_stations RETURNING region_code").fetchall()
        assert all(code.startswith(WEST_TOWN) for (code,) in gone)
        assert one(connection, "SELECT count(*) FROM city.base_stations") > 0


def test_a_reader_cannot_write(city):
    reader = Scope("reader", frozenset({Verb.READ}), frozenset(Classification))
    with working(city, reader) as connection:
        assert connection.execute("UPDATE city.cameras SET name = 'x'").rowcount == 0
        with pytest.raises(InsufficientPrivilege), connection.transaction():
            connection.execute(
                "INSERT INTO city.cameras (geom, provenance, source)"
                " VALUES (ST_SetSRID(ST_MakePoint(115.61, 31.71), 4326), 'real', 't')"
            )


def test_a_part_is_read_under_the_policy_of_its_whole(city):
    with connect_application(city) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT count(*) FROM city.communities")
    with working(city) as connection:
        assert one(connection, "SELECT count(*) FROM city.communities") == 4
