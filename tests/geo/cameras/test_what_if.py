"""What a changed camera changes, against areas of views and against coverage computed whole."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.cameras import coverage, viewsheds, what_if
from tests.geo.cameras.scenes import buildings, cameras, town


def none() -> gpd.GeoDataFrame:
    return buildings()


def test_an_added_camera_wins_its_view_and_one_that_goes_loses_it():
    one = cameras()
    area = float(viewsheds(one, none())["area_m2"].iloc[0])
    added = what_if(one.iloc[:0], one, none(), [0])
    assert added.gained_m2 == pytest.approx(area, rel=0.03)
    assert added.lost_m2 == 0
    gone = what_if(one, one.iloc[:0], none(), [0])
    assert (gone.lost_m2, gone.gained_m2) == (added.gained_m2, 0)


def test_a_camera_that_turns_round_wins_and_loses_as_much():
    one = cameras()
    turned = what_if(one, one.assign(azimuth_deg=180.0), none(), [0])
    assert turned.gained_m2 == pytest.approx(turned.lost_m2, rel=0.05)
    assert turned.gained_m2 == pytest.approx(float(viewsheds(one, none())["area_m2"].iloc[0]), rel=0.03)


def test_what_another_camera_sees_is_not_won_again_and_what_is_offline_wins_nothing():
    both = cameras((0, 0), (0, 0))
    assert what_if(both.iloc[:1], both, none(), [1]).gained_m2 == 0
    off = both.assign(online=[True, False], azimuth_deg=[0.0, 180.0])
    assert what_if(off.iloc[:1], off, none(), [1]).gained_m2 == 0


def test_cells_have_the_coverage_of_a_whole_computation_among_buildings():
    houses = buildings(*town(3, 30))
    before = cameras((0, 0), (40, 10), (-30, -20), azimuth_deg=[0.0, 90.0, 200.0])
    after = before.assign(azimuth_deg=[30.0, 90.0, 200.0])
    found = what_if(before, after, houses, [0])
    for name, frame in (("before", before), ("after", after)):
        views = viewsheds(frame, houses).assign(online=True)
        whole = coverage(views, found.cells.index.to_numpy(), excluded=houses.geometry)
        pd.testing.assert_series_equal(found.cells[name], whole["seen_1"], check_names=False)
    assert found.gained_m2 > 0
    assert not shapely.is_empty(found.after.geometry.iloc[0])
