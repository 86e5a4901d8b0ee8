"""``onemap rasters``: a file becomes a raster of the city, or says why not."""

import numpy as np
import pytest
import rasterio
from typer.testing import CliRunner

from api.cli.main import app


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
