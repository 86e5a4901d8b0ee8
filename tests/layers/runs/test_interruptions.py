"""Workers killed with -9 in each phase, stopped, two at once; runs called off. Never a half-published run."""

from __future__ import annotations

import os
import signal

import pytest
from psycopg import sql

from layers.database import admin_connection, connect_application, scoped
from layers.runs.queue import recover
from layers.runs.record import MOST_ATTEMPTS, Order, State, begin, read, requeue, tell
from layers.runs.requesting import call_off
from tests.layers.little_city import ALL, fill, points, squares
from tests.layers.runs.workers import (
    Worker,
    ask,
    carry_out,
    gone,
    held,
    published,
    record,
    wait_for,
    worker,
    worker_here,
)

pytestmark = pytest.mark.postgis

CAMERAS = {"layer": "cameras"}
#: Large overlapping polygons on small cells: the computation alone takes several seconds.
HEAVY = {"layer": "buildings", "resolution": 12}


@pytest.fixture(scope="module")
def city(module_database, catalog):
    """Give a city in which one density is published already."""
    fill(module_database, catalog, cameras=points(300), buildings=squares(2500, size=0.004))
    before = ask(module_database, catalog, **CAMERAS)
    carry_out(module_database)
    assert published(module_database) == before
    return module_database


def shown_whole(city):
    """Tell whether the published run has succeeded and its table holds all rows that its record says."""
    shown = record(city, published(city))
    with admin_connection(city) as connection:
        table = sql.Identifier("results", f"density_{shown['id']}")
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone()
    return shown["state"] == "succeeded" and row[0] == shown["rows"]


def kill_in(city, run, step):
    with worker(city) as first:
        wait_for(lambda: record(city, run)["step"] == step, f"step {step}")
        assert first.computations() or step == "publish"
        for left in first.kill():
            wait_for(lambda left=left: gone(left), "what the worker has started to end with it", 20)


@pytest.mark.parametrize("phase", ["read", "write", "publish"])
def test_a_run_whose_worker_was_killed_is_done_again_while_the_one_before_stays_shown(city, catalog, phase):
    before = published(city)
    run = ask(city, catalog, **CAMERAS)
    with held(city, phase, run):
        kill_in(city, run, phase)
        assert record(city, run)["state"] == "running"
        assert published(city) == before
        assert shown_whole(city)
    with worker_here(city):
        wait_for(lambda: record(city, run)["state"] == "succeeded", "the second attempt")
    done = record(city, run)
    assert (done["attempt"], done["interruptions"]) == (2, 1)
    assert published(city) == run
    assert shown_whole(city)


def test_a_worker_killed_in_the_computation_leaves_a_run_that_is_done_again(city, catalog):
    before = published(city)
    run = ask(city, catalog, **HEAVY)
    kill_in(city, run, "compute")
    assert published(city) == before
    assert shown_whole(city)
    # The second half of a run of this size is not worth the wait: it is taken up again, then called off.
    with worker_here(city):
        wait_for(lambda: record(city, run)["attempt"] == 2, "the second attempt")
        with connect_application(city) as connection, scoped(connection, ALL):
            assert call_off(connection, run) is State.RUNNING
        wait_for(lambda: record(city, run)["state"] == "cancelled", "the end", 10)


def test_a_run_fails_plainly_when_its_worker_dies_again_and_again(city, catalog):
    run = ask(city, catalog, **CAMERAS)
    with admin_connection(city) as connection:
        for attempt in range(1, MOST_ATTEMPTS + 1):
            job = record(city, run)["job"]
            connection.execute("UPDATE onemap.procrastinate_jobs SET status = 'doing' WHERE id = %s", [job])
            assert begin(connection, run, job, "nobody") is not None
            state = recover(connection)[run]
            assert state is (State.FAILED if attempt == MOST_ATTEMPTS else State.QUEUED)
    failed = record(city, run)
    assert failed["error"]["code"] == "run-interrupted"
    assert failed["error"]["details"] == {"attempts": MOST_ATTEMPTS}
    assert shown_whole(city)


