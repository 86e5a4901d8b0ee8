"""The record of a run: its states, and the only changes between them.

queued → running → succeeded | failed | cancelled, and running → queued where a worker went away. Every start
has a number, the attempt; whoever changes a running run names the attempt it belongs to, so that a worker
that was given up for dead cannot touch what another one has taken over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from geo.errors import OneMapError
from layers.runs.errors import RunInterrupted, as_json
from layers.runs.inputs import scope_from
from layers.scope import Classification, Scope

Connection = psycopg.Connection[Any]

#: Starts of a run before it fails for want of a worker that lives.
MOST_ATTEMPTS = 3

_BEGIN = """
UPDATE onemap.run SET state = 'running', attempt = attempt + 1, step = 'start', share = 0, worker = %s,
    error = NULL, summary = NULL, started_at = clock_timestamp(), changed_at = clock_timestamp()
WHERE id = %s AND job = %s AND state = 'queued'
RETURNING id, kind, parameters, region, subject, classification, scope, attempt
"""
_READ = """
SELECT id, kind, parameters, region, subject, classification, scope, attempt
FROM onemap.run WHERE id = %s AND attempt = %s AND state = 'running'
"""


class State(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def finished(self) -> bool:
        """True where nothing will change any more."""
        return self in (State.SUCCEEDED, State.FAILED, State.CANCELLED)


class Order(StrEnum):
    """What a worker hears when it tells its progress."""

    GO_ON = "go on"
    CANCEL = "cancel"
    LEAVE = "leave"  # somebody else has the run now


@dataclass(frozen=True, slots=True)
class Run:
    """What a worker needs to know of a run."""

    id: int
    kind: str
    parameters: Mapping[str, Any]
    region: str
    subject: str
    classification: Classification
    scope: Scope
    attempt: int


def begin(connection: Connection, run: int, job: int, worker: str) -> Run | None:
    """Start a queued run, or return None where it was cancelled or is somebody else's.

    Parameters
    ----------
    connection : psycopg.Connection
        Of `layers.database.admin_connection`; so for every function here.
    """
    return _run(connection, _BEGIN, [worker, run, job])


def read(connection: Connection, run: int, attempt: int) -> Run | None:
    """Return a run while this attempt at it goes on."""
    return _run(connection, _READ, [run, attempt])


def tell(  # noqa: PLR0917
    connection: Connection, run: int, attempt: int, step: str, share: float,
    standing: Mapping[str, Any] | None = None,
) -> Order:  # fmt: skip
    """Write down how far a run is and how good its best answer so far, and hear whether to go on."""
    row = connection.execute(
        "UPDATE onemap.run SET step = %(step)s, share = %(share)s,"
        " summary = coalesce(%(summary)s::jsonb, summary),"
        " changed_at = CASE WHEN (step, share, summary) IS DISTINCT FROM"
        " (%(step)s, %(share)s::float8, coalesce(%(summary)s::jsonb, summary))"
        " THEN clock_timestamp() ELSE changed_at END"
        " WHERE id = %(run)s AND attempt = %(attempt)s AND state = 'running' RETURNING cancel_requested",
        {
            "step": step, "share": min(max(share, 0.0), 1.0), "run": run, "attempt": attempt,
            "summary": None if standing is None else Jsonb({"standing": dict(standing)}),
        },
    ).fetchone()  # fmt: skip
    if row is None:
        return Order.LEAVE
    return Order.CANCEL if row[0] else Order.GO_ON


def fail(connection: Connection, run: int, attempt: int, error: OneMapError | Mapping[str, Any]) -> bool:
    """End a run with the reason; False where it is not this attempt's any more."""
    reason = as_json(error) if isinstance(error, OneMapError) else dict(error)
    return _end(connection, run, attempt, State.FAILED, reason)


def cancel(connection: Connection, run: int, attempt: int) -> bool:
    """End a run that was asked to stop."""
    return _end(connection, run, attempt, State.CANCELLED, None)


def requeue(connection: Connection, run: int, attempt: int, *, counts: bool = True) -> State | None:
    """Put a run back into the queue after its worker went away, or fail it after `MOST_ATTEMPTS` starts.

    Parameters
    ----------
    counts : bool
        False where the worker was stopped on purpose: that is no failure of the run.

    Returns
    -------
    State or None
        The run's new state; None where it is not this attempt's any more.
    """
    with connection.transaction():
        row = connection.execute(
            "SELECT cancel_requested, interruptions FROM onemap.run WHERE id = %s AND attempt = %s"
            " AND state IN ('queued', 'running') FOR UPDATE",
            [run, attempt],
        ).fetchone()
        if row is None:
            return None
        if row[0]:
            connection.execute(
                "UPDATE onemap.run SET state = 'cancelled', finished_at = clock_timestamp(),"
                " changed_at = clock_timestamp() WHERE id = %s",
                [run],
            )
            return State.CANCELLED
        interruptions = row[1] + counts
        if interruptions >= MOST_ATTEMPTS:
            lost = RunInterrupted(
                f"the worker ended in the middle of the run {interruptions} times", attempts=interruptions
            )
            connection.execute(
                "UPDATE onemap.run SET state = 'failed', error = %s, finished_at = clock_timestamp(),"
                " changed_at = clock_timestamp() WHERE id = %s",
                [Jsonb(as_json(lost)), run],
            )
            return State.FAILED
        connection.execute(
            "UPDATE onemap.run SET state = 'queued', step = NULL, share = NULL, worker = NULL,"
            " changed_at = clock_timestamp(), interruptions = %(interruptions)s,"
            " job = (onemap.procrastinate_defer_jobs_v1(ARRAY[ROW('runs', 'run', 0, NULL, NULL,"
            " jsonb_build_object('run', %(run)s::bigint), NULL)::onemap.procrastinate_job_to_defer_v1]))[1]"
            " WHERE id = %(run)s",
            {"run": run, "interruptions": interruptions},
        )
    return State.QUEUED


def _end(
    connection: Connection, run: int, attempt: int, state: State, error: Mapping[str, Any] | None
) -> bool:
    ended = connection.execute(
        "UPDATE onemap.run SET state = %s, error = %s, finished_at = clock_timestamp(),"
        " changed_at = clock_timestamp() WHERE id = %s AND attempt = %s AND state = 'running'",
        [state, None if error is None else Jsonb(error), run, attempt],
    )
    return ended.rowcount == 1


def _run(connection: Connection, query: str, values: list[Any]) -> Run | None:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query.encode(), values).fetchone()
    if row is None:
        return None
    return Run(
        id=row["id"],
        kind=row["kind"],
        parameters=row["parameters"],
        region=row["region"],
        subject=row["subject"],
        classification=Classification(row["classification"]),
        scope=scope_from(row["scope"]),
        attempt=row["attempt"],
    )
