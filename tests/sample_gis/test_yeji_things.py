"""Pipes and devices of the whole sample city."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from layers.definitions.loading import read_catalog
from layers.importing.checking import check
from sample_gis.city import City
from sample_gis.loading import geographic

LAYERS = (
    "pipes",
    "pipe_nodes",
    "poles",
    "towers",
    "cameras",
    "base_stations",
    "sectors",
    "sensors",
    "vehicles",
)


@pytest.mark.parametrize("name", LAYERS)
def test_every_row_is_as_the_catalogue_asks_and_says_what_it_is(yeji: City, name: str) -> None:
    catalog = read_catalog()
    definition = catalog.layer(name)
    frame = yeji.layers[name]
    checked = check(definition, catalog.code_lists, geographic(frame, definition, yeji.profile))
    assert checked.refusals == []
    assert frame["code"].is_unique
    assert set(frame["provenance"]) == {"synthetic"}
    assert frame["source"].str.contains("样例").all()


def test_the_counts_are_those_of_the_plan_and_the_profile(yeji: City) -> None:
    sites = yeji.layers["base_stations"]["technology"].value_counts()
    stand = yeji.layers["poles"]["kind"].value_counts()
    assert len(yeji.layers["cameras"]) == 2300
    assert sites.to_dict() == {"4g": 635, "5g": 144, "pdt": 5}
    assert len(yeji.layers["sectors"]) == 3 * (635 + 144) + 5
    assert len(yeji.layers["sensors"]) == 7000
    assert (stand["lamp"], stand["multi_use"]) == (3000, 120)
    assert 170 <= len(yeji.layers["towers"]) <= 190


def test_device_identifiers_are_20_digits_and_unique(yeji: City) -> None:
    every = pd.concat([yeji.layers[name]["device_id"] for name in ("cameras", "sensors", "vehicles")])
    assert every.str.fullmatch(r"\d{20}").all()
    assert every.is_unique


def test_every_camera_stands_outdoors_and_off_the_carriageway(yeji: City) -> None:
    at = yeji.layers["cameras"].geometry.to_numpy()
    half = yeji.roads["width_m"].to_numpy() / 2
    roads = shapely.buffer(yeji.roads.geometry.to_numpy(), half, cap_style="flat")
    assert not len(shapely.STRtree(roads).query(at, predicate="intersects")[0])
    assert not len(shapely.STRtree(yeji.buildings.geometry.to_numpy()).query(at, predicate="intersects")[0])


def test_an_unknown_direction_is_no_direction(yeji: City) -> None:
    azimuth = yeji.layers["cameras"]["azimuth_deg"]
    assert 50 < azimuth.isna().sum() < 400
    # Zero is north and would be as rare as any other tenth of a degree.
    assert (azimuth == 0).sum() < 10


def test_each_network_of_each_town_is_one_with_its_source(yeji: City) -> None:
    lines, nodes = yeji.layers["pipes"], yeji.layers["pipe_nodes"]
    # A few pipes were cut off at known places, with the hydrants behind them.
    cut_off = {one["hydrant"] for one in yeji.truth["pipe_defects"] if one["cause"] == "no_source"}
    nodes = nodes[~nodes["code"].isin(cut_off)]
    lines = lines[lines["from_node"].notna() & lines["to_node"].notna()]
    number = pd.Series(np.arange(len(nodes)), index=nodes["code"])
    ends = number[lines["from_node"]].to_numpy(), number[lines["to_node"]].to_numpy()
    _, part = connected_components(
        coo_matrix((np.ones(len(lines)), ends), (len(nodes), len(nodes))), directed=False
    )
    kinds = {"source", "treatment", "outfall", "substation"}
    assert np.isin(part, part[nodes["kind"].isin(kinds).to_numpy()]).all()


def test_gravity_pipes_fall_but_at_planted_places(yeji: City) -> None:
    lines = yeji.layers["pipes"]
    planted = {one["pipe"] for one in yeji.truth["pipe_defects"] if one["cause"] == "counter_slope"}
    gravity = lines[(lines["pressure_level"] == "gravity") & ~lines["code"].isin(planted)]
    assert (gravity["start_invert_m"] > gravity["end_invert_m"]).all()
    assert gravity["start_depth_m"].quantile(0.95) < 6
    assert gravity["start_depth_m"].min() > 0.5
    assert len(gravity) > 5000


def test_no_pipe_runs_through_a_building(yeji: City) -> None:
    lines = yeji.layers["pipes"].geometry.to_numpy()
    houses = shapely.STRtree(yeji.buildings.geometry.to_numpy())
    assert len(houses.query(lines, predicate="intersects")[0]) == 0


def test_the_networks_have_the_size_of_a_small_county_town_and_its_towns(yeji: City) -> None:
    lines = yeji.layers["pipes"]
    km = lines.length.groupby(lines["medium"]).sum() / 1000
    assert 120 < km["water"] < 260
    assert 120 < km["sewage"] < 260
    assert 40 < km["gas"] < 220


def test_5g_sites_are_closer_together_in_towns(yeji: City) -> None:
    sites = yeji.layers["base_stations"]
    new = sites[sites["technology"] == "5g"]
    xy = shapely.get_coordinates(new.geometry.to_numpy())
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) + np.eye(len(xy)) * 1e9
    urban = np.zeros(len(xy), dtype=bool)
    for area in yeji.towns["built_up"]:
        urban |= shapely.contains_xy(area, xy[:, 0], xy[:, 1])
    nearest = apart.min(axis=1)
    assert 250 < np.median(nearest[urban]) < 700
    assert np.median(nearest[~urban]) > np.median(nearest[urban])
    assert (new.loc[~urban, "host_kind"] == "tower").all()
