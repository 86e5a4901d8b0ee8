"""Line of sight: printed probabilities, and rays among houses."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.radio import blocking, line_of_sight_probability

# The numpy reference in the tests of NVlabs/sionna v0.19 (channel_test_utils.py, los_probability).
PRINTED = {
    "umi": [0.5196, 0.2310, 0.0935, 0.0360],
    "uma": [0.6494, 0.3477, 0.1280, 0.0363],
    "rma": [0.9608, 0.9139, 0.8270, 0.6126],
}


@pytest.mark.parametrize(("model", "expected"), PRINTED.items())
def test_the_printed_probabilities_are_met(model: str, expected: list[float]) -> None:
    assert line_of_sight_probability(model, [50, 100, 200, 500]) == pytest.approx(expected, abs=5e-5)


@given(st.sampled_from(["uma", "umi", "rma", "sma"]), st.floats(0, 20_000))
@settings(max_examples=200, deadline=None)
def test_it_is_a_probability_that_never_grows_with_distance(model: str, distance: float) -> None:
    here, farther = line_of_sight_probability(model, [distance, distance + 10])
    assert 0 <= farther <= here <= 1


def test_near_is_always_in_sight_and_trees_take_it_away() -> None:
    assert line_of_sight_probability("uma", [0, 18]).tolist() == [1, 1]
    seen = [
        float(line_of_sight_probability("sma", 500, vegetation=one)) for one in ("none", "sparse", "dense")
    ]
    assert seen == sorted(seen, reverse=True)
    # By hand from table 7.4.2-1: d_clutter 30 m, base 30 m, user 1.5 m, no vegetation.
    rate = -(np.log(0.98) * (20 - 1.5) + np.log(0.82) * (8 - 1.5)) / 30 / 28.5
    assert seen[0] == pytest.approx(np.exp(-500 * rate))


HOUSE = gpd.GeoDataFrame(
    {"height_m": [12.0]}, geometry=[shapely.box(40, -10, 60, 10)], crs=4548, index=["hall"]
)


def test_the_ray_over_a_roof_is_clear_and_the_one_through_it_is_not() -> None:
    # The line falls from 30 m to 1.5 m over 100 m: 12.9 m high at the far wall of the house, at 60 m.
    assert blocking((0, 0), 30.0, (100, 0), 1.5, HOUSE).clear
    found = blocking((0, 0), 26.0, (100, 0), 1.5, HOUSE)
    assert (found.clear, found.building, found.distance_m) == (False, "hall", 40.0)
    assert found.over_m == pytest.approx(12 - (26 - 24.5 * 0.6))


def test_the_house_that_carries_the_antenna_and_one_of_unknown_height_block_nothing() -> None:
    assert blocking((50, 0), 11.0, (100, 0), 1.5, HOUSE).clear
    assert blocking((0, 0), 10.0, (100, 0), 1.5, HOUSE.assign(height_m=np.nan)).clear


@given(st.floats(5, 60), st.floats(0.5, 40), st.floats(-30, 30), st.floats(20, 180))
@settings(max_examples=100, deadline=None)
def test_sight_is_mutual_and_lowering_the_house_never_blocks(
    base: float, house: float, y: float, x: float
) -> None:
    tall = HOUSE.assign(height_m=house)
    there = blocking((0, 0), base, (x, y), 1.5, tall)
    if not tall.geometry.iloc[0].intersects(shapely.Point(x, y)):
        assert blocking((x, y), 1.5, (0, 0), base, tall).clear == there.clear
    if there.clear:
        assert blocking((0, 0), base, (x, y), 1.5, HOUSE.assign(height_m=house * 0.5)).clear


def test_degrees_and_missing_heights_are_refused() -> None:
    with pytest.raises(BadInput, match="degrees"):
        blocking((0, 0), 10, (1, 1), 1.5, HOUSE.to_crs(4326))
    with pytest.raises(BadInput, match="height_m"):
        blocking((0, 0), 10, (1, 1), 1.5, HOUSE.drop(columns="height_m"))
    with pytest.raises(BadInput, match="vegetation"):
        line_of_sight_probability("sma", 10, vegetation="jungle")
