"""The planted defects of pipes: they are there, and what they break holds everywhere else."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sample_gis.city import City
from sample_gis.planted.truth import plain, read_causes

CAUSES = read_causes()["pipe_defects"]


def defects(city: City, cause: str) -> list[dict[str, Any]]:
    return [one for one in city.truth["pipe_defects"] if one["cause"] == cause]


def codes(city: City, cause: str, key: str = "pipe") -> set[str]:
    return {one[key] for one in defects(city, cause)}


def drains(city: City) -> gpd.GeoDataFrame:
    pipes = city.layers["pipes"]
    return pipes[pipes["pressure_level"] == "gravity"]


class Network:
    """The water network as pipes and nodes that touch, without its valves where they are shut."""

    def __init__(self, city: City, *, shut: bool) -> None:
        pipes, nodes = city.layers["pipes"], city.layers["pipe_nodes"]
        valves = set(nodes.loc[nodes["kind"] == "valve", "code"]) if shut else set()
        own = pipes[pipes["medium"] == "water"]
        self.length = dict(zip(own["code"], own.length, strict=True))
        self.beside: dict[str, set[str]] = defaultdict(set)
        for code, *ends in zip(own["code"], own["from_node"], own["to_node"], strict=True):
            for end in ends:
                if isinstance(end, str) and end not in valves:
                    self.beside[code].add(end)
                    self.beside[end].add(code)

    def reached(self, start: str, without: str = "") -> frozenset[str]:
        """Return all that hangs together with a pipe or node."""
        found, left = {start}, [start]
        while left:
            fresh = self.beside[left.pop()] - found - {without}
            found |= fresh
            left += fresh
        return frozenset(found)

    def metres(self, codes: frozenset[str]) -> float:
        return sum(self.length.get(code, 0.0) for code in codes)


@pytest.fixture(scope="module")
def shut(yeji: City) -> Network:
    return Network(yeji, shut=True)


@pytest.mark.parametrize("cause", CAUSES)
def test_there_are_as_many_defects_of_each_kind_as_asked(yeji: City, cause: str) -> None:
    assert len(defects(yeji, cause)) == CAUSES[cause].count


def test_only_counter_slopes_rise(yeji: City) -> None:
    own = drains(yeji)
    rising = own[own["start_invert_m"] <= own["end_invert_m"]]
    assert set(rising["code"]) == codes(yeji, "counter_slope")
    assert (rising["end_invert_m"] - rising["start_invert_m"]).to_numpy() == pytest.approx(0.08, abs=0.0015)
    assert rising["end_depth_m"].min() > 0.6


def test_only_one_drain_is_said_to_flow_against_its_fall(yeji: City) -> None:
    own = drains(yeji)
    assert set(own.loc[own["flow_direction"] != "forward", "code"]) == codes(yeji, "against_fall")


def test_only_shrinking_drains_are_narrower_than_what_feeds_them(yeji: City) -> None:
    own = drains(yeji)
    arriving = own.groupby("to_node")["diameter_mm"].max()
    narrower = own["diameter_mm"] < own["from_node"].map(arriving).fillna(0)
    assert set(own.loc[narrower, "code"]) == codes(yeji, "shrinking")


def test_a_drain_still_never_enters_a_manhole_below_the_one_that_leaves_it(yeji: City) -> None:
    own = drains(yeji)
    arriving = own.groupby("to_node")["end_invert_m"].min()
    leaving = own.groupby("from_node")["start_invert_m"].min()
    both = arriving.index.intersection(leaving.index)
    assert (arriving[both] >= leaving[both] - 0.002).all()


def test_only_cut_pipes_lack_a_node_and_each_stops_short_of_it(yeji: City) -> None:
    pipes, nodes = yeji.layers["pipes"].set_index("code"), yeji.layers["pipe_nodes"].set_index("code")
    assert set(pipes.index[pipes["to_node"].isna()]) == codes(yeji, "dangling_end")
    assert set(pipes.index[pipes["from_node"].isna()]) == codes(yeji, "no_source")
    for cause, end, away in (("dangling_end", -1, 0.6), ("no_source", 0, 0.2)):
        for one in defects(yeji, cause):
            tip = shapely.get_point(pipes.geometry[one["pipe"]], end)
            assert tip.distance(nodes.geometry[one["node"]]) == pytest.approx(away, abs=0.005)
    for column, end in (("from_node", 0), ("to_node", -1)):
        joined = pipes[pipes[column].notna()]
        tips = shapely.get_point(joined.geometry.to_numpy(), end)
        stands = nodes.geometry.loc[joined[column]].to_numpy()
        assert shapely.distance(tips, stands).max() < 0.015


def test_only_the_two_cut_hydrants_have_no_source(yeji: City) -> None:
    network, nodes = Network(yeji, shut=False), yeji.layers["pipe_nodes"]
    own = nodes[nodes["medium"] == "water"]
    sources = own.loc[own["kind"] == "source", "code"]
    fed = frozenset().union(*(network.reached(code) for code in sources))
    dry = own.loc[~own["code"].isin(fed)]
    assert set(dry["code"]) == codes(yeji, "no_source", "hydrant")
    assert set(dry["kind"]) == {"hydrant"}


def test_a_missing_valve_would_part_its_segment(yeji: City, shut: Network) -> None:
    nodes = yeji.layers["pipe_nodes"].set_index("code")
    for one in defects(yeji, "missing_valve"):
        assert nodes.loc[one["node"], "kind"] == "junction"
        assert shut.metres(shut.reached(one["node"])) == pytest.approx(one["segment_m"], abs=1.5)
        parts = {shut.reached(pipe, without=one["node"]) for pipe in shut.beside[one["node"]]}
        assert sorted(map(shut.metres, parts)) == pytest.approx(sorted(one["sides_m"]), abs=1)


def test_a_stuck_valve_parts_two_segments_that_are_shut_off_together(yeji: City, shut: Network) -> None:
    nodes, pipes = yeji.layers["pipe_nodes"].set_index("code"), yeji.layers["pipes"]
    for one in defects(yeji, "stuck_valve"):
        assert nodes.loc[one["node"], "valve_state"] == "stuck"
        beside = pipes.loc[(pipes["from_node"] == one["node"]) | (pipes["to_node"] == one["node"]), "code"]
        sides = {shut.reached(code) for code in beside}
        assert sorted(map(shut.metres, sides)) == pytest.approx(sorted(one["sides_m"]), abs=1)


def test_only_planted_gas_pipes_run_within_reach_of_a_duct_of_communication(yeji: City) -> None:
    pipes = yeji.layers["pipes"].set_index("code")
    ducts = pipes[pipes["medium"] == "comms"]
    gas = pipes[(pipes["medium"] == "gas") & (pipes.length > 25)]
    outsides = shapely.buffer(ducts.geometry.to_numpy(), ducts["section_width_mm"].to_numpy() / 2000)
    tree = shapely.STRtree(outsides)
    close = set()
    for code, line, diameter in zip(gas.index, gas.geometry, gas["diameter_mm"], strict=True):
        # Where lines bend into a junction they cross: what counts is the run between.
        run = shapely.line_interpolate_point(line, np.arange(12, line.length - 12, 2))
        near = tree.query(run, predicate="dwithin", distance=0.5 + diameter / 2000)[0]
        if len(np.unique(near)) * 2 >= 15:
            close.add(code)
    assert close == codes(yeji, "clearance")
    for one in defects(yeji, "clearance"):
        duct, line = ducts.loc[one["other"]], gas.loc[one["pipe"]]
        middle = shapely.line_interpolate_point(line.geometry, 0.5, normalized=True)
        gap = middle.distance(duct.geometry) - (line["diameter_mm"] + duct["section_width_mm"]) / 2000
        assert gap == pytest.approx(one["gap_m"], abs=0.05)
        assert gap < one["required_m"]


def test_a_moved_gas_pipe_still_keeps_off_buildings_and_its_length(yeji: City) -> None:
    pipes = yeji.layers["pipes"].set_index("code")
    for code in codes(yeji, "clearance"):
        line = pipes.geometry[code]
        assert line.is_simple
        assert not yeji.buildings.intersects(line).any()


def test_the_oldest_pipes_lie_under_busy_roads(yeji: City) -> None:
    pipes, roads = yeji.layers["pipes"].set_index("code"), yeji.roads.set_index("code")
    years = pd.to_datetime(pipes["laid_on"]).dt.year
    assert set(years.index[years < 1978]) == codes(yeji, "over_age")
    for code in codes(yeji, "over_age"):
        assert roads.loc[pipes.loc[code, "road_code"], "class"] <= 1
        assert years[code] + pipes.loc[code, "design_life_years"] < yeji.as_of.year - 20


def test_only_planted_pipes_lack_an_attribute_or_have_an_impossible_one(yeji: City) -> None:
    pipes = yeji.layers["pipes"].set_index("code")
    needed = ["diameter_mm", "material", "laid_on", "start_depth_m", "end_invert_m"]
    assert set(pipes.index[pipes[needed].isna().any(axis=1)]) == codes(yeji, "missing_attribute")
    impossible = (
        (pipes["diameter_mm"] > 3000)
        | (pipes["start_depth_m"] < 0) & ~pipes["to_node"].str.startswith("YS", na=False)
        | (pd.to_datetime(pipes["laid_on"]) > pd.Timestamp(yeji.as_of))
    )
    assert set(pipes.index[impossible]) == codes(yeji, "impossible_attribute")


def test_defects_lie_apart_and_their_truth_is_plain(yeji: City) -> None:
    planted = json.loads(json.dumps(yeji.truth["pipe_defects"]))
    at = yeji.project([(one["lon"], one["lat"]) for one in planted])
    apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) + np.eye(len(at)) * 1e9
    assert apart.min() > 299
    for one in planted:
        assert "{" not in one["description"]["zh"] + one["description"]["en"]
        assert {*one["description"]} == {*one["expect"]} == {"zh", "en"}
        for key, fields in one["changed"].items():
            layer, code = key.split(" ")
            row = yeji.layers[layer].set_index("code").loc[code]
            for name, (_, after) in fields.items():
                assert plain(row[name]) == after
