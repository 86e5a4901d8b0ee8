"""A whole code finds its feature in any layer, within the reader's rights."""

import pytest

from layers.database import admin_connection, open_reading_pool, set_scope
from layers.scope import Classification, Scope, Verb
from layers.search.codes import find_code

pytestmark = pytest.mark.postgis

EVERYTHING = Scope.everything("tests")
EAST = Scope("w", frozenset({Verb.READ}), frozenset(Classification), ("341504001",))


@pytest.fixture(scope="module")
def filled(module_database):
    """Give a database with a camera in each of two towns, one that was removed, and a pole."""
    with admin_connection(module_database) as connection, connection.transaction():
        set_scope(connection, EVERYTHING)
        connection.execute(
            "INSERT INTO city.regions (code, geom, provenance, source, system, level, name, code_prefix)"
            " SELECT code, ST_MakeEnvelope(west, 31, west + 1, 32, 4326), 'synthetic', 'tests', 'admin',"
            " 'town', code, code FROM (VALUES ('341504001', 115), ('341504002', 116)) AS t (code, west)"
        )
        connection.execute(
            "INSERT INTO city.cameras (code, geom, provenance, source, status, name)"
            " SELECT code, ST_SetSRID(ST_Point(lon, 31.5), 4326), 'synthetic', 'tests', status, NULL"
            " FROM (VALUES ('JK00001', 115.5, 'in_service'), ('JK00002', 116.5, 'in_service'),"
            " ('JK00003', 115.5, 'removed')) AS t (code, lon, status)"
        )
        connection.execute(
            "INSERT INTO city.poles (code, geom, provenance, source, kind)"
            " VALUES ('GAN0001', ST_SetSRID(ST_Point(116.5, 31.5), 4326), 'synthetic', 'tests', 'lamp')"
        )
    return module_database


async def look(database, catalog, scope, code):
    pool = await open_reading_pool(database, size=1)
    layers = [
        (layer, scope.for_layer(layer))
        for layer in catalog.layers.values()
        if layer.part_of is None and scope.may_open(layer)
    ]
    try:
        async with pool.acquire() as connection:
            return await find_code(connection, layers, code)
    finally:
        await pool.close()


@pytest.mark.parametrize("text", ["JK00001", "jk00001"])
async def test_a_feature_is_found_by_its_code_with_its_place(filled, catalog, text):
    (found,) = await look(filled, catalog, EVERYTHING, text)
    assert (found.layer, found.code, found.point) == ("cameras", "JK00001", (115.5, 31.5))


async def test_a_removed_feature_is_not_found(filled, catalog):
    assert await look(filled, catalog, EVERYTHING, "JK00003") == []


async def test_a_reader_of_one_town_finds_no_code_of_another(filled, catalog):
    assert [found.code for found in await look(filled, catalog, EAST, "JK00001")] == ["JK00001"]
    assert await look(filled, catalog, EAST, "JK00002") == []
    # poles are for every reader of their class, wherever they stand
    assert [found.layer for found in await look(filled, catalog, EAST, "GAN0001")] == ["poles"]


@pytest.mark.parametrize("text", ["%", "'; DROP TABLE city.cameras; --1", "JK0000", "JK00001 ", "9" * 60])
async def test_nothing_else_is_found(filled, catalog, text):
    assert await look(filled, catalog, EVERYTHING, text) == []
