"""What if over HTTP: a camera turned, moved or added, and the change that a scenario takes."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.postgis

PLACE = "lon=115.8203&lat=31.8203"


async def camera(client, code="SXT0004"):
    found = (await client.get(f"/ogc/collections/cameras/items?code={code}")).json()["features"]
    return found[0]["id"]


async def test_a_camera_added_at_a_pole_is_turned_to_what_nobody_sees_and_kept_in_a_scenario(client):
    plain = (await client.get(f"/what-if/camera?{PLACE}&azimuth_deg=90")).json()
    assert plain["gained_m2"] > 0
    assert plain["lost_m2"] == 0
    assert plain["before"] == []
    best = (await client.get(f"/what-if/camera?{PLACE}&best=1")).json()
    assert best["gained_m2"] >= plain["gained_m2"] * 0.99
    assert best["change"]["properties"]["azimuth_deg"] == best["azimuth_deg"]
    made = await client.post("/scenarios", json={"name": "试一台", "changes": [best["change"]]})
    assert made.status_code == 201, made.text
    assert made.json()["changes"][0]["properties"]["azimuth_deg"] == best["azimuth_deg"]


async def test_a_camera_that_stands_is_turned_or_moved_and_without_numbers_sees_nothing(client):
    one = await camera(client)
    full = "view_angle_deg=90&pixels_horizontal=1920&height_m=5&tilt_deg=10"
    turned = (await client.get(f"/what-if/camera?id={one}&azimuth_deg=45&{full}")).json()
    assert turned["gained_m2"] > 0, "its angle was not on record, so that it saw nothing"
    assert turned["change"]["op"] == "edit"
    far = await client.get(f"/what-if/camera?id={one}&lon=0&lat=0")
    assert (far.status_code, far.json()["details"]["expected"]) == (400, "near-camera")
    x, y = (await client.get(f"/ogc/collections/cameras/items/{one}")).json()["geometry"]["coordinates"]
    moved = (await client.get(f"/what-if/camera?id={one}&lon={x + 0.001}&lat={y}")).json()
    assert (moved["change"]["op"], moved["gained_m2"]) == ("move", 0.0)


@pytest.mark.parametrize(
    "query",
    ["", "lon=115.8", "id=0", f"{PLACE}&azimuth_deg=400", f"{PLACE}&tilt_deg=x", f"{PLACE}&task=x",
     f"{PLACE}&best=2", "id=1&height_m=nan"],
)  # fmt: skip
async def test_what_cannot_be_tried_is_refused(client, query):
    answer = await client.get(f"/what-if/camera?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-parameter")
