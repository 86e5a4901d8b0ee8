from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from sample_gis import pipes
from sample_gis.city import City
from tests.sample_gis.small_town import small_town

SOURCES = {
    "water": "source", "gas": "source", "sewage": "treatment", "rain": "outfall", "heat": "source",
    "power": "substation", "comms": "source",
}  # fmt: skip


def parts_of(lines: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, *, shut: bool = False) -> pd.Series:
    """Return the number of the connected part of each node; with shut valves these belong to none (-1)."""
    number = pd.Series(np.arange(len(nodes)), index=nodes["code"])
    valve = (nodes["kind"] == "valve").to_numpy() & shut
    a, b = number[lines["from_node"]].to_numpy(), number[lines["to_node"]].to_numpy()
    open_ends = ~valve[a] & ~valve[b]
    graph = coo_matrix((np.ones(open_ends.sum()), (a[open_ends], b[open_ends])), (len(nodes), len(nodes)))
    _, part = connected_components(graph, directed=False)
    return pd.Series(np.where(valve, -1, part), index=nodes["code"])


@pytest.fixture(scope="module")
def laid() -> City:
    city = small_town()
    pipes.make(city)
    return city


@pytest.fixture(scope="module")
def medium_of(laid: City) -> dict[str, tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]]:
    lines, nodes = laid.layers["pipes"], laid.layers["pipe_nodes"]
    return {
        name: (lines[lines["medium"] == name], nodes[nodes["medium"] == name])
        for name in sorted(lines["medium"].unique())
    }


def test_all_seven_media_are_there(medium_of: dict[str, object]) -> None:
    assert sorted(medium_of) == sorted(SOURCES)


@pytest.mark.parametrize("medium", sorted(SOURCES))
def test_every_pipe_is_connected_to_a_source(
    medium_of: dict[str, tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]], medium: str
) -> None:
    lines, nodes = medium_of[medium]
    part = parts_of(lines, nodes)
    fed = part[nodes.loc[nodes["kind"] == SOURCES[medium], "code"]].unique()
    assert len(fed) >= 1
    assert part.isin(fed).all()


def test_a_pipe_begins_and_ends_where_its_nodes_stand(laid: City) -> None:
    lines, nodes = laid.layers["pipes"], laid.layers["pipe_nodes"].set_index("code")
    for field, end in (("from_node", 0), ("to_node", -1)):
        at = shapely.get_coordinates(shapely.get_point(lines.geometry.to_numpy(), end))
        node = shapely.get_coordinates(nodes.geometry.loc[lines[field]].to_numpy())
        assert at == pytest.approx(node, abs=0.011)


def test_gravity_pipes_fall_and_only_they_are_called_so(laid: City) -> None:
    lines = laid.layers["pipes"]
    gravity = lines[lines["pressure_level"] == "gravity"]
    assert len(gravity) > 50
    assert (gravity["start_invert_m"] > gravity["end_invert_m"]).all()
    assert set(gravity["medium"]) == {"sewage", "rain"}
    assert (gravity["flow_direction"] == "forward").all()


def test_a_drain_never_enters_a_manhole_below_the_one_that_leaves_it(laid: City) -> None:
    lines = laid.layers["pipes"]
    gravity = lines[lines["pressure_level"] == "gravity"]
    arriving = gravity.groupby("to_node")["end_invert_m"].min()
    leaving = gravity.groupby("from_node")["start_invert_m"].min()
    both = arriving.index.intersection(leaving.index)
    assert len(both) > 20
    assert (arriving[both] >= leaving[both] - 0.002).all()


def test_diameters_never_grow_on_the_way_from_the_source_of_water(
    medium_of: dict[str, tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]],
) -> None:
    lines, _ = medium_of["water"]
    tree = lines[lines["flow_direction"] == "forward"]
    feeding = tree.groupby("to_node")["diameter_mm"].max()
    fed = tree[tree["from_node"].isin(feeding.index)]
    assert (fed["diameter_mm"].to_numpy() <= feeding[fed["from_node"]].to_numpy()).all()
    assert tree["diameter_mm"].nunique() >= 3


