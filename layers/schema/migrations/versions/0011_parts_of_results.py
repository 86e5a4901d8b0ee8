"""Documents that a run keeps beside its table, asked for by name."""

from __future__ import annotations

from typing import Any

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE onemap.run_part (
    run bigint NOT NULL REFERENCES onemap.run (id) ON DELETE CASCADE,
    name text COLLATE "C" NOT NULL,
    body bytea NOT NULL,
    CONSTRAINT run_part_pkey PRIMARY KEY (run, name)
);
COMMENT ON TABLE onemap.run_part IS 'What a run keeps beside its table: documents by name.';
ALTER TABLE onemap.run_part ENABLE ROW LEVEL SECURITY;
CREATE POLICY app_reads ON onemap.run_part FOR SELECT TO onemap_app
    USING (EXISTS (SELECT FROM onemap.run AS r WHERE r.id = run));
GRANT SELECT ON onemap.run_part TO onemap_app;
"""


def upgrade() -> None:
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(TABLE.encode())


def downgrade() -> None:
    op.execute("DROP TABLE onemap.run_part")
