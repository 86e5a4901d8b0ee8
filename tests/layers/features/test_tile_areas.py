"""Areas in a tile: those that need no repair are drawn without it, and come out as the others do."""

import geopandas as gpd
import mapbox_vector_tile
import morecantile
import numpy as np
import pytest
import shapely

from layers.features.reading import read_thinned_tile, read_tile
from layers.scope import LayerScope
from tests.layers.little_city import EAST, NORTH, SOUTH, WEST, fill, one, reading, working

pytestmark = pytest.mark.postgis

TMS = morecantile.tms.get("WebMercatorQuad")
EVERYWHERE = LayerScope("buildings", True)
BOWTIE = "POLYGON((115.63 31.73, 115.632 31.732, 115.632 31.73, 115.63 31.732, 115.63 31.73))"
REPAIRED = """
    SELECT coalesce(ST_AsMVT(q, 'buildings', 4096, 'g', 'id'), '') FROM (
        SELECT id, ST_AsMVTGeom(geom_3857, ST_TileEnvelope(%s, %s, %s), 4096, 64, true) AS g
        FROM city.buildings WHERE geom_3857 && ST_TileEnvelope(%s, %s, %s, margin => 64.0 / 4096)) AS q
"""


def stars(count, draw):
    """Return areas with bends: a radius for each of some angles about a point of the city."""
    made = []
    for _ in range(count):
        angles = np.sort(draw.uniform(0, 2 * np.pi, draw.integers(3, 40)))
        radii = 10 ** draw.uniform(-5.5, -2.2) * draw.uniform(0.1, 1, len(angles))
        middle = draw.uniform((WEST, SOUTH), (EAST, NORTH))
        corners = middle + radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        made.append(shapely.Polygon(corners))
    return [shape for shape in made if shape.is_valid and shape.area]


def odd_ones(draw):
    """Return slivers, areas with a hole near their edge, and parts that touch in a corner."""
    for x, y in draw.uniform((WEST, SOUTH), (EAST - 0.004, NORTH - 0.004), (40, 2)):
        thin, wide = 10 ** draw.uniform(-6, -4), 10 ** draw.uniform(-5, -2.5)
        frame = shapely.box(x, y, x + wide, y + wide)
        hole = shapely.box(x + wide / 9, y + wide / 9, x + wide * 0.99, y + wide / 2)
        yield shapely.Polygon([(x, y), (x + wide, y + thin), (x + wide / 2, y + wide / 3)])
        yield frame - hole
        yield shapely.MultiPolygon([frame, shapely.box(x + wide, y + wide, x + 2 * wide, y + 2 * wide)])


@pytest.fixture(scope="module")
def city(module_database, catalog):
    draw = np.random.default_rng(4)
    shapes = [*stars(600, draw), *odd_ones(draw)]
    codes = [f"b{number}" for number in range(len(shapes))]
    fill(module_database, catalog, buildings=gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=4326))
    with working(module_database) as connection:
        connection.execute(
            "INSERT INTO city.buildings (code, geom, provenance, source)"
            " VALUES ('bowtie', ST_GeomFromText(%s, 4326), 'synthetic', 'tests')",
            [BOWTIE],
        )
    return module_database


def areas_of(data):
    """Return the areas of a tile by id."""
    features = mapbox_vector_tile.decode(data)["buildings"]["features"] if data else []
    return {found["id"]: shapely.geometry.shape(found["geometry"]) for found in features}


def test_what_is_no_valid_area_has_no_clearance(city):
    with working(city) as connection:
        of = "SELECT geom_clearance FROM city.buildings WHERE code = %s"
        assert one(connection, of, "bowtie") is None
        assert one(connection, "SELECT count(*) FROM city.buildings WHERE geom_clearance IS NULL") == 1


@pytest.mark.parametrize("zoom", [11, 12, 14, 16, 17])
async def test_every_area_of_a_tile_is_valid_and_as_if_it_had_been_repaired(city, catalog, zoom):
    tiles = [*TMS.tiles(WEST, SOUTH, EAST, NORTH, zooms=[zoom])]
    tiles = tiles[:: max(1, len(tiles) // 25)]
    compared = 0
    async with reading(city) as connection:
        for tile in tiles:
            address = (tile.z, tile.x, tile.y)
            mine = await read_tile(connection, catalog.layer("buildings"), EVERYWHERE, *address)
            with working(city) as owner:
                repaired = areas_of(bytes(one(owner, REPAIRED, *address, *address)))
            drawn = areas_of(mine.data)
            assert drawn.keys() == repaired.keys()
            for number, area in drawn.items():
                assert area.is_valid
                assert area.equals(repaired[number])
            compared += len(drawn)
    assert compared > 5


@pytest.mark.parametrize("zoom", [11, 12, 13])
async def test_the_areas_of_a_thinned_tile_are_valid_and_the_largest(city, catalog, zoom):
    tile = TMS.tile((WEST + EAST) / 2, (SOUTH + NORTH) / 2, zoom)
    address = (tile.z, tile.x, tile.y)
    layer = catalog.layer("buildings")
    async with reading(city) as connection:
        everything = areas_of((await read_tile(connection, layer, EVERYWHERE, *address)).data)
        few = areas_of((await read_thinned_tile(connection, layer, EVERYWHERE, *address, 8)).data)
    assert 20 < len(few) <= 40 < len(everything)
    assert all(area.is_valid for area in few.values())
    with working(city) as owner:
        size = dict(owner.execute("SELECT id, ST_Area(geom_3857) FROM city.buildings").fetchall())
    assert min(size[number] for number in few) >= max(size[number] for number in everything.keys() - few)
