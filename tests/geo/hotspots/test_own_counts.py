"""A neighbourhood's excess is told where it happened: tails by SciPy's negative binomial law."""

from __future__ import annotations

import h3
import numpy as np
from h3.api import basic_int
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from geo.cells import groups
from geo.hotspots.own_counts import LEVEL, borne_out

MIDDLE = h3.str_to_int("8940b48902bffff")
AREA = np.sort(np.array(basic_int.grid_disk(MIDDLE, 3), dtype=np.uint64))
SIZE = len(AREA)
SPREAD = 0.1


def told(values, *, side=1, expected=1.0, steps=1):
    bins = np.full((SIZE, steps), side, dtype=np.int8)
    counts = np.asarray(values, dtype=float).reshape(SIZE, -1)
    return borne_out(AREA, bins[:, 0], bins, counts, expected=np.full(SIZE, float(expected)), spread=SPREAD)


def test_an_empty_cell_beside_a_busy_one_is_not_told():
    values = np.where(np.uint64(MIDDLE) == AREA, 12.0, 0.0)
    assert AREA[told(values)].tolist() == [MIDDLE]


def test_one_incident_where_nearly_one_is_expected_is_not_told_alone_but_many_such_together_are():
    alone = np.where(np.uint64(MIDDLE) == AREA, 2.0, 0.0)
    assert not told(alone).any()
    assert told(np.full(SIZE, 2.0)).all()


def test_a_cold_place_is_told_where_it_has_less_itself():
    values = np.full(SIZE, 3.0)
    ring = np.isin(AREA, np.array(basic_int.grid_disk(MIDDLE, 1), dtype=np.uint64))
    values[ring] = 0
    assert (told(values, side=-1, expected=3.0) == ring).all()


def test_only_the_steps_in_which_a_cell_is_hot_count():
    values = np.zeros((SIZE, 12))
    values[:, 11] = 4.0
    hot = np.zeros((SIZE, 12), dtype=np.int8)
    hot[:, 11] = 1
    side = np.ones(SIZE, dtype=np.int8)
    expected = np.full(SIZE, 6.0)  # more than the four of the year, less than four a month
    assert borne_out(AREA, side, hot, values, expected=expected, spread=SPREAD).all()
    hot[:] = 1
    assert not borne_out(AREA, side, hot, values, expected=expected, spread=SPREAD).any()


@given(st.lists(st.integers(0, 8), min_size=SIZE, max_size=SIZE), st.sampled_from([0.3, 1.0, 4.0]))
def test_each_place_that_is_told_exceeds_by_the_law_and_no_other_does(values, expected):
    counts = np.array(values, dtype=float)
    more = counts > expected
    found = told(counts, expected=expected)
    assert not (found & ~more).any()
    member = groups(AREA[more])
    for one in member.unique():
        own = np.isin(AREA, member.index[member == one])
        n, mean = counts[own].sum(), expected * own.sum()
        upper = nbinom.sf(n - 1, 1 / SPREAD, 1 / (1 + SPREAD * mean))
        assert found[own].all() == found[own].any() == (2 * upper <= LEVEL)
