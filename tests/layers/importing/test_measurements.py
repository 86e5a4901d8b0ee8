"""Measurements from CSV files as drive-test programs write them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.datum import from_wgs84
from geo.errors import BadInput
from layers.importing.measurements import read_measurements

ROWS = [
    "2020-05-01 09:30:00,115.880,31.740,-92.5,12.0",
    "2020-05-01T01:30:01Z,115.881,31.741,-104,-3",
    "2020-05-01 09:30:02+08:00,115.882,31.742,-115.25,",
]
HEADER = "Time,Longitude,Latitude,SS-RSRP (dBm),SS-SINR(dB)"


def write(folder: Path, lines: list[str], encoding: str = "utf-8") -> Path:
    path = folder / "drive.csv"
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def test_rows_become_points_with_level_and_time(tmp_path: Path) -> None:
    found = read_measurements(write(tmp_path, [HEADER, *ROWS]), datum="wgs84")
    frame = found.frame
    assert frame["rsrp_dbm"].tolist() == [-92.5, -104.0, -115.25]
    assert frame["sinr_db"].tolist()[:2] == [12.0, -3.0]
    assert np.isnan(frame["sinr_db"].iloc[2])
    # Without a zone the city's own holds: all three are seconds of one another.
    assert frame["at"].dt.strftime("%H:%M:%S").tolist() == ["01:30:00", "01:30:01", "01:30:02"]
    assert (frame.geometry.x.tolist(), frame.crs.to_epsg()) == ([115.88, 115.881, 115.882], 4326)
    assert (found.refused, found.refused_count) == ([], {})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_chinese_headers_in_every_usual_encoding(tmp_path: Path, encoding: str, separator: str) -> None:
    lines = ["时间,经度(°),纬度(°),电平（dBm）,场景", "2020-05-01 09:30:00,115.88,31.74,-90,城区"]
    path = write(tmp_path, [line.replace(",", separator) for line in lines], encoding)
    frame = read_measurements(path, datum="cgcs2000").frame
    assert (frame["rsrp_dbm"].iloc[0], frame["clutter"].iloc[0]) == (-90, "城区")


def test_shifted_coordinates_are_shifted_back_and_projected_ones_are_placed(tmp_path: Path) -> None:
    lon, lat = (float(one) for one in from_wgs84(115.88, 31.74, "gcj02"))
    path = write(tmp_path, ["lon,lat,rsrp", f"{lon},{lat},-90"])
    at = read_measurements(path, datum="gcj02").frame.geometry.iloc[0]
    assert (at.x, at.y) == (pytest.approx(115.88, abs=1e-7), pytest.approx(31.74, abs=1e-7))
    # EPSG:4548 (CGCS2000, 117 E): 500 km east is the central meridian.
    path = write(tmp_path, ["x,y,rsrp", "500000,3513000,-90"])
    assert read_measurements(path, crs="EPSG:4548").frame.geometry.x.iloc[0] == pytest.approx(117)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (",115.9,31.7,-200,5", "rsrp_dbm: range"),
        (",115.9,31.7,-20,5", "rsrp_dbm: range"),
        (",115.9,31.7,-90,99", "sinr_db: range"),
        (",115.9,31.7,,5", "rsrp_dbm: required"),
        (",115.9,31.7,strong,5", "rsrp_dbm: type"),
        (",115.9,31.7,-90,good", "sinr_db: type"),
        (",,31.7,-90,5", "x: required"),
        (",215.9,31.7,-90,5", "geom: range"),
        (",115.9,inf,-90,5", "y: type"),
        ("yesterday,115.9,31.7,-90,5", "at: type"),
        ("2020-13-01 09:00:00,115.9,31.7,-90,5", "at: type"),
        (ROWS[0], "row: duplicate"),
    ],
)
def test_a_row_that_cannot_be_is_refused_and_the_others_are_taken(
    tmp_path: Path, row: str, told: str
) -> None:
    found = read_measurements(write(tmp_path, [HEADER, *ROWS, row]), datum="wgs84")
    assert found.frame.index.tolist() == [1, 2, 3]
    assert found.refused_count == {told: 1}
    assert found.refused[0].row == 4


@pytest.mark.parametrize(
    ("lines", "how", "words"),
    [
        ([HEADER, *ROWS], {}, "--datum"),
        ([HEADER, *ROWS], {"datum": "wgs84", "crs": "EPSG:4548"}, "--datum"),
        ([HEADER, *ROWS], {"datum": "bj54"}, "bj54"),
        ([HEADER, *ROWS], {"crs": "EPSG:none"}, "no coordinate reference"),
        ([HEADER, *ROWS], {"datum": "wgs84", "encoding": "klingon"}, "klingon"),
        ([HEADER], {"datum": "wgs84"}, "no measurement"),
        ([], {"datum": "wgs84"}, "no table"),
        (["lon,lat,power", "1,2,3"], {"datum": "wgs84"}, "no column rsrp_dbm"),
        (["lon,lng,lat,rsrp", "1,2,3,-90"], {"datum": "wgs84"}, "several columns"),
        (["lon,lat,rsrp", "x,y,z"], {"datum": "wgs84"}, "no measurement.*row 1: x type"),
        (["lon,lat,rsrp", '"1,2,-90'], {"datum": "wgs84"}, "no table"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_what_to_do(
    tmp_path: Path, lines: list[str], how: dict, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        read_measurements(write(tmp_path, lines), **how)


def test_binary_files_and_missing_ones_are_named(tmp_path: Path) -> None:
    path = tmp_path / "drive.csv"
    path.write_bytes(b"\x00\x01\x02" * 50)
    with pytest.raises(BadInput, match="no text"):
        read_measurements(path, datum="wgs84")
    with pytest.raises(BadInput, match="cannot be read"):
        read_measurements(tmp_path / "gone.csv", datum="wgs84")


def test_times_without_any_stay_empty(tmp_path: Path) -> None:
    frame = read_measurements(write(tmp_path, ["lon,lat,rsrp", "115.9,31.7,-90"]), datum="wgs84").frame
    assert frame["at"].isna().all()
    assert isinstance(frame["at"].dtype, pd.DatetimeTZDtype)
