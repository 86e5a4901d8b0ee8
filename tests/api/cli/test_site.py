"""``onemap site``, and a plan over HTTP: explained, exported, reported, called off with its best kept."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from geo.cells import cover, polygons, to_text
from layers.runs.record import State
from layers.runs.requesting import request
from tests.layers.little_city import ALL, SOUTH, WEST, fill, working
from tests.layers.runs.workers import held, record, wait_for, worker_here

pytestmark = pytest.mark.postgis

ONEMAP = [sys.executable, "-c", "from api.cli.main import app; app()"]
LON, LAT = WEST + 0.035, SOUTH + 0.045
HOUSE = shapely.box(LON + 0.0002, LAT + 0.0002, LON + 0.0006, LAT + 0.0006)


def frame(columns: dict, shapes: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)


@pytest.fixture(scope="module")
def city(module_database, catalog):
    """Return a town with one 5G site in its corner, three 4G sites, a street with lamps, and a school."""
    cells = cover(shapely.box(LON - 0.012, LAT - 0.012, LON + 0.012, LAT + 0.012), 10)
    places = [(-0.011, -0.011), (0.0, 0.0), (0.009, 0.009), (-0.008, 0.009)]
    sites = [shapely.Point(LON + east, LAT + north) for east, north in places]
    lamps = [shapely.Point(LON + step, LAT - 0.00012) for step in (-0.0008, 0.0, 0.0008, 0.0011)]
    fill(
        module_database, catalog,
        population=frame(
            {"code": to_text(cells), "cell": to_text(cells), "residents": 8.0}, polygons(cells).tolist()
        ),
        base_stations=frame(
            {"code": [f"JZ{one}" for one in range(4)], "technology": ["5g", "4g", "4g", "4g"],
             "height_m": 30.0, "name": ["甲", "乙", "丙", "丁"]}, sites,
        ),
        sectors=frame(
            {"code": [f"SQ{one}" for one in range(3)], "site_code": "JZ0", "technology": "5g",
             "frequency_mhz": 2565.0, "bandwidth_mhz": 100.0, "subcarrier_spacing_khz": 30.0,
             "height_m": 30.0, "azimuth_deg": [0.0, 120.0, 240.0], "mechanical_tilt_deg": 3.0,
             "electrical_tilt_deg": 3.0, "power_dbm": 53.0, "pattern": "8x8", "beamwidth_deg": 65.0},
            [sites[0]] * 3,
        ),
        roads=frame({"code": ["R1"], "class": ["residential"]},
                    [shapely.LineString([(LON - 0.001, LAT), (LON + 0.0014, LAT)])]),
        poles=frame({"code": [f"LD{one}" for one in range(4)], "kind": "lamp", "height_m": 8.0,
                     "free_slots": 1}, lamps),
        sensors=frame({"code": ["GZ1"], "domain": [first(catalog, "sensors", "domain")]},
                      [shapely.Point(LON + 0.0001, LAT - 0.0001)]),
        buildings=frame({"code": ["FW1"], "name": ["高楼"], "height_m": [60.0]}, [HOUSE]),
        key_places=frame({"code": ["KP1"], "name": ["第一小学"], "class": ["school"]},
                         [shapely.Point(LON + 0.002, LAT + 0.002)]),
    )  # fmt: skip
    return module_database


def first(catalog, layer: str, name: str) -> str:
    return catalog.code_lists[catalog.layer(layer).field(name).codes].codes[0].code


def onemap(city, *arguments: str) -> subprocess.CompletedProcess[str]:
    named = {"ONEMAP_DATABASE_URL": city.application, "ONEMAP_DATABASE_ADMIN_URL": city.admin}
    return subprocess.run(
        [*ONEMAP, *arguments],
        env={**os.environ, **named},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.fixture(scope="module")
def planned(city, tmp_path_factory):
    """Return the run that the command line made, and the file that it wrote."""
    file = tmp_path_factory.mktemp("plan") / "plan.gpkg"
    done = onemap(
        city, "site", "stations", "--by-year", "1,1", "--candidates", "existing_4g", "--seconds", "2",
        "--sensitivity", "--json", "-o", str(file),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), file


def test_the_command_plans_sites_year_by_year_and_writes_them(planned):
    run, file = planned
    assert run["state"] == "succeeded"
    sites = pyogrio.read_dataframe(file)
    assert sites["rank"].tolist() == [1, 2]
    assert np.diff(sites["year"]).tolist() == [1]
    assert set(sites["host"]) <= {"JZ1", "JZ2", "JZ3"}
    assert sites["stays"].between(0, 1).all()
    findings = {one["what"]: one for one in run["summary"]["findings"]}
    assert findings["towns"]["rows"][0]["whole"] > 0
    assert [one["trials"] for one in findings["sensitivity"]["rows"]] == [1, 1, 5]
    assert "indoor" not in run["note"]["parameters"]
    assert "budget" not in run["note"]["parameters"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["stations", "--candidates", "moon"], "candidates"),
        (["cameras", "-o", "plan.txt"], ".gpkg"),
    ],
)
def test_a_wrong_order_is_told_in_one_line(city, arguments, told):
    done = onemap(city, "site", *arguments)
    assert done.returncode == 1
    assert told in done.stderr.splitlines()[-1]


async def test_a_site_is_explained_by_who_gains_what_is_in_the_way_and_what_overlaps(client, planned):
    run, _ = planned
    found = (await client.get(f"/runs/{run['id']}/sites/0001")).json()
    assert found["people"]["gained"] == pytest.approx(found["gain"], rel=0.02)
    assert found["people"]["reached"] == pytest.approx(
        found["people"]["already"] + found["people"]["gained"], abs=0.2
    )
    assert sum(one["gained"] for one in found["towns"]) == pytest.approx(found["people"]["gained"], rel=0.05)
    assert [one["id"] for one in found["overlap"]] == ["0002"]
    assert 0 < found["overlap"][0]["share"] <= 1
    assert all({"zh", "en"} == set(one) for one in found["sentences"])
    if found["point"]["lon"] == pytest.approx(LON, abs=1e-6):
        assert found["obstacles"][0]["code"] == "FW1"
    unknown = await client.get(f"/runs/{run['id']}/sites/9999")
    assert unknown.status_code == 404


async def test_a_plan_leaves_as_a_geopackage_a_workbook_and_a_report_that_asks_for_nothing(
    client, planned, tmp_path
):
    run, _ = planned
    links = (await client.get(f"/runs/{run['id']}")).json()["links"]
    package = tmp_path / "plan.gpkg"
    package.write_bytes((await client.get(links["features.gpkg"])).content)
    assert len(pyogrio.read_dataframe(package)) == 2
    with sqlite3.connect(package) as database:  # what SQLite itself finds in it
        [(crs,)] = database.execute("SELECT srs_id FROM gpkg_contents")
    assert crs == 4326
    book = tmp_path / "plan.xlsx"
    book.write_bytes((await client.get(links["features.xlsx"])).content)
    # GDAL reads the workbook as others do.
    names = {name.split()[-1] for name in pyogrio.list_layers(book)[:, 0]}
    assert {"site_plan", "areas", "proof", "year", "towns", "sensitivity", "method"} <= names
    assert "逐年安排 year" in pyogrio.list_layers(book)[:, 0]
    table = pyogrio.read_dataframe(book, layer="site_plan")
    assert len(table) == 2
    assert any("名次" in name for name in table.columns)
    for lang, word in (("zh", "最优性差距"), ("en", "Optimality gap")):
        page = (await client.get(f"/runs/{run['id']}/report.html", params={"lang": lang})).text
        assert word in page
        assert "http" not in page.split("</style>")[1]
        assert page.count("<circle") == 2


def test_shared_poles_tell_what_sharing_saves_and_how_far_the_city_shares(city):
    done = onemap(city, "site", "poles", "--budget", "1", "--seconds", "1", "--json")
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)
    findings = {one["what"]: one for one in run["summary"]["findings"]}
    saving, sharing = findings["shared_poles"], findings["sharing"]
    assert saving["poles"] == 1
    assert saving["cost_apart"] == pytest.approx(saving["cost"] + saving["saved"])
    assert sharing["devices"]["shared_after"] > sharing["devices"]["shared_before"] == 0
    assert sharing["mergeable"]["groups"] == 0


async def test_a_plan_that_is_called_off_keeps_the_best_that_it_has(client, city, catalog):
    order = {"device": "stations", "budget": 2, "candidates": ["existing_4g"], "seconds": 2}
    with working(city) as connection:
        run = request(connection, ALL, catalog, kind="site_plan", parameters=order)
    with worker_here(city):
        with held(city, "write", run):
            wait_for(lambda: record(city, run)["step"] == "write", "the plan to be made", 300)
            standing = (await client.get(f"/runs/{run}")).json()["standing"]
            assert 0 < standing["covered"] <= standing["bound"]
            assert (await client.delete(f"/runs/{run}")).status_code == 202
        wait_for(lambda: State(record(city, run)["state"]).finished, "the plan to be kept", 120)
    found = (await client.get(f"/runs/{run}")).json()
    assert found["state"] == State.CANCELLED
    assert found["published"] is False
    sites = (await client.get(f"/runs/{run}/ranking")).json()["features"]
    assert [one["rank"] for one in sites] == [1, 2]


async def test_candidates_are_told_with_the_reasons_against_them_before_anything_is_planned(client, city):
    order = {"device": "stations", "candidates": ["existing_4g", "poles"], "forbidden": ["JZ2"]}
    found = (await client.post("/siting/candidates", json={"parameters": order})).json()
    hosts = {one["properties"]["host"]: one["properties"] for one in found["features"]}
    assert hosts["JZ2"]["reasons"] == ["forbidden"]
    assert hosts["LD1"]["reasons"] == []
    assert hosts["LD1"]["cost"] < hosts["JZ1"]["cost"]
    assert [(one["source"], one["usable"]) for one in found["summary"]["sources"]] == [
        ("existing_4g", 2), ("poles", 4),
    ]  # fmt: skip
    wrong = await client.post("/siting/candidates", json={"parameters": {"device": "balloons"}})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad-parameter")


async def test_a_camera_of_a_plan_is_explained_by_ground_and_what_hides_it(client, city, catalog):
    order = {"device": "cameras", "budget": 2, "seconds": 0}
    with working(city) as connection:
        run = request(connection, ALL, catalog, kind="site_plan", parameters=order)
    with worker_here(city):
        wait_for(lambda: State(record(city, run)["state"]).finished, "the plan", 300)
    found = (await client.get(f"/runs/{run}/sites/0001")).json()
    ground = found["ground"]
    assert ground["reached_m2"] > 0
    assert ground["gained_m2"] == pytest.approx(ground["reached_m2"] - ground["already_m2"], abs=0.2)
    [shape] = found["shapes"]
    seen = gpd.GeoSeries([shapely.from_geojson(json.dumps(shape))], crs=4326).to_crs(32650)
    # The ground is counted by points, the outline is exact.
    assert ground["reached_m2"] == pytest.approx(seen.area.iloc[0], rel=0.1)
    assert all(0 < one["hides"] <= 1 for one in found["obstacles"])
