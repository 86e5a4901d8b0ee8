"""A run's result becomes the one that is shown: all at once, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import psycopg
from psycopg.types.json import Jsonb

from layers.runs.announcing import announce
from layers.runs.kinds import Kind
from layers.runs.record import Run

Connection = psycopg.Connection[Any]

#: First key of the advisory locks under which pointers are moved.
PUBLISHING_LOCK = 0x707562


@dataclass(frozen=True, slots=True)
class Finished:
    """What a computation left beside its table."""

    rows: int
    note: Mapping[str, Any]
    summary: Mapping[str, Any]
    inputs: Mapping[str, Any]
    snapshot: str
    areas: list[dict[str, Any]]


def area_rows(kind: Kind, areas: pd.DataFrame) -> list[dict[str, Any]]:
    """Return `layers.runs.kinds.Outcome.areas` as rows: layer, code, name and measures, missing as None."""
    if not len(areas):
        return []
    # where a city has no regions, say, nobody has given their columns
    measures = areas.reindex(columns=[column.name for column in kind.of_areas]).astype(object)
    measures = measures.where(pd.notna(measures), None)
    keys = areas[["layer", "code", "name"]].to_dict("records")
    return [{**key, "measures": found} for key, found in zip(keys, measures.to_dict("records"), strict=True)]


def publish(connection: Connection, run: Run, finished: Finished, *, keeps_best: bool = False) -> bool:
    """Finish a run and point its kind, region and subject to it.

    A run over a scenario is finished and never pointed to: what is shown is what is real. Nor is one that was
    called off and keeps its best answer.

    Parameters
    ----------
    connection : psycopg.Connection
        Of `layers.database.admin_connection`.
    keeps_best : bool
        Whether a run that was called off meanwhile keeps this as its best answer.

    Returns
    -------
    bool
        False where the run was cancelled or taken over meanwhile: nothing has changed then.

    Notes
    -----
    A run that was asked for earlier and ends later does not replace a newer one.
    """
    with connection.transaction():
        connection.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [PUBLISHING_LOCK, f"{run.kind} {run.region}"]
        )
        ended = connection.execute(
            "UPDATE onemap.run SET step = 'done', share = 1, has_results = true,"
            " state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'succeeded' END,"
            " rows = %(rows)s, note = %(note)s, summary = %(summary)s, inputs = %(inputs)s,"
            " snapshot = %(snapshot)s::pg_snapshot, finished_at = clock_timestamp(),"
            " changed_at = clock_timestamp()"
            " WHERE id = %(run)s AND attempt = %(attempt)s AND state = 'running'"
            " AND (%(keeps_best)s OR NOT cancel_requested) RETURNING state",
            {
                "keeps_best": keeps_best,
                "run": run.id,
                "attempt": run.attempt,
                "rows": finished.rows,
                "note": Jsonb(finished.note),
                "summary": Jsonb(finished.summary),
                "inputs": Jsonb(finished.inputs),
                "snapshot": finished.snapshot,
            },
        ).fetchone()
        if ended is None:
            return False
        connection.execute("DELETE FROM onemap.run_area WHERE run = %s", [run.id])
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO onemap.run_area (run, layer, code, name, measures) VALUES (%s, %s, %s, %s, %s)",
                [
                    (run.id, area["layer"], area["code"], area["name"], Jsonb(area["measures"]))
                    for area in finished.areas
                ],
            )
        if run.parameters.get("scenario") is not None or ended[0] != "succeeded":
            return True
        connection.execute(
            "INSERT INTO onemap.run_publication AS p (kind, region, subject, run) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (kind, region, subject) DO UPDATE"
            " SET run = excluded.run, published_at = excluded.published_at WHERE p.run < excluded.run",
            [run.kind, run.region, run.subject, run.id],
        )
        announce(connection, run.id)
    return True
