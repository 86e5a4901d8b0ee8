"""The density of incidents as a raster holds every one, and is drawn most opaque where they are densest."""

from __future__ import annotations

import geopandas as gpd
import morecantile
import numpy as np
import pytest
import rasterio
import shapely

from layers.definitions.words import Words
from layers.raster_style import RasterStyle
from layers.rasters import register, tags_of
from layers.runs.hotspot_parameters import HotspotParameters
from layers.runs.kernel_density import density_of, write_geotiff
from layers.runs.kinds import Inputs
from tests.layers.runs.test_hotspots import REGION, SPOT, incidents
from tilecache.raster import draw_raster

MERCATOR = morecantile.tms.get("WebMercatorQuad")


def test_a_density_holds_every_incident_and_its_picture_is_densest_at_the_spot(tmp_path):
    frame = incidents(["0501", "0502"])
    parameters = HotspotParameters(classes="0501", against="area")
    raster, facts = density_of(parameters, Inputs({"incidents": frame}, region=REGION), bandwidth_m=120)
    own = int((frame["class_code"] == "0501").sum())
    assert facts["counted"] == own
    file = tmp_path / "density.tif"
    write_geotiff(raster, file)
    with rasterio.open(file) as image:
        values = image.read(1).astype(float)
        assert values.sum() * (raster.pixel_m / 1000) ** 2 == pytest.approx(own, rel=1e-4)
        row, column = np.unravel_index(values.argmax(), values.shape)
        top = gpd.GeoSeries([shapely.Point(image.xy(row, column))], crs=image.crs).to_crs(4326).iloc[0]
    assert top.distance(SPOT) < 0.001
    tags = tags_of(Words(zh="核密度", en="Density"), RasterStyle.DENSITY, "tests")
    made = register(file, tmp_path / "rasters", "density", tags)
    tile = MERCATOR.tile(SPOT.x, SPOT.y, 14)
    with (
        rasterio.MemoryFile(draw_raster(made, MERCATOR, tile.x, tile.y, tile.z)) as drawn,
        drawn.open(driver="PNG") as image,
    ):
        opacity = image.read(4)
    bounds = MERCATOR.bounds(tile)
    row, column = np.unravel_index(opacity.argmax(), opacity.shape)
    densest = shapely.Point(
        bounds.left + (column + 0.5) / 256 * (bounds.right - bounds.left),
        bounds.top - (row + 0.5) / 256 * (bounds.top - bounds.bottom),
    )
    assert densest.distance(SPOT) < 0.0015
    assert opacity.max() > 150
    assert opacity.min() < 20
