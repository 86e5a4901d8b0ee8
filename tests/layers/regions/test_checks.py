"""Gaps, overlaps, orphans and bad codes are found, and nothing else."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.errors import NotFound
from layers.database import admin_connection
from layers.importing.loading import load
from layers.regions.checks import SYSTEMS, TOLERANCE_M2, check
from tests.layers.little_city import ALL, COUNTY, EAST_TOWN, SOUTH, WEST, WEST_TOWN, fill, regions

pytestmark = pytest.mark.postgis


@pytest.fixture(scope="module")
def city(module_database, catalog):
    fill(module_database, catalog)
    return module_database


@pytest.fixture
def edit(city):
    with admin_connection(city) as connection, connection.transaction(force_rollback=True):
        yield connection


def found(connection, system):
    return [(one.kind, one.code, one.other) for one in check(connection, system)]


def reshape(connection, code, shape):
    hit = connection.execute(
        "UPDATE city.regions SET geom = ST_GeomFromText(%s, 4326) WHERE code = %s", [shape.wkt, code]
    ).rowcount
    assert hit == 1


@pytest.mark.parametrize("system", SYSTEMS)
def test_regions_that_fit_give_no_finding(city, system):
    with admin_connection(city) as connection:
        assert check(connection, system) == []


def test_an_unknown_system_is_an_error(city):
    with admin_connection(city) as connection, pytest.raises(NotFound, match="governance_grid"):
        check(connection, "grids")


def test_a_community_that_shrinks_leaves_a_gap_in_its_town(edit):
    code = f"{WEST_TOWN}001"
    reshape(edit, code, shapely.box(WEST, SOUTH, WEST + 0.03, SOUTH + 0.04))
    gap = next(one for one in check(edit, "admin") if one.kind == "gap")
    assert (gap.code, gap.system) == (WEST_TOWN, "admin")
    # 0.01 degrees of longitude by 0.04 of latitude at 31.7 degrees north
    assert gap.area_m2 == pytest.approx(0.01 * 94_800 * 0.04 * 110_880, rel=0.01)
    assert shapely.box(WEST + 0.03, SOUTH, WEST + 0.04, SOUTH + 0.04).contains(shapely.Point(gap.at))
    assert ("outside-parent", f"{code}G02", code) in found(edit, "governance_grid")


def test_a_grid_that_grows_overlaps_its_neighbour_and_leaves_its_community(edit):
    code = f"{WEST_TOWN}001G02"
    reshape(edit, code, shapely.box(WEST + 0.02, SOUTH, WEST + 0.05, SOUTH + 0.04))
    assert found(edit, "governance_grid") == [
        ("overlap", code, f"{EAST_TOWN}001G01"),
        ("outside-parent", code, f"{WEST_TOWN}001"),
    ]


def test_a_community_without_grids_is_one_gap(edit):
    edit.execute("DELETE FROM city.regions WHERE parent_code = %s", [f"{WEST_TOWN}001"])
    assert found(edit, "governance_grid") == [("gap", f"{WEST_TOWN}001", None)]


def test_orphans_and_wrong_codes_are_named(edit):
    edit.execute("UPDATE city.regions SET parent_code = '341504099' WHERE code = %s", [f"{WEST_TOWN}001"])
    assert ("orphan", f"{WEST_TOWN}001", "341504099") in found(edit, "admin")
    edit.execute("UPDATE city.regions SET parent_code = %s WHERE code = %s", [EAST_TOWN, f"{WEST_TOWN}001"])
    assert ("invalid-code", f"{WEST_TOWN}001", EAST_TOWN) in found(edit, "admin")
    edit.execute("UPDATE city.regions SET code = '34150A' WHERE code = %s", [COUNTY])
    assert ("invalid-code", "34150A", None) in found(edit, "admin")


def test_slivers_up_to_the_tolerance_are_no_findings(edit):
    side = TOLERANCE_M2**0.5 * 0.9 / 111_000
    corner = shapely.box(WEST, SOUTH, WEST + side, SOUTH + side)
    reshape(edit, f"{WEST_TOWN}001G01", shapely.box(WEST, SOUTH, WEST + 0.02, SOUTH + 0.04) - corner)
    assert found(edit, "governance_grid") == []
    assert check(edit, "governance_grid", tolerance_m2=0.1) != []


def test_unit_grids_are_checked_against_the_urban_management_extent(edit, catalog):
    frame = gpd.GeoDataFrame(
        {"system": "unit_grid", "level": "unit_grid", "code": [f"{WEST_TOWN}00100{n}" for n in (1, 2)],
         "name": "grid", "parent_code": f"{WEST_TOWN}001"},
        geometry=[shapely.box(WEST, SOUTH, WEST + 0.001, SOUTH + 0.001),
                  shapely.box(WEST + 0.001, SOUTH, WEST + 0.003, SOUTH + 0.001)],
        crs=4326,
    )  # fmt: skip
    load(edit, catalog.layer("regions"), catalog.code_lists, frame, scope=ALL, source="t")
    assert found(edit, "unit_grid") == [("no-extent", None, None)]
    extent = gpd.GeoDataFrame(
        {"code": ["um"], "name": "城市管理范围", "kind": "urban_management"},
        geometry=[shapely.box(WEST, SOUTH, WEST + 0.002, SOUTH + 0.002)], crs=4326,
    )  # fmt: skip
    load(edit, catalog.layer("extents"), catalog.code_lists, extent, scope=ALL, source="t")
    assert found(edit, "unit_grid") == [("gap", "um", None), ("outside-parent", f"{WEST_TOWN}001002", "um")]


def test_a_city_of_many_grids_is_checked(database, catalog):
    steps, side = 42, 0.0005
    cells = [
        {"system": "unit_grid", "level": "unit_grid", "code": f"{WEST_TOWN}001{number:03d}"[:15], "name": "g",
         "parent_code": f"{WEST_TOWN}001",
         "geometry": shapely.box(*(np.array([x, y, x + 1, y + 1]) * side + [WEST, SOUTH, WEST, SOUTH]))}
        for number, (x, y) in enumerate(np.ndindex(steps, steps)) if number < 1000
    ]  # fmt: skip
    fill(database, catalog, regions=gpd.GeoDataFrame([*regions().to_dict("records"), *cells], crs=4326))
    with admin_connection(database) as connection:
        assert {one.kind for one in check(connection, "unit_grid")} == {"no-extent"}
