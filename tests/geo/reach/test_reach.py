"""Reach on the road graph, held against networkx 3.x (an implementation that nobody here wrote)."""

from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.reach import ACCESS_KMH, nearest, road_graph, service_area
from geo.reach.speeds import SPEEDS_KMH

CRS = 32650
CLASSES = ("trunk", "main", "lane")


def street_grid(random: np.random.Generator, size: int = 5, step: float = 400.0) -> gpd.GeoDataFrame:
    """Return streets between some neighbours of a grid, each a line with a vertex off the straight."""
    lines, classes, oneway = [], [], []
    for x in range(size):
        for y in range(size):
            for dx, dy in ((1, 0), (0, 1)):
                if x + dx >= size or y + dy >= size or random.random() < 0.25:
                    continue
                a, b = np.array([x, y]) * step, np.array([x + dx, y + dy]) * step
                middle = (a + b) / 2 + random.uniform(-60, 60, 2)
                lines.append(shapely.LineString([a, middle, b]))
                classes.append(str(random.choice(CLASSES)))
                oneway.append(bool(random.random() < 0.2))
    return gpd.GeoDataFrame({"class": classes, "oneway": oneway}, geometry=lines, crs=CRS)


def by_networkx(roads: gpd.GeoDataFrame, origins: gpd.GeoDataFrame, targets: gpd.GeoDataFrame) -> np.ndarray:
    """Return minutes from each origin to each target: the places are put into the graph as nodes."""
    graph = nx.MultiDiGraph()
    on: dict[int, list[tuple[float, str]]] = {}
    tree = shapely.STRtree(roads.geometry.to_numpy())
    for kind, places in (("o", origins), ("t", targets)):
        for number, point in enumerate(places.geometry):
            line = int(tree.nearest(point))
            name = f"{kind}{number}"
            on.setdefault(line, []).append((roads.geometry.iloc[line].project(point), f"on-{name}"))
            access = point.distance(roads.geometry.iloc[line]) / (ACCESS_KMH / 3.6)
            graph.add_edge(name, f"on-{name}", weight=access)
            graph.add_edge(f"on-{name}", name, weight=access)
    for number, road in enumerate(roads.itertuples()):
        points = road.geometry.coords
        stops = sorted([(0.0, str(points[0])), *on.get(number, []), (road.geometry.length, str(points[-1]))])
        speed = SPEEDS_KMH[roads["class"].iloc[number]] / 3.6
        for (a, first), (b, second) in pairwise(stops):
            graph.add_edge(first, second, weight=(b - a) / speed)
            # a place at an end of a road is at the junction: nothing is driven against the traffic
            if not road.oneway or b - a < 1e-6:
                graph.add_edge(second, first, weight=(b - a) / speed)
    found = np.full((len(origins), len(targets)), np.inf)
    for row in range(len(origins)):
        far = nx.single_source_dijkstra_path_length(graph, f"o{row}", weight="weight")
        for column in range(len(targets)):
            found[row, column] = far.get(f"t{column}", np.inf) / 60
    return found


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000))
@example(seed=168)  # the nearest point of a road is its end, against a one-way
def test_times_and_nearest_origins_are_those_of_networkx(seed):
    random = np.random.default_rng(seed)
    roads = street_grid(random)
    inside = random.uniform(-30, 1630, (2, 12))
    origins = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*inside[:, :4]), crs=CRS)
    targets = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*inside[:, 4:]), crs=CRS)
    found = nearest(roads, origins, targets)
    told = by_networkx(roads, origins, targets)
    np.testing.assert_allclose(found["minutes"], told.min(axis=0), rtol=1e-6, atol=1e-4)
    for column, origin in enumerate(found["origin"]):
        if origin is None:
            assert np.isinf(told[:, column]).all()
        else:
            assert told[origin, column] == pytest.approx(told[:, column].min(), abs=1e-4)


def test_roads_that_share_a_vertex_meet_and_a_bridge_does_not():
    lines = [
        shapely.LineString([(0, 0), (500, 0), (1000, 0)]),
        shapely.LineString([(500, 0), (500, 600)]),
        shapely.LineString([(200, -300), (200, 300)]),
    ]
    roads = gpd.GeoDataFrame({"class": ["main"] * 3}, geometry=lines, crs=CRS)
    origin = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0], [0]), crs=CRS)
    targets = gpd.GeoDataFrame(geometry=gpd.points_from_xy([500, 200], [600, 300]), crs=CRS)
    found = nearest(roads, origin, targets)
    assert found["minutes"].iloc[0] == pytest.approx(1100 / (45 / 3.6) / 60)
    assert found["origin"].tolist() == [0, None]


def test_a_way_without_roads_is_a_straight_line_and_says_so():
    roads = gpd.GeoDataFrame({"class": ["path"]}, geometry=[shapely.LineString([(0, 0), (9, 0)])], crs=CRS)
    place = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0], [0]), crs=CRS)
    away = gpd.GeoDataFrame(geometry=gpd.points_from_xy([3000], [4000]), crs=CRS)
    found = nearest(roads, place, away)
    assert not found["by_road"].any()
    assert "no road is loaded" in found.attrs["note"].method
    assert found["minutes"].iloc[0] == pytest.approx(5 * 1.3 / 30 * 60)


def test_the_area_of_a_long_time_holds_that_of_a_short_one_and_a_place_in_it_is_reached_in_time():
    roads = street_grid(np.random.default_rng(7))
    origin = gpd.GeoDataFrame(geometry=[roads.geometry.iloc[10].interpolate(100)], crs=CRS)
    areas = service_area(roads, origin, [0.5, 1, 2, 30])
    km = areas["roads_km"].to_numpy()
    assert (np.diff(km) > 0).all()
    graph = road_graph(roads)
    assert km[-1] <= graph.length_m.sum() / 1000 + 1e-6
    on_roads = gpd.GeoDataFrame(
        geometry=[
            line.interpolate(share, normalized=True) for line in roads.geometry for share in (0.2, 0.7)
        ],
        crs=CRS,
    )
    minutes = nearest(graph, origin, on_roads)["minutes"].to_numpy()
    metric = on_roads.to_crs(areas.crs).geometry
    for row in areas.itertuples():
        assert metric[minutes <= row.minutes - 1e-6].within(row.geometry.buffer(0.01)).all()


@pytest.mark.parametrize("minutes", [0, -1, float("nan")])
def test_a_time_that_is_not_positive_is_refused(minutes):
    roads = street_grid(np.random.default_rng(1))
    with pytest.raises(BadInput):
        service_area(roads, gpd.GeoDataFrame(geometry=gpd.points_from_xy([0], [0]), crs=CRS), [minutes])
