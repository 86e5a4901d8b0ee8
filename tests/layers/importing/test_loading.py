"""Loading: all or nothing, ordered, placed, under the scope."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from psycopg.errors import InsufficientPrivilege

from geo.errors import BadInput, NotFound, Refused
from layers.database import admin_connection, connect_application, set_scope
from layers.importing.loading import load
from layers.importing.refusals import RowsRefused
from layers.scope import Classification, Scope, Verb
from tests.layers.little_city import (
    ALL,
    EAST_TOWN,
    WEST_TOWN,
    fill,
    one,
    points,
    regions,
    scope_of,
    squares,
    working,
)

pytestmark = pytest.mark.postgis

COUNT = "SELECT count(*) FROM city.cameras"


@pytest.fixture(scope="module")
def city(module_database, catalog):
    fill(module_database, catalog)
    return module_database


@pytest.fixture(params=[connect_application, admin_connection], ids=["app", "admin"])
def writer(request, city):
    """Give a connection inside a transaction that is rolled back."""
    with request.param(city) as connection, connection.transaction(force_rollback=True):
        yield connection


@pytest.fixture
def put(catalog):
    """Load a frame into a layer, with what most tests say the same."""

    def run(connection, name, frame, *, scope=ALL, **more):
        return load(
            connection, catalog.layer(name), catalog.code_lists, frame, scope=scope, source="tests", **more
        )

    return run


@pytest.fixture
def read(writer):
    """Read a column of a layer as the writer, under the whole city's scope."""
    return lambda query: [row[0] for row in writer.execute(query.encode())]


def test_rows_are_stored_with_their_fields_region_and_source(writer, put, read):
    frame = points(4).assign(
        kind="dome", online=[True, False, None, True], height_m=[3.5, np.nan, 6, 7],
        capabilities=[["infrared"], [], None, ["infrared"]], installed_on=["2019-05-01", None, None, None],
    )  # fmt: skip
    assert put(writer, "cameras", frame.drop(columns=["kind", "capabilities"])).rows == 4
    assert sorted(read("SELECT code FROM city.cameras")) == ["p0", "p1", "p2", "p3"]
    assert read("SELECT online FROM city.cameras ORDER BY code") == [True, False, None, True]
    assert read("SELECT height_m FROM city.cameras ORDER BY code") == [3.5, None, 6, 7]
    assert read(
        "SELECT DISTINCT status || ' ' || provenance || ' ' || source || version FROM city.cameras"
    ) == ["in_service imported tests1"]
    assert all(len(code) == 15 for code in read("SELECT region_code FROM city.cameras"))
    wanted = [shape.wkb for shape in frame.geometry]
    assert [bytes(one) for one in read("SELECT ST_AsBinary(geom) FROM city.cameras ORDER BY code")] == wanted


def test_own_provenance_and_source_go_before_those_of_the_load(writer, put, read):
    put(writer, "cameras", points(3).assign(provenance=["real", None, "plan"], source=["a", "b", None]))
    assert read("SELECT provenance FROM city.cameras ORDER BY code") == ["real", "imported", "plan"]
    assert read("SELECT source FROM city.cameras ORDER BY code") == ["a", "b", "tests"]


@pytest.mark.parametrize("crs", [4490, 3857, 4548])
def test_other_coordinate_systems_are_turned_to_degrees(writer, put, read, crs):
    frame = points(3)
    put(writer, "cameras", frame.to_crs(crs))
    x = read("SELECT ST_X(geom) FROM city.cameras ORDER BY code")
    assert x == pytest.approx(frame.geometry.x.tolist(), abs=1e-9)


def test_a_frame_without_a_coordinate_system_is_refused(writer, put):
    frame = points(3)
    frame.crs = None
    with pytest.raises(BadInput, match="no coordinate reference system"):
        put(writer, "cameras", gpd.GeoDataFrame(frame[["code"]], geometry=frame.geometry.to_numpy()))


