"""Line of sight past buildings: against shapely on random streets, and the same for a point and for a map."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.affinity
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.cells import centres, cover
from geo.errors import BadInput
from geo.radio import Heights, Surface, explain, predict
from tests.geo.radio.test_prediction import BOX, a_city

CRS = 4548
HOUSE = gpd.GeoDataFrame(
    {"height_m": [12.0]}, geometry=[shapely.box(40, -10, 60, 10)], crs=CRS, index=["hall"]
)


def test_the_line_over_a_roof_is_clear_and_the_one_through_it_is_not() -> None:
    # It falls from 30 m to 1.5 m over 100 m: 12.9 m high at the far wall of the house, at 60 m.
    assert Surface(HOUSE).blocking((0, 0), 30.0, (100, 0), 1.5).clear
    found = Surface(HOUSE).blocking((0, 0), 26.0, (100, 0), 1.5)
    assert (found.clear, found.building, found.distance_m) == (False, "hall", pytest.approx(40))
    assert found.over_m == pytest.approx(12 - (26 - 24.5 * 0.6))


def test_a_house_that_holds_an_end_and_one_of_unknown_height_hide_nothing() -> None:
    assert Surface(HOUSE).blocking((50, 0), 11.0, (100, 0), 1.5).clear
    assert Surface(HOUSE).blocking((0, 0), 10.0, (50, 0), 1.5).clear
    assert Surface(HOUSE.assign(height_m=np.nan)).blocking((0, 0), 10.0, (100, 0), 1.5).clear


def test_houses_and_antennas_stand_on_the_ground() -> None:
    # The house stands in a hollow 8 m deep: its roof of 12 m rises 4 m over the ground of both ends.
    ground = np.zeros((1, 3), dtype=np.float32)
    ground[0, 1] = -8.0
    hollow = Heights(ground, -20.0, -60.0, 50.0)
    surface = Surface(HOUSE)
    assert not surface.blocking((0, 0), 10.0, (100, 0), 1.5).clear
    assert surface.blocking((0, 0), 10.0, (100, 0), 1.5, terrain=hollow).clear
    assert not surface.blocking((0, 0), 5.0, (100, 0), 1.5, terrain=hollow).clear
    # And on level ground again, after the other was asked for.
    assert not surface.blocking((0, 0), 10.0, (100, 0), 1.5).clear


@st.composite
def streets(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Return houses turned any way, some with a court, some of two parts."""
    seed = draw(st.integers(0, 100_000))
    random = np.random.default_rng(seed)
    houses = []
    for _ in range(draw(st.integers(0, 60))):
        wide, deep = random.uniform(6, 60, 2)
        house = shapely.box(-wide / 2, -deep / 2, wide / 2, deep / 2)
        if random.random() < 0.2:
            house = house.difference(shapely.box(-wide / 5, -deep / 5, wide / 5, deep / 5))
        if random.random() < 0.1:
            house = shapely.union(house, shapely.affinity.translate(house, 2 * wide, 0))
        house = shapely.affinity.rotate(house, random.uniform(0, 180), origin=(0, 0))
        houses.append(shapely.affinity.translate(house, *random.uniform(-600, 600, 2)))
    return gpd.GeoDataFrame({"height_m": random.uniform(3, 50, len(houses))}, geometry=houses, crs=CRS)


