"""Results in the database: who reads them, how long they stay, when they are out of date, full disks."""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import asyncpg
import geopandas as gpd
import h3
import mapbox_vector_tile
import numpy as np
import pandas as pd
import psycopg
import pytest
import shapely
from psycopg import sql

from geo.errors import Refused
from layers.database import admin_connection, connect_application, open_reading_pool, scoped
from layers.definitions.words import Words
from layers.features.changes import Follower
from layers.runs.density import DENSITY
from layers.runs.errors import NoResult, NoRun, NoSuchRegion, RegionNeeded, TooManyRuns
from layers.runs.feature_results import write_features
from layers.runs.groups import PART, as_part, read_previous_groups
from layers.runs.kinds import Column, kind_named
from layers.runs.out_of_date import OUT_OF_DATE
from layers.runs.reading import (
    find_published,
    find_result,
    list_runs,
    published_runs,
    read_cells,
    read_result_tile,
    read_run,
)
from layers.runs.record import begin
from layers.runs.requesting import MOST_WAITING, call_off
from layers.runs.results import drop, write
from layers.runs.retention import KEPT, drop_old_results
from layers.scope import Classification, Scope, Verb
from tests.conftest import superuser_address
from tests.layers.little_city import ALL, EAST_TOWN, WEST_TOWN, fill, one, points, scope_of, squares, working
from tests.layers.runs.workers import ask, carry_out, published, record

pytestmark = pytest.mark.postgis

PUBLIC = Scope("guest", frozenset({Verb.READ}), frozenset({Classification.PUBLIC}))


@pytest.fixture(scope="module")
def city(module_database, catalog):
    fill(module_database, catalog, cameras=points(300), buildings=squares(50))
    return module_database


@pytest.fixture(scope="module")
def runs(city, catalog):
    """Give runs over restricted and public layers, of the city and of one town."""
    found = {
        "cameras": ask(city, catalog, layer="cameras"),
        "west": ask(city, catalog, WEST_TOWN, layer="cameras"),
        "buildings": ask(city, catalog, EAST_TOWN, layer="buildings"),
    }
    carry_out(city)
    assert {record(city, run)["state"] for run in found.values()} == {"succeeded"}
    return found


@pytest.fixture
async def reads(city):
    pool = await open_reading_pool(city, size=1)
    async with pool.acquire() as connection:
        yield connection
    await pool.close()


async def readable(connection, scope):
    found, _ = await list_runs(connection, scope)
    return {run["id"] for run in found}


async def test_a_run_is_read_by_those_who_may_read_its_inputs(reads, runs):
    assert await readable(reads, ALL) >= set(runs.values())
    assert await readable(reads, PUBLIC) & set(runs.values()) == {runs["buildings"]}
    assert await readable(reads, scope_of(WEST_TOWN)) & set(runs.values()) == {
        runs["west"],
        runs["buildings"],
    }
    assert await readable(reads, scope_of(EAST_TOWN)) & set(runs.values()) == {runs["buildings"]}


async def test_what_a_reader_may_not_read_does_not_exist_for_him(reads, runs):
    for read in (read_run, find_result):
        with pytest.raises(NoRun):
            await read(reads, scope_of(EAST_TOWN), runs["west"])
    with pytest.raises(NoResult):
        await find_published(reads, PUBLIC, "density")
    with pytest.raises(NoResult):
        await find_published(reads, PUBLIC, "density", EAST_TOWN, "cameras")


async def test_each_subject_keeps_what_is_published_of_it(reads, runs, city, catalog):
    other = ask(city, catalog, EAST_TOWN, layer="buildings", against="people", resolution=7)
    carry_out(city)
    subjects = {"buildings": runs["buildings"], "buildings.per-people": other}
    for subject, run in subjects.items():
        assert (await find_published(reads, ALL, "density", EAST_TOWN, subject)).run == run
    assert (await find_published(reads, ALL, "density", EAST_TOWN)).run == other, "the newest, for old links"
    shown = await published_runs(reads, ALL, kind="density", region=EAST_TOWN)
    assert {run["subject"]: run["id"] for run in shown} == subjects
    listed, _ = await list_runs(reads, ALL, subject="buildings.per-people")
    assert [run["id"] for run in listed] == [other]
    with pytest.raises(NoResult):
        await find_published(reads, ALL, "density", EAST_TOWN, "roads")


async def test_the_readers_of_a_table_refuse_scopes_beyond_their_reach(reads, runs):
    result = await find_result(reads, ALL, runs["west"])
    for scope in (scope_of(EAST_TOWN),):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await read_result_tile(reads, scope, result, (9, 420, 208))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await read_cells(reads, scope, result, 8)
    tile = sql.SQL("SELECT * FROM {}(9, 1, 1, $1, $2)").format(
        sql.Identifier("results", f"density_{runs['west']}_tile")
    )
    for whole, prefixes in ((False, []), (False, [""]), (None, [WEST_TOWN])):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reads.fetch(tile.as_string(), whole, prefixes)
    assert len(await read_cells(reads, scope_of(WEST_TOWN), result, 8))


