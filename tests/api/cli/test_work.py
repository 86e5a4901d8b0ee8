"""``onemap work`` and ``onemap analyse``: the worker beside a service, and a run from the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from api.cli.work import worker_beside
from layers.database import admin_connection
from tests.layers.little_city import fill, one, points
from tests.layers.runs.workers import ask, gone, record, wait_for

pytestmark = pytest.mark.postgis

ONEMAP = [sys.executable, "-c", "from api.cli.main import app; app()"]


@pytest.fixture(scope="module")
def city(module_database, catalog):
    fill(module_database, catalog, cameras=points(300))
    return module_database


def variables(city):
    named = {"ONEMAP_DATABASE_URL": city.application, "ONEMAP_DATABASE_ADMIN_URL": city.admin}
    return {**os.environ, **named}


def onemap(city, *arguments):
    return subprocess.run(
        [*ONEMAP, *arguments], env=variables(city), capture_output=True, text=True, timeout=90, check=False
    )


def test_a_density_is_asked_for_carried_out_and_printed(city):
    done = onemap(city, "analyse", "density", "--layer", "cameras", "--resolution", "9", "--json")
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)
    assert run["state"] == "succeeded"
    assert run["published"] is True
    assert sum(area["n"] for area in run["areas"] if area["layer"] == "towns") == 300
    assert "Fatal" not in done.stderr
    table = onemap(city, "analyse", "density", "--layer", "cameras", "--region", "341504001")
    assert table.returncode == 0, table.stderr
    assert "341504001001" in table.stdout
    assert "341504002" not in table.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["--layer", "nothing"],
        ["--layer", "cameras", "--weight", "name"],
        ["--layer", "cameras", "--resolution", "4"],
        ["--layer", "cameras", "--against", "money"],
        ["--layer", "cameras", "--region", "9"],
    ],
)
def test_a_wrong_order_is_one_line_and_makes_no_run(city, arguments):
    with admin_connection(city) as connection:
        before = one(connection, "SELECT count(*) FROM onemap.run")
    done = onemap(city, "analyse", "density", *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("onemap: ")
    assert done.stderr.count("\n") == 1
    with admin_connection(city) as connection:
        assert one(connection, "SELECT count(*) FROM onemap.run") == before


def test_a_worker_beside_a_service_ends_when_the_service_is_killed(city):
    with admin_connection(city) as connection:
        before = one(connection, "SELECT count(*) FROM onemap.procrastinate_workers")
    process = subprocess.Popen(
        [*ONEMAP, "work", "--beside"], env=variables(city), stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )

    def at_work():
        with admin_connection(city) as connection:
            return one(connection, "SELECT count(*) FROM onemap.procrastinate_workers") > before

    wait_for(at_work, "the worker to begin")
    assert process.poll() is None
    process.stdin.close()
    assert process.wait(20) == 0
    assert b"Fatal" not in process.stderr.read()


def test_a_worker_that_is_killed_is_started_again(city, catalog):
    def workers():
        listed = subprocess.run(
            ["ps", "-ww", "--ppid", str(os.getpid()), "-o", "pid=,args="],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        return [int(line.split()[0]) for line in listed if "work --beside" in line]

    with worker_beside(city):
        first = wait_for(workers, "the worker")[0]
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: workers() and workers()[0] != first, "the next worker", 20)
        run = ask(city, catalog, layer="cameras")
        wait_for(lambda: record(city, run)["state"] == "succeeded", "the run")
        last = workers()[0]
    assert gone(last)
