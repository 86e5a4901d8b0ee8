"""Kept counts are at each moment what counting the incidents anew gives (cells by h3-py 4)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import h3
import numpy as np
import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from layers.counts.keeping import KEY, RESOLUTION, settle, settle_all
from layers.counts.reading import Window, counts_here, read_counts
from layers.database import admin_connection, connect_application, open_reading_pool, scoped, set_scope
from layers.schema.migrating import migrate
from layers.scope import Classification, Scope, Verb
from tests.layers.little_city import (
    ALL,
    EAST,
    EAST_TOWN,
    NORTH,
    SOUTH,
    WEST,
    WEST_TOWN,
    fill,
    one,
    points,
)

pytestmark = pytest.mark.postgis

START = datetime(2020, 12, 1, tzinfo=UTC)
ALWAYS = Window.between(START - timedelta(days=1), START + timedelta(days=40))
CLASSES = ["T01", "T02", "S01", "0101"]
EVERY = """
SELECT floor(extract(epoch FROM occurred_at) / 3600)::integer, ST_X(geom), ST_Y(geom), class_code,
       coalesce(region_code, '')
FROM city.incidents
WHERE status = 'in_service' AND valid_to IS NULL AND repeat_of IS NULL
  AND (state IS NULL OR state NOT IN ('rejected', 'void'))
