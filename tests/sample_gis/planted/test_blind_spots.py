"""The planted blind spots, recomputed from the fields of the cameras with formulas of the standard."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from sample_gis.city import City
from sample_gis.planted.sight import farthest_m, reach_m
from sample_gis.planted.truth import plain, read_causes

CAUSES = read_causes()["camera_blind_spots"]


def spots(city: City, cause: str) -> list[dict[str, Any]]:
    return [one for one in city.truth["camera_blind_spots"] if one["cause"] == cause]


def rim(city: City, spot: dict[str, Any]) -> list[tuple[float, float]]:
    x, y = city.project([(spot["lon"], spot["lat"])])[0]
    angles = np.radians(np.arange(0, 360, 30))
    r = 0.95 * spot["radius_m"]
    return [(x, y), *((x + r * np.sin(a), y + r * np.cos(a)) for a in angles)]


class Looking:
    """One camera and one point, by the formulas of IEC 62676-4 written out once more."""

    def __init__(self, camera: Any, point: tuple[float, float], task_px_m: float) -> None:
        east, north = point[0] - camera.geometry.x, point[1] - camera.geometry.y
        self.distance = float(np.hypot(east, north))
        bearing = np.degrees(np.arctan2(east, north))
        self.off = abs((bearing - camera.azimuth_deg + 180) % 360 - 180)
        half = camera.view_angle_deg / 2
        round_about = camera.view_angle_deg >= 180
        if round_about:
            self.in_range = camera.pixels_horizontal / (self.distance * np.radians(2 * half)) >= task_px_m
        else:
            axial = self.distance * np.cos(np.radians(0 if np.isnan(self.off) else self.off))
            self.in_range = camera.pixels_horizontal / (2 * axial * np.tan(np.radians(half))) >= task_px_m
        self.in_view = bool(self.off <= half) or camera.view_angle_deg == 360
        self.line = shapely.LineString([(camera.geometry.x, camera.geometry.y), point])
        self.drop = (camera.height_m - 1.6) / self.distance
        self.height = camera.height_m

    def hidden_by(self, houses: gpd.GeoDataFrame) -> set[str]:
        near = houses.iloc[houses.sindex.query(self.line, predicate="intersects")]
        start = shapely.Point(self.line.coords[0])
        found = set()
        for house in near.itertuples():
            crossed = shapely.get_coordinates(self.line.intersection(house.geometry))
            lowest = self.height - self.drop * max(start.distance(shapely.Point(p)) for p in crossed)
            if lowest < house.height_m:
                found.add(house.code)
        return found


def sees(camera: Any, point: tuple[float, float], houses: gpd.GeoDataFrame, px_m: float = 25.0) -> bool:
    look = Looking(camera, point, px_m)
    return bool(camera.online) and look.in_view and bool(look.in_range) and not look.hidden_by(houses)


def near(city: City, spot: dict[str, Any], reach: float = 450.0) -> list[Any]:
    at = shapely.Point(city.project([(spot["lon"], spot["lat"])])[0])
    cameras = city.layers["cameras"]
    return list(cameras[cameras.distance(at) < reach].itertuples())


def hero(city: City, spot: dict[str, Any]) -> Any:
    cameras = city.layers["cameras"]
    return next(cameras[cameras["code"] == spot["camera"]].itertuples())


@pytest.mark.parametrize("cause", CAUSES)
def test_there_are_as_many_of_each_cause_as_asked(yeji: City, cause: str) -> None:
    assert len(spots(yeji, cause)) == CAUSES[cause].count


@pytest.mark.parametrize("cause", CAUSES)
def test_no_camera_sees_a_planted_place_well_enough(yeji: City, cause: str) -> None:
    px_m = 125.0 if cause == "too_coarse" else 25.0
    for spot in spots(yeji, cause):
        for camera in near(yeji, spot):
            assert not any(sees(camera, point, yeji.buildings, px_m) for point in rim(yeji, spot)), spot


def test_people_live_at_every_planted_place(yeji: City) -> None:
    for spot in yeji.truth["camera_blind_spots"]:
        if spot["cause"] != "too_coarse":
            assert spot["residents_within_60_m"] >= 25
            at = shapely.Point(yeji.project([(spot["lon"], spot["lat"])])[0])
            assert yeji.roads[yeji.roads["class"] <= 3].distance(at).min() < 15


def test_nothing_stands_near_a_place_without_cameras(yeji: City) -> None:
    for spot in spots(yeji, "none_near"):
        assert near(yeji, spot, spot["clear_m"]) == []


def test_a_camera_out_of_range_looks_straight_at_the_place_with_nothing_between(yeji: City) -> None:
    for spot in spots(yeji, "out_of_range"):
        for point in rim(yeji, spot):
            look = Looking(hero(yeji, spot), point, 25.0)
            assert look.in_view
            assert not look.in_range
            assert not look.hidden_by(yeji.buildings)


def test_a_camera_outside_the_view_needs_only_to_be_turned(yeji: City) -> None:
    for spot in spots(yeji, "outside_view"):
        camera = hero(yeji, spot)
        turned = camera._replace(azimuth_deg=(camera.azimuth_deg + 180) % 360)
        assert camera.online
        assert all(sees(turned, point, yeji.buildings) for point in rim(yeji, spot))


def test_a_hidden_place_would_be_seen_but_for_the_buildings(yeji: City) -> None:
    for spot in spots(yeji, "hidden_by_building"):
        for number, point in enumerate(rim(yeji, spot)):
            look = Looking(hero(yeji, spot), point, 25.0)
            assert look.in_view
            assert look.in_range
            hiding = look.hidden_by(yeji.buildings)
            assert hiding
            if number == 0:
                assert spot["building"] in hiding


def test_a_camera_that_is_offline_would_see_the_place_on_line(yeji: City) -> None:
    for spot in spots(yeji, "offline"):
        camera = hero(yeji, spot)
        assert not camera.online
        assert all(sees(camera._replace(online=True), p, yeji.buildings) for p in rim(yeji, spot))


def test_a_camera_of_unknown_direction_would_see_the_place_if_it_looked_there(yeji: City) -> None:
    for spot in spots(yeji, "unknown_direction"):
        camera = hero(yeji, spot)
        assert np.isnan(camera.azimuth_deg)
        middle = rim(yeji, spot)[0]
        toward = np.degrees(np.arctan2(middle[0] - camera.geometry.x, middle[1] - camera.geometry.y)) % 360
        assert all(sees(camera._replace(azimuth_deg=toward), p, yeji.buildings) for p in rim(yeji, spot))


def test_a_coarse_view_detects_what_it_should_recognise(yeji: City) -> None:
    places = yeji.layers["key_places"].set_index("code")
    for spot in spots(yeji, "too_coarse"):
        assert places.loc[spot["place_code"], "required_task"] == spot["task"] == "recognise"
        assert all(sees(hero(yeji, spot), point, yeji.buildings) for point in rim(yeji, spot))


def test_moved_cameras_hang_on_poles_of_their_own_far_from_every_planted_place(yeji: City) -> None:
    planted = yeji.truth["camera_blind_spots"]
    moved = sorted({code for spot in planted for code in spot["moved_cameras"]})
    cameras = yeji.layers["cameras"].set_index("code")
    stand = yeji.layers["poles"].set_index("code")
    at = yeji.project([(spot["lon"], spot["lat"]) for spot in planted])
    assert len(moved) > 10
    assert len(cameras) == 2300
    assert (~cameras["online"]).sum() == 69
    for code in moved:
        own = cameras.loc[code]
        assert "camera" in stand.loc[own["pole_code"], "modules"]
        assert stand.geometry[own["pole_code"]].distance(own.geometry) < 0.01
        assert shapely.distance(shapely.points(at), own.geometry).min() > 700
    listed = {code for code, modules in stand["modules"].items() if "camera" in modules}
    assert listed == {code for code in cameras["pole_code"].dropna() if code in stand.index}


def test_the_truth_is_plain_and_in_both_languages(yeji: City) -> None:
    for spot in json.loads(json.dumps(yeji.truth["camera_blind_spots"])):
        assert {*spot["description"]} == {*spot["expect"]} == {"zh", "en"}
        assert "{" not in spot["description"]["zh"] + spot["description"]["en"]
        assert spot["provenance"] == "synthetic"


def test_what_was_changed_is_what_stands_there_now(yeji: City) -> None:
    for spot in yeji.truth["camera_blind_spots"]:
        for key, fields in spot["changed"].items():
            layer, code = key.split(" ")
            row = yeji.layers[layer].set_index("code").loc[code]
            for name, (_, after) in fields.items():
                assert plain(row[name]) == after


def test_ranges_are_those_of_the_standard_s_pixel_densities() -> None:
    tasks = ("detect", "observe", "recognise", "identify")
    assert [round(float(reach_m(1920, 90, task)), 2) for task in tasks] == [38.4, 15.36, 7.68, 3.84]
    assert round(float(reach_m(3840, 60, "detect")), 2) == 133.02
    assert float(farthest_m(1920, 90, "detect")) == pytest.approx(38.4 * np.sqrt(2))
