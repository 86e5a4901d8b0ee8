"""Corrections and permutation laws against statsmodels 0.15, SciPy's hypergeometric law and brute force."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom, norm
from statsmodels.stats.multitest import multipletests

from geo.errors import BadInput
from geo.hotspots import benjamini_hochberg, can_be_exact, confidence, sum_p, two_sided

probabilities = st.lists(st.one_of(st.floats(0, 1), st.floats(0, 1e-3)), min_size=1, max_size=60)


@given(probabilities, st.sampled_from([0.01, 0.05, 0.1, 0.25]))
def test_what_is_rejected_is_what_statsmodels_rejects(p, q):
    assert (benjamini_hochberg(p, q) == multipletests(p, q, method="fdr_bh")[0]).all()


def test_untested_places_count_neither_as_rejected_nor_as_tests():
    p = np.array([0.02, np.nan, 0.04, np.nan])
    assert benjamini_hochberg(p, 0.05).tolist() == [True, False, True, False]


@given(st.lists(st.floats(-38, 38), min_size=1, max_size=20))
def test_p_is_both_tails_of_the_normal_law(z):
    assert two_sided(z) == pytest.approx(2 * norm.sf(np.abs(z)), rel=1e-9)


def test_confidence_falls_with_p():
    p = np.array([1e-5, 0.02, 0.05, 0.5])
    assert confidence(np.array([1.0, -1.0, 1.0, 1.0]), p).tolist() == [99, -95, 90, 0]


@given(st.integers(2, 300), st.integers(0, 300), st.integers(1, 19), st.data())
def test_counts_of_one_follow_the_hypergeometric_law(cells, ones, size, data):
    ones, size = min(ones, cells), min(size, cells)
    total = data.draw(st.integers(max(0, size - (cells - ones)), min(size, ones)))
    values = np.repeat([1, 0], [ones, cells - ones])
    law = hypergeom(cells, ones, size)
    expected = min(1.0, 2 * min(law.cdf(total), law.sf(total - 1)))
    assert sum_p(values, [total], [size])[0] == pytest.approx(expected, rel=1e-7)


@given(st.lists(st.integers(0, 6), min_size=3, max_size=9), st.integers(1, 3))
def test_the_law_is_that_of_all_draws(values, size):
    sums = np.array([sum(drawn) for drawn in combinations(values, size)])
    for total in np.unique(sums):
        tail = min((sums <= total).mean(), (sums >= total).mean())
        assert sum_p(values, [total], [size])[0] == pytest.approx(min(1.0, 2 * tail), abs=1e-12)


def test_a_far_tail_keeps_its_digits():
    values = np.repeat([1, 0], [7, 1_000_000])
    assert sum_p(values, [7], [7])[0] == pytest.approx(2 * hypergeom(1_000_007, 7, 7).pmf(7), rel=1e-6)


def test_several_sizes_are_told_apart():
    values = np.array([0, 0, 0, 1, 2, 5])
    together = sum_p(values, [5, 7, 0], [1, 2, 3])
    apart = [sum_p(values, [total], [size])[0] for total, size in ((5, 1), (7, 2), (0, 3))]
    assert together.tolist() == pytest.approx(apart)


def test_only_counts_can_be_permuted_exactly():
    for values in ([0.5, 1.0], [-1, 2]):
        with pytest.raises(BadInput):
            sum_p(values, [1], [1])
        assert not can_be_exact(values, [1])
    assert can_be_exact(np.arange(40), [7])
    assert not can_be_exact(np.arange(100_000), [7])


@pytest.mark.parametrize(("p", "q"), [([0.1], 0), ([0.1], 1), ([1.2], 0.05), ([-0.1], 0.05)])
def test_what_is_no_probability_is_refused(p, q):
    with pytest.raises(BadInput):
        benjamini_hochberg(p, q)
