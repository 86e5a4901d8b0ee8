"""Viewsheds against closed forms, the geodesic, brute force over sight lines, and properties."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from geo.cameras import reach, viewsheds
from geo.cameras.occlusion import visible
from geo.cameras.viewsheds import make_scene
from geo.errors import BadInput
from tests.geo.cameras.scenes import ZONE, X, Y, buildings, cameras, town

NONE = buildings()


def area(found: gpd.GeoDataFrame) -> float:
    return float(found["area_m2"].iloc[0])


def test_an_empty_plane_shows_the_triangle_of_the_axial_density_limit() -> None:
    found = viewsheds(cameras(), NONE)
    assert area(found) == pytest.approx(38.4**2, rel=1e-9)  # tan 45° = 1
    assert float(found["range_m"].iloc[0]) == pytest.approx(38.4)


def test_a_range_on_record_cuts_an_arc() -> None:
    found = viewsheds(cameras(range_m=30.0, view_angle_deg=60.0), NONE)
    assert area(found) == pytest.approx(math.radians(60) / 2 * 30**2, rel=1e-4)
    between = viewsheds(cameras(range_m=45.0), NONE)
    # The arc meets the straight limit at acos(38.4 / 45) off the axis.
    turn = math.acos(38.4 / 45)
    expected = 38.4**2 * math.tan(turn) + (math.radians(45) - turn) * 45**2
    assert area(between) == pytest.approx(expected, rel=1e-4)


def test_all_round_is_a_disc_and_a_panorama_half_of_one() -> None:
    radius = 4000 / (2 * math.pi * 25)
    disc = viewsheds(cameras(view_angle_deg=360.0, pixels_horizontal=4000, azimuth_deg=math.nan), NONE)
    assert area(disc) == pytest.approx(math.pi * radius**2, rel=1e-4)
    half = viewsheds(cameras(view_angle_deg=180.0, range_m=20.0), NONE)
    assert area(half) == pytest.approx(math.pi * 20**2 / 2, rel=1e-4)


def test_the_dead_zone_under_the_picture_is_cut_off_across_the_axis() -> None:
    found = viewsheds(cameras(height_m=6.0, tilt_deg=20.0), NONE)
    near = 4.4 / math.tan(math.radians(20) + math.atan(9 / 16))
    far = math.sqrt(38.4**2 - 4.4**2)
    assert float(found["near_m"].iloc[0]) == pytest.approx(near)
    assert area(found) == pytest.approx(far**2 - near**2, rel=1e-9)


def test_a_ring_is_left_where_a_panorama_has_a_vertical_angle() -> None:
    found = viewsheds(
        cameras(
            view_angle_deg=360.0,
            range_m=12.0,
            height_m=5.0,
            tilt_deg=30.0,
            vertical_angle_deg=60.0,
            pixels_horizontal=4000,
        ),
        NONE,
    )
    near = 3.4 / math.tan(math.radians(60))
    assert area(found) == pytest.approx(math.pi * (12.0**2 - near**2), rel=2e-4)


def test_one_wall_casts_a_trapezoid() -> None:
    found = viewsheds(cameras(), buildings(shapely.box(-5, 10, 5, 11)))
    # Behind a wall from -5 to 5 at 10 m: the triangle up to 38.4 less that up to 10.
    assert area(found) == pytest.approx(38.4**2 - 0.5 * (38.4**2 - 10**2), rel=1e-9)


def test_a_low_roof_hides_a_strip_and_no_more() -> None:
    camera = cameras(height_m=6.0, view_angle_deg=90.0)
    far2 = 38.4**2 - 4.4**2
    near = 4.4 / (9 / 16)
    # Roof 3.8 m: the strip ends at 2 times the back wall's distance, 24 m.
    found = viewsheds(camera, buildings(shapely.box(-5, 10, 5, 12), height=3.8))
    hull = shapely.MultiPoint([(-5, 10), (5, 10), (-10, 20), (10, 20), (-10, 24), (10, 24)]).convex_hull
    assert area(found) == pytest.approx(far2 - near**2 - hull.area, rel=1e-9)
    lower = viewsheds(camera, buildings(shapely.box(-5, 10, 5, 12), height=1.5))
    assert area(lower) == pytest.approx(far2 - near**2, rel=1e-9)


def test_a_roof_of_unknown_height_hides_all_behind_it() -> None:
    camera = cameras(height_m=6.0)
    shape = shapely.box(-5, 10, 5, 12)
    tall = viewsheds(camera, buildings(shape, height=99.0))
    assert area(viewsheds(camera, buildings(shape, height=math.nan))) == pytest.approx(area(tall))


@pytest.mark.parametrize("depth", [-0.02, 0.0, 0.3])
def test_a_camera_on_a_wall_sees_out_of_it_and_not_through_its_house(depth: float) -> None:
    house = buildings(shapely.box(-10, -20, 10, depth), height=20.0)
    assert area(viewsheds(cameras(height_m=4.0), house)) > 0.98 * area(viewsheds(cameras(height_m=4.0), NONE))
    assert area(viewsheds(cameras(height_m=4.0, azimuth_deg=180.0), house)) == pytest.approx(0.0, abs=0.1)


def test_a_camera_on_a_roof_sees_all_round() -> None:
    house = buildings(shapely.box(-8, -8, 8, 8), height=18.0)
    camera = cameras(height_m=20.0, view_angle_deg=360.0, range_m=30.0, pixels_horizontal=9000)
    assert area(viewsheds(camera, house)) == pytest.approx(area(viewsheds(camera, NONE)))


def test_an_unknown_direction_is_neither_north_nor_all_round() -> None:
    found = viewsheds(cameras(azimuth_deg=math.nan), NONE)
    assert area(found) == 0.0
    assert found["state"].tolist() == ["unknown_direction"]
    assert found.attrs["note"].facts["unknown_direction"] == 1
    unknown = viewsheds(cameras(pixels_horizontal=math.nan), NONE)
    assert unknown["state"].tolist() == ["unknown_view"]


@pytest.mark.parametrize(("lon", "crs"), [(115.88, 4548), (115.6, 4326), (121.47, 32651), (118.4, 4548)])
def test_an_azimuth_is_true_north_in_every_system(lon: float, crs: int) -> None:
    camera = cameras(azimuth_deg=30.0, view_angle_deg=2.0, range_m=500.0, pixels_horizontal=20_000)
    camera = camera.set_geometry([shapely.Point(lon, 31.74)], crs=4326).to_crs(crs)
    middle = viewsheds(camera, NONE).to_crs(4326).geometry.iloc[0].centroid
    azimuth, _, _ = pyproj.Geod(ellps="GRS80").inv(lon, 31.74, middle.x, middle.y)
    assert azimuth == pytest.approx(30.0, abs=0.01)


def test_a_ptz_counts_where_it_looks_and_its_reach_is_beside() -> None:
    camera = cameras(kind="ptz", view_angle_deg=60.0)
    looks, could = viewsheds(camera, NONE), reach(camera, NONE)
    assert area(could) == pytest.approx(math.pi * (1920 / 50 / math.tan(math.radians(30))) ** 2, rel=1e-4)
    assert area(looks) < area(could) / 4


def test_frames_without_what_is_needed_are_refused() -> None:
    with pytest.raises(BadInput, match="tilt_deg"):
        viewsheds(cameras().drop(columns="tilt_deg"), NONE)
    with pytest.raises(BadInput, match="CRS"):
        viewsheds(cameras().set_crs(None, allow_override=True), NONE)
    with pytest.raises(BadInput, match="task"):
        viewsheds(cameras(), NONE, task="admire")


def brute_force(eye: tuple[float, float], top: float, to: np.ndarray, houses: gpd.GeoDataFrame) -> np.ndarray:
    """Follow each sight line in steps of 5 cm and look for a roof above it."""
    target, clear = 1.6, np.ones(len(to), dtype=bool)
    shapes, heights = houses.geometry.to_numpy(), houses["height_m"].to_numpy()
    for row, (x, y) in enumerate(to.tolist()):
        distance = math.hypot(x - eye[0], y - eye[1])
        share = np.linspace(0, 1, max(2, int(distance / 0.05)))
        line = top + (target - top) * share
        along_x, along_y = eye[0] + (x - eye[0]) * share, eye[1] + (y - eye[1]) * share
        for shape, roof in zip(shapes, heights.tolist(), strict=True):
            if roof > target and (shapely.contains_xy(shape, along_x, along_y) & (line < roof)).any():
                clear[row] = False
                break
    return clear


@pytest.mark.parametrize("seed", range(4))
def test_a_point_is_in_the_viewshed_exactly_where_no_roof_rises_over_its_sight_line(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shapes = town(seed, 24, 60.0)
    houses = buildings(*shapes, height=rng.choice([2.5, 4.0, 5.5, 9.0, 30.0], len(shapes)).tolist())
    camera = cameras(view_angle_deg=360.0, pixels_horizontal=20_000, range_m=60.0, height_m=6.0)
    seen = viewsheds(camera, houses).geometry.iloc[0]
    to = np.column_stack([X + rng.uniform(-60, 60, 500), Y + rng.uniform(-60, 60, 500)])
    to = to[np.hypot(to[:, 0] - X, to[:, 1] - Y) < 59.5]
    edge = shapely.distance(shapely.boundary(seen), shapely.points(to)) > 0.1
    expected = brute_force((X, Y), 6.0, to, houses)
    assert expected.any() and not expected.all()
    assert (shapely.contains_xy(seen, *to.T)[edge] == expected[edge]).all()


@given(st.integers(0, 10_000), st.floats(10, 100), st.floats(1.05, 2))
@settings(max_examples=15, deadline=None)
def test_a_longer_range_never_sees_less(seed: int, range_m: float, times: float) -> None:
    houses = buildings(*town(seed, 20), height=[2.0 + 2.0 * (n % 6) for n in range(20)])
    camera = cameras(height_m=6.0, tilt_deg=10.0, pixels_horizontal=9000)
    short = viewsheds(camera.assign(range_m=range_m), houses).geometry.iloc[0]
    long = viewsheds(camera.assign(range_m=range_m * times), houses).geometry.iloc[0]
    # Arcs are drawn with chords of a degree: what sticks out is less than their height.
    assert short.difference(long).area < 1e-6 * long.area


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_a_building_taken_away_never_hides_more(seed: int) -> None:
    houses = buildings(*town(seed, 16), height=[3.0 + 2.0 * (n % 5) for n in range(16)])
    camera = cameras(view_angle_deg=120.0, height_m=6.0, pixels_horizontal=9000)
    before = viewsheds(camera, houses).geometry.iloc[0]
    after = viewsheds(camera, houses.drop(index=seed % 16)).geometry.iloc[0]
    assert before.difference(after).area < 1e-6 * after.area


@given(st.integers(0, 10_000), st.floats(0, 360), st.floats(-3000, 3000), st.floats(-3000, 3000))
@settings(max_examples=15, deadline=None)
def test_turning_or_moving_the_whole_scene_changes_nothing(
    seed: int, turn: float, dx: float, dy: float
) -> None:
    houses = buildings(*town(seed, 16), height=[3.0 + 2.0 * (n % 5) for n in range(16)])
    scene = make_scene(cameras(height_m=6.0, tilt_deg=12.0, pixels_horizontal=6000), houses)
    area_before = _drawn(scene)
    moved = houses.set_geometry(
        [affinity.translate(affinity.rotate(one, turn, origin=(X, Y)), dx, dy) for one in houses.geometry]
    )
    camera = cameras((dx, dy), height_m=6.0, tilt_deg=12.0, pixels_horizontal=6000)
    turned = make_scene(camera, moved)
    # Turned on the grid: true north is not part of this property.
    axis = scene.sectors.axis + math.radians(turn)
    object.__setattr__(turned.sectors, "axis", axis)
    assert _drawn(turned) == pytest.approx(area_before, rel=1e-7)


def _drawn(scene: object) -> float:
    from geo.cameras.viewsheds import _seen

    return float(shapely.area(_seen(scene, np.array([0]), 1.6))[0])  # type: ignore[arg-type]


def test_a_view_of_nothing_draws_nothing() -> None:
    scene = make_scene(cameras(), NONE)
    none = np.zeros(0, dtype=np.int64)
    assert len(visible(scene.sectors.take(none), scene.walls, none, none)) == 0
    assert len(viewsheds(cameras().iloc[:0], NONE)) == 0


def test_zone_is_metric() -> None:
    assert viewsheds(cameras(), NONE).crs.to_epsg() == ZONE
