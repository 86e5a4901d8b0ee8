"""Layers, city, regions and search."""

import pytest

pytestmark = pytest.mark.postgis


async def test_layers_are_given_as_the_front_end_reads_them(client, catalog):
    document = (await client.get("/layers")).json()
    by_name = {layer["name"]: layer for layer in document["layers"]}
    assert by_name.keys() == catalog.layers.keys()
    cameras = by_name["cameras"]
    for key in ("title", "description", "geometry", "classification", "owner", "label", "zoom", "style",
                "fields", "source", "licence", "key", "time"):  # fmt: skip
        assert key in cameras
    west, south, east, north = cameras["bbox"]
    assert 115.7 < west < east < 116.1 and 31.6 < south < north < 32
    assert by_name["region_statistics"]["bbox"] is None
    for layer in document["layers"]:
        for field in layer["fields"]:
            assert field.get("codes") is None or field["codes"] in document["code_lists"]
    status = {code["code"] for code in document["code_lists"]["status"]["codes"]}
    assert {"in_service", "fault", "removed"} <= status


async def test_an_empty_city_has_a_card_too(client):
    document = (await client.get("/city")).json()
    assert document["crs"] == "CGCS2000"
    assert document["sample"] is False
    assert document["approval_number"] is None
    assert document["name"] == {"zh": "一张图", "en": "One Map"}


async def test_a_stored_card_is_the_citys(city, client):
    from layers.city import CityCard, store_card
    from layers.database import admin_connection
    from layers.definitions import Words

    card = CityCard(
        name=Words(zh="叶集区（样例）", en="Yeji (sample)"), region="341504", sample=True, as_of="2020-12-31"
    )
    with admin_connection(city) as connection:
        store_card(connection, card)
        document = (await client.get("/city")).json()
        connection.execute("DELETE FROM onemap.setting WHERE key = 'city'")
    assert document["name"]["zh"] == "叶集区（样例）"
    assert (document["region"], document["as_of"], document["sample"]) == ("341504", "2020-12-31", True)


async def test_a_region_comes_with_its_parents_and_children(client):
    document = (await client.get("/regions/341504001")).json()
    assert (document["name"], document["level"], document["system"]) == ("镇区街道", "town", "admin")
    assert [parent["code"] for parent in document["parents"]] == ["341504"]
    assert [child["code"] for child in document["children"]] == ["341504001001"]
    assert document["bbox"] == [115.8, 31.7, 115.9, 31.9]
    outline = (await client.get(document["href"])).json()
    assert outline["properties"]["code"] == "341504001"


@pytest.mark.parametrize("code", ["999999", "x' OR '1'='1", "%00", "3415", "a" * 300])
async def test_a_region_that_is_not_there_is_not_found(client, code):
    answer = await client.get(f"/regions/{code}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "no-region"


async def test_a_region_can_be_asked_for_in_its_system(client):
    assert (await client.get("/regions/341504?system=admin")).status_code == 200
    assert (await client.get("/regions/341504?system=unit_grid")).status_code == 404


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("叶集", "341504"),
        ("叶集区政府", "JZ1"),
        ("SXT0042", "SXT0042"),
        ("sxt0042", "SXT0042"),
        ("yjq", "341504"),
        ("YEJIQU", "341504"),
        ("yaoli", "341504002"),
        ("hysq", "341504001001"),
        ("34150400001320000009", "SXT0009"),
        ("未名路１０号", "SXT0010"),
        ("  叶集  ", "341504"),
        ("</script>", "SXT0007"),
        ("341504002", "341504002"),
        ("gx1", "GX1"),
        ("SJ7", "SJ7"),
    ],
)
async def test_search_finds_by_name_code_and_pinyin(client, text, first):
    results = (await client.get("/search", params={"q": text})).json()["results"]
    assert results[0]["code"] == first
    assert set(results[0]) == {"layer", "id", "code", "name", "title", "bbox", "point", "region"}
    west, south, east, north = results[0]["bbox"]
    lon, lat = results[0]["point"]
    assert west <= lon <= east and south <= lat <= north


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", "*", "不存在的名字", "\u202e"])
async def test_what_nothing_is_called_finds_nothing_or_its_own_character(client, text):
    answer = await client.get("/search", params={"q": text})
    assert answer.status_code == 200
    for entry in answer.json()["results"]:
        assert text in entry["name"] + entry["code"]


async def test_search_answers_as_many_as_asked(client):
    for limit, found in ((None, 10), ("3", 3), ("50", 50), ("5000", 50)):
        query = {"q": "未名路"} | ({"limit": limit} if limit else {})
        assert len((await client.get("/search", params=query)).json()["results"]) == found


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?q=",
        "?q=%20",
        "?q=" + "x" * 65,
        pytest.param("?q=" + "叶" * 800, id="800 characters"),
        "?q=a%00b",
        "?q=a&q=b",
        "?q=a&limit=0",
        "?s=a",
    ],
)
async def test_a_search_for_nothing_is_refused(client, query):
    assert (await client.get(f"/search{query}")).status_code == 400


async def test_a_search_for_ten_thousand_characters_is_refused(client):
    answer = await client.get("/search?q=" + "x" * 10_000)
    assert answer.status_code == 414
    assert answer.headers["content-type"] == "application/problem+json"
