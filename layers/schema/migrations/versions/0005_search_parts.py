"""Entries of the search say which part of their layer a feature is in: a community, not just a region."""

from __future__ import annotations

from importlib import import_module

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BEFORE: str = import_module("layers.schema.migrations.versions.0002_search").FUNCTION
_DROP = "DROP FUNCTION onemap.find_entries(text, text[], text[], text[], integer, text)"

FUNCTION = _BEFORE.replace(
    "bbox double precision[], point double precision[]\n)",
    "bbox double precision[], point double precision[], part text\n)",
).replace("e.bbox, e.point\n", "e.bbox, e.point, e.part\n")


def upgrade() -> None:
    op.execute('ALTER TABLE onemap.search_entry ADD COLUMN part text COLLATE "C"')
    op.execute(_DROP)
    op.execute(FUNCTION)


def downgrade() -> None:
    op.execute(_DROP)
    op.execute("ALTER TABLE onemap.search_entry DROP COLUMN part")
    op.execute(_BEFORE)
