"""Why a point has the signal it has, over HTTP: numbers as geo has them, sentences in both languages."""

from __future__ import annotations

import h3
import pytest
import shapely.geometry

from geo.radio import class_of, penetration_loss
from layers.database import admin_connection, connect_application, scoped, set_scope
from layers.runs.radio_columns import NO_SIGNAL_DBM
from layers.runs.requesting import request
from layers.runs.worker import worker_thread
from layers.scope import Scope
from tests.layers.little_city import ALL
from tests.layers.runs.workers import PATIENCE

pytestmark = pytest.mark.postgis

AT = {"lon": "115.83", "lat": "31.8"}
ROW = """
INSERT INTO city.sectors (code, geom, provenance, source, status, site_code, technology, frequency_mhz,
    bandwidth_mhz, azimuth_deg, mechanical_tilt_deg, electrical_tilt_deg, height_m, power_dbm, pattern)
SELECT 'SQ' || n, ST_SetSRID(ST_Point(115.84 + n * 0.004, 31.8), 4326), 'synthetic', 'tests',
    CASE n WHEN 2 THEN 'fault' ELSE 'in_service' END, 'JZ', '5g', 3450, 100, 270, 2, 4, 30, 53, '8x8'
FROM generate_series(0, 2) AS n
"""
ROAD = """
INSERT INTO city.roads (code, geom, provenance, source, status, class)
VALUES ('DL', ST_GeomFromText('LINESTRING(115.83 31.801, 115.86 31.801)', 4326), 'synthetic', 'tests',
    'in_service', 'trunk')
"""

