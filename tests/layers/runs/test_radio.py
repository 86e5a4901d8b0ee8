"""The analyses of radio: sums, verdicts, operators and causes over a small city."""

from __future__ import annotations

import itertools
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from geo.cells import centres, index, polygons, resolution_of, to_text
from geo.errors import BadInput
from layers.runs.errors import BadRunParameter
from layers.runs.groups import PART, groups_in
from layers.runs.kinds import Inputs, parse
from layers.runs.legend import summary
from layers.runs.radio import RADIO_COVERAGE, compute
from layers.runs.radio_gaps import CAUSES, RADIO_GAPS
from layers.runs.radio_gaps import compute as compute_gaps
from layers.runs.radio_inputs import RadioParameters
from tests.layers.little_city import EAST, NORTH, SOUTH, WEST, regions

MIDDLE = ((WEST + EAST) / 2, (SOUTH + NORTH) / 2)
REGION = shapely.Point(MIDDLE).buffer(0.018)


def sectors(sites, *, status="in_service"):
    site = np.repeat(np.arange(len(sites)), 3)
    count = len(site)
    return gpd.GeoDataFrame(
        {
            "code": [f"S{s}-{n % 3}" for n, s in enumerate(site)],
            "site_code": [f"B{s}" for s in site],
            "technology": "5g",
            "frequency_mhz": 3450.0,
            "bandwidth_mhz": 100.0,
            "subcarrier_spacing_khz": 30.0,
            "azimuth_deg": np.tile([0.0, 120.0, 240.0], len(sites)),
            "mechanical_tilt_deg": 2.0,
            "electrical_tilt_deg": 4.0,
            "height_m": 30.0,
            "power_dbm": 53.0,
            "pattern": "8x8",
            "beamwidth_deg": 65.0,
            "status": [status] * count,
        },
        geometry=gpd.points_from_xy(*np.array(sites)[site].T),
        crs=4326,
    )


def with_fields(buildings):
    """Fill what a building does not tell."""
    usual = {"use": None, "floors": np.nan, "floor_area_m2": np.nan}
    return buildings.assign(**{name: one for name, one in usual.items() if name not in buildings})


def inputs(radio, *, people=True, region=REGION, prefix="3", operators=("cmcc", "ctcc"), buildings=None):
    sites = radio.drop_duplicates("site_code")
    cells = np.unique(index(*np.random.default_rng(4).normal(MIDDLE, 0.006, (3000, 2)).T, 10))
    frame = regions()
    admin = frame[frame["system"] == "admin"]
    return Inputs(
        {
            "sectors": radio,
            "stations": gpd.GeoDataFrame(
                {
                    "code": sites["site_code"].to_numpy(),
                    "operator": [operators[at % len(operators)] for at in range(len(sites))],
                    "sharing_operators": [["cucc"] if at == 0 else None for at in range(len(sites))],
                    "status": "in_service",
                    "technology": "5g",
                    "counting_unit": "site",
                    "commissioned_on": [f"{2019 + at}-06-30" for at in range(len(sites))],
                },
                geometry=sites.geometry.to_numpy(),
                crs=4326,
            ),
            "people": gpd.GeoDataFrame(
                {"cell": to_text(cells), "residents": np.full(len(cells), 10.0 if people else 0.0)},
                geometry=polygons(cells).to_numpy(),
                crs=4326,
            ),
            "roads": gpd.GeoDataFrame(
                {"class": ["main"]},
                geometry=[shapely.LineString([(WEST, MIDDLE[1]), (EAST, MIDDLE[1])])],
                crs=4326,
            ),
            "railways": gpd.GeoDataFrame({"name": []}, geometry=[], crs=4326),
            "water": gpd.GeoDataFrame(
                {"kind": ["river", "pond"], "name": ["史河", None]},
                geometry=[
                    shapely.LineString([(MIDDLE[0], SOUTH), (MIDDLE[0], NORTH)]),
                    shapely.Point(MIDDLE).buffer(1e-4),
                ],
                crs=4326,
            ),
            "buildings": with_fields(
                gpd.GeoDataFrame({"height_m": []}, geometry=[], crs=4326) if buildings is None else buildings
            ),
            "key_places": gpd.GeoDataFrame(
                {"code": ["hub", "school"], "name": ["站", "校"], "class": ["transport_hub", "school"]},
                geometry=[shapely.Point(MIDDLE)] * 2,
                crs=4326,
            ),
            **{
                f"{level}s"
                if level == "town"
                else {"county": "counties", "community": "communities"}[level]: (
                    admin[admin["level"] == level].reset_index(drop=True)
                )
                for level in ("county", "town", "community")
            },
        },
        region,
        prefix,
    )


