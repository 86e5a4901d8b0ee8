"""In which region a feature lies: by the import and by the database, the same."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers.database import admin_connection
from layers.importing.loading import load
from layers.regions.placing import read_regions
from layers.regions.tree import list_regions, place_again, region_at, way_up
from tests.layers.little_city import (
    ALL,
    COUNTY,
    EAST,
    EAST_TOWN,
    NORTH,
    SOUTH,
    WEST,
    WEST_TOWN,
    fill,
    one,
    points,
    working,
)

pytestmark = pytest.mark.postgis

# A hundredth of the city's width, so that points lie on boundaries often.
across = st.integers(-4, 84).map(lambda step: round(WEST + step * 0.001, 6))
up = st.integers(-4, 84).map(lambda step: round(SOUTH + step * 0.001, 6))
spots = st.tuples(across, up)


def box_of(corners):
    (x1, y1), (x2, y2) = corners
    return shapely.box(min(x1, x2), min(y1, y2), max(x1, x2) + 0.0005, max(y1, y2) + 0.0005)


shapes = st.one_of(
    spots.map(shapely.Point),
    st.lists(spots, min_size=2, max_size=4, unique=True).map(shapely.LineString),
    st.tuples(spots, spots).map(box_of),
)


def grids(*names):
    return [f"{WEST_TOWN}{name}" for name in names]


@pytest.fixture(scope="module")
def city(module_database, catalog):
    fill(module_database, catalog)
    return module_database


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(shapes, min_size=1, max_size=40))
def test_the_import_and_the_database_place_features_alike(city, features):
    with working(city) as connection:
        codes, crossing = read_regions(connection).place(np.array(features, dtype=object))
        for feature, code, touched in zip(features, codes, crossing, strict=True):
            row = connection.execute(
                "SELECT region_code, region_codes FROM onemap.region_of(ST_GeomFromText(%s, 4326))",
                [feature.wkt],
            ).fetchone()
            assert (code, touched) == row, feature.wkt


@pytest.mark.parametrize(
    ("feature", "code", "touched"),
    [
        (shapely.Point(115.61, 31.71), f"{WEST_TOWN}001G01", None),
        (shapely.Point(0, 0), None, None),
        (shapely.box(115.605, 31.71, 115.61, 31.72), f"{WEST_TOWN}001G01", None),
        (shapely.box(115.615, 31.71, 115.625, 31.72), f"{WEST_TOWN}001", grids("001G01", "001G02")),
        (shapely.LineString([(115.61, 31.73), (115.61, 31.75)]), WEST_TOWN, grids("001G01", "002G01")),
        (
            shapely.LineString([(115.63, 31.71), (115.65, 31.71)]),
            COUNTY,
            [f"{WEST_TOWN}001G02", f"{EAST_TOWN}001G01"],
        ),
        (shapely.LineString([(115.61, 31.71), (115.5, 31.71)]), None, [f"{WEST_TOWN}001G01"]),
        (shapely.LineString([(10, 10), (11, 10)]), None, None),
    ],
)  # fmt: skip
def test_a_feature_lies_in_the_smallest_region_that_holds_it(city, feature, code, touched):
    with working(city) as connection:
        codes, crossing = read_regions(connection).place(np.array([feature], dtype=object))
    assert (codes[0], crossing[0]) == (code, touched)


def test_without_regions_nothing_is_placed(database, catalog):
    with admin_connection(database) as connection:
        load(connection, catalog.layer("cameras"), catalog.code_lists, points(3), scope=ALL, source="t")
        assert one(connection, "SELECT count(region_code) FROM city.cameras") == 0


def test_features_are_placed_again_after_regions_came(database, catalog):
    with admin_connection(database) as connection:
        load(connection, catalog.layer("cameras"), catalog.code_lists, points(3), scope=ALL, source="t")
        fill(database, catalog)
        with connection.transaction():
            assert place_again(connection, catalog.layer("cameras")) == 3
        with connection.transaction():
            assert place_again(connection, catalog.layer("cameras")) == 0
        assert one(connection, "SELECT count(region_code) FROM city.cameras") == 3


def test_other_systems_give_no_region_codes(database, catalog):
    osm = gpd.GeoDataFrame(
        {"code": ["123"], "system": "osm", "name": "OSM"},
        geometry=[shapely.box(WEST, SOUTH, EAST, NORTH)],
        crs=4326,
    )
    with admin_connection(database) as connection:
        load(connection, catalog.layer("regions"), catalog.code_lists, osm, scope=ALL, source="t")
        assert region_at(connection, 115.61, 31.71) is None


def test_a_region_that_is_removed_gives_no_codes_any_more(database, catalog):
    fill(database, catalog)
    with admin_connection(database) as connection:
        connection.execute("UPDATE city.regions SET status = 'removed' WHERE system = 'governance_grid'")
        assert region_at(connection, 115.61, 31.71) == f"{WEST_TOWN}001"
        connection.execute("DELETE FROM city.regions WHERE level = 'community'")
        assert region_at(connection, 115.61, 31.71) == WEST_TOWN
        connection.execute("UPDATE city.regions SET status = 'in_service'")
        assert region_at(connection, 115.61, 31.71) == f"{WEST_TOWN}001G01"


def test_the_way_up_leads_from_a_grid_to_the_county(city):
    with working(city) as connection:
        codes = [region.code for region in way_up(connection, f"{WEST_TOWN}001G01")]
        assert codes == [f"{WEST_TOWN}001G01", f"{WEST_TOWN}001", WEST_TOWN, COUNTY]
        assert [region.code for region in list_regions(connection, parent=COUNTY)] == [WEST_TOWN, EAST_TOWN]
        assert len(list_regions(connection, system="governance_grid")) == 8


@pytest.mark.parametrize("whole", [True, False])
def test_a_scopes_area_is_its_regions(city, whole):
    prefixes = [COUNTY] if whole else [f"{WEST_TOWN}001", f"{WEST_TOWN}002G01"]
    with working(city) as connection:
        area = shapely.from_wkb(one(connection, "SELECT ST_AsBinary(onemap.region_area(%s))", prefixes))
    south = shapely.box(WEST, SOUTH, WEST + 0.04, SOUTH + 0.04)
    grid = shapely.box(WEST, SOUTH + 0.04, WEST + 0.02, NORTH)
    wanted = shapely.box(WEST, SOUTH, EAST, NORTH) if whole else shapely.union(south, grid)
    assert area.symmetric_difference(wanted).area < 1e-15
