"""Lixels and accidents on roads: closed forms on a line, a search written by hand on grids, planted spots."""

from __future__ import annotations

import heapq

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from shapely import LineString

from geo.errors import BadInput
from geo.hotspots import (
    AccidentRule,
    Condition,
    network_density,
    on_lixels,
    prone_stretches,
    road_hotspots,
    road_network,
)

CRS = 32650
FATAL_OR_MANY = AccidentRule(200.0, (Condition(3, killed=1), Condition(5, hurt=1)))


def frame(lines):
    return gpd.GeoDataFrame(geometry=[LineString(line) for line in lines], crs=CRS)


def grid(size=5, step=170.0):
    """Return the streets of a grid, split at junctions."""
    lines = []
    for i in range(size):
        for j in range(size):
            if i + 1 < size:
                lines.append([(i * step, j * step), ((i + 1) * step, j * step)])
            if j + 1 < size:
                lines.append([(i * step, j * step), (i * step, (j + 1) * step)])
    return frame(lines)


def events(places):
    return gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(*np.array(places, dtype=float).reshape(-1, 2).T), crs=CRS
    )


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(1, 900), min_size=1, max_size=5), st.floats(20, 200))
def test_lixels_are_equal_parts_that_make_up_the_road(turns, length):
    line = LineString([(0, 0), *((x, 40.0 * (k % 2)) for k, x in enumerate(np.cumsum(turns), 1))])
    lixels = road_network(gpd.GeoDataFrame(geometry=[line], crs=CRS), length_m=length).lixels
    assert lixels["length_m"].max() <= length + 1e-6
    assert lixels.length.to_numpy() == pytest.approx(lixels["length_m"].to_numpy(), abs=1e-6)
    assert shapely.hausdorff_distance(shapely.line_merge(lixels.union_all()), line) < 1e-6


def by_hand(lixels, source):
    """Return distances between middles by Dijkstra's algorithm over ends of lixels."""
    ends = [tuple(tuple(np.round(one.coords[at], 3)) for at in (0, -1)) for one in lixels.geometry]
    at = {}
    for k, pair in enumerate(ends):
        for end in pair:
            at.setdefault(end, []).append(k)
    length = lixels["length_m"].to_numpy()
    seen, queue = {}, [(length[source] / 2, end) for end in ends[source]]
    heapq.heapify(queue)
    while queue:
        far, end = heapq.heappop(queue)
        if end in seen:
            continue
        seen[end] = far
        for k in at[end]:
            for other in ends[k]:
                heapq.heappush(queue, (far + length[k], other))
    found = {k: min(seen[end] for end in pair) + length[k] / 2 for k, pair in enumerate(ends)}
    return {**found, source: 0.0}


@pytest.mark.parametrize("source", [0, 17, 60])
def test_distances_are_those_along_streets(source):
    network = road_network(grid(), length_m=60)
    wanted = by_hand(network.lixels, source)
    ((_, near, far),) = network.distances([source], 400.0)
    assert dict(zip(near.tolist(), far.tolist(), strict=True)) == pytest.approx(
        {k: one for k, one in wanted.items() if one <= 400}
    )


def test_a_bridge_does_not_join_what_it_crosses():
    network = road_network(frame([[(0, 0), (100, 0)], [(50, -50), (50, 50)]]))
    ((_, near, _),) = network.distances([0], 500.0)
    assert near.tolist() == [0, 1]


def test_density_on_a_line_is_the_kernel_of_one_dimension():
    network = road_network(frame([[(0, 0), (2_000, 0)]]), length_m=10)
    at = [50, 50, 90]
    found = network_density(network, at, bandwidth_m=150)
    middles = 10 * np.arange(200) + 5.0

    def kernel(x):
        u = np.abs(x - 505.0) / 150, np.abs(x - 905.0) / 150
        return sum(n * 15 / 16 * max(1 - one**2, 0) ** 2 / 0.15 for n, one in zip((2, 1), u, strict=True))

    assert found == pytest.approx([kernel(x) for x in middles], abs=1e-9)
    assert found.sum() * 0.01 == pytest.approx(quad(kernel, 0, 2_000, limit=200)[0] / 1_000, rel=1e-3)


