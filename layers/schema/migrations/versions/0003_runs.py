"""Runs of analyses: their records, what is published, and the job queue.

The queue's objects come from procrastinate as it is installed (3.10 when this was written); its version is
kept as the comment of ``procrastinate_jobs``, so that a later revision knows which of the package's own
migrations still have to follow.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import procrastinate
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = Path(procrastinate.__file__).parent / "sql" / "schema.sql"

TABLES = """
CREATE TABLE onemap.run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    parameters jsonb NOT NULL,
    region text COLLATE "C" NOT NULL DEFAULT '',
    classification text NOT NULL,
    reach text[],
    scope jsonb NOT NULL,
    state text NOT NULL DEFAULT 'queued',
    step text,
    share double precision,
    error jsonb,
    cancel_requested boolean NOT NULL DEFAULT false,
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    worker text,
    job bigint,
    attempt integer NOT NULL DEFAULT 0,
    interruptions integer NOT NULL DEFAULT 0,
    inputs jsonb,
    snapshot pg_snapshot,
    note jsonb,
    summary jsonb,
    rows bigint,
    has_results boolean NOT NULL DEFAULT false,
    CONSTRAINT run_classification CHECK (classification IN ('public', 'internal', 'restricted')),
    CONSTRAINT run_state CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    CONSTRAINT run_share CHECK (share BETWEEN 0 AND 1)
);
CREATE INDEX run_kind_region ON onemap.run (kind, region, id);
CREATE INDEX run_unfinished ON onemap.run (id) WHERE state IN ('queued', 'running');
COMMENT ON TABLE onemap.run IS 'Executions of analyses; immutable once finished.';
COMMENT ON COLUMN onemap.run.region IS 'Code of the region; empty for the whole city.';
COMMENT ON COLUMN onemap.run.classification IS 'The highest of the inputs.';
COMMENT ON COLUMN onemap.run.reach IS
    'Region codes that a reader must reach where an input is cut by region; empty: the whole city.';
COMMENT ON COLUMN onemap.run.scope IS 'What the requester could see: the inputs are read under it.';
COMMENT ON COLUMN onemap.run.attempt IS 'Grows with every start; what an earlier attempt writes is refused.';
COMMENT ON COLUMN onemap.run.snapshot IS 'In which the inputs were read; later changes make it out of date.';

CREATE TABLE onemap.run_publication (
    kind text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    run bigint NOT NULL REFERENCES onemap.run (id),
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT run_publication_pkey PRIMARY KEY (kind, region)
);
COMMENT ON TABLE onemap.run_publication IS 'The run that is shown, by kind and region.';

CREATE TABLE onemap.run_area (
    run bigint NOT NULL REFERENCES onemap.run (id) ON DELETE CASCADE,
    layer text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    name text NOT NULL,
    measures jsonb NOT NULL,
    CONSTRAINT run_area_pkey PRIMARY KEY (run, layer, code)
);
COMMENT ON TABLE onemap.run_area IS 'Results of runs by region and extent.';

