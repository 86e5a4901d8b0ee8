"""Real worker processes, and ways to hold a run in each of its phases from outside."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from psycopg.rows import dict_row

from layers.database import Addresses, admin_connection, connect_application, scoped
from layers.definitions.loading import Catalog
from layers.runs.children import Children
from layers.runs.publishing import PUBLISHING_LOCK
from layers.runs.requesting import request
from layers.runs.results import WRITING_LOCK
from layers.runs.worker import worker_thread
from layers.scope import Scope
from tests.layers.little_city import ALL

PATIENCE = 60.0
DEAD_AFTER = 3.0

_PROGRAM = """
import asyncio, json, sys
from layers.database import Addresses
from layers.runs.worker import work
order = json.loads(sys.stdin.readline())
addresses = Addresses(*order.pop("addresses"))
asyncio.run(work(addresses, **order))
"""


class Worker:
    """A worker process."""

    def __init__(self, addresses: Addresses) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, text=True, start_new_session=True
        )
        order = {
            "addresses": [addresses.application, addresses.admin],
            "dead_after": DEAD_AFTER,
        }
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def computations(self) -> list[int]:
        """Return the processes that compute: forked from what this one has started."""
        return children_of(children_of([self.process.pid]))

    def kill(self) -> list[int]:
        """End it as a crash would, and return all processes that it has left."""
        started = children_of([self.process.pid])
        left = [*started, *children_of(started)]
        self.process.kill()
        self.process.wait()
        return left

    def stop(self) -> None:
        """End it as an administrator would."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)


def children_of(parents: list[int]) -> list[int]:
    """Return the living processes that others have started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) in parents and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@contextmanager
def worker(addresses: Addresses) -> Iterator[Worker]:
    made = Worker(addresses)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.kill()


@cache
def _children() -> Children:
    """Return what starts the computations of workers in this process: it has to load only once."""
    children = Children()
    atexit.register(children.__exit__)
    return children


def carry_out(addresses: Addresses, seconds: float = PATIENCE) -> None:
    """Carry out everything that is queued, by a worker in this process."""
    with worker_thread(addresses, until_empty=True, dead_after=DEAD_AFTER, children=_children()) as ended:
        ended.result(seconds)


@contextmanager
def worker_here(addresses: Addresses) -> Iterator[None]:
    """Keep such a worker as long as the context: enough where it is not killed or looked at as a process."""
    with worker_thread(addresses, dead_after=DEAD_AFTER, children=_children()) as ended:
        yield
    ended.result(PATIENCE)


def ask(
    addresses: Addresses, catalog: Catalog, region: str = "", scope: Scope = ALL, **parameters: Any
) -> int:
    """Ask for a density."""
    with connect_application(addresses) as connection, scoped(connection, scope):
        return request(connection, scope, catalog, kind="density", parameters=parameters, region=region)


def record(addresses: Addresses, run: int) -> dict[str, Any]:
    """Return everything that the record of a run holds."""
    with admin_connection(addresses) as connection, connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute("SELECT * FROM onemap.run WHERE id = %s", [run]).fetchone()
    assert row is not None
    return row


def published(addresses: Addresses, region: str = "", subject: str = "cameras") -> int | None:
    """Return the run that is shown of a density."""
    with admin_connection(addresses) as connection:
        row = connection.execute(
            "SELECT run FROM onemap.run_publication WHERE kind = 'density' AND (region, subject) = (%s, %s)",
            [region, subject],
        ).fetchone()
    return None if row is None else row[0]


def wait_for(test: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Wait until a test gives something true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := test():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s for {what}")


def gone(process: int) -> bool:
    """Tell whether a process has ended."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{process}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


@contextmanager
def held(addresses: Addresses, phase: str, run: int) -> Iterator[None]:
    """Keep a run from going beyond the beginning of a phase, by the locks that the phase needs."""
    statements = {
        "read": "LOCK TABLE city.cameras IN ACCESS EXCLUSIVE MODE",
        "write": f"SELECT pg_advisory_xact_lock({WRITING_LOCK}, {run})",
        "publish": f"SELECT pg_advisory_xact_lock({PUBLISHING_LOCK}, hashtext('density '))",
    }
    with admin_connection(addresses) as connection, connection.transaction(force_rollback=True):
        connection.execute(statements[phase].encode())
        yield
