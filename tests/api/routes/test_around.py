"""Around a place over HTTP: subjects with amounts or a reason, ways, sight, and refusals that say why."""

import pyproj
import pytest

pytestmark = pytest.mark.postgis

AT = (115.9, 31.8)


async def test_cameras_around_a_point_are_those_within_the_geodesic_distance(client):
    answer = await client.get("/around", params={"lon": AT[0], "lat": AT[1], "radius": "2000,5000"})
    assert answer.status_code == 200, answer.text
    document = answer.json()
    items = (await client.get("/ogc/collections/cameras/items", params={"limit": 1000})).json()["features"]
    geod = pyproj.Geod(ellps="WGS84")
    metres = [geod.inv(*AT, *one["geometry"]["coordinates"])[2] for one in items if
              one["properties"]["status"] == "in_service"]  # fmt: skip
    cameras = next(one for one in document["subjects"] if one["name"] == "cameras")
    assert cameras["within"] == [sum(one <= radius for one in metres) for radius in (2000, 5000)]
    assert cameras["nearest"][0]["distance_m"] == pytest.approx(min(metres), abs=1)


async def test_every_subject_has_amounts_or_a_reason_in_both_languages_and_the_answer_says_without_roads(
    client,
):
    document = (await client.get("/around", params={"lon": AT[0], "lat": AT[1]})).json()
    assert {one["name"] for one in document["subjects"]} >= {"people", "pipes", "teams", "stores"}
    for one in document["subjects"]:
        assert all(one["title"][language] for language in ("zh", "en"))
        assert (one["within"] is None) != (one["reason"] is None)
        if one["reason"]:
            assert all(one["reason"]["text"][language] for language in ("zh", "en"))
    assert document["by_road"] is False
    assert "没有" in document["note"]["words"]["zh"]["method"]


async def test_a_drawn_line_has_the_pipe_that_it_crosses(client):
    line = {"type": "LineString", "coordinates": [[115.85, 31.79], [115.85, 31.81]]}
    answer = await client.post("/around", json={"geometry": line, "width_m": 100})
    assert answer.status_code == 200, answer.text
    pipes = next(one for one in answer.json()["subjects"] if one["name"] == "pipes")
    assert pipes["within"][0] == pytest.approx(0.1, rel=0.01)
    assert answer.json()["sight"]["reason"]["zh"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b'{"geometry": null}', 400),
        (b'{"geometry": {"type": "Point", "coordinates": [115.9, 31.8]}, "radius": 5}', 400),
        (b'{"geometry": {"type": "Point", "coordinates": [115.9, 31.8]}, "radii_m": ["x"]}', 400),
        (b'{"geometry": {"type": "Point", "coordinates": [115.9, 31.8]}, "item": "moon"}', 400),
        (b" " * 3_000_000, 413),
    ],
)
async def test_an_unusable_body_is_refused_with_words(client, body, status):
    answer = await client.post("/around", content=body)
    assert answer.status_code == status, answer.text
    assert "–" not in answer.json()["detail"]


async def test_a_polygon_of_a_hundred_thousand_vertices_is_refused_and_says_what_to_do(client):
    ring = [[115.9 + number * 1e-7, 31.8] for number in range(100_000)]
    body = {"geometry": {"type": "Polygon", "coordinates": [ring]}}
    answer = await client.post("/around", json=body, headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) in {(400, "bad-area"), (413, "too-large")}
    small = {"geometry": {"type": "Polygon", "coordinates": [ring[:20_000]]}}
    refused = await client.post("/around", json=small, headers={"Accept-Language": "en"})
    assert "5000 vertices" in refused.json()["detail"]


@pytest.mark.parametrize(
    "query", ["lon=x&lat=31", "lon=115&lat=91", "lon=115.9&lat=31.8&radius=a", "lon=115"]
)
async def test_an_unusable_question_is_refused(client, query):
    assert (await client.get(f"/around?{query}")).status_code in {400, 422}
