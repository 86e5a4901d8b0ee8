"""The reason of each planted fault, and that explanations and viewsheds never disagree."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cameras import cause, explain, viewsheds
from tests.geo.cameras.scenes import ZONE, X, Y, buildings, cameras, town


def point(x: float, y: float) -> shapely.Point:
    return gpd.GeoSeries([shapely.Point(X + x, Y + y)], crs=ZONE).to_crs(4326).iloc[0]


WALL = buildings(shapely.box(-5, 10, 5, 12), height=54.0)


@pytest.mark.parametrize(
    ("fields", "at", "reason"),
    [
        ({}, (0, 30), None),
        ({}, (0, 60), "too_far"),
        ({"range_m": 20.0}, (0, 30), "too_far"),
        ({"height_m": 6.0, "tilt_deg": 20.0}, (0, 3), "too_near"),
        ({"azimuth_deg": 200.0}, (0, 30), "outside_view"),
        ({"online": False}, (0, 30), "offline"),
        ({"azimuth_deg": math.nan}, (0, 30), "unknown_direction"),
        ({"pixels_horizontal": math.nan}, (0, 30), "unknown_view"),
    ],
)
def test_one_fault_is_one_reason(
    fields: dict[str, object], at: tuple[float, float], reason: str | None
) -> None:
    found = explain(point(*at), cameras(**fields), buildings())[0]
    assert found.reason == reason
    assert found.failing == (() if reason is None else (reason,))
    assert found.sees == (reason is None)
    assert found.distance_m == pytest.approx(math.hypot(*at), abs=0.01)


def test_facts_of_each_test_are_given() -> None:
    far = explain(point(0, 60), cameras(), buildings())[0]
    assert far.facts["limit_m"] == pytest.approx(38.4) and far.facts["limited_by"] == "density"
    aside = explain(point(30, 0), cameras(), buildings())[0]
    assert (aside.facts["off_deg"], aside.facts["half_deg"]) == pytest.approx((90.0, 45.0), abs=0.01)


def test_the_building_that_cuts_the_sight_line_is_named_with_the_cut() -> None:
    camera = cameras(height_m=6.0)
    found = explain(point(0, 30), camera, WALL)[0]
    assert found.reason == "hidden_by_building"
    assert found.facts["building"] == WALL.index[0]
    assert found.facts["building_height_m"] == 54.0
    assert found.facts["cut_m"] == pytest.approx(10.0, abs=0.01)
    # The line falls 4.4 m in 30 m: over the back wall it is at 6 - 4.4 * 12 / 30.
    assert found.facts["line_height_m"] == pytest.approx(4.24, abs=0.01)
    cut = gpd.GeoSeries([shapely.Point(found.cut)], crs=4326).to_crs(ZONE).iloc[0]
    assert (cut.x - X, cut.y - Y) == pytest.approx((0.0, 10.0), abs=0.01)
    low = buildings(shapely.box(-5, 10, 5, 12), height=4.2)
    assert explain(point(0, 30), camera, low)[0].sees


def test_less_detail_than_the_task_asks_is_a_reason_of_its_own() -> None:
    found = explain(point(0, 30), cameras(), buildings(), task="recognise")[0]
    assert found.reason == "too_coarse"
    assert found.facts["pixels_per_m"] == pytest.approx(1920 / 60, rel=1e-3)
    assert found.facts["needed_pixels_per_m"] == 125


def test_the_cause_is_the_camera_that_one_thing_only_keeps_from_seeing() -> None:
    frame = cameras((0, 0), (0, 55), (3, 0), azimuth_deg=[0.0, 180.0, 180.0], online=[True, False, True])
    reason, best = cause(explain(point(0, 30), frame, WALL))
    assert reason == "offline" and best is not None and best.camera == 1
    assert cause(explain(point(500, 500), frame, WALL)) == ("none_near", None)
    assert cause(explain(point(0, 9), frame, WALL))[0] == "seen"
    assert explain(point(0, 0), cameras().iloc[:0], WALL) == []


@given(st.integers(0, 10_000))
@settings(max_examples=5, deadline=None)
def test_a_point_is_explained_as_seen_exactly_where_the_viewshed_holds_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shapes = town(seed, 18, 60.0)
    houses = buildings(*shapes, height=rng.choice([2.5, 4.0, 9.0, 30.0], len(shapes)).tolist())
    camera = cameras(
        azimuth_deg=float(rng.uniform(0, 360)), height_m=6.0, tilt_deg=10.0, pixels_horizontal=3000
    )
    shape = viewsheds(camera, houses).geometry.iloc[0]
    for x, y in rng.uniform(-60, 60, (20, 2)).tolist():
        here = shapely.Point(X + x, Y + y)
        if shapely.distance(shape.boundary, here) > 0.05 and not houses.contains(here).any():
            assert explain(point(x, y), camera, houses)[0].sees == shape.contains(here)
