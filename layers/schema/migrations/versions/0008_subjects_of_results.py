"""Results of one kind that show different things stand side by side: what they show is in their key."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

#: What the kinds of that time show, by parameter: prefix, and the value that is left out.
SUBJECTS: dict[str, tuple[tuple[str, str, str | None], ...]] = {
    "density": (("layer", "", None), ("weight", "", None), ("against", "per", "area")),
    "incident_hotspots": (
        ("classes", "", None),
        ("against", "by", "road_length"),
        ("small_counts", "counts", "hide"),
    ),
    "accident_segments": (("rule", "", "prefecture_2008"),),
    "camera_viewsheds": (
        ("task", "", "detect"),
        ("tiers", "tier", None),
        ("using_department", "of", None),
        ("reachable", "reach", None),
    ),
    "camera_coverage": (("task", "", "detect"), ("tiers", "tier", None), ("using_department", "of", None)),
    "camera_blind_spots": (("task", "", "detect"), ("tiers", "tier", None), ("using_department", "of", None)),
    "radio_coverage": (("technology", "", None), ("operator", "", None)),
    "radio_gaps": (("technology", "", None), ("operator", "", None)),
}

BEFORE = """
ALTER TABLE onemap.run ADD subject text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE onemap.run_publication ADD subject text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE onemap.live_result ADD subject text COLLATE "C" NOT NULL DEFAULT '';
COMMENT ON COLUMN onemap.run.subject IS 'What the result shows, where its kind can show several things.';
COMMENT ON TABLE onemap.run_publication IS 'The run that is shown, by kind, region and subject.'
"""

# Of each subject the last result that is still there was shown until one of another subject took its place.
AFTER = """
UPDATE onemap.run_publication AS p SET subject = r.subject FROM onemap.run AS r WHERE r.id = p.run;
UPDATE onemap.live_result AS l SET subject = r.subject FROM onemap.run AS r WHERE r.id = l.run;
ALTER TABLE onemap.run_publication DROP CONSTRAINT run_publication_pkey,
    ADD CONSTRAINT run_publication_pkey PRIMARY KEY (kind, region, subject);
ALTER TABLE onemap.live_result DROP CONSTRAINT live_result_pkey,
    ADD CONSTRAINT live_result_pkey PRIMARY KEY (kind, region, subject);
INSERT INTO onemap.run_publication (kind, region, subject, run, published_at)
SELECT DISTINCT ON (kind, region, subject) kind, region, subject, id, finished_at FROM onemap.run
WHERE state = 'succeeded' AND has_results AND NOT live
ORDER BY kind, region, subject, id DESC
ON CONFLICT DO NOTHING;
DROP INDEX onemap.run_kind_region;
CREATE INDEX run_kind_region ON onemap.run (kind, region, subject, id)
"""

BACK = """
DELETE FROM onemap.run_publication AS p WHERE EXISTS (
    SELECT FROM onemap.run_publication AS o WHERE (o.kind, o.region) = (p.kind, p.region) AND o.run > p.run);
DELETE FROM onemap.live_result AS l WHERE NOT EXISTS (
    SELECT FROM onemap.run_publication AS p
    WHERE (p.kind, p.region, p.subject) = (l.kind, l.region, l.subject));
ALTER TABLE onemap.run_publication DROP CONSTRAINT run_publication_pkey,
    ADD CONSTRAINT run_publication_pkey PRIMARY KEY (kind, region);
ALTER TABLE onemap.live_result DROP CONSTRAINT live_result_pkey,
    ADD CONSTRAINT live_result_pkey PRIMARY KEY (kind, region);