def test_neighbours_are_stored_near_each_other(writer, put, read):
    put(writer, "buildings", squares(2000))
    assert read("SELECT id FROM city.buildings ORDER BY geom") == sorted(
        read("SELECT id FROM city.buildings")
    )


def test_rows_that_come_to_others_have_what_the_database_would_make_of_them(writer, put, read):
    put(writer, "buildings", squares(20))
    put(writer, "buildings", squares(50).iloc[20:])
    assert read(
        "SELECT ROW(count(*), max(ST_HausdorffDistance(geom_3857, ST_Transform(geom, 3857))) < 1e-6,"
        " max(abs(geom_clearance / onemap.clearance_of(geom_3857) - 1)) < 1e-6)::text FROM city.buildings"
    ) == ["(50,t,t)"]


def test_the_owner_fills_an_empty_table_in_order_with_all_its_indexes_and_triggers(city, put):
    """From 5,000 rows on the loader goes another way, and only the speed may tell."""
    indexes = "SELECT array_agg(indexdef ORDER BY indexdef) FROM pg_indexes WHERE tablename = 'buildings'"
    triggers = (
        "SELECT array_agg(ARRAY[tgname::text, tgenabled::text] ORDER BY tgname) FROM pg_trigger"
        " WHERE tgrelid = 'city.buildings'::regclass"
    )
    frame = squares(6000).assign(source=["own", None] * 3000, floors=list(range(60)) * 100)
    with admin_connection(city) as connection, connection.transaction(force_rollback=True):
        before = one(connection, indexes), one(connection, triggers)
        loaded = put(connection, "buildings", frame)
        assert (one(connection, indexes), one(connection, triggers)) == before
        assert loaded.rows == one(connection, "SELECT count(*) FROM city.buildings") == 6000
        stored = connection.execute(
            "SELECT code, floors, source, ST_AsBinary(geom), region_code, region_codes"
            " FROM city.buildings ORDER BY id"
        ).fetchall()
        logged = "SELECT count(*) FROM onemap.layer_change WHERE layer = 'buildings'"
        assert one(connection, logged) == 1
        placed = (
            "SELECT count(*) FROM city.buildings AS b CROSS JOIN onemap.region_of(b.geom) AS r"
            " WHERE (b.region_code, b.region_codes) IS DISTINCT FROM (r.region_code, r.region_codes)"
        )
        assert one(connection, placed) == 0
        # PROJ's own, in the database: to the micrometre.
        turned = "SELECT max(ST_HausdorffDistance(geom_3857, ST_Transform(geom, 3857))) FROM city.buildings"
        assert one(connection, turned) < 1e-6
        apart = "SELECT max(abs(geom_clearance / onemap.clearance_of(geom_3857) - 1)) FROM city.buildings"
        assert one(connection, apart) < 1e-6
        connection.execute(
            "UPDATE city.buildings SET geom_3857 = ST_Translate(geom_3857, 1, 0), geom_clearance = 99"
            " WHERE id % 2 = 0"
        )
        assert one(connection, turned) < 1e-6, "nobody else sets it"
        assert one(connection, apart) < 1e-6
        ids = "SELECT array[min(id), max(id)] FROM city.buildings"
        recorded = "SELECT array[first_id, last_id] FROM onemap.import_record WHERE id = %s"
        assert one(connection, recorded, loaded.import_id) == one(connection, ids)
    sent = {
        code: (floors, source if isinstance(source, str) else "tests", shape.wkb)
        for code, floors, source, shape in frame[["code", "floors", "source", "geometry"]].itertuples(
            index=False
        )
    }
    assert {row[0]: (row[1], row[2], bytes(row[3])) for row in stored} == sent
    steps = [shapely.from_wkb(bytes(row[3])).centroid for row in stored]
    walk = sum(a.distance(b) for a, b in pairwise(steps))
    shuffled = sum(a.distance(b) for a, b in pairwise(squares(6000).geometry.centroid))
    assert walk < shuffled / 10, "neighbours follow each other"


