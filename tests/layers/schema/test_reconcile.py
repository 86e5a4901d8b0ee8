"""Catalogue against database: create, add, refuse; twice is once."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from geo.errors import Conflict
from layers.database import admin_connection, connect_application, scoped
from layers.definitions import Field, LayerDefinition
from layers.definitions.loading import BadDefinition, Catalog
from layers.schema.adding import add_layer
from layers.schema.fixed import fixed
from layers.schema.migrating import migrate
from layers.schema.migrations.filters import is_fixed, is_our_schema
from layers.schema.reconcile import SchemaRefused, reconcile
from tests.layers.little_city import ALL, fill, one, points, squares, working

pytestmark = pytest.mark.postgis

BINS = """
name: bins
title: {zh: 垃圾桶, en: Bins}
description: {zh: 垃圾桶, en: Bins}
geometry: point
classification: internal
owner: {zh: 城管局, en: Urban management}
source: tests
licence: Apache-2.0
zoom: {min: 10, max: 16}
style: {group: governance, order: 900, symbol: {radius: [[10, 2]]}}
fields:
  - {name: litres, title: {zh: 容量, en: Volume}, type: integer, unit: L, range: [1, 500], tile_from: 12}
  - {name: emptied, title: {zh: 清运, en: Emptied}, type: datetime}
