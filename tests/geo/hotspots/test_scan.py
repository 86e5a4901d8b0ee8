"""The scan against SaTScan's printed results, every window one by one, and all permutations of few events."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.hotspots import scan
from geo.hotspots.scan import log_likelihood_ratio

#: SaTScan v9.6, discrete Poisson, leukaemia in New York (Waller 1994): 281 tracts, 552 cases, 1,057,673
#: people.
#: Cases and people of each cluster with the ratios printed for it.
SATSCAN = [
    (85, 95_249, 1.84, 11.577255),
    (38, 34_083, 2.22, 9.019716),
    (64, 78_280, 1.64, 6.114140),
    (25, 24_571, 1.99, 4.651839),
    (28, 29_782, 1.84, 4.169203),
    (12, 9_840, 2.37, 3.363518),
    (11, 8_839, 2.41, 3.209485),
]


@pytest.mark.parametrize(("cases", "people", "risk", "printed"), SATSCAN)
def test_the_ratio_is_that_printed_by_satscan(cases, people, risk, printed):
    expected = 552 * people / 1_057_673
    # people are printed as averages over the year, so that the last digits are open
    assert float(log_likelihood_ratio(cases, expected, 552)) == pytest.approx(printed, abs=5e-4)
    assert cases / expected / ((552 - cases) / (552 - expected)) == pytest.approx(risk, abs=0.005)


def test_clusters_of_satscan_are_found_where_each_is_one_place():
    """Six places have the cases and people of SaTScan's clusters, the last one has the rest."""
    cases = [row[0] for row in SATSCAN]
    people = [row[1] for row in SATSCAN]
    counts = pd.DataFrame({2000: [*cases, 552 - sum(cases)]})
    at = np.arange(8)[:, None] * [10_000.0, 0.0]
    found = scan(
        counts, at, model="poisson", exposure=[*people, 1_057_673 - sum(people)], most_m=1.0, permutations=9,
        seed=1,
    )  # fmt: skip
    assert found["middle"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert found["llr"].tolist() == pytest.approx([row[3] for row in SATSCAN], abs=5e-4)


def every_window(counts, at, mu, most_share, longest):
    """Return the greatest ratio by looking at each disc and each window by itself."""
    total = counts.sum()
    best = (0.0, None)
    for middle in range(len(at)):
        away = np.round(np.hypot(*(at - at[middle]).T), 6)
        for radius in np.unique(away):
            inside = away <= radius
            if mu[inside].sum() > most_share * total + 1e-9:
                continue
            for since in range(counts.shape[1]):
                for till in range(since, min(since + longest, counts.shape[1])):
                    c = counts[inside, since : till + 1].sum()
                    m = mu[inside, since : till + 1].sum()
                    if c > m:
                        rest = (total - c) * np.log((total - c) / (total - m)) if c < total else 0.0
                        window = (frozenset(np.flatnonzero(inside)), since, till)
                        best = max(best, (c * np.log(c / m) + rest, window), key=lambda one: one[0])
    return best


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["poisson", "permutation"]))
def test_the_most_likely_cluster_is_the_best_of_all_windows(seed, model):
    draw = np.random.default_rng(seed)
    at = draw.uniform(0, 1_000, (7, 2))
    counts = draw.poisson(1.5, (7, 5))
    if not counts.sum():
        return
    people = draw.uniform(1, 5, 7)
    mu = np.repeat(people[:, None], 5, axis=1)
    if model == "permutation":
        mu = np.outer(counts.sum(axis=1), counts.sum(axis=0))
    mu = mu * counts.sum() / mu.sum()
    found = scan(pd.DataFrame(counts), at, model=model, exposure=people, most_steps=3, permutations=1, seed=1)
    ratio, _ = every_window(counts, at, mu, 0.5, 3)
    assert (found["llr"].max() if len(found) else 0.0) == pytest.approx(ratio, abs=1e-9)
    for one in found.itertuples():
        inside = counts[np.ix_(one.members, range(one.first, one.last + 1))].sum()
        assert inside == one.observed
        assert one.llr == pytest.approx(float(log_likelihood_ratio(inside, one.expected, counts.sum())))


def test_places_at_one_distance_enter_together():
    at = np.array([[0, 0], [100, 0], [-100, 0], [5_000, 0], [9_000, 0], [9_900, 0]])
    counts = pd.DataFrame({0: [1, 9, 0, 2, 2, 2]})
    found = scan(counts, at, model="poisson", exposure=np.ones(6), permutations=9, seed=1)
    assert [1] in found["members"].tolist()
    assert not any(set(one) in ({0, 1}, {0, 2}) and len(one) == 2 for one in found["members"]
                   if one[0] == 0)  # fmt: skip