@pytest.mark.parametrize("on_refusal", ["fail", "report", "skip"])
def test_refused_rows_stop_everything_are_reported_or_left_out(writer, put, read, on_refusal):
    frame = points(10).assign(height_m=[5.0] * 8 + [-1.0, 500.0])
    if on_refusal == "fail":
        with pytest.raises(RowsRefused, match="2 of 10 rows"):
            put(writer, "cameras", frame)
    else:
        loaded = put(writer, "cameras", frame, on_refusal=on_refusal)
        assert [refusal.row for refusal in loaded.refusals] == [9, 10]
        assert (loaded.import_id is None) == (on_refusal == "report")
    assert read("SELECT count(*) FROM onemap.import_record WHERE layer = 'cameras'") == [
        int(on_refusal == "skip")
    ]
    set_scope(writer, ALL)  # where the load was rolled back, its scope was too
    assert read(COUNT) == [8 if on_refusal == "skip" else 0]


def test_a_key_that_the_layer_has_is_refused_with_its_row(writer, put, read):
    put(writer, "cameras", points(5))
    with pytest.raises(RowsRefused) as refused:
        put(writer, "cameras", points(7).assign(code=["p9", "p8", "p3", "p7", "p0", None, None]))
    assert [(r.row, r.field, r.value, r.reason) for r in refused.value.refusals] == [
        (3, "code", "p3", "taken"), (5, "code", "p0", "taken"),
    ]  # fmt: skip
    assert read(COUNT) == [5]
    assert put(writer, "cameras", points(7), on_refusal="skip").rows == 2


def test_replacing_takes_the_same_keys_again(writer, put, read):
    put(writer, "cameras", points(5))
    assert put(writer, "cameras", points(3), mode="replace").rows == 3
    assert read(COUNT) == [3]
    assert read("SELECT count(*) FROM city.cameras_history") == [5]


def test_replacing_a_part_leaves_the_other_parts_alone(city, put):
    grids = regions().query("system == 'governance_grid'").head(1)
    frame = grids[["code", "name", "parent_code", "geometry"]].assign(kind="base")
    with admin_connection(city) as connection, connection.transaction(force_rollback=True):
        put(connection, "governance_grids", frame, mode="replace")
        counts = dict(connection.execute("SELECT system, count(*) FROM city.regions GROUP BY 1").fetchall())
    assert counts == {"admin": 7, "governance_grid": 1}


def test_regions_get_their_own_code_as_region(city):
    with working(city) as connection:
        assert one(connection, "SELECT count(*) FROM city.regions WHERE region_code = code") == 15


@pytest.mark.parametrize("scope", [scope_of(WEST_TOWN), scope_of(f"{WEST_TOWN}001", EAST_TOWN)])
def test_rows_outside_the_writers_regions_are_refused(writer, put, read, scope):
    loaded = put(writer, "cameras", points(200), scope=scope, on_refusal="skip")
    assert 0 < loaded.rows < 200
    assert {refusal.reason for refusal in loaded.refusals} == {"outside-scope"}
    assert all(
        code.startswith(scope.region_prefixes) for code in read("SELECT region_code FROM city.cameras")
    )


@pytest.mark.parametrize(
    ("scope", "error"),
    [
        (Scope("r", frozenset({Verb.READ}), frozenset(Classification)), Refused),
        (Scope("p", frozenset(Verb), frozenset({Classification.PUBLIC})), NotFound),
    ],
)
def test_a_scope_without_the_right_cannot_import(writer, put, scope, error):
    with pytest.raises(error):
        put(writer, "cameras", points(3), scope=scope)


