"""Indicators against PostGIS: counts, lengths by intersection, windows, reasons, scopes, and what is kept.

Lengths are held against pyproj's geodesics on parts that shapely cut.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod

from layers.database import admin_connection, open_reading_pool, set_scope
from layers.definitions.indicator import Indicator
from layers.indicators.adding_up import Asking, Kept
from layers.indicators.clock import Clock
from layers.indicators.compute import tell
from layers.indicators.places import read_family
from layers.scope import Classification, Scope, Verb
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
    points,
    regions,
    scope_of,
)  # fmt: skip

pytestmark = pytest.mark.postgis

DAY = date(2020, 12, 31)
CLOCK = Clock(DAY, DAY, ZoneInfo("Asia/Shanghai"))
WORDS = {"zh": "甲", "en": "A"}
TEXTS = dict.fromkeys(("title", "short_title", "definition", "source"), WORDS)


def amount(layer, **more):
    return {"title": WORDS, "layer": layer, **more}


def indicator(name, numerator, denominator=None, **more):
    parts = {"numerator": numerator, "denominator": denominator}
    return Indicator.model_validate({"name": name, **TEXTS, **parts, **more})


ONLINE = indicator(
    "online", amount("cameras", where="online = true"), amount("cameras"), per=100, missing="online IS NULL"
)
LENGTH = indicator("length", amount("pipes", measure="length"))
CROSSING = shapely.LineString([(WEST + 0.01, SOUTH + 0.01), (EAST - 0.01, NORTH - 0.005)])
INSIDE = shapely.LineString([(WEST + 0.001, SOUTH + 0.001), (WEST + 0.002, SOUTH + 0.003)])


def cameras():
    frame = points(200)
    online = np.array([True, False, True, None] * 50, dtype=object)
    return frame.assign(online=online, name=[f"第{n}号" for n in range(200)])


def incidents():
    start = datetime(2020, 12, 31, 15, 59, tzinfo=UTC)  # the last minute of the day in Shanghai
    times = [start - timedelta(hours=12 * n) for n in range(60)]
    frame = points(60, seed=5, code="s")
    frame["occurred_at"] = times
    frame["reported_at"] = times
    frame["closed_at"] = [time + timedelta(hours=n % 5) for n, time in enumerate(times)]
    return frame.assign(class_code="0101", channel="12345")


@pytest.fixture(scope="module")
def city(module_database, catalog):
    pipes = gpd.GeoDataFrame(
        {"code": ["inside", "crossing"], "medium": ["gas", "water"]}, geometry=[INSIDE, CROSSING], crs=4326
    )
    fill(module_database, catalog, cameras=cameras(), pipes=pipes, incidents=incidents())
    with admin_connection(module_database) as connection, connection.transaction():
        set_scope(connection, ALL)
        connection.execute("UPDATE city.regions SET residents = 1000 WHERE code = %s", [WEST_TOWN])
    return module_database


@pytest.fixture
async def ask(city, catalog):
    """Return a function that tells indicators of a region and its parts."""
    pool = await open_reading_pool(city, size=1)

    async def told(*indicators, region=COUNTY, scope=ALL, level=None, clock=CLOCK, kept=None):
        asking = Asking(scope, catalog, clock, COUNTY, kept or Kept())
        async with pool.acquire() as connection:
            family = await read_family(connection, ALL, region, level)
            found = await tell(connection, asking, indicators, [family.place, *family.parts])
        return found.figures

    yield told
    await pool.close()


async def test_counts_of_regions_are_those_of_the_points_inside(ask):
    told = await ask(ONLINE, level="community")
    frame = cameras()
    for code, figures in told.items():
        area = regions().set_index("code").loc[code].geometry
        inside = frame[frame.within(area)]
        figure = figures["online"]
        assert figure.denominator.value == len(inside) > 0
        assert figure.numerator.value == (inside.online.eq(True)).sum()
        assert figure.value == pytest.approx(100 * figure.numerator.value / figure.denominator.value)
        assert figure.missing_share == pytest.approx(inside.online.isna().mean())


async def test_a_length_in_a_region_is_that_of_the_part_inside_and_the_parts_add_up(ask):
    ground = Geod(ellps="WGS84")
    for level in ("town", "community", "governance_grid"):
        told = await ask(LENGTH, level=level)
        for code, figures in told.items():
            area = regions().set_index("code").loc[code].geometry
            parts = [INSIDE.intersection(area), CROSSING.intersection(area)]
            expected = sum(ground.geometry_length(part) for part in parts if not part.is_empty) / 1000
            assert figures["length"].value == pytest.approx(expected, rel=1e-7, abs=1e-12)
        below = [figures["length"].value for code, figures in told.items() if code != COUNTY]
        assert sum(below) == pytest.approx(told[COUNTY]["length"].value, rel=1e-6)


async def test_a_window_is_of_days_in_the_citys_time_zone(ask):
    zone, moments = ZoneInfo("Asia/Shanghai"), incidents()["occurred_at"]
    days = [moment.astimezone(zone).date() for moment in moments]
    for length, ends in ((1, 0), (7, 0), (7, 7)):
        window = {"field": "occurred_at", "days": length, "ends_days_ago": ends}
        told = await ask(indicator("few", amount("incidents", window=window)))
        last = DAY - timedelta(days=ends)
        expected = sum(last - timedelta(days=length - 1) <= day <= last for day in days)
        assert told[COUNTY]["few"].value == expected > 0


async def test_hours_and_values_of_the_region_itself(ask):
    hours = indicator(
        "hours",
        amount("incidents", measure="hours", field="closed_at", since="reported_at"),
        amount("incidents"),
    )
    people = indicator(
        "people", amount("regions", measure="value", field="residents", where="system = 'admin'")
    )
    told = await ask(hours, people)
    assert told[COUNTY]["hours"].value == pytest.approx(2.0)
    assert told[WEST_TOWN]["people"].value == 1000
    assert told[EAST_TOWN]["people"].reason.code == "no-figure"
    assert told[EAST_TOWN]["people"].value is None


async def test_no_data_is_a_reason_and_never_nought_percent(ask):
    empty = indicator("empty", amount("hazards", where="online = true"), amount("hazards"), per=100)
    none = indicator("none", amount("cameras"), amount("cameras", where="online = true AND online = false"))
    run = indicator("run", {"title": WORDS, "run": "camera_coverage", "column": "key_places"})
    told = (await ask(empty, none, run))[COUNTY]
    reasons = {name: figure.reason.code for name, figure in told.items()}
    assert reasons == {"empty": "layer-without-data", "none": "nothing-to-count", "run": "no-run"}
    assert all(figure.value is None for figure in told.values())


async def test_on_an_earlier_day_only_what_is_dated_is_told(ask):
    before = Clock(DAY - timedelta(days=10), DAY, ZoneInfo("Asia/Shanghai"))
    window = {"field": "occurred_at", "days": 7}
    dated = indicator("dated", amount("incidents", window=window), past=True)
    told = (await ask(ONLINE, dated, clock=before))[COUNTY]
    assert told["online"].reason.code == "not-kept"
    assert told["dated"].value == 14


async def test_a_reader_of_one_town_gets_no_number_of_what_lies_beyond(ask):
    told = await ask(ONLINE, scope=scope_of(WEST_TOWN))
    assert told[COUNTY]["online"].reason.code == "not-readable"
    assert told[EAST_TOWN]["online"].value is None
    assert told[WEST_TOWN]["online"].value == (await ask(ONLINE))[WEST_TOWN]["online"].value
    public = Scope("p", frozenset({Verb.READ}), frozenset({Classification.PUBLIC, Classification.INTERNAL}))
    assert (await ask(ONLINE, scope=public))[WEST_TOWN]["online"].reason.code == "not-readable"


async def test_what_is_kept_is_told_until_its_layer_changes(ask, city):
    kept = Kept()
    first = await ask(ONLINE, LENGTH, kept=kept)
    held = {key: id(one.by_region) for key, one in kept.sums.found.items()}
    assert len(held) >= 2
    await ask(ONLINE, LENGTH, kept=kept)
    assert {key: id(one.by_region) for key, one in kept.sums.found.items()} == held
    with admin_connection(city) as connection, connection.transaction():
        set_scope(connection, ALL)
        connection.execute("UPDATE city.cameras SET online = NOT online WHERE code = 'p0'")
    second = await ask(ONLINE, LENGTH, kept=kept)
    assert second[COUNTY]["online"].numerator.value == first[COUNTY]["online"].numerator.value - 1
    same = {key for key, one in kept.sums.found.items() if id(one.by_region) == held[key]}
    assert same == {key for key in held if kept.sums.found[key].tables == {"pipes", "regions"}} != set()


async def test_an_extent_cuts_what_is_counted_and_measured(ask, city, catalog):
    from layers.importing.loading import load

    half = shapely.box(WEST, SOUTH, (WEST + EAST) / 2, NORTH)
    frame = gpd.GeoDataFrame(
        {"code": ["b"], "name": ["建成区"], "kind": ["built_up"]}, geometry=[half], crs=4326
    )
    with admin_connection(city) as connection:
        load(connection, catalog.layer("extents"), catalog.code_lists, frame, scope=ALL, source="tests")
    built = indicator("built", amount("cameras", extent="built_up"))
    laid = indicator("laid", amount("pipes", measure="length", extent="built_up"))
    told = await ask(built, laid)
    assert told[COUNTY]["built"].value == cameras().within(half).sum()
    expected = sum(
        Geod(ellps="WGS84").geometry_length(line.intersection(half)) for line in (INSIDE, CROSSING)
    )
    assert told[COUNTY]["laid"].value == pytest.approx(expected / 1000, rel=1e-6)
    assert told[EAST_TOWN]["built"].value == 0