@given(streets(), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_random_streets_hide_what_shapely_says_they_hide(houses: gpd.GeoDataFrame, seed: int) -> None:
    # Oracle: shapely 2.1 on GEOS, the intersection of the line with each house.
    random, surface = np.random.default_rng(seed), Surface(houses)
    for _ in range(10):
        base, user = random.uniform(-700, 700, (2, 2))
        height = float(random.uniform(4, 60))
        line = shapely.LineString([base, user])
        over, name = 0.0, None
        for at, house in zip(houses.index, houses.geometry, strict=True):
            ends = shapely.intersects_xy(house, [base[0], user[0]], [base[1], user[1]])
            inside = shapely.get_coordinates(line.intersection(house))
            if ends.any() or not len(inside):
                continue
            along = np.hypot(*(inside - base).T) / line.length
            rises = houses["height_m"][at] - (height + (1.5 - height) * along).min()
            if rises > over:
                over, name = float(rises), at
        found = surface.blocking(tuple(base), height, tuple(user), 1.5)
        if over == 0 or over > 1e-6:  # neither grazes a roof
            assert (found.clear, found.building) == (name is None, name)
            if name is not None:
                assert found.over_m == pytest.approx(over, abs=1e-6)


@given(st.floats(5, 60), st.floats(0.5, 40), st.floats(-30, 30), st.floats(20, 180))
@example(5.0, 2.0, 0.0, 60.0)  # on the far wall
@example(5.0, 2.0, 0.0, 40.0)  # on the near one
@example(5.0, 2.0, 10.0, 40.0)  # on a corner
@example(2.0, 2.0, 30.0, 120.0)  # past a corner
@settings(max_examples=100, deadline=None)
def test_sight_is_mutual_and_lowering_the_house_never_blocks(
    base: float, house: float, y: float, x: float
) -> None:
    surface = Surface(HOUSE.assign(height_m=house))
    there = surface.blocking((0, 0), base, (x, y), 1.5)
    assert surface.blocking((x, y), 1.5, (0, 0), base).clear == there.clear
    if there.clear:
        assert Surface(HOUSE.assign(height_m=house * 0.5)).blocking((0, 0), base, (x, y), 1.5).clear


def a_town(seed: int) -> gpd.GeoDataFrame:
    """Return houses over the box of the test city."""
    random = np.random.default_rng(seed)
    west, south, east, north = gpd.GeoSeries([BOX], crs=4326).to_crs(CRS).total_bounds
    x, y = random.uniform(west, east, 1500), random.uniform(south, north, 1500)
    half = random.uniform(4, 15, 1500)
    boxes = shapely.box(x - half, y - half, x + half, y + half)
    return gpd.GeoDataFrame({"height_m": random.uniform(3, 30, 1500)}, geometry=boxes, crs=CRS)


def test_a_point_and_the_map_tell_the_same_level_hills_or_not() -> None:
    city, surface = a_city(10, 21).to_crs(CRS), Surface(a_town(22))
    west, south, east, north = surface_bounds()
    random = np.random.default_rng(23)
    hills = Heights(
        random.uniform(0, 25, (int((north - south) / 200), int((east - west) / 200))).astype(np.float32),
        west, south, 200.0,
    )  # fmt: skip
    cells = random.choice(cover(BOX, 12), 60, replace=False)
    for terrain in (None, hills):
        found = predict(city, cells, surface=surface, terrain=terrain, samples=1)
        for (lon, lat), level, ratio in zip(
            np.column_stack(centres(cells)), found["rsrp_dbm"], found["sinr_db"], strict=True
        ):
            told = explain(lon, lat, city, surface=surface, terrain=terrain)
            # The grid's metre is not one on the ground: 0.1 dB on the flank of a null.
            assert told.level_dbm == pytest.approx(level, abs=0.15)
            assert told.sinr_db == pytest.approx(ratio, abs=0.3)


def surface_bounds() -> tuple[float, float, float, float]:
    west, south, east, north = gpd.GeoSeries([BOX.buffer(0.01)], crs=4326).to_crs(CRS).total_bounds
    return float(west), float(south), float(east), float(north)


def test_free_sight_is_never_weaker_than_chance_and_a_wall_all_round_never_stronger() -> None:
    city, cells = a_city(1, 24).to_crs(CRS), cover(BOX, 10)
    by_chance = predict(city, cells, samples=1)["rsrp_dbm"]
    free = predict(city, cells, samples=1, surface=Surface(HOUSE))
    assert (free["rsrp_dbm"].dropna() >= by_chance.dropna() - 1e-3).all()
    assert free.attrs["note"].facts["line_of_sight"] == "buildings"
    wall = gpd.GeoDataFrame(
        {"height_m": [500.0]}, geometry=[city.geometry.iloc[0].buffer(5).boundary.buffer(1)], crs=CRS
    )
    walled = predict(city, cells, samples=1, surface=Surface(wall))["rsrp_dbm"]
    assert (walled.dropna() <= by_chance.dropna() + 1e-3).all()


def test_buildings_in_degrees_without_heights_or_in_another_system_are_refused() -> None:
    with pytest.raises(BadInput, match="degrees"):
        Surface(HOUSE.to_crs(4326))
    with pytest.raises(BadInput, match="height_m"):
        Surface(HOUSE.drop(columns="height_m"))
    with pytest.raises(BadInput, match="EPSG:4548"):
        predict(a_city(1, 1).to_crs(4547), cover(BOX, 8), surface=Surface(HOUSE))
    with pytest.raises(BadInput, match="EPSG:4548"):
        explain(115.9, 31.75, a_city(1, 1).to_crs(4547), surface=Surface(HOUSE))


def test_no_buildings_at_all_leave_every_line_clear() -> None:
    none = Surface(HOUSE.iloc[:0])
    assert none.blocking((0, 0), 10, (1000, 500), 1.5).clear
    pd.testing.assert_index_equal(none.index, HOUSE.index[:0])
