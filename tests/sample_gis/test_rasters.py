"""The relief of a city as a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio

from sample_gis.city import City
from sample_gis.rasters import NODATA, write_dem
from tests.sample_gis.small_town import small_town


@pytest.fixture(scope="module")
def made() -> City:
    return small_town()


def test_the_relief_is_a_cloud_optimized_geotiff_that_says_what_it_is(made: City, tmp_path: Path) -> None:
    path = write_dem(made, tmp_path / "rasters")
    assert path.name == "yeji_dem.tif"
    with rasterio.open(path) as dem:
        assert dem.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert dem.profile["tiled"]
        assert dem.overviews(1)
        assert dem.crs.to_epsg() == 4548
        assert dem.dtypes == ("float32",)
        assert dem.nodata == NODATA
        assert "synthetic" in dem.descriptions[0]
        assert dem.tags()["provenance"] == "synthetic"
        assert dem.tags()["vertical_datum"] == "1985国家高程基准 (synthetic)"
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_heights_of_the_file_are_those_of_the_city_at_the_same_place(made: City, tmp_path: Path) -> None:
    grid = made.terrain.grid
    at = grid.points(np.array([0, 777, grid.rows * grid.columns - 1]))
    with rasterio.open(write_dem(made, tmp_path)) as dem:
        read = np.array([value[0] for value in dem.sample(at)])
        assert (dem.height, dem.width) == grid.shape
    assert read == pytest.approx(made.terrain.at(at[:, 0], at[:, 1]), abs=1e-4)


def test_writing_again_gives_the_same_bytes(made: City, tmp_path: Path) -> None:
    assert write_dem(made, tmp_path / "a").read_bytes() == write_dem(made, tmp_path / "b").read_bytes()
