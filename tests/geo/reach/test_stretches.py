"""Stretches within a distance along lines, held against networkx 3.x point by point."""

from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
import shapely.ops
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.reach import stretches_within

CRS = 32650
STEP = 10.0


def network(random: np.random.Generator, size: int = 4) -> gpd.GeoDataFrame:
    """Return pipes between some neighbours of a grid, each with a bend."""
    lines = []
    for x in range(size):
        for y in range(size):
            for dx, dy in ((1, 0), (0, 1)):
                if x + dx < size and y + dy < size and random.random() < 0.8:
                    a, b = np.array([x, y]) * 150.0, np.array([x + dx, y + dy]) * 150.0
                    lines.append(shapely.LineString([a, (a + b) / 2 + random.uniform(-30, 30, 2), b]))
    return gpd.GeoDataFrame(geometry=lines, index=[f"p{n}" for n in range(len(lines))], crs=CRS)


def distances(pipes: gpd.GeoDataFrame, sensors: np.ndarray) -> dict[tuple[str, int], float]:
    """Return the distance of points every few metres on each pipe from the nearest sensor, by networkx."""
    graph, starts = nx.Graph(), []
    on: dict[str, list[tuple[float, object]]] = {}
    for number, point in enumerate(sensors):
        pipe = pipes.distance(point).idxmin()
        on.setdefault(pipe, []).append((pipes.geometry[pipe].project(point), ("sensor", number)))
        starts.append(("sensor", number))
    for pipe, line in pipes.geometry.items():
        ends = [(0.0, line.coords[0]), (line.length, line.coords[-1])]
        probes = [(m, (pipe, k)) for k, m in enumerate(np.arange(STEP / 2, line.length, STEP))]
        for (a, first), (b, second) in pairwise(
            sorted([*ends, *on.get(pipe, []), *probes], key=lambda s: s[0])
        ):
            graph.add_edge(first, second, weight=b - a)
    return dict(nx.multi_source_dijkstra_path_length(graph, starts))


@given(seed=st.integers(0, 2**31), metres=st.floats(20, 400), count=st.integers(1, 4))
@settings(deadline=None, max_examples=12)
def test_a_point_is_on_a_stretch_exactly_where_networkx_says_that_it_is_within_the_distance(
    seed, metres, count
):
    random = np.random.default_rng(seed)
    pipes = network(random)
    sensors = np.array([pipes.geometry.iloc[row].interpolate(random.uniform(0, 1), normalized=True)
                        for row in random.integers(0, len(pipes), count)])  # fmt: skip
    found = stretches_within(pipes, gpd.GeoDataFrame(geometry=sensors, crs=CRS), metres)
    assert (found["first"] < found["last"]).all()
    known = distances(pipes, sensors)
    for pipe, line in pipes.geometry.items():
        parts = found[found["line"] == pipe]
        for number, at in enumerate(np.arange(STEP / 2, line.length, STEP)):
            share, away = at / line.length, known.get((pipe, number), np.inf)
            inside = ((parts["first"] <= share) & (share <= parts["last"])).any()
            # where pipes cross by chance no node is: nothing passes there on either side
            assert inside == (away <= metres) or abs(away - metres) < 1e-6


def test_shares_are_of_the_length_in_the_system_of_the_lines():
    degrees = shapely.LineString([(115.9, 31.8), (115.91, 31.8), (115.91, 31.81)])
    pipes = gpd.GeoDataFrame(geometry=[degrees], crs=4326)
    corner = gpd.GeoDataFrame(geometry=gpd.points_from_xy([115.91], [31.8]), crs=4326)
    row = stretches_within(pipes, corner, 300.0).iloc[0]
    cut = shapely.ops.substring(degrees, row["first"], row["last"], normalized=True)
    metric = gpd.GeoSeries([cut], crs=4326).to_crs(CRS).iloc[0]
    assert metric.length == pytest.approx(600, rel=1e-3)
    assert shapely.LineString(metric.coords[:2]).length == pytest.approx(300, rel=1e-3)


def test_a_sensor_far_from_every_line_senses_nothing_and_a_distance_is_positive():
    pipes = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (100, 0)])], crs=CRS)
    away = gpd.GeoDataFrame(geometry=gpd.points_from_xy([50], [80]), crs=CRS)
    assert len(stretches_within(pipes, away, 100.0)) == 0
    with pytest.raises(BadInput, match="positive"):
        stretches_within(pipes, away, 0.0)
    with pytest.raises(BadInput, match="CRS"):
        stretches_within(gpd.GeoDataFrame(geometry=pipes.geometry.to_numpy()), away, 10.0)
