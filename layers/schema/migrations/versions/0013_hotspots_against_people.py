"""Hotspots are told against residents where nothing else is said: those against roads say so in their key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BEFORE, SINCE = "road_length", "people"

_RUNS = """
SELECT id, subject, coalesce(parameters ->> 'against', :usual) FROM onemap.run
WHERE kind = 'incident_hotspots'
"""

# First to names that nobody has: two results may exchange theirs.
_SHOWN = """
UPDATE onemap.{table} AS p SET subject = '~' || p.run FROM onemap.run AS r
WHERE r.id = p.run AND r.kind = 'incident_hotspots';
UPDATE onemap.{table} AS p SET subject = r.subject FROM onemap.run AS r
WHERE r.id = p.run AND r.kind = 'incident_hotspots'
"""


def subject_with(subject: str, against: str, usual: str) -> str:
    """Return the key of a result, with what it is held against unless that is the usual."""
    parts = [part for part in subject.split(".") if part and not part.startswith("by-")]
    classes = [part for part in parts[:1] if not part.startswith(("step-", "counts-"))]
    told = [] if against == usual else [f"by-{against}"]
    return ".".join([*classes, *told, *parts[len(classes) :]])


def _rename(before: str, usual: str) -> None:
    connection = op.get_bind()
    for run, subject, against in connection.execute(sa.text(_RUNS), {"usual": before}).fetchall():
        connection.execute(
            sa.text("UPDATE onemap.run SET subject = :subject WHERE id = :run"),
            {"subject": subject_with(subject, against, usual), "run": run},
        )
    for table in ("run_publication", "live_result"):
        for statement in _SHOWN.format(table=table).split(";"):
            op.execute(statement)


def upgrade() -> None:
    """Tell residents as the usual."""
    _rename(BEFORE, SINCE)


def downgrade() -> None:
    """Tell the length of roads as the usual again."""
    _rename(SINCE, BEFORE)
