"""Writing single features: checked, placed, versioned, under the scope."""

from uuid import uuid4

import pytest
import shapely

from geo.errors import BadInput, Conflict, NotFound, Refused
from layers.database import connect_application, set_scope
from layers.features.writing import delete_feature, insert_feature, update_feature
from layers.importing.refusals import RowsRefused
from tests.layers.little_city import ALL, EAST_TOWN, WEST_TOWN, fill, points, scope_of

pytestmark = pytest.mark.postgis

WEST_SPOT, EAST_SPOT = shapely.Point(115.61, 31.71), shapely.Point(115.67, 31.71)


@pytest.fixture(scope="module")
def city(module_database, catalog):
    fill(module_database, catalog, cameras=points(20))
    return module_database


@pytest.fixture
def edit(city):
    with connect_application(city) as connection, connection.transaction(force_rollback=True):
        set_scope(connection, ALL)
        yield connection


@pytest.fixture
def layer(catalog):
    return catalog.layer("cameras"), catalog.code_lists


def test_a_new_feature_is_placed_and_has_version_one(edit, layer):
    made = insert_feature(edit, *layer, WEST_SPOT, {"code": "new", "height_m": 4, "provenance": "real"})
    assert (made.version, made.region_code, made.created) == (1, f"{WEST_TOWN}001G01", True)
    row = edit.execute(
        "SELECT height_m, source, provenance, ST_X(geom) FROM city.cameras WHERE id = %s", [made.id]
    )
    assert row.fetchone() == (4.0, layer[0].source, "real", 115.61)


def test_the_same_client_key_twice_is_one_feature(edit, layer):
    key = uuid4()
    first = insert_feature(edit, *layer, WEST_SPOT, {"code": "k"}, client_key=key)
    second = insert_feature(edit, *layer, WEST_SPOT, {"code": "k"}, client_key=key)
    assert (second.id, second.created) == (first.id, False)


def test_a_taken_code_is_a_conflict(edit, layer):
    with pytest.raises(Conflict, match="cameras_key"), edit.transaction():
        insert_feature(edit, *layer, WEST_SPOT, {"code": "p3"})


def test_a_change_counts_the_version_and_a_stale_one_is_a_conflict(edit, layer):
    made = insert_feature(edit, *layer, WEST_SPOT, {"code": "new", "height_m": 4})
    changed = update_feature(
        edit, *layer, made.id, made.version, properties={"height_m": None, "online": True}
    )
    assert changed.version == 2
    row = edit.execute("SELECT code, height_m, online FROM city.cameras WHERE id = %s", [made.id]).fetchone()
    assert row == ("new", None, True)
    with pytest.raises(Conflict) as stale:
        update_feature(edit, *layer, made.id, made.version, properties={"online": False})
    assert stale.value.details["version"] == 2
    moved = update_feature(edit, *layer, made.id, 2, geometry=EAST_SPOT)
    assert moved.region_code == f"{EAST_TOWN}001G02"


def test_a_deleted_feature_is_gone_and_a_stale_delete_is_a_conflict(edit, layer):
    made = insert_feature(edit, *layer, WEST_SPOT, {"code": "new"})
    with pytest.raises(Conflict):
        delete_feature(edit, layer[0], made.id, 7)
    delete_feature(edit, layer[0], made.id, 1)
    with pytest.raises(NotFound):
        delete_feature(edit, layer[0], made.id, 1)
    with pytest.raises(NotFound):
        update_feature(edit, *layer, made.id, 1, properties={"online": True})


@pytest.mark.parametrize(
    ("geometry", "properties", "error"),
    [
        (WEST_SPOT, {"height_m": 999}, RowsRefused),
        (WEST_SPOT, {"kind": "nosuch"}, RowsRefused),
        (WEST_SPOT, {"status": "broken"}, RowsRefused),
        (shapely.Point(31, 116), {}, RowsRefused),
        (None, {"code": "x"}, RowsRefused),
        (WEST_SPOT, {"region_code": EAST_TOWN}, BadInput),
        (WEST_SPOT, {"version": 7}, BadInput),
        (WEST_SPOT, {"nosuch": 7}, BadInput),
    ],
)
def test_what_does_not_fit_the_layer_is_not_written(edit, layer, geometry, properties, error):
    with pytest.raises(error):
        insert_feature(edit, *layer, geometry, properties)


def test_a_writer_stays_in_its_regions(edit, layer):
    set_scope(edit, scope_of(WEST_TOWN))
    made = insert_feature(edit, *layer, WEST_SPOT, {"code": "new"})
    with pytest.raises(Refused), edit.transaction():
        insert_feature(edit, *layer, EAST_SPOT, {"code": "other"})
    with pytest.raises(Refused), edit.transaction():
        update_feature(edit, *layer, made.id, 1, geometry=EAST_SPOT)
    set_scope(edit, scope_of(EAST_TOWN))
    with pytest.raises(NotFound):
        update_feature(edit, *layer, made.id, 1, properties={"online": True})


def test_a_change_of_nothing_is_refused(edit, layer):
    with pytest.raises(BadInput, match="neither"):
        update_feature(edit, *layer, 1, 1)
