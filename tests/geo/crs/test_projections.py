"""The zone of a longitude, checked against PROJ's own database."""

import geopandas as gpd
import pytest
from pyproj import CRS
from shapely import Point

from geo.crs import gauss_kruger, metric_crs
from geo.errors import BadInput


@pytest.mark.parametrize("meridian", range(75, 136, 3))
@pytest.mark.parametrize("off", [-1.49, 0.0, 1.49])
def test_each_longitude_gets_the_zone_whose_meridian_is_nearest(meridian: int, off: float) -> None:
    crs = CRS.from_epsg(gauss_kruger(meridian + off))
    parameters = {p.name: p.value for p in crs.coordinate_operation.params}
    assert crs.name.startswith("CGCS2000 / 3-degree Gauss-Kruger CM")
    assert parameters["Longitude of natural origin"] == meridian


@pytest.mark.parametrize("lon", [0.0, 73.0, 137.0, float("nan")])
def test_outside_the_zones_it_is_refused(lon: float) -> None:
    with pytest.raises(BadInput):
        gauss_kruger(lon)


@pytest.mark.parametrize(
    ("point", "crs", "expected"),
    [
        (Point(115.9, 31.8), 4326, 4548),
        (Point(115.9, 31.8), 4490, 4548),
        (Point(12900000, 3700000), 3857, 4548),
        (Point(500000, 3500000), 4547, 4547),
        (Point(7.42, 43.73), 4326, 32632),
        (Point(-51.2, -30.0), 4326, 32722),
    ],
)
def test_a_frame_is_measured_in_metres_of_its_own_zone(point: Point, crs: int, expected: int) -> None:
    assert metric_crs(gpd.GeoDataFrame(geometry=[point], crs=crs)) == expected


def test_a_frame_without_crs_or_points_is_refused() -> None:
    for frame in (gpd.GeoDataFrame(geometry=[Point(1, 2)]), gpd.GeoDataFrame(geometry=[], crs=4326)):
        with pytest.raises(BadInput):
            metric_crs(frame)
