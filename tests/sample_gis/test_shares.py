"""Whole numbers that add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from sample_gis.shares import apportion, apportion_within

WEIGHTS = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=30)


@example(total=4, weights=[2.2250738585072014e-308])
@given(total=st.integers(0, 10**7), weights=WEIGHTS.filter(lambda row: sum(row) > 0))
@settings(max_examples=60, deadline=None)
def test_parts_add_up_and_lie_within_one_of_their_exact_share(total: int, weights: list[float]) -> None:
    parts = apportion(total, weights)
    exact = np.array(weights) / sum(weights) * total
    assert parts.sum() == total
    assert (parts >= 0).all()
    assert (np.abs(parts - exact) <= 1 + 1e-6).all()


def test_of_equal_remainders_the_earlier_one_gets_the_unit() -> None:
    assert apportion(4, [1, 1, 1]).tolist() == [2, 1, 1]


def test_each_group_gets_its_own_total_and_strangers_nothing() -> None:
    parts = apportion_within([5, 0, 7], [1, 2, 3, 4, 9], [0, 0, 2, 2, -1])
    assert parts[:2].sum() == 5
    assert parts[2:4].sum() == 7
    assert parts[4] == 0


@pytest.mark.parametrize("weights", [[], [0.0, 0.0], [1.0, -1.0], [float("nan")]])
def test_what_cannot_be_shared_is_refused(weights: list[float]) -> None:
    with pytest.raises(BadInput):
        apportion(3, weights)
