import numpy as np
import pytest
import shapely
from shapely import STRtree

from sample_gis.building.buildings import carriageways


def _overlapping(shapes, others, least):
    a, b = STRtree(others).query(shapes, predicate="intersects")
    return int((shapely.area(shapely.intersection(shapes[a], others[b])) > least).sum())


def test_there_are_about_twenty_thousand_buildings(city):
    assert 19_000 <= len(city.buildings) <= 21_000
    assert city.buildings["code"].is_unique


@pytest.mark.parametrize("water", ["ponds", "reservoirs"])
def test_no_standing_water_lies_under_a_road(city, water):
    assert _overlapping(getattr(city, water).geometry.to_numpy(), carriageways(city), 0.0) == 0


def test_buildings_of_a_block_stand_in_it(city):
    own = city.buildings[city.buildings["block"] >= 0]
    blocks = city.blocks.geometry.to_numpy()[own["block"]]
    assert shapely.contains(shapely.buffer(blocks, 0.05), own.geometry.to_numpy()).all()


def test_buildings_lie_in_the_county(city):
    assert shapely.contains(city.outline, city.buildings.geometry.to_numpy()).all()


def test_storeys_are_those_of_a_small_county(city):
    floors = city.buildings["floors"]
    assert 0.78 < (floors <= 3).mean() < 0.93
    assert 0.005 < (floors >= 8).mean() < 0.03
    assert 60 < city.buildings["height_m"].max() < 90


@pytest.mark.parametrize(
    ("use", "coverage"),
    [("core", (0.3, 0.5)), ("self_built", (0.25, 0.42)), ("estate", (0.2, 0.33)), ("industry", (0.22, 0.45))],
)
def test_blocks_are_covered_as_their_use_asks(city, use, coverage):
    blocks = city.blocks[city.blocks["use"] == use]
    built = city.buildings[city.buildings["block"].isin(blocks.index)].geometry.area.sum()
    assert coverage[0] < built / blocks.geometry.area.sum() < coverage[1]


def test_there_is_room_for_the_residents(city):
    dwellings = city.buildings[city.buildings["use"].isin(["apartment", "house", "village"])]
    floor_area = (dwellings.geometry.area * dwellings["floors"]).sum()
    assert 40 < floor_area / city.profile.count("residents") < 55


def test_there_are_as_many_schools_as_the_plan_says(city):
    assert len(city.school_sites) == city.profile.count("schools")
    assert city.school_sites["name"].is_unique
    a, _ = STRtree(city.buildings.geometry.to_numpy()).query(
        city.school_sites.geometry.to_numpy(), predicate="intersects"
    )
    assert len(np.unique(a)) == len(city.school_sites)
