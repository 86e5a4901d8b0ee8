"""Measurements against the prediction of a small city: what was put in is found again."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.radio import predict_at
from layers.runs.errors import BadRunParameter
from layers.runs.radio_inputs import RadioParameters
from layers.runs.radio_measurements import clutter_of, compare
from tests.layers.runs.radio_city import MIDDLE, inputs, sectors

PARAMETERS = RadioParameters()


def a_drive(radio: gpd.GeoDataFrame, seed: int = 1, count: int = 400) -> gpd.GeoDataFrame:
    """Measure 7 dB less than predicted in town and 3 dB more in the fields, with 4 dB of noise."""
    draw = np.random.default_rng(seed)
    lon, lat = (draw.uniform(one - 0.01, one + 0.01, count) for one in MIDDLE)
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=4326)
    level = predict_at(radio, points, settings=PARAMETERS.settings())["rsrp_dbm"].to_numpy()
    town = lon < MIDDLE[0]
    level = level + np.where(town, -7.0, 3.0) + draw.normal(0, 4, count)
    return gpd.GeoDataFrame(
        {"rsrp_dbm": level, "sinr_db": np.nan, "clutter": np.where(town, "town", "field").astype(object)},
        geometry=points,
    )


def test_an_error_that_was_put_in_is_found_by_class_and_corrected() -> None:
    radio = sectors([MIDDLE, (MIDDLE[0] + 0.008, MIDDLE[1])])
    given = inputs(radio)
    found = compare(PARAMETERS, given, a_drive(radio))
    assert (found["measurements"], found["out_of_reach"]) == (400, 0)
    town, field = found["classes"]["town"], found["classes"]["field"]
    # Predicted minus measured; standard error of 200 points: 0.3 dB.
    assert town["mean_db"] == pytest.approx(7, abs=1)
    assert field["mean_db"] == pytest.approx(-3, abs=1)
    assert town["rmse_unseen_db"] == pytest.approx(4, abs=0.8)
    assert found["calibration"]["helps"]
    assert found["sinr"]["count"] == 0


def test_without_a_class_in_the_file_the_buildings_around_make_it() -> None:
    block = [
        shapely.box(x, MIDDLE[1], x + 0.0004, MIDDLE[1] + 0.0004) for x in MIDDLE[0] + np.arange(3) * 6e-4
    ]
    lone = shapely.box(MIDDLE[0] - 0.01, MIDDLE[1], MIDDLE[0] - 0.0096, MIDDLE[1] + 0.0004)
    houses = gpd.GeoDataFrame({"height_m": 12.0}, index=range(4), geometry=[*block, lone], crs=4326)
    places = [(0.0008, 0.0002), (-0.0098, 0.0006), (0.005, 0)]
    points = gpd.GeoSeries(gpd.points_from_xy(*(np.array(places) + MIDDLE).T), crs=4326)
    # 38 x 44 m each: three of them on 31,416 m2 are 16 %.
    assert clutter_of(points, houses).tolist() == ["built_up", "built_up", "open"]
    assert clutter_of(points, houses.iloc[:0]).unique().tolist() == ["open"]
    wide = houses.set_geometry(houses.geometry.buffer(0.0002))
    assert clutter_of(points, wide).iloc[0] == "dense"


def test_without_a_sector_there_is_nothing_to_compare_with() -> None:
    radio = sectors([MIDDLE])
    with pytest.raises(BadRunParameter):
        compare(RadioParameters(technology="4g"), inputs(radio), a_drive(radio))
