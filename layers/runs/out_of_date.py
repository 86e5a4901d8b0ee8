"""Is a result still what its inputs would give? The change log knows.

A change that was not visible in the snapshot of the run's reads makes it out of date. Sequence numbers would
not do: a transaction may log early and commit late.
"""

from __future__ import annotations

#: SQL over a row ``r`` of ``onemap.run``: true where an input has changed since; null without a result.
OUT_OF_DATE = """
CASE WHEN r.snapshot IS NOT NULL THEN EXISTS (
    SELECT FROM onemap.layer_change AS c
    WHERE c.xid >= pg_snapshot_xmin(r.snapshot) AND NOT pg_visible_in_snapshot(c.xid, r.snapshot)
      AND c.layer IN (SELECT value ->> 'table' FROM jsonb_each(r.inputs))
) END
"""
