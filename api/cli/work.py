"""``onemap work``: the worker that carries out analysis runs, alone or beside a service."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from layers.database import Addresses

#: Seconds after which a worker that ended by itself is started again, and that one has to stop.
_AGAIN, _TO_STOP = 3.0, 15.0


def work(
    until_empty: Annotated[bool, typer.Option("--until-empty", help="End when nothing is queued.")] = False,
    beside: Annotated[
        bool, typer.Option("--beside", hidden=True, help="End when standard input closes.")
    ] = False,
) -> None:
    """Carry out analysis runs until stopped; several workers may run side by side."""
    import asyncio

    from api.cli.database import city_database
    from api.cli.logs import log_to_stderr
    from api.settings import read_settings
    from layers.runs import worker

    log_to_stderr(logging.INFO)
    if beside:
        threading.Thread(target=_end_with_starter, daemon=True).start()
    with city_database(read_settings()) as addresses:
        asyncio.run(worker.work(addresses, until_empty=until_empty))


def _end_with_starter() -> None:
    """Stop as a signal would when the process that started this one is gone."""
    # Not through sys.stdin: its lock would be held when the interpreter ends.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


@contextlib.contextmanager
def worker_beside(addresses: Addresses) -> Iterator[None]:
    """Keep a worker process running as long as the context.

    It ends with this process, however that ends, and is started again where it ends by itself.
    """
    stopping = threading.Event()
    keeper = threading.Thread(target=_keep, args=(addresses, stopping), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        keeper.join(_TO_STOP + 5)


def _keep(addresses: Addresses, stopping: threading.Event) -> None:
    while not stopping.is_set():
        process = _start(addresses)
        while process.poll() is None and not stopping.wait(0.2):
            pass
        _stop(process)
        stopping.wait(_AGAIN)


def _start(addresses: Addresses) -> subprocess.Popen[bytes]:
    command = "from api.cli.main import app; app()"
    named = {
        "ONEMAP_DATABASE_URL": addresses.application,
        "ONEMAP_DATABASE_ADMIN_URL": addresses.admin,
    }
    # A session of its own: Ctrl-C is for the service, which then stops its worker.
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", command, "work", "--beside"],
        stdin=subprocess.PIPE,
        env={**os.environ, **named},
        start_new_session=True,
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdin is not None:
        process.stdin.close()
