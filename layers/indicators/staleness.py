"""Whether what was read is still so: by the change log, in one statement for all that was kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

# What was read is kept with the snapshot from before it: a change that was not visible there makes it stale.
_STALE = """
    SELECT u.place FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS u (snapshot, tables, place)
    WHERE EXISTS (
        SELECT FROM onemap.layer_change AS c
        WHERE c.xid >= pg_snapshot_xmin(u.snapshot::pg_snapshot)
          AND NOT pg_visible_in_snapshot(c.xid, u.snapshot::pg_snapshot)
          AND c.layer = ANY (string_to_array(u.tables, ','))
    )
"""


async def stale(connection: Any, kept: Sequence[tuple[str, Collection[str]]]) -> list[int]:
    """Return which of what was kept is out of date.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of the reading pool.
    kept : sequence of (str, collection of str)
        Snapshot of each read, and the tables that were read.

    Returns
    -------
    list of int
        Places in the sequence.
    """
    if not kept:
        return []
    rows = await connection.fetch(
        _STALE, [snapshot for snapshot, _ in kept], [",".join(sorted(tables)) for _, tables in kept]
    )
    return [row["place"] - 1 for row in rows]
