import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components


def test_roads_meet_at_nodes_only(city):
    lines = city.roads.geometry.to_numpy()
    noded = shapely.get_parts(shapely.union_all(lines, grid_size=0.01))
    assert len(noded) == len(lines)


def test_edges_end_at_their_nodes(city):
    nodes = city.road_nodes.to_numpy()
    ends = np.array([shapely.get_coordinates(line)[[0, -1]] for line in city.roads.geometry])
    assert np.allclose(ends[:, 0], nodes[city.roads["from_node"]], atol=0.001)
    assert np.allclose(ends[:, 1], nodes[city.roads["to_node"]], atol=0.001)


def test_junctions_do_not_crowd(city):
    length = city.roads.geometry.length
    assert length.min() > 10
    assert (length < 25).mean() < 0.002


def test_most_junctions_of_towns_have_three_arms(city):
    streets = city.roads[city.roads["town"] != ""]
    degree = np.bincount(np.concatenate([city.roads["from_node"], city.roads["to_node"]]))
    at = np.unique(np.concatenate([streets["from_node"], streets["to_node"]]))
    shares = np.bincount(degree[at], minlength=6) / len(at)
    assert 0.6 < shares[3] < 0.85
    assert shares[1] < 0.06


def test_the_trunk_roads_carry_their_numbers(city):
    trunks = city.roads[city.roads["class"] == 0]
    assert set(trunks["ref"]) == {"G105", "G312", "S310"}
    assert (city.roads.loc[city.roads["class"] > 0, "ref"] == "").all()


def test_a_street_name_belongs_to_one_street_of_a_town(city):
    named = city.roads[(city.roads["town"] != "") & (city.roads["name"] != "")]
    assert len(named) > 1000
    for (town, name), edges in named.groupby(["town", "name"]):
        nodes = np.unique(edges[["from_node", "to_node"]].to_numpy(), return_inverse=True)[1]
        pairs = nodes.reshape(-1, 2)
        links = coo_matrix((np.ones(len(pairs)), pairs.T), shape=(nodes.max() + 1,) * 2)
        assert connected_components(links, directed=False)[0] == 1, (town, name)


def test_wide_streets_of_towns_have_names(city):
    streets = city.roads[(city.roads["town"] != "") & (city.roads["class"] <= 2)]
    named = streets["name"] != ""
    assert streets.geometry.length[named].sum() > 0.95 * streets.geometry.length.sum()


def test_county_lengths_are_those_of_a_rural_county(city):
    inside = city.roads.geometry.intersection(city.outline).length.groupby(city.roads["class"]).sum() / 1000
    assert 60 < inside[0] < 100
    assert 200 < inside[2] < 400
    assert 700 < inside[3] < 1300
