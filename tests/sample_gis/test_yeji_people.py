"""People, regions, places and incidents of the whole sample city."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.definitions.loading import read_catalog
from layers.importing.checking import check
from sample_gis.city import City
from sample_gis.loading import geographic
from sample_gis.places.credit_codes import is_valid
from sample_gis.places.key_places import read_rules

#: Layer and how many rows it has: from, to.
SIZES = {
    "regions": (2_000, 3_500),
    "extents": (20, 32),
    "population": (4_000, 9_000),
    "addresses": (20_000, 40_000),
    "place_names": (1_700, 2_600),
    "key_places": (400, 900),
    "region_statistics": (4_200, 4_200),
    "legal_entities": (3_000, 3_000),
    "emergency_resources": (80, 160),
    "emergency_supplies": (500, 800),
    "shelters": (35, 50),
    "hazards": (50, 90),
    "hazard_areas": (30, 50),
    "police_posts": (18, 30),
    "checkpoints": (4, 8),
    "patrol_routes": (12, 15),
    "pollution_sources": (60, 60),
    "parking_lots": (50, 60),
    "fire_units": (150, 150),
    "parts": (15_000, 60_000),
    "outdoor_ads": (400, 700),
    "incidents": (120_000, 120_000),
}


def test_every_incident_lies_in_a_town_of_the_district(yeji: City) -> None:
    towns = shapely.STRtree(yeji.towns.geometry.to_numpy())
    at = yeji.layers["incidents"].geometry.to_numpy()
    assert len(np.unique(towns.query(at, predicate="intersects")[0])) == len(at) == 120_000


@pytest.mark.parametrize("name", SIZES)
def test_every_row_is_as_the_catalogue_asks(yeji: City, name: str) -> None:
    catalog = read_catalog()
    definition = catalog.layer(name)
    frame = yeji.layers[name]
    checked = check(definition, catalog.code_lists, geographic(frame, definition, yeji.profile))
    least, most = SIZES[name]
    assert checked.refusals == []
    assert checked.repaired == 0
    assert least <= len(frame) <= most
    assert frame["code"].notna().all()
    assert not frame.duplicated(["system", "code"] if name == "regions" else ["code"]).any()


@pytest.mark.parametrize("name", SIZES)
def test_every_row_says_what_it_is(yeji: City, name: str) -> None:
    frame = yeji.layers[name]
    allowed = {"synthetic"}
    if name == "regions":
        allowed.add("real")
    if name == "region_statistics":
        allowed.add("plan")
    assert set(frame["provenance"]) <= allowed
    assert frame["source"].str.len().min() > 0


def test_the_tree_has_six_towns_and_seventy_seven_communities(yeji: City) -> None:
    regions = yeji.layers["regions"]
    own = regions[(regions["system"] == "admin") & regions["code"].str.startswith("341504")]
    assert own["level"].value_counts().to_dict() == {"community": 77, "town": 6, "county": 1}
    assert not own.loc[own["level"] == "community", "short_name"].str.contains("居委会|村委会").any()


def test_regions_of_a_level_tile_the_one_above(yeji: City) -> None:
    regions = yeji.layers["regions"]
    admin = regions[regions["system"] == "admin"]
    areas = {level: admin[admin["level"] == level] for level in ("city", "county", "town", "community")}
    county = areas["county"].set_index("code").geometry["341504"]
    for level in ("town", "community"):
        assert areas[level].area.sum() == pytest.approx(county.area, abs=50)
        assert shapely.union_all(areas[level].geometry.to_numpy()).area == pytest.approx(county.area, abs=50)
    assert areas["county"].area.sum() == pytest.approx(areas["city"].area.sum(), rel=1e-6)


def test_about_three_hundred_governance_grids_tile_all_communities(yeji: City) -> None:
    regions = yeji.layers["regions"]
    grids = regions[regions["system"] == "governance_grid"]
    communities = regions[regions["level"] == "community"].set_index("code").geometry
    together = grids[["community_code", "geometry"]].dissolve("community_code").geometry
    assert 290 <= len(grids) <= 300
    assert set(together.index) == set(communities.index)
    assert together.symmetric_difference(communities, align=True).area.max() < 5
    assert grids.area.sum() == pytest.approx(communities.area.sum(), abs=50)


def test_people_and_phones_add_up_exactly(yeji: City) -> None:
    regions, cells = yeji.layers["regions"], yeji.layers["population"]
    assert cells["residents"].sum() == yeji.residents.sum() == 230_000
    assert cells["night_population"].sum() == cells["day_population"].sum() == 230_000
    assert cells["mobile_users"].sum() == 228_900
    for level in ("town", "community", "governance_grid"):
        assert regions.loc[regions["level"] == level, "residents"].sum() == 230_000
    table = yeji.layers["region_statistics"]
    phones = table[(table["indicator"] == "mobile_users") & (table["year"] == 2020)]
    by_length = phones.groupby(phones["region_code"].str.len())["value"].sum()
    assert by_length.to_dict() == {6: 228_900.0, 9: 228_900.0, 12: 228_900.0}


def test_statistics_of_towns_add_up_to_the_county_in_every_year(yeji: City) -> None:
    table = yeji.layers["region_statistics"]
    summed = table[~table["indicator"].isin(["gdp", "disposable_income"])]
    kind = summed["region_code"].str.len()
    totals = summed.pivot_table(index=["indicator", "year"], columns=kind, values="value", aggfunc="sum")
    assert (totals[6] == totals[9]).all()
    assert (totals[6] == totals[12]).all()


def test_a_region_without_a_figure_has_none_and_not_zero(yeji: City) -> None:
    table = yeji.layers["region_statistics"]
    gdp = table[table["indicator"] == "gdp"]
    assert gdp.loc[gdp["region_code"].str.len() > 6, "value"].isna().all()
    assert gdp.loc[gdp["region_code"].str.len() == 6, "value"].gt(0).all()


def test_addresses_are_unique_but_those_planted_twice_and_odd_on_one_side_of_the_street(yeji: City) -> None:
    addresses = yeji.layers["addresses"]
    twice = {one["text"] for one in yeji.truth["duplicates"] if one["cause"] == "address_same_words"}
    assert set(addresses.loc[addresses["full_text"].duplicated(), "full_text"]) == twice
    assert {"number", "building", "unit"} <= set(addresses["precision_class"])
    assert set(addresses["building_code"]) <= set(yeji.buildings["code"])


def test_every_credit_code_checks_and_is_obviously_synthetic(yeji: City) -> None:
    codes = yeji.layers["legal_entities"]["credit_code"]
    assert all(is_valid(code) for code in codes)
    assert codes.str.slice(8, 12).eq("XXXX").all()
    assert codes.is_unique


def test_every_class_of_key_places_is_there_with_what_it_must_show(yeji: City) -> None:
    places = yeji.layers["key_places"]
    assert set(places["class"]) == set(read_rules())
    assert (places["class"] == "school").sum() == 71
    assert places["minimum_share"].between(0.01, 1).all()
    points = places.geom_type == "Point"
    assert places.loc[points, "target_geometry"].notna().all()


def test_supplies_lie_in_stores_that_exist(yeji: City) -> None:
    sites = yeji.layers["emergency_resources"]
    stores = set(sites.loc[sites["kind"] == "store", "code"])
    assert set(yeji.layers["emergency_supplies"]["store_code"]) == stores


def test_components_are_numbered_in_the_unit_grid_that_holds_them(yeji: City) -> None:
    parts, regions = yeji.layers["parts"], yeji.layers["regions"]
    units = regions[regions["system"] == "unit_grid"].set_index("code").geometry
    assert parts["code"].str.fullmatch(r"341504\d{10}").all()
    assert (parts["code"].str.slice(6, 10) == parts["class_code"]).all()
    sample = parts.iloc[:: max(1, len(parts) // 500)]
    held = sample.geometry.to_numpy()
    assert shapely.intersects(units.loc[sample["unit_grid_code"]].to_numpy(), held).all()


def test_incidents_are_uneven_over_cells_hours_and_days(yeji: City) -> None:
    made = yeji.layers["incidents"]
    assert made["occurred_at"].dt.tz is not None
    assert set(made["occurred_at"].dt.year) == {2020}
    hours = np.bincount(made["occurred_at"].dt.hour, minlength=24)
    assert hours.max() > 5 * hours.min()
    by_day = made.groupby(made["occurred_at"].dt.date).size()
    assert len(by_day) == 366
    assert by_day.var() > 3 * by_day.mean()  # overdispersed: no plain Poisson process
    grid = made["grid_code"].value_counts()
    assert grid.iloc[:30].sum() > 0.3 * len(made)


def test_steps_of_incidents_are_in_order(yeji: City) -> None:
    made = yeji.layers["incidents"]
    steps = [
        "occurred_at",
        "reported_at",
        "filed_at",
        "dispatched_at",
        "handled_at",
        "verified_at",
        "closed_at",
    ]
    for earlier, later in pairwise(steps):
        assert not (made[earlier] > made[later]).any()
    clock = pd.Timestamp("2021-01-01", tz="Asia/Shanghai")
    assert (made["reported_at"] < clock).all()
    assert (made["closed_at"].isna() & (made["deadline_at"] < clock)).sum() > 500


def test_faults_of_components_name_the_component(yeji: City) -> None:
    made = yeji.layers["incidents"]
    faults = made[made["part_code"].notna()]
    assert set(faults["part_code"]) <= set(yeji.layers["parts"]["code"])
    assert (faults["class_code"].str.slice(2, 4) == faults["part_code"].str.slice(6, 8)).all()
