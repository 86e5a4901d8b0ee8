"""The worker's side of one run: start the child, pass its progress on, end it when it must, publish."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psycopg
import structlog

from layers.database import Addresses, admin_connection
from layers.runs.children import Child, Children
from layers.runs.errors import RunTooLong
from layers.runs.kinds import Kind, kind_named
from layers.runs.publishing import Finished, publish
from layers.runs.record import Order, Run, begin, cancel, fail, requeue, tell
from layers.runs.retention import drop_old_results

log = structlog.get_logger(__name__)

#: Seconds between two looks at the record: how soon a cancelled run stops, at the latest.
LOOK = 0.25
#: Seconds that a run which was called off has to finish with its best answer so far.
TO_KEEP = 120.0


def work_on(
    addresses: Addresses,
    run: int,
    job: int,
    worker: str,
    *,
    children: Children,
    should_stop: Callable[[], bool],
) -> None:
    """Carry out one queued run from its start to its end.

    Parameters
    ----------
    run, job : int
        The run and the queue's job that brought it here.
    worker : str
        Name of this worker.
    children : Children
        Starts the process that computes.
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
        order = {
            "application": addresses.application,
            "admin": addresses.admin,
            "run": begun.id,
            "attempt": begun.attempt,
            "megabytes": kind.megabytes,
        }
        with children.compute(order) as child:
            _follow(connection, begun, kind, child, should_stop)


def _follow(
    connection: psycopg.Connection[Any], run: Run, kind: Kind, child: Child, should_stop: Callable[[], bool]
) -> None:
    """Watch the child until the run has ended one way or the other."""
    deadline = time.monotonic() + kind.seconds
    step, share = "start", 0.0
    standing: dict[str, Any] | None = None
    contented = False
    while True:
        told = child.next(LOOK)
        if told is not None and "standing" in told:
            standing = told["standing"]
        if told is not None and "step" in told:
            step, share = told["step"], told["share"]
        if told is not None and ("standing" in told or "step" in told) and child.has_more:
            continue
        order = tell(connection, run.id, run.attempt, step, share, standing)
        if order is Order.CANCEL and kind.keeps_best and standing is not None:
            if not contented:
                child.be_content()
                contented, deadline = True, min(deadline, time.monotonic() + TO_KEEP)
            order = Order.GO_ON
        if order is not Order.GO_ON or should_stop() or time.monotonic() > deadline:
            child.kill()
            if contented:
                order = Order.CANCEL
            _break_off(connection, run, kind, order, stopped=should_stop())
            return
        if told is None and child.ended:
            fail(connection, run.id, run.attempt, child.crash(kind))
            return
        if told is not None and "step" not in told and "standing" not in told:
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
    if publish(connection, run, Finished(**done), keeps_best=kind_named(run.kind).keeps_best):
        log.info("run is finished", run=run.id, rows=done["rows"])
    else:
        cancel(connection, run.id, run.attempt)
    drop_old_results(connection)
