"""Things that are registered twice."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely

from sample_gis.city import City
from sample_gis.planted.truth import read_causes

CAUSES = read_causes()["duplicates"]


def twice(city: City, cause: str) -> list[dict[str, Any]]:
    return [one for one in city.truth["duplicates"] if one["cause"] == cause]


@pytest.mark.parametrize("cause", CAUSES)
def test_there_are_as_many_duplicates_of_each_kind_as_asked(yeji: City, cause: str) -> None:
    found = json.loads(json.dumps(twice(yeji, cause)))
    assert len(found) == CAUSES[cause].count
    assert all("{" not in one["description"]["zh"] + one["description"]["en"] for one in found)


def test_two_records_of_a_camera_differ_in_owner_and_number_and_agree_in_what_it_sees(yeji: City) -> None:
    cameras = yeji.layers["cameras"].set_index("code")
    for one in twice(yeji, "camera"):
        real, again = cameras.loc[one["camera"]], cameras.loc[one["other"]]
        assert real.geometry.distance(again.geometry) == pytest.approx(one["distance_m"], abs=0.06)
        assert 3 < one["distance_m"] < 10
        assert real["owner_department"] != again["owner_department"]
        assert real["device_id"] != again["device_id"]
        assert real["name"] != again["name"]
        assert (real["kind"], real["view_angle_deg"]) == (again["kind"], again["view_angle_deg"])
        assert abs((real["azimuth_deg"] - again["azimuth_deg"] + 180) % 360 - 180) < 5
        # Its number says the town that it stands in, as that of the other record does.
        assert real["device_id"][:8] == again["device_id"][:8]
    assert len(cameras) == 2300


def test_a_second_record_of_a_camera_keeps_away_from_planted_blind_spots(yeji: City) -> None:
    cameras = yeji.layers["cameras"].set_index("code")
    spots = shapely.points(
        yeji.project([(one["lon"], one["lat"]) for one in yeji.truth["camera_blind_spots"]])
    )
    for one in twice(yeji, "camera"):
        assert shapely.distance(spots, cameras.geometry[one["other"]]).min() > 680


def test_a_door_written_otherwise_is_the_same_once_its_number_is_read(yeji: City) -> None:
    addresses = yeji.layers["addresses"].set_index("code")
    digits = {word: number for number, word in enumerate("〇一二三四五六七八九")}
    for one in twice(yeji, "address_other_words"):
        real, again = addresses.loc[one["address"]], addresses.loc[one["other"]]
        tens, found, ones = again["number"].removesuffix("号").rpartition("十")
        number = (digits.get(tens, 1) * 10 if found else 0) + digits.get(ones, 0)
        assert f"{number}号" == real["number"]
        assert again["full_text"] == real["full_text"].removesuffix(real["number"]) + again["number"]
        assert real.geometry.distance(again.geometry) == pytest.approx(one["distance_m"])


def test_the_same_address_twice_lies_at_two_places(yeji: City) -> None:
    addresses = yeji.layers["addresses"].set_index("code")
    for one in twice(yeji, "address_same_words"):
        real, again = addresses.loc[one["address"]], addresses.loc[one["other"]]
        assert real["full_text"] == again["full_text"]
        assert real.geometry.distance(again.geometry) == pytest.approx(one["distance_m"])


def test_a_key_place_twice_has_the_same_class_and_lies_beside_the_other(yeji: City) -> None:
    places = yeji.layers["key_places"].set_index("code")
    for one in twice(yeji, "key_place"):
        real, again = places.loc[one["place_code"]], places.loc[one["other_code"]]
        assert real["class"] == again["class"] != "school"
        assert real["name"] != again["name"]
        assert real.geometry.intersects(again.geometry.buffer(one["distance_m"] + 0.1))
        apart = real.geometry.centroid.distance(again.geometry.centroid)
        assert apart == pytest.approx(one["distance_m"], abs=0.01)
