"""Features: boxes, times, filters, pages and reference systems, against rows that we wrote."""

import json

import pytest
from pyproj import Transformer

from tests.api.small_city import CAMERAS

pytestmark = pytest.mark.postgis

CAMERA_ITEMS = "/ogc/collections/cameras/items"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


async def read(client, path, **query):
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def relations(document):
    return {link["rel"]: link["href"] for link in document["links"]}


async def test_a_page_says_how_many_it_has_and_never_counts_the_rest(client):
    page = await read(client, CAMERA_ITEMS, limit=5)
    assert page["type"] == "FeatureCollection"
    assert page["numberReturned"] == len(page["features"]) == 5
    assert "numberMatched" not in page
    assert page["timeStamp"].endswith("Z")


async def test_following_next_gives_every_feature_once(client):
    seen, path = [], f"{CAMERA_ITEMS}?limit=60"
    while path is not None:
        page = (await client.get(path)).json()
        seen += [feature["id"] for feature in page["features"]]
        path = relations(page).get("next")
    assert len(seen) == len(set(seen)) == CAMERAS


async def test_the_next_page_keeps_what_was_asked(client):
    page = await read(client, CAMERA_ITEMS, limit=2, online="true", bbox="115,31,117,32")
    following = (await client.get(relations(page)["next"])).json()
    assert following["features"][0]["id"] > page["features"][-1]["id"]
    assert all(feature["properties"]["online"] is True for feature in following["features"])


@pytest.mark.parametrize("limit", ["1000", "1001", "1000000000", "9" * 30])
async def test_a_huge_limit_is_answered_with_what_is_allowed(client, limit):
    assert (await read(client, CAMERA_ITEMS, limit=limit))["numberReturned"] == CAMERAS


async def test_a_box_holds_exactly_what_lies_in_it(client):
    every = await read(client, CAMERA_ITEMS, limit=1000)
    west, south, east, north = 115.85, 31.75, 115.9, 31.82
    inside = {
        feature["id"]
        for feature in every["features"]
        if west <= feature["geometry"]["coordinates"][0] <= east
        and south <= feature["geometry"]["coordinates"][1] <= north
    }
    assert 0 < len(inside) < CAMERAS
    page = await read(client, CAMERA_ITEMS, limit=1000, bbox=f"{west},{south},{east},{north}")
    assert {feature["id"] for feature in page["features"]} == inside


async def test_a_box_over_the_antimeridian_is_two_halves_of_the_world(client):
    empty = await read(client, CAMERA_ITEMS, bbox="170,-10,-170,40")
    assert empty["features"] == []
    pages, path = [], f"{CAMERA_ITEMS}?bbox=115.9,0,-170,40&limit=40"
    while path is not None:
        page = (await client.get(path)).json()
        pages += page["features"]
        path = relations(page).get("next")
    straight = await read(client, CAMERA_ITEMS, bbox="115.9,0,180,40", limit=1000)
    assert [feature["id"] for feature in pages] == [feature["id"] for feature in straight["features"]]


@pytest.mark.parametrize("code", [4326, 4490, 3857, 4526, 4527, 4547, 4548])
async def test_coordinates_come_in_the_asked_system_and_its_axis_order(client, code):
    plain = (await read(client, CAMERA_ITEMS, limit=3))["features"]
    answer = await client.get(CAMERA_ITEMS, params={"limit": 3, "crs": f"{EPSG}{code}"})
    assert answer.headers["content-crs"] == f"<{EPSG}{code}>"
    # authority order, not always_xy: what pyproj gives is what the standard asks for
    transformer = Transformer.from_crs("OGC:CRS84", f"EPSG:{code}")
    tolerance = 1e-6 if code in (4326, 4490) else 0.02
    for old, new in zip(plain, answer.json()["features"], strict=True):
        expected = transformer.transform(*old["geometry"]["coordinates"])
        assert new["geometry"]["coordinates"] == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize("code", [4326, 4490, 3857, 4527, 4548])
async def test_a_box_in_another_system_finds_the_same(client, code):
    transformer = Transformer.from_crs("OGC:CRS84", f"EPSG:{code}")
    low, high = transformer.transform(115.8, 31.7), transformer.transform(116.0, 31.9)
    box = ",".join(str(value) for value in (*low, *high))
    page = await read(client, CAMERA_ITEMS, limit=1000, **{"bbox": box, "bbox-crs": f"{EPSG}{code}"})
    assert page["numberReturned"] > CAMERAS * 0.9


@pytest.mark.parametrize(
    ("period", "codes"),
    [
        ("2020-01-01T00:00:00+08:00", ["SJ0"]),
        ("2020-01-03", ["SJ2"]),
        ("../2020-01-02T00:00:00+08:00", ["SJ0", "SJ1"]),
        ("2020-01-09T00:00:00+08:00/..", ["SJ8", "SJ9"]),
        ("2020-01-03T12:00:00Z/2020-01-05T12:00:00Z", ["SJ3", "SJ4"]),
        ("2019-01-01/2019-12-30", []),
    ],
)
async def test_a_period_holds_what_happened_in_it(client, period, codes):
    page = await read(client, "/ogc/collections/incidents/items", datetime=period)
    assert [feature["properties"]["code"] for feature in page["features"]] == codes


