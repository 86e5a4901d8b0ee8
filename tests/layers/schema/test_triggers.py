"""Version, change log and history, written by the edit's own transaction."""

import pytest
from psycopg.errors import InsufficientPrivilege

from layers.database import admin_connection, connect_application, scoped, set_scope
from layers.importing.loading import load
from tests.layers.little_city import ALL, EAST_TOWN, WEST_TOWN, fill, one, points, scope_of

pytestmark = pytest.mark.postgis

LOG = """
    SELECT op, feature_id, bbox_old, bbox_new, regions_new, actor FROM onemap.layer_change
    WHERE layer = 'cameras' AND seq > %s ORDER BY seq
"""
COUNT = "SELECT count(*) FROM onemap.layer_change"


@pytest.fixture(scope="module")
def loaded(module_database, catalog):
    fill(module_database, catalog, cameras=points(600))
    return module_database


@pytest.fixture
def edit(loaded):
    """Give a transaction under a scope that is rolled back in the end."""
    with connect_application(loaded) as connection, connection.transaction(force_rollback=True):
        set_scope(connection, scope_of(WEST_TOWN, EAST_TOWN))
        yield connection


@pytest.fixture
def city(database, catalog):
    """Give a database of its own to a test that commits."""
    fill(database, catalog, cameras=points(600))
    return database


def last(connection):
    return one(connection, "SELECT coalesce(max(seq), 0) FROM onemap.layer_change")


def move(connection, where, longitude=115.67, latitude=31.71):
    return connection.execute(
        f"UPDATE city.cameras SET geom = ST_SetSRID(ST_MakePoint(%s, %s), 4326) WHERE {where}".encode(),  # noqa: S608
        [longitude, latitude],
    ).rowcount


def test_one_edit_gives_one_row_with_both_boxes_and_the_actor(edit):
    before = last(edit)
    assert move(edit, "id = 7") == 1
    rows = edit.execute(LOG, [before]).fetchall()
    box = one(edit, "SELECT ARRAY[ST_X(geom_3857), ST_Y(geom_3857)] FROM city.cameras WHERE id = 7")
    assert len(rows) == 1
    op, feature, old, new, region, actor = rows[0]
    assert (op, feature, region, actor) == ("update", 7, [f"{EAST_TOWN}001G02"], "worker")
    assert new == [*box, *box]
    assert old != new


@pytest.mark.parametrize(("rows", "logged"), [(1, 1), (500, 500), (501, 1), (600, 1)])
@pytest.mark.parametrize("op", ["update", "delete"])
def test_over_500_features_give_one_row_with_the_extent(edit, op, rows, logged):
    before = last(edit)
    extent = one(
        edit,
        "SELECT ARRAY[ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)] FROM"
        " (SELECT ST_Extent(geom_3857) AS e FROM city.cameras WHERE id <= %s) AS all_of",
        rows,
    )
    if op == "update":
        edit.execute("UPDATE city.cameras SET online = true WHERE id <= %s", [rows])
    else:
        edit.execute("DELETE FROM city.cameras WHERE id <= %s", [rows])
    log = edit.execute(LOG, [before]).fetchall()
    assert [row[0] for row in log] == [op] * logged
    if logged == 1 and rows > 500:
        assert log[0][1] is None
        assert log[0][2] == extent
        assert log[0][3] == (extent if op == "update" else None)
    else:
        assert sorted(row[1] for row in log) == list(range(1, rows + 1))


@pytest.mark.parametrize(("rows", "logged"), [(500, 500), (501, 1)])
def test_an_import_is_logged_by_the_same_rule(city, catalog, rows, logged):
    with admin_connection(city) as connection:
        before = last(connection)
        frame = points(rows, seed=5, code="x")
        load(connection, catalog.layer("cameras"), catalog.code_lists, frame, scope=ALL, source="t")
        assert len(connection.execute(LOG, [before]).fetchall()) == logged


def test_a_statement_that_hits_nothing_logs_nothing(edit):
    before = last(edit)
    assert move(edit, "id = -1") == 0
    assert last(edit) == before


def test_a_rollback_leaves_no_log_no_history_and_no_version(city):
    with connect_application(city) as connection:
        with scoped(connection, ALL):
            before = one(connection, COUNT)
        with pytest.raises(ZeroDivisionError), scoped(connection, ALL):
            move(connection, "id <= 600")
            connection.execute("DELETE FROM city.cameras WHERE id = 3")
            raise ZeroDivisionError
        with scoped(connection, ALL):
            assert one(connection, COUNT) == before
            assert one(connection, "SELECT count(*) FROM city.cameras_history") == 0
            assert one(connection, "SELECT max(version) FROM city.cameras") == 1
            assert one(connection, "SELECT count(*) FROM city.cameras") == 600


