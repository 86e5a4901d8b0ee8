from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from sample_gis.networks.growing import lowest_tree, shortest_tree
from sample_gis.networks.streets import Streets

#: Four nodes: 3 reaches 0 by a short way through 1 or a long one through 2.
ROUND = ([(0, 0), (50, 0), (50, 200), (100, 0)], [(0, 1), (1, 3), (0, 2), (2, 3)])


def graph(
    xy: list[tuple[float, float]], edges: list[tuple[int, int]], ground: list[float] | None = None
) -> Streets:
    """Return streets of which only what trees read is set."""
    start, end = np.array(edges, dtype=np.int64).T
    points = np.array(xy, dtype=float)
    lines = shapely.linestrings(np.stack([points[start], points[end]], axis=1))
    count = len(edges)
    return Streets(
        town="341504001", built_up_m2=1.0, lines=lines, code=np.full(count, "R", dtype=object),
        rank=np.full(count, 3), start=start, end=end, length_m=shapely.length(lines), xy=points,
        ground_m=np.array(ground if ground is not None else [0.0] * len(xy)), ground=SimpleNamespace(),  # type: ignore[arg-type]
        floor_m2=np.zeros(count), industry_m2=np.zeros(count), year=np.full(count, 2000),
    )  # fmt: skip


def test_a_shortest_tree_has_the_distances_that_scipy_finds() -> None:
    random = np.random.default_rng(5)
    xy = [(float(x), float(y)) for x, y in random.uniform(0, 1000, (40, 2))]
    drawn = random.integers(0, 40, (140, 2)).tolist()
    pairs = sorted({(min(pair), max(pair)) for pair in drawn if pair[0] != pair[1]})
    streets = graph(xy, pairs)
    tree = shortest_tree(streets, streets.length_m, 0)
    mine = np.zeros(len(xy))
    for node in tree.joined.tolist():
        mine[node] = mine[tree.parent[node]] + streets.length_m[tree.edge[node]]
    matrix = coo_matrix((streets.length_m, (streets.start, streets.end)), (len(xy), len(xy))).tocsr()
    peer = dijkstra(matrix, directed=False, indices=0)
    assert mine[tree.order] == pytest.approx(peer[tree.order], abs=0.3)
    assert len(tree.order) == np.isfinite(peer).sum()


def test_a_closed_edge_is_not_used() -> None:
    streets = graph([(0, 0), (10, 0), (5, 20)], [(0, 1), (1, 2), (0, 2)])
    tree = shortest_tree(streets, np.where([True, False, False], np.inf, streets.length_m), 0)
    assert tree.parent.tolist() == [-1, 2, 0]


def test_a_drain_goes_round_a_hill_rather_than_over_it() -> None:
    # From 3 the short way to the outfall 0 leads over the hill at 1, the long one through the flat at 2.
    streets = graph(*ROUND, [0.0, 9.0, 0.5, 1.0])
    tree = lowest_tree(streets, [0], np.ones(4))
    assert tree.parent[3] == 2


def test_on_level_ground_a_drain_takes_the_short_way() -> None:
    streets = graph(*ROUND)
    tree = lowest_tree(streets, [0], np.ones(4))
    assert tree.parent[3] == 1


def test_what_is_collected_at_the_root_is_everything() -> None:
    streets = graph([(0, 0), (10, 0), (20, 0), (10, 10)], [(0, 1), (1, 2), (1, 3)])
    tree = shortest_tree(streets, streets.length_m, 0)
    assert tree.collected(np.array([1.0, 2.0, 4.0, 8.0])).tolist() == [15.0, 14.0, 4.0, 8.0]


def test_a_pruned_tree_keeps_only_the_ways_to_what_is_wanted() -> None:
    streets = graph([(0, 0), (10, 0), (20, 0), (10, 10)], [(0, 1), (1, 2), (1, 3)])
    tree = shortest_tree(streets, streets.length_m, 0).pruned(np.array([2]))
    assert sorted(tree.order.tolist()) == [0, 1, 2]
