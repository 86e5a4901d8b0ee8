"""``onemap serve --workers 2``: two real processes on one port, one database and one home."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import httpx
import mapbox_vector_tile
import morecantile
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.layers.little_city import EAST, NORTH, SOUTH, WEST, fill, points, working
from tests.layers.runs.workers import gone, wait_for
from tests.serving import CHECKOUT

pytestmark = pytest.mark.postgis

TMS = morecantile.tms.get("WebMercatorQuad")
MOVE = (
    "UPDATE city.cameras SET geom = ST_SetSRID(ST_MakePoint(%s, %s), 4326) WHERE code = 'p7'"
    " RETURNING id, version"
)


class Served:
    """A running ``onemap serve --workers 2``."""

    def __init__(self, database, home):
        named = {
            "ONEMAP_DATABASE_URL": database.application,
            "ONEMAP_DATABASE_ADMIN_URL": database.admin,
            "ONEMAP_HOME": str(home),
        }
        command = [sys.executable, "-c", "from api.cli.main import app; app()"]
        self.process = subprocess.Popen(
            [*command, "serve", "--workers", "2", "--port", "0"],
            cwd=CHECKOUT, env={**os.environ, **named}, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.address = re.search(r"http://[0-9.:]+", self.process.stdout.readline())[0]

    def processes(self):
        """Return the ids of the processes that answer, in the order of their numbers, not of their ids."""
        listed = subprocess.run(
            ["ps", "-ww", "--ppid", str(self.process.pid), "-o", "pid=,args="],
            capture_output=True, text=True, check=True,
        ).stdout.splitlines()  # fmt: skip
        found = [int(line.split()[0]) for line in listed if " answer --socket " in line]
        return sorted(found, key=lambda one: number_of(one) or 0)

    @contextlib.contextmanager
    def only(self, process):
        """Let one process take connections while the others stand still."""
        others = [one for one in self.processes() if one != process]
        for one in others:
            os.kill(one, signal.SIGSTOP)
        try:
            yield
        finally:
            for one in others:
                os.kill(one, signal.SIGCONT)

    def client(self):
        # a connection stays with the process that took it, as long as it stays
        return httpx.Client(base_url=self.address, timeout=30, limits=httpx.Limits(keepalive_expiry=None))


@pytest.fixture
def served(database, catalog, tmp_path):
    fill(database, catalog, cameras=points(400))
    found = Served(database, tmp_path)
    yield found
    found.process.kill()
    found.process.wait()


def number_of(process):
    """Return the number that a process counts under; None where it has ended meanwhile."""
    try:
        environment = Path(f"/proc/{process}/environ").read_bytes()
    except OSError:
        return None
    found = re.search(rb"(?:^|\0)ONEMAP_PROCESS=(\d+)\0", environment)
    return found and int(found[1])


def heard(lines, kind, feature=None):
    """Read a stream of events up to one of a kind, about one feature."""
    event = ""
    for line in lines:
        if line.startswith("event:"):
            event = line.removeprefix("event:").strip()
        elif line.startswith("data:") and event == kind:
            found = json.loads(line.removeprefix("data:"))
            if feature is None or found["data"]["id"] == feature:
                return
    raise AssertionError(f"the stream ended before {kind}")


def shown(client, path):
    """Return the features of a tile as it is answered for fresh, by id."""
    answer = client.get(path)
    while "ttl=-" in answer.headers["cache-status"]:  # drawing takes long on a busy machine: it says so
        answer = client.get(path)
    assert answer.status_code in (200, 204)
    layers = mapbox_vector_tile.decode(answer.content) if answer.content else {}
    return {feature["id"]: feature["geometry"] for layer in layers.values() for feature in layer["features"]}


def requests_by_process(client):
    """Return how many tiles each process says it has answered."""
    families = {one.name: one for one in text_string_to_metric_families(client.get("/metrics").text)}
    found = {sample.labels["process"]: 0 for sample in families["onemap_tile_disk_used"].samples}
    for sample in families["onemap_tile_requests"].samples:
        found[sample.labels["process"]] += sample.value
    return found


def test_two_processes_tell_one_truth_are_counted_together_and_outlive_each_other(served, database):
    first, second = served.processes()
    with ExitStack() as stack:
        clients, streams = [], []
        for process in (first, second):
            with served.only(process):
                clients.append(stack.enter_context(served.client()))
                assert clients[-1].get("/healthz").status_code == 200
                stream = stack.enter_context(served.client()).stream("GET", "/events")
                streams.append(stack.enter_context(stream).iter_lines())
                heard(streams[-1], "ready")
        places = [(WEST + (EAST - WEST) * n / 17, SOUTH + (NORTH - SOUTH) * n / 17) for n in range(1, 17)]
        for number, (x, y) in enumerate(places):
            there = TMS.tile(x, y, 16)
            path = f"/tiles/cameras/{there.z}/{there.x}/{there.y}.mvt"
            # Both keep the tile in memory, as it was.
            before = [shown(client, path) for client in clients]
            assert before[0] == before[1]
            with working(database) as connection:
                moved = connection.execute(MOVE, [x, y]).fetchone()[0]
            teller, other = number % 2, 1 - number % 2
            heard(streams[teller], "layer.changed", moved)
            after = shown(clients[other], path)
            assert moved in after and after[moved] != before[0].get(moved)
            heard(streams[other], "layer.changed", moved)
            assert shown(clients[teller], path) == after
        wait_for(lambda: min(requests_by_process(clients[0]).values()) >= 32, "the numbers of both")
        os.kill(second, signal.SIGKILL)
        for _ in range(20):
            with served.client() as newcomer:
                assert newcomer.get(path).status_code == 200
        wait_for(lambda: len(set(served.processes()) - {second}) == 2, "another process in its place")
        # the next one begins to count anew, once it has loaded all that it needs
        wait_for(lambda: 0 <= requests_by_process(clients[0]).get("2", 99) < 32, "its numbers", 240)
        assert requests_by_process(clients[0])["1"] >= 32
        last = [*served.processes()]
        served.process.terminate()
        assert served.process.wait(30) == 0
    assert all(map(gone, last))
