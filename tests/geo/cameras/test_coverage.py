"""Shares of cells, streets and places against exact areas and lengths."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.cameras import (
    Group,
    best_azimuth,
    by_night,
    by_presets,
    coverage,
    of_lines,
    of_places,
    roll_up,
    sample,
    seen_probability,
    update,
    viewsheds,
)
from geo.cells import cover, polygons
from geo.errors import BadInput
from tests.geo.cameras.scenes import ZONE, X, Y, buildings, cameras, town


def degrees(shape: shapely.Geometry) -> shapely.Geometry:
    return gpd.GeoSeries([shape], crs=ZONE).to_crs(4326).iloc[0]


CELLS = cover(degrees(shapely.Point(X, Y).buffer(120)), 12)


def watched(frame: gpd.GeoDataFrame, houses: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return (
        viewsheds(frame, houses)
        .join(frame.drop(columns=["geometry", "range_m"], errors="ignore"))
        .assign(camera_point=frame.geometry)
    )


def test_the_shares_of_cells_add_up_to_the_area_seen() -> None:
    houses = buildings(*town(3, 20, 80.0))
    frame = cameras((0, 0), (20, 5), (-30, 10), azimuth_deg=[0.0, 90.0, 200.0])
    sheds = watched(frame, houses)
    found = coverage(sheds, CELLS, excluded=houses.geometry)
    exact = shapely.union_all(sheds.geometry.to_numpy())
    assert (found["seen_1"] * found["considered_m2"]).sum() == pytest.approx(exact.area, rel=0.02)
    outdoors = polygons(CELLS).to_crs(ZONE).difference(shapely.union_all(houses.geometry.to_numpy())).area
    assert found["considered_m2"].sum() == pytest.approx(outdoors.sum(), rel=0.01)
    assert (found["cameras"] * found["considered_m2"]).sum() == pytest.approx(
        sheds["area_m2"].sum(), rel=0.02
    )
    each = polygons(CELLS).to_crs(ZONE).difference(shapely.union_all(houses.geometry.to_numpy()))
    share = each.intersection(exact).area.to_numpy() / each.area.to_numpy()
    assert np.abs(share - found["seen_1"].fillna(0).to_numpy()).mean() < 0.02


def test_twice_means_two_working_cameras() -> None:
    frame = cameras((0, 0), (0, 0), (0, 0), online=[True, True, False])
    found = coverage(watched(frame, buildings()), CELLS, times=3)
    assert found["seen_1"].sum() == pytest.approx(found["seen_2"].sum())
    assert found["seen_3"].sum() == 0


@pytest.mark.parametrize("state", [False, None, math.nan])
def test_a_camera_that_is_offline_or_unknown_covers_nothing(state: object) -> None:
    frame = cameras().assign(online=np.array([state], dtype=object))
    assert coverage(watched(frame, buildings()), CELLS)["seen_1"].sum() == 0


def test_by_night_a_camera_sees_as_far_as_its_lamp() -> None:
    frame = cameras(view_angle_deg=360.0, range_m=40.0, pixels_horizontal=9000, infrared_range_m=20.0)
    sheds = watched(frame, buildings())
    found = coverage(sheds, CELLS, groups=[by_night(sheds, np.array([True]))])
    by_area = found.mul(found["considered_m2"], axis=0)
    assert by_area["night"].sum() / by_area["seen_1"].sum() == pytest.approx(0.25, rel=0.03)
    dark = watched(frame.assign(infrared_range_m=math.nan), buildings())
    assert coverage(dark, CELLS, groups=[by_night(dark, np.array([True]))])["night"].sum() == 0


def test_groups_are_counted_apart() -> None:
    frame = cameras((0, 0), (0, 0), azimuth_deg=[0.0, 180.0])
    sheds = watched(frame, buildings())
    found = coverage(sheds, CELLS, groups=[Group("north", np.array([True, False]))])
    assert found["north"].sum() == pytest.approx(found["seen_1"].sum() / 2, rel=0.03)


def test_indoors_is_no_ground_to_be_seen() -> None:
    house = gpd.GeoSeries([shapely.Point(X, Y).buffer(200)], crs=ZONE)
    found = coverage(watched(cameras(), buildings()), CELLS, excluded=house)
    assert found["considered_m2"].sum() == 0
    assert found["seen_1"].isna().all()


def test_a_coarser_cell_has_the_share_of_all_its_childrens_ground() -> None:
    found = coverage(watched(cameras(), buildings()), CELLS)
    coarse = roll_up(found, 9)
    assert coarse["considered_m2"].sum() == pytest.approx(found["considered_m2"].sum())
    seen = (coarse["seen_1"] * coarse["considered_m2"]).sum()
    assert seen == pytest.approx((found["seen_1"] * found["considered_m2"]).sum())


def test_a_street_is_seen_along_its_length() -> None:
    roads = gpd.GeoDataFrame(
        geometry=[
            shapely.LineString([(X, Y + 5), (X, Y + 65)]),
            shapely.MultiLineString([[(X, Y - 5), (X, Y - 20)], [(X, Y - 20), (X, Y - 65)]]),
        ],
        crs=ZONE,
    )
    sheds = watched(cameras(), buildings())
    found = of_lines(roads, sheds, groups=[Group("none", np.array([False]))])
    assert found["length_m"].tolist() == [60.0, 60.0]
    assert found["seen_m"].tolist() == pytest.approx([33.4, 0.0], abs=2.5)
    assert found["none"].tolist() == [0.0, 0.0]


def test_a_place_is_covered_where_its_share_is_seen_at_its_task() -> None:
    frame = cameras(height_m=1.6)
    own = frame.drop(columns="geometry")
    sheds = {task: viewsheds(frame, buildings(), task=task).join(own) for task in ("detect", "recognise")}
    places = gpd.GeoDataFrame(
        {
            "required_task": ["detect", "recognise", "detect", "detect", "recognise"],
            "minimum_share": [0.9, 0.9, 0.5, 0.55, np.nan],
        },
        geometry=[
            shapely.box(X - 1, Y + 20, X + 1, Y + 22),
            shapely.box(X - 1, Y + 20, X + 1, Y + 22),
            shapely.LineString([(X, Y - 10), (X, Y + 10)]),
            shapely.LineString([(X, Y - 10), (X, Y + 10)]),
            shapely.Point(X, Y + 7),
        ],
        crs=ZONE,
    )
    found = of_places(places, sheds, groups={"detect": [Group("none", np.array([False]))], "recognise": []})
    assert found["covered"].tolist() == [True, False, True, False, True]
    assert found["seen_share"].tolist() == pytest.approx([1.0, 0.0, 0.5, 0.5, 1.0])
    assert not found["covered_none"].any()


def test_presets_of_one_camera_share_its_time_and_cameras_are_independent() -> None:
    import pandas as pd

    frame = cameras((0, 0), (0, 0), kind="ptz")
    presets = pd.DataFrame({"camera": [0, 0], "azimuth_deg": [0.0, 180.0], "dwell": [3.0, 1.0]})
    turned = by_presets(frame, presets)
    assert turned["weight"].tolist() == [0.75, 0.25, 1.0]
    views = viewsheds(turned.iloc[:2], buildings()).join(turned[["camera", "weight"]])
    points = sample(CELLS)
    looked = seen_probability(points, views)
    assert sorted(np.unique(looked.round(9)).tolist()) == [0.0, 0.25, 0.75]
    with pytest.raises(BadInput, match="dwell"):
        by_presets(frame, presets.assign(dwell=0.0))


def test_the_best_direction_is_that_of_the_greatest_gain_when_each_is_tried() -> None:
    houses = buildings(*town(5, 14, 50.0))
    camera = cameras(height_m=4.0, tilt_deg=12.0)
    points = sample(CELLS, houses.geometry)
    rng = np.random.default_rng(1)
    weights = points.area * rng.uniform(0, 1, len(points.area))
    found = best_azimuth(camera, houses, points, weights, step_deg=30.0)
    from geo.cameras.samples import count_seeing

    for azimuth, gain in zip(found.azimuth_deg.tolist(), found.gain.tolist(), strict=True):
        shape = viewsheds(camera.assign(azimuth_deg=azimuth), houses).geometry.to_numpy()
        seen = count_seeing(points, shape, np.ones((1, 1), dtype=bool))[:, 0] > 0
        assert gain == pytest.approx((weights * seen).sum(), rel=0.02, abs=15)
    assert found.gain[found.azimuth_deg == found.best][0] == found.gain.max()


def test_an_update_gives_what_computing_all_again_gives_and_touches_its_cells_only() -> None:
    houses = buildings(*town(7, 20, 80.0))
    before = cameras((0, 0), (40, 5), (-60, 10), azimuth_deg=[0.0, 90.0, 200.0])
    after = before.assign(azimuth_deg=[0.0, 250.0, 200.0])
    old, new = watched(before, houses), watched(after, houses)
    covered = coverage(old, CELLS, excluded=houses.geometry)
    part = update(covered, old, new, [1], resolution=12, excluded=houses.geometry)
    whole = coverage(new, CELLS, excluded=houses.geometry)
    assert 0 < len(part) < len(CELLS) / 2
    for name in ("seen_1", "seen_2", "cameras"):
        assert part[name].to_numpy() == pytest.approx(
            whole.loc[part.index, name].to_numpy(), nan_ok=True, abs=0.05
        )
    rest = whole.drop(part.index)
    assert (rest["seen_1"].fillna(0) == covered.loc[rest.index, "seen_1"].fillna(0)).all()
