"""``onemap serve`` as a real process: it tells its address, ends cleanly, and comes back after a kill."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.embedded.cluster import Cluster
from api.embedded.packages import find_postgresql
from api.embedded.use import in_use
from geo.errors import Unavailable
from layers.schema.migrating import migrate

pytestmark = pytest.mark.postgis

ONEMAP = [sys.executable, "-c", "from api.cli.main import app; app()"]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Give a stopped cluster with the tables of an empty city."""
    try:
        find_postgresql()
    except Unavailable as missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing.message)
    made = Cluster(tmp_path_factory.mktemp("served") / "home", throw_away=True)
    with in_use(made) as addresses:
        migrate(addresses)
    yield made
    made.destroy()


class Service:
    """A running ``onemap serve``."""

    def __init__(self, home: Path) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ONEMAP_")}
        self.process = subprocess.Popen(
            [*ONEMAP, "serve", "--port", "0"],
            env={**environment, "ONEMAP_HOME": str(home)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        told = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert told is not None, line
        self.address = told[0]

    def get(self, path: str) -> int:
        with urllib.request.urlopen(self.address + path, timeout=10) as answer:  # noqa: S310 - our own service
            return int(answer.status)

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal and return the exit code and what was still printed."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=60)
        return self.process.returncode, rest


@pytest.fixture
def service(cluster: Cluster) -> Iterator[Service]:
    running = Service(cluster.home)
    yield running
    running.process.kill()
    running.process.wait()
    cluster.stop()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_service_and_then_the_cluster(cluster, service, number):
    assert service.get("/healthz") == 200
    assert cluster.status().state == "running"
    assert service.end(number) == (0, "Stopped.\n")
    assert cluster.status().state == "stopped"


def test_an_open_connection_does_not_hold_up_the_end(cluster, service):
    host, port = service.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as idle:
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert idle.recv(12) == b"HTTP/1.1 200"
        assert service.end(signal.SIGTERM)[0] == 0
    assert cluster.status().state == "stopped"


def test_a_killed_service_comes_back_at_once(cluster, service):
    service.process.kill()
    service.process.wait()
    assert cluster.status().state == "running"
    second = Service(cluster.home)
    try:
        assert second.get("/healthz") == 200
        assert second.end(signal.SIGTERM)[0] == 0
    finally:
        second.process.kill()
        second.process.wait()
    assert cluster.status().state == "stopped"


def test_a_service_whose_cluster_is_killed_comes_back_with_the_next_start(cluster, service):
    process = cluster.status().process
    assert process is not None
    os.kill(process, signal.SIGKILL)
    assert service.end(signal.SIGTERM)[0] == 0
    second = Service(cluster.home)
    try:
        assert second.get("/healthz") == 200
    finally:
        second.process.kill()
        second.process.wait()


def test_two_services_share_the_cluster_and_the_last_one_stops_it(cluster, service):
    second = Service(cluster.home)
    assert second.address != service.address
    assert service.end(signal.SIGTERM)[0] == 0
    assert second.get("/healthz") == 200
    assert cluster.status().state == "running"
    assert second.end(signal.SIGTERM)[0] == 0
    assert cluster.status().state == "stopped"
