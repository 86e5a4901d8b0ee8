from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.siting import Districts, Rules, Spacing, Standing, max_coverage, within
from tests.geo.siting.instances import plane, small, subsets, value

#: spopt 0.7.0, MCLP.from_cost_matrix(…, service_radius=1800, p_facilities=5) solved by HiGHS 1.16.0.
SPOPT = {1: 4357.0, 2: 4429.0, 3: 4463.0}


@pytest.mark.parametrize("seed", SPOPT)
def test_the_exact_answer_is_that_of_spopt(seed):
    sites, demand, weights = plane(seed)
    covers = within(sites, demand, 1800.0)
    exact = max_coverage(covers, weights, 5, exact_seconds=20)
    assert exact.covered == pytest.approx(SPOPT[seed])
    assert exact.proven
    fast = max_coverage(covers, weights, 5)
    assert fast.covered <= SPOPT[seed] <= fast.bound


@given(small(), st.integers(0, 4), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_the_best_of_all_plans_lies_between_answer_and_bound(instance, budget, times):
    covers, weights = instance
    rows = range(covers.shape[0])
    best = max(value(covers, weights, one, times) for one in subsets(rows) if len(one) <= budget)
    fast = max_coverage(covers, weights, budget, times=times)
    assert fast.covered == pytest.approx(value(covers, weights, fast.chosen, times))
    assert fast.covered <= best + 1e-9
    assert best <= fast.bound + 1e-9
    assert fast.gains.sum() == pytest.approx(fast.covered)
    assert (np.diff(fast.gains) <= 1e-9).all()
    exact = max_coverage(covers, weights, budget, times=times, exact_seconds=10)
    assert exact.covered == pytest.approx(best)
    assert exact.gap < 1e-6


@given(small(probable=True), st.integers(0, 4), st.data())
@settings(max_examples=60, deadline=None)
def test_probabilities_combine_beside_what_stands(instance, budget, data):
    covers, weights = instance
    count = covers.shape[0]
    fixed = data.draw(st.lists(st.integers(0, count - 1), unique=True, max_size=2))
    free = [one for one in range(count) if one not in fixed]
    base = value(covers, weights, fixed)
    best = max(value(covers, weights, (*fixed, *one)) - base for one in subsets(free) if len(one) <= budget)
    for seconds in (0, 10):
        plan = max_coverage(covers, weights, budget, fixed=fixed, exact_seconds=seconds)
        assert plan.already == pytest.approx(base)
        assert plan.covered <= best + 1e-9
        assert best <= plan.bound + 1e-6 * max(best, 1)
        assert not set(plan.chosen.tolist()) & set(fixed)


@given(small(), st.integers(0, 1_000))
@settings(max_examples=60, deadline=None)
def test_every_rule_is_kept_and_the_exact_answer_is_the_best_within_them(instance, seed):
    covers, weights = instance
    count = covers.shape[0]
    chance = np.random.default_rng(seed)
    costs = chance.integers(1, 5, count).astype(float)
    at = chance.integers(0, 5, (count, 2)).astype(float)
    groups = [None if one == 0 else int(one) for one in chance.integers(0, 4, count)]
    labels = chance.choice(["a", "b"], count).tolist()
    forced, forbidden = [0], [count - 1]
    rules = Rules(
        forced, forbidden, Spacing(at, 2.0), groups, 1, Districts(labels, {labels[0]: 1}, {"a": 2, "b": 1})
    )
    budget = costs[0] + 6.0

    def keeps(chosen):
        far = all(
            np.hypot(*(at[one] - at[other])) >= 2.0
            or (groups[one] is not None and groups[one] == groups[other])
            for one in chosen
            for other in chosen
            if one < other
        )
        held = [groups[one] for one in chosen if groups[one] is not None]
        return (
            far
            and 0 in chosen
            and count - 1 not in chosen
            and costs[list(chosen)].sum() <= budget
            and len(held) == len(set(held))
            and sum(labels[one] == "a" for one in chosen) <= 2
            and sum(labels[one] == "b" for one in chosen) <= 1
        )

    best = max(value(covers, weights, one) for one in subsets(range(count)) if keeps(one))
    fast = max_coverage(covers, weights, budget, costs=costs, rules=rules)
    assert keeps(tuple(fast.chosen.tolist()))
    assert fast.covered <= best + 1e-9
    assert best <= fast.bound + 1e-9
    exact = max_coverage(covers, weights, budget, costs=costs, rules=rules, exact_seconds=10)
    assert keeps(tuple(exact.chosen.tolist()))
    assert exact.covered == pytest.approx(best)


def test_a_district_gets_its_least_though_others_would_bring_more():
    covers = within([[0, 0], [10, 0], [20, 0], [30, 0]], [[0, 0], [10, 0], [20, 0], [30, 0]], 1.0)
    rules = Rules(districts=Districts(["poor", "rich", "rich", "rich"], {"poor": 1}))
    plan = max_coverage(covers, [1.0, 9.0, 8.0, 7.0], 2, rules=rules)
    assert sorted(plan.chosen.tolist()) == [0, 1]


def test_of_candidates_worth_the_same_the_lower_row_is_chosen_and_none_that_adds_nothing():
    covers = within([[0, 0], [0, 0], [50, 0], [900, 900]], [[0, 0], [50, 0]], 1.0)
    plan = max_coverage(covers, [2.0, 2.0], 4)
    assert plan.chosen.tolist() == [0, 2]
    assert plan.covered == plan.bound == 4.0


def test_exchanges_leave_a_plan_that_greedy_choice_alone_misses():
    # The middle one looks best and is in the way of both others.
    covers = within([[0, 0], [2, 0], [-2, 0]], [[-3, 0], [-1, 0], [1, 0], [3, 0]], 1.5)
    plan = max_coverage(covers, [3.0, 4.0, 4.0, 3.0], 2)
    assert sorted(plan.chosen.tolist()) == [1, 2]
    assert plan.covered == 14.0


def test_a_watcher_hears_a_sinking_bound_and_ends_the_computation():
    draw = np.random.default_rng(4)
    covers = within(draw.uniform(0, 1e4, (300, 2)), draw.uniform(0, 1e4, (3000, 2)), 600.0)
    heard: list[Standing] = []

    def watch(now: Standing) -> bool:
        heard.append(now)
        return len(heard) < 3

    plan = max_coverage(covers, np.ones(3000), 20, exact_seconds=60, watch=watch)
    assert len(heard) == 3
    assert [one.bound for one in heard] == sorted((one.bound for one in heard), reverse=True)
    assert plan.covered <= plan.bound <= heard[0].bound


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"weights": [1.0]}, "weight"),
        ({"costs": [1.0, 0.0]}, "cost"),
        ({"fixed": [7]}, "not there"),
        ({"budget": -1}, "less than 0"),
        ({"rules": Rules(forced=[0], forbidden=[0])}, "both forced and forbidden"),
        ({"rules": Rules(forced=[0, 1])}, "forced candidates alone"),
        ({"rules": Rules(groups=["a"])}, "1 labels for 2"),
        ({"rules": Rules(districts=Districts(["a", "a"], {"b": 1}))}, "no candidate lies in"),
        ({"rules": Rules(spacing=Spacing([[0, 0]], 5.0))}, "x and y"),
        ({"times": 0}, "1 site or more"),
    ],
)
def test_what_cannot_be_is_said(given_, said):
    covers = within([[0, 0], [9, 0]], [[0, 0], [9, 0]], 1.0)
    asked = {"weights": [1.0, 1.0], "budget": 1, **given_}
    with pytest.raises(BadInput, match=said):
        max_coverage(covers, asked.pop("weights"), asked.pop("budget"), **asked)


