"""The change log followed while writers commit late, roll back and keep transactions open."""

from __future__ import annotations

import random
import threading
import time

import psycopg
import pytest

from layers.database import admin_connection, connect_application
from layers.features.changes import Follower, changes_since
from tests.conftest import superuser_address
from tests.layers.little_city import fill, one, points, working

pytestmark = pytest.mark.postgis

WRITERS, EDITS = 4, 40
UPDATE = "UPDATE city.cameras SET source = %s WHERE code = %s"
NUMBERS = "SELECT array_agg(seq) FROM onemap.layer_change WHERE xid = pg_current_xact_id()"


@pytest.fixture(scope="module")
def city(module_database, catalog):
    fill(module_database, catalog, cameras=points(700))
    return module_database


def write(city, number, committed, lock):
    """Edit some features, each in a transaction that stays open a moment; roll some of them back."""
    draw = random.Random(number)  # noqa: S311 - no secret
    for edit in range(EDITS):
        with working(city) as connection:
            for row in draw.sample(range(number * 100, number * 100 + 100), draw.randint(1, 3)):
                connection.execute(UPDATE, [f"writer {number}.{edit}", f"p{row}"])
            time.sleep(draw.random() * 0.01)
            numbers = one(connection, NUMBERS)
            if draw.random() < 0.15:
                connection.execute("ROLLBACK")
                connection.execute("BEGIN")
            else:
                with lock:
                    committed.update(numbers)


def follow_until(follower, told, stop):
    while True:
        stopping = stop.is_set()
        told += [change.seq for change in follower.read().changes]
        if stopping:
            return
        time.sleep(0.005)


@pytest.mark.parametrize("open_transaction", [False, True])
def test_every_committed_change_is_told_once_and_no_other(city, open_transaction):
    committed, told, lock, stop = set(), [], threading.Lock(), threading.Event()
    with connect_application(city) as reading, connect_application(city) as long:
        follower = Follower(reading)
        if open_transaction:
            long.execute("BEGIN")
            long.execute("SELECT set_config('onemap.regions', '*', true)")
            long.execute("SELECT pg_current_xact_id()")
        following = threading.Thread(target=follow_until, args=(follower, told, stop))
        writers = [
            threading.Thread(target=write, args=(city, number, committed, lock)) for number in range(WRITERS)
        ]
        for thread in [following, *writers]:
            thread.start()
        for thread in writers:
            thread.join()
        if open_transaction:
            long.execute("COMMIT")
        stop.set()
        following.join()
    assert len(committed) > WRITERS * EDITS
    assert len(told) == len(set(told))
    assert set(told) == committed


def test_an_open_transaction_holds_no_other_change_up_and_is_told_when_it_commits(city):
    with connect_application(city) as reading, admin_connection(city) as slow:
        follower = Follower(reading)
        with slow.transaction():
            slow.execute(UPDATE, ["slow", "p1"])
            with working(city) as quick:
                quick.execute(UPDATE, ["quick", "p2"])
            first = follower.read().changes
            again = follower.read().changes
        late = follower.read().changes
        assert follower.read().changes == ()
    assert (len(first), len(again), len(late)) == (1, 0, 1)
    assert late[0].seq < first[0].seq


def test_a_follower_that_goes_on_from_a_snapshot_is_told_the_rest_and_nothing_twice(city):
    with connect_application(city) as reading, admin_connection(city) as slow:
        before = Follower(reading)
        with slow.transaction():
            slow.execute(UPDATE, ["slow", "p3"])
            with working(city) as quick:
                quick.execute(UPDATE, ["quick", "p4"])
            first = before.read()
        resumed = {change.seq for change in Follower(reading, since=first.snapshot).read().changes}
        rest = {change.seq for change in before.read().changes}
    assert len(first.changes) == len(rest) == 1
    assert resumed == rest


def test_a_transaction_open_elsewhere_on_the_server_makes_nobody_be_told_twice(city, server):
    elsewhere = superuser_address(server.cluster, server.template)
    with psycopg.connect(elsewhere) as old, connect_application(city) as reading:
        old.execute("SELECT pg_current_xact_id()")
        with working(city) as quick:
            quick.execute(UPDATE, ["before", "p8"])
        first = Follower(reading).read()
        with working(city) as quick:
            quick.execute(UPDATE, ["after", "p9"])
        resumed = Follower(reading, since=first.snapshot).read().changes
    assert first.changes == ()
    assert len(resumed) == 1


def test_changes_since_a_snapshot_are_those_that_it_did_not_hold(city):
    with connect_application(city) as reading, admin_connection(city) as slow:
        with slow.transaction():
            slow.execute(UPDATE, ["slow", "p5"])
            with working(city) as quick:
                quick.execute(UPDATE, ["quick", "p6"])
            snapshot = one(reading, "SELECT pg_current_snapshot()::text")
            assert changes_since(reading, snapshot, ["cameras"]) == []
        late = changes_since(reading, snapshot, ["cameras", "buildings"])
        assert changes_since(reading, snapshot, ["buildings"]) == []
    assert [change.op for change in late] == ["update"]
    assert late[0].boxes == (late[0].after,)


def test_a_statement_over_many_features_is_one_change_with_their_extent(city):
    with connect_application(city) as reading, admin_connection(city) as connection:
        follower = Follower(reading)
        connection.execute("UPDATE city.cameras SET source = 'all'")
        (change,) = follower.read().changes
        west, south, east, north = change.after
    assert (change.feature_id, change.op) == (None, "update")
    assert west < east
    assert south < north
