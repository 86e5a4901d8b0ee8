"""Relief: closed forms, and GDAL's viewshed on a real height model as a bound."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.transform import from_origin
from scipy import ndimage

from geo.cameras import Terrain, viewsheds
from geo.cameras.terrain import line_of_sight
from geo.errors import BadInput
from tests.geo.cameras.scenes import ZONE, X, Y, buildings, cameras


def ridge(height: float) -> Terrain:
    """Return flat ground with a ridge 19 to 21 m north of the camera, in pixels of 2 m."""
    heights = np.zeros((101, 101))
    heights[40, :] = height
    return Terrain(heights, X - 101, Y + 101, 2.0, 2.0, ZONE)


def test_a_ridge_hides_what_lies_behind_it() -> None:
    camera = cameras(height_m=1.6)
    whole = viewsheds(camera, buildings()).geometry.iloc[0]
    found = viewsheds(camera, buildings(), terrain=ridge(10.0)).geometry.iloc[0]
    behind = shapely.box(X - 60, Y + 21, X + 60, Y + 60)
    assert found.intersection(behind).area == pytest.approx(0.0, abs=1.0)
    assert found.area == pytest.approx(whole.difference(behind).area, rel=0.02)
    flat = viewsheds(camera, buildings(), terrain=ridge(0.0)).geometry.iloc[0]
    assert flat.area == pytest.approx(whole.area)


def test_ground_that_nobody_knows_hides_nothing() -> None:
    camera = cameras()
    elsewhere = Terrain(np.zeros((3, 3)), X + 9000, Y, 2.0, 2.0, ZONE)
    whole = viewsheds(camera, buildings()).geometry.iloc[0]
    assert viewsheds(camera, buildings(), terrain=elsewhere).geometry.iloc[0].equals(whole)
    with pytest.raises(BadInput):
        Terrain(np.zeros(3), 0, 0, 1, 1)


def test_a_slope_is_seen_up_to_its_edge() -> None:
    # Targets as high as the eye stay in sight down an even slope.
    heights = np.zeros((1, 50))
    heights[0, 20:] = -np.arange(30.0)
    seen = line_of_sight(np.vstack([heights] * 3), 1, 20, 1.6, 1.6, 1.0)
    assert seen[1].all()
    heights[0, :10] = 5.0
    assert not line_of_sight(np.vstack([heights] * 3), 1, 20, 1.6, 0.0, 1.0)[1, :9].any()


def test_every_ray_is_followed_over_each_line_of_the_grid() -> None:
    # Brute force: heights at all crossings by numpy's interpolation; pixels of 1 m, so that nothing is bent.
    rng = np.random.default_rng(4)
    heights = rng.normal(0, 1, (61, 61)).cumsum(0).cumsum(1) / 8
    row, column, eye, target = 30, 30, 3.0, 1.0
    seen = line_of_sight(heights, row, column, eye, target, 1.0)
    expected = np.zeros_like(seen)
    for i, j in np.ndindex(heights.shape):
        start, goal = heights[row, column] + eye, heights[i, j] + target
        clear = True
        for line in range(min(row, i) + 1, max(row, i)):
            share = (line - row) / (i - row)
            ground = np.interp(column + share * (j - column), np.arange(61), heights[line])
            clear &= bool(ground <= start + (goal - start) * share)
        for line in range(min(column, j) + 1, max(column, j)):
            share = (line - column) / (j - column)
            ground = np.interp(row + share * (i - row), np.arange(61), heights[:, line])
            clear &= bool(ground <= start + (goal - start) * share)
        expected[i, j] = clear
    assert 0.1 < expected.mean() < 0.9
    assert (seen == expected).mean() > 0.999


def alps(test_data: Path) -> NDArray[np.float64]:
    """Return the heights behind Nice (SRTM), 1201 by 1201 pixels of 3 seconds."""
    with zipfile.ZipFile(test_data / "dem" / "N43E007.hgt.zip") as archive:
        raw = np.frombuffer(archive.read(archive.namelist()[0]), dtype=">i2")
    return raw.reshape(1201, 1201).astype(np.float64)


@pytest.mark.parametrize("eye", [10, 30, 400])
def test_real_relief_is_seen_as_xarray_spatial_sees_it(test_data: Path, eye: int) -> None:
    # xarray-spatial 0.5.3, `viewshed(da, x, y, observer_elev=eye, target_elev=2)` from the middle, a packed
    # bit for each pixel, recorded once (it compiles for a minute). It takes heights inside pixels otherwise
    # than along rays, so both are compared on ground that pixels resolve: the Alps resampled to 75/8 m. (On
    # the raw grid, whole metres on pixels of 75 m, 99.5 to 99.9 % are equal.)
    with np.load(Path(__file__).parent / "xarray_spatial_0_5_3.npz") as recorded:
        theirs = np.unpackbits(recorded[f"eye_{eye}"], count=300 * 300).reshape(300, 300).astype(bool)
    heights = ndimage.zoom(alps(test_data)[100:138, 200:238], 8, order=3)[:300, :300]
    ours = line_of_sight(heights, 150, 150, float(eye), 2.0, 75 / 8)
    assert (ours == theirs).mean() >= 0.999
    # what differs is seen at a glancing angle: it lies at an edge between seen and hidden
    at_edge = ndimage.binary_dilation(theirs) & ~ndimage.binary_erosion(theirs)
    assert at_edge[ours != theirs].mean() > 0.9
    assert 0.1 < theirs.mean() < 0.5


def test_real_relief_is_seen_as_gdal_sees_it(test_data: Path, tmp_path: Path) -> None:
    if shutil.which("gdal_viewshed") is None:
        pytest.skip("gdal_viewshed is not installed")
    # The Alps behind Nice, taken as a plain of 75 m pixels: the arithmetic is what is compared.
    heights = alps(test_data)[20:320, 100:400]
    path, out = tmp_path / "dem.tif", tmp_path / "seen.tif"
    step = 75.0
    with rasterio.open(
        path, "w", driver="GTiff", height=300, width=300, count=1, dtype="float64", crs=32632,
        transform=from_origin(0, 300 * step, step, step),
    ) as file:  # fmt: skip
        file.write(heights, 1)
    row = column = 150
    east, north = (column + 0.5) * step, (300 - row - 0.5) * step
    subprocess.run(
        ["gdal_viewshed", "-q", "-ox", str(east), "-oy", str(north), "-oz", "400", "-tz", "2", "-md", "0",
         "-cc", "0.87", str(path), str(out)],
        check=True,
    )  # fmt: skip
    with rasterio.open(out) as file:
        theirs = file.read(1) > 0
    ours = line_of_sight(heights, row, column, 400.0, 2.0, step)
    # GDAL 3.6 follows Wang's approximation of the horizon, 98.9 % equal to the exact rays on other ground.
    assert (ours == theirs).mean() > 0.97
    assert 0.02 < ours.mean() < 0.9
