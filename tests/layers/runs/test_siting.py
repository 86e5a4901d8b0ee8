"""A town of a few streets: where its next stations and cameras go, and what a scenario makes of them."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.cells import cover, polygons, to_text
from geo.radio import predict
from layers.features.writing import check_feature
from layers.runs.errors import BadRunParameter
from layers.runs.kinds import Inputs, Wanted, kind_named
from layers.runs.parameters import parse
from layers.runs.siting.moving import after, by_cell, kept_of
from layers.runs.siting.planned import planned_changes

KIND = kind_named("site_plan")
LON, LAT = 115.90, 31.80
OUTLINE = shapely.box(LON - 0.03, LAT - 0.03, LON + 0.03, LAT + 0.03)


def points(code: str, columns: dict, places: list[tuple[float, float]]) -> gpd.GeoDataFrame:
    shapes = [shapely.Point(LON + east, LAT + north) for east, north in places]
    codes = [f"{code}{one}" for one in range(len(places))]
    frame = gpd.GeoDataFrame({"code": codes, **columns}, geometry=shapes, crs=4326)
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame


def nothing(wanted: Wanted) -> gpd.GeoDataFrame:
    columns = {name: pd.Series(dtype=object) for name in ("code", *wanted.fields)}
    return gpd.GeoDataFrame(columns, geometry=[], crs=4326)


def town(catalog, given: dict, **frames: gpd.GeoDataFrame) -> tuple:
    parameters = parse(KIND, given, catalog)
    every = {one.role: frames.get(one.role, nothing(one)) for one in KIND.wanted(parameters)}
    documents = {
        "city": {"as_of": "2020-12-31"},
        "targets": [{"indicator": "base_stations_5g", "year": 2022, "at_least": 3, "source": "plan"}],
    }
    return parameters, Inputs(every, OUTLINE, documents=documents)


def computed(catalog, given: dict, **frames):
    parameters, inputs = town(catalog, given, **frames)
    return KIND.compute(parameters, inputs, lambda share: None)


@pytest.fixture(scope="module")
def radio():
    cells = cover(shapely.box(LON - 0.02, LAT - 0.02, LON + 0.02, LAT + 0.02), 10)
    people = gpd.GeoDataFrame(
        {"code": None, "cell": to_text(cells), "residents": 10.0},
        geometry=polygons(cells).to_numpy(),
        crs=4326,
    )
    places = [(-0.018, -0.018), (0.018, 0.018), (0.0, 0.0), (0.019, 0.019), (0.0, 0.018)]
    fields = {
        "technology": ["5g", "4g", "4g", "4g", "4g"], "name": [None, "甲", "乙", "丙", "丁"],
        "height_m": 30.0, "tower_owner": "china_tower", "operator": "cmcc", "sharing_operators": None,
        "counting_unit": "site",
        "commissioned_on": None, "status": "in_service",
    }  # fmt: skip
    sites = points("site", fields, places)
    sectors = points(
        "sector",
        {"site_code": sites["code"].iloc[0], "technology": "5g", "frequency_mhz": 2565.0,
         "bandwidth_mhz": 100.0, "subcarrier_spacing_khz": 30.0, "mechanical_tilt_deg": 3.0,
         "electrical_tilt_deg": 3.0, "height_m": 30.0, "power_dbm": 53.0, "pattern": "8x8",
         "beamwidth_deg": 65.0, "status": "in_service"},
        [places[0]] * 3,
    ).assign(azimuth_deg=[0.0, 120.0, 240.0])  # fmt: skip
    lake = gpd.GeoDataFrame(
        {"code": ["w"], "kind": ["lake"], "name": [None]},
        geometry=[shapely.Point(LON + 0.019, LAT + 0.019).buffer(0.0005)], crs=4326,
    )  # fmt: skip
    return {"people": people, "sites": sites, "stations": sites, "sectors": sectors, "water": lake}


def test_stations_are_ranked_by_year_with_proof_and_checked_by_the_prediction_of_the_network(catalog, radio):
    outcome = computed(
        catalog,
        {"device": "stations", "by_year": "1,1", "candidates": ["existing_4g"], "seconds": 5},
        **radio,
    )
    sites = outcome.cells
    assert sites["rank"].tolist() == [1, 2]
    assert sites["year"].tolist() == [2021, 2022]
    assert "丙" not in set(sites["name"])  # stands in the lake
    facts = outcome.note.facts
    assert facts["excluded_water"] == 1
    assert facts["people_expected_before"] < facts["people_expected_planned"]
    assert facts["people_covered_before"] < facts["people_covered_after"]
    proof, curve, *rest = outcome.findings
    assert proof["covered"] <= proof["bound"]
    assert proof["gap"] < 0.05
    assert curve["covered"][-1] == pytest.approx(proof["already"] + proof["covered"], abs=1e-3)
    assert [one["sites"] for one in rest if one["what"] == "year"] == [1, 1]
    target = next(one for one in rest if one["what"] == "target")
    assert (target["now"], target["after"], target["met_in"]) == (1, 3, 2022)


@pytest.mark.parametrize(("prefix", "targets"), [("341504", 1), ("341504001", 0)])
def test_targets_of_the_city_are_told_for_the_whole_of_it_only(catalog, radio, prefix, targets):
    given = {"device": "stations", "budget": 1, "candidates": ["existing_4g"], "seconds": 0}
    parameters, inputs = town(catalog, given, **radio)
    inputs = replace(inputs, prefix=prefix, city=OUTLINE, city_prefix="341504")
    outcome = KIND.compute(parameters, inputs, lambda share: None)
    assert sum(one["what"] == "target" for one in outcome.findings) == targets


def test_the_gain_of_a_single_site_is_what_its_own_prediction_adds(catalog, radio):
    outcome = computed(
        catalog, {"device": "stations", "budget": 1, "candidates": ["existing_4g"], "seconds": 0}, **radio
    )
    site = outcome.cells.iloc[0]
    cells = cover(shapely.box(LON - 0.02, LAT - 0.02, LON + 0.02, LAT + 0.02), 10)
    now = predict(radio["sectors"], cells)["covered_probability"].to_numpy()
    new = gpd.GeoDataFrame(
        [one.properties for one in planned_changes([site.to_dict()], run=1)[1:]],
        geometry=[site.geometry] * 3, crs=4326,
    )  # fmt: skip
    alone = predict(new, cells, samples=1)["covered_probability"].to_numpy()
    # probabilities under 0.02 are left out
    assert site["gain"] == pytest.approx(float((10.0 * (1 - now) * alone).sum()), rel=0.02)


def test_a_plan_becomes_changes_that_the_catalogue_takes(catalog, radio):
    outcome = computed(
        catalog, {"device": "stations", "budget": 2, "candidates": ["existing_4g"], "seconds": 0}, **radio
    )
    changes = planned_changes(outcome.cells.to_dict("records"), run=12)
    assert [one.layer for one in changes] == ["base_stations", "sectors", "sectors", "sectors"] * 2
    assert {one.properties["site_code"] for one in changes[1:4]} == {changes[0].properties["code"]}
    for one in changes:
        check_feature(
            catalog.layer(one.layer), catalog.code_lists, one.geometry, one.properties, partial=False
        )


@pytest.fixture(scope="module")
def streets():
    homes = gpd.GeoDataFrame(
        {"code": ["h"], "height_m": [6.0], "use": ["house"], "floor_area_m2": [100.0], "name": [None]},
        geometry=[shapely.box(LON, LAT, LON + 0.0001, LAT + 0.0001)], crs=4326,
    )  # fmt: skip
    road = gpd.GeoDataFrame(
        {"code": ["r"], "class": ["residential"], "name": [None], "tunnel": [None]},
        geometry=[shapely.LineString([(LON - 0.001, LAT), (LON + 0.001, LAT)])], crs=4326,
    )  # fmt: skip
    poles = points(
        "lamp",
        {"kind": "lamp", "multi_use": False, "free_slots": [1.0, 0.0, 1.0, 1.0], "owner": "市政",
         "height_m": 8.0, "power": "mains"},
        [(-0.0006, 0.0001), (0.0, 0.0002), (0.0006, 0.0001), (0.02, 0.02)],
    )  # fmt: skip
    return {"buildings": homes, "roofs": homes, "roads": road, "poles": poles}


def test_cameras_are_turned_to_what_nobody_sees_at_most_two_on_a_pole(catalog, streets):
    outcome = computed(catalog, {"device": "cameras", "budget": 4, "seconds": 2}, **streets)
    sites, facts = outcome.cells, outcome.note.facts
    assert set(sites["host"]) == {"lamp0", "lamp2"}
    assert sites.groupby("host").size().max() <= 2
    assert (facts["excluded_no_free_slot"], facts["excluded_sees_no_blind_spot"]) == (1, 1)
    assert 0 < facts["blind_cells_closed"] <= facts["blind_cells"]
    assert (np.diff(sites["gain"]) <= 1e-9).all()
    focus = to_text(cover(shapely.box(LON + 0.0005, LAT - 0.0002, LON + 0.001, LAT + 0.0002), 12)).tolist()
    near = computed(catalog, {"device": "cameras", "budget": 1, "focus": focus, "seconds": 0}, **streets)
    assert near.cells["host"].tolist() == ["lamp2"]
    assert 0 < near.note.facts["blind_cells"] <= len(focus)
    for one in planned_changes(sites.to_dict("records"), run=3):
        check_feature(
            catalog.layer(one.layer), catalog.code_lists, one.geometry, one.properties, partial=False
        )


@pytest.mark.parametrize(
    ("given_parameters", "parameter", "expected"),
    [
        ({"device": "stations", "by_year": "0,0"}, "by_year", "one-year-above-0"),
        ({"device": "stations", "focus": "8c41b4b26c451ff"}, "focus", "cameras-only"),
        ({"device": "balloons"}, "device", "one-of"),
        ({"device": "cameras", "budget": 0}, "budget", "whole-number"),
    ],
)
def test_what_cannot_be_planned_is_named(catalog, given_parameters, parameter, expected):
    with pytest.raises(BadRunParameter) as caught:
        parse(KIND, given_parameters, catalog)
    assert (caught.value.details["parameter"], caught.value.details["expected"]) == (parameter, expected)


def test_a_town_without_places_says_so(catalog, radio):
    with pytest.raises(BadRunParameter, match="sources with places"):
        computed(catalog, {"device": "stations", "candidates": ["towers"]}, **radio)


def hosts(catalog, radio, **given):
    asked = {"device": "stations", "budget": 1, "candidates": ["existing_4g"], "seconds": 0, **given}
    return computed(catalog, asked, **radio).cells["host"].tolist()


def square(east: float, north: float, half: float = 0.002) -> dict:
    return shapely.geometry.mapping(shapely.box(*(
        LON + east - half, LAT + north - half, LON + east + half, LAT + north + half
    )))  # fmt: skip


def test_hosts_are_forced_forbidden_fenced_in_and_kept_out(catalog, radio):
    [best] = hosts(catalog, radio)
    assert best not in hosts(catalog, radio, forbidden=[best])
    assert best not in hosts(catalog, radio, keep_out=square(0.0, 0.0))
    assert hosts(catalog, radio, area=square(0.0, 0.018)) == ["site4"]
    assert "site1" in hosts(catalog, radio, forced=["site1"])
    with pytest.raises(BadRunParameter, match="usable host") as caught:
        hosts(catalog, radio, forced=["site3"])  # in the lake
    assert "water" in str(caught.value)


def test_towns_get_their_least_and_no_more_than_their_most(catalog, radio):
    towns = gpd.GeoDataFrame(
        {"code": ["341504001", "341504002"], "name": ["西", "东"]}, index=[1, 2],
        geometry=[shapely.box(LON - 0.03, LAT - 0.03, LON + 0.01, LAT + 0.03),
                  shapely.box(LON + 0.01, LAT - 0.03, LON + 0.03, LAT + 0.03)], crs=4326,
    )  # fmt: skip
    both = {**radio, "towns": towns}
    free = hosts(catalog, both, budget=1)
    assert free == ["site2"]
    assert hosts(catalog, both, budget=1, district_least="341504002=1") == ["site1"]
    assert hosts(catalog, both, budget=3, district_most={"*": 1}) != []
    assert len(hosts(catalog, both, budget=3, district_most={"*": 1})) == 2
    with pytest.raises(BadRunParameter, match="town codes"):
        hosts(catalog, both, district_most="999=1")
    outcome = computed(catalog, {"device": "stations", "budget": 1, "seconds": 0}, **both)
    fair = next(one for one in outcome.findings if one["what"] == "towns")
    assert [row["code"] for row in fair["rows"]] == ["341504001", "341504002"]
    assert all(0 <= row["before"] <= row["after"] + 1e-6 <= row["whole"] + 1e-3 for row in fair["rows"])


def test_money_is_spent_year_by_year_by_costs_of_ones_own(catalog, radio):
    given = {"device": "stations", "candidates": ["existing_4g"], "seconds": 0, "costs": "existing_4g=10"}
    sites = computed(catalog, {**given, "money_by_year": "15,15"}, **radio).cells
    assert sites["cost"].tolist() == [10.0] * 3
    assert sites["year"].tolist() == [2021, 2022, 2022]  # what a year leaves, the next may spend


def test_a_share_is_reached_with_the_fewest_sites_and_the_proof_says_how_few_at_least(catalog, radio):
    given = {"device": "stations", "candidates": ["existing_4g"], "seconds": 5}
    whole = computed(catalog, {**given, "budget": 3}, **radio)
    reached = whole.cells["covered_share"].iloc[1]
    outcome = computed(catalog, {**given, "target_share": 100 * reached - 0.01}, **radio)
    proof = outcome.findings[0]
    assert (proof["objective"], proof["bound_unit"], len(outcome.cells)) == ("least_cost", "sites", 2)
    assert proof["bound"] <= proof["cost"] == 2
    assert {"budget", "by_year"}.isdisjoint(outcome.note.parameters)


def test_a_shared_pole_carries_what_brings_most_and_tells_what_that_saves(catalog, radio, streets):
    frames = {
        **radio, **streets,
        "carried_sensors": points("gz", {"carrier_code": [None, "x"]}, [(0.00061, 0.0001), (0.0006, 0.0001)]),
    }  # fmt: skip
    outcome = computed(catalog, {"device": "poles", "budget": 1, "seconds": 0}, **frames)
    [site] = outcome.cells.to_dict("records")
    findings = {one["what"]: one for one in outcome.findings}
    assert site["host"] == "lamp2"  # the only one with a sensor beside it
    assert (site["uses"], site["sensors"]) == ("5g,camera,sensor", 1)
    saving = findings["shared_poles"]
    # By hand: 0.1 for the pole, 4 to make it a multi-use one, 6 a site, 0.8 a camera, 0.05 a sensor.
    assert saving["cost"] == pytest.approx(10.15 + 0.8 * site["cameras"])
    assert saving["cost_apart"] == pytest.approx(6 + 0.8 * site["cameras"] + 0.05 + 5 + 1.7 + 0.6)
    assert findings["sharing"]["devices"]["by_layer"]["sensors"]["carried_after"] == 2
    kept = kept_of(outcome.parts)  # what a planner needs to move it
    [stand] = kept.chosen
    place = kept.candidates[stand.number]
    assert (place["host"], place["reasons"], place["cost"]) == ("lamp2", [], pytest.approx(site["cost"]))
    assert kept.left.sum() == pytest.approx(100)
    gained = by_cell(kept, after(kept, kept.chosen, {}), 10)["gained"]
    assert gained.sum() == pytest.approx(site["gain"])
    changes = planned_changes([site], run=5)
    assert [one.layer for one in changes[:4]] == ["base_stations", "sectors", "sectors", "sectors"]
    assert [one.layer for one in changes[4:]] == ["cameras"] * int(site["cameras"])
    for one in changes:
        check_feature(
            catalog.layer(one.layer), catalog.code_lists, one.geometry, one.properties, partial=False
        )


def test_most_sites_stay_where_range_and_demand_are_a_little_otherwise(catalog, radio):
    outcome = computed(
        catalog,
        {"device": "stations", "budget": 2, "candidates": ["existing_4g"], "seconds": 0, "sensitivity": True},
        **radio,
    )
    rows = next(one for one in outcome.findings if one["what"] == "sensitivity")["rows"]
    assert [(row["change"], row["percent"], row["trials"]) for row in rows] == [
        ("range", -10, 1), ("range", 10, 1), ("demand", 10, 5),
    ]  # fmt: skip
    assert rows[0]["covered"] < rows[1]["covered"]
    assert outcome.cells["stays"].between(0, 1).all()
