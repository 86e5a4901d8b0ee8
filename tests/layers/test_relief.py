"""The relief of the city: real height models on the grid of an analysis."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import rasterio

from geo.errors import BadInput, Unavailable
from layers.relief import heights, store_relief

UTM_22_SOUTH = 32722


@pytest.fixture
def porto_alegre(test_data: Path) -> Path:
    # SRTM of 1 arc second (ipeaGIT/r5r): 413 x 403 pixels, 0 to 255 m.
    return test_data / "dem" / "porto_alegre_srtm30.tif"


def test_heights_are_those_that_rasterio_reads_at_the_same_places(porto_alegre: Path) -> None:
    with rasterio.open(porto_alegre) as raster:
        middle = rasterio.warp.transform(
            raster.crs, f"EPSG:{UTM_22_SOUTH}", *([one] for one in raster.lnglat())
        )
        east, north = middle[0][0], middle[1][0]
        found = heights(
            {"path": str(porto_alegre)},
            UTM_22_SOUTH,
            (east - 3000, north - 3000, east + 3000, north + 3000),
            30,
        )
        assert found is not None
        x, y = east + np.arange(-2900, 2900, 611.0), north + np.arange(-2900, 2900, 611.0)
        lon, lat = rasterio.warp.transform(f"EPSG:{UTM_22_SOUTH}", raster.crs, x, y)
        there = np.array([one[0] for one in raster.sample(zip(lon, lat, strict=True))], dtype=float)
    # Half a pixel aside the ground is another one: neighbours of the pixel bound it.
    assert np.abs(found.at(x, y) - there).max() <= 15
    assert np.corrcoef(found.at(x, y), there)[0, 1] > 0.97


def test_beyond_the_model_the_ground_goes_on_as_at_its_edge(porto_alegre: Path) -> None:
    with rasterio.open(porto_alegre) as raster:
        west, south, east, north = rasterio.warp.transform_bounds(
            raster.crs, f"EPSG:{UTM_22_SOUTH}", *raster.bounds
        )
    found = heights({"path": str(porto_alegre)}, UTM_22_SOUTH, (west - 5000, south, east, north), 100)
    assert found is not None
    assert np.isfinite(found.values).all()
    row = (south + north) / 2
    inside = found.at([west + 400], [row])
    assert abs(float(found.at([west - 4000], [row])[0]) - float(inside[0])) <= 60


def test_without_a_model_or_far_from_it_there_are_no_heights(porto_alegre: Path) -> None:
    assert heights(None, 4548, (0, 0, 1000, 1000), 30) is None
    assert heights({"path": str(porto_alegre)}, 4548, (4e5, 3.5e6, 4.01e5, 3.501e6), 30) is None


def test_a_model_that_is_gone_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"gone\.tif"):
        heights({"path": str(tmp_path / "gone.tif")}, 4548, (0, 0, 1000, 1000), 30)
    with pytest.raises(BadInput, match="larger step"):
        heights({"path": "any"}, 4548, (0, 0, 1e6, 1e6), 1)


def test_what_is_no_raster_is_refused_before_it_is_kept(tmp_path: Path) -> None:
    text = tmp_path / "notes.tif"
    text.write_text("no raster")
    with pytest.raises(BadInput, match="raster"):
        store_relief(SimpleNamespace(), text)
    bare = tmp_path / "bare.tif"
    shape = {"driver": "GTiff", "width": 2, "height": 2, "count": 1, "dtype": "float32"}
    with rasterio.open(bare, "w", **shape) as raster:
        raster.write(np.zeros((2, 2), np.float32), 1)
    with pytest.raises(BadInput, match="coordinate system"):
        store_relief(SimpleNamespace(), bare)