@pytest.mark.parametrize("medium", ["sewage", "rain"])
def test_drains_never_shrink_on_their_way_down(
    medium_of: dict[str, tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]], medium: str
) -> None:
    lines, _ = medium_of[medium]
    lines = lines[lines["pressure_level"] == "gravity"]
    arriving = lines.groupby("to_node")["diameter_mm"].max()
    leaving = lines.groupby("from_node")["diameter_mm"].max()
    both = arriving.index.intersection(leaving.index)
    assert (leaving[both] >= arriving[both]).all()


def test_shutting_the_valves_cuts_the_water_network_into_parts(
    medium_of: dict[str, tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]],
) -> None:
    lines, nodes = medium_of["water"]
    assert parts_of(lines, nodes).nunique() == 1
    valves = int((nodes["kind"] == "valve").sum())
    part = parts_of(lines, nodes, shut=True)
    assert part[part >= 0].nunique() > valves / 4
    source = part[nodes.loc[nodes["kind"] == "source", "code"].iloc[0]]
    assert (part == source).sum() < 0.3 * len(nodes)


def test_hydrants_stand_behind_the_kerb_no_more_than_120_m_apart_along_a_street(laid: City) -> None:
    nodes = laid.layers["pipe_nodes"]
    hydrants = nodes[nodes["kind"] == "hydrant"]
    roads = laid.roads.set_index("code")
    own = roads.loc[hydrants["road_code"]]
    away = shapely.distance(hydrants.geometry.to_numpy(), own.geometry.to_numpy())
    assert (away > own["width_m"].to_numpy() / 2).all()
    mains = laid.layers["pipes"].query("medium == 'water' and kind != 'service'")
    streets = roads.loc[sorted(mains["road_code"].unique())]
    count = hydrants["road_code"].value_counts().reindex(streets.index).fillna(0)
    assert (count >= np.ceil(streets.length / 120)).all()


def test_each_level_has_its_datum_and_crowns_lie_under_the_ground(laid: City) -> None:
    lines, nodes = laid.layers["pipes"], laid.layers["pipe_nodes"]
    assert (lines["height_datum"] == "cn1985").all()
    assert (nodes["height_datum"] == "cn1985").all()
    # An outfall's mouth lies in the bank.
    mouths = nodes.loc[nodes["kind"] == "outfall", "code"]
    buried = lines[~lines["to_node"].isin(mouths)]
    assert (buried[["start_depth_m", "end_depth_m"]] > 0.3).all(axis=None)
    ground = nodes.set_index("code")["ground_level_m"]
    depth = ground[lines["from_node"]].to_numpy() - lines["start_invert_m"] - lines["diameter_mm"] / 1000
    assert lines["start_depth_m"].to_numpy() == pytest.approx(depth.to_numpy(), abs=0.011)


def test_water_and_sewers_lie_on_different_sides_of_a_street(laid: City) -> None:
    lines = laid.layers["pipes"]
    east = laid.roads[(laid.roads["class"] == 1) & (laid.roads["town"] != "")]
    middle = float(shapely.get_coordinates(east.geometry.to_numpy())[0, 1])
    along = lines["road_code"].isin(east["code"]) & (lines.length > 30)
    inner = lines[along & (lines["pressure_level"] != "low")]
    y = shapely.get_y(shapely.line_interpolate_point(inner.geometry.to_numpy(), 0.5, normalized=True))
    assert (y[(inner["medium"] == "sewage").to_numpy()] < middle).all()
    assert (y[(inner["medium"] == "power").to_numpy()] > middle).all()


def test_nothing_is_laid_after_the_as_of_date(laid: City) -> None:
    assert (pd.to_datetime(laid.layers["pipes"]["laid_on"]) <= pd.Timestamp(laid.as_of)).all()


def test_the_same_seed_lays_the_same_pipes(laid: City) -> None:
    again = small_town()
    pipes.make(again)
    for name in ("pipes", "pipe_nodes"):
        pd.testing.assert_frame_equal(pd.DataFrame(laid.layers[name]), pd.DataFrame(again.layers[name]))


def test_a_town_without_a_trunk_or_buildings_still_gets_its_pipes() -> None:
    city = small_town()
    city.roads["class"] = 3
    city.buildings = city.buildings[city.buildings["block"] < 0]
    pipes.make(city)
    media = set(city.layers["pipes"]["medium"])
    assert {"water", "sewage", "rain"} <= media
    assert not {"heat", "gas"} & media
