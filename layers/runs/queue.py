"""The job queue (procrastinate), and what becomes of runs whose worker went away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import procrastinate
import psycopg
from procrastinate import JobContext
from psycopg.conninfo import make_conninfo

from layers.database import Addresses
from layers.runs.record import State, requeue

Connection = psycopg.Connection[Any]

QUEUE = "runs"
TASK = "run"

#: Seconds between signs of life, and how many without one make a worker dead.
HEARTBEAT = 2.0
DEAD_AFTER = 15.0

_RECOVERY_LOCK = 0x7265636F766572

# Runs that nobody works on although somebody should, each with the job that is to be closed.
_STRANDED = """
SELECT r.id, r.attempt, r.state, j.id, j.status
FROM onemap.run AS r
LEFT JOIN onemap.procrastinate_jobs AS j ON j.id = r.job
LEFT JOIN onemap.procrastinate_workers AS w ON w.id = j.worker_id
WHERE (r.state = 'running' AND j.status IS DISTINCT FROM 'doing')
   OR (r.state = 'queued' AND (j.status IS NULL OR j.status NOT IN ('todo', 'doing')))
   OR (r.state IN ('queued', 'running') AND j.status = 'doing'
       AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => %(dead_after)s)))
"""

# Jobs of dead workers whose run has ended: the worker went away between the two.
_CLOSE_ENDED = """
SELECT onemap.procrastinate_finish_job_v1(j.id, 'succeeded', false)
FROM onemap.procrastinate_jobs AS j
JOIN onemap.run AS r ON r.job = j.id AND r.state NOT IN ('queued', 'running')
LEFT JOIN onemap.procrastinate_workers AS w ON w.id = j.worker_id
WHERE j.status = 'doing'
  AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => %(dead_after)s))
"""

_DELETE_OLD = """
DELETE FROM onemap.procrastinate_jobs AS j
WHERE j.status NOT IN ('todo', 'doing') AND NOT EXISTS (
    SELECT FROM onemap.procrastinate_events AS e WHERE e.job_id = j.id AND e.at > now() - interval '7 days')
"""


def make_queue(
    addresses: Addresses, work: Callable[[int, int, Callable[[], bool]], None]
) -> procrastinate.App:
    """Return the queue with its one task.

    Parameters
    ----------
    addresses : Addresses
        The queue belongs to the owner, so ``admin`` is used.
    work : callable
        Called in a thread with (run, job, should stop).
    """
    # The package names its objects without a schema; pg_temp last, so that nothing shadows them.
    options = "-c search_path=onemap,pg_catalog,pg_temp -c role=onemap_owner -c timezone=UTC"
    connector = procrastinate.PsycopgConnector(
        conninfo=make_conninfo(addresses.admin, options=options, application_name="onemap queue"),
        min_size=1,
        max_size=4,
    )
    queue = procrastinate.App(connector=connector)

    @queue.task(name=TASK, queue=QUEUE, pass_context=True)
    def work_on(context: JobContext, *, run: int) -> None:
        if context.job.id is None:
            raise RuntimeError("a job that runs has an id")
        work(run, context.job.id, context.should_abort)

    return queue


def recover(connection: Connection, *, dead_after: float = DEAD_AFTER) -> dict[int, State]:
    """Queue again, or fail plainly, every run whose worker went away.

    Parameters
    ----------
    connection : psycopg.Connection
        Of `layers.database.admin_connection`. Safe from several workers at once.
    dead_after : float
        Seconds without a sign of life.

    Returns
    -------
    dict
        New state by run.
    """
    found: dict[int, State] = {}
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_RECOVERY_LOCK])
        values = {"dead_after": dead_after}
        connection.execute(_CLOSE_ENDED, values)
        for run, attempt, _state, job, status in connection.execute(_STRANDED, values).fetchall():
            if status == "doing":
                connection.execute("SELECT onemap.procrastinate_finish_job_v1(%s, 'failed', false)", [job])
            # A job that was never begun costs the run nothing.
            state = requeue(connection, run, attempt, counts=_state == State.RUNNING)
            if state is not None:
                found[run] = state
        connection.execute(_DELETE_OLD)
    return found
