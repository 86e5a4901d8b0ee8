"""Runs over HTTP: asked for, watched, called off, read as files and tiles; strict about what is wrong."""

from __future__ import annotations

import csv
import io
import re

import h3
import mapbox_vector_tile
import numpy as np
import orjson
import pyarrow.parquet as pq
import pyproj
import pytest
import rasterio

from layers.runs.kinds import kinds
from tests.layers.runs.workers import carry_out, held, record, wait_for, worker, worker_here

pytestmark = pytest.mark.postgis

CAMERAS = {"kind": "density", "parameters": {"layer": "cameras"}}


async def ask(client, **order):
    answer = await client.post("/runs", json={**CAMERAS, **order})
    assert answer.status_code == 201, answer.text
    return answer


@pytest.fixture(scope="module")
def finished(city):
    """Return the id of a run that was asked for over HTTP's own function and carried out."""
    from layers.definitions.loading import read_catalog
    from tests.layers.runs.workers import ask as ask_directly

    run = ask_directly(city, read_catalog(), layer="cameras", resolution=8)
    carry_out(city)
    assert record(city, run)["state"] == "succeeded"
    return run


async def test_a_run_is_made_with_its_address_and_waits(client, city):
    answer = await ask(client)
    run = answer.json()
    assert answer.headers["location"].endswith(f"/runs/{run['id']}")
    assert run["state"] == "queued"
    assert run["classification"] == "restricted"
    assert run["parameters"] == {"layer": "cameras", "weight": None, "against": "area", "resolution": 8}
    assert (await client.get(answer.headers["location"])).json()["state"] == "queued"
    called_off = await client.delete(answer.headers["location"])
    assert (called_off.status_code, called_off.json()["state"]) == (200, "cancelled")


async def test_a_finished_run_tells_figures_by_region_and_how_they_were_made(client, finished):
    run = (await client.get(f"/runs/{finished}")).json()
    assert run["published"] is True
    assert run["out_of_date"] is False
    by_layer = {}
    for area in run["areas"]:
        by_layer[area["layer"]] = by_layer.get(area["layer"], 0) + area["n"]
    assert by_layer["counties"] == by_layer["towns"] == 250
    assert run["note"]["facts"]["counted"] == 250
    assert run["inputs"]["cameras"]["rows"] == 250
    assert {column["name"]: column["unit"] for column in run["columns"]}["density"] == "1/km²"
    assert run["shown"] == "density"
    amounts = {column["name"]: column["amount"] for column in run["area_columns"]}
    assert amounts == {"n": True, "against": True, "density": False}, "the sum of counts is told once"
    assert (run["subject"], run["about"]) == ("cameras", {"zh": "摄像机", "en": "Cameras"})


async def test_csv_geojson_and_parquet_hold_the_same_cells(client, finished):
    files = {
        form: await client.get(f"/runs/{finished}/cells.{form}") for form in ("csv", "geojson", "parquet")
    }
    rows = list(csv.DictReader(io.StringIO(files["csv"].text)))
    features = orjson.loads(files["geojson"].content)["features"]
    table = pq.read_table(io.BytesIO(files["parquet"].content))
    assert sum(float(row["n"]) for row in rows) == 250
    assert [row["cell"] for row in rows] == [feature["id"] for feature in features]
    assert [h3.int_to_str(cell.as_py()) for cell in table["cell"]] == [row["cell"] for row in rows]
    assert str(table["cell"].type) == "uint64"
    about = orjson.loads(table.schema.metadata[b"onemap"])
    assert about["note"]["facts"]["counted"] == 250
    feature = features[0]
    ring = [(x, y) for y, x in h3.cell_to_boundary(feature["id"])]
    outline = feature["geometry"]["coordinates"][0]
    for x, y in ring:
        assert min(abs(x - a) + abs(y - b) for a, b in outline) < 1e-6


