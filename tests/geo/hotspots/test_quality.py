"""Pile-ups and repeats against brute force over all pairs."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.hotspots import pile_ups, repeats

ZONE = 4548


def points(x, y, index=None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(index=index, geometry=gpd.points_from_xy(x, y), crs=ZONE)


def scattered(size: int, seed: int) -> gpd.GeoDataFrame:
    x, y = np.random.default_rng(seed).uniform(0, 2_000, (2, size))
    return points(499_000 + x, 3_510_000 + y)


def test_a_default_point_is_found_with_its_rows_and_nothing_else():
    spread = scattered(800, 1)
    pile = points([500_000.0] * 60, [3_511_000.0] * 60, index=range(1_000, 1_060))
    found = pile_ups(pd.concat([spread, pile]))
    assert found["events"].tolist() == [60]
    assert found["rows"].iloc[0] == list(range(1_000, 1_060))
    lonlat = pile.to_crs(4326).geometry.iloc[0]
    assert found.loc[0, ["lon", "lat"]].tolist() == pytest.approx([lonlat.x, lonlat.y])


def test_where_every_place_has_many_events_none_is_a_pile_up():
    spread = scattered(40, 2)
    often = points(np.repeat(spread.geometry.x, 12), np.repeat(spread.geometry.y, 12))
    assert not len(pile_ups(often, within_m=3_000))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_repeats_are_the_later_members_of_chains_over_all_pairs(seed):
    draw = np.random.default_rng(seed)
    size = 40
    frame = points(draw.uniform(0, 200, size), draw.uniform(0, 200, size), index=draw.permutation(size) + 7)
    kind = draw.choice(["0102", "H01"], size)
    when = np.datetime64("2020-01-01") + draw.integers(0, 90, size).astype("timedelta64[D]")
    at = np.column_stack([frame.geometry.x, frame.geometry.y])
    chain = list(range(size))
    for one in range(size):
        for other in range(one):
            near = np.hypot(*(at[one] - at[other])) <= 50
            soon = abs(when[one] - when[other]) <= np.timedelta64(30, "D")
            if near and soon and kind[one] == kind[other]:
                chain = [chain[other] if of == chain[one] else of for of in chain]
    expected = pd.Series(pd.NA, index=frame.index, dtype="Int64")
    for row in range(size):
        members = [other for other in range(size) if chain[other] == chain[row]]
        first = min(members, key=lambda one: (when[one], one))
        if first != row:
            expected.iloc[row] = frame.index[first]
    found = repeats(frame, kind, when)
    assert found.fillna(-1).tolist() == expected.fillna(-1).tolist()


def test_bounds_are_inclusive():
    frame = points([0.0, 50.0, 0.0, 50.1], [0.0, 0.0, 500.0, 500.0])
    days = np.array(["2020-01-01", "2020-01-31", "2020-01-01", "2020-01-31"], dtype="datetime64[s]")
    assert repeats(frame, ["a"] * 4, days).isna().tolist() == [True, False, True, True]


def test_no_events_have_no_repeats_and_no_pile_ups():
    none = points([], [])
    assert not len(repeats(none, [], np.array([], dtype="datetime64[s]")))
    assert not len(pile_ups(none))


def test_missing_times_lengths_or_systems_are_refused():
    frame = points([0.0, 1.0], [0.0, 0.0])
    with pytest.raises(BadInput):
        repeats(frame, ["a", "a"], np.array(["2020-01-01", "NaT"], dtype="datetime64[s]"))
    with pytest.raises(BadInput):
        repeats(frame, ["a"], np.array(["2020-01-01"] * 2, dtype="datetime64[s]"))
    with pytest.raises(BadInput):
        pile_ups(frame.set_crs(None, allow_override=True))