NEW_SECTOR = {
    "op": "add",
    "layer": "sectors",
    "geometry": {"type": "Point", "coordinates": [115.834, 31.8]},
    "properties": {
        "code": "SQ9", "site_code": "补", "technology": "5g", "frequency_mhz": 3450, "bandwidth_mhz": 100,
        "azimuth_deg": 270, "mechanical_tilt_deg": 2, "electrical_tilt_deg": 4, "height_m": 30,
        "power_dbm": 53, "pattern": "8x8",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def with_sectors(city):
    with admin_connection(city) as connection:
        with connection.transaction():
            set_scope(connection, Scope.everything("tests"))
            connection.execute(ROW.encode())
        yield
        with connection.transaction():
            set_scope(connection, Scope.everything("tests"))
            connection.execute(b"DELETE FROM city.sectors")


async def test_the_budget_adds_up_line_by_line(client, with_sectors):
    answer = await client.get("/explain/radio", params=AT)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [line["code"] for line in found["sectors"]] == ["SQ0", "SQ1"]
    for line in found["sectors"]:
        level = line["element_dbm"] + line["gain_dbi"] - line["loss_db"] - line["terrain_db"]
        assert line["level_dbm"] == pytest.approx(level, abs=0.01)
    first = found["sectors"][0]
    # 53 dBm over 273 blocks of 12 subcarriers; due west of the mast, which faces west.
    assert first["element_dbm"] == pytest.approx(53 - 35.15, abs=0.01)
    assert first["off_axis_deg"] == pytest.approx(0, abs=0.1)
    assert first["distance_m"] == pytest.approx(947, abs=2)
    assert (first["line_of_sight"], first["in_the_way"]) == (True, [])
    assert "V19" in found["release"]
    assert found["no_signal_dbm"] == NO_SIGNAL_DBM


async def test_a_house_in_the_way_is_named(client, with_sectors):
    # JZ1, 12.5 m high, stands from 115.850 to 115.851; the mast SQ1 is at 115.844.
    found = (await client.get("/explain/radio", params={"lon": "115.8515", "lat": "31.8001"})).json()
    blocked = {line["code"]: line.get("blocked_by") for line in found["sectors"]}
    assert blocked["SQ1"]["code"] == "JZ1"
    told = {line["code"]: (line["line_of_sight"], line["in_the_way"]) for line in found["sectors"]}
    assert told["SQ1"] == (False, ["building"])
    assert any("JZ1" in sentence for sentence in found["sentences"]["zh"])


async def test_sentences_say_the_same_in_both_languages(client, with_sectors):
    found = (await client.get("/explain/radio", params=AT)).json()
    zh, en = found["sentences"]["zh"], found["sentences"]["en"]
    assert len(zh) == len(en) >= 3
    for sentence in (zh[0], en[0]):
        assert f"{found['level_dbm']:.1f}" in sentence


async def test_far_from_every_sector_a_new_site_is_the_answer(client, with_sectors):
    found = (await client.get("/explain/radio", params={"lon": "116.9", "lat": "32.5"})).json()
    assert (found["covered"], found["class"], found["sectors"]) == (False, "none", [])
    assert found["remedies"][0]["kind"] == "new_site"
    for language in ("zh", "en"):
        assert found["remedies"][0]["sentence"][language] in found["sentences"][language]


@pytest.mark.parametrize(
    ("given", "parameter"),
    [({"lon": "east"}, "lon"), ({"lat": "nan"}, "lat"), ({"lon": "200"}, "lon"),
     ({"technology": "6g"}, "technology"), ({"model": "city"}, "model")],
)  # fmt: skip
async def test_what_cannot_be_is_refused_by_name(client, given, parameter):
    answer = await client.get("/explain/radio", params=AT | given)
    assert answer.status_code == 400
    assert answer.json()["details"]["parameter"] == parameter


async def test_what_the_map_says_there_stands_beside_it_and_a_scenario_is_its_own(
    city, client, catalog, with_sectors
):
    real = (await client.get("/explain/radio", params=AT)).json()
    assert real["map"] is None
    made = await client.post("/scenarios", json={"name": "补站", "changes": [NEW_SECTOR]})
    assert made.status_code == 201, made.text
    given = {"technology": "5g", "resolution": 9, "sight": "buildings"}
    with connect_application(city) as connection, scoped(connection, ALL) as inside:
        run = request(inside, ALL, catalog, kind="radio_coverage", parameters=given)
        planned = request(
            inside, ALL, catalog, kind="radio_coverage", parameters={**given, "scenario": "补站"}
        )
    with worker_thread(city, until_empty=True) as worker:
        worker.result(timeout=PATIENCE)
    told = (await client.get("/explain/radio", params=AT)).json()["map"]
    cell = (await client.get(f"/runs/{run}/cells/{told['cell']}")).json()
    assert told["run"] == run
    assert cell["group"] is None
    # The little city has buildings: the map and the point take sight past the same ones.
    assert told["line_of_sight"] == "buildings"
    assert told["low_dbm"] - 0.1 <= told["level_dbm"] <= told["high_dbm"] + 0.1
    assert told["level_dbm"] == pytest.approx(cell["values"]["rsrp_dbm"], abs=0.001)
    assert told["class"] == class_of(told["level_dbm"], "5g")
    # The run over the scenario has the planned sector, which stands nearer than all that are real.
    found = (await client.get("/explain/radio", params=AT | {"run": planned})).json()
    assert (found["scenario"], found["map"]["scenario"], found["map"]["run"]) == ("补站@1", "补站@1", planned)
    assert found["sectors"][0]["distance_m"] < real["sectors"][0]["distance_m"] / 2
    assert found["level_dbm"] > real["level_dbm"] + 8
    # Only buildings around masts in reach are read for one point: they choose the models of the run.
    models = (await client.get(f"/runs/{run}")).json()["note"]["facts"]["models"]
    assert {line["model"] for line in real["sectors"]} == set(models)
    assert found["map"]["low_dbm"] - 0.1 <= found["map"]["level_dbm"] <= found["map"]["high_dbm"] + 0.1
    again = (await client.get("/explain/radio", params=AT | {"run": run})).json()
    assert (again["scenario"], again["level_dbm"]) == (None, real["level_dbm"])


async def test_a_cell_of_a_gap_tells_the_outline_of_the_whole_gap(city, client, catalog, with_sectors):
    # No level reaches the threshold: the road between the settlements is one gap.
    given = {"technology": "5g", "resolution": 9, "min_dbm": -40}
    with admin_connection(city) as connection, connection.transaction():
        set_scope(connection, Scope.everything("tests"))
        connection.execute(ROAD.encode())
    with connect_application(city) as connection, scoped(connection, ALL) as inside:
        run = request(inside, ALL, catalog, kind="radio_gaps", parameters=given)
    with worker_thread(city, until_empty=True) as worker:
        worker.result(timeout=PATIENCE)
    record = (await client.get(f"/runs/{run}")).json()
    gap = record["summary"]["findings"][0]
    figures = next(area for area in record["areas"] if area["code"] == gap["id"])
    cell = (await client.get(f"/runs/{run}/cells/{gap['cell']}")).json()
    group = cell["group"]
    assert (group["code"], cell["values"]["rank"]) == (gap["id"], figures["rank"])
    assert group["area_m2"] == pytest.approx(figures["area_km2"] * 1e6, rel=1e-3)
    whole, one = shapely.geometry.shape(group["geometry"]), shapely.geometry.shape(cell["geometry"])
    assert whole.buffer(1e-5).covers(one)
    assert whole.area / one.area == pytest.approx(group["cells"], rel=0.02)
    # A coarse cell, too, tells the gap that it is ranked by.
    coarse = h3.cell_to_parent(gap["cell"], 7)
    over = (await client.get(f"/runs/{run}/cells/{coarse}")).json()
    ranked = next(area for area in record["areas"] if area["rank"] == over["values"]["rank"])
    assert over["group"]["code"] == ranked["code"]


async def test_indoors_is_told_for_the_building_that_holds_the_place(client, with_sectors):
    # JZ1 stands there; its use is not one of coated glass, nor is that of a place without a building.
    for place, held in (({"lon": "115.8505", "lat": "31.8001"}, "JZ1"), (AT, None)):
        found = (await client.get("/explain/radio", params=place)).json()
        inside = found["indoor"]
        assert (inside["building"] or {}).get("code") == held
        assert inside["building_class"] == "low_loss"
        # TR 38.901 table 7.4.3-2, low loss at 3.45 GHz, 5 m inside: 12.7 dB in the wall and 2.5 dB behind.
        loss = float(penetration_loss("low_loss", 3.45, 5.0))
        assert inside["level_dbm"] == pytest.approx(found["level_dbm"] - loss, abs=0.05)
        assert inside["covered"] <= found["covered"]
