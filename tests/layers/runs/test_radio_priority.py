"""What plans want covered first: classes of places, those with a hole, and those of one region."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pytest
import shapely

from layers.runs.radio_priority import priority_members
from tests.layers.runs.radio_city import MIDDLE, inputs, run, sectors


def test_a_hub_is_covered_only_without_a_hole_around_it() -> None:
    near, far = run(inputs(sectors([MIDDLE]), region=None, prefix=""), resolution=10), None
    place = near.areas[near.areas["layer"] == "key_places"]
    assert place["code"].tolist() == ["hub"]
    # 500 m around: 0.785 km2; schools are no priority place.
    assert place["area_km2"].iloc[0] == pytest.approx(0.785, rel=0.02)
    far = run(inputs(sectors([(MIDDLE[0] + 0.02, MIDDLE[1])]), region=None, prefix=""), resolution=10)
    assert (place["full"].iloc[0], far.areas[far.areas["layer"] == "key_places"]["full"].iloc[0]) == (1, 0)


def test_each_priority_class_tells_its_places_without_a_hole() -> None:
    near, far = shapely.Point(MIDDLE), shapely.Point(MIDDLE[0] + 0.035, MIDDLE[1])
    extents = gpd.GeoDataFrame(
        {
            "code": ["1", "2", "3", "4"],
            "name": ["试点", "远园区", "近园区", "旅游乡"],
            "kind": ["pilot_zone", "development_zone", "development_zone", "tourism_town"],
        },
        geometry=[near.buffer(0.001), far.buffer(0.001), near.buffer(0.0015), near.buffer(0.0012)],
        crs=4326,
    )
    firms = gpd.GeoDataFrame(
        {
            "code": ["F1", "F2", "F3", "F4"],
            "name": ["大厂", "小厂", "货运站", "医院"],
            "entity_kind": ["enterprise", "enterprise", "enterprise", "institution"],
            "industry_code": ["2110", "2110", "5430", "8411"],
            "scale": ["large", "micro", "small", None],
        },
        geometry=[far, near, near, near],
        crs=4326,
    )
    given = inputs(sectors([MIDDLE]), region=None, prefix="")
    given = replace(given, frames={**given.frames, "extents": extents, "legal_entities": firms})
    outcome = run(given, resolution=10)
    told = {one["class"]: one for one in outcome.findings if one["what"] == "priority"}
    assert {name: (one["whole"], one["places"]) for name, one in told.items()} == {
        "pilot_zone": (1, 1), "development_zone": (1, 2), "transport_hub": (1, 1), "logistics": (1, 1),
        "enterprise": (0, 1), "tourism_town": (1, 1),
    }  # fmt: skip
    [hole] = told["development_zone"]["holes"]
    assert (hole["name"], hole["layer"]) == ("远园区", "extents")
    assert hole["share"] < 0.5
    assert outcome.note.facts["priority_places"] == 7
    assert outcome.note.facts["priority_places_without_hole"] == 5
    rows = outcome.areas.set_index(["layer", "code"])
    assert rows.loc[("legal_entities", "F1"), "full"] == 0
    assert rows.loc[("legal_entities", "F3"), "full"] == 1


def test_a_run_of_one_region_tells_the_part_of_places_that_lies_in_it() -> None:
    beyond = shapely.Point(MIDDLE[0] + 0.03, MIDDLE[1]).buffer(0.002)
    extents = gpd.GeoDataFrame(
        {"code": ["1", "2"], "name": ["建成区", "远园区"], "kind": ["built_up", "development_zone"]},
        geometry=[shapely.Point(MIDDLE[0] + 0.1, MIDDLE[1]).buffer(0.1, cap_style="square"), beyond],
        crs=4326,
    )  # fmt: skip
    given = inputs(sectors([MIDDLE]))
    outcome = run(replace(given, frames={**given.frames, "extents": extents}), resolution=10)
    told = {one["class"]: one for one in outcome.findings if one["what"] == "priority"}
    assert set(told) == {"built_up", "transport_hub"}
    # The half of the region that the built-up area holds: a circle of 0.018 degrees, 94.75 and 110.87 km.
    half = 3.1416 * (0.018 * 94.75) * (0.018 * 110.87) / 2
    assert told["built_up"]["area_km2"] == pytest.approx(half, rel=0.02)
    assert told["transport_hub"]["whole"] == 1
    places = outcome.areas[outcome.areas["layer"] == "key_places"]
    assert places["code"].tolist() == ["hub"]


def test_scenic_areas_below_4a_are_none_that_plans_want_covered_first() -> None:
    grades = {"1": "5a", "2": "4a", "3": "3a", "4": None}
    extents = gpd.GeoDataFrame(
        {"code": list(grades), "name": list(grades), "kind": "priority_scenic",
         "scenic_grade": list(grades.values())},
        geometry=[shapely.Point(MIDDLE[0] + 0.03 * at, MIDDLE[1]).buffer(0.001) for at in range(4)], crs=4326,
    )  # fmt: skip
    spot = gpd.GeoDataFrame(
        {"code": ["S"], "name": ["景点"], "class": ["scenic_spot"]},
        geometry=[shapely.Point(MIDDLE)],
        crs=4326,
    )
    given = inputs(sectors([MIDDLE]), region=None, prefix="")

    def scenic(shown):
        frames = {**given.frames, "key_places": spot, "extents": extents[extents["code"].isin(shown)]}
        members = priority_members(replace(given, frames=frames))
        return set(members["code"][members["class"] == "scenic"])

    # One whose grade nobody has written down counts, too.
    assert scenic(["1", "2", "3", "4"]) == {"1", "2", "4"}
    assert scenic(["3"]) == set()
    assert scenic([]) == {"S"}
