"""The change log says in which regions a feature lay and lies, and tells of results too."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute('ALTER TABLE onemap.layer_change ADD regions_old text[] COLLATE "C"')
    op.execute('ALTER TABLE onemap.layer_change ADD regions_new text[] COLLATE "C"')
    op.execute("ALTER TABLE onemap.layer_change ADD details jsonb")
    op.execute(
        "UPDATE onemap.layer_change SET regions_new = ARRAY[region_code] WHERE region_code IS NOT NULL"
    )
    op.execute("ALTER TABLE onemap.layer_change DROP region_code")
    op.execute(
        "COMMENT ON COLUMN onemap.layer_change.regions_old IS"
        " 'Codes of the regions that the feature touched before the change.'"
    )
    op.execute("COMMENT ON COLUMN onemap.layer_change.regions_new IS 'The same after the change.'")
    op.execute(
        "COMMENT ON COLUMN onemap.layer_change.details IS"
        " 'Of a result: region, run, cells, and what a reader needs.'"
    )
    op.execute(
        "COMMENT ON COLUMN onemap.layer_change.layer IS 'Name of the table in schema city, or of a result.'"
    )


def downgrade() -> None:
    op.execute('ALTER TABLE onemap.layer_change ADD region_code text COLLATE "C"')
    op.execute("UPDATE onemap.layer_change SET region_code = regions_new[1]")
    op.execute("DELETE FROM onemap.layer_change WHERE details IS NOT NULL")
    op.execute("ALTER TABLE onemap.layer_change DROP regions_old, DROP regions_new, DROP details")
    op.execute("COMMENT ON COLUMN onemap.layer_change.layer IS 'Name of the table in schema city.'")
