"""Coverage along roads, railways and rivers, also of digital trunking, and sites against the plan."""

from __future__ import annotations

import itertools
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from tests.layers.little_city import EAST, WEST
from tests.layers.runs.radio_city import MIDDLE, inputs, run, sectors


def test_rivers_and_trunk_roads_have_a_covered_length_and_their_gaps() -> None:
    given = inputs(sectors([MIDDLE]))
    roads = given.frames["roads"].assign(**{"class": "trunk", "name": "G105", "ref": "G105"})
    given = replace(given, frames={**given.frames, "roads": roads})
    outcome = run(given)
    lines = {one["layer"]: one for one in outcome.findings if one["what"] == "lines"}
    # The region is a circle of 0.018 degrees: both lines cross its middle.
    assert lines["water"]["length_km"] == pytest.approx(2 * 0.018 * 110.87, rel=0.01)
    assert lines["roads"]["length_km"] == pytest.approx(2 * 0.018 * 94.75, rel=0.01)
    gaps = [one for one in outcome.findings if one["what"] == "line_gap"]
    assert {one["name"] for one in gaps} == {"史河", "G105"}
    for layer in ("water", "roads"):
        missing = sum(one["length_m"] for one in gaps if one["layer"] == layer) / 1000
        covered = lines[layer]["covered_km"]
        # Stretches under 100 m are left out of the list.
        assert 0 < covered < lines[layer]["length_km"]
        assert missing == pytest.approx(lines[layer]["length_km"] - covered, abs=0.3)
    assert [one["length_m"] for one in gaps] == sorted((one["length_m"] for one in gaps), reverse=True)
    nothing = run(given, technology="pdt")
    assert all(one["covered_km"] == 0 for one in nothing.findings if one["what"] == "lines")


def test_a_gap_goes_on_where_the_layer_cuts_its_road() -> None:
    given = inputs(sectors([MIDDLE]))
    ends = np.linspace(WEST, EAST, 41)
    pieces = [
        shapely.LineString([(west, MIDDLE[1]), (east, MIDDLE[1])]) for west, east in itertools.pairwise(ends)
    ]
    whole = {}
    for name, shapes in (
        ("whole", [shapely.LineString([(WEST, MIDDLE[1]), (EAST, MIDDLE[1])])]),
        ("cut", pieces),
    ):
        # In town the way bears a street's name for a little, and in the layer that comes first.
        names = ["大街", *["105国道"] * (len(shapes) - 1)] if name == "cut" else "105国道"
        roads = gpd.GeoDataFrame({"class": "trunk", "name": names, "ref": "G105"}, geometry=shapes, crs=4326,
                                 index=range(len(shapes)))  # fmt: skip
        outcome = run(replace(given, frames={**given.frames, "roads": roads}))
        assert {one["name"] for one in outcome.findings if one["what"] == "line_gap" and one["ref"]} == {
            "105国道"
        }
        whole[name] = [
            (one["ref"], one["length_m"]) for one in outcome.findings
            if one["what"] == "line_gap" and one["layer"] == "roads"
        ]  # fmt: skip
    assert [ref for ref, _ in whole["cut"]] == ["G105"] * len(whole["whole"])
    for (_, cut), (_, one) in zip(whole["cut"], whole["whole"], strict=True):
        assert cut == pytest.approx(one, abs=60)


def test_digital_trunking_reaches_farther_than_5g_and_takes_a_model_made_for_its_carrier() -> None:
    # One omnidirectional antenna: three sectors on one channel would drown each other.
    trunking = {"technology": "pdt", "frequency_mhz": 360.0, "bandwidth_mhz": 0.0125, "power_dbm": 44.0}
    radio = sectors([MIDDLE]).iloc[:1].assign(**trunking, pattern="omni")
    trunked = run(inputs(radio), technology="pdt")
    lines = next(one for one in trunked.findings if one["what"] == "lines")
    assert lines["covered_km"] > 0.9 * lines["length_km"]
    # TR 38.901 has no model under 500 MHz: Hata's is taken, and forcing another is told.
    assert trunked.note.facts["models"] == {"hata_urban": 1}
    assert "Hata" in trunked.note.source
    forced = run(inputs(radio), technology="pdt", model="rma")
    assert any("was not made for" in limit for limit in forced.note.limits)


def test_sites_stand_against_the_plan_by_year_in_their_counting_unit() -> None:
    given = inputs(sectors([MIDDLE, (MIDDLE[0] + 0.01, MIDDLE[1])]))
    plan = {"year": 2023, "at_least": 280, "counting_unit": None, "source": "规划"}
    targets = [{"indicator": f"base_stations_{one}", **plan} for one in ("5g", "4g")]
    stations = given.frames["stations"].copy()
    extra = stations.assign(counting_unit="logical_station", commissioned_on=None)
    stations = pd.concat([stations, extra], ignore_index=True)
    outcome = run(
        replace(given, frames={**given.frames, "stations": stations}, documents={"targets": targets})
    )
    logical, site = (one for one in outcome.findings if one["what"] == "sites")
    assert (site["counting_unit"], site["now"]) == ("site", 2)
    assert site["years"] == [{"year": 2019, "built": 1}, {"year": 2020, "built": 2}]
    assert (logical["now"], logical["undated"], logical["years"]) == (2, 2, [])
    [target] = site["targets"]
    assert (target["year"], target["missing"], target["same_unit"]) == (2023, 278, None)
