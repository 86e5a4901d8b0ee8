"""Grid convergence against bearings measured on the ellipsoid."""

from __future__ import annotations

import math

import pyproj
import pytest

from geo.crs import convergence_deg


@pytest.mark.parametrize(
    ("lon", "lat", "crs"), [(115.88, 31.74, 4548), (121.47, 31.23, 32651), (121.47, 31.23, 4549)]
)
def test_true_azimuth_less_convergence_is_the_bearing_on_the_grid(lon: float, lat: float, crs: int) -> None:
    to_grid = pyproj.Transformer.from_crs(4326, crs, always_xy=True)
    there_lon, there_lat, _ = pyproj.Geod(ellps="WGS84").fwd(lon, lat, 30.0, 100.0)
    (x0, y0), (x1, y1) = to_grid.transform(lon, lat), to_grid.transform(there_lon, there_lat)
    bearing = math.degrees(math.atan2(x1 - x0, y1 - y0))
    assert 30.0 - float(convergence_deg(lon, lat, crs)) == pytest.approx(bearing, abs=1e-3)


def test_shanghai_has_the_convergence_that_was_measured_there() -> None:
    assert float(convergence_deg(121.47, 31.23, 32651)) == pytest.approx(-0.79, abs=0.01)
    assert float(convergence_deg(121.47, 31.23, 4549)) == pytest.approx(0.76, abs=0.02)
