"""Tiles as OGC API - Tiles Part 1 (20-057) and Tile Matrix Set (17-083r4) ask; morecantile 7.1 agrees."""

import mapbox_vector_tile
import morecantile
import pytest

from api.ogc.tile_matrix_sets import NAMES, frame_in_degrees

pytestmark = pytest.mark.postgis

LON, LAT = 115.8505, 31.8005


def by_relation(document):
    return {link["rel"].rsplit("/", 1)[-1]: link for link in document["links"]}


async def followed(client, link):
    answer = await client.get(link["href"])
    assert answer.status_code == 200, link
    assert answer.headers["content-type"].split(";")[0] == link["type"]
    return answer.json()


async def test_a_client_comes_from_the_landing_page_to_the_definition_of_every_matrix_set(client):
    landing = (await client.get("/ogc")).json()
    listed = await followed(client, by_relation(landing)["tiling-schemes"])
    assert [one["id"] for one in listed["tileMatrixSets"]] == list(NAMES)
    for one in listed["tileMatrixSets"]:
        found = await followed(client, one["links"][0])
        ours = morecantile.TileMatrixSet.model_validate(
            {key: value for key, value in found.items() if key != "links"}
        )
        theirs = morecantile.tms.get(one["id"])
        assert ours.crs.srs == theirs.crs.srs
        for level in (0, 5, 22):
            assert ours.matrix(level) == theirs.matrix(level)


async def test_a_client_comes_from_a_collection_to_a_tile_of_every_tileset(client):
    collection = (await client.get("/ogc/collections/cameras")).json()
    listed = await followed(client, by_relation(collection)["tilesets-vector"])
    assert [one["tileMatrixSetId"] for one in listed["tilesets"]] == list(NAMES)
    for one in listed["tilesets"]:
        tileset = await followed(client, one["links"][0])
        assert tileset["crs"] == one["crs"]
        scheme = await followed(client, by_relation(tileset)["tiling-scheme"])
        assert scheme["id"] == one["tileMatrixSetId"]
        limits = tileset["tileMatrixSetLimits"][3]
        link = by_relation(tileset)["item"]
        assert link["templated"] is True
        address = link["href"]
        for name, value in {
            "tileMatrix": limits["tileMatrix"],
            "tileRow": limits["minTileRow"],
            "tileCol": limits["minTileCol"],
        }.items():
            address = address.replace(f"{{{name}}}", str(value))
        answer = await client.get(address)
        assert answer.status_code in (200, 204)


async def test_every_layer_that_is_drawn_has_a_tileset_whatever_its_geometry(client, catalog):
    families = set()
    for name, definition in catalog.layers.items():
        if definition.zoom is not None:
            for scheme in NAMES:
                answer = await client.get(f"/ogc/collections/{name}/tiles/{scheme}")
                assert answer.status_code == 200, (name, answer.text)
            told = answer.json()["layers"][0]
            families.add((definition.geometry.value, told.get("geometryDimension")))
    assert families == {("point", 0), ("line", 1), ("polygon", 2), ("any", None)}


async def test_every_camera_is_in_a_tile_inside_the_limits_of_either_tileset(client):
    items = (await client.get("/ogc/collections/cameras/items?limit=1000")).json()["features"]
    wanted = {item["id"] for item in items}
    for name, level in (("WebMercatorQuad", 14), ("WorldCRS84Quad", 13)):
        tileset = (await client.get(f"/ogc/collections/cameras/tiles/{name}")).json()
        limits = next(one for one in tileset["tileMatrixSetLimits"] if one["tileMatrix"] == str(level))
        seen = set()
        for row in range(limits["minTileRow"], limits["maxTileRow"] + 1):
            for column in range(limits["minTileCol"], limits["maxTileCol"] + 1):
                answer = await client.get(f"/ogc/collections/cameras/tiles/{name}/{level}/{row}/{column}")
                if answer.status_code == 200:
                    layer = mapbox_vector_tile.decode(answer.content)["cameras"]
                    seen |= {feature["id"] for feature in layer["features"]}
        assert seen == wanted, name


async def test_a_tile_of_the_standard_address_is_the_tile_of_the_map(client):
    tile = morecantile.tms.get("WebMercatorQuad").tile(LON, LAT, 15)
    ours = await client.get(f"/tiles/buildings/15/{tile.x}/{tile.y}.mvt")
    same = await client.get(f"/ogc/collections/buildings/tiles/WebMercatorQuad/15/{tile.y}/{tile.x}")
    assert same.content == ours.content
    assert same.headers["etag"] == ours.headers["etag"]


