from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sample_gis.building.standing import Rows, facing_south, in_rows
from sample_gis.roads.graph import Edge, contracted, demoted, joined, noded, without_slivers
from sample_gis.shapes.darts import spread
from sample_gis.shapes.lines import chains, resampled
from sample_gis.shapes.noise import Noise
from sample_gis.shapes.polygons import box_of, cut
from sample_gis.shapes.raster import Grid
from sample_gis.shapes.routing import search


def _edge(*points, rank=3, ref=""):
    return Edge(np.array(points, dtype=float), rank, ref)


def test_roads_that_cross_are_cut_where_they_cross():
    crossed = noded([_edge((0, 0), (100, 0)), _edge((50, -50), (50, 50))])
    assert len(crossed) == 4
    assert sum(edge.length for edge in crossed) == 200


def test_where_two_roads_lie_on_each_other_the_higher_class_holds():
    (edge,) = noded([_edge((0, 0), (100, 0), rank=3), _edge((0, 0), (100, 0), rank=0, ref="G312")])
    assert (edge.rank, edge.ref) == (0, "G312")


def test_joining_leaves_junctions_and_changes_of_class():
    edges = [_edge((0, 0), (9, 0)), _edge((9, 0), (20, 0)), _edge((20, 0), (30, 0), rank=2)]
    assert sorted(edge.length for edge in joined(edges)) == [10, 20]


def test_a_short_edge_between_two_junctions_becomes_one_junction():
    cross = [
        _edge((0, 0), (100, 0), rank=1),
        _edge((100, 0), (110, 0), rank=1),
        _edge((110, 0), (200, 0), rank=1),
        _edge((100, 0), (100, 90)),
        _edge((110, 0), (110, -90)),
    ]
    result = contracted(cross, (25,) * 5)
    assert len(result) == 4
    ends = [node for edge in result for node in (edge.first, edge.last)]
    assert ends.count((105.0, 0.0)) == 4


def test_a_thin_loop_loses_its_lower_edge():
    loop = [_edge((0, 0), (100, 0), rank=1), _edge((0, 0), (50, 8), (100, 0), rank=3)]
    assert [edge.rank for edge in without_slivers(loop)] == [1]


def test_a_route_goes_round_what_is_dear():
    cost = np.ones((9, 9))
    cost[0:8, 4] = 1000
    way = search(cost, [0], step=1.0, target=8).way_to(8)
    assert way[0] == 0
    assert way[-1] == 8
    assert any(cell // 9 == 8 for cell in way)


def test_a_search_without_obstacles_is_nearly_as_short_as_the_bird_flies():
    found = search(np.ones((60, 60)), [0], step=10.0)
    rows, columns = np.divmod(np.arange(3600), 60)
    straight = 10 * np.hypot(rows, columns)
    assert (found.distance >= straight - 1e-6).all()
    assert (found.distance <= straight * 1.03 + 1e-6).all()


@given(st.integers(0, 2**31), st.floats(5, 60))
@settings(max_examples=30, deadline=None)
def test_darts_keep_their_distance_and_leave_no_room(seed, apart):
    points = np.random.default_rng(seed).uniform(0, 300, (200, 2)).round(2)
    kept = points[spread(points, apart)]
    gaps = np.hypot(*(points[:, None] - kept[None]).transpose(2, 0, 1))
    assert (np.sort(gaps, axis=1)[:, 0] < round(apart, 2) + 1e-9).all()
    between = np.hypot(*(kept[:, None] - kept[None]).transpose(2, 0, 1))
    assert between[~np.eye(len(kept), dtype=bool)].min(initial=np.inf) >= round(apart, 2) - 1e-9


@given(st.floats(20, 300), st.floats(20, 300), st.floats(0, 3.1), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_a_cut_divides_a_block_and_loses_nothing(long, wide, angle, seed):
    block = shapely.Polygon([(0, 0), (long, 0), (long, wide), (0, wide)])
    cos, sin = np.cos(angle), np.sin(angle)
    block = shapely.transform(block, lambda at: at @ np.array([[cos, sin], [-sin, cos]]))
    parts = cut(block, np.random.default_rng(seed))
    if parts is not None:
        assert sum(part.area for part in parts[0]) == pytest.approx(block.area, rel=1e-6)
        assert min(part.area for part in parts[0]) > 0.25 * block.area
        assert max(box_of(part).long for part in parts[0]) <= box_of(block).long * 1.05


@given(st.integers(0, 99), st.floats(-0.4, 0.4))
@settings(max_examples=25, deadline=None)
def test_rows_stay_inside_their_block(seed, angle):
    random = np.random.default_rng(seed)
    block = shapely.Point(500, 500).buffer(90)
    houses = in_rows(block, angle, Rows(12, 22, 5, lambda: random.uniform(20, 50)), random)
    assert houses
    assert all(block.contains(house) for house in houses)
    meeting = shapely.STRtree(houses).query(houses, predicate="intersects")[0]
    assert len(meeting) == len(houses)


@pytest.mark.parametrize("turn", [0.0, 0.2, 0.8, 1.57, 3.0])
def test_rows_face_south_within_24_degrees(turn):
    cos, sin = np.cos(turn), np.sin(turn)
    block = shapely.transform(shapely.box(0, 0, 90, 40), lambda at: at @ np.array([[cos, sin], [-sin, cos]]))
    assert abs(facing_south(block)) <= 0.42


def test_noise_is_smooth_and_about_one_high():
    x = np.arange(0, 50, 0.01)
    values = Noise(5).gradient(x, 0 * x + 0.3, salt=1)
    assert np.abs(np.diff(values)).max() < 0.06
    assert 0.4 < np.abs(values).max() < 1.4


def test_a_grid_finds_its_cells_again():
    grid = Grid.around((0, 0, 1000, 700), step=50.0, margin=120.0)
    cells = np.arange(grid.rows * grid.columns)
    assert (grid.cell(*grid.points(cells).T) == cells).all()


def test_chains_cover_every_edge_once():
    edges = [(1, 2, 0), (2, 3, 0), (3, 4, 0), (3, 5, 0), (5, 6, 1)]
    pairs = [frozenset(pair) for chain, _ in chains(edges) for pair in pairwise(chain)]
    assert sorted(map(sorted, pairs)) == sorted([a, b] for a, b, _ in edges)


def test_resampling_keeps_the_ends():
    line = resampled([[0, 0], [3, 4], [30, 4]], 7.0)
    assert line[0].tolist() == [0, 0]
    assert line[-1].tolist() == [30, 4]


def test_the_short_last_piece_of_a_main_street_takes_the_class_of_what_it_runs_out_in():
    edges = [
        _edge((0, 0), (300, 0), rank=1),
        _edge((300, 0), (400, 0), rank=1),
        _edge((400, 0), (400, 300), rank=2),
        _edge((400, 0), (400, -300), rank=4),
    ]
    assert sorted((edge.length, edge.rank) for edge in demoted(edges)) == [
        (100, 2),
        (300, 1),
        (300, 2),
        (300, 4),
    ]
