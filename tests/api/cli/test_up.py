"""``onemap serve`` as a real process: it tells its address, ends cleanly, and comes back after a kill."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Callable, Iterator, Mapping

import pytest

from api.embedded.cluster import Cluster
from api.embedded.use import in_use
from layers.schema.migrating import migrate

pytestmark = pytest.mark.postgis


@pytest.fixture(scope="module")
def cluster(postgis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Give a stopped cluster with the tables of an empty city."""
    made = Cluster(tmp_path_factory.mktemp("served") / "home", throw_away=True)
    with in_use(made) as addresses:
        migrate(addresses)
    yield made
    made.destroy()


class Service:
    """A running ``onemap serve``."""

    def __init__(self, command: list[str], environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            env=environment,
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
def serve(cluster, onemap_program, plain_environment) -> Iterator[Callable[[], Service]]:
    """Return what starts a service of this cluster; all are ended at the end."""
    started = []

    def start() -> Service:
        environment = {**plain_environment, "ONEMAP_HOME": str(cluster.home)}
        started.append(Service([*onemap_program, "serve", "--port", "0"], environment))
        return started[-1]

    yield start
    for service in started:
        service.process.kill()
        service.process.wait()
    cluster.stop()


@pytest.fixture
def service(serve) -> Service:
    return serve()


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


def test_a_killed_service_comes_back_at_once(cluster, serve, service):
    service.process.kill()
    service.process.wait()
    assert cluster.status().state == "running"
    second = serve()
    assert second.get("/healthz") == 200
    assert second.end(signal.SIGTERM)[0] == 0
    assert cluster.status().state == "stopped"


def test_a_service_whose_cluster_is_killed_comes_back_with_the_next_start(cluster, serve, service):
    process = cluster.status().process
    assert process is not None
    os.kill(process, signal.SIGKILL)
    assert service.end(signal.SIGTERM)[0] == 0
    assert serve().get("/readyz") == 200


def test_two_services_share_the_cluster_and_the_last_one_stops_it(cluster, serve, service):
    second = serve()
    assert second.address != service.address
    assert service.end(signal.SIGTERM)[0] == 0
    assert second.get("/healthz") == 200
    assert cluster.status().state == "running"
    assert second.end(signal.SIGTERM)[0] == 0
    assert cluster.status().state == "stopped"