def test_an_event_belongs_to_the_nearest_street_and_far_ones_to_none():
    network = road_network(grid(), length_m=60)
    found = on_lixels(network, events([(85, 4), (85, 60), (500, 700)]), most_m=30)
    assert found.iloc[1] == -1
    assert network.lixels.geometry[found.iloc[0]].distance(shapely.Point(85, 4)) == pytest.approx(4)
    assert on_lixels(network, events(np.zeros((0, 2)))).empty


def test_a_planted_spot_is_hot_and_even_streets_are_not():
    draw = np.random.default_rng(6)
    network = road_network(grid(12), length_m=50)
    number = len(network.lixels)
    even = draw.integers(0, number, 3 * number)
    spot = np.repeat(np.flatnonzero(network.lixels.distance(shapely.Point(510, 510)) < 30), 12)
    classes = np.where(np.arange(number) % 2, "main", "lane")
    calm = road_hotspots(network, even, classes)
    assert calm["hot"].sum() == 0
    assert calm["n"].sum() == 3 * number
    found = road_hotspots(network, np.concatenate([even, spot]), classes)
    hot = network.lixels[found["hot"].to_numpy()]
    assert len(hot) > 0
    assert hot.distance(shapely.Point(510, 510)).max() <= 250


def test_expected_counts_are_by_kilometre_of_the_class():
    network = road_network(frame([[(0, 0), (1_000, 0)], [(5_000, 0), (6_000, 0)]]))
    classes = np.where(network.lixels["road"] == 0, "main", "lane")
    on = np.concatenate([np.arange(20), np.arange(20), [25]])
    found = road_hotspots(network, on, classes, radius_m=60)
    assert found.loc[5, "expected"] == pytest.approx(3 * 2)
    assert found.loc[30, "expected"] == pytest.approx(3 / 20)


def test_the_rule_counts_by_its_conditions_within_its_length():
    network = road_network(frame([[(0, 0), (3_000, 0)]]), length_m=50)
    on = on_lixels(
        network,
        events([(x, 3) for x in (110, 150, 190, 1_010, 1_020, 1_030, 1_040, 1_050, 2_000, 2_400, 2_800)]),
    )
    killed = [1, 1, 1] + [0] * 5 + [1, 1, 1]
    injured = [0, 0, 0, 1, 1, 2, 1, 1, 0, 0, 0]
    found = prone_stretches(network, on, killed, injured, FATAL_OR_MANY)
    assert found["events"].tolist() == [5, 3]
    assert found["condition"].tolist() == [1, 0]
    assert found["killed"].tolist() == [0, 3]
    assert found["members"].tolist() == [[3, 4, 5, 6, 7], [0, 1, 2]]
    assert (found.length <= 200 + 50).all()
    # two dead and four hurt are below both conditions
    few = prone_stretches(
        network, on[[0, 1, 3, 4, 5, 6]], [1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 1, 1], FATAL_OR_MANY
    )
    assert few.empty


def test_a_junction_counts_on_all_its_branches_and_straight_line_distance_does_not():
    cross = frame([[(0, 0), (500, 0)], [(0, 0), (-500, 0)], [(0, 0), (0, 500)], [(0, 0), (0, -500)]])
    network = road_network(cross, length_m=25)
    at = [(60, 0), (-60, 0), (0, 60), (0, -60), (10, 0)]
    on = on_lixels(network, events(at))
    found = prone_stretches(network, on, [0] * 5, [1] * 5, FATAL_OR_MANY)
    assert found["events"].tolist() == [5]
    apart = road_network(frame([[(0, 0), (500, 0)], [(0, 20), (500, 20)]]), length_m=25)
    both = on_lixels(apart, events([(100, 0), (110, 0), (100, 20), (110, 20), (120, 20)]), most_m=5)
    assert prone_stretches(apart, both, [0] * 5, [1] * 5, FATAL_OR_MANY).empty


@pytest.mark.parametrize(
    "bad",
    [
        lambda: road_network(gpd.GeoDataFrame(geometry=[LineString([(0, 0), (1, 1)])])),
        lambda: road_network(gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs=CRS)),
        lambda: road_network(grid(), length_m=0),
        lambda: road_network(grid(), length_m=1e-4),
        lambda: network_density(road_network(grid()), [0], bandwidth_m=0),
        lambda: road_hotspots(road_network(grid()), [0], ["main"]),
    ],
)
def test_bad_input_is_refused(bad):
    with pytest.raises(BadInput):
        bad()
