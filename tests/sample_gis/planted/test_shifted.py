"""Files that claim WGS 84 and are not in it."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from geo.datum import to_wgs84
from sample_gis.city import City
from sample_gis.files import write_files
from sample_gis.planted.truth import read_causes

GEOD = pyproj.Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def folder(yeji: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("files")
    write_files(yeji, place)
    return place


def read(folder: Path, one: dict[str, object]) -> gpd.GeoDataFrame:
    return gpd.read_file(folder / str(one["file"]))


def real_of(city: City, one: dict[str, object], codes: list[str]) -> gpd.GeoSeries:
    own = city.layers[str(one["layer"])].set_index("code").geometry.loc[codes]
    return own.centroid.to_crs(4326) if one["layer"] == "key_places" else own.to_crs(4326)


def test_every_file_of_the_truth_is_written_and_no_other(yeji: City, folder: Path) -> None:
    truth = yeji.truth["shifted_files"]
    assert [one["cause"] for one in truth] == list(read_causes()["shifted_files"])
    assert {path.name for path in folder.iterdir()} == {one["file"] for one in truth}
    for one in truth:
        told = read(folder, one)
        assert told.crs == "EPSG:4326"
        assert len(told) == one["rows"] > 50


def test_positions_are_off_by_what_the_datum_shifts_there(yeji: City, folder: Path) -> None:
    # GCJ-02 and BD-09 are off by some 550 and 1,100 to 1,500 m in this part of China.
    off = {"gcj02": (400, 650), "bd09": (1000, 1700), "wgs84": (0, 0.02)}
    for one in yeji.truth["shifted_files"]:
        told = read(folder, one)
        real = real_of(yeji, one, told["code"].tolist())
        a = shapely.get_coordinates(told.geometry.to_numpy())
        b = shapely.get_coordinates(real.to_numpy())
        away = GEOD.inv(*a.T, *b.T)[2]
        least, most = off[one["datum"]]
        assert least <= away.min()
        assert away.max() <= most


def test_undoing_the_shift_finds_the_places_again(yeji: City, folder: Path) -> None:
    for one in yeji.truth["shifted_files"]:
        told = read(folder, one)
        at = shapely.get_coordinates(told.geometry.to_numpy()).T
        lon, lat = at if one["datum"] == "wgs84" else to_wgs84(*at, one["datum"])
        real = shapely.get_coordinates(real_of(yeji, one, told["code"].tolist()).to_numpy())
        assert np.abs(GEOD.inv(lon, lat, *real.T)[2]).max() < 0.03


def test_a_file_is_plain_geojson_and_the_same_bytes_again(yeji: City, folder: Path, tmp_path: Path) -> None:
    for path in write_files(yeji, tmp_path):
        assert path.read_bytes() == (folder / path.name).read_bytes()
        document = json.loads(path.read_text(encoding="utf-8"))
        # Without a member "crs" RFC 7946 has it in WGS 84.
        assert set(document) == {"type", "features"}


def test_no_layer_of_the_city_is_shifted(yeji: City) -> None:
    for one in yeji.truth["shifted_files"]:
        layer = yeji.layers[one["layer"]]
        inside = shapely.intersects(yeji.outline.buffer(1), layer.geometry.to_numpy())
        assert inside.mean() > 0.98
