"""Near repeats: closed forms of Knox, planted series, and the null."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from scipy.spatial.distance import pdist

from geo.errors import BadInput
from geo.hotspots import near_repeats

START = np.datetime64("2020-01-01")


def events(size: int, seed: int) -> tuple[gpd.GeoDataFrame, np.ndarray]:
    draw = np.random.default_rng(seed)
    x, y = draw.uniform(0, 3_000, (2, size))
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=4548)
    return frame, START + draw.integers(0, 200, size).astype("timedelta64[D]")


def test_the_mean_of_the_shuffles_is_knox_s_product_of_the_margins():
    frame, when = events(150, 1)
    found = near_repeats(frame, when, distances_m=(300.0,), days=(10.0,), permutations=999, seed=3).iloc[0]
    near = pdist(np.column_stack([frame.geometry.x, frame.geometry.y])) <= 300
    soon = pdist(when.astype(float)[:, None]) <= 10
    assert found["observed"] == (near & soon).sum()
    assert found["expected"] == pytest.approx(near.sum() * soon.sum() / len(near), rel=0.02)


def test_bands_are_apart_and_add_up_to_the_widest():
    frame, when = events(200, 2)
    bands = near_repeats(frame, when, permutations=1, seed=1)
    whole = near_repeats(frame, when, distances_m=(400.0,), days=(28.0,), permutations=1, seed=1)
    assert bands["observed"].sum() == whole["observed"].iloc[0]
    assert len(bands) == 12


def test_events_on_one_place_are_a_band_of_their_own():
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 0, 50], [0, 0, 0]), crs=4548)
    when = START + np.arange(3).astype("timedelta64[D]")
    found = near_repeats(frame, when, permutations=1, seed=1).set_index(["to_m", "to_days"])["observed"]
    assert found[(0.0, 7.0)] == 1
    assert found[(100.0, 7.0)] == 2


def test_a_planted_series_is_found_and_its_place_and_time_alone_are_not():
    frame, when = events(300, 4)
    draw = np.random.default_rng(5)
    series = slice(0, 25)
    at = draw.normal([1_500, 1_500], 60, (25, 2))
    frame.loc[frame.index[series], "geometry"] = gpd.points_from_xy(*at.T)
    busy_place = near_repeats(frame, when, distances_m=(200.0,), days=(14.0,), seed=6)
    assert busy_place["p"].iloc[0] > 0.01
    when = when.copy()
    when[series] = START + draw.integers(90, 101, 25).astype("timedelta64[D]")
    series_found = near_repeats(frame, when, distances_m=(200.0,), days=(14.0,), seed=6)
    assert series_found["p"].iloc[0] == 0.001
    assert series_found["ratio"].iloc[0] > 1.5


def test_p_is_spread_evenly_where_nothing_was_planted():
    found = [
        near_repeats(*events(80, seed), distances_m=(300.0,), days=(20.0,), permutations=99, seed=seed)[
            "p"
        ].iloc[0]
        for seed in range(100)
    ]
    assert np.mean(np.array(found) <= 0.1) <= 0.1 + 3 * np.sqrt(0.09 / 60)


def test_the_seed_decides():
    first, again = (near_repeats(*events(60, 1), permutations=50, seed=9) for _ in range(2))
    assert first.equals(again)


@pytest.mark.parametrize(
    "options", [{"days": (14.0, 7.0)}, {"distances_m": (100.0, 100.0)}, {"permutations": 0}, {"days": (0.0,)}]
)
def test_bounds_that_do_not_ascend_are_refused(options):
    with pytest.raises(BadInput):
        near_repeats(*events(10, 1), seed=1, **options)