async def test_a_geotiff_has_the_cells_as_gdal_reads_them(client, finished):
    answer = await client.get(f"/runs/{finished}/cells.tif")
    assert answer.headers["content-type"].startswith("image/tiff")
    rows = list(csv.DictReader(io.StringIO((await client.get(f"/runs/{finished}/cells.csv")).text)))
    with rasterio.MemoryFile(answer.content) as memory, memory.open() as image:
        assert image.crs.to_epsg() == 4548
        assert image.descriptions == ("n", "value", "against", "density")
        assert orjson.loads(image.tags()["onemap"])["kind"] == "density"
        to_metres = pyproj.Transformer.from_crs(4326, image.crs, always_xy=True)
        for row in rows[::7]:
            lat, lon = h3.cell_to_latlng(row["cell"])
            found = next(image.sample([to_metres.transform(lon, lat)]))
            assert found[0] == pytest.approx(float(row["n"]), abs=1e-4)
        whole = image.read(1)
        # Pixels share the plane out evenly: their mean is the mean of the cells.
        assert np.isfinite(whole).mean() > 0.5
        assert np.nanmean(whole) == pytest.approx(np.mean([float(row["n"]) for row in rows]), rel=0.1)


async def test_a_cell_tells_its_values_as_the_file_has_them_and_its_regions(client, finished):
    text = (await client.get(f"/runs/{finished}/cells.csv")).text
    row = max(csv.DictReader(io.StringIO(text)), key=lambda row: float(row["n"]))
    cell = (await client.get(f"/runs/{finished}/cells/{row['cell']}")).json()
    assert {name: float(row[name]) for name in cell["values"]} == cell["values"]
    assert (cell["resolution"], cell["kind"]) == (8, "density")
    assert cell["area_m2"] == pytest.approx(h3.cell_area(row["cell"], "m^2"), rel=1e-6)
    levels = {region["level"] for region in cell["regions"]}
    assert levels == {"county", "town", "community"}
    for level in levels:
        assert sum(one["share"] for one in cell["regions"] if one["level"] == level) <= 1 + 1e-6
    for region in cell["regions"]:
        assert len(region["path"]) == {"county": 1, "town": 2, "community": 3}[region["level"]]


async def test_a_coarse_cell_adds_up_its_children(client, finished):
    rows = list(csv.DictReader(io.StringIO((await client.get(f"/runs/{finished}/cells.csv")).text)))
    parent = h3.cell_to_parent(rows[0]["cell"], 6)
    inside = [float(row["n"]) for row in rows if h3.cell_to_parent(row["cell"], 6) == parent]
    cell = (await client.get(f"/runs/{finished}/cells/{parent}")).json()
    assert cell["values"]["n"] == sum(inside)


