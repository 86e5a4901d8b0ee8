"""Targets against figures: met, missed, reached, the gap and the pace, and to whom a plan speaks."""

from datetime import date

import pytest

from layers.definitions.target import Plan, Target
from layers.definitions.words import Words
from layers.indicators.figures import Figure, Part, Reason
from layers.indicators.places import Place
from layers.indicators.targets import count_targets, targets_for, weigh

WORDS = Words(zh="规划", en="Plan")


def plan_of(region, *targets):
    return Plan(
        name=f"plan_{region}", title=WORDS, short_title=WORDS, region=region,
        issued="x", issued_on="2021-01-01",
        targets=tuple(Target(place="表", quote="…", **target) for target in targets),
    )  # fmt: skip


def place(code, prefix=None):
    return Place(code, prefix or code, code, "", (0, 0, 1, 1))


def figure(value):
    reason = None if value is not None else Reason("no-figure")
    return Figure(value, Part(value, reason), None, None, reason)


DISTRICT = plan_of(
    "341504",
    {"indicator": "stations", "year": 2023, "value": 280},
    {"indicator": "stations", "year": 2025, "value": 350},
    {"indicator": "share", "year": 2023, "value": 90, "comparison": "above", "parts": True},
    {"title": WORDS, "year": 2023, "value": 60},
)
CITY = plan_of(
    "341500",
    {"indicator": "stations", "year": 2023, "value": 6000},
    {"indicator": "share", "year": 2023, "value": 98, "parts": True},
)


def test_a_district_is_held_to_its_own_plan_and_to_the_rates_of_the_plan_above():
    found = targets_for(place("341504"), [DISTRICT, CITY])
    assert [(plan.region, target.value) for plan, target in found] == [
        ("341504", 280), ("341504", 350), ("341504", 90), ("341504", 60), ("341500", 98),
    ]  # fmt: skip


def test_a_town_is_held_to_rates_only_and_a_neighbour_to_nothing_of_the_district():
    assert [t.value for _, t in targets_for(place("341504001"), [DISTRICT, CITY])] == [90, 98]
    assert [t.value for _, t in targets_for(place("341503"), [DISTRICT, CITY])] == [98]
    assert targets_for(place("341600", "3416"), [DISTRICT, CITY]) == []


@pytest.mark.parametrize(
    ("day", "stations", "standing"),
    [
        (date(2020, 12, 31), 144, "not_reached"),
        (date(2020, 12, 31), 280, "reached"),
        (date(2023, 12, 30), 279, "not_reached"),
        (date(2023, 12, 31), 279, "missed"),
        (date(2024, 6, 1), 280, "met"),
        (date(2024, 6, 1), None, "without_value"),
    ],
)
def test_a_target_is_met_or_missed_from_the_last_day_of_its_year(day, stations, standing):
    asked = weigh(place("341504"), [DISTRICT], {"stations": figure(stations), "share": figure(95)}, day)
    assert asked[0].standing == standing


def test_the_pace_is_the_gap_over_the_years_that_are_left():
    day = date(2020, 12, 31)
    asked = weigh(place("341504"), [DISTRICT], {"stations": figure(144), "share": figure(90)}, day)
    assert asked[0].gap == 136
    assert asked[0].pace == pytest.approx(136 / 3, rel=1e-3)  # three years
    assert asked[2].standing == "not_reached", "the plan writes > 90 %"
    assert asked[2].gap == 0


def test_the_target_that_counts_now_is_the_next_one_or_the_last():
    figures = {"stations": figure(144), "share": figure(95)}
    now = [
        one.target.year
        for one in weigh(place("341504"), [DISTRICT], figures, date(2020, 12, 31))
        if one.current
    ]
    later = [
        one.target.year
        for one in weigh(place("341504"), [DISTRICT], figures, date(2026, 1, 1))
        if one.current
    ]
    assert (now, later) == ([2023, 2023, 2023], [2025, 2023, 2023])


def test_counts_of_targets_add_up():
    figures = {"stations": figure(300), "share": figure(50)}
    asked = weigh(place("341504"), [DISTRICT, CITY], figures, date(2020, 12, 31))
    counts = {
        which: count_targets(which, asked) for which in ("all", "reached", "not_reached", "without_value")
    }
    assert counts == {"all": 4, "reached": 1, "not_reached": 2, "without_value": 1}
    assert count_targets("missed", asked) == 0
