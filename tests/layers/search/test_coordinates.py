"""Coordinates that people type, in whatever notation; planes against PROJ (EPSG registry)."""

import math

import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.datum import from_wgs84
from layers.search.coordinates import read_coordinates

LON, LAT = 115.92, 31.83


@pytest.mark.parametrize(
    "text",
    [
        "115.92,31.83", "31.83, 115.92", "115.92 31.83", "31.83，115.92", "（115.92，31.83）", "115.92/31.83",
        "N31.83 E115.92", "31.83N 115.92E", "31.83°N,115.92°E", "北纬31.83 东经115.92",
        "东经115.92度 北纬31.83度",
        "经度:115.92 纬度:31.83", "lon=115.92, lat=31.83", "lat 31.83 lng 115.92",
        "31°49'48\"N 115°55'12\"E", "北纬31°49′48″ 东经115°55′12″", "东经115度55分12秒，北纬31度49分48秒",
        "31°49.8'N, 115°55.2'E", "N31°49'48\"E115°55'12\"", "115°55'12\" 31°49'48\"",
        "wgs84 115.92,31.83", "115.92,31.83 CGCS2000", "１１５．９２，３１．８３",
        "WGS-84坐标系 31.83,115.92",
    ],
)  # fmt: skip
def test_a_place_is_read_in_every_notation(text):
    found = read_coordinates(text)
    assert found is not None
    assert (found.lon, found.lat) == pytest.approx((LON, LAT), abs=1e-9)
    assert found.order_certain


@given(st.floats(-179.99, 179.99), st.floats(-84.99, 84.99))
def test_degrees_minutes_and_seconds_are_those_that_were_written(lon, lat):
    def written(value, letters):
        seconds = abs(value) * 3600
        degrees, rest = divmod(seconds, 3600)
        minutes, seconds = divmod(rest, 60)
        seconds = min(math.floor(seconds * 1e4) / 1e4, 59.9999)
        return f"{int(degrees)}°{int(minutes)}'{seconds:.4f}\"{letters[value < 0]}"

    found = read_coordinates(f"{written(lat, 'NS')} {written(lon, 'EW')}")
    assert (found.lon, found.lat) == pytest.approx((lon, lat), abs=1e-7)
    assert not found.longitude_first


@pytest.mark.parametrize(
    ("name", "datum"),
    [("高德", "gcj02"), ("GCJ-02", "gcj02"), ("gcj02", "gcj02"), ("百度", "bd09"), ("BD09", "bd09")],
)
def test_a_named_datum_is_turned_to_wgs84(name, datum):
    lon, lat = (float(one[0]) for one in from_wgs84([LON], [LAT], datum))
    found = read_coordinates(f"{name} {lon:.8f},{lat:.8f}")
    assert (found.lon, found.lat) == pytest.approx((LON, LAT), abs=1e-7)
    assert (found.datum, found.datum_named) == (datum, True)


@pytest.mark.parametrize(("lon", "zone", "epsg"), [(115.92, 39, 4527), (115.2, 38, 4526)])
def test_a_place_of_a_gauss_kruger_zone_is_read_in_either_order(lon, zone, epsg):
    east, north = pyproj.Transformer.from_crs(4490, epsg, always_xy=True).transform(lon, LAT)
    assert int(east // 1_000_000) == zone
    for text in (f"{east:.2f},{north:.2f}", f"X={north:.2f} Y={east:.2f}"):
        found = read_coordinates(text)
        assert found.notation == "gauss_kruger"
        assert (found.lon, found.lat) == pytest.approx((lon, LAT), abs=1e-6)


def test_numbers_that_could_be_either_are_taken_longitude_first_and_say_that_it_is_a_guess():
    found = read_coordinates("12.5, 41.9")
    assert (found.lon, found.lat, found.longitude_first, found.order_certain) == (12.5, 41.9, True, False)


@pytest.mark.parametrize(
    "text",
    ["", "12", "幸福路 12号", "G312", "2020-12-31", "115.92", "SJ2020010991", "91,95", "200,31", "N31 N32",
     "1 2 3",
     "31°70'N 115°E", "31.5°30'N 115°E", "341504001001", "12号楼 3单元", "1" * 64, "nan,nan", "1e5,3"],
)  # fmt: skip
def test_what_is_no_place_is_left_to_the_search_of_names(text):
    assert read_coordinates(text) is None


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading(text):
    found = read_coordinates(text)
    assert found is None or (abs(found.lon) <= 181 and abs(found.lat) <= 91)
