"""The search table: what is in it, who may see what of it, and that it is quick."""

import asyncpg
import psycopg
import pytest

from layers.database import admin_connection, connect_application, open_reading_pool, set_scope
from layers.scope import Classification, Scope, Verb
from layers.search.fold import fold
from layers.search.index import rebuild, searchable_fields, searched_layers
from layers.search.places import towns_of
from layers.search.reading import find

pytestmark = pytest.mark.postgis

NAMES = ["叶集Ｇ３１２", "  Two  Spaces ", "É㎡", "普通", "a\tb", "龍井廣場"]
COUNTY = Scope("w", frozenset({Verb.READ}), frozenset(Classification), ("341504001",))


@pytest.fixture
def filled(database, catalog):
    """Give a database with two towns and cameras of the same names in both."""
    with admin_connection(database) as connection:
        with connection.transaction():
            set_scope(connection, Scope.everything("tests"))
            connection.execute(
                "INSERT INTO city.regions (code, geom, provenance, source, system, level, name, code_prefix)"
                " SELECT code, ST_MakeEnvelope(west, 31, west + 1, 32, 4326), 'synthetic', 'tests', 'admin',"
                " 'town', name, code FROM (VALUES ('341504001', 115, '东镇'), ('341504002', 116, '西镇'))"
                " AS t (code, west, name)"
            )
            for number, name in enumerate(NAMES):
                for west in (115, 116):
                    connection.execute(
                        "INSERT INTO city.cameras (code, geom, provenance, source, name)"
                        " VALUES (%s, ST_SetSRID(ST_Point(%s, 31.5), 4326), 'synthetic', 'tests', %s)",
                        (f"C{west}-{number}", west + 0.5, name),
                    )
        rebuild(connection, catalog)
    return database


async def search(database, catalog, scope, text, limit=50):
    pool = await open_reading_pool(database, size=1)
    layers = [(layer, scope.for_layer(layer)) for layer in searched_layers(catalog) if scope.may_open(layer)]
    try:
        async with pool.acquire() as connection:
            return await find(connection, layers, text, limit)
    finally:
        await pool.close()


async def test_traditional_and_simplified_characters_find_each_other(filled, catalog):
    everything = Scope.everything("tests")
    for text in ("龍井廣場", "龙井广场", "龙井", "ljgc", "longjing", "井廣"):
        assert {one.name for one in await search(filled, catalog, everything, text)} == {"龍井廣場"}, text
    assert {one.name for one in await search(filled, catalog, everything, "東鎮")} == {"东镇"}


def test_the_database_folds_as_python_does(filled):
    with admin_connection(filled) as connection:
        rows = connection.execute(
            "SELECT name, folded FROM onemap.search_entry WHERE layer = 'cameras'"
        ).fetchall()
    assert len(rows) == 2 * len(NAMES)
    for name, folded in rows:
        assert folded == fold(name)


def test_every_searchable_layer_of_the_catalogue_can_be_indexed(database, catalog):
    assert {"regions", "cameras", "buildings", "roads"} <= {layer.name for layer in searched_layers(catalog)}
    for layer in searched_layers(catalog):
        assert searchable_fields(layer)
    with admin_connection(database) as connection:
        assert rebuild(connection, catalog) == 0
        assert rebuild(connection, catalog, ["cameras"]) == 0


def test_only_the_named_layers_are_made_anew(filled, catalog):
    with admin_connection(filled) as connection:
        with connection.transaction():
            set_scope(connection, Scope.everything("tests"))
            connection.execute("DELETE FROM city.cameras WHERE code LIKE 'C115%'")
            connection.execute("DELETE FROM city.regions")
        rebuild(connection, catalog, ["cameras"])
        kept = dict(
            connection.execute("SELECT layer, count(*) FROM onemap.search_entry GROUP BY layer").fetchall()
        )
    assert kept == {"cameras": len(NAMES), "regions": 2}


def test_a_rebuild_that_fails_leaves_the_old_entries(filled, catalog):
    with admin_connection(filled) as connection:
        with pytest.raises(psycopg.errors.UndefinedTable), connection.transaction():
            rebuild(connection, catalog)
            connection.execute("SELECT * FROM nowhere")
        indexes = connection.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'search_entry' ORDER BY 1"
        ).fetchall()
    assert ("search_entry_texts",) in indexes


