from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.siting import ShareTooHigh, set_cover, within
from tests.geo.siting.instances import plane, small, subsets, value

#: spopt 0.7.0, LSCP.from_cost_matrix at this radius solved by HiGHS 1.16.0.
SPOPT = {1: (2566.0194931033175, 9), 2: (3527.211139452656, 5), 3: (2563.9923917171504, 8)}


@pytest.mark.parametrize("seed", SPOPT)
def test_the_fewest_sites_are_those_of_spopt(seed):
    radius, fewest = SPOPT[seed]
    sites, demand, weights = plane(seed)
    plan = set_cover(within(sites, demand, radius), weights, exact_seconds=20)
    assert len(plan.chosen) == plan.covered == plan.bound == fewest


@given(small(), st.sampled_from([0.3, 0.6, 0.9, 1.0]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_cheapest_of_all_plans_lies_between_bound_and_answer(instance, share, dear):
    covers, weights = instance
    count = covers.shape[0]
    costs = np.arange(1.0, count + 1.0) if dear else np.ones(count)
    enough = [
        costs[list(one)].sum()
        for one in subsets(range(count))
        if value(covers, weights, one) >= share * weights.sum() - 1e-9
    ]
    if not enough:
        with pytest.raises(ShareTooHigh):
            set_cover(covers, weights, share)
        return
    for seconds in (0, 10):
        plan = set_cover(covers, weights, share, costs=costs if dear else None, exact_seconds=seconds)
        assert plan.bound <= min(enough) + 1e-6
        assert min(enough) <= plan.covered + 1e-9
        assert value(covers, weights, plan.chosen) >= share * weights.sum() - 1e-6
    assert plan.covered == pytest.approx(min(enough))
