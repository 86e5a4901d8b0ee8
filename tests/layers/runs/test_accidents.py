"""Accident-prone stretches over a grid of streets: by test, by rule, by both, and what is left out."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.definitions.loading import read_catalog
from layers.runs.accidents import ACCIDENT_SEGMENTS, AccidentParameters, RuleName, compute, rules
from layers.runs.errors import BadRunParameter
from layers.runs.kinds import Inputs
from layers.runs.parameters import parse

CRS = 32650
AT = (500_000.0, 3_500_000.0)
STEP, SIZE = 200.0, 14
JUNCTION = shapely.Point(AT[0] + 5 * STEP, AT[1] + 5 * STEP)


def streets():
    lines = []
    for i in range(SIZE):
        for j in range(SIZE):
            here = (AT[0] + i * STEP, AT[1] + j * STEP)
            lines += [[here, (here[0] + STEP, here[1])], [here, (here[0], here[1] + STEP)]]
    return gpd.GeoDataFrame(
        {"class": "main", "name": [f"路{k}" for k in range(len(lines))]},
        geometry=[shapely.LineString(line) for line in lines], crs=CRS,
    ).to_crs(4326)  # fmt: skip


def accidents(places, killed=0, injured=0, when="2020-06-01T08:00:00+08:00", **more):
    points = gpd.GeoSeries(places, crs=CRS).to_crs(4326)
    return gpd.GeoDataFrame(
        {
            "class_code": "T01", "occurred_at": pd.to_datetime([when] * len(points)), "state": "closed",
            "repeat_of": None, "killed": pd.array([killed] * len(points), dtype="Int64"),
            "injured": pd.array([injured] * len(points), dtype="Int64"), **more,
        },
        geometry=points.to_numpy(), crs=4326,
    )  # fmt: skip


def even(number=500, seed=3):
    draw = np.random.default_rng(seed)
    along, other = draw.uniform(0, SIZE * STEP, number), draw.integers(0, SIZE, number) * STEP
    across = draw.random(number) < 0.5
    x, y = np.where(across, along, other), np.where(across, other, along)
    return list(shapely.points(AT[0] + x, AT[1] + y))


def spot(number=40, at=JUNCTION, seed=4):
    draw = np.random.default_rng(seed)
    return list(shapely.points(draw.normal((at.x, at.y), 12, (number, 2))))


def run(*frames, **given):
    county = shapely.box(*streets().total_bounds).buffer(0.01)
    inputs = Inputs(
        {
            "incidents": pd.concat(frames, ignore_index=True), "roads": streets(),
            "counties": gpd.GeoDataFrame(
                {"code": ["341504"], "name": ["叶集区"]}, geometry=[county], crs=4326
            ),
        },
        city=county, city_prefix="341504",
    )  # fmt: skip
    return compute(AccidentParameters(**given), inputs, lambda share: None)


@pytest.fixture(scope="module")
def outcome():
    return run(accidents(even()), accidents(spot(), injured=1))


def test_a_junction_with_many_hurt_is_named_by_the_rule_and_by_the_test(outcome):
    found = outcome.cells.to_crs(CRS)
    assert set(found["named_by"]) == {3.0}
    assert found.distance(JUNCTION).max() < 150
    stretch = found[found.index.str.startswith("R")].iloc[0]
    assert stretch["injured"] == 40
    assert stretch["around"] > 3 * stretch["expected"]
    told = outcome.findings[0]
    assert told["named_by"] == "both"
    assert outcome.findings[[one["id"][0] for one in outcome.findings].index("R")]["rule"]["zh"] == (
        "伤人事故 5 起以上"
    )


def test_regions_count_accidents_and_stretches(outcome):
    (county,) = outcome.areas.to_dict("records")
    assert county["accidents"] == 540 == outcome.note.facts["counted"]
    assert county["by_rule"] == outcome.note.facts["stretches_by_rule"] >= 1
    assert county["by_test"] == outcome.note.facts["stretches_by_test"] >= 1


def test_three_deaths_meet_the_rule_though_no_test_sees_them():
    three = accidents(spot(3), killed=1)
    found = run(accidents(even()), three)
    assert found.cells["named_by"].tolist() == [2.0]
    assert found.findings[0]["rule"]["en"] == "3 or more fatal accidents"
    assert run(accidents(even()), three.iloc[:2]).cells.empty


def test_accidents_before_the_period_and_void_ones_do_not_count():
    old = accidents(spot(), injured=1, when="2016-06-01T08:00:00+08:00")
    void = accidents(spot(), injured=1).assign(state="void")
    found = run(accidents(even()), old, void)
    assert found.cells.empty
    assert found.note.facts["counted"] == 500


def test_rules_are_data_with_their_source():
    assert all(one.source.zh and one.source.en and one.years and one.conditions for one in rules().values())
    assert set(rules()) == {one.value for one in RuleName}
    catalog = read_catalog()
    assert parse(ACCIDENT_SEGMENTS, {"rule": "county_2008"}, catalog).rule.value == "county_2008"
    with pytest.raises(BadRunParameter):
        parse(ACCIDENT_SEGMENTS, {"rule": "mine"}, catalog)
