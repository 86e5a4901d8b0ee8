"""Sums of layers by region that indicators are made from: a new process need not add them up again."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# They come from all layers of the whole city: only who sees all of these reads them.
TABLE = """
CREATE TABLE onemap.indicator_sum (
    key text COLLATE "C" NOT NULL,
    day date NOT NULL,
    snapshot text NOT NULL,
    tables text[] NOT NULL,
    rows bigint NOT NULL,
    regions text[] NOT NULL,
    sums double precision[] NOT NULL,
    CONSTRAINT indicator_sum_pkey PRIMARY KEY (key)
);
COMMENT ON TABLE onemap.indicator_sum IS 'Sums of layers by region, of which indicators are made.';
COMMENT ON COLUMN onemap.indicator_sum.key IS 'Digest of the statement that adds up, and of its values.';
COMMENT ON COLUMN onemap.indicator_sum.snapshot IS 'From before the sum: what is not visible in it is newer.';
ALTER TABLE onemap.indicator_sum ENABLE ROW LEVEL SECURITY;
CREATE POLICY app_reads ON onemap.indicator_sum FOR SELECT TO onemap_app
    USING ((SELECT onemap.run_is_open('restricted', '{}') AND onemap.run_is_open('internal', '{}')
                AND onemap.run_is_open('public', '{}')));
GRANT SELECT ON onemap.indicator_sum TO onemap_app
"""


def upgrade() -> None:
    for statement in TABLE.split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE onemap.indicator_sum")
