"""What indicators were on each day: one row a day and indicator, with the figures of all regions."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE onemap.indicator_day (
    indicator text COLLATE "C" NOT NULL,
    day date NOT NULL,
    digest text NOT NULL,
    classification text NOT NULL,
    regions text[] NOT NULL,
    numerators double precision[] NOT NULL,
    denominators double precision[] NOT NULL,
    missing double precision[] NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT indicator_day_pkey PRIMARY KEY (indicator, day),
    CONSTRAINT indicator_day_classification CHECK (classification IN ('public', 'internal', 'restricted'))
);
COMMENT ON TABLE onemap.indicator_day IS 'Figures of indicators by day, of all regions down to communities.';
COMMENT ON COLUMN onemap.indicator_day.digest IS 'Of the definition: another one is another number.';
COMMENT ON COLUMN onemap.indicator_day.missing IS 'Share of what is counted of which the fact is not known.';
ALTER TABLE onemap.indicator_day ENABLE ROW LEVEL SECURITY;
CREATE POLICY app_reads ON onemap.indicator_day FOR SELECT TO onemap_app
    USING (onemap.run_is_open(classification, NULL));
GRANT SELECT ON onemap.indicator_day TO onemap_app
"""


def upgrade() -> None:
    for statement in TABLE.split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE onemap.indicator_day")
