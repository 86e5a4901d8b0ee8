"""How much a tile holds: never more than can be sent, and everything where that is little."""

import mapbox_vector_tile
import morecantile
import numpy as np
import psycopg
import pytest

from layers.features.reading import read_thinned_tile, read_tile
from layers.scope import LayerScope
from tests.layers.little_city import EAST, EAST_TOWN, NORTH, SOUTH, WEST, fill, points, reading, squares
from tests.layers.little_city import one as value
from tilecache.render import MOST_BYTES, compress, render

pytestmark = pytest.mark.postgis

TMS = morecantile.tms.get("WebMercatorQuad")
COUNT = 30_000


@pytest.fixture(scope="module")
def city(module_database, catalog):
    fill(module_database, catalog, cameras=points(COUNT), buildings=squares(COUNT))
    return module_database


@pytest.fixture
async def connection(city):
    async with reading(city) as found:
        yield found


def around(zoom):
    return list(TMS.tiles(WEST, SOUTH, EAST, NORTH, zooms=[zoom]))


def features(data, layer):
    decoded = mapbox_vector_tile.decode(data)
    return decoded[layer]["features"] if decoded else []


async def test_points_of_a_thinned_tile_stand_for_all_points_of_their_cell(connection, catalog):
    cameras, scope = catalog.layer("cameras"), LayerScope("cameras", True)
    total = 0
    for tile in around(11):
        address = (tile.z, tile.x, tile.y)
        everything = features((await read_tile(connection, cameras, scope, *address)).data, "cameras")
        thinned = features(
            (await read_thinned_tile(connection, cameras, scope, *address, 32)).data, "cameras"
        )
        if len(everything) <= 32 * 32 * 5 / 8:
            assert thinned == everything
            continue
        places = {f["id"]: f for f in everything}
        assert len(thinned) < len(everything)
        for feature in thinned:
            same = places[feature["id"]]
            assert feature["geometry"] == same["geometry"]
            count = feature["properties"].pop("point_count")
            if count > 1:
                del same["properties"]["code"]
            assert feature["properties"] == same["properties"]
            total += count
        # the grid of the tile, by a reckoning of its own: decoded rows count from the south
        xy = np.array([f["geometry"]["coordinates"] for f in everything])
        cells = {tuple(cell) for cell in np.floor(xy / 128).astype(int).tolist()}
        assert abs(len(thinned) - len(cells)) <= 0.05 * len(cells)
    assert total >= COUNT * 0.9


async def test_of_areas_the_largest_are_left(connection, catalog):
    buildings, scope = catalog.layer("buildings"), LayerScope("buildings", True)
    (tile, *_) = around(11)
    thinned = features(
        (await read_thinned_tile(connection, buildings, scope, tile.z, tile.x, tile.y, 64)).data, "buildings"
    )
    assert len(thinned) <= 64 * 64 * 5 / 8
    assert all(feature["properties"]["thinned"] is True for feature in thinned)


@pytest.mark.parametrize("layer", ["cameras", "buildings"])
@pytest.mark.parametrize("zoom", [6, 10, 11, 13, 14, 16])
async def test_no_tile_is_over_the_limit(connection, catalog, layer, zoom):
    for tile in around(zoom)[:6]:
        drawn = await render(
            connection, catalog.layer(layer), LayerScope(layer, True), tile.z, tile.x, tile.y
        )
        assert len(compress(drawn.data)) <= MOST_BYTES


async def test_a_thinned_tile_shows_a_reader_of_a_town_nothing_else(connection, catalog, city, cluster):
    from tests.conftest import superuser_address

    scope = LayerScope("cameras", False, (EAST_TOWN,))
    ids = set()
    for tile in around(11):
        drawn = await read_thinned_tile(
            connection, catalog.layer("cameras"), scope, tile.z, tile.x, tile.y, 16
        )
        ids |= {feature["id"] for feature in features(drawn.data, "cameras")}
    with psycopg.connect(superuser_address(cluster, city)) as owner:
        foreign = value(
            owner,
            "SELECT count(*) FROM city.cameras WHERE id = ANY (%s) AND NOT region_code ^@ %s",
            sorted(ids), EAST_TOWN,
        )  # fmt: skip
    assert ids and foreign == 0


async def test_a_thinned_tile_needs_a_scope(connection, catalog):
    function = "SELECT mvt FROM city.cameras_thin(11, 0, 0, false, $1, 64)"
    for prefixes in ([], [""], None):
        with pytest.raises(Exception, match="scope"):
            await connection.fetchrow(function, prefixes)
