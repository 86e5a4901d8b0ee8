"""Counts by cell and local time against pandas' own grouping."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.cells import index
from geo.errors import BadInput
from geo.hotspots import Step, cube, local_time, profile

ZONE = "Asia/Shanghai"
CELLS = np.unique(index([115.88, 115.9, 115.95], [31.74, 31.8, 31.7], 9))
PERIODS = {Step.HOUR: "h", Step.DAY: "D", Step.WEEK: "W-SUN", Step.MONTH: "M"}


def events(seed: int, size: int = 400) -> tuple[np.ndarray, pd.Series]:
    draw = np.random.default_rng(seed)
    minutes = draw.integers(0, 60 * 24 * 45, size)
    times = pd.Timestamp("2020-02-20T00:00Z") + pd.to_timedelta(minutes, unit="min")
    return draw.choice(CELLS, size), pd.Series(times)


@given(st.integers(0, 500), st.sampled_from(list(Step)))
def test_each_event_is_in_the_bin_that_pandas_puts_it_in(seed, step):
    cells, times = events(seed)
    found = cube(cells, times, step=step, timezone=ZONE)
    period = times.dt.tz_convert(ZONE).dt.tz_localize(None).dt.to_period(PERIODS[step])
    theirs = pd.crosstab(cells, period.dt.start_time)
    ours = found.loc[:, found.sum() > 0].loc[theirs.index, theirs.columns]
    assert (ours.to_numpy() == theirs.to_numpy()).all()
    assert found.to_numpy().sum() == 400
    assert found.columns.is_monotonic_increasing


def test_days_begin_at_local_midnight_and_not_in_greenwich():
    times = ["2020-12-31T15:59:59Z", "2020-12-31T16:00:00Z"]
    found = cube([CELLS[0]] * 2, times, step=Step.DAY, timezone=ZONE)
    assert found.columns.strftime("%F").tolist() == ["2020-12-31", "2021-01-01"]


def test_naive_times_are_local_already():
    assert local_time(["2020-06-01T08:00"], ZONE)[0] == np.datetime64("2020-06-01T08:00")


def test_steps_and_cells_without_events_are_there_with_zero():
    found = cube(
        [CELLS[0]], ["2020-06-10T00:00"], step=Step.DAY, area=CELLS,
        start=np.datetime64("2020-06-01"), end=np.datetime64("2020-06-30"),
    )  # fmt: skip
    assert found.shape == (3, 30)
    assert found.to_numpy().sum() == 1


def test_events_without_time_or_outside_place_or_period_are_told():
    times = pd.to_datetime(pd.Series(["2020-06-10", None, "2021-01-01", "2020-06-11"]))
    found = cube(
        [CELLS[0], CELLS[0], CELLS[0], CELLS[1]], times, step=Step.WEEK, area=CELLS[:1],
        start=np.datetime64("2020-06-01"), end=np.datetime64("2020-06-30"),
    )  # fmt: skip
    assert (found.to_numpy().sum(), found.attrs["left_out"]) == (1, 3)


def test_the_profile_counts_by_local_weekday_and_hour():
    _, times = events(2)
    local = times.dt.tz_convert(ZONE)
    theirs = pd.crosstab(local.dt.day_of_week, local.dt.hour)
    assert (profile(times, ZONE).loc[theirs.index, theirs.columns].to_numpy() == theirs.to_numpy()).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"times": ["2020-01-01"]},
        {"times": ["2020-01-01"] * 3, "timezone": "Asia/Nowhere"},
        {"cells": [], "times": []},
        {"times": ["2020-01-01"] * 3, "step": Step.HOUR, "end": np.datetime64("9999-01-01")},
    ],
    ids=["lengths", "zone", "nothing", "too many bins"],
)
def test_what_makes_no_cube_is_refused(wrong):
    given_cells = np.array(wrong.pop("cells", CELLS), dtype=np.uint64)
    with pytest.raises(BadInput):
        cube(given_cells, **wrong)
