from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.siting import Moving, max_coverage
from tests.geo.siting.instances import small, value


@given(small(probable=True), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_what_a_moved_site_adds_is_the_difference_that_it_makes(instance, budget):
    covers, weights = instance
    plan = max_coverage(covers, weights, budget)
    for moved in plan.chosen.tolist():
        others = [one for one in plan.chosen.tolist() if one != moved]
        beside = Moving(covers, weights, others=others)
        for place in range(covers.shape[0]):
            if place not in others:
                made = value(covers, weights, [*others, place]) - value(covers, weights, others)
                assert beside.gain_of(place) == pytest.approx(made, abs=1e-9)
                row = covers[[place]]
                assert beside.gain_at(row.indices, row.data) == pytest.approx(made, abs=1e-9)
