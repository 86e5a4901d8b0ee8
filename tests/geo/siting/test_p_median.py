from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import floyd_warshall

from geo.errors import BadInput
from geo.siting import p_median

#: OR-Library, Beasley 1990: optima of its uncapacitated p-median instances.
OPTIMA = {"pmed1": 5819, "pmed2": 4093, "pmed3": 4250, "pmed6": 7824}


@pytest.mark.parametrize("name", OPTIMA)
def test_published_instances_are_solved_within_1_percent_with_the_optimum_inside_the_bound(test_data, name):
    numbers = [int(one) for one in re.findall(r"\d+", (test_data / f"siting/{name}.txt").read_text())]
    size, _, count = numbers[:3]
    ways = np.full((size, size), np.inf)
    for one, other, way in np.array(numbers[3:]).reshape(-1, 3):
        ways[one - 1, other - 1] = ways[other - 1, one - 1] = way  # of duplicate edges the last counts
    distances = floyd_warshall(ways)
    plan = p_median(distances, np.ones(size), count)
    assert plan.bound <= OPTIMA[name] + 1e-6
    assert OPTIMA[name] <= plan.covered <= 1.01 * OPTIMA[name]
    assert plan.gap < 0.02
    assert plan.covered == distances[plan.chosen].min(axis=0).sum()


@given(st.integers(0, 10_000), st.integers(2, 7), st.integers(1, 3), st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_best_of_all_choices_lies_between_bound_and_answer(seed, sites, count, has_one):
    draw = np.random.default_rng(seed)
    distances, weights = draw.integers(0, 50, (sites, 9)).astype(float), draw.integers(0, 9, 9).astype(float)
    fixed = [0] if has_one else []
    free = [one for one in range(sites) if one not in fixed]
    count = min(count, len(free))
    best = min((distances[[*fixed, *one]].min(axis=0) * weights).sum() for one in combinations(free, count))
    plan = p_median(distances, weights, count, fixed=fixed)
    assert plan.bound <= best + 1e-9
    assert best <= plan.covered + 1e-9
    assert len(plan.chosen) == count
    assert (distances[[*fixed, *plan.chosen]].min(axis=0) * weights).sum() == pytest.approx(plan.covered)


def test_demand_that_no_candidate_reaches_is_said():
    with pytest.raises(BadInput, match="no way"):
        p_median(np.array([[1.0, np.inf], [2.0, np.inf]]), [1, 1], 1)
    with pytest.raises(BadInput, match="from 1 to 2"):
        p_median(np.ones((2, 2)), [1, 1], 3)
