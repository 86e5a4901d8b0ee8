"""Scenarios: named sets of hypothetical changes over the live layers, every version kept."""

from __future__ import annotations

from typing import Any

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE onemap.scenario (
    name text COLLATE "C" PRIMARY KEY,
    version integer NOT NULL,
    state text NOT NULL,
    note text NOT NULL,
    changes integer NOT NULL,
    classification text NOT NULL,
    reach text[],
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    applied jsonb,
    deleted boolean NOT NULL DEFAULT false,
    CONSTRAINT scenario_classification CHECK (classification IN ('public', 'internal', 'restricted')),
    CONSTRAINT scenario_state CHECK (state IN ('draft', 'review', 'final'))
);
COMMENT ON TABLE onemap.scenario IS 'Scenarios as they stand: the newest version of each.';
COMMENT ON COLUMN onemap.scenario.reach IS
    'Region codes that a reader must reach where a changed layer is cut by region; empty: the whole city.';
COMMENT ON COLUMN onemap.scenario.applied IS 'Who wrote its planned features, when, and which; once.';
COMMENT ON COLUMN onemap.scenario.deleted IS 'Its versions stay for the runs that name them.';
CREATE TABLE onemap.scenario_version (
    scenario text COLLATE "C" NOT NULL REFERENCES onemap.scenario (name),
    version integer NOT NULL,
    state text NOT NULL,
    note text NOT NULL,
    changes jsonb NOT NULL,
    classification text NOT NULL,
    reach text[],
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT scenario_version_pkey PRIMARY KEY (scenario, version)
);
COMMENT ON TABLE onemap.scenario_version IS 'Every version of every scenario, never changed.';
"""

# Read like runs: who opens its class and reaches its regions. The helpers of the scope come with reconciling.
RIGHTS = """
CREATE FUNCTION onemap.scenario_is_writable(classification text, reach text[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $body$
    SELECT onemap.scope_allows('write') AND onemap.run_is_open(classification, reach)
$body$;
REVOKE EXECUTE ON FUNCTION onemap.scenario_is_writable(text, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION onemap.scenario_is_writable(text, text[]) TO onemap_app;
ALTER TABLE onemap.scenario ENABLE ROW LEVEL SECURITY;
ALTER TABLE onemap.scenario_version ENABLE ROW LEVEL SECURITY;
CREATE POLICY app_reads ON onemap.scenario FOR SELECT TO onemap_app
    USING (onemap.run_is_open(classification, reach));
CREATE POLICY app_adds ON onemap.scenario FOR INSERT TO onemap_app
    WITH CHECK (onemap.scenario_is_writable(classification, reach));
CREATE POLICY app_changes ON onemap.scenario FOR UPDATE TO onemap_app
    USING (onemap.scenario_is_writable(classification, reach))
    WITH CHECK (onemap.scenario_is_writable(classification, reach));
CREATE POLICY app_reads ON onemap.scenario_version FOR SELECT TO onemap_app
    USING (onemap.run_is_open(classification, reach));
CREATE POLICY app_adds ON onemap.scenario_version FOR INSERT TO onemap_app
    WITH CHECK (onemap.scenario_is_writable(classification, reach));
GRANT SELECT, INSERT ON onemap.scenario, onemap.scenario_version TO onemap_app;
GRANT UPDATE (version, state, note, changes, classification, reach, changed_by, changed_at, applied, deleted)
    ON onemap.scenario TO onemap_app;
"""


def run(*texts: str) -> None:
    """Run texts as they stand."""
    driver: Any = op.get_bind().connection.driver_connection
    for text in texts:
        driver.execute(text.encode())


def upgrade() -> None:
    run("SET LOCAL check_function_bodies = off", TABLES, RIGHTS, "SET LOCAL check_function_bodies = on")


def downgrade() -> None:
    run(
        "DROP TABLE onemap.scenario_version, onemap.scenario",
        "DROP FUNCTION onemap.scenario_is_writable(text, text[])",
    )
