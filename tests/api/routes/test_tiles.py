"""Vector tiles: what they hold, where they end, how they are kept by the reader."""

import gzip

import mapbox_vector_tile
import morecantile
import pytest

from api.limits import GREATEST_ZOOM, MOST_LAYERS_A_TILE

pytestmark = pytest.mark.postgis

TMS = morecantile.tms.get("WebMercatorQuad")


def address_of(lon, lat, zoom):
    """Return the tile of a point by an independent library."""
    tile = TMS.tile(lon, lat, zoom)
    return f"{tile.z}/{tile.x}/{tile.y}"


async def decoded(client, layers, address):
    answer = await client.get(f"/tiles/{layers}/{address}.mvt")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    return mapbox_vector_tile.decode(answer.content)


async def test_a_tile_holds_the_features_of_its_place_with_their_ids(client):
    tile = await decoded(client, "buildings", address_of(115.8505, 31.8005, 15))
    assert list(tile) == ["buildings"]
    found = {feature["properties"]["code"]: feature for feature in tile["buildings"]["features"]}
    assert {"JZ1", "JZ2"} <= found.keys()
    items = (await client.get("/ogc/collections/buildings/items")).json()["features"]
    assert {feature["id"] for feature in found.values()} == {item["id"] for item in items}


async def test_several_layers_stand_in_one_tile_each_once(client):
    names = ["incidents", "buildings", "pipes", "cameras"]
    tile = await decoded(client, ",".join(names), address_of(115.8505, 31.8005, 14))
    assert sorted(tile) == sorted(names)
    for name in names:
        alone = await decoded(client, name, address_of(115.8505, 31.8005, 14))
        assert alone[name] == tile[name]


async def test_every_camera_is_in_some_tile_of_its_zoom(client):
    seen = set()
    for tile in TMS.tiles(115.8, 31.7, 116.0, 31.9, zooms=[12]):
        answer = await client.get(f"/tiles/cameras/{tile.z}/{tile.x}/{tile.y}.mvt")
        if answer.status_code == 200:
            features = mapbox_vector_tile.decode(answer.content)["cameras"]["features"]
            seen |= {feature["id"] for feature in features}
    items = (await client.get("/ogc/collections/cameras/items?limit=1000")).json()["features"]
    assert seen == {item["id"] for item in items}


@pytest.mark.parametrize(
    "address",
    [
        "40/0/0",
        f"{GREATEST_ZOOM + 1}/0/0",
        "2000/0/0",
        "-1/0/0",
        "1/2/0",
        "1/0/2",
        "0/0/1",
        f"12/{10**20}/1",
        "12/1.5/1",
        "12/x/1",
        "12/٣/1",
        "12/+1/1",
        "12/%00/1",
        "12/ 1/1",
        "12//1",
    ],
)
async def test_outside_the_matrix_there_is_no_tile(client, address):
    answer = await client.get(f"/tiles/cameras/{address}.mvt")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("zoom", [0, GREATEST_ZOOM])
async def test_outside_a_layers_zooms_a_tile_is_empty(client, catalog, zoom):
    zooms = catalog.layer("cameras").zoom
    assert not zooms.min <= zoom <= zooms.max
    answer = await client.get(f"/tiles/cameras/{zoom}/0/0.mvt")
    assert answer.status_code == 204
    assert answer.content == b""


async def test_a_tile_with_nothing_in_it_is_empty(client):
    answer = await client.get("/tiles/cameras/12/0/0.mvt")
    assert answer.status_code == 204


