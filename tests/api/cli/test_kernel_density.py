"""``onemap analyse kernel-density``: the density of incidents becomes a raster of the map and a file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import rasterio

from tests.layers.little_city import fill, points

pytestmark = pytest.mark.postgis

SIZE = 240


def test_incidents_of_a_class_become_a_raster_that_holds_them_all(onemap, database, catalog, tmp_path):
    named = {"ONEMAP_DATABASE_URL": database.application, "ONEMAP_DATABASE_ADMIN_URL": database.admin}
    start = datetime(2020, 1, 1, tzinfo=UTC)
    frame = points(SIZE, seed=1, code="e").assign(
        class_code=["0501", "S01"] * (SIZE // 2),
        channel="patrol",
        state="closed",
        occurred_at=[start + timedelta(days=one) for one in range(SIZE)],
    )
    fill(database, catalog, incidents=frame)
    file = tmp_path / "thefts.tif"
    done = onemap(
        "analyse", "kernel-density", "--classes", "S01", "--bandwidth", "300", "-o", str(file), **named
    )
    assert done.returncode == 0, done.stderr
    assert f"incident_density_s01: {SIZE // 2} incidents" in done.stdout
    kept = tmp_path / "home" / "rasters" / "incident_density_s01.tif"
    for written in (file, kept):
        with rasterio.open(written) as image:
            pixel = image.res[0] / 1000
            assert image.read(1).astype(float).sum() * pixel**2 == pytest.approx(SIZE // 2, rel=1e-3)
    with rasterio.open(kept) as image:
        assert "restricted" in image.tags().values(), "few thefts are not for everybody"