async def test_the_application_cannot_read_tables_or_write_records_itself(city, runs):
    attempts = [
        f"SELECT * FROM results.density_{runs['buildings']}",  # noqa: S608 - a number
        "UPDATE onemap.run SET state = 'succeeded'",
        "INSERT INTO onemap.run_publication (kind, region, subject, run) VALUES ('density', 'x', 'y', 1)",
        "SELECT onemap.procrastinate_defer_jobs_v1(NULL)",
        "DELETE FROM onemap.procrastinate_jobs",
        "SELECT * FROM onemap.procrastinate_jobs",
    ]
    for attempt in attempts:
        with pytest.raises(psycopg.errors.InsufficientPrivilege), working(city) as connection:
            connection.execute(attempt.encode())


def test_a_point_beside_a_tile_is_in_it_as_far_as_its_dot_reaches(city, catalog):
    number = ask(city, catalog, layer="cameras")
    plan = kind_named("site_plan")
    column, row, zoom = 3366, 1664, 12  # of 256 pixels each; OpenStreetMap's scheme
    edge = column / 2**zoom * 360 - 180
    pixel = 360 / 2**zoom / 256
    latitude = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (row + 0.5) / 2**zoom))))
    texts = dict.fromkeys(plan.column_names)
    frame = gpd.GeoDataFrame(
        [texts, texts], index=["far", "near"], crs=4326,
        geometry=[shapely.Point(edge - 20 * pixel, latitude), shapely.Point(edge - 15 * pixel, latitude)],
    )  # fmt: skip
    tile = sql.SQL("SELECT mvt FROM {}(%s, %s, %s, true, NULL)").format(
        sql.Identifier("results", f"site_plan_{number}_tile")
    )
    with admin_connection(city) as connection:
        run = begin(connection, number, record(city, number)["job"], "tests")
        write_features(
            connection, plan, number, frame, attempt=run.attempt, reach=None, progress=lambda share: None
        )
        found = bytes(connection.execute(tile, [zoom, column, row]).fetchone()[0])
        connection.execute("UPDATE onemap.run SET state = 'failed' WHERE id = %s", [number])
        drop(connection, plan.name, number)
    drawn = mapbox_vector_tile.decode(found)["site_plan"]["features"]
    assert [feature["properties"]["id"] for feature in drawn] == ["near"]


async def test_cells_and_tiles_hold_what_was_written(reads, runs):
    result = await find_result(reads, ALL, runs["cameras"])
    cells = await read_cells(reads, ALL, result, 8)
    assert cells["n"].sum() == 300
    page = await read_cells(reads, ALL, result, 8, limit=10)
    rest = await read_cells(reads, ALL, result, 8, after=int(page.index[-1]))
    pd.testing.assert_frame_equal(pd.concat([page, rest]), cells)
    assert (await read_result_tile(reads, ALL, result, (9, 420, 208))).snapshot


async def test_a_run_from_before_a_column_came_to_its_kind_is_read_without_it(reads, runs):
    result = await find_result(reads, ALL, runs["cameras"])
    later = Column("later", Words(zh="后来", en="Later"))
    newer = replace(result, kind=replace(DENSITY, columns=(*DENSITY.columns, later)))
    cells = await read_cells(reads, ALL, newer, 8)
    assert cells.pop("later").isna().all()
    pd.testing.assert_frame_equal(cells, await read_cells(reads, ALL, result, 8))


def test_outlines_in_the_table_are_those_of_h3_in_mercator(city, runs):
    query = sql.SQL("SELECT cell, ST_AsBinary(ST_Transform(geom_3857, 4326)) FROM {}").format(
        sql.Identifier("results", f"density_{runs['cameras']}")
    )
    with admin_connection(city) as connection:
        rows = connection.execute(query).fetchall()
    for cell, wkb in rows:
        expected = shapely.Polygon([(x, y) for y, x in h3.cell_to_boundary(h3.int_to_str(cell))])
        assert shapely.hausdorff_distance(shapely.from_wkb(bytes(wkb)), expected) < 1e-9