def test_history_holds_each_replaced_state_with_its_period(city):
    with connect_application(city) as connection:
        for name in ("first", "second"):
            with scoped(connection, ALL):
                connection.execute("UPDATE city.cameras SET name = %s WHERE id = 7", [name])
        with scoped(connection, ALL):
            connection.execute("DELETE FROM city.cameras WHERE id = 7")
            kept = connection.execute(
                "SELECT name, op, version, recorded_from, recorded_to, actor FROM city.cameras_history"
                " WHERE id = 7 ORDER BY history_id"
            ).fetchall()
    assert [row[:3] for row in kept] == [(None, "update", 1), ("first", "update", 2), ("second", "delete", 3)]
    assert all(row[3] < row[4] for row in kept)
    assert [row[4] for row in kept[:-1]] == [row[3] for row in kept[1:]]
    assert {row[5] for row in kept} == {"tests"}


def test_replacing_a_layer_keeps_the_old_rows_with_the_import_that_replaced_them(city, catalog):
    with admin_connection(city) as connection:
        loaded = load(
            connection, catalog.layer("cameras"), catalog.code_lists, points(10, code="n"),
            scope=ALL, source="t", mode="replace",
        )  # fmt: skip
        assert one(connection, "SELECT count(*) FROM city.cameras") == 10
        assert connection.execute(
            "SELECT op, import_id, actor, count(*) FROM city.cameras_history GROUP BY 1, 2, 3"
        ).fetchall() == [("delete", loaded.import_id, "tests", 600)]


def test_an_update_counts_the_version_and_stamps_the_time(edit):
    edit.execute("UPDATE city.cameras SET version = 77, updated_at = '2000-01-01' WHERE id = 7")
    assert edit.execute("SELECT version, updated_at = now() FROM city.cameras WHERE id = 7").fetchone() == (
        2,
        True,
    )


def test_an_edit_of_an_attribute_leaves_the_indexes_alone(city):
    """HOT: no index entry is written, because updated_at and version are in no index.

    The rows lie on different pages, each with room for one more version.
    """
    with admin_connection(city) as connection:
        connection.execute("UPDATE city.cameras SET online = true WHERE id % 15 = 0")
        connection.execute("SELECT pg_stat_force_next_flush()")
        hot = connection.execute(
            "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'cameras'"
        ).fetchone()
    assert hot == (40, 40)


def test_truncate_is_refused_even_to_the_owner(city):
    with admin_connection(city) as connection, pytest.raises(InsufficientPrivilege, match="no trace"):
        connection.execute("TRUNCATE city.cameras")


def test_a_moved_feature_gets_the_region_where_it_lies_now(edit):
    move(edit, "id = 7", 115.61, 31.71)
    assert one(edit, "SELECT region_code FROM city.cameras WHERE id = 7") == f"{WEST_TOWN}001G01"
    set_scope(edit, ALL)
    move(edit, "id = 7", 120.0, 31.71)
    assert one(edit, "SELECT region_code FROM city.cameras WHERE id = 7") is None


def test_the_extent_grows_with_an_edit_and_stays_with_one_inside(city):
    query = "SELECT extent, at FROM onemap.layer_statistics WHERE layer = 'cameras'"
    with connect_application(city) as connection:
        before = connection.execute(query).fetchone()
        with scoped(connection, ALL):
            move(connection, "id = 7", 115.65, 31.75)
        assert connection.execute(query).fetchone() == before
        with scoped(connection, ALL):
            move(connection, "id = 7", 116.0, 32.0)
        assert connection.execute(query).fetchone()[0][2:] == pytest.approx([116.0, 32.0])


def test_changes_of_a_layer_without_geometry_are_logged_too(database, catalog):
    import pandas as pd

    with admin_connection(database) as connection:
        frame = pd.DataFrame({"code": ["a", "b"], "indicator": "gdp", "year": [2019, 2020], "unit": "yuan"})
        layer = catalog.layer("region_statistics")
        load(connection, layer, catalog.code_lists, frame, scope=ALL, source="t")
        connection.execute("DELETE FROM city.region_statistics WHERE code = 'a'")
        log = connection.execute("SELECT op, bbox_new FROM onemap.layer_change ORDER BY seq").fetchall()
    assert log == [("insert", None), ("insert", None), ("delete", None)]