async def test_one_moment_is_a_state_of_layers_without_a_time_of_their_own(client):
    now = await read(client, "/ogc/collections/buildings/items")
    assert len(now["features"]) == 2
    # written down today, without a date: nothing says that they stood there before
    assert (await read(client, "/ogc/collections/buildings/items", datetime="2020-01-05"))["features"] == []
    later = await read(client, "/ogc/collections/buildings/items", datetime="2100-01-01T00:00:00Z")
    assert later["features"] == now["features"]


async def test_one_feature_is_told_as_of_one_moment(client):
    items = (await read(client, "/ogc/collections/incidents/items"))["features"]
    path = f"/ogc/collections/incidents/items/{items[5]['id']}"
    assert (await client.get(f"{path}?datetime=2020-01-06")).json()["properties"]["code"] == "SJ5"
    assert (await client.get(f"{path}?datetime=2020-01-05")).status_code == 404
    refused = await client.get(f"{path}?datetime=2020-01-05/..")
    assert (refused.status_code, refused.json()["code"]) == (400, "bad-parameter")


async def test_filters_are_joined_by_and(client):
    page = await read(client, CAMERA_ITEMS, online="false", azimuth_deg="0", limit=1000)
    expected = [n for n in range(1, CAMERAS + 1) if n % 3 == 0 and n % 5 == 1]
    assert [feature["properties"]["code"] for feature in page["features"]] == [
        f"SXT{n:04d}" for n in expected
    ]


async def test_a_missing_value_is_null_and_zero_is_zero(client):
    by_code = {
        f["properties"]["code"]: f["properties"]
        for f in (await read(client, CAMERA_ITEMS, limit=10))["features"]
    }
    assert by_code["SXT0001"]["azimuth_deg"] == 0
    assert by_code["SXT0005"]["azimuth_deg"] is None


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("online", "yes", "field-boolean"),
        ("azimuth_deg", "north", "field-number"),
        ("azimuth_deg", "nan", "field-number"),
        ("installed_on", "yesterday", "field-date"),
        ("pixels_horizontal", "9" * 30, "field-whole-number"),
    ],
)
async def test_a_value_that_does_not_fit_its_field_is_refused_in_words(client, field, value, expected):
    answer = await client.get(CAMERA_ITEMS, params={field: value}, headers={"Accept-Language": "en"})
    assert answer.status_code == 400
    assert answer.json()["details"]["expected"] == expected
    assert field in answer.json()["detail"]


@pytest.mark.parametrize(
    "value", ["'; DROP TABLE city.cameras; --", "车站路'\"</script>口", "%", "\\", "$1", "\u202e"]
)
async def test_a_filter_is_a_value_and_never_sql(client, value):
    page = await read(client, CAMERA_ITEMS, name=value)
    assert page["numberReturned"] == (1 if value.startswith("车站路") else 0)
    assert (await read(client, CAMERA_ITEMS, limit=1000))["numberReturned"] == CAMERAS


async def test_a_layer_without_geometry_is_a_collection_with_null_geometry(client):
    page = await read(client, "/ogc/collections/region_statistics/items")
    assert page["features"][0]["geometry"] is None
    assert page["features"][0]["properties"]["region_code"] == "341504"


async def test_a_part_of_a_layer_is_a_collection_of_its_rows(client):
    page = await read(client, "/ogc/collections/communities/items")
    assert [feature["properties"]["code"] for feature in page["features"]] == ["341504001001"]


async def test_one_feature_is_a_geojson_feature_with_links(client):
    feature = (await read(client, CAMERA_ITEMS, limit=1))["features"][0]
    answer = await client.get(f"{CAMERA_ITEMS}/{feature['id']}")
    assert answer.headers["content-type"] == "application/geo+json"
    document = answer.json()
    assert document["geometry"] == feature["geometry"]
    assert document["properties"] == feature["properties"]
    assert {"self", "alternate", "collection"} <= relations(document).keys()


@pytest.mark.parametrize("feature", ["0", "-1", "x", "1.0", "9" * 19, "9" * 40, "1'--", "%00", "٣"])
async def test_a_feature_that_is_not_there_is_not_found(client, feature):
    answer = await client.get(f"{CAMERA_ITEMS}/{feature}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "no-feature"


async def test_an_unchanged_page_or_feature_is_not_sent_again(client):
    for path in (
        f"{CAMERA_ITEMS}?limit=3",
        f"{CAMERA_ITEMS}/{(await read(client, CAMERA_ITEMS, limit=1))['features'][0]['id']}",
    ):
        first = await client.get(path)
        again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert again.status_code == 304 and not again.content


@pytest.mark.parametrize(
    "path", [CAMERA_ITEMS, "/ogc", "/ogc/collections", "/ogc/conformance", "/ogc/collections/cameras"]
)
async def test_a_browser_gets_a_page_that_says_what_the_json_says(client, path):
    page = await client.get(path, headers={"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "</script>口" not in page.text
    plain = await client.get(path, params={"f": "json"}, headers={"Accept": "text/html"})
    assert plain.headers["content-type"] in ("application/json", "application/geo+json")
    for link in plain.json()["links"]:
        assert "&" in link["href"] or "f=" in link["href"] or link["href"] in page.text
    json.loads(plain.text)
