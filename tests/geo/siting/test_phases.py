from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.siting import Districts, Rules, max_coverage, phased
from tests.geo.siting.instances import small, subsets, value


@given(small(most=6), st.lists(st.integers(0, 2), min_size=1, max_size=3), st.booleans())
@settings(max_examples=60, deadline=None)
def test_phases_nest_and_the_best_of_all_lies_between_answer_and_bound(instance, budgets, dear):
    covers, weights = instance
    count = covers.shape[0]
    costs = np.where(np.arange(count) % 2, 2.0, 1.0) if dear else np.ones(count)
    ends = np.cumsum(budgets)
    affordable = [
        [set(one) for one in subsets(range(count)) if costs[list(one)].sum() <= end] for end in ends
    ]

    def best_from(phase, before):
        if phase == len(ends):
            return 0.0
        return max(
            value(covers, weights, one) + best_from(phase + 1, one)
            for one in affordable[phase]
            if one >= before
        )

    best = best_from(0, set())
    for seconds in (0, 10):
        plan = phased(covers, weights, budgets, costs=costs if dear else None, exact_seconds=seconds)
        assert plan.phase.tolist() == sorted(plan.phase.tolist())
        stands = [plan.chosen[plan.phase <= phase] for phase in range(len(ends))]
        assert all(costs[one].sum() <= end for one, end in zip(stands, ends, strict=True))
        values = [value(covers, weights, one) for one in stands]
        assert plan.covered_by_phase.tolist() == pytest.approx(values)
        assert plan.covered == pytest.approx(values[-1])
        assert sum(values) <= best + 1e-9
        assert best <= plan.bound + 1e-6
        assert plan.gains.sum() == pytest.approx(plan.covered)
    assert sum(values) == pytest.approx(best)


def test_one_phase_is_the_plain_model():
    rng = np.random.default_rng(3)
    dense = (rng.random((12, 40)) < 0.2).astype(float)
    weights = rng.integers(1, 9, 40).astype(float)
    one, plain = phased(dense, weights, [4]), max_coverage(dense, weights, 4)
    assert one.covered == plain.covered
    assert one.bound == pytest.approx(plain.bound)


def test_what_is_forced_and_what_districts_get_at_least_stands_in_the_end():
    dense = np.eye(6)
    rules = Rules(forced=[5], forbidden=[0], districts=Districts(["a"] * 4 + ["b"] * 2, {"b": 2}))
    plan = phased(dense, [9.0, 8.0, 7.0, 6.0, 2.0, 1.0], [1, 1, 2], rules=rules)
    assert {4, 5} <= set(plan.chosen.tolist())
    assert 0 not in plan.chosen
    assert len(plan.chosen) == 4


@given(small(most=5), st.lists(st.integers(1, 2), min_size=2, max_size=3))
@settings(max_examples=20, deadline=None)
def test_what_is_forced_need_not_stand_early_and_the_bound_knows_that(instance, budgets):
    covers, weights = instance
    count = covers.shape[0]
    ends = np.cumsum(budgets)

    def best_from(phase, before):
        if phase == len(ends):
            return 0.0 if count - 1 in before else -np.inf
        return max(
            value(covers, weights, one) + best_from(phase + 1, set(one))
            for one in subsets(range(count))
            if len(one) <= ends[phase] and set(one) >= before
        )

    best = best_from(0, set())
    for seconds in (0, 10):
        plan = phased(covers, weights, budgets, rules=Rules(forced=[count - 1]), exact_seconds=seconds)
        assert count - 1 in plan.chosen
        assert plan.covered_by_phase.sum() <= best + 1e-9
        assert best <= plan.bound + 1e-6
    assert plan.covered_by_phase.sum() == pytest.approx(best)
