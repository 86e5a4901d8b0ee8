"""The analyses of radio: sums, verdicts, operators and models over a small city."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from geo.cells import index, parents
from geo.errors import BadInput
from geo.radio import TECHNOLOGIES
from layers.runs.errors import BadRunParameter
from layers.runs.kinds import as_worded
from layers.runs.legend import summary
from layers.runs.parameters import parse
from layers.runs.radio import RADIO_COVERAGE
from layers.runs.radio_gaps import CAUSES, RADIO_GAPS
from tests.layers.little_city import EAST, NORTH, SOUTH, WEST
from tests.layers.runs.radio_city import MIDDLE, REGION, finest, found_gaps, inputs, run, sectors


def test_sums_agree_at_every_level_and_with_the_note() -> None:
    outcome = run(inputs(sectors([MIDDLE])))
    for level in (8, 7, 6):
        for name in ("people", "people_covered", "area_km2", "roads_km"):
            assert finest(outcome, level)[name].sum() == pytest.approx(finest(outcome)[name].sum())
    assert outcome.note.facts["people_covered"] == pytest.approx(
        finest(outcome)["people_covered"].sum(), abs=1
    )
    assert 0 < outcome.note.facts["people_covered"] < outcome.note.facts["people"]
    assert (outcome.cells["people_indoor"] <= outcome.cells["people_covered"] + 1e-9).all()


def test_an_operator_s_own_and_shared_sites_count_for_it_and_once_in_the_total() -> None:
    away = (MIDDLE[0] + 0.012, MIDDLE[1])
    given = inputs(sectors([MIDDLE, away]))
    facts = run(given).note.facts
    assert facts["people_covered_cucc"] == facts["people_covered_cmcc"]
    assert 0 < facts["people_covered_ctcc"] < facts["people_covered"]
    assert facts["people_covered"] <= facts["people_covered_cmcc"] + facts["people_covered_ctcc"]
    alone = run(given, operator="cmcc").note.facts
    assert alone["people_covered"] == facts["people_covered_cmcc"]


def test_without_sectors_every_cell_is_without_signal_and_nobody_is_covered() -> None:
    outcome = run(inputs(sectors([MIDDLE])), technology="4g")
    assert (finest(outcome)["rsrp_dbm"] == -140).all()
    assert outcome.note.facts["people_covered"] == 0


def test_a_cell_tells_its_best_server_and_the_way_that_it_faces_at_every_level() -> None:
    # Sectors 0, 1 and 2 face north, 120 and 240 degrees.
    outcome = run(inputs(sectors([MIDDLE])))
    cells = finest(outcome)
    for sector, facing, east, north in ((0, 1, 0, 0.008), (1, 3, 0.008, -0.004), (2, 5, -0.008, -0.004)):
        here = cells.loc[index([MIDDLE[0] + east], [MIDDLE[1] + north], 9)].iloc[0]
        assert (here["best_sector"], here["server_facing"]) == (sector, facing)
    for level in (8, 7):
        coarse = finest(outcome, level)
        served = cells["best_sector"].groupby(parents(cells.index.to_numpy(), level))
        most = served.agg(lambda one: (one == one.mode().min()).mean())
        shown = served.agg(lambda one, level=level: one.mode().min())
        assert coarse["best_sector"].to_dict() == shown.reindex(coarse.index).to_dict()
        assert most.min() >= 1 / 3
    nobody = run(inputs(sectors([MIDDLE])), technology="4g").cells
    assert nobody["best_sector"].isna().all()
    assert set(nobody["server_facing"]) == {8.0}
    pictures = summary(RADIO_COVERAGE, outcome.cells)["pictures"]
    assert {name: len(levels) for name, levels in pictures.items()} == dict.fromkeys(
        ("sinr_db", "covered_probability", "server_facing"), 4
    )


def test_each_technology_s_legend_has_the_bound_that_decides_coverage(catalog) -> None:
    for code, technology in TECHNOLOGIES.items():
        bounds = [bound for _, bound in as_worded(RADIO_COVERAGE, {"technology": code}, catalog).classes]
        assert technology.min_dbm in bounds
        assert bounds == sorted(bounds)
        assert len(bounds) == len(RADIO_COVERAGE.ramp.light)


def test_the_legend_has_fixed_classes_in_words() -> None:
    levels = summary(RADIO_COVERAGE, run(inputs(sectors([MIDDLE]))).cells)["levels"]
    assert all(one["breaks"] == [-115.0, -105.0, -96.0, -85.0] for one in levels)
    assert len(RADIO_COVERAGE.classes) == len(RADIO_COVERAGE.ramp.dark)


def test_a_wall_of_houses_makes_a_gap_only_past_the_buildings() -> None:
    wall = shapely.box(MIDDLE[0] - 0.01, MIDDLE[1] + 0.002, MIDDLE[0] + 0.01, MIDDLE[1] + 0.0024)
    houses = gpd.GeoDataFrame({"height_m": [60.0]}, geometry=[wall], crs=4326)
    given = inputs(sectors([MIDDLE]), buildings=houses)
    # Free sight everywhere else covers more than the mean of both states, and the wall takes the north away.
    sight = run(given, model="uma", sight="buildings", resolution=10)
    chance = run(given, model="uma", resolution=10)
    told = [one.note.facts["line_of_sight"] for one in (sight, chance)]
    assert told == ["buildings", "probability"]
    sight, chance = sight.cells, chance.cells
    north = index([MIDDLE[0]], [MIDDLE[1] + 0.004], 10)
    south = index([MIDDLE[0]], [MIDDLE[1] - 0.004], 10)
    assert float(sight.loc[north, "rsrp_dbm"].iloc[0]) < float(chance.loc[north, "rsrp_dbm"].iloc[0])
    assert float(sight.loc[south, "rsrp_dbm"].iloc[0]) > float(chance.loc[south, "rsrp_dbm"].iloc[0])


def test_each_site_has_the_model_of_its_surroundings_and_no_buildings_leave_sight_to_chance() -> None:
    town = shapely.Point(MIDDLE).buffer(0.003)
    away = (MIDDLE[0] + 0.015, MIDDLE[1])
    houses = gpd.GeoDataFrame({"height_m": [6.0]}, geometry=[town], crs=4326)
    mixed = run(inputs(sectors([MIDDLE, away]), buildings=houses), model="auto")
    assert mixed.note.facts["models"] == {"rma": 3, "uma": 3}
    assert mixed.note.parameters["model"] == "auto"
    assert any("in the open RMa" in limit for limit in mixed.note.limits)
    forced = run(inputs(sectors([MIDDLE, away]), buildings=houses), model="umi")
    assert forced.note.facts["models"] == {"umi": 6}
    unknown = run(inputs(sectors([MIDDLE])), model="auto", sight="buildings")
    assert unknown.note.facts["models"] == {"uma": 3}
    assert unknown.note.facts["line_of_sight"] == "probability"


def test_the_gap_between_town_and_country_is_told_in_points() -> None:
    given = inputs(sectors([MIDDLE]))
    assert "urban_rural_gap_points" not in run(given).note.facts
    town = gpd.GeoDataFrame(
        {"code": ["T", "Z"], "name": ["城", "开发区"], "kind": ["built_up", "development_zone"]},
        geometry=[shapely.Point(MIDDLE).buffer(0.005), REGION], crs=4326,
    )  # fmt: skip
    facts = run(replace(given, frames={**given.frames, "extents": town})).note.facts
    assert facts["urban_covered_percent"] > facts["rural_covered_percent"]
    gap = facts["urban_covered_percent"] - facts["rural_covered_percent"]
    assert facts["urban_rural_gap_points"] == pytest.approx(gap, abs=0.011)
    # Both parts together are the whole.
    share = 100 * facts["people_covered"] / facts["people"]
    assert facts["rural_covered_percent"] < share < facts["urban_covered_percent"]


def test_an_antenna_file_of_the_city_takes_the_place_of_the_array() -> None:
    turn = list(range(360))
    narrow = [min(12 * (min(at, 360 - at) / 20) ** 2, 40.0) for at in turn]
    antenna = {"title": "narrow", "gain_dbi": 17.0, "limit_db": 40.0, "horizontal_db": narrow,
               "vertical_db": [0.0] * 360}  # fmt: skip
    given = inputs(sectors([MIDDLE]).assign(pattern="narrow"))
    with pytest.raises(BadInput, match="narrow"):
        run(given)
    found = run(replace(given, documents={"antennas": {"narrow": antenna}}))
    # Forty degrees off the three directions a lobe of 20 degrees leaves nothing.
    aside, ahead = (
        index([MIDDLE[0] + east], [MIDDLE[1] + north], 9) for east, north in ((0.006, 0.006), (0, 0.008))
    )
    level = finest(found)["rsrp_dbm"]
    assert float(level.loc[ahead].iloc[0]) - float(level.loc[aside].iloc[0]) > 20


def test_a_ridge_of_the_relief_weakens_what_lies_behind_it(tmp_path) -> None:
    path = tmp_path / "ridge.tif"
    west, north, step = WEST - 0.1, NORTH + 0.1, 0.0002
    heights = np.zeros((int((NORTH - SOUTH + 0.2) / step), int((EAST - WEST + 0.2) / step)), np.float32)
    crest = int((north - MIDDLE[1] - 0.003) / step)
    heights[crest - 2 : crest + 3] = 120.0
    shape = {"width": heights.shape[1], "height": heights.shape[0], "count": 1, "dtype": "float32"}
    place = {"crs": "EPSG:4326", "transform": from_origin(west, north, step, step)}
    with rasterio.open(path, "w", driver="GTiff", **shape, **place) as raster:
        raster.write(heights, 1)
    flat = inputs(sectors([MIDDLE]))
    hilly = replace(flat, documents={"relief": {"path": str(path)}})
    before, after = run(flat), run(hilly)
    behind, before_it = (index([MIDDLE[0]], [MIDDLE[1] + north], 9) for north in (0.011, -0.008))
    for cell, least, most in ((behind, 10, 60), (before_it, -0.1, 0.1)):
        weaker = finest(before)["rsrp_dbm"].loc[cell].iloc[0] - finest(after)["rsrp_dbm"].loc[cell].iloc[0]
        assert least < weaker < most
    assert "P.526" in after.note.source
    # So low a threshold is reached everywhere but behind the ridge.
    first = found_gaps(hilly, min_dbm=-130.0, min_sinr_db=-15.0).areas
    assert len(found_gaps(flat, min_dbm=-130.0, min_sinr_db=-15.0).areas) == 0
    assert "terrain" in {CAUSES[int(cause)] for cause in first["cause"].dropna()}


def test_offices_lose_more_indoors_than_homes_and_residents_are_at_home() -> None:
    here = shapely.Point(MIDDLE[0] + 0.004, MIDDLE[1]).buffer(0.0005)
    found = {}
    for use in ("village", "office"):
        houses = gpd.GeoDataFrame({"height_m": [6.0], "use": use}, geometry=[here], crs=4326)
        found[use] = run(inputs(sectors([MIDDLE]), buildings=houses))
    middle = index([MIDDLE[0] + 0.004], [MIDDLE[1]], 9)
    home, office = (float(finest(one).loc[middle, "indoor_probability"].iloc[0]) for one in found.values())
    assert home > office + 0.05
    people = [one.note.facts["people_indoor"] for one in found.values()]
    assert people[0] == people[1] > 0
    # One class for all is what the cell of that use alone has.
    given = inputs(sectors([MIDDLE]), buildings=houses)
    strict = run(given, indoor="high_loss")
    assert float(finest(strict).loc[middle, "indoor_probability"].iloc[0]) == pytest.approx(office)
    assert strict.note.facts["people_indoor"] < people[0]


def test_regions_count_their_villages_and_those_fully_covered() -> None:
    areas = run(inputs(sectors([MIDDLE]), region=None, prefix="")).areas
    villages = areas[areas["layer"] == "communities"]
    towns = areas[areas["layer"] == "towns"]
    assert towns["villages"].sum() == len(villages) > 0
    assert towns["villages_full"].sum() == (villages["full"] == 1).sum()
    share = 100 * villages["people_covered"] / villages["people"]
    lived_in = villages["people"] > 0
    assert villages["covered_percent"][lived_in].tolist() == pytest.approx(share[lived_in].tolist())
    assert ((villages["covered_percent"] >= 95) == (villages["full"] == 1)).all()
    assert areas[areas["layer"] == "key_places"]["villages"].isna().all()


@pytest.mark.parametrize(
    ("given", "parameter"),
    [({"operator": "nobody"}, "operator"), ({"load": 2}, "load"), ({"model": "city"}, "model"),
     ({"resolution": 12}, "resolution"), ({"technology": "6g"}, "technology"),
     ({"indoor": "tent"}, "indoor")],
)  # fmt: skip
def test_wrong_parameters_are_refused(catalog, given: dict, parameter: str) -> None:
    for kind in (RADIO_COVERAGE, RADIO_GAPS):
        with pytest.raises(BadRunParameter) as caught:
            parse(kind, given, catalog)
        assert caught.value.details["parameter"] == parameter
