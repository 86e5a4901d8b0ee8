"""The worker's side of one run: start the child, pass its progress on, end it when it must, publish."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TextIO

import psycopg
import structlog

from layers.database import Addresses, admin_connection
from layers.runs.errors import RunCrashed, RunTooLarge, RunTooLong
from layers.runs.kinds import Kind, kind_named
from layers.runs.publishing import Finished, publish
from layers.runs.record import Order, Run, begin, cancel, fail, requeue, tell
from layers.runs.retention import drop_old_results

log = structlog.get_logger(__name__)

#: Seconds between two looks at the record: how soon a cancelled run stops, at the latest.
LOOK = 0.25


def work_on(addresses: Addresses, run: int, job: int, worker: str, should_stop: Callable[[], bool]) -> None:
    """Carry out one queued run from its start to its end.

    Parameters
    ----------
    run, job : int
        The run and the queue's job that brought it here.
    should_stop : callable
        Says that this worker is being stopped; the run then goes back into the queue.
    """
    with admin_connection(addresses) as connection:
        begun = begin(connection, run, job, worker)
        if begun is None:
            log.info("nothing to do for a run", run=run)
            return
        log.info("run begins", run=run, kind=begun.kind, attempt=begun.attempt)
        kind = kind_named(begun.kind)
        with _child(addresses, begun, kind) as child:
            _follow(connection, begun, kind, child, should_stop)


def _follow(
    connection: psycopg.Connection[Any], run: Run, kind: Kind, child: Child, should_stop: Callable[[], bool]
) -> None:
    """Watch the child until the run has ended one way or the other."""
    deadline = time.monotonic() + kind.seconds
    step, share = "start", 0.0
    while True:
        told = child.next(LOOK)
        if told is not None and "step" in told:
            step, share = told["step"], told["share"]
            if child.has_more:
                continue
        order = tell(connection, run.id, run.attempt, step, share)
        if order is not Order.GO_ON or should_stop() or time.monotonic() > deadline:
            child.kill()
            _break_off(connection, run, kind, order, stopped=should_stop())
            return
        if told is None and child.ended:
            fail(connection, run.id, run.attempt, child.crash(kind))
            return
        if told is not None and "step" not in told:
            _finish(connection, run, told)
            return


def _break_off(
    connection: psycopg.Connection[Any], run: Run, kind: Kind, order: Order, *, stopped: bool
) -> None:
    """Write down why a run was ended before its time."""
    match order:
        case Order.LEAVE:
            log.warning("another worker has taken the run over", run=run.id)
        case Order.CANCEL:
            cancel(connection, run.id, run.attempt)
        case Order.GO_ON if stopped:
            requeue(connection, run.id, run.attempt, counts=False)
        case Order.GO_ON:
            late = RunTooLong(f"the run reached its limit of {kind.seconds} s", seconds=kind.seconds)
            fail(connection, run.id, run.attempt, late)


def _finish(connection: psycopg.Connection[Any], run: Run, told: dict[str, Any]) -> None:
    """Take the child's last word: the result, an error, or that the run is in other hands."""
    if "error" in told:
        fail(connection, run.id, run.attempt, told["error"])
        return
    done = told.get("done")
    if done is None:
        return
    tell(connection, run.id, run.attempt, "publish", 0.0)
    if publish(connection, run, Finished(**done)):
        log.info("run is published", run=run.id, rows=done["rows"])
    else:
        cancel(connection, run.id, run.attempt)
    drop_old_results(connection)


class Child:
    """The process that computes, and what it tells."""

    def __init__(self, process: subprocess.Popen[str], complaints: TextIO) -> None:
        self._process = process
        self._complaints = complaints
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        if self._process.stdout is None:
            return
        for line in self._process.stdout:
            # A child that is killed may leave half a line: it tells nothing.
            with contextlib.suppress(json.JSONDecodeError):
                self._lines.put(json.loads(line))

    def next(self, seconds: float) -> dict[str, Any] | None:
        """Return what was told next, or None where nothing came in time."""
        try:
            return self._lines.get(timeout=seconds)
        except queue.Empty:
            return None

    @property
    def has_more(self) -> bool:
        """True where something was told that nobody has heard yet."""
        return not self._lines.empty()

    @property
    def ended(self) -> bool:
        """True where the process is gone and all that it told was heard."""
        if self._process.poll() is None:
            return False
        self._reading.join(timeout=5)
        return not self.has_more

    def kill(self) -> None:
        """End the process at once and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def crash(self, kind: Kind) -> RunCrashed | RunTooLarge:
        """Return why the process ended without an answer; its last lines go to the log."""
        self._complaints.seek(0)
        last = self._complaints.read()[-2000:]
        exit_code = self._process.returncode
        log.error("a computation ended without an answer", exit=exit_code, complaints=last)
        # Compiled libraries do not raise MemoryError: they end the process with words like these.
        if any(sign in last for sign in ("MemoryError", "bad_alloc", "llocation failed", "Cannot allocate")):
            message = f"the run needs more than {kind.megabytes} MB: choose a coarser resolution or a region"
            return RunTooLarge(message, megabytes=kind.megabytes)
        return RunCrashed("the computation ended without an answer; see the worker's log", exit=exit_code)


@contextlib.contextmanager
def _child(addresses: Addresses, run: Run, kind: Kind) -> Iterator[Child]:
    """Start the child in a process group of its own; nothing of it is left at the end."""
    order = {
        "application": addresses.application,
        "admin": addresses.admin,
        "run": run.id,
        "attempt": run.attempt,
        "megabytes": kind.megabytes,
    }
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints:
        process = subprocess.Popen(
            [sys.executable, "-m", "layers.runs.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            start_new_session=True,
        )
        child = Child(process, complaints)
        try:
            if process.stdin is not None:
                # Passwords go through the pipe: arguments and environments can be read by others.
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.write(json.dumps(order) + "\n")
                    process.stdin.flush()
            yield child
        finally:
            child.kill()
            if process.stdin is not None:
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.close()
