"""Hotspots of 10,929 real crimes: Valencia, 2019 (spatstat-revdep/stopp 0.2.3, ``valenciacrimes``)."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.cells import resolution_of
from geo.hotspots import Category
from layers.runs.hotspot_compute import compute
from layers.runs.hotspot_parameters import HotspotParameters
from layers.runs.kinds import Inputs, Outcome
from tests.conftest import missing
from tests.layers.runs.test_hotspot_words import said

#: Quarters of the city as one knows them: the town hall's square, Orriols in the north, Cabanyal by the sea.
TOWN_HALL, ORRIOLS, CABANYAL = (-0.3763, 39.4697), (-0.3690, 39.4935), (-0.3300, 39.4730)


@pytest.fixture(scope="module")
def crimes(test_data: Path) -> gpd.GeoDataFrame:
    """Return the crimes as incidents of one class."""
    file = test_data / "incidents" / "valencia_crimes_2019_epsg32631.csv"
    if not file.exists():
        missing(f"{file.name} is not there")
    table = pd.read_csv(file)
    days = pd.Timestamp("2019-01-01") + pd.to_timedelta(table["day"] - 1, unit="D")
    when = days + pd.to_timedelta(table["crime_hour"], unit="h")
    return gpd.GeoDataFrame(
        {
            "class_code": "0501",
            "occurred_at": when.dt.tz_localize("Europe/Madrid", ambiguous=True, nonexistent="shift_forward"),
            "state": "closed",
            "repeat_of": None,
        },
        geometry=gpd.points_from_xy(table["x"], table["y"], crs=32631),
    ).to_crs(4326)


@pytest.fixture(scope="module")
def told(crimes: gpd.GeoDataFrame) -> Outcome:
    """Return the result by month against the mean, for the data come without people and roads."""
    hull = shapely.buffer(shapely.concave_hull(shapely.multipoints(crimes.geometry.to_numpy()), 0.2), 0.001)
    given = HotspotParameters(against="mean", resolution=10, timezone="Europe/Madrid")
    return compute(given, Inputs({"incidents": crimes}, city=hull), lambda share: None)


def test_every_crime_is_counted_or_told(crimes, told):
    facts = told.note.facts
    assert len(crimes) == 10_929
    assert facts["counted"] + facts["on_default_points"] == len(crimes)
    assert facts["first_step"] == "2019-01-01"
    assert facts["last_step"] == "2019-12-01"


def near(told: Outcome, place: tuple[float, float], metres: float = 800.0) -> list[str]:
    """Return the categories of the hotspots near a place, the strongest first."""
    east = np.cos(np.radians(place[1]))
    away = [np.hypot((one["lon"] - place[0]) * east, one["lat"] - place[1]) for one in told.findings]
    return [one["category"] for one, far in zip(told.findings, away, strict=True) if far * 111_195 < metres]


def test_the_hotspots_lie_in_the_quarters_where_one_looks_for_them(told):
    assert near(told, ORRIOLS)[0] == told.findings[0]["category"] == Category.PERSISTENT
    assert Category.PERSISTENT in near(told, TOWN_HALL)
    assert Category.SPORADIC in near(told, CABANYAL)


def test_most_of_the_city_is_not_hot_and_the_hot_cells_hold_many_crimes(told):
    fine = told.cells[resolution_of(told.cells.index.to_numpy()) == 10]
    hot = fine["category"] > 0
    assert 0.02 < hot.mean() < 0.1
    assert fine.loc[hot, "n"].sum() / fine["n"].sum() > 3 * hot.mean()


def test_the_greatest_hotspot_is_told_with_its_hours(told):
    top = told.findings[0]
    assert top["n"] > 5 * top["expected"]
    assert top["coarser"]
    assert {hour for hour, _ in top["hours"]} <= {19, 20, 21, 22, 23, 0}


def test_the_paragraph_names_the_greatest_hotspot_by_its_place_and_numbers(told, catalog):
    zh, en = said(told, catalog, against="mean", timezone="Europe/Madrid")
    n = f"{told.findings[0]['n']:,}"
    assert re.search(r"最突出的是北纬 39\.49\d\d°、西经 0\.3\d{3}° 处：", zh)
    assert re.search(r"It stands out most at 39\.49\d\d° N, 0\.3\d{3}° W: ", en)
    assert f"持续热点，{n} 件" in zh
    assert f"persistent hot spot, {n} where about" in en