def test_pentagons_and_missing_values_are_written_too(city, catalog):
    number = ask(city, catalog, layer="cameras")
    texts = [*h3.get_pentagons(7), *h3.grid_disk("8740b4890ffffff", 2)]
    cells = np.array([h3.str_to_int(text) for text in texts], dtype=np.uint64)
    values = np.arange(len(cells) * 4, dtype=float).reshape(-1, 4)
    values[::3, 2:] = np.nan
    frame = pd.DataFrame(values, columns=DENSITY.column_names, index=pd.Index(cells, name="cell"))
    query = sql.SQL("SELECT cell, n, value, against, density, ST_IsValid(geom_3857) FROM {}").format(
        sql.Identifier("results", f"density_{number}")
    )

    def write_as(attempt):
        with admin_connection(city) as connection:
            return write(
                connection, DENSITY, number, frame,
                attempt=attempt, reach=None, progress=lambda share: None,
            )  # fmt: skip

    with admin_connection(city) as connection:
        run = begin(connection, number, record(city, number)["job"], "tests")
        assert write_as(run.attempt) == len(cells)
        rows = connection.execute(query).fetchall()
        with pytest.raises(Refused):
            write_as(run.attempt - 1)
        assert len(connection.execute(query).fetchall()) == len(cells)
        connection.execute("UPDATE onemap.run SET state = 'failed' WHERE id = %s", [number])
        assert number in drop_old_results(connection)
        assert one(connection, "SELECT to_regclass(%s) IS NULL", f"results.density_{number}")
    stored = pd.DataFrame(rows, columns=["cell", *DENSITY.column_names, "valid"]).set_index("cell")
    assert stored["valid"].all()
    expected = frame.set_axis(frame.index.astype(np.int64)).sort_index()
    found = stored[DENSITY.column_names].astype(float).sort_index()
    pd.testing.assert_frame_equal(found, expected, check_names=False)


def test_a_published_run_is_told_in_the_change_log_with_what_its_readers_need(city, catalog):
    with connect_application(city) as reading:
        follower = Follower(reading)
        run = ask(city, catalog, WEST_TOWN, layer="cameras")
        carry_out(city)
        (change,) = follower.read().changes
    assert (change.layer, change.boxes) == ("density", ())
    assert change.details == {
        "run": run, "region": WEST_TOWN, "subject": "cameras", "live": False, "cells": None,
        "classification": "restricted", "reach": [WEST_TOWN],
    }  # fmt: skip


def test_a_change_of_an_input_makes_a_result_out_of_date_and_others_do_not(city, catalog):
    run = ask(city, catalog, WEST_TOWN, layer="buildings")
    carry_out(city)
    query = f"SELECT {OUT_OF_DATE} FROM onemap.run AS r WHERE r.id = %s"  # noqa: S608 - constants

    def out_of_date():
        with admin_connection(city) as connection:
            return one(connection, query, run)

    assert out_of_date() is False
    with connect_application(city) as early, scoped(early, ALL):
        early.execute("UPDATE city.cameras SET height_m = 4 WHERE code = 'p1'")
    assert out_of_date() is False
    with connect_application(city) as other, scoped(other, ALL):
        other.execute("UPDATE city.buildings SET height_m = 4 WHERE code = 'b1'")
        assert out_of_date() is False  # not committed yet
    assert out_of_date() is True


def test_a_change_that_was_open_while_the_inputs_were_read_makes_it_out_of_date(city, catalog):
    query = f"SELECT {OUT_OF_DATE} FROM onemap.run AS r WHERE r.id = %s"  # noqa: S608 - constants
    with connect_application(city) as slow, scoped(slow, ALL):
        slow.execute("UPDATE city.buildings SET height_m = 5 WHERE code = 'b2'")
        run = ask(city, catalog, WEST_TOWN, layer="buildings")
        carry_out(city)
        with admin_connection(city) as connection:
            assert one(connection, query, run) is False
    with admin_connection(city) as connection:
        assert one(connection, query, run) is True


def test_the_last_results_stay_and_older_ones_are_dropped_with_their_record_kept(city, catalog):
    other = ask(city, catalog, EAST_TOWN, layer="buildings", weight="height_m", resolution=6)
    made = [ask(city, catalog, EAST_TOWN, layer="buildings", resolution=6) for _ in range(KEPT + 2)]
    carry_out(city)
    with admin_connection(city) as connection:
        kept = [
            one(connection, "SELECT to_regclass(%s) IS NOT NULL", f"results.density_{run}") for run in made
        ]
    assert kept == [False, False] + [True] * KEPT
    assert record(city, made[0])["state"] == "succeeded"
    assert record(city, made[0])["has_results"] is False
    assert published(city, EAST_TOWN, "buildings") == made[-1]
    assert record(city, other)["has_results"] is True
    assert published(city, EAST_TOWN, "buildings.height_m") == other


def test_a_reader_of_some_regions_names_one_of_them(city, catalog):
    west = scope_of(WEST_TOWN)
    with pytest.raises(RegionNeeded):
        ask(city, catalog, scope=west, layer="cameras")
    with pytest.raises(NoSuchRegion):
        ask(city, catalog, EAST_TOWN, scope=west, layer="cameras")
    run = ask(city, catalog, f"{WEST_TOWN}001", scope=west, layer="cameras")
    with connect_application(city) as connection, scoped(connection, ALL):
        call_off(connection, run)


