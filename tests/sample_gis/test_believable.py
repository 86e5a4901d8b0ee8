"""What a local and an engineer would check first, on the whole city and on small counties of other seeds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_matrix, csr_array
from scipy.sparse.csgraph import connected_components
from shapely import STRtree

from sample_gis.building.buildings import carriageways, water_areas
from sample_gis.city import City

# Defects are planted in the pipes of the whole city: tests/sample_gis/test_yeji_things.py allows for them.
SOURCES = {"source", "treatment", "outfall", "substation"}


def _parts(a: np.ndarray, b: np.ndarray, count: int) -> np.ndarray:
    links = coo_matrix((np.ones(len(a)), (a, b)), (count, count))
    return np.asarray(connected_components(links, directed=False)[1])


def _ends(pipes: pd.DataFrame, nodes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    number = pd.Series(np.arange(len(nodes)), index=nodes["code"])
    return number[pipes["from_node"]].to_numpy(), number[pipes["to_node"]].to_numpy()


def test_every_place_is_reached_from_every_other_by_road(believable: City) -> None:
    roads = believable.layers["roads"]
    nodes = pd.Index(np.unique(roads[["from_node", "to_node"]]))
    a, b = (nodes.get_indexer(roads[end]) for end in ("from_node", "to_node"))
    both = ~roads["oneway"].to_numpy()
    start, end = np.concatenate([a, b[both]]), np.concatenate([b, a[both]])
    links = csr_array((np.ones(len(start)), (start, end)), shape=(len(nodes),) * 2)
    assert connected_components(links, connection="strong")[0] == 1


def test_trunk_roads_end_at_other_roads_or_beyond_the_county(believable: City) -> None:
    roads = believable.roads
    degree = np.bincount(np.concatenate([roads["from_node"], roads["to_node"]]))
    trunk = roads[roads["class"] == 0]
    ends = np.unique(trunk[["from_node", "to_node"]])
    loose = believable.road_nodes.to_numpy()[ends[degree[ends] == 1]]
    assert len(loose) > 1
    assert not shapely.contains_xy(believable.outline, *loose.T).any()


def test_no_building_stands_on_a_road_in_water_or_in_another(believable: City) -> None:
    shapes = believable.buildings.geometry.to_numpy()
    for others in (carriageways(believable), water_areas(believable)):
        a, b = STRtree(others).query(shapes, predicate="intersects")
        assert shapely.area(shapely.intersection(shapes[a], others[b])).max(initial=0) == 0
    a, b = STRtree(shapes).query(shapes, predicate="intersects")
    pairs = a < b
    # Joined houses share a wall.
    assert shapely.area(shapely.intersection(shapes[a[pairs]], shapes[b[pairs]])).max(initial=0) < 1.0


def test_no_pipe_runs_through_a_building(believable: City) -> None:
    houses = STRtree(believable.buildings.geometry.to_numpy())
    lines = believable.layers["pipes"].geometry.to_numpy()
    assert len(houses.query(lines, predicate="intersects")[0]) == 0


def test_every_pipe_is_connected_to_a_source_of_its_medium(other_seed: City) -> None:
    pipes, nodes = other_seed.layers["pipes"], other_seed.layers["pipe_nodes"]
    part = _parts(*_ends(other_seed.layers["pipes"], other_seed.layers["pipe_nodes"]), len(nodes))
    for medium in sorted(pipes["medium"].unique()):
        own = (nodes["medium"] == medium).to_numpy()
        fed = part[own & nodes["kind"].isin(SOURCES).to_numpy()]
        assert np.isin(part[own], fed).all(), medium


def test_gravity_pipes_fall_along_their_whole_way_to_the_end(other_seed: City) -> None:
    pipes = other_seed.layers["pipes"]
    gravity = pipes[pipes["pressure_level"] == "gravity"]
    assert (gravity["start_invert_m"] > gravity["end_invert_m"]).all()
    arriving = gravity.groupby("to_node")["end_invert_m"].min()
    leaving = gravity.groupby("from_node")["start_invert_m"].min()
    both = arriving.index.intersection(leaving.index)
    assert (arriving[both] >= leaving[both] - 0.002).all()


def test_valves_cut_the_water_mains_into_parts_that_can_be_shut_off(believable: City) -> None:
    """Shutting all valves leaves parts of mains with customers; only the first one still holds the works."""
    pipes, nodes = believable.layers["pipes"], believable.layers["pipe_nodes"]
    # The few that were cut off at known places end nowhere.
    pipes = pipes[pipes["from_node"].notna() & pipes["to_node"].notna()]
    a, b = _ends(pipes, nodes)
    valve = ((nodes["kind"] == "valve") & (nodes["medium"] == "water")).to_numpy()
    water = (pipes["medium"] == "water").to_numpy()
    # A valve belongs to both sides: each pipe at it ends in a node of its own.
    own = len(nodes) + np.arange(2 * len(pipes)).reshape(2, -1)
    shut = [np.where(valve[end], own[side], end)[water] for side, end in enumerate((a, b))]
    part = _parts(*shut, len(nodes) + 2 * len(pipes))
    length = pipes.length.to_numpy()[water]
    metres = pd.Series(length).groupby(part[shut[0]]).sum()
    works = part[np.flatnonzero(((nodes["kind"] == "source") & (nodes["medium"] == "water")).to_numpy())]
    assert metres.max() < 0.25 * length.sum()
    assert metres.reindex(works).fillna(0).sum() < 0.25 * length.sum()
    assert len(metres) > valve.sum() / 4


def test_every_camera_stands_outdoors_and_off_the_carriageway(believable: City) -> None:
    at = believable.layers["cameras"].geometry.to_numpy()
    for ground in (carriageways(believable), believable.buildings.geometry.to_numpy()):
        assert not len(STRtree(ground).query(at, predicate="intersects")[0])
    water = [believable.river, *believable.ponds.geometry, *believable.reservoirs.geometry]
    assert not len(STRtree(water).query(at, predicate="intersects")[0])
