"""Rasters are found by name in a folder, and only what can be drawn gets in."""

import numpy as np
import pytest
import rasterio

from geo.errors import NotFound
from layers.definitions.words import Words
from layers.raster_style import RasterStyle
from layers.rasters import BadRaster, raster_of, rasters, register, tags_of
from layers.scope import Classification

TAGS = tags_of(Words(zh="地形", en="Relief"), RasterStyle.HEIGHTS, "测绘院", Classification.PUBLIC)


def heights(path, *, bands=1, crs="EPSG:4547", dtype="float32"):
    with rasterio.open(
        path, "w", driver="GTiff", width=300, height=200, count=bands, dtype=dtype, crs=crs,
        transform=rasterio.transform.from_origin(500_000, 3_500_000, 30, 30),
    ) as made:  # fmt: skip
        for band in range(bands):
            made.write(np.arange(60_000).reshape(200, 300).astype(dtype), band + 1)
    return path


def test_a_registered_raster_is_a_cloud_optimized_geotiff_that_is_found_by_its_name(tmp_path):
    made = register(heights(tmp_path / "x.tif"), tmp_path / "rasters", "relief", TAGS)
    assert rasters(tmp_path / "rasters") == {"relief": made}
    assert (made.title.zh, made.style, made.source) == ("地形", RasterStyle.HEIGHTS, "测绘院")
    assert (made.low, made.high) == pytest.approx((0, 59_999), abs=200)  # from an overview
    west, south, east, north = made.bounds
    assert 113 < west < east < 120 and 31 < south < north < 32
    with rasterio.open(made.path) as image:
        assert image.overviews(1)
        assert (image.read(1) == np.arange(60_000).reshape(200, 300)).all()


def test_a_new_file_of_the_same_name_is_another_generation(tmp_path):
    folder = tmp_path / "rasters"
    first = register(heights(tmp_path / "x.tif"), folder, "relief", TAGS)
    second = register(heights(tmp_path / "y.tif", dtype="int32"), folder, "relief", TAGS)
    assert first.generation != second.generation
    assert [path.name for path in folder.iterdir()] == ["relief.tif"]


@pytest.mark.parametrize(
    ("more", "name", "reason"),
    [
        ({"bands": 3}, "relief", "3 bands"),
        ({"crs": None}, "relief", "no coordinate reference system"),
        ({"dtype": "complex64"}, "relief", "complex64"),
        ({}, "../relief", "no name"),
        ({}, "Relief", "no name"),
        ({}, "", "no name"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_leaves_nothing(tmp_path, more, name, reason):
    folder = tmp_path / "rasters"
    before = register(heights(tmp_path / "x.tif"), folder, "relief", TAGS)
    with pytest.raises(BadRaster) as refused:
        register(heights(tmp_path / "y.tif", **more), folder, name, TAGS)
    assert reason in refused.value.details["reason"]
    assert rasters(folder) == {"relief": before}


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5])
def test_a_file_that_is_cut_off_is_refused(tmp_path, share):
    path = heights(tmp_path / "x.tif")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BadRaster):
        register(path, tmp_path / "rasters", "relief", TAGS)
    assert not list((tmp_path / "rasters").glob("*")) or rasters(tmp_path / "rasters") == {}


@pytest.mark.parametrize("name", ["nothing", "", "../x", "x/y", "relief.tif", "a" * 200, "地形", "/x"])
def test_no_name_reaches_a_file_that_was_not_registered(tmp_path, name):
    heights(tmp_path / "relief.tif")
    with pytest.raises(NotFound):
        raster_of(tmp_path, name)


def test_a_picture_without_title_is_no_raster_of_ours(tmp_path):
    heights(tmp_path / "plain.tif")
    (tmp_path / "broken.tif").write_bytes(b"II*\0nonsense")
    assert rasters(tmp_path) == {}
    assert rasters(tmp_path / "nowhere") == {}