def test_an_error_in_the_middle_leaves_nothing(city, put):
    def fail(_done, _all):
        raise RuntimeError("cable cut")

    with connect_application(city) as connection, pytest.raises(RuntimeError, match="cable cut"):
        put(connection, "cameras", points(3), progress=fail)
    with working(city) as connection:
        assert one(connection, COUNT) == 0
        assert one(connection, "SELECT count(*) FROM onemap.import_record WHERE layer = 'cameras'") == 0
        assert one(connection, "SELECT count(*) FROM onemap.layer_change WHERE layer = 'cameras'") == 0


def test_the_record_tells_what_an_import_brought(writer, put, read):
    frame = points(10).assign(height_m=[5.0] * 9 + [-1.0])
    loaded = put(writer, "cameras", frame, on_refusal="skip", file_hash="abc")
    row = writer.execute(
        "SELECT layer, source, file_hash, mode, rows, refused, actor FROM onemap.import_record WHERE id = %s",
        [loaded.import_id],
    ).fetchone()
    assert row == ("cameras", "tests", "abc", "append", 9, 1, "tests")
    ids = writer.execute(
        "SELECT first_id, last_id FROM onemap.import_record WHERE id = %s", [loaded.import_id]
    ).fetchone()
    assert ids == (min(read("SELECT id FROM city.cameras")), max(read("SELECT id FROM city.cameras")))


def test_single_edits_after_a_load_in_one_transaction_are_placed_again(writer, put, read):
    put(writer, "cameras", points(3))
    writer.execute(
        "INSERT INTO city.cameras (code, geom, provenance, source)"
        " VALUES ('late', ST_SetSRID(ST_MakePoint(115.61, 31.71), 4326), 'real', 't')"
    )
    assert read("SELECT region_code FROM city.cameras WHERE code = 'late'") == [f"{WEST_TOWN}001G01"]


def test_two_loads_fit_into_one_transaction(writer, put, read):
    put(writer, "cameras", points(3))
    put(writer, "cameras", points(3, code="q"))
    assert read(COUNT) == [6]


def test_no_rows_are_no_error(writer, put):
    assert put(writer, "cameras", points(3).head(0)).rows == 0


def test_a_layer_without_geometry_takes_plain_frames(writer, put, read):
    frame = pd.DataFrame(
        {
            "code": ["a", "b"],
            "indicator": "gdp",
            "year": [2019, 2020],
            "unit": "yuan",
            "region_code": [WEST_TOWN, None],
        }
    )
    assert put(writer, "region_statistics", frame).rows == 2
    assert read("SELECT region_code FROM city.region_statistics ORDER BY code") == [WEST_TOWN, None]


def test_second_geometries_are_turned_and_stored_too(writer, put, read):
    target = shapely.box(115.61, 31.71, 115.62, 31.72)
    frame = points(2)[["code", "geometry"]].assign(name="school", **{"class": "school"})
    frame["target_geometry"] = gpd.GeoSeries([target, None], crs=4326)
    frame = frame.to_crs(4548)
    frame["target_geometry"] = frame["target_geometry"].to_crs(4548)
    put(writer, "key_places", frame)
    stored = read("SELECT ST_AsBinary(target_geometry) FROM city.key_places ORDER BY code")
    assert shapely.from_wkb(bytes(stored[0])).equals_exact(target, 1e-9)
    assert stored[1] is None


def test_copy_into_a_layer_itself_is_refused_under_its_policies(city):
    with (
        connect_application(city) as connection,
        pytest.raises(Exception, match=r"row-level security|COPY FROM"),
    ):
        connection.execute("COPY city.cameras (code) FROM STDIN")


def test_the_application_cannot_pretend_an_import_outside_its_regions(city):
    """The setting that a load uses to place rows itself does not open another region."""
    with working(city, scope_of(WEST_TOWN)) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute("SELECT set_config('onemap.loading', 'on', true)")
        connection.execute(
            "INSERT INTO city.cameras (code, geom, provenance, source, region_code)"
            " VALUES ('x', ST_SetSRID(ST_MakePoint(115.67, 31.71), 4326), 'real', 't', %s)",
            [f"{EAST_TOWN}001"],
        )
