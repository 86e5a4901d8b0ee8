"""``onemap rasters``: a file becomes a raster of the city, or says why not."""

import numpy as np
import pytest
import rasterio
from typer.testing import CliRunner

from api.cli.main import app
from geo.crs import transformer
from layers.city import read_setting
from layers.database import admin_connection
from layers.relief import SETTING, heights


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("ONEMAP_HOME", str(tmp_path / "home"))

    def run(*arguments):
        return CliRunner().invoke(app, ["rasters", *arguments])

    return run


def test_a_file_of_heights_is_added_and_listed(run, tmp_path):
    source = tmp_path / "Relief.tif"
    with rasterio.open(
        source, "w", driver="GTiff", width=64, height=64, count=1, dtype="int16", crs="EPSG:4326",
        transform=rasterio.transform.from_origin(115.8, 31.9, 0.001, 0.001),
    ) as made:  # fmt: skip
        made.write(np.arange(4096, dtype=np.int16).reshape(64, 64), 1)
    added = run("add", str(source), "--title", "地形", "--title-en", "Relief", "--style", "heights")
    assert added.exit_code == 0, added.output
    assert "/raster/relief/{z}/{x}/{y}.png" in added.output
    listed = run()
    assert "relief" in listed.output and "地形" in listed.output


def test_what_is_no_raster_is_refused_in_one_line(run, tmp_path):
    source = tmp_path / "relief.tif"
    source.write_text("no raster")
    refused = run("add", str(source), "--title", "地形", "--title-en", "Relief")
    assert refused.exit_code == 1
    assert "Traceback" not in refused.output


@pytest.mark.postgis
def test_a_raster_becomes_the_ground_of_analyses_when_added_or_later(onemap, database, tmp_path):
    named = {
        "ONEMAP_DATABASE_URL": database.application,
        "ONEMAP_DATABASE_ADMIN_URL": database.admin,
        "ONEMAP_HOME": str(tmp_path / "home"),
    }
    west, north, step = 115.8, 31.9, 0.001
    for name, height in (("low", 40.0), ("high", 90.0)):
        with rasterio.open(
            tmp_path / f"{name}.tif", "w", driver="GTiff", width=64, height=64, count=1, dtype="float32",
            crs="EPSG:4326", transform=rasterio.transform.from_origin(west, north, step, step),
        ) as made:  # fmt: skip
            made.write(np.full((64, 64), height, np.float32), 1)

    def ground():
        with admin_connection(database) as connection:
            document = read_setting(connection, SETTING)
        x, y = transformer(4326, 4548).transform(west + 32 * step, north - 32 * step)
        bounds = (x - 1000, y - 1000, x + 1000, y + 1000)
        found = heights(document, 4548, bounds, 30.0)
        return None if found is None else float(np.median(found.values))

    titles = ("--title", "地形", "--title-en", "Relief")
    plain = onemap("rasters", "add", str(tmp_path / "low.tif"), *titles, **named)
    assert plain.returncode == 0, plain.stderr
    assert ground() is None
    taken = onemap("rasters", "add", str(tmp_path / "high.tif"), *titles, "--ground", **named)
    assert taken.returncode == 0, taken.stderr
    assert ground() == 90.0
    later = onemap("rasters", "ground", "low", **named)
    assert later.returncode == 0, later.stderr
    assert ground() == 40.0
    missing = onemap("rasters", "ground", "nowhere", **named)
    assert missing.returncode == 1
    assert "no such raster" in missing.stderr
    assert ground() == 40.0