async def test_restricted_things_are_found_only_in_the_readers_regions(filled, catalog):
    every = await search(filled, catalog, Scope.everything("tests"), "普通")
    assert {entry.code for entry in every} == {"C115-3", "C116-3"}
    own = await search(filled, catalog, COUNTY, "普通")
    assert {entry.code for entry in own} == {"C115-3"}


async def test_a_layer_that_is_closed_to_a_reader_is_not_searched(filled, catalog):
    signed_in = Scope(
        "s", frozenset({Verb.READ}), frozenset({Classification.PUBLIC, Classification.INTERNAL})
    )
    assert await search(filled, catalog, signed_in, "普通") == []
    assert [entry.name for entry in await search(filled, catalog, signed_in, "东镇")] == ["东镇"]


async def test_a_town_is_found_as_one_and_a_camera_as_a_camera(filled, catalog):
    everything = Scope.everything("tests")
    (town,) = await search(filled, catalog, everything, "东镇")
    assert (town.layer, town.part) == ("regions", "towns")
    assert {entry.part for entry in await search(filled, catalog, everything, "普通")} == {None}


async def test_an_empty_prefix_opens_nothing(filled):
    pool = await open_reading_pool(filled, size=1)
    for prefixes in ([], [""], [None]):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.fetch(
                "SELECT * FROM onemap.find_entries($1, $2, $3, $4, $5, $6)",
                "普通",
                [],
                ["cameras"],
                prefixes,
                9,
                "普通",
            )
    await pool.close()


def test_the_application_reads_the_table_only_through_the_function(filled):
    with connect_application(filled) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT * FROM onemap.search_entry")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("g312", "叶集Ｇ３１２"),
        ("dz", "东镇"),
        ("dongz", "东镇"),
        ("镇", None),
        ("通", None),
        ("普通", "普通"),
    ],
)
async def test_short_texts_are_found_as_beginnings_and_pairs_anywhere(filled, catalog, text, first):
    found = await search(filled, catalog, Scope.everything("tests"), text)
    assert (found[0].name if found else None) == first or (first is None and found[0].layer == "regions")


async def test_two_characters_among_many_rows_are_found_by_their_index(database, catalog):
    with admin_connection(database) as connection:
        with connection.transaction():
            set_scope(connection, Scope.everything("tests"))
            connection.execute(
                "INSERT INTO city.cameras (code, geom, provenance, source, name)"
                " SELECT 'C' || n, ST_SetSRID(ST_Point(116, 31.5), 4326), 'synthetic', 'tests',"
                " chr(19968 + n %% 4000) || chr(19968 + n %% 3989) || '路口' || n"
                " FROM generate_series(1, 30000) AS n",
                [],
            )
        rebuild(connection, catalog)
        plan = connection.execute(
            "EXPLAIN SELECT FROM onemap.search_entry WHERE texts LIKE %s", ["%一一丁丁%"]
        ).fetchall()
    assert "search_entry_texts" in str(plan)
    everything = Scope.everything("tests")
    assert {entry.name[-1] for entry in await search(database, catalog, everything, "路口", 10)} <= set(
        "0123456789"
    )
    assert await search(database, catalog, everything, "龘龘") == []


async def test_equal_names_are_told_apart_by_their_town(filled, catalog):
    everyone = Scope.everything("tests")
    layers = [(layer, everyone.for_layer(layer)) for layer in searched_layers(catalog)]
    pool = await open_reading_pool(filled, size=1)
    async with pool.acquire() as connection:
        found = await find(connection, layers, NAMES[3], 10)
        towns = await towns_of(connection, everyone, found)
        regions = await find(connection, layers, "东镇", 10)
        assert await towns_of(connection, everyone, regions) == [None]
    await pool.close()
    expected = {"C115-3": ("341504001", "东镇"), "C116-3": ("341504002", "西镇")}
    assert {entry.code: town for entry, town in zip(found, towns, strict=True)} == expected
