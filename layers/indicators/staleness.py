"""Whether what was read is still so: by the change log, in one statement for all that was kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

# What was read is kept with the snapshot from before it: a change that was not visible there makes it stale.
# Whatever else was not visible there was committed after the moment of the first of them.
_STALE = """
    SELECT u.place, first.at
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS u (snapshot, tables, place)
    CROSS JOIN LATERAL (
        SELECT c.at FROM onemap.layer_change AS c
        WHERE c.xid >= pg_snapshot_xmin(u.snapshot::pg_snapshot)
          AND NOT pg_visible_in_snapshot(c.xid, u.snapshot::pg_snapshot)
          AND c.layer = ANY (string_to_array(u.tables, ','))
        ORDER BY c.xid LIMIT 1
    ) AS first
"""


async def stale(connection: Any, kept: Sequence[tuple[str, Collection[str]]]) -> Mapping[int, datetime]:
    """Return which of what was kept is out of date.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of the reading pool.
    kept : sequence of (str, collection of str)
        Snapshot of each read, and the tables that were read.

    Returns
    -------
    mapping
        Places in the sequence, with the moment from which on each may be out of date.
    """
    if not kept:
        return {}
    rows = await connection.fetch(
        _STALE, [snapshot for snapshot, _ in kept], [",".join(sorted(tables)) for _, tables in kept]
    )
    return {row["place"] - 1: row["at"] for row in rows}
