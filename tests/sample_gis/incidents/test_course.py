"""The course of single incidents, the weather and the calendar."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sample_gis.city import City
from sample_gis.incidents.course import channels_of, run
from sample_gis.incidents.planted import day_weights, read_planted
from sample_gis.incidents.rules import days_of, is_holiday, quiet_factor, read_rules
from sample_gis.incidents.weather import weather_of
from sample_gis.profile import read_profile

NOW = np.datetime64("2020-12-31T23:59:59")
STEPS = ["occurred_at", "reported_at", "filed_at", "dispatched_at", "handled_at", "verified_at", "closed_at"]


@pytest.fixture(scope="module")
def drawn():
    rules = read_rules()
    random = np.random.default_rng(5)
    classes = random.choice(np.array(sorted(rules.classes), dtype=object), 6_000)
    seconds = random.integers(0, 366 * 86_400 - 1, 6_000)
    happened = np.datetime64("2020-01-01T00:00:00") + seconds.astype("timedelta64[s]")
    channels = channels_of(rules, classes, random)
    return classes, channels, run(rules, classes, channels, happened, now=NOW, random=random)


def test_no_step_comes_before_the_one_ahead_of_it(drawn) -> None:
    times = drawn[2].times
    for earlier, later in pairwise(STEPS):
        both = times[earlier].notna() & times[later].notna()
        assert (times.loc[both, earlier] <= times.loc[both, later]).all()
        assert not (times[earlier].isna() & times[later].notna()).any()


def test_nothing_has_been_done_after_the_clock_of_the_city(drawn) -> None:
    assert (drawn[2].times[STEPS].max() <= NOW).all()


def test_the_state_is_the_last_step_that_was_reached(drawn) -> None:
    times, state = drawn[2].times, drawn[2].state
    assert times.loc[state == "closed", "closed_at"].notna().all()
    for name in ("reported", "rejected", "void"):
        assert times.loc[state == name, "filed_at"].isna().all()
    stuck = np.isin(state, ["dispatched", "handling"])
    assert times.loc[stuck, "handled_at"].isna().all()
    assert times.loc[stuck, "dispatched_at"].notna().all()


def test_some_cases_are_open_beyond_their_deadline_and_most_are_closed_in_time(drawn) -> None:
    times = drawn[2].times
    closed = times["closed_at"].notna()
    overdue = ~closed & (times["deadline_at"] < NOW)
    assert 0.80 < (times.loc[closed, "closed_at"] <= times.loc[closed, "deadline_at"]).mean() < 0.97
    assert 0.003 < overdue.mean() < 0.03


def test_people_tell_round_times_and_machines_do_not(drawn) -> None:
    _, channels, course = drawn
    minute = course.times["occurred_at"].dt.minute.to_numpy()
    second = course.times["occurred_at"].dt.second.to_numpy()
    told = np.isin(channels, ["12345", "grid_worker"])
    machine = np.isin(channels, ["sensor", "video"])
    assert ((minute[told] % 30 == 0) & (second[told] == 0)).mean() > 0.3
    assert ((minute[machine] % 30 == 0) & (second[machine] == 0)).mean() < 0.05


def test_each_class_comes_in_by_the_channels_of_its_mix(drawn) -> None:
    rules = read_rules()
    for code, channel in zip(drawn[0], drawn[1], strict=True):
        assert channel in rules.channels[rules.classes[code].by]


def test_the_weather_is_wet_in_june_and_july_and_cold_in_january() -> None:
    weather = weather_of(City(read_profile("yeji")))
    month = weather.days.astype("datetime64[M]").astype(int) % 12
    rain = np.bincount(month, weather.rain_mm)
    assert len(weather.days) == 366
    assert rain[[5, 6]].min() > rain[[0, 11]].max()
    assert weather.mean_c[month == 0].mean() < 6
    assert weather.mean_c[month == 6].mean() > 25


def test_holidays_are_those_announced() -> None:
    days = days_of(2020)
    assert is_holiday(days).sum() == 1 + 10 + 3 + 5 + 3 + 8
    assert quiet_factor(days).min() == 0.5


@pytest.mark.parametrize("planted", read_planted(), ids=lambda one: f"{one.category}-{one.class_code}")
def test_a_planted_hotspot_has_days_only_in_its_period(planted) -> None:
    weather = weather_of(City(read_profile("yeji")))
    weights = day_weights(planted, weather)
    days = weather.days[weights > 0]
    assert days.min() >= np.datetime64(planted.first)
    assert days.max() <= np.datetime64(planted.last)