@pytest.mark.parametrize(
    ("layers", "status", "code"),
    [
        ("cameras,cameras", 400, "repeated-layer"),
        ("cameras,,pipes", 400, "bad-parameter"),
        (",", 400, "bad-parameter"),
        (",".join(["cameras"] * (MOST_LAYERS_A_TILE + 1)), 400, "too-many-layers"),
        ("nothing", 404, "no-layer"),
        ("cameras,nothing", 404, "no-layer"),
        ('cam"eras', 404, "no-layer"),
        ("cameras'; DROP TABLE city.cameras; --", 404, "no-layer"),
        ("a" * 300, 404, "no-layer"),
        ("region_statistics", 404, "no-tiles"),
    ],
)
async def test_a_list_of_layers_is_names_of_ours_each_once(client, layers, status, code):
    for path in (f"/tiles/{layers}/12/1/1.mvt", f"/tiles/{layers}.json"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("name", ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/x"])
async def test_a_path_in_place_of_a_name_finds_nothing(client, name):
    for path in (f"/tiles/{name}/1/0/0.mvt", f"/ogc/collections/{name}", f"/assets/{name}"):
        assert (await client.get(path)).status_code == 404


async def test_a_tile_has_no_parameters(client):
    answer = await client.get("/tiles/cameras/12/1/1.mvt?simplify=nan")
    assert answer.status_code == 400
    assert answer.json()["code"] == "unknown-parameter"


async def test_equal_tiles_have_equal_etags_and_are_not_sent_twice(client):
    path = f"/tiles/cameras/{address_of(115.9, 31.8, 10)}.mvt"
    first, second = await client.get(path), await client.get(path)
    assert first.headers["etag"] == second.headers["etag"]
    assert not first.headers["etag"].startswith("W/")
    assert first.headers["cache-control"] == "private, no-cache"
    again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and again.content == b""
    for other in ('"another"', first.headers["etag"].strip('"')):
        assert (await client.get(path, headers={"If-None-Match": other})).status_code == 200
    assert (
        await client.get(path, headers={"If-None-Match": f'"x", W/{first.headers["etag"]}'})
    ).status_code == 304


async def test_each_encoding_of_a_tile_has_an_etag_of_its_own(client):
    path = f"/tiles/cameras/{address_of(115.9, 31.8, 10)}.mvt"
    plain = await client.get(path, headers={"Accept-Encoding": "identity"})
    packed = await client.get(path, headers={"Accept-Encoding": "br;q=0.5, gzip"})
    refused = await client.get(path, headers={"Accept-Encoding": "gzip;q=0"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers and "content-encoding" not in refused.headers
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    assert gzip.compress(plain.content, 1, mtime=0)[:4] == b"\x1f\x8b\x08\x00"
    assert plain.headers["etag"] != packed.headers["etag"]
    assert packed.headers["vary"] == "Accept-Encoding"
    crossed = await client.get(
        path, headers={"Accept-Encoding": "gzip", "If-None-Match": plain.headers["etag"]}
    )
    assert crossed.status_code == 200


async def test_tilejson_leads_to_the_tiles(client, catalog):
    answer = await client.get("/tiles/cameras,pipes.json", headers={"Accept-Language": "en"})
    document = answer.json()
    assert document["tilejson"] == "3.0.0"
    assert document["name"] == "Cameras, " + catalog.layer("pipes").title.en
    assert [layer["id"] for layer in document["vector_layers"]] == ["cameras", "pipes"]
    assert document["minzoom"] == min(catalog.layer(name).zoom.min for name in ("cameras", "pipes"))
    west, south, east, north = document["bounds"]
    assert -180 <= west < 115.85 < east <= 180 and -90 <= south < 31.8 < north <= 90
    (template,) = document["tiles"]
    assert template == "http://127.0.0.1:8000/tiles/cameras,pipes/{z}/{x}/{y}.mvt"
    z, x, y = address_of(115.85, 31.8, 14).split("/")
    assert (await client.get(template.format(z=z, x=x, y=y))).status_code == 200


async def test_tilejson_names_the_attributes_that_tiles_really_have(client, catalog):
    document = (await client.get("/tiles/cameras.json")).json()
    zoom = catalog.layer("cameras").zoom.max
    declared = document["vector_layers"][0]["fields"]
    west, south, east, north = document["bounds"]
    attributes = set()
    for tile in TMS.tiles(west, south, west + (east - west) / 8, south + (north - south) / 8, zooms=[zoom]):
        answer = await client.get(f"/tiles/cameras/{tile.z}/{tile.x}/{tile.y}.mvt")
        if answer.status_code == 200:
            for feature in mapbox_vector_tile.decode(answer.content)["cameras"]["features"]:
                attributes |= feature["properties"].keys()
    assert {"code", "status", "online", "azimuth_deg"} <= attributes <= declared.keys()


async def test_a_tile_as_of_a_day_holds_what_was_there_at_its_end(client):
    place = address_of(115.855, 31.8, 13)
    answer = await client.get(f"/tiles/incidents/{place}.mvt?as_of=2020-01-05")
    drawn = mapbox_vector_tile.decode(answer.content)["incidents"]["features"]
    assert {one["properties"]["code"] for one in drawn} == {f"SJ{n}" for n in range(5)}
    again = await client.get(
        f"/tiles/incidents/{place}.mvt?as_of=2020-01-05", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert (again.status_code, again.headers["cache-status"]) == (304, "onemap; hit")
    # a camera without a date that was written down later was not there
    assert (await client.get(f"/tiles/cameras/{place}.mvt?as_of=2020-01-05")).status_code == 204
    assert (await client.get(f"/tiles/cameras/{place}.mvt")).status_code == 200


async def test_tilejson_of_a_day_names_its_tiles(client):
    document = (await client.get("/tiles/incidents,pipes.json?as_of=2020-01-05")).json()
    assert document["tiles"][0].endswith("/tiles/incidents,pipes/{z}/{x}/{y}.mvt?as_of=2020-01-05")


@pytest.mark.parametrize(
    ("day", "status", "code"),
    [
        ("2100-01-01", 400, "bad-parameter"),
        ("2020-02-30", 400, "bad-parameter"),
        ("20200105", 400, "bad-parameter"),
        ("", 400, "bad-parameter"),
        ("1900-01-01", 400, "bad-parameter"),
        ("2019-12-31", 404, "before-records"),
    ],
)
@pytest.mark.parametrize("address", ["/tiles/incidents/12/0/0.mvt", "/tiles/incidents.json"])
async def test_a_day_of_which_nothing_can_be_told_is_no_empty_map(client, address, day, status, code):
    answer = await client.get(f"{address}?as_of={day}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if code == "before-records":
        assert "2020-01-01" in answer.json()["detail"]


async def test_since_when_layers_are_known_is_told(client):
    document = (await client.get("/layers/records")).json()
    assert document["first_day"] == "2020-01-01"
    told = document["layers"]["incidents"]
    assert (told["features"], told["dated"], told["stated_from"]) == (10, 10, "2020-01-01")
    assert document["layers"]["towns"] == document["layers"]["regions"]
    assert document["layers"]["cameras"]["dated"] == 0
