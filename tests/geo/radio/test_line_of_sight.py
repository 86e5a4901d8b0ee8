"""The probability of line of sight: printed values, and what every such law must hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.radio import line_of_sight_probability

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


def test_a_vegetation_that_nobody_knows_is_refused() -> None:
    with pytest.raises(BadInput, match="vegetation"):
        line_of_sight_probability("sma", 10, vegetation="jungle")
