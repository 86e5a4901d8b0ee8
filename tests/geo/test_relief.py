"""Hillshade against ``gdaldem hillshade`` (GDAL 3.6) and the closed form of a plane."""

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.relief import hillshade


def test_the_shade_of_a_rough_relief_is_that_of_gdaldem(tmp_path, gdal):
    draw = np.random.default_rng(5)
    height = np.cumsum(draw.normal(0, 2, (60, 80)), axis=1).astype(np.float32)
    source, shaded = tmp_path / "dem.tif", tmp_path / "shade.tif"
    with rasterio.open(
        source, "w", driver="GTiff", width=80, height=60, count=1, dtype="float32", crs="EPSG:4547",
        transform=rasterio.transform.from_origin(500_000, 3_500_000, 30, 20),
    ) as made:  # fmt: skip
        made.write(height, 1)
    gdal("gdaldem", "hillshade", "-q", str(source), str(shaded))
    with rasterio.open(shaded) as made:
        theirs = made.read(1)[1:-1, 1:-1]
    ours = hillshade(height, (30, 20))
    # gdaldem gives bytes: 1 + 254 times the light, cut off
    assert np.abs(1 + 254 * ours - theirs).max() <= 1.0


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 360), st.floats(5, 90), st.floats(1, 50))
def test_a_plane_is_lit_by_the_angle_between_its_normal_and_the_light(east, north, azimuth, altitude, side):
    rows, columns = np.mgrid[0:4, 0:5]
    height = east * columns * side - north * rows * side
    normal = np.array([-east, -north, 1]) / np.sqrt(1 + east**2 + north**2)
    a, h = np.radians(azimuth), np.radians(altitude)
    light = np.array([np.sin(a) * np.cos(h), np.cos(a) * np.cos(h), np.sin(h)])
    shade = hillshade(height, (side, side), azimuth_deg=azimuth, altitude_deg=altitude)
    assert shade == pytest.approx(np.full((2, 3), max(0.0, float(normal @ light))), abs=1e-5)


@pytest.mark.parametrize(("shape", "cell"), [((2, 5), (1, 1)), ((5,), (1, 1)), ((4, 4), (0, 1))])
def test_what_is_no_relief_is_refused(shape, cell):
    with pytest.raises(BadInput):
        hillshade(np.zeros(shape), cell)
