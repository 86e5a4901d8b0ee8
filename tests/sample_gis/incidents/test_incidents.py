"""Incidents of the small town."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from sample_gis.city import City
from sample_gis.incidents import incidents
from sample_gis.incidents.planted import read_planted
from tests.sample_gis.lived_in import INCIDENTS, lived_in_town


@pytest.fixture(scope="module")
def lived_in() -> City:
    return lived_in_town()


def test_there_are_as_many_as_the_profile_asks(lived_in: City) -> None:
    made = lived_in.layers["incidents"]
    assert len(made) == INCIDENTS
    assert made["code"].is_unique
    assert made["reported_at"].is_monotonic_increasing


def test_repeats_lie_near_their_original_and_come_within_a_week(lived_in: City) -> None:
    made = lived_in.layers["incidents"]
    again = made[made["repeat_of"].notna()]
    first = made.set_index("code").loc[again["repeat_of"]]
    away = again.geometry.reset_index(drop=True).distance(first.geometry.reset_index(drop=True))
    later = again["reported_at"].reset_index(drop=True) - first["reported_at"].reset_index(drop=True)
    assert 0.03 <= len(again) / len(made) <= 0.06
    assert away.max() <= incidents.REPEAT_WITHIN_M
    assert (again["class_code"].to_numpy() == first["class_code"].to_numpy()).all()
    assert later.dt.days.max() <= 8


def test_reports_without_a_place_pile_up_on_default_points(lived_in: City) -> None:
    made = lived_in.layers["incidents"]
    at = pd.Series(list(zip(made.geometry.x, made.geometry.y, strict=True)))
    piled = at.groupby(at).transform("size") > 20
    points = lived_in.truth["incident_default_points"]
    assert sum(point["incidents"] for point in points) == round(incidents.AT_DEFAULT_POINTS * len(made))
    assert piled.sum() >= 0.07 * len(made)


def test_what_was_planted_is_there_and_written_down(lived_in: City) -> None:
    truth = json.loads(json.dumps(lived_in.truth))["incident_hotspots"]
    assert [spot["category"] for spot in truth] == [one.category for one in read_planted()]
    assert {"lon", "lat", "radius_m", "class", "from", "to", "description"} <= set(truth[0])
    made = lived_in.layers["incidents"].to_crs(4326)
    for spot in truth:
        own = made[made["class_code"] == spot["class"]]
        north = (own.geometry.y - spot["lat"]) * 110_900
        east = (own.geometry.x - spot["lon"]) * 110_900 * np.cos(np.radians(spot["lat"]))
        assert (np.hypot(north, east) <= spot["radius_m"] + 5).sum() >= spot["incidents"]


def test_no_field_can_hold_a_person(lived_in: City) -> None:
    columns = set(lived_in.layers["incidents"].columns)
    assert not columns & {"name", "phone", "person", "reporter", "caller", "contact"}


def test_only_accidents_count_the_hurt(lived_in: City) -> None:
    made = lived_in.layers["incidents"]
    accident = made["class_code"].str.startswith("T")
    assert made.loc[accident, "injured"].notna().all()
    assert made.loc[~accident, ["injured", "killed"]].isna().all().all()


def test_the_same_seed_gives_the_same_year() -> None:
    one, other = (lived_in_town().layers["incidents"] for _ in range(2))
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other))