"""


def field(name: str, kind: str = "text", **more: object) -> Field:
    return Field.model_validate({"name": name, "title": {"zh": "字段", "en": name}, "type": kind, **more})


def changed(catalog: Catalog, layer: str, *add: Field, drop: str = "", **fields: Field) -> Catalog:
    """Return the catalogue with fields of one layer added, dropped or replaced by name."""
    old = catalog.layer(layer)
    kept = [fields.get(one.name, one) for one in old.fields if one.name != drop]
    return catalog.with_layer(LayerDefinition.model_validate({**old.model_dump(), "fields": [*kept, *add]}))


@pytest.fixture(scope="module")
def five_cameras(module_database, catalog):
    """Give a database whose catalogue each test leaves as it was."""
    places = ["a street", "a square", None, "a bridge", "a gate"]
    fill(module_database, catalog, cameras=points(5).assign(height_m=6.0, place=places))
    return module_database


def test_a_second_run_changes_nothing(module_database, catalog):
    with admin_connection(module_database) as connection:
        changes = reconcile(connection, catalog)
    assert not changes.anything
    assert changes.unknown == ()


def test_a_mercator_copy_that_postgres_generates_becomes_one_that_a_trigger_makes(database, catalog):
    fill(database, catalog, cameras=points(5))
    with admin_connection(database) as connection:
        connection.execute(
            "ALTER TABLE city.cameras DROP geom_3857 CASCADE, ADD geom_3857 ext.geometry(Point, 3857)"
            " GENERATED ALWAYS AS (ext.ST_Transform(geom, 3857)) STORED"
        )
        connection.execute("UPDATE onemap.layer_schema SET digest = '' WHERE layer = 'cameras'")
        assert reconcile(connection, catalog).refreshed == ("cameras",)
        connection.execute(
            "UPDATE city.cameras SET geom = ext.ST_Translate(geom, 0.001, 0) WHERE code = 'p0'"
        )
        same = "SELECT bool_and(ext.ST_Equals(geom_3857, ext.ST_Transform(geom, 3857))) FROM city.cameras"
        assert one(connection, same)


def test_the_clearance_of_areas_comes_to_a_city_of_before_without_a_new_version_of_any_row(database, catalog):
    fill(database, catalog, buildings=squares(5))
    rows = (
        "SELECT array_agg(ROW(id, version, updated_at, geom_clearance)::text ORDER BY id) FROM city.buildings"
    )
    with working(database) as connection:
        made = one(connection, rows)
    with admin_connection(database) as connection:
        connection.execute("ALTER TABLE city.buildings DROP geom_clearance CASCADE")
        connection.execute("UPDATE onemap.layer_schema SET digest = '' WHERE layer = 'buildings'")
        assert reconcile(connection, catalog).added == (("buildings", "geom_clearance"),)
        assert not reconcile(connection, catalog).anything
    with working(database) as connection:
        assert one(connection, rows) == made
        assert one(connection, "SELECT count(*) FROM city.buildings_history") == 0
        connection.execute("UPDATE city.buildings SET geom = ST_Expand(geom, 0.001) WHERE code = 'b0'")
        assert one(connection, "SELECT count(*) FROM city.buildings_history") == 1
        assert one(connection, "SELECT max(geom_clearance) > 2 * min(geom_clearance) FROM city.buildings")


def test_a_clearance_that_postgres_generates_becomes_one_that_a_trigger_makes(database, catalog):
    fill(database, catalog, buildings=squares(5))
    made = "SELECT array_agg(ROW(version, geom_clearance)::text ORDER BY id) FROM city.buildings"
    with admin_connection(database) as connection:
        before = one(connection, made)
        connection.execute(
            "ALTER TABLE city.buildings DROP geom_clearance CASCADE, ADD geom_clearance real"
            " GENERATED ALWAYS AS (onemap.clearance_of(geom_3857)) STORED"
        )
        connection.execute("UPDATE onemap.layer_schema SET digest = '' WHERE layer = 'buildings'")
        assert reconcile(connection, catalog).refreshed == ("buildings",)
        assert one(connection, made) == before
        connection.execute("UPDATE city.buildings SET geom = ST_Expand(geom, 0.001) WHERE code = 'b0'")
        assert one(connection, "SELECT max(geom_clearance) > 2 * min(geom_clearance) FROM city.buildings")


def test_migrating_again_changes_nothing(module_database):
    assert not migrate(module_database).anything


def test_alembic_sees_no_difference_and_never_a_layer_or_a_result(database, catalog):
    with admin_connection(database) as connection:
        add_layer(connection, BINS, scope=ALL)
        connection.execute("CREATE TABLE results.density_1 (cell bigint)")
        connection.execute("CREATE TABLE onemap.queue_of_another_library (a int)")
    engine = create_engine(database.admin.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_schemas": True, "include_name": is_our_schema, "include_object": is_fixed,
                  "version_table": "migration", "version_table_schema": "onemap", "compare_type": True},
        )  # fmt: skip
        assert compare_metadata(context, fixed) == []
    engine.dispose()


def test_a_new_optional_field_is_added_and_rows_stay(database, catalog):
    fill(database, catalog, cameras=points(5))
    wider = changed(catalog, "cameras", field("maker", tile_from=10))
    with admin_connection(database) as connection:
        changes = reconcile(connection, wider)
        assert changes.added == (("cameras", "maker"),)
        assert changes.created == ()
        assert not reconcile(connection, wider).anything
    with working(database) as connection:
        connection.execute("UPDATE city.cameras SET maker = 'm' WHERE id = 1")
        assert one(connection, "SELECT count(*) FROM city.cameras") == 5
        connection.execute("UPDATE city.cameras SET maker = 'n' WHERE id = 1")
        assert one(connection, "SELECT max(maker) FROM city.cameras_history") == "m"


def test_a_prepared_read_stays_valid_when_a_field_is_added(database, catalog):
    fill(database, catalog, cameras=points(5))
    queries = (
        "SELECT id, code FROM city.cameras_items(NULL, NULL, NULL, NULL, 10, true, NULL)",
        "SELECT id, code FROM city.cameras_item(1, true, NULL)",
        "SELECT length(mvt) > 0, 1 FROM city.cameras_tile(8, 210, 103, true, NULL)",
    )
    with connect_application(database) as reader, admin_connection(database) as admin:
        before = [
            reader.execute(query.encode(), prepare=True).fetchall() for query in queries for _ in range(3)
        ]
        reconcile(admin, changed(catalog, "cameras", field("maker", tile_from=0)))
        after = [
            reader.execute(query.encode(), prepare=True).fetchall() for query in queries for _ in range(3)
        ]
    assert before == after


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: changed(c, "cameras", height_m=field("height_m", "text")), "would become text"),
        (lambda c: changed(c, "cameras", drop="place"), "no longer in the definition"),
        (lambda c: changed(c, "cameras", field("maker", required=True)), "new and required"),
        (lambda c: changed(c, "cameras", height_m=field("height_m", "number", range=[0, 3])), "m_range"),
        (lambda c: changed(c, "cameras", place=field("place", length=2)), "cameras_place_length"),
        (lambda c: changed(c, "cameras", place=field("place", required=True)), "would become required"),
    ],
)  # fmt: skip
def test_what_would_lose_or_contradict_rows_is_refused(five_cameras, catalog, change, reason):
    other = changed(change(catalog), "buildings", field("roof"))
    with admin_connection(five_cameras) as connection:
        with pytest.raises(SchemaRefused, match=reason) as refused:
            reconcile(connection, other)
        assert list(refused.value.details["layers"]) == ["cameras"]
        roof = "SELECT count(*) FROM pg_attribute WHERE attname = 'roof'"
        assert one(connection, roof) == 0, "nothing is changed where anything is refused"
        assert not reconcile(connection, catalog).anything


@pytest.mark.parametrize(
    "change",
    [
        lambda c: changed(c, "cameras", height_m=field("height_m", "number", range=[0, 7])),
        lambda c: changed(c, "cameras", height_m=field("height_m", "number")),
        lambda c: changed(c, "cameras", height_m=field("height_m", "number", required=True)),
        lambda c: changed(c, "cameras", place=field("place", unique=True)),
    ],
)
def test_a_rule_that_the_rows_keep_may_change(five_cameras, catalog, change):
    with admin_connection(five_cameras) as connection:
        assert reconcile(connection, change(catalog)).refreshed == ("cameras",)
        assert not reconcile(connection, change(catalog)).anything
        assert reconcile(connection, catalog).refreshed == ("cameras",)


def test_a_part_follows_its_whole(database, catalog):
    fill(database, catalog)
    with admin_connection(database) as connection:
        changes = reconcile(connection, changed(catalog, "regions", field("motto")))
        assert "communities" in changes.refreshed
    with working(database) as connection:
        assert (
            one(connection, "SELECT count(*) FROM city.communities_items(NULL,NULL,NULL,NULL,NULL,true,NULL)")
            == 4
        )


def test_a_layer_is_added_at_run_time_and_survives_the_next_migration(database):
    with admin_connection(database) as connection:
        added = add_layer(connection, BINS, scope=ALL)
        assert added.changes.created == ("bins",)
        fill(database, added.catalog, bins=points(5).assign(litres=50))
        assert not migrate(database).anything
        wider = BINS + "  - {name: lid, title: {zh: 盖, en: Lid}, type: boolean}\n"
        assert add_layer(connection, wider, scope=ALL).changes.added == (("bins", "lid"),)
        with pytest.raises(SchemaRefused, match="no longer in the definition"):
            add_layer(connection, BINS, scope=ALL)
        assert "lid" in one(connection, "SELECT document FROM onemap.layer_definition WHERE name = 'bins'")
    with connect_application(database) as reader, scoped(reader, ALL):
        assert one(reader, "SELECT count(*) FROM city.bins") == 5


@pytest.mark.parametrize("name", ['b"; DROP TABLE city.cameras; --', "Bins", "b'ns", "b" * 60, "", "1bins"])
def test_a_run_time_layer_with_a_bad_name_is_refused(module_database, name):
    document = BINS.replace("name: bins", f"name: {name!r}", 1)
    with admin_connection(module_database) as connection, pytest.raises(BadDefinition):
        add_layer(connection, document, scope=ALL)


def test_a_run_time_layer_cannot_take_the_name_of_a_file(module_database):
    with admin_connection(module_database) as connection, pytest.raises(Conflict, match="cameras"):
        add_layer(connection, BINS.replace("name: bins", "name: cameras", 1), scope=ALL)


def test_two_processes_may_migrate_at_once(server, database):
    from concurrent.futures import ThreadPoolExecutor

    with admin_connection(database) as connection:
        connection.execute("DELETE FROM onemap.layer_schema")
    with ThreadPoolExecutor(3) as threads:
        for changes in threads.map(lambda _: migrate(database), range(3)):
            assert changes.created == ()