def test_rules_that_no_plan_keeps_are_proven_to_be_so():
    covers = within([[0, 0], [1, 0]], [[0, 0], [1, 0]], 0.5)
    rules = Rules(spacing=Spacing([[0, 0], [1, 0]], 5.0), districts=Districts(["a", "b"], {"a": 1, "b": 1}))
    with pytest.raises(BadInput, match="allow time"):
        max_coverage(covers, [1, 1], 2, rules=rules)
    with pytest.raises(BadInput, match="keeps to the rules"):
        max_coverage(covers, [1, 1], 2, rules=rules, exact_seconds=5)


@given(small(), st.integers(0, 1_000))
@settings(max_examples=20, deadline=None)
def test_of_a_forced_group_one_is_chosen_and_the_exact_answer_is_the_best_of_such(instance, seed):
    covers, weights = instance
    count = covers.shape[0]
    groups = np.random.default_rng(seed).integers(0, 3, count).tolist()
    forced = groups[-1]

    def keeps(chosen):
        held = [groups[one] for one in chosen]
        return len(chosen) <= 2 and len(held) == len(set(held)) and forced in held

    best = max(value(covers, weights, one) for one in subsets(range(count)) if keeps(one))
    rules = Rules(groups=groups, forced_groups=[forced])
    exact = max_coverage(covers, weights, 2, rules=rules, exact_seconds=10)
    fast = max_coverage(covers, weights, 2, rules=rules)
    assert keeps(tuple(exact.chosen.tolist()))
    assert keeps(tuple(fast.chosen.tolist()))
    assert exact.covered == pytest.approx(best)
    assert fast.covered <= best + 1e-9
    assert best <= fast.bound + 1e-9
