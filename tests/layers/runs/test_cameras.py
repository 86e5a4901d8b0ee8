"""The kinds about cameras against PostGIS: features and cells written, read under a scope, ids that stay."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from layers.database import Addresses, admin_connection, connect_application, open_reading_pool, scoped
from layers.definitions.indicator import Indicator
from layers.definitions.loading import Catalog
from layers.indicators.adding_up import Asking, Kept
from layers.indicators.clock import Clock
from layers.indicators.compute import tell
from layers.indicators.places import read_family
from layers.runs.ranking import read_ranked
from layers.runs.reading import every_feature, find_published, read_result_tile, read_run
from layers.runs.requesting import request
from tests.layers.little_city import ALL, COUNTY, EAST_TOWN, SOUTH, WEST, WEST_TOWN, fill, reading, scope_of
from tests.layers.runs.workers import carry_out, record

pytestmark = pytest.mark.postgis

MIDDLE = (WEST + 0.01, SOUTH + 0.01)
TIMEZONE = ZoneInfo("Asia/Shanghai")
STEP = 0.00009  # about 10 m


def street() -> dict[str, gpd.GeoDataFrame]:
    """Return a street with a house, a key place and cameras that see a part of it."""
    x, y = MIDDLE
    at = [shapely.Point(x, y), shapely.Point(x + 10 * STEP, y), shapely.Point(x, y - 20 * STEP)]
    cameras = gpd.GeoDataFrame(
        {
            "code": ["C1", "C2", "C3"], "kind": ["fixed", "ptz", "fixed"], "tier": ["1", "2", "3"],
            "azimuth_deg": [0.0, 90.0, float("nan")], "view_angle_deg": 90.0, "pixels_horizontal": 1920,
            "height_m": 4.0, "tilt_deg": 10.0, "online": [True, False, True], "networked": True,
            "infrared_range_m": 30.0, "device_id": [f"3415040000132000000{n}" for n in range(3)],
        },
        geometry=at, crs=4326,
    )  # fmt: skip
    roads = gpd.GeoDataFrame(
        {"code": ["R1"], "class": ["residential"], "name": ["史河路"]},
        geometry=[shapely.LineString([(x, y - 40 * STEP), (x, y + 40 * STEP)])], crs=4326,
    )  # fmt: skip
    house = shapely.box(x + 2 * STEP, y + STEP, x + 4 * STEP, y + 2 * STEP)
    buildings = gpd.GeoDataFrame(
        {"code": ["B1"], "height_m": [12.0], "use": ["apartment"]}, geometry=[house], crs=4326
    )
    places = gpd.GeoDataFrame(
        {
            "code": ["K1", "K2"], "name": ["门口", "后门"], "class": ["school", "school"],
            "required_task": ["detect", "detect"], "minimum_share": [0.9, 0.9],
        },
        geometry=[shapely.Point(x, y + 2 * STEP), shapely.Point(x, y - 5 * STEP)], crs=4326,
    )  # fmt: skip
    return {"cameras": cameras, "roads": roads, "buildings": buildings, "key_places": places}


def on_the_border() -> gpd.GeoDataFrame:
    """Return a place west of the border between the towns, its target east of it, and one across it."""
    x, y = WEST + 0.04, SOUTH + 0.01
    target = shapely.box(x + STEP, y, x + 2 * STEP, y + STEP)
    return gpd.GeoDataFrame(
        {
            "code": ["K3", "K4"], "name": ["卡口", "湿地"], "class": ["police_checkpoint", "scenic_spot"],
            "required_task": "detect", "minimum_share": 0.9,
            "target_geometry": gpd.GeoSeries([target, None], crs=4326),
        },
        geometry=[shapely.Point(x - STEP, y), shapely.box(x - STEP, y - STEP, x + STEP, y)], crs=4326,
    )  # fmt: skip


def analyse(
    addresses: Addresses, catalog: Catalog, *asked: tuple[str, dict[str, Any]], region: str = ""
) -> list[dict[str, Any]]:
    with connect_application(addresses) as connection, scoped(connection, ALL):
        runs = [
            request(connection, ALL, catalog, kind=kind, parameters=given, region=region)
            for kind, given in asked
        ]
    carry_out(addresses, 60.0 + 60.0 * len(runs))
    found = [record(addresses, run) for run in runs]
    assert all(one["state"] == "succeeded" for one in found), [one["error"] for one in found]
    return found


async def features(addresses: Addresses, kind: str, region: str = "") -> gpd.GeoDataFrame:
    pool = await open_reading_pool(addresses, size=1)

    class Lending:
        @staticmethod
        def connection() -> Any:
            return pool.acquire()

    try:
        async with pool.acquire() as connection:
            result = await find_published(connection, ALL, kind, region)
            tile = await read_result_tile(connection, ALL, result, (6, 52, 26))
            assert isinstance(tile.data, bytes)
        return pd.concat([page async for page in every_feature(Lending(), ALL, result)])
    finally:
        await pool.close()


async def counted_as_a_layer(addresses: Addresses, catalog: Catalog, layer: str) -> dict[str, float | None]:
    """Return how many features of a layer an indicator counts in the county and its towns."""
    words = {"zh": "甲", "en": "A"}
    texts = dict.fromkeys(("title", "short_title", "definition", "source"), words)
    count = Indicator.model_validate(
        {"name": "count", **texts, "numerator": {"title": words, "layer": layer}, "denominator": None}
    )
    day = datetime.now(TIMEZONE).date()
    clock = Clock(day, day, TIMEZONE)
    async with reading(addresses) as connection:
        family = await read_family(connection, ALL, COUNTY, "town")
        asking = Asking(ALL, catalog, clock, COUNTY, Kept())
        told = await tell(connection, asking, [count], [family.place, *family.parts])
    return {code: figures["count"].value for code, figures in told.figures.items()}


async def ranked(addresses: Addresses, **asked: Any) -> list[dict[str, Any]]:
    pool = await open_reading_pool(addresses, size=1)
    try:
        async with pool.acquire() as connection:
            result = await find_published(connection, ALL, "camera_blind_spots", "")
            return await read_ranked(connection, ALL, result, **asked)
    finally:
        await pool.close()


async def test_what_cameras_see_in_a_region_is_written_with_their_codes_for_those_who_reach_it(
    database: Addresses, catalog: Catalog
) -> None:
    fill(database, catalog, **street())
    (run,) = analyse(database, catalog, ("camera_viewsheds", {}), region="341504001")
    assert run["note"]["facts"]["unknown_direction"] == 1
    found = await features(database, "camera_viewsheds", "341504001")
    assert found.index.tolist() == ["C1", "C2"]  # C3 looks nobody knows where
    assert found["covers"].tolist() == [1.0, 0.0]  # C2 is offline
    assert found["kind"].tolist() == ["fixed", "ptz"]
    assert not found.geometry.is_empty.any()
    assert run["classification"] == "restricted"
    with connect_application(database) as connection, scoped(connection, scope_of("341504002")):
        assert connection.execute("SELECT id FROM onemap.run WHERE id = %s", [run["id"]]).fetchone() is None


async def test_coverage_names_numerator_and_denominator_and_blind_spots_keep_their_ids(
    database: Addresses, catalog: Catalog
) -> None:
    given = street()
    given["key_places"] = pd.concat([given["key_places"], on_the_border()], ignore_index=True)
    fill(database, catalog, **given)
    run, _ = analyse(
        database, catalog,
        ("camera_coverage", {"planned_share": 0.96, "plan": "规划"}), ("camera_blind_spots", {}),
    )  # fmt: skip
    assert run["note"]["facts"]["key_places_covered"] == 1
    pool = await open_reading_pool(database, size=1)
    try:
        async with pool.acquire() as connection:
            areas = (await read_run(connection, ALL, run["id"]))["areas"]
    finally:
        await pool.close()
    county = next(one for one in areas if one["layer"] == "counties")
    assert county["seen_1"] == pytest.approx(county["seen_m2"] / county["considered_m2"])
    assert (county["key_places_covered"], county["key_places"], county["planned_share"]) == (1, 4, 0.96)
    counted = {one["code"]: one["key_places"] for one in areas if one["layer"] in ("counties", "towns")}
    assert counted == {COUNTY: 4, WEST_TOWN: 4, EAST_TOWN: 1}, "where the place is, not its target"
    assert counted == await counted_as_a_layer(database, catalog, "key_places"), "one number in all views"
    assert (county["cameras"], county["online"], county["unknown_direction"]) == (3, 2, 1)
    road = next(one for one in areas if one["layer"] == "roads")
    assert road["name"] == "史河路"
    assert 0 < road["street_share"] < 0.2

    before = await features(database, "camera_blind_spots")
    first = (await ranked(database, limit=1))[0]
    assert (first["id"], first["rank"]) == (before["rank"].idxmin(), 1)
    west, south, east, north = first["bbox"]
    assert west < first["lon"] < east and south < first["lat"] < north
    assert await ranked(database, limit=5, grid="no such grid") == []
    assert before["rank"].min() == 1
    assert set(before["cause"]) <= {"none_near", "outside_view", "offline", "unknown_direction", "too_far"}
    with admin_connection(database) as connection:
        connection.execute("UPDATE city.cameras SET azimuth_deg = 180 WHERE code = 'C3'")
    analyse(database, catalog, ("camera_blind_spots", {}))
    after = await features(database, "camera_blind_spots")
    assert after["road_m"].sum() < before["road_m"].sum()
    assert set(before.index) & set(after.index)
