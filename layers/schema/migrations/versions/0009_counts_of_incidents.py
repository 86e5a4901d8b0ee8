"""Incidents counted by H3 cell, hour and class, kept as they come."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE onemap.incident_count (
    hour integer NOT NULL,
    cell bigint NOT NULL,
    class text COLLATE "C" NOT NULL,
    region_code text COLLATE "C" NOT NULL,
    n integer NOT NULL,
    CONSTRAINT incident_count_pkey PRIMARY KEY (hour, cell, class, region_code)
);
COMMENT ON TABLE onemap.incident_count IS 'Incidents by hour, cell, class, region; without the changes.';
COMMENT ON COLUMN onemap.incident_count.hour IS 'Whole hours since 1970-01-01T00:00Z.';
COMMENT ON COLUMN onemap.incident_count.region_code IS 'The smallest region; empty outside of all.';
CREATE TABLE onemap.incident_count_change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    hour integer NOT NULL,
    class text COLLATE "C" NOT NULL,
    region_code text COLLATE "C" NOT NULL,
    n integer NOT NULL
);
COMMENT ON TABLE onemap.incident_count_change IS 'What edits add and take away, not yet counted in cells.';
ALTER TABLE onemap.incident_count ENABLE ROW LEVEL SECURITY;
ALTER TABLE onemap.incident_count_change ENABLE ROW LEVEL SECURITY
"""


def upgrade() -> None:
    for statement in TABLES.split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    # Triggers of the layer write to these tables: they go too, and come back when the layer is made anew.
    op.execute("DROP FUNCTION IF EXISTS city.incidents_count() CASCADE")
    op.execute("DROP TABLE onemap.incident_count, onemap.incident_count_change")
    op.execute("DELETE FROM onemap.layer_schema WHERE layer = 'incidents'")
