"""Is a result still what its inputs would give? The change log knows.

A change that was not visible in the snapshot of the run's reads makes it out of date. Sequence numbers would
not do: a transaction may log early and commit late.
"""

from __future__ import annotations

#: Seconds in which a live result has taken in a change, where nothing is wrong.
LIVE_SECONDS = 10


def left_behind(seconds: int) -> str:
    """Return SQL over a row ``r`` of ``onemap.run``: true where an input has changed since.

    Only changes that are so many seconds old count; null without a result.
    """
    return f"""
CASE WHEN r.snapshot IS NOT NULL THEN EXISTS (
    SELECT FROM onemap.layer_change AS c
    WHERE c.xid >= pg_snapshot_xmin(r.snapshot) AND NOT pg_visible_in_snapshot(c.xid, r.snapshot)
      AND c.layer IN (SELECT value ->> 'table' FROM jsonb_each(r.inputs))
      AND c.at <= clock_timestamp() - make_interval(secs => {seconds:d})
) END
"""  # noqa: S608 - a number


#: For a run: any change since.
OUT_OF_DATE = left_behind(0)