def test_an_attempt_that_was_given_up_can_neither_tell_nor_write(city, catalog):
    run = ask(city, catalog, **CAMERAS)
    with admin_connection(city) as connection:
        first = begin(connection, run, record(city, run)["job"], "slow")
        assert first is not None
        assert requeue(connection, run, first.attempt) is State.QUEUED
        assert tell(connection, run, first.attempt, "write", 0.5) is Order.LEAVE
        assert read(connection, run, first.attempt) is None
    carry_out(city)
    assert record(city, run)["state"] == "succeeded"


def test_a_stopped_worker_gives_its_run_back_and_that_is_no_failure(city, catalog):
    run = ask(city, catalog, **CAMERAS)
    with held(city, "read", run), worker(city) as first:
        wait_for(lambda: record(city, run)["step"] == "read", "reading")
        first.stop()
        given_back = record(city, run)
    assert (given_back["state"], given_back["interruptions"]) == ("queued", 0)
    carry_out(city)
    assert record(city, run)["state"] == "succeeded"


def test_two_workers_do_every_run_once(city, catalog):
    runs = [ask(city, catalog, **CAMERAS, resolution=resolution) for resolution in (5, 6, 7, 8, 9, 10)]
    with worker(city), worker(city):
        for run in runs:
            wait_for(lambda run=run: record(city, run)["state"] == "succeeded", f"run {run}")
    done = [record(city, run) for run in runs]
    assert {one["attempt"] for one in done} == {1}
    assert len({one["worker"] for one in done}) == 2
    assert published(city) == max(runs)
    assert shown_whole(city)


def test_a_run_that_waits_is_called_off_at_once_and_never_begins(city, catalog):
    run = ask(city, catalog, **CAMERAS)
    with connect_application(city) as connection, scoped(connection, ALL):
        assert call_off(connection, run) is State.CANCELLED
        assert call_off(connection, run) is State.CANCELLED
    carry_out(city)
    assert record(city, run)["attempt"] == 0


@pytest.mark.parametrize("phase", ["read", "write"])
def test_a_run_that_goes_on_is_called_off_within_seconds_and_the_next_one_follows(city, catalog, phase):
    before = published(city)
    run = ask(city, catalog, **CAMERAS)
    with held(city, phase, run), worker(city) as busy:
        wait_for(lambda: record(city, run)["step"] == phase, phase)
        with connect_application(city) as connection, scoped(connection, ALL):
            assert call_off(connection, run) is State.RUNNING
        wait_for(lambda: record(city, run)["state"] == "cancelled", "the end", 5)
        assert busy.computations() == []
    assert published(city) == before
    following = ask(city, catalog, **CAMERAS)
    carry_out(city)
    assert published(city) == following


def test_a_child_that_is_killed_alone_fails_its_run_plainly(city, catalog):
    run = ask(city, catalog, **CAMERAS)
    with held(city, "read", run), worker(city) as busy:
        wait_for(lambda: record(city, run)["step"] == "read", "reading")
        os.kill(busy.computations()[0], signal.SIGKILL)
        wait_for(lambda: record(city, run)["state"] == "failed", "the failure", 10)
    assert record(city, run)["error"]["code"] == "run-crashed"
    assert shown_whole(city)


def test_a_worker_waits_for_work_and_hears_of_it_at_once(city, catalog):
    idle = Worker(city)
    try:
        wait_for(lambda: _workers(city) >= 1, "the worker")
        before = ask(city, catalog, **CAMERAS)
        wait_for(lambda: record(city, before)["state"] == "succeeded", "the first result")
        # it listens by now, and what it computes with is loaded
        run = ask(city, catalog, **CAMERAS)
        wait_for(lambda: record(city, run)["state"] != "queued", "the start", 2)
        wait_for(lambda: record(city, run)["state"] == "succeeded", "the result")
    finally:
        idle.stop()


def _workers(city):
    with admin_connection(city) as connection:
        row = connection.execute(
            "SELECT count(*) FROM onemap.procrastinate_workers"
            " WHERE last_heartbeat > now() - interval '2 seconds'"
        ).fetchone()
    return row[0]
