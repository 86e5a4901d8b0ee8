"""Poles that could be one, and what lies near to one, against closures and chords worked out by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.siting import has_near, length_near, mergeable


def at(places: list[tuple[float, float]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.Point(*one) for one in places], crs=32650)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12), st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_groups_are_the_connected_parts_of_who_stands_near_whom(places, metres):
    found = mergeable(at(places), metres).to_numpy()
    # Warshall's closure, by hand.
    near = np.array([[np.hypot(a - c, b - d) <= metres for c, d in places] for a, b in places]).reshape(
        len(places), len(places)
    )
    for via in range(len(places)):
        near |= near[:, [via]] & near[[via]]
    for one in range(len(places)):
        assert (found[one] >= 0) == (near[one].sum() > 1)
        for other in range(len(places)):
            if found[one] >= 0 and found[other] >= 0:
                assert (found[one] == found[other]) == near[one, other]
    assert set(found[found >= 0]) == set(range(found.max(initial=-1) + 1))


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(-80, 80)), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_the_length_near_a_pole_is_that_of_the_chords_together(places):
    road = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (400, 0)])], crs=32650)
    # On a straight road each pole has a chord of its own; together they are a union of intervals.
    chords = [
        shapely.box(x - half, -1, x + half, 1)
        for x, y in places
        if abs(y) < 50
        for half in [np.sqrt(50**2 - y**2)]
    ]
    expected = shapely.union_all(chords).intersection(road.geometry[0]).length if chords else 0.0
    found = length_near(road, at(places), 50).iloc[0]
    assert found["length_m"] == 400
    assert found["near_m"] == pytest.approx(expected, abs=0.5)


def test_a_place_has_a_pole_near_its_edge_and_none_beyond():
    squares = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 10, 10), shapely.box(200, 0, 210, 10)], crs=32650)
    assert has_near(squares, at([(59, 5), (300, 5)]), 50).tolist() == [True, False]
    assert not has_near(squares, at([]), 50).any()


def test_without_a_reference_system_nothing_is_near():
    with pytest.raises(BadInput, match="CRS"):
        mergeable(gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)]), 10)