@pytest.mark.parametrize("layer", ["buildings", "pipes", "cameras"])
async def test_coordinates_of_a_tile_in_degrees_are_those_of_the_features(client, layer):
    tile = morecantile.tms.get("WorldCRS84Quad").tile(LON, LAT, 14)
    bounds = morecantile.tms.get("WorldCRS84Quad").xy_bounds(tile)
    answer = await client.get(f"/ogc/collections/{layer}/tiles/WorldCRS84Quad/14/{tile.y}/{tile.x}")
    decoded = mapbox_vector_tile.decode(answer.content)[layer]
    assert decoded["extent"] == 4096
    unit = (bounds.right - bounds.left) / 4096
    checked = 0
    for feature in decoded["features"]:
        item = (await client.get(f"/ogc/collections/{layer}/items/{feature['id']}")).json()
        drawn = {
            (round(bounds.left + x * unit, 5), round(bounds.bottom + y * unit, 5))
            for x, y in flat(feature["geometry"]["coordinates"])
        }
        for x, y in flat(item["geometry"]["coordinates"]):
            if bounds.left < x < bounds.right and bounds.bottom < y < bounds.top:
                assert min(abs(x - a) + abs(y - b) for a, b in drawn) < 2.1 * unit + 1e-5
                checked += 1
    assert checked


def flat(coordinates):
    if isinstance(coordinates[0], int | float):
        return [coordinates[:2]]
    return [point for part in coordinates for point in flat(part)]


async def test_a_tile_in_degrees_far_out_is_thinned_and_keeps_the_count(client):
    items = (await client.get("/ogc/collections/incidents/items?limit=1000")).json()["features"]
    level = 4
    while True:
        tile = morecantile.tms.get("WorldCRS84Quad").tile(LON, LAT, level)
        answer = await client.get(
            f"/ogc/collections/incidents/tiles/WorldCRS84Quad/{level}/{tile.y}/{tile.x}"
        )
        if answer.status_code == 200:
            break
        level += 1
    layer = mapbox_vector_tile.decode(answer.content)["incidents"]
    counted = sum(feature["properties"].get("point_count", 1) for feature in layer["features"])
    assert len(layer["features"]) <= counted == len(items)


@pytest.mark.parametrize(("zoom", "column", "row"), [(0, 0, 0), (0, 1, 0), (3, 5, 2), (17, 215_000, 42_000)])
def test_the_frame_of_a_tile_is_that_of_morecantile(zoom, column, row):
    bounds = morecantile.tms.get("WorldCRS84Quad").xy_bounds(column, row, zoom)
    assert frame_in_degrees(zoom, column, row) == pytest.approx(
        (bounds.left, bounds.bottom, bounds.right, bounds.top)
    )


@pytest.mark.parametrize(
    ("tail", "status", "code"),
    [
        ("/ogc/tileMatrixSets/Nothing", 404, "no-tile-matrix-set"),
        ("/ogc/collections/cameras/tiles/Nothing", 404, "no-tile-matrix-set"),
        ("/ogc/collections/cameras/tiles/Nothing/0/0/0", 404, "no-tile-matrix-set"),
        ("/ogc/collections/nothing/tiles", 404, "no-layer"),
        ("/ogc/collections/region_statistics/tiles", 404, "no-tiles"),
        ("/ogc/collections/region_statistics/tiles/WebMercatorQuad", 404, "no-tiles"),
        ("/ogc/collections/cameras/tiles/WorldCRS84Quad/0/1/0", 404, "outside-matrix"),
        ("/ogc/collections/cameras/tiles/WorldCRS84Quad/0/0/2", 404, "outside-matrix"),
        ("/ogc/collections/cameras/tiles/WebMercatorQuad/0/0/1", 404, "outside-matrix"),
        ("/ogc/collections/cameras/tiles/WebMercatorQuad/x/0/0", 404, "outside-matrix"),
        ("/ogc/collections/cameras/tiles/WebMercatorQuad/0/0/0?f=png", 400, "bad-parameter"),
        ("/ogc/collections/cameras/tiles/WebMercatorQuad/0/0/0?x=1", 400, "unknown-parameter"),
    ],
)
async def test_what_is_not_there_is_told_plainly(client, tail, status, code):
    answer = await client.get(tail)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
