"""Rates against esda 2.9's smoothers and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from esda.smoothing import Empirical_Bayes
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.hotspots import deviation, empirical_bayes, expected

places = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 5_000)), min_size=2, max_size=30).filter(
    lambda rows: sum(count for count, _ in rows) > 0
)


def esda_rates(counts: np.ndarray, people: np.ndarray) -> np.ndarray:
    return np.asarray(Empirical_Bayes(counts, people).r).ravel()


def test_rates_that_vary_more_than_chance_are_those_of_esda():
    draw = np.random.default_rng(3)
    people = draw.integers(50, 5_000, 200)
    counts = draw.poisson(people * draw.gamma(2, 0.01, 200))
    assert empirical_bayes(counts, people) == pytest.approx(esda_rates(counts, people), rel=1e-9)


@given(places)
def test_a_smoothed_rate_lies_between_the_place_s_own_and_the_common_rate(rows):
    counts, people = np.array(rows, dtype=float).T
    common = counts.sum() / people.sum()
    smoothed = empirical_bayes(counts, people)
    low, high = np.minimum(counts / people, common), np.maximum(counts / people, common)
    assert ((smoothed >= low - 1e-12) & (smoothed <= high + 1e-12)).all()


@given(places)
def test_expected_counts_add_up_to_those_observed(rows):
    counts, people = np.array(rows, dtype=float).T
    assert expected(counts, people).sum() == pytest.approx(counts.sum())


def test_a_place_where_nothing_is_exposed_has_the_common_rate_and_no_deviation():
    assert empirical_bayes([4, 0, 3], [100, 0, 300])[1] == pytest.approx(7 / 400)
    assert expected([4, 9, 3], [100, 0, 300]).tolist() == [1.75, 0, 5.25]
    assert np.isnan(deviation([4, 9], [1.0, 0.0])[1])


@pytest.mark.parametrize(
    ("counts", "people"), [([1], [1, 2]), ([-1, 2], [1, 1]), ([1, 2], [0, 0]), ([1, np.nan], [1, 1])]
)
def test_what_makes_no_rate_is_refused(counts, people):
    with pytest.raises(BadInput):
        expected(counts, people)
