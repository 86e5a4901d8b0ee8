"""Cells by h3ronpy (h3o, Rust) against polars-h3 (h3o through Polars) and h3 (the C library)."""

from __future__ import annotations

import h3
import numpy as np
import polars as pl
import polars_h3
import pytest
import shapely

from geo.cells import cover, index

SIZES = [20_000, pytest.param(1_000_000, marks=pytest.mark.soak)]

BOX = shapely.box(115.80, 31.70, 115.95, 31.80)
WITH_HOLE = BOX.difference(shapely.Point(115.87, 31.75).buffer(0.02))
WITH_HOLES = WITH_HOLE.difference(shapely.box(115.92, 31.71, 115.94, 31.72))
TWO_PARTS = shapely.MultiPolygon(
    [WITH_HOLES, shapely.box(116.0, 31.7, 116.1, 31.8).difference(shapely.box(116.03, 31.73, 116.07, 31.77))]
)


def anywhere(size: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(20261124)
    return draw.uniform(-180, 180, size), np.degrees(np.arcsin(draw.uniform(-1, 1, size)))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("resolution", [5, 9, 13])
def test_three_libraries_give_random_points_the_same_cells(size: int, resolution: int) -> None:
    lon, lat = anywhere(size)
    found = index(lon, lat, resolution)
    frame = pl.DataFrame({"lon": lon, "lat": lat})
    twin = frame.select(polars_h3.latlng_to_cell("lat", "lon", resolution, return_dtype=pl.UInt64))
    reference = np.fromiter(
        (h3.str_to_int(h3.latlng_to_cell(y, x, resolution)) for x, y in zip(lon, lat, strict=True)),
        np.uint64,
        size,
    )
    np.testing.assert_array_equal(found, twin.to_series().to_numpy())
    np.testing.assert_array_equal(found, reference)


@pytest.mark.parametrize("polygon", [WITH_HOLE, WITH_HOLES, TWO_PARTS], ids=["hole", "holes", "parts"])
@pytest.mark.parametrize("resolution", [7, 9, 10])
def test_three_libraries_give_polygons_with_holes_the_same_cells(
    polygon: shapely.Geometry, resolution: int
) -> None:
    found = cover(polygon, resolution)
    frame = pl.DataFrame({"wkb": [shapely.to_wkb(polygon)]})
    twin = frame.select(polars_h3.polygon_to_cells("wkb", resolution).alias("cells"))["cells"][0]
    reference = [h3.str_to_int(text) for text in h3.geo_to_cells(polygon, resolution)]
    assert len(found) > 0
    np.testing.assert_array_equal(found, np.sort(twin.to_numpy()))
    np.testing.assert_array_equal(found, np.sort(np.array(reference, dtype=np.uint64)))