ALTER TABLE onemap.run ENABLE ROW LEVEL SECURITY;
ALTER TABLE onemap.run_publication ENABLE ROW LEVEL SECURITY;
ALTER TABLE onemap.run_area ENABLE ROW LEVEL SECURITY;
"""

# Who reads a run opens its class and, where an input was cut by region, reaches its regions.
READING = """
CREATE FUNCTION onemap.run_is_open(classification text, reach text[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $body$
    SELECT onemap.scope_opens(classification) AND (reach IS NULL OR onemap.scope_is_whole_city() OR (
        cardinality(reach) > 0 AND NOT EXISTS (
            SELECT FROM unnest(reach) AS code WHERE NOT code ^@ ANY (onemap.scope_prefixes()))))
$body$;
CREATE POLICY app_reads ON onemap.run FOR SELECT TO onemap_app
    USING (onemap.run_is_open(classification, reach));
CREATE POLICY app_reads ON onemap.run_publication FOR SELECT TO onemap_app
    USING (EXISTS (SELECT FROM onemap.run AS r WHERE r.id = run));
CREATE POLICY app_reads ON onemap.run_area FOR SELECT TO onemap_app
    USING (EXISTS (SELECT FROM onemap.run AS r WHERE r.id = run));
GRANT SELECT ON onemap.run, onemap.run_publication, onemap.run_area TO onemap_app;
REVOKE EXECUTE ON FUNCTION onemap.run_is_open(text, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION onemap.run_is_open(text, text[]) TO onemap_app;
"""

# The application's role neither writes runs nor touches the queue: these two functions are its only ways.
WRITING = """
CREATE FUNCTION onemap.request_run(
    kind text, parameters jsonb, region text, classification text, reach text[], most_waiting integer
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, onemap, pg_temp AS $body$
DECLARE
    made bigint;
    deferred bigint[];
BEGIN
    IF NOT (onemap.scope_allows('read') AND onemap.scope_opens($4)) THEN
        RAISE EXCEPTION 'the scope does not allow this run' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (SELECT count(*) FROM onemap.run AS r WHERE r.state IN ('queued', 'running')) >= $6 THEN
        RETURN NULL;
    END IF;
    INSERT INTO onemap.run (kind, parameters, region, classification, reach, requested_by, scope)
    VALUES ($1, $2, $3, $4, $5, onemap.scope_setting('onemap.subject'), jsonb_build_object(
        'subject', onemap.scope_setting('onemap.subject'), 'verbs', onemap.scope_setting('onemap.verbs'),
        'classifications', onemap.scope_setting('onemap.classifications'),
        'regions', onemap.scope_setting('onemap.regions')))
    RETURNING id INTO made;
    deferred := procrastinate_defer_jobs_v1(ARRAY[ROW(
        'runs', 'run', 0, NULL, NULL, jsonb_build_object('run', made), NULL)::procrastinate_job_to_defer_v1]);
    UPDATE onemap.run AS r SET job = deferred[1] WHERE r.id = made;
    RETURN made;
END
$body$;

CREATE FUNCTION onemap.cancel_run(wanted bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, onemap, pg_temp AS $body$
DECLARE
    found_run onemap.run%ROWTYPE;
BEGIN
    SELECT * INTO found_run FROM onemap.run AS r WHERE r.id = wanted FOR UPDATE;
    IF NOT FOUND OR NOT onemap.run_is_open(found_run.classification, found_run.reach) THEN
        RETURN NULL;
    END IF;
    IF found_run.requested_by <> onemap.scope_setting('onemap.subject')
        AND NOT onemap.scope_allows('administer') THEN
        RAISE EXCEPTION 'this run was asked for by somebody else' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF found_run.state = 'queued' THEN
        PERFORM procrastinate_cancel_job_v1(found_run.job, false, false);
        UPDATE onemap.run AS r SET state = 'cancelled', cancel_requested = true,
            finished_at = clock_timestamp(), changed_at = clock_timestamp() WHERE r.id = wanted;
        RETURN 'cancelled';
    END IF;
    IF found_run.state = 'running' THEN
        UPDATE onemap.run AS r SET cancel_requested = true, changed_at = clock_timestamp()
        WHERE r.id = wanted;
    END IF;
    RETURN found_run.state;
END
$body$;
REVOKE EXECUTE ON FUNCTION onemap.request_run(text, jsonb, text, text, text[], integer),
    onemap.cancel_run(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION onemap.request_run(text, jsonb, text, text, text[], integer),
    onemap.cancel_run(bigint) TO onemap_app;
"""

# Functions of the queue are for the owner only; PostgreSQL gives them to everyone unless told otherwise.
CLOSE_QUEUE = """
DO $$
DECLARE
    one regprocedure;
BEGIN
    FOR one IN SELECT oid FROM pg_proc
        WHERE pronamespace = 'onemap'::regnamespace AND proname LIKE 'procrastinate%' LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
    END LOOP;
END $$;
"""

OPEN_QUEUE = """
DO $$
DECLARE
    one regclass;
    other regprocedure;
    third regtype;
BEGIN
    FOR one IN SELECT oid FROM pg_class
        WHERE relnamespace = 'onemap'::regnamespace AND relname LIKE 'procrastinate%' AND relkind = 'r' LOOP
        EXECUTE format('DROP TABLE %s CASCADE', one);
    END LOOP;
    FOR other IN SELECT oid FROM pg_proc
        WHERE pronamespace = 'onemap'::regnamespace AND proname LIKE 'procrastinate%' LOOP
        EXECUTE format('DROP FUNCTION %s CASCADE', other);
    END LOOP;
    FOR third IN SELECT oid FROM pg_type
        WHERE typnamespace = 'onemap'::regnamespace AND typname LIKE 'procrastinate%' LOOP
        EXECUTE format('DROP TYPE %s CASCADE', third);
    END LOOP;
END $$;
"""

DROP_RESULTS = """
DO $$
DECLARE
    one regclass;
BEGIN
    FOR one IN SELECT oid FROM pg_class WHERE relnamespace = 'results'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('DROP TABLE %s CASCADE', one);
    END LOOP;
END $$;
"""


def run(*texts: str) -> None:
    """Run texts as they stand: without parameters the driver leaves percent signs and semicolons alone."""
    driver: Any = op.get_bind().connection.driver_connection
    for text in texts:
        driver.execute(text.encode())


def upgrade() -> None:
    # The package names its objects without a schema.
    run("SET LOCAL search_path = onemap, pg_catalog", SCHEMA.read_text(encoding="utf-8"), CLOSE_QUEUE)
    run(f"COMMENT ON TABLE onemap.procrastinate_jobs IS 'procrastinate {version('procrastinate')}'")
    # The functions of the scope are made after the fixed tables, when layers are reconciled.
    run("SET LOCAL check_function_bodies = off", TABLES, READING, WRITING)
    run("SET LOCAL search_path = city, results, onemap, ext", "SET LOCAL check_function_bodies = on")


def downgrade() -> None:
    run(
        "DROP FUNCTION onemap.cancel_run(bigint)",
        "DROP FUNCTION onemap.request_run(text, jsonb, text, text, text[], integer)",
        "DROP TABLE onemap.run_area, onemap.run_publication, onemap.run",
        "DROP FUNCTION onemap.run_is_open(text, text[])",
        OPEN_QUEUE,
        # Tables of results hang on no record any more: nobody would find them again.
        DROP_RESULTS,
    )