def test_a_layer_that_is_closed_to_the_requester_does_not_exist(city, catalog):
    with pytest.raises(Exception, match="layer cannot be 'cameras'") as caught:
        ask(city, catalog, scope=PUBLIC, layer="cameras")
    assert caught.value.details["parameter"] == "layer"


def test_who_did_not_ask_cannot_call_off(city, catalog):
    run = ask(city, catalog, layer="buildings")
    guest = Scope("somebody", frozenset({Verb.READ}), frozenset(Classification))
    with pytest.raises(Refused), connect_application(city) as connection, scoped(connection, guest):
        call_off(connection, run)
    with pytest.raises(NoRun), connect_application(city) as connection, scoped(connection, ALL):
        call_off(connection, 999_999)
    with connect_application(city) as connection, scoped(connection, ALL):
        call_off(connection, run)


def test_a_request_that_is_rolled_back_leaves_neither_record_nor_job(city, catalog):
    count = "SELECT (SELECT count(*) FROM onemap.run) + (SELECT count(*) FROM onemap.procrastinate_jobs)"
    from layers.runs.requesting import request

    with admin_connection(city) as connection:
        before = one(connection, count)
    with contextlib.suppress(KeyError), connect_application(city) as connection, scoped(connection, ALL):
        request(connection, ALL, catalog, kind="density", parameters={"layer": "cameras"})
        raise KeyError
    with admin_connection(city) as connection:
        assert one(connection, count) == before


def test_too_many_runs_are_refused(database, catalog):
    for _ in range(MOST_WAITING):
        ask(database, catalog, layer="cameras")
    with pytest.raises(TooManyRuns):
        ask(database, catalog, layer="cameras")


@pytest.fixture
def small_disk(city, server):
    """Give a tablespace of a few megabytes in which new tables of results land."""
    folder = Path(tempfile.mkdtemp(prefix="onemap-disk-", dir="/var/tmp"))
    folder.chmod(0o755)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        folder.rmdir()
        pytest.skip("a small file system cannot be mounted here")
    place = folder / "space"
    place.mkdir()
    owner = server.cluster.data.stat()
    os.chown(place, owner.st_uid, owner.st_gid)
    name = f"small_{os.getpid()}"
    address = superuser_address(server.cluster, city)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE TABLESPACE {} OWNER onemap_owner LOCATION {}").format(
                sql.Identifier(name), sql.Literal(str(place))
            )
        )
        # Of this database alone: the other worker's tests write tables on the same server meanwhile.
        database = sql.Identifier(connection.info.dbname)
        connection.execute(
            sql.SQL("ALTER ROLE onemap_admin IN DATABASE {} SET default_tablespace = {}").format(
                database, sql.Literal(name)
            )
        )
    try:
        yield
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(
                sql.SQL("ALTER ROLE onemap_admin IN DATABASE {} RESET default_tablespace").format(database)
            )
            connection.execute(sql.SQL("DROP TABLESPACE {}").format(sql.Identifier(name)))
        subprocess.run(["umount", str(folder)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def test_a_full_disk_fails_the_run_plainly_and_what_was_shown_stays(city, catalog, runs, small_disk):
    before = published(city, WEST_TOWN, "cameras")
    run = ask(city, catalog, WEST_TOWN, layer="cameras", resolution=11)
    carry_out(city)
    failed = record(city, run)
    assert (failed["state"], failed["error"]["code"]) == ("failed", "result-disk-full")
    assert before is not None
    assert published(city, WEST_TOWN, "cameras") == before
    with admin_connection(city) as connection:
        assert one(connection, "SELECT to_regclass(%s) IS NULL", f"results.density_{run}")


def test_groups_of_the_result_that_is_shown_are_read_for_the_next_one(city, runs):
    shown = published(city, WEST_TOWN, "cameras")
    assert shown is not None
    groups = pd.Series([2**63 - 1, 2**63 - 1, 5], index=np.array([3, 4, 5], dtype=np.uint64), dtype=np.uint64)
    with admin_connection(city) as connection, connection.transaction(force_rollback=True):
        assert read_previous_groups(connection, DENSITY, WEST_TOWN, "cameras") is None
        connection.execute(
            "INSERT INTO onemap.run_part (run, name, body) VALUES (%s, %s, %s)",
            [shown, PART, as_part(groups)],
        )
        found = read_previous_groups(connection, DENSITY, WEST_TOWN, "cameras")
        assert found is not None and found.to_dict() == groups.to_dict()
        for region, subject in (("", "cameras"), (WEST_TOWN, "buildings")):
            assert read_previous_groups(connection, DENSITY, region, subject) is None
