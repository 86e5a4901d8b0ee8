"""Categories against Esri's definitions, written out a second time as conditions, and planted histories."""

from __future__ import annotations

import h3
import numpy as np
import pandas as pd
import pytest
from h3.api import basic_int
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.hotspots import Category, emerging, getis_ord, k_rings, wording
from geo.hotspots.emerging import categories, space_time_z

MIDDLE = h3.str_to_int("8940b48902bffff")
STEPS = 12


def disc(rings: int, middle: int = MIDDLE) -> np.ndarray:
    return np.sort(np.array(basic_int.grid_disk(middle, rings), dtype=np.uint64))


def by_the_words(history: list[int], trend: int) -> str:
    """Return the category by reading Esri's sentences one after the other."""
    hot = [one == 1 for one in history]
    before, share = hot[:-1], sum(hot) / len(hot)
    run = next((back for back, one in enumerate(reversed(hot)) if not one), len(hot))
    if hot[-1] and not any(before):
        return "new"
    if run >= 2 and not any(hot[: len(hot) - run]) and share < 0.9:
        return "consecutive"
    if share >= 0.9 and hot[-1]:
        return {1: "intensifying", 0: "persistent", -1: "diminishing"}[trend]
    if hot[-1] and share < 0.9:
        return "oscillating" if -1 in history else "sporadic"
    return "historical" if share >= 0.9 else "none"


histories = st.lists(st.sampled_from([1, 1, 1, 0, -1]), min_size=2, max_size=14)


@given(histories, st.sampled_from([-1, 0, 1]))
def test_every_history_has_the_category_of_the_definition(history, trend):
    found = categories(np.array([history], dtype=np.int8), np.array([trend]))[0]
    assert found.value.removesuffix("_hot") == by_the_words(history, trend)


@given(histories, st.sampled_from([-1, 0, 1]))
def test_a_cold_history_has_the_counterpart_of_its_mirror(history, trend):
    mirrored = -np.array([history], dtype=np.int8)
    cold = categories(-mirrored, np.array([trend]), cold=True)[0]
    assert cold.value.removesuffix("_cold") == by_the_words(history, trend)


PLANTED = {
    "new_hot": [0] * 11 + [1],
    "consecutive_hot": [0] * 8 + [1] * 4,
    "persistent_hot": [1.0, 1.1, 0.9, 1.05, 0.95, 1.0, 0.97, 1.03, 1.1, 0.9, 1.0, 1.0],
    "intensifying_hot": np.linspace(0.6, 2.2, 12),
    "diminishing_hot": np.linspace(2.2, 0.6, 12),
    "historical_hot": [1] * 10 + [0, 0],
    "sporadic_hot": [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1],
    "none": [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0],
}


@pytest.mark.parametrize("category", PLANTED)
def test_a_planted_history_is_named_as_planted(category):
    area = disc(14)
    draw = np.random.default_rng(11)
    cube = pd.DataFrame(draw.poisson(4.0, (len(area), STEPS)).astype(float), index=area)
    cube.loc[disc(1)] += draw.poisson(np.outer(np.ones(7), np.array(PLANTED[category]) * 26))
    found = emerging(cube)
    assert str(found.loc[MIDDLE, "category"]) == category
    away = found.index.difference(disc(3))
    named = found.loc[away, "category"] != Category.NONE
    assert named.mean() <= 0.05


def test_where_little_happens_for_long_it_is_cold():
    area = disc(12)
    draw = np.random.default_rng(12)
    cube = pd.DataFrame(draw.poisson(20.0, (len(area), STEPS)).astype(float), index=area)
    cube.loc[disc(2)] = draw.poisson(4.0, (19, STEPS))
    found = emerging(cube)
    assert found.loc[MIDDLE, "category"] == Category.PERSISTENT_COLD
    assert found.loc[MIDDLE, "share_cold"] == 1
    assert found.loc[MIDDLE, "hot_since"] == -1


def test_a_cube_of_one_step_and_no_time_neighbours_is_plain_gi_star():
    area = disc(8)
    values = np.random.default_rng(13).poisson(6.0, (len(area), 1)).astype(float)
    z, _, sizes = space_time_z(values, k_rings(area), steps_back=0)
    plain = getis_ord(pd.Series(values[:, 0], index=area))
    assert z[:, 0] == pytest.approx(plain["z"].to_numpy(), abs=1e-12)
    assert (sizes[:, 0] == plain["neighbours"].to_numpy()).all()


def test_neighbours_in_time_are_earlier_steps_of_the_same_ring():
    area = disc(4)
    values = np.random.default_rng(14).poisson(6.0, (len(area), 5)).astype(float)
    rings = k_rings(area)
    _, sums, sizes = space_time_z(values, rings, steps_back=2)
    row = int(np.flatnonzero(area == MIDDLE)[0])
    around = np.flatnonzero(rings[[row]].toarray()[0])
    assert sums[row, 3] == values[np.ix_(around, [1, 2, 3])].sum()
    assert (sizes[row] == np.array([1, 2, 3, 3, 3]) * len(around)).all()


def test_without_hotspots_few_cities_have_any():
    area = disc(6)
    draw = np.random.default_rng(15)
    cities = 60
    alarms = 0
    for _ in range(cities):
        cube = pd.DataFrame(draw.poisson(0.4, (len(area), 10)), index=area)
        alarms += bool(emerging(cube, method="permutation").attrs["hot"].any())
    assert alarms / cities <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / cities)


def test_there_are_seventeen_categories_and_each_has_its_words():
    assert len(Category) == 17
    words = [wording(category) for category in Category]
    assert len({word.zh for word in words}) == len({word.en for word in words}) == 17
    assert all(word.rule_zh and word.rule_en for word in words)


@pytest.mark.parametrize(
    ("cube", "options"),
    [
        (pd.DataFrame({0: 1.0}, index=disc(1)), {}),
        (pd.DataFrame({0: 1.0, 1: np.nan}, index=disc(1)), {}),
        (pd.DataFrame({0: 1.0, 1: 2.0}, index=disc(1)), {"steps_back": 2}),
        (pd.DataFrame({0: 1.0, 1: 2.0}, index=np.repeat(disc(1)[:1], 2)), {}),
    ],
    ids=["one step", "missing", "too far back", "twice"],
)
def test_what_is_no_history_is_refused(cube, options):
    with pytest.raises(BadInput):
        emerging(cube, **options)