async def test_figures_by_region_are_a_file_with_names_that_spreadsheets_read(client, finished):
    answer = await client.get(f"/runs/{finished}/areas.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    areas = (await client.get(f"/runs/{finished}")).json()["areas"]
    assert [(row["code"], row["name"], float(row["n"])) for row in rows] == [
        (area["code"], area["name"], area["n"]) for area in areas
    ]


async def test_the_method_note_is_told_in_chinese_and_in_english(client, finished):
    note = (await client.get(f"/runs/{finished}")).json()["note"]
    told = note["words"]
    for text in (told["zh"]["method"], told["zh"]["source"], *told["zh"]["limits"]):
        assert re.search(r"[\u4e00-\u9fff]", text), text
    assert told["en"] == {key: note[key] for key in ("method", "source", "limits")}
    assert set(told["facts"]) == set(note["facts"])


@pytest.mark.parametrize("resolution", [5, 6, 7, 8])
async def test_every_level_adds_up_to_the_layer(client, finished, resolution):
    answer = await client.get(f"/runs/{finished}/cells.csv", params={"resolution": resolution})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert sum(float(row["n"]) for row in rows) == 250
    assert {h3.get_resolution(row["cell"]) for row in rows} == {resolution}


@pytest.mark.parametrize(("zoom", "resolution"), [(7, 5), (8, 6), (9, 7), (12, 8), (14, 8)])
async def test_tiles_show_coarser_cells_at_lower_zooms(client, finished, zoom, resolution):
    import morecantile

    at = morecantile.tms.get("WebMercatorQuad").tile(115.9, 31.8, zoom)
    answer = await client.get(f"/tiles/density/{zoom}/{at.x}/{at.y}.mvt")
    layer = mapbox_vector_tile.decode(answer.content)["density"]
    assert {h3.get_resolution(feature["properties"]["cell"]) for feature in layer["features"]} == {resolution}
    links = (await client.get(f"/runs/{finished}")).json()["links"]
    named = await client.get(links["tiles"].format(z=zoom, x=at.x, y=at.y))
    assert named.content == answer.content
    told = await client.get(f"/tiles/density/{zoom}/{at.x}/{at.y}.mvt?subject=cameras")
    assert told.content == answer.content
    again = await client.get(
        f"/tiles/density/{zoom}/{at.x}/{at.y}.mvt", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304


async def test_the_list_of_layers_describes_the_result_that_is_shown(client, finished):
    results = (await client.get("/layers")).json()["results"]
    shown = next(result for result in results if result["name"] == "density" and result["region"] is None)
    assert shown["style"]["by"] == "density"
    assert [level["resolution"] for level in shown["style"]["levels"]] == [8, 7, 6, 5]
    for level in shown["style"]["levels"]:
        assert level["breaks"] == sorted(level["breaks"])
        assert len(level["breaks"]) < len(shown["style"]["ramp"]["dark"])
    assert shown["features"] == 250
    assert shown["style"]["no_data"] == "hatch"
    assert (await client.get("/tiles/density.json")).json()["vector_layers"][0]["id"] == "density"


async def test_the_events_of_a_finished_run_end_at_once(client, finished):
    answer = await client.get(f"/runs/{finished}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "event: progress" in answer.text
    assert "event: end" in answer.text


async def test_events_follow_a_run_to_its_end(client, city, catalog):
    run = (await ask(client)).json()["id"]
    states, steps = [], []
    with worker(city):
        async with client.stream("GET", f"/runs/{run}/events") as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    progress = orjson.loads(line[6:])
                    states.append(progress["state"])
                    steps.append(progress["step"])
    assert states[0] in ("queued", "running")
    assert states[-1] == "succeeded"
    assert steps[-1] == "done"
    assert len(set(steps)) > 2


async def test_a_running_run_is_called_off(client, city):
    run = (await ask(client)).json()["id"]
    with held(city, "read", run), worker_here(city):
        wait_for(lambda: record(city, run)["step"] == "read", "reading")
        answer = await client.delete(f"/runs/{run}")
        assert answer.status_code == 202
        wait_for(lambda: record(city, run)["state"] == "cancelled", "the end", 5)
    cells = await client.get(f"/runs/{run}/cells.csv")
    assert (cells.status_code, cells.json()["code"]) == (404, "no-result")


@pytest.mark.parametrize(
    ("order", "code", "parameter"),
    [
        ({"parameters": {"layer": "cameras", "resolution": 4}}, "bad-parameter", "resolution"),
        ({"parameters": {"layer": "cameras", "resolution": 13}}, "bad-parameter", "resolution"),
        ({"parameters": {"layer": "cameras", "resolution": 8.5}}, "bad-parameter", "resolution"),
        ({"parameters": {"layer": "cameras", "resolution": "x"}}, "bad-parameter", "resolution"),
        ({"parameters": {"layer": "nothing"}}, "bad-parameter", "layer"),
        ({"parameters": {"layer": "region_statistics"}}, "bad-parameter", "layer"),
        ({"parameters": {"layer": 7}}, "bad-parameter", "layer"),
        ({"parameters": {}}, "bad-parameter", "layer"),
        ({"parameters": {"layer": "cameras", "weight": "name"}}, "bad-parameter", "weight"),
        ({"parameters": {"layer": "cameras", "weight": "nothing"}}, "bad-parameter", "weight"),
        ({"parameters": {"layer": "cameras", "against": "money"}}, "bad-parameter", "against"),
        ({"parameters": {"layer": "cameras", "colour": "red"}}, "bad-parameter", "colour"),
        ({"parameters": []}, "bad-parameter", "parameters"),
        ({"kind": "alchemy"}, "no-analysis", None),
        ({"kind": 1}, "bad-parameter", "body"),
        ({"region": "999999"}, "no-region", None),
        ({"region": 341504}, "bad-parameter", "region"),
        ({"region": "\u0000"}, "bad-parameter", "region"),
        ({"surprise": 1}, "bad-parameter", "body"),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_wrong_order_is_a_problem_and_makes_nothing(client, order, code, parameter, language):
    before = (await client.get("/runs")).json()["runs"]
    answer = await client.post("/runs", json={**CAMERAS, **order}, headers={"Accept-Language": language})
    problem = answer.json()
    assert 400 <= answer.status_code < 500
    assert problem["code"] == code
    assert problem.get("details", {}).get("parameter") == parameter
    assert not re.search(r"\{[a-z_]+\}", problem["detail"])
    assert (await client.get("/runs")).json()["runs"] == before


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"kind":', b"\xff", b"null"])
async def test_a_body_that_is_no_order_is_a_problem(client, body):
    answer = await client.post("/runs", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-parameter")


async def test_a_body_without_end_is_refused(client):
    answer = await client.post("/runs", content=b"x" * 100_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/runs/999999", 404), ("/runs/0", 404), ("/runs/x", 404), ("/runs/999999/events", 404),
        ("/runs/999999/cells.csv", 404), ("/runs/1/cells/nothing", 400), ("/runs/1/cells/0", 400),
        ("/runs/999999/cells/8840a8c8adfffff", 404), ("/runs/999999/areas.csv", 404),
        ("/runs?limit=0", 400), ("/runs?state=lost", 400),
        ("/runs?kind=alchemy", 404), ("/runs?cursor=zz", 400), ("/runs?what=1", 400),
        ("/tiles/density/9/1/99999.mvt", 404), ("/tiles/density/9/1/1.mvt?run=x", 404),
        ("/tiles/density/9/1/1.mvt?colour=red", 400), ("/tiles/density/9/1/1.mvt?region=34", 404),
        ("/tiles/density/9/1/1.mvt?subject=roads", 404),
    ],
)  # fmt: skip
async def test_a_wrong_address_is_a_problem(client, finished, path, status):
    answer = await client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("form", "resolution"), [("xlsx", None), ("csv", "4"), ("csv", "9"), ("csv", "x")])
async def test_cells_that_are_not_there_are_a_problem(client, finished, form, resolution):
    parameters = {} if resolution is None else {"resolution": resolution}
    answer = await client.get(f"/runs/{finished}/cells.{form}", params=parameters)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-parameter")


async def test_runs_are_listed_newest_first_page_by_page(client, finished):
    whole = (await client.get("/runs", params={"limit": 200})).json()
    found, page = [], (await client.get("/runs", params={"limit": 2})).json()
    while True:
        found += [run["id"] for run in page["runs"]]
        if not page["links"]:
            break
        page = (await client.get(page["links"][0]["href"])).json()
    assert found == [run["id"] for run in whole["runs"]] == sorted(found, reverse=True)
    assert [kind["name"] for kind in whole["kinds"]] == list(kinds())


async def test_without_a_database_runs_are_unavailable_and_the_map_still_opens(without_database):
    assert (await without_database.get("/runs")).status_code == 503
    assert (await without_database.post("/runs", json=CAMERAS)).status_code == 503
    assert (await without_database.get("/layers")).json()["results"] == []