def test_p_is_the_share_of_all_permutations_of_few_events():
    place, step = np.array([0, 0, 0, 1, 2, 2]), np.array([0, 0, 1, 1, 2, 0])
    at = np.array([[0, 0], [100, 0], [250, 0]])

    def table(steps):
        counts = np.zeros((3, 3), dtype=int)
        np.add.at(counts, (place, steps), 1)
        return counts

    mu = np.outer(np.bincount(place), np.bincount(step)) / 6
    seen, _ = every_window(table(step), at, mu, 0.5, 1)
    ratios = [every_window(table(np.array(one)), at, mu, 0.5, 1)[0] for one in set(permutations(step))]
    exact = np.mean(np.array(ratios) >= seen - 1e-9)
    found = scan(pd.DataFrame(table(step)), at, most_steps=1, permutations=4_999, seed=7)
    assert found.loc[0, "llr"] == pytest.approx(seen)
    assert found.loc[0, "p"] == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 5_000) + 1 / 5_000)


@pytest.mark.parametrize("model", ["poisson", "permutation"])
def test_without_clusters_p_is_rarely_small(model):
    draw = np.random.default_rng(3)
    at = draw.uniform(0, 2_000, (12, 2))
    small = []
    for copy in range(60):
        counts = pd.DataFrame(draw.poisson(2.0, (12, 6)))
        found = scan(counts, at, model=model, exposure=np.ones(12), permutations=39, seed=copy)
        small.append(found.loc[0, "p"] <= 0.05)
    assert np.mean(small) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 60)


def test_permutations_do_not_see_what_is_always_there_or_everywhere():
    draw = np.random.default_rng(4)
    at = draw.uniform(0, 2_000, (15, 2))
    rate = np.outer(np.where(np.arange(15) == 3, 30, 3), np.where(np.arange(10) == 6, 3.0, 1.0))
    counts = pd.DataFrame(draw.poisson(rate))
    always = scan(counts, at, model="poisson", exposure=np.ones(15), permutations=99, seed=1)
    assert always.loc[0, "p"] == 0.01
    assert always.loc[0, "members"] == [3]
    assert scan(counts, at, permutations=99, seed=1).loc[0, "p"] > 0.05


def test_an_ongoing_cluster_lasts_to_the_last_step():
    counts = pd.DataFrame(2, index=range(6), columns=range(8))
    counts.loc[2, [1, 2]] = 20
    counts.loc[5, [6, 7]] = 9
    at = np.arange(6)[:, None] * [500.0, 0.0]
    past = scan(counts, at, permutations=19, seed=2)
    now = scan(counts, at, permutations=19, seed=2, ongoing=True)
    assert (past.loc[0, "middle"], past.loc[0, "first"], past.loc[0, "last"]) == (2, 1, 2)
    assert (now["last"] == 7).all()
    assert (now.loc[0, "middle"], now.loc[0, "first"]) == (5, 6)


def test_the_same_seed_gives_the_same_p():
    counts = pd.DataFrame(np.random.default_rng(5).poisson(2.0, (9, 6)))
    at = np.random.default_rng(6).uniform(0, 900, (9, 2))
    assert scan(counts, at, seed=5).equals(scan(counts, at, seed=5))


def test_no_events_are_no_cluster():
    assert scan(pd.DataFrame(0, index=[1, 2], columns=[0, 1]), [[0, 0], [1, 1]], seed=1).empty


@pytest.mark.parametrize(
    ("counts", "options"),
    [
        ([[0.5, 1]], {}),
        ([[-1, 1]], {}),
        ([[1, 1]], {"most_share": 0.9}),
        ([[1, 1]], {"most_steps": 3}),
        ([[1, 1]], {"permutations": 0}),
        ([[1, 1]], {"model": "poisson"}),
        ([[1, 1]], {"model": "poisson", "exposure": [0.0]}),
        ([[1, 0]], {"model": "poisson", "exposure": [[0.0, 1.0]]}),
        ([[1, 1]], {"model": "poisson", "exposure": [1.0, 2.0]}),
    ],
)
def test_bad_input_is_refused(counts, options):
    with pytest.raises(BadInput):
        scan(pd.DataFrame(counts), [[0.0, 0.0]], seed=1, **options)