"""
EDITS = [
    "INSERT INTO city.incidents (geom, class_code, channel, occurred_at, state, provenance, source) VALUES"
    " (ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), 4326), %(class)s, 'patrol', %(at)s, %(state)s, 'synthetic',"
    " 'tests')",
    "UPDATE city.incidents SET geom = ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), 4326) WHERE id = %(id)s",
    "UPDATE city.incidents SET class_code = %(class)s, occurred_at = %(at)s WHERE id = %(id)s",
    "UPDATE city.incidents SET state = %(state)s WHERE id = %(id)s",
    "UPDATE city.incidents SET status = %(status)s, repeat_of = %(again)s"
    " WHERE id BETWEEN %(id)s AND %(id)s + 3",
    "UPDATE city.incidents SET place = 'x', valid_to = %(gone)s WHERE id = %(id)s",
    "DELETE FROM city.incidents WHERE id = %(id)s",
    "UPDATE city.regions SET code = code WHERE code = '341504001001'",
    "UPDATE city.incidents SET geom = ST_Translate(geom, 0.003, 0) WHERE id %% 3 = %(id)s %% 3",
]


def incidents(count, seed=1, prefix="i"):
    frame = points(count, seed=seed, code=prefix)
    draw = np.random.default_rng(seed)
    hours = draw.integers(0, 24 * 30, count)
    return frame.assign(
        class_code=draw.choice(CLASSES, count),
        channel="patrol",
        state=draw.choice(["closed", "filed", "void"], count),
        occurred_at=[START + timedelta(hours=int(hour), minutes=17) for hour in hours],
    )


@pytest.fixture(scope="module")
def city(module_database, catalog):
    fill(module_database, catalog, incidents=incidents(700))
    return module_database


def values(draw):
    outside = 0.1 if draw.random() < 0.1 else 0
    return {
        "x": draw.uniform(WEST, EAST) + outside,
        "y": draw.uniform(SOUTH, NORTH),
        "class": draw.choice(CLASSES),
        "at": START + timedelta(seconds=draw.randrange(30 * 86400)),
        "state": draw.choice(["closed", "filed", "rejected", "void", None]),
        "status": draw.choice(["in_service", "removed"]),
        "again": draw.choice([None, None, "SJ1"]),
        "gone": draw.choice([None, None, START + timedelta(days=900)]),
        "id": draw.randint(1, 800),
    }


def anew(connection):
    found = Counter()
    for hour, lon, lat, one_class, region in connection.execute(EVERY).fetchall():
        found[hour, h3.str_to_int(h3.latlng_to_cell(lat, lon, RESOLUTION)), one_class, region] += 1
    return dict(found)


def kept(connection):
    frame = counts_here(connection, ALWAYS)
    return {tuple(row[:4]): row[4] for row in frame[[*KEY, "n"]].to_numpy().tolist()}


def assert_equal(connection):
    assert kept(connection) == anew(connection)


def test_what_was_imported_is_counted_before_and_after_it_is_put_into_cells(city):
    with connect_application(city) as reading, admin_connection(city) as own, scoped(reading, ALL):
        assert sum(anew(reading).values()) > 300
        assert_equal(reading)
        settle(own, most=100)
        assert_equal(reading)
        settle_all(own)
        assert_equal(reading)
        assert one(own, "SELECT count(*) FROM onemap.incident_count_change") == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_edits_imports_and_rollbacks_leave_the_counts_equal_to_a_direct_count(city, seed):
    draw = Random(seed)  # noqa: S311
    with connect_application(city) as work, admin_connection(city) as own:
        for step in range(60):
            with scoped(work, ALL):
                for _ in range(draw.randint(1, 4)):
                    work.execute(draw.choice(EDITS).encode(), values(draw))
                if draw.random() < 0.3:
                    assert_equal(work)
                    raise psycopg.Rollback
            if draw.random() < 0.5:
                settle(own, most=draw.choice([3, 50, 10_000]))
            if step % 10 == 9:
                with scoped(work, ALL):
                    assert_equal(work)
        settle_all(own)
        with scoped(work, ALL):
            assert_equal(work)
        assert one(own, "SELECT count(*) FROM onemap.incident_count WHERE n <= 0") == 0


def test_an_edit_that_is_open_meanwhile_is_counted_when_it_has_ended(city):
    with (
        connect_application(city) as slow,
        connect_application(city) as reading,
        admin_connection(city) as own,
    ):
        with slow.transaction():
            set_scope(slow, ALL)
            new = values(Random(9)) | {"state": "closed"}  # noqa: S311
            slow.execute(EDITS[0].encode(), new)
            settle_all(own)
            with scoped(reading, ALL):
                assert_equal(reading)
        with scoped(reading, ALL):
            assert_equal(reading)
        settle_all(own)
        with scoped(reading, ALL):
            assert_equal(reading)


def test_an_edit_that_changes_nothing_that_is_counted_writes_nothing(city):
    with admin_connection(city) as own, connect_application(city) as work:
        settle_all(own)
        with scoped(work, ALL):
            work.execute("UPDATE city.incidents SET place = 'y'")
        assert one(own, "SELECT count(*) FROM onemap.incident_count_change") == 0


def test_migrating_again_counts_nothing_twice_and_counts_what_was_there_before(city):
    with admin_connection(city) as own, connect_application(city) as reading:
        settle_all(own)
        own.execute("DELETE FROM onemap.layer_schema WHERE layer = 'incidents'")
        migrate(city)
        with scoped(reading, ALL):
            assert_equal(reading)
        # as in a database whose incidents are older than their counts
        own.execute("DELETE FROM onemap.incident_count")
        own.execute("DELETE FROM onemap.layer_schema WHERE layer = 'incidents'")
        migrate(city)
        with scoped(reading, ALL):
            assert_equal(reading)


async def test_a_window_a_class_and_a_region_are_told_alone_and_only_to_who_may_read_the_layer(city):
    window = Window.between(START + timedelta(days=3), START + timedelta(days=5))
    with connect_application(city) as reading, scoped(reading, ALL):
        every = anew(reading)
    wanted = {
        key: n for key, n in every.items()
        if window.first <= key[0] < window.end and key[2].startswith("T") and key[3].startswith(EAST_TOWN)
    }  # fmt: skip
    guest = Scope("guest", frozenset({Verb.READ}), frozenset({Classification.PUBLIC}), None)
    nobody = Scope("west", frozenset({Verb.READ}), frozenset(Classification), (WEST_TOWN,))
    pool = await open_reading_pool(city, size=1)
    async with pool.acquire() as connection:
        told = await read_counts(connection, ALL, window, classes="T", prefix=EAST_TOWN)
        assert len(wanted) > 3
        assert {tuple(row[:-1]): row[-1] for row in told.to_numpy().tolist()} == wanted
        assert (await read_counts(connection, guest, window)).empty
        # who is kept to a region still sees a layer whose file opens it to the whole city
        assert len(await read_counts(connection, nobody, window, prefix=EAST_TOWN)) >= len(wanted)
    await pool.close()


def test_nobody_but_the_triggers_writes_what_is_counted(city):
    with connect_application(city) as work, pytest.raises(InsufficientPrivilege), scoped(work, ALL):
        work.execute("INSERT INTO onemap.incident_count VALUES (1, 1, 'T', '', 1)")
