"""Scenarios over HTTP: written under If-Match, refused with the change and the field, drawn, applied once."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely.geometry import LineString, Point, shape

from layers.database import admin_connection
from layers.importing.loading import load
from tests.api.small_city import fill
from tests.layers.little_city import ALL
from tests.layers.runs.workers import carry_out

pytestmark = pytest.mark.postgis


@pytest.fixture(scope="module")
def city(module_database, catalog):
    """Return the small city with a street that nobody watches and two poles beside it."""
    fill(module_database)
    x, y = 115.85, 31.85
    frames = {
        "roads": gpd.GeoDataFrame(
            {"code": ["R1"], "class": ["residential"]},
            geometry=[LineString([(x, y), (x, y + 0.004)])], crs=4326,
        ),
        "poles": gpd.GeoDataFrame(
            {"code": ["P1", "P2"], "kind": [pole_kind(catalog)] * 2, "height_m": 6.0},
            geometry=[Point(x, y + 0.001), Point(x, y + 0.003)], crs=4326,
        ),
    }  # fmt: skip
    with admin_connection(module_database) as connection:
        for name, frame in frames.items():
            load(connection, catalog.layer(name), catalog.code_lists, frame, scope=ALL, source="tests",
                 provenance="synthetic")  # fmt: skip
    return module_database


def pole_kind(catalog):
    return catalog.code_lists[catalog.layer("poles").field("kind").codes].codes[0].code


HERE = {"type": "Point", "coordinates": [115.82, 31.8]}
ADD = {"op": "add", "layer": "cameras", "properties": {"code": "方案-1", "azimuth_deg": 90}, "geometry": HERE}


async def draft(client, name, *changes):
    made = await client.post("/scenarios", json={"name": name, "changes": list(changes)})
    assert made.status_code == 201, made.text
    return made


async def write(client, method, path, tag, **body):
    return await client.request(method, path, json=body, headers={"If-Match": tag})


async def camera(client, code):
    found = (await client.get(f"/ogc/collections/cameras/items?code={code}")).json()["features"]
    return found[0]["id"] if found else None


async def test_a_scenario_goes_from_draft_to_planned_features_once(client):
    made = await draft(client, "方案B", ADD)
    path = "/scenarios/方案B"
    assert made.json()["state"] == "draft"
    assert made.json()["run_parameter"] == "方案B@1"
    turned = {"op": "edit", "layer": "cameras", "feature_id": await camera(client, "SXT0001"),
              "properties": {"azimuth_deg": 45}}  # fmt: skip
    more = await write(client, "POST", f"{path}/changes", made.headers["etag"], changes=[turned])
    again = {**turned, "properties": {"azimuth_deg": 50}}
    more = await write(client, "POST", f"{path}/changes", more.headers["etag"], changes=[again])
    assert [one["properties"] for one in more.json()["changes"]] == [
        {"code": "方案-1", "azimuth_deg": 90.0}, {"azimuth_deg": 50.0}
    ]  # fmt: skip
    early = await write(client, "POST", f"{path}/apply", more.headers["etag"])
    assert (early.status_code, early.json()["code"]) == (403, "scenario-fixed")
    tag = more.headers["etag"]
    for state in ("review", "final"):
        answer = await write(client, "POST", f"{path}/state", tag, state=state)
        assert answer.json()["state"] == state
        tag = answer.headers["etag"]
    late = await write(client, "PUT", path, tag, changes=[])
    assert (late.status_code, late.json()["code"]) == (403, "scenario-fixed")
    done = await write(client, "POST", f"{path}/apply", tag)
    (written,) = done.json()["applied"]["written"]
    assert done.json()["applied"]["left"] == [2]
    feature = (await client.get(f"/ogc/collections/cameras/items/{written['feature_id']}")).json()
    assert feature["properties"]["status"] == "planned"
    assert (await client.get("/search?q=方案-1")).status_code == 200
    twice = await write(client, "POST", f"{path}/apply", "*")
    assert (twice.status_code, twice.json()["code"]) == (403, "scenario-applied")
    versions = (await client.get(f"{path}/versions")).json()["versions"]
    assert [one["version"] for one in versions] == [5, 4, 3, 2, 1]
    first = (await client.get(f"{path}?version=1")).json()
    assert (first["newest"], len(first["changes"])) == (5, 1)
    assert (await client.get(f"{path}?version=9")).status_code == 404


async def test_a_write_says_what_it_changes(client):
    made = await draft(client, "共用")
    assert (await client.put("/scenarios/共用", json={"note": "x"})).status_code == 428
    assert (await write(client, "PUT", "/scenarios/共用", made.headers["etag"], note="甲")).status_code == 200
    stale = await write(client, "PUT", "/scenarios/共用", made.headers["etag"], note="乙")
    assert (stale.status_code, stale.json()["code"], stale.json()["details"]["version"]) == (
        412, "scenario-changed", 2
    )  # fmt: skip
    taken = await client.post("/scenarios", json={"name": "共用"})
    assert (taken.status_code, taken.json()["code"]) == (409, "scenario-exists")
    gone = await client.delete("/scenarios/共用", headers={"If-Match": "*"})
    assert gone.status_code == 204
    assert (await client.get("/scenarios/共用")).status_code == 404
    names = [one["name"] for one in (await client.get("/scenarios")).json()["scenarios"]]
    assert "共用" not in names


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({**ADD, "op": "paint"}, "op", "change"),
        ({**ADD, "layer": "nothing"}, "layer", "no-such-layer"),
        ({**ADD, "geometry": {"type": "Point", "coordinates": ["a", 1]}}, "geometry", "coordinates"),
        ({**ADD, "properties": {"azimuth_deg": 700}}, "azimuth_deg", "range"),
        ({**ADD, "properties": {"azimuth_deg": True}}, "azimuth_deg", "type"),
        ({"op": "remove", "layer": "cameras", "feature_id": 10**9}, "feature_id", "no-such-feature"),
        ({"op": "remove", "layer": "cameras", "feature_id": "1"}, "feature_id", "no-such-feature"),
        ({**ADD, "year": 1.5}, "year", "type"),
    ],
)
async def test_a_change_that_does_not_fit_is_refused_with_its_number(client, change, field, expected):
    answer = await client.post("/scenarios", json={"name": "坏", "changes": [ADD, change]})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "change-refused")
    assert (problem["details"]["number"], problem["details"]["field"]) == (2, field)
    assert problem["details"]["expected"] == f"refusal-{expected}"
    assert "第 2 项" in problem["detail"]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"name": "a/b"}', b'{"name": "compare"}', b'{"name": "x", "more": 1}', b'{"name": 7}',
     b'{"name": "x", "changes": {}}', b'{"name": "x", "note": "a\\u0000"}'],
)  # fmt: skip
async def test_a_body_that_is_no_scenario_is_refused(client, body):
    answer = await client.post("/scenarios", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-parameter")


async def test_the_overlay_shows_where_a_camera_goes_and_where_it_is(client):
    one = await camera(client, "SXT0002")
    before = (await client.get(f"/ogc/collections/cameras/items/{one}")).json()["geometry"]["coordinates"]
    await draft(client, "图", ADD, {"op": "move", "layer": "cameras", "feature_id": one, "geometry": HERE})
    answer = await client.get("/scenarios/图/changes.geojson")
    assert answer.headers["content-type"].startswith("application/geo+json")
    added, moved = answer.json()["features"]
    assert shape(added["geometry"]).coords[0] == (115.82, 31.8)
    assert moved["properties"]["from"]["coordinates"] == pytest.approx(before, abs=1e-7)
    assert answer.json()["scenario"] == {"name": "图", "version": 1, "state": "draft"}


async def test_scenarios_are_listed_page_by_page(client):
    for name in ("页1", "页2", "页3"):
        await draft(client, name)
    found, address = [], "/scenarios?limit=2&state=draft"
    while address:
        page = (await client.get(address)).json()
        found += [one["name"] for one in page["scenarios"]]
        address = page["links"][0]["href"] if page["links"] else None
    assert [name for name in found if name.startswith("页")] == ["页1", "页2", "页3"]
    assert len(found) == len(set(found))


async def test_a_run_over_a_scenario_says_so_in_its_title(client):
    await draft(client, "东区", ADD)
    order = {"kind": "camera_coverage", "parameters": {"scenario": "东区"}}
    answer = await client.post("/runs", json=order)
    run = answer.json()
    assert answer.status_code == 201
    assert run["parameters"]["scenario"] == "东区@1"
    assert run["about"] == {"zh": "方案“东区”第 1 版", "en": "scenario 东区, version 1"}
    await client.delete(answer.headers["location"])
    missing = await client.post("/runs", json={**order, "parameters": {"scenario": "无此方案"}})
    assert (missing.status_code, missing.json()["code"]) == (404, "no-scenario")
    wrong = await client.post("/runs", json={**order, "parameters": {"scenario": "a b"}})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad-parameter")


async def test_scenarios_without_runs_are_compared_by_what_to_ask_for(client):
    await draft(client, "甲案", {**ADD, "cost": 3})
    answer = await client.get("/scenarios/compare?a=present&b=甲案&kind=radio_coverage")
    present, first = answer.json()["sides"]
    assert (present["name"], present["run"], present["cost"]) == ("present", None, 0)
    assert (first["name"], first["cost"], first["changes"]["cameras"]["add"]) == ("甲案@1", 3, 1)
    assert first["order"] == {"kind": "radio_coverage", "region": "", "parameters": {"scenario": "甲案@1"}}
    assert [figure["best"] for figure in answer.json()["figures"]] == [[], [], [], []]
    cells = await client.get("/scenarios/compare/cells.geojson?a=present&b=甲案&kind=radio_coverage")
    assert (cells.status_code, cells.json()["code"]) == (404, "not-compared")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("a=present", 400),
        ("a=present&b=a%20b", 400),
        ("a=present&b=无", 404),
        ("a=present&b=present&kind=x", 400),
    ],
)
async def test_a_comparison_that_cannot_be_made_says_why(client, query, status):
    answer = await client.get(f"/scenarios/compare?{query}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_run_of_siting_becomes_a_draft_and_keeps_what_moving_its_sites_needs(client, city):
    await draft(client, "底案", ADD)
    order = {"device": "cameras", "budget": 2, "seconds": 0, "first_year": 2021, "scenario": "底案"}
    run = (await client.post("/runs", json={"kind": "site_plan", "parameters": order})).json()["id"]
    early = await client.post("/scenarios", json={"name": "选址案", "run": run})
    assert (early.status_code, early.json()["code"]) == (404, "no-result")
    carry_out(city, 120.0)
    made = await client.post("/scenarios", json={"name": "选址案", "run": run})
    assert made.status_code == 201, made.text
    first, *planned = made.json()["changes"]
    assert first["properties"]["code"] == "方案-1"
    assert [one["properties"]["code"] for one in planned] == [f"P{run}-0001", f"P{run}-0002"]
    assert {one["year"] for one in planned} == {2021}
    assert all(one["cost"] > 0 and one["layer"] == "cameras" for one in planned)
    for wrong in (0, "1", True, 10**30):
        answer = await client.post("/scenarios", json={"name": "x", "run": wrong})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad-parameter")
    await check_what_is_kept(client, run)


async def check_what_is_kept(client, run):
    """Both cameras stand on the two poles: what one gains beside the other is told wherever it is moved."""
    told = (await client.get(f"/runs/{run}/candidates")).json()["candidates"]
    usable = [one for one in told if not one["reasons"]]
    assert {one["host"] for one in usable} == {"P1", "P2"}
    assert sorted(rank for one in told for rank in one["ranks"]) == [1, 2]
    sites = (await client.get(f"/runs/{run}/ranking")).json()["features"]
    cells = (await client.get(f"/runs/{run}/demand.geojson?resolution=12")).json()
    gained = sum(one["properties"]["gained"] for one in cells["features"])
    assert gained == pytest.approx(sum(one["gain"] for one in sites), abs=1e-3)
    here = f"/runs/{run}/reach?lon=115.85&lat=31.85"
    found = (await client.get(f"{here}&without=2")).json()
    assert found["covered"] == pytest.approx(sites[0]["gain"], rel=1e-9)
    # the second site was the best beside the first: no setting of any pole beats it
    [taken] = found["taken"]
    assert taken["gain"] == pytest.approx(sites[1]["gain"], rel=1e-9)
    best = {one["number"]: one["best"] for one in found["candidates"]}
    assert max(one["gain"] for one in best.values() if one) == pytest.approx(sites[1]["gain"], rel=1e-9)
    other = next(one["number"] for one in usable if one["number"] != taken["number"])
    moved = f"moved=2:{other}:{best[other]['setting']}"
    after = (await client.get(f"/runs/{run}/demand.geojson?resolution=12&{moved}")).json()["features"]
    total = sum(one["properties"]["gained"] for one in after)
    assert total == pytest.approx(found["covered"] + best[other]["gain"], abs=1e-3)
    [again] = (await client.get(f"{here}&{moved}&without=2")).json()["taken"]
    assert (again["number"], again["gain"]) == (other, pytest.approx(best[other]["gain"], rel=1e-9))
    for wrong in ("moved=2", "moved=9:0:0", "moved=2:99999:0", f"moved=2:{other}:99", "without=3"):
        assert (await client.get(f"{here}&{wrong}")).status_code == 400, wrong


async def test_a_browser_that_asks_for_a_page_is_sent_to_that_of_the_scenario(client):
    await draft(client, "页面", ADD)
    asked = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answer = await client.get("/scenarios/页面", headers=asked, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("/desk/siting/%E9%A1%B5%E9%9D%A2")
    assert (await client.get("/scenarios/页面")).json()["name"] == "页面"