def run(given, **parameters):
    return compute(RadioParameters(**{"resolution": 9, **parameters}), given, lambda share: None)


def found_gaps(given, **parameters):
    return compute_gaps(RadioParameters(**{"resolution": 9, **parameters}), given, lambda share: None)


def finest(outcome, resolution=9):
    return outcome.cells[resolution_of(outcome.cells.index.to_numpy()) == resolution]


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


def test_a_hub_is_covered_only_without_a_hole_around_it() -> None:
    near, far = run(inputs(sectors([MIDDLE]), region=None, prefix=""), resolution=10), None
    place = near.areas[near.areas["layer"] == "key_places"]
    assert place["code"].tolist() == ["hub"]
    # 500 m around: 0.785 km2; schools are no priority place.
    assert place["area_km2"].iloc[0] == pytest.approx(0.785, rel=0.02)
    far = run(inputs(sectors([(MIDDLE[0] + 0.02, MIDDLE[1])]), region=None, prefix=""), resolution=10)
    assert (place["full"].iloc[0], far.areas[far.areas["layer"] == "key_places"]["full"].iloc[0]) == (1, 0)


def test_the_legend_has_fixed_classes_in_words() -> None:
    levels = summary(RADIO_COVERAGE, run(inputs(sectors([MIDDLE]))).cells)["levels"]
    assert all(one["breaks"] == [-115.0, -105.0, -96.0, -85.0] for one in levels)
    assert len(RADIO_COVERAGE.classes) == len(RADIO_COVERAGE.ramp.dark)


def test_a_faulty_sector_is_named_as_the_cause_of_its_gap() -> None:
    outcome = found_gaps(inputs(sectors([MIDDLE], status="fault")))
    first = outcome.areas.iloc[0]
    assert CAUSES[int(first["cause"])] == "repair"
    assert outcome.note.facts["gaps_repair"] >= 1
    assert outcome.note.facts["not_in_service"] == 3


def test_a_gap_far_from_every_site_asks_for_a_new_one() -> None:
    outcome = found_gaps(inputs(sectors([(MIDDLE[0] + 0.2, MIDDLE[1])])))
    assert CAUSES[int(outcome.areas["cause"].iloc[0])] == "new_site"
    assert outcome.areas["rank"].tolist() == sorted(outcome.areas["rank"])
    assert (outcome.areas["people"].diff().dropna() <= 0).all()
    # The whole road and all people lie in gaps.
    assert outcome.note.facts["gap_people"] == pytest.approx(finest(outcome)["people"].sum(), abs=1)


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
    assert any("elsewhere RMa" in limit for limit in mixed.note.limits)
    forced = run(inputs(sectors([MIDDLE, away]), buildings=houses), model="umi")
    assert forced.note.facts["models"] == {"umi": 6}
    unknown = run(inputs(sectors([MIDDLE])), model="auto", sight="buildings")
    assert unknown.note.facts["models"] == {"uma": 3}
    assert unknown.note.facts["line_of_sight"] == "probability"


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
        roads = gpd.GeoDataFrame({"class": "trunk", "name": None, "ref": "G105"}, geometry=shapes, crs=4326,
                                 index=range(len(shapes)))  # fmt: skip
        outcome = run(replace(given, frames={**given.frames, "roads": roads}))
        whole[name] = [
            (one["ref"], one["length_m"]) for one in outcome.findings
            if one["what"] == "line_gap" and one["layer"] == "roads"
        ]  # fmt: skip
    assert [ref for ref, _ in whole["cut"]] == ["G105"] * len(whole["whole"])
    for (_, cut), (_, one) in zip(whole["cut"], whole["whole"], strict=True):
        assert cut == pytest.approx(one, abs=60)


def test_digital_trunking_reaches_farther_than_5g_and_its_note_says_where_the_model_ends() -> None:
    # One omnidirectional antenna: three sectors on one channel would drown each other.
    trunking = {"technology": "pdt", "frequency_mhz": 360.0, "bandwidth_mhz": 0.0125, "power_dbm": 44.0}
    radio = sectors([MIDDLE]).iloc[:1].assign(**trunking, pattern="omni")
    trunked = run(inputs(radio), technology="pdt")
    lines = next(one for one in trunked.findings if one["what"] == "lines")
    assert lines["covered_km"] > 0.9 * lines["length_km"]
    assert any("500 MHz" in limit for limit in trunked.note.limits)


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


