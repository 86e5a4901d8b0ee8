"""Beside the run that is shown, a copy of it that follows the change log cell by cell."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLE = """
ALTER TABLE onemap.run ADD live boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN onemap.run.live IS 'A live result: its snapshot, cells and areas move with the change log.';
CREATE TABLE onemap.live_result (
    kind text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    run bigint NOT NULL REFERENCES onemap.run (id),
    base bigint NOT NULL REFERENCES onemap.run (id),
    areas_snapshot pg_snapshot NOT NULL,
    waits_for bigint REFERENCES onemap.run (id),
    as_of timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT live_result_pkey PRIMARY KEY (kind, region)
);
COMMENT ON TABLE onemap.live_result IS 'The live result of each published run.';
COMMENT ON COLUMN onemap.live_result.base IS 'The published run that it began as.';
COMMENT ON COLUMN onemap.live_result.areas_snapshot IS 'In which its regions and extents were computed.';
COMMENT ON COLUMN onemap.live_result.waits_for IS 'The run that computes it anew.';
COMMENT ON COLUMN onemap.live_result.as_of IS 'When it was last brought up to date.';
ALTER TABLE onemap.live_result ENABLE ROW LEVEL SECURITY;
CREATE POLICY app_reads ON onemap.live_result FOR SELECT TO onemap_app
    USING (EXISTS (SELECT FROM onemap.run AS r WHERE r.id = run));
GRANT SELECT ON onemap.live_result TO onemap_app;
"""


def upgrade() -> None:
    for statement in TABLE.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE onemap.live_result")
    op.execute("DELETE FROM onemap.run WHERE live")
    op.execute("ALTER TABLE onemap.run DROP live")
