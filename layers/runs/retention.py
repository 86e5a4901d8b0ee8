"""Results do not pile up: the last few of each kind, region and subject stay, the tables of older ones go."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import errors

from layers.runs.results import drop

Connection = psycopg.Connection[Any]

#: Results kept for each kind, region and subject.
KEPT = 3

_TO_DROP = """
SELECT id, kind FROM (
    SELECT r.id, r.kind, row_number() OVER (
        PARTITION BY r.kind, r.region, r.subject ORDER BY r.id DESC) AS place
    FROM onemap.run AS r WHERE r.has_results AND NOT r.live
) AS ranked
WHERE place > %s AND NOT EXISTS (SELECT FROM onemap.run_publication AS p WHERE p.run = ranked.id)
ORDER BY id
"""

# What a run wrote before it was killed for good: a table to which no record points.
_LEFT_BEHIND = """
SELECT r.id, r.kind FROM onemap.run AS r
WHERE r.state IN ('failed', 'cancelled') AND NOT r.has_results
  AND to_regclass(format('results.%I', r.kind || '_' || r.id)) IS NOT NULL
"""


def drop_old_results(connection: Connection, *, kept: int = KEPT) -> list[int]:
    """Drop the tables of results beyond the newest few; their records stay.

    Returns
    -------
    list of int
        Runs whose results went. One that is being read is left for the next time.
    """
    dropped = []
    rows = connection.execute(_TO_DROP.encode(), [kept]).fetchall()
    rows += connection.execute(_LEFT_BEHIND).fetchall()
    for run, kind in rows:
        try:
            with connection.transaction():
                connection.execute("SET LOCAL lock_timeout = '2s'")
                connection.execute("UPDATE onemap.run SET has_results = false WHERE id = %s", [run])
                drop(connection, kind, run)
        except errors.LockNotAvailable:
            continue
        dropped.append(int(run))
    return dropped