ALTER TABLE onemap.run_publication DROP subject;
ALTER TABLE onemap.live_result DROP subject;
DROP INDEX onemap.run_kind_region;
ALTER TABLE onemap.run DROP subject;
CREATE INDEX run_kind_region ON onemap.run (kind, region, id);
COMMENT ON TABLE onemap.run_publication IS 'The run that is shown, by kind and region.'
"""

REQUEST = """
CREATE FUNCTION onemap.request_run(
    kind text, {declared}parameters jsonb, region text, classification text, reach text[],
    most_waiting integer
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, onemap, pg_temp AS $body$
<<f>>
DECLARE
    made bigint;
    deferred bigint[];
BEGIN
    IF NOT (onemap.scope_allows('read') AND onemap.scope_opens(request_run.classification)) THEN
        RAISE EXCEPTION 'the scope does not allow this run' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (SELECT count(*) FROM onemap.run AS r WHERE r.state IN ('queued', 'running'))
        >= request_run.most_waiting THEN
        RETURN NULL;
    END IF;
    INSERT INTO onemap.run (kind, {columns}parameters, region, classification, reach, requested_by, scope)
    VALUES (request_run.kind, {values}request_run.parameters, request_run.region, request_run.classification,
        request_run.reach, onemap.scope_setting('onemap.subject'), jsonb_build_object(
        'subject', onemap.scope_setting('onemap.subject'), 'verbs', onemap.scope_setting('onemap.verbs'),
        'classifications', onemap.scope_setting('onemap.classifications'),
        'regions', onemap.scope_setting('onemap.regions')))
    RETURNING id INTO f.made;
    deferred := procrastinate_defer_jobs_v1(ARRAY[ROW(
        'runs', 'run', 0, NULL, NULL, jsonb_build_object('run', made), NULL)::procrastinate_job_to_defer_v1]);
    UPDATE onemap.run AS r SET job = deferred[1] WHERE r.id = made;
    RETURN made;
END
$body$;
REVOKE EXECUTE ON FUNCTION onemap.request_run({types}) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION onemap.request_run({types}) TO onemap_app;
"""
OLD_TYPES = "text, jsonb, text, text, text[], integer"
NEW_TYPES = f"text, text, {OLD_TYPES.removeprefix('text, ')}"


def subject_of(kind: str, parameters: Mapping[str, Any]) -> str:
    """Return what a run of that time shows."""
    found = []
    for name, prefix, usual in SUBJECTS.get(kind, ()):
        value = parameters.get(name)
        if value is None or value is False or value in ("", usual, []):
            continue
        if value is True:
            found.append(prefix)
            continue
        values = sorted(map(str, value)) if isinstance(value, list) else [str(value)]
        found.append("-".join([prefix, *map(_plain, values)] if prefix else map(_plain, values)))
    return ".".join(found)


def _plain(value: str) -> str:
    if re.fullmatch(r"[0-9A-Za-z_-]{1,48}", value):
        return value
    return f"~{hashlib.sha256(value.encode()).hexdigest()[:12]}"


def _request(old: str, new: str, **parts: str) -> None:
    """Put one function that asks for runs in the place of another."""
    driver: Any = op.get_bind().connection.driver_connection
    text = REQUEST.format(types=new, **parts)
    for statement in (
        f"DROP FUNCTION onemap.request_run({old})",
        "SET LOCAL check_function_bodies = off",
        text,
        "SET LOCAL check_function_bodies = on",
    ):
        driver.execute(statement.encode())


def _each(text: str) -> None:
    for statement in text.split(";\n"):
        op.execute(statement)


def upgrade() -> None:
    _each(BEFORE)
    bind = op.get_bind()
    for run, kind, parameters in bind.execute(sa.text("SELECT id, kind, parameters FROM onemap.run")).all():
        if subject := subject_of(kind, parameters):
            change = sa.text("UPDATE onemap.run SET subject = :subject WHERE id = :run")
            bind.execute(change, {"subject": subject, "run": run})
    _each(AFTER)
    _request(
        OLD_TYPES, NEW_TYPES, declared="subject text, ", columns="subject, ", values="request_run.subject, "
    )


def downgrade() -> None:
    _each(BACK)
    _request(NEW_TYPES, OLD_TYPES, declared="", columns="", values="")
