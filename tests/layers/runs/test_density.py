"""The density's computation: sums at every level, denominators, regions, and what its note admits."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.cells import index, polygons, resolution_of, to_text
from geo.density import areas_km2, lengths_km
from layers.runs.density import DensityParameters, compute
from layers.runs.errors import BadRunParameter
from layers.runs.kinds import Inputs
from tests.layers.little_city import COUNTY, EAST, NORTH, SOUTH, WEST, WEST_TOWN, points, regions

BOX = shapely.box(WEST, SOUTH, EAST, NORTH)


def areas(level):
    frame = regions()
    return frame[(frame["system"] == "admin") & (frame["level"] == level)].reset_index(drop=True)


def inputs(features, *, region=None, prefix="", city=None, **more):
    frames = {
        "features": features,
        "counties": areas("county"),
        "towns": areas("town"),
        "communities": areas("community"),
        "extents": gpd.GeoDataFrame(
            {"code": ["core"], "name": ["core"]}, geometry=[BOX.buffer(-0.01)], crs=4326
        ),
        **more,
    }
    return Inputs(frames, region, prefix, city, COUNTY if city else "", {"features": 3})


def people(resolution=10, *, each=2.0):
    cells = np.unique(index(*shapely.get_coordinates(points(3000, seed=9).geometry.to_numpy()).T, resolution))
    return gpd.GeoDataFrame(
        {"cell": to_text(cells), "residents": np.full(len(cells), each)},
        geometry=polygons(cells).to_numpy(),
        crs=4326,
    )


def levels(outcome):
    return outcome.cells.groupby(resolution_of(outcome.cells.index.to_numpy()))


def run(given, **parameters):
    return compute(DensityParameters(layer="cameras", **parameters), given, lambda share: None)


@pytest.mark.parametrize("finest", range(5, 13))
def test_counts_are_the_layer_s_count_at_every_level_and_in_every_tiling(finest):
    outcome = run(inputs(points(500)), resolution=finest)
    assert levels(outcome)["n"].sum().to_dict() == dict.fromkeys(range(5, finest + 1), 500.0)
    tilings = outcome.areas[outcome.areas["layer"] != "extents"].groupby("layer")["n"].sum()
    assert tilings.to_dict() == {"counties": 500, "towns": 500, "communities": 500}
    assert outcome.note.facts["counted"] == 500
    assert outcome.note.facts["not_in_service"] == 3


@pytest.mark.parametrize("level", ["county", "town", "community"])
def test_a_run_of_any_region_counts_what_the_whole_city_s_counts_there(level):
    features = points(500)
    whole = run(inputs(features), resolution=8).areas.set_index("code")["n"]
    for one in areas(level).itertuples():
        own = run(inputs(features, region=one.geometry, prefix=one.code), resolution=8)
        assert set(levels(own)["n"].sum()) == {whole[one.code]}, one.code
        assert own.areas.set_index("code")["n"][one.code] == whole[one.code]


@pytest.mark.parametrize("shape", ["line", "polygon"])
def test_shares_of_what_lies_in_several_cells_add_up_to_the_layer(shape):
    draw = np.random.default_rng(5)
    x, y = draw.uniform(WEST + 0.01, EAST - 0.01, 30), draw.uniform(SOUTH + 0.01, NORTH - 0.01, 30)
    shapes = (
        shapely.linestrings(np.stack([np.column_stack([x, y]), np.column_stack([x + 0.008, y + 0.005])], 1))
        if shape == "line"
        else shapely.box(x, y, x + 0.008, y + 0.005)
    )
    outcome = run(inputs(gpd.GeoDataFrame(geometry=shapes, crs=4326)), resolution=10)
    assert outcome.cells["n"].mod(1).gt(0).any(), "a cell holds a part of it"
    assert levels(outcome)["n"].sum().to_dict() == pytest.approx(dict.fromkeys(range(5, 11), 30.0), rel=1e-9)
    tilings = outcome.areas[outcome.areas["layer"] != "extents"].groupby("layer")["n"].sum()
    assert tilings.to_dict() == pytest.approx(dict.fromkeys(tilings.index, 30.0), rel=1e-9)
    assert any("sums of shares" in one for one in outcome.note.limits)


def test_cells_without_features_are_there_with_zero():
    outcome = run(inputs(points(3)), resolution=9)
    finest = levels(outcome).get_group(9)
    assert (finest["density"] == 0).sum() > 100
    assert not finest["density"].isna().any()


def test_neighbours_that_are_loaded_too_are_no_part_of_the_city():
    both = pd.concat([areas("county"), areas("county").assign(code="341502")], ignore_index=True)
    both.loc[1, "geometry"] = shapely.box(WEST - 0.08, SOUTH, WEST, NORTH)
    alone = run(inputs(points(50)), resolution=9)
    beside = run(inputs(points(50), city=BOX, counties=both), resolution=9)
    assert len(beside.cells) == len(alone.cells)
    assert beside.areas[beside.areas["layer"] == "counties"]["code"].tolist() == [COUNTY]


def test_a_region_takes_what_lies_in_it_and_cuts_the_denominator():
    features = points(500)
    town = shapely.box(WEST, SOUTH, WEST + 0.04, NORTH)
    outcome = run(inputs(features, region=town, prefix=WEST_TOWN), resolution=9)
    inside = features.geometry.intersects(town).sum()
    assert set(levels(outcome)["n"].sum()) == {float(inside)}
    assert set(outcome.areas["layer"]) == {"towns", "communities"}
    assert outcome.areas["code"].str.startswith(WEST_TOWN).all()
    area = areas_km2(gpd.GeoDataFrame(geometry=[town], crs=4326)).iloc[0]
    for resolution, level in levels(outcome):
        assert level["against"].sum() == pytest.approx(area, rel=5e-3), resolution


def test_a_weight_is_added_up_and_missing_ones_are_told():
    features = points(4).assign(hurt=[1.0, 2.0, np.nan, 4.0])
    outcome = run(inputs(features), resolution=8, weight="hurt")
    assert set(levels(outcome)["value"].sum()) == {7.0}
    assert outcome.note.facts["without_weight"] == 1


def test_against_people_sums_people_by_id_and_leaves_empty_cells_without_a_density():
    population = people()
    outcome = run(inputs(points(500), people=population), resolution=9, against="people")
    assert set(levels(outcome)["against"].sum().round(6)) == {float(population["residents"].sum())}
    finest = levels(outcome).get_group(9)
    nobody = finest["against"] == 0
    assert nobody.any()
    assert finest.loc[nobody, "density"].isna().all()
    known = finest[~nobody]
    pd.testing.assert_series_equal(
        known["density"], known["value"] / known["against"] * 1000, check_names=False
    )
    assert outcome.units["density"] == "1/1000 people"


def test_people_of_a_region_are_those_in_its_share_of_each_cell():
    population = people()
    town = shapely.box(WEST, SOUTH, WEST + 0.04, NORTH)
    given = inputs(points(50), region=town, prefix=WEST_TOWN, people=population)
    outcome = run(given, resolution=9, against="people")
    towns = outcome.areas[outcome.areas["layer"] == "towns"]
    assert levels(outcome).get_group(9)["against"].sum() == pytest.approx(towns["against"].sum(), rel=1e-6)


def test_people_known_only_coarser_are_refused_with_what_would_do():
    with pytest.raises(BadRunParameter) as caught:
        run(inputs(points(5), people=people(8)), resolution=9, against="people")
    assert caught.value.details["most"] == 8


def test_against_road_length_sums_the_roads():
    roads = gpd.GeoDataFrame(
        geometry=[
            shapely.LineString([(WEST, SOUTH + 0.01 * step), (EAST, SOUTH + 0.01 * step)])
            for step in range(1, 8)
        ],
        crs=4326,
    )
    outcome = run(inputs(points(100), roads=roads), resolution=9, against="road_length")
    whole = lengths_km(roads).sum()
    assert levels(outcome).get_group(9)["against"].sum() == pytest.approx(whole, rel=1e-3)
    counties = outcome.areas[outcome.areas["layer"] == "counties"]
    assert counties["against"].iloc[0] == pytest.approx(whole, rel=1e-3)
    assert counties["code"].tolist() == [COUNTY]


def test_too_many_cells_are_refused_before_they_are_made():
    wide = gpd.GeoDataFrame(
        {"code": ["1"], "name": ["wide"]}, geometry=[shapely.box(115, 31, 117, 33)], crs=4326
    )
    with pytest.raises(BadRunParameter) as caught:
        run(inputs(points(5), counties=wide), resolution=12)
    assert caught.value.details["expected"] == "fewer-cells"


def test_an_empty_layer_gives_zeros_and_not_nothing():
    outcome = run(inputs(points(0)), resolution=8)
    assert outcome.cells["n"].sum() == 0
    assert len(outcome.cells) > 50