def test_a_gap_keeps_its_id_when_its_smallest_cell_is_covered() -> None:
    far = (MIDDLE[0] + 0.2, MIDDLE[1])
    given = inputs(sectors([far]))
    first = found_gaps(given)
    largest = first.areas.iloc[0]
    groups = groups_in(first.parts[PART])
    own = groups.index[groups == int(largest["code"], 16)].to_numpy()
    assert own.min() == int(largest["code"], 16)
    # A site over the smallest cell takes that and its neighbours out of the gap.
    lon, lat = centres(own[:1])
    covered = inputs(sectors([far, (float(lon[0]), float(lat[0]))]))
    second = found_gaps(replace(covered, previous_groups=groups))
    kept = groups_in(second.parts[PART])
    assert own.min() not in kept.index
    assert largest["code"] in set(second.areas["code"])
    assert int(largest["code"], 16) in set(kept)
    # Nobody knows the gap before: then its id is another one.
    alone = found_gaps(covered)
    assert largest["code"] not in set(alone.areas["code"])
    # The place to go to is a cell that still belongs to it.
    told = next(one for one in second.findings if one["id"] == largest["code"])
    assert kept[int(told["cell"], 16)] == int(largest["code"], 16)


def test_a_gap_is_called_after_its_village_and_a_stretch_of_road_after_the_road() -> None:
    given = inputs(sectors([(MIDDLE[0] + 0.2, MIDDLE[1])]))
    communities = given.frames["communities"].assign(short_name="双塘")
    villages = gpd.GeoDataFrame(
        {"name": ["王老庄", "农贸市场"], "kind": ["village", "market"]},
        geometry=[REGION, REGION], crs=4326,
    )  # fmt: skip
    roads = given.frames["roads"].assign(ref="G105", name="105国道")
    more = {"communities": communities, "place_names": villages, "roads": roads}
    areas = found_gaps(replace(given, frames={**given.frames, **more}), resolution=10).areas
    assert areas["name"].iloc[0] == "双塘 · 王老庄"
    assert "双塘 · G105" in set(areas["name"][areas["people"] == 0])
    # No signal at all is told as the least level, not as a figure that nobody knows.
    assert (areas["rsrp_dbm"] == -140).all()
    assert found_gaps(given).areas["name"].iloc[0] in set(given.frames["communities"]["name"])


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


def test_each_priority_class_tells_its_places_without_a_hole() -> None:
    near, far = shapely.Point(MIDDLE), shapely.Point(MIDDLE[0] + 0.035, MIDDLE[1])
    extents = gpd.GeoDataFrame(
        {
            "code": ["1", "2", "3", "4"],
            "name": ["试点", "远园区", "近园区", "旅游乡"],
            "kind": ["pilot_zone", "development_zone", "development_zone", "tourism_town"],
        },
        geometry=[near.buffer(0.001), far.buffer(0.001), near.buffer(0.0015), near.buffer(0.0012)],
        crs=4326,
    )
    firms = gpd.GeoDataFrame(
        {
            "code": ["F1", "F2", "F3", "F4"],
            "name": ["大厂", "小厂", "货运站", "医院"],
            "entity_kind": ["enterprise", "enterprise", "enterprise", "institution"],
            "industry_code": ["2110", "2110", "5430", "8411"],
            "scale": ["large", "micro", "small", None],
        },
        geometry=[far, near, near, near],
        crs=4326,
    )
    given = inputs(sectors([MIDDLE]), region=None, prefix="")
    given = replace(given, frames={**given.frames, "extents": extents, "legal_entities": firms})
    outcome = run(given, resolution=10)
    told = {one["class"]: one for one in outcome.findings if one["what"] == "priority"}
    assert {name: (one["whole"], one["places"]) for name, one in told.items()} == {
        "pilot_zone": (1, 1), "development_zone": (1, 2), "transport_hub": (1, 1), "logistics": (1, 1),
        "enterprise": (0, 1), "tourism_town": (1, 1),
    }  # fmt: skip
    [hole] = told["development_zone"]["holes"]
    assert (hole["name"], hole["layer"]) == ("远园区", "extents")
    assert hole["share"] < 0.5
    assert outcome.note.facts["priority_places"] == 7
    assert outcome.note.facts["priority_places_without_hole"] == 5
    rows = outcome.areas.set_index(["layer", "code"])
    assert rows.loc[("legal_entities", "F1"), "full"] == 0
    assert rows.loc[("legal_entities", "F3"), "full"] == 1


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
