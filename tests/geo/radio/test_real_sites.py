"""Licensed sites of a real city (ACMA register, Optus, Melbourne) that tell neither azimuth nor height."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest

from geo.cells import cover
from geo.radio import antenna_gain, explain, named, path_loss, predict
from geo.radio.antenna import without_azimuth
from geo.radio.line_of_sight import line_of_sight_probability
from geo.radio.states import median_loss


@pytest.fixture(scope="module")
def sites(test_data: Path) -> gpd.GeoDataFrame:
    table = pd.read_csv(test_data / "cells" / "acma_optus_melbourne_cbd.csv", index_col="SITE_ID")
    places = gpd.points_from_xy(table["LONGITUDE"], table["LATITUDE"])
    return gpd.GeoDataFrame(table[["NAME"]], geometry=places, crs="EPSG:4283").to_crs(4326)


def test_what_the_register_does_not_tell_is_assumed_counted_and_printed(sites: gpd.GeoDataFrame) -> None:
    hull = sites.union_all().convex_hull
    found = predict(sites, cover(hull, 10), model="umi")
    note = found.attrs["note"]
    columns = (
        "azimuth_deg",
        "height_m",
        "downtilt_deg",
        "power_dbm",
        "frequency_mhz",
        "bandwidth_mhz",
        "pattern",
    )
    assert note.facts["assumed"] == dict.fromkeys(columns, 125)
    assert note.facts["assumed_values"]["height_m"]["umi"] == 10.0
    assert note.facts["assumed_values"]["azimuth_deg"] == "mean of the pattern over all directions"
    assert any("is assumed" in limit for limit in note.limits)
    # 125 small cells on 3 km2: their middle is covered by level; so dense, they also disturb each other.
    assert (found["rsrp_dbm"] > -105).mean() > 0.95
    assert found["sinr_db"].median() < 10


def test_an_unknown_azimuth_gives_every_direction_the_mean_of_the_pattern(sites: gpd.GeoDataFrame) -> None:
    one = sites.iloc[[0]]
    at, geod = one.geometry.iloc[0], pyproj.Geod(ellps="GRS80")
    blind = without_azimuth(named("8x1"))
    heights = {"base_height_m": 25.0}
    seen, hidden = (path_loss("uma", 300.0, 3.5, line_of_sight=s, **heights) for s in (True, False))
    chance = line_of_sight_probability("uma", np.array([300.0]))
    loss = median_loss(np.array([seen]), np.array([hidden]), chance, np.array([4.0]), np.array([6.0]))
    below = np.degrees(np.arctan2(23.5, 300))
    expected = 53 - 35.15 + float(antenna_gain(blind, 0, below, electrical_tilt_deg=6.0)) - float(loss[0])
    for bearing in (0, 77, 200):
        lon, lat, _ = geod.fwd(at.x, at.y, bearing, 300.0)
        told = explain(lon, lat, one)
        assert told.lines[0].level_dbm == pytest.approx(expected, abs=0.02)
        assert np.isnan(told.lines[0].off_axis_deg)
        assert told.assumed["azimuth_deg"] == 1
