"""The service as a real process, and the end of a database that nobody asked for."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg

from api.embedded.cluster import Cluster
from layers.database import Addresses

CHECKOUT = Path(__file__).resolve().parents[1]
START_SECONDS = 60


@contextlib.contextmanager
def serving(addresses: Addresses, home: Path) -> Iterator[str]:
    """Start a process that answers and give its address; `home` is where tiles are kept."""
    with socket.create_server(("127.0.0.1", 0)) as claim:
        port = int(claim.getsockname()[1])
        process = start_answering(claim, addresses, home)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def start_answering(claim: socket.socket, addresses: Addresses, home: Path) -> subprocess.Popen[bytes]:
    """Start a process that answers on a socket."""
    settings = {
        "ONEMAP_DATABASE_URL": addresses.application,
        "ONEMAP_DATABASE_ADMIN_URL": addresses.admin,
        "ONEMAP_PORT": str(claim.getsockname()[1]),
        "ONEMAP_HOME": str(home),
    }
    command = [sys.executable, "-c", "from api.cli.main import app; app()"]
    return subprocess.Popen(
        [*command, "answer", "--socket", str(claim.fileno())],
        cwd=CHECKOUT,
        env={**os.environ, **settings},
        pass_fds=[claim.fileno()],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )


def kill(cluster: Cluster) -> None:
    """Kill the server and all its backends."""
    postmaster = int((cluster.data / "postmaster.pid").read_text().split()[0])
    with psycopg.connect(cluster.superuser_address(), autocommit=True) as connection:
        backends = [row[0] for row in connection.execute("SELECT pid FROM pg_stat_activity").fetchall()]
    for process in (postmaster, *backends):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(START_SECONDS * 10):
        if process.poll() is not None:
            raise RuntimeError(f"the service ended with {process.returncode}")
        try:
            if httpx.get(f"{address}/readyz", timeout=5).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the service did not get ready")
