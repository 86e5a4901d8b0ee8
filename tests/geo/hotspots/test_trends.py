"""Mann-Kendall against pymannkendall 1.4."""

from __future__ import annotations

import numpy as np
import pymannkendall
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

from geo.errors import BadInput
from geo.hotspots import mann_kendall

series = st.lists(st.one_of(st.integers(0, 3).map(float), st.floats(-50, 50)), min_size=4, max_size=40)


@settings(deadline=None)  # the kernel is compiled at its first call
@given(series)
def test_score_z_and_p_are_those_of_pymannkendall_with_ties_too(values):
    ours = mann_kendall([values]).iloc[0]
    theirs = pymannkendall.original_test(np.array(values))
    assert (ours["s"], ours["z"]) == pytest.approx((theirs.s, theirs.z), abs=1e-12)
    assert ours["p"] == pytest.approx(theirs.p, abs=1e-12)


@given(series)
def test_a_series_told_backwards_has_the_opposite_trend(values):
    both = mann_kendall([values, values[::-1]])
    assert both["z"].sum() == pytest.approx(0, abs=1e-12)


def test_many_series_are_tested_as_each_alone():
    values = np.random.default_rng(1).poisson(2, (200, 12)).astype(float)
    together = mann_kendall(values)
    alone = np.array([mann_kendall(row[None])["z"].iloc[0] for row in values])
    assert together["z"].to_numpy() == pytest.approx(alone)


def test_the_score_is_kendall_s_concordance_with_time():
    values = np.random.default_rng(2).normal(size=30)
    tau = kendalltau(np.arange(30), values).statistic
    assert mann_kendall([values])["s"].iloc[0] == pytest.approx(tau * 30 * 29 / 2)


@pytest.mark.parametrize("wrong", [[1.0, 2.0], [[1.0]], [[1.0, np.nan]]])
def test_what_is_no_series_is_refused(wrong):
    with pytest.raises(BadInput):
        mann_kendall(wrong)
