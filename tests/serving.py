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
    """Start the service as a process of its own and give its address; `home` is where tiles are kept."""
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", "api.main:create_app"]
    command += ["--port", str(port), "--log-level", "warning"]
    settings = {
        "ONEMAP_DATABASE_URL": addresses.application,
        "ONEMAP_DATABASE_ADMIN_URL": addresses.admin,
        "ONEMAP_PORT": str(port),
        "ONEMAP_HOME": str(home),
    }
    process = subprocess.Popen(command, cwd=CHECKOUT, env={**os.environ, **settings})
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def kill(cluster: Cluster) -> None:
    """Kill the server and all its backends."""
    postmaster = int((cluster.data / "postmaster.pid").read_text().split()[0])
    with psycopg.connect(cluster.superuser_address(), autocommit=True) as connection:
        backends = [row[0] for row in connection.execute("SELECT pid FROM pg_stat_activity").fetchall()]
    for process in (postmaster, *backends):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
