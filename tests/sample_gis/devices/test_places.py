from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sample_gis.city import City
from sample_gis.devices.identity import IP_CAMERA, OTHER_DEVICE, device_ids
from sample_gis.devices.places import Ground, crowd, spread_out
from tests.sample_gis.small_town import SOUTH, STEP, WEST


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30), st.integers(1, 12)
)
@settings(max_examples=50, deadline=None)
def test_chosen_points_keep_their_distance_where_there_is_no_filling_up(
    places: list[tuple[int, int]], count: int
) -> None:
    points = np.array(places, dtype=float)
    chosen = spread_out(points, np.arange(len(points)), 10.0, count, fill=False)
    assert len(chosen) <= count
    for at, row in enumerate(chosen.tolist()):
        others = points[np.delete(chosen, at)]
        assert not len(others) or np.hypot(*(others - points[row]).T).min() > 10.0


def test_spacing_gives_way_where_a_number_must_be_reached() -> None:
    points = np.column_stack([np.arange(10.0), np.zeros(10)])
    assert len(spread_out(points, np.arange(10), 100.0, 6)) == 6


def test_the_better_point_is_chosen_first() -> None:
    points = np.array([[0.0, 0.0], [1.0, 0.0]])
    assert spread_out(points, np.array([1, 0]), 5.0, 1).tolist() == [1]


def test_points_near_what_is_already_there_are_skipped() -> None:
    points = np.array([[0.0, 0.0], [50.0, 0.0]])
    chosen = spread_out(points, np.arange(2), 10.0, 2, near=np.array([[1.0, 0.0]]), fill=False)
    assert chosen.tolist() == [1]


@pytest.mark.parametrize(
    ("x", "y", "free"),
    [
        (WEST + STEP * 2, SOUTH + 100, False),  # on the carriageway of the main street
        (WEST + STEP * 2 + 11.0, SOUTH + 100, False),  # still on it, near the kerb
        (WEST + STEP * 2 + 13.5, SOUTH + 100, True),  # on its footway
        (WEST + 50, SOUTH + 50, False),  # in a house
        (WEST + 1500, SOUTH - 600, False),  # in a pond
        (WEST - 2000, SOUTH + 4 * STEP + 950, False),  # in the river
        (WEST + 90000, SOUTH, False),  # outside the county
        (WEST + 1500, SOUTH - 300, True),
    ],
)
def test_a_device_stands_off_roads_houses_and_water(town: City, x: float, y: float, free: bool) -> None:
    assert Ground(town).free(np.array([[x, y]]))[0] == free


def test_a_clear_spot_is_clear_and_near(town: City) -> None:
    centre = np.array([[WEST + 50.0, SOUTH + 50.0], [WEST + STEP * 2, SOUTH + 100.0]])
    ground = Ground(town)
    spot = ground.clear_spot(centre, (20.0, 40.0, 60.0), 2.0)
    assert ground.free(spot, 2.0).all()
    assert (np.hypot(*(spot - centre).T) <= 60.01).all()


def test_where_nothing_is_clear_there_is_no_spot(town: City) -> None:
    river = np.array([[WEST, SOUTH + 4 * STEP + 950.0]])
    assert np.isnan(Ground(town).clear_spot(river, (1.0, 5.0), 0.5)).all()


def test_a_crowd_is_larger_amid_the_town_than_in_the_country(town: City) -> None:
    inside, outside = crowd(
        town, np.array([[WEST + 400.0, SOUTH + 400.0], [WEST + 2400.0, SOUTH - 800.0]]), 320.0
    )
    assert inside > 10
    assert outside == 0


def test_a_device_identifier_has_its_sections() -> None:
    department = np.array(["public_security", "social"], dtype=object)
    first, second = device_ids("341504", [3, 12], department, IP_CAMERA, [0, 8])
    assert (first[:6], first[6:8], first[8:10], first[10:13], first[13], first[14:]) == (
        "341504", "03", "00", "132", "0", "000001",
    )  # fmt: skip
    assert second == "34150412521328000002"


def test_identifiers_of_different_device_types_never_meet() -> None:
    department = np.array(["transport"], dtype=object)
    assert (
        device_ids("341504", [1], department, IP_CAMERA, 0)[0]
        != device_ids("341504", [1], department, OTHER_DEVICE, 0)[0]
    )


def test_the_town_of_a_point_is_the_one_that_holds_it(town: City) -> None:
    assert Ground(town).town_number(np.array([[WEST, SOUTH]])).tolist() == [1]
    assert shapely.contains_xy(town.towns.geometry.iloc[0], WEST, SOUTH)
