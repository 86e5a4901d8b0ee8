"""Revisions of the fixed tables keep what is there, both ways."""

from __future__ import annotations

import pytest
from alembic import command
from psycopg.types.json import Jsonb
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from layers.database import Addresses, admin_connection, connect_application, scoped
from layers.definitions.loading import Catalog, read_catalog
from layers.runs.kinds import kinds
from layers.runs.parameters import parse
from layers.runs.requesting import request
from layers.schema.migrating import alembic_configuration
from tests.layers.little_city import ALL
from tests.layers.runs.test_subjects import EXAMPLES

pytestmark = pytest.mark.postgis

_OLD_RUN = """
INSERT INTO onemap.run (kind, parameters, region, classification, scope, requested_by, state, has_results,
    finished_at, live, snapshot)
VALUES (%s, %s, %s, 'internal', '{}', 'tests', 'succeeded', true, now(), %s, pg_current_snapshot())
RETURNING id
"""


def revise(addresses: Addresses, revision: str) -> None:
    """Bring the fixed tables to a revision."""
    engine = create_engine(
        addresses.admin.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool
    )
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("SET ROLE onemap_owner")
        move = command.upgrade if revision == "head" else command.downgrade
        move(alembic_configuration(connection), revision)
    engine.dispose()


def old_run(connection, kind, parameters, region="", *, live=False, catalog: Catalog | None = None) -> int:
    checked = parse(kinds()[kind], parameters, catalog or read_catalog()).model_dump(mode="json")
    row = connection.execute(_OLD_RUN.encode(), [kind, Jsonb(checked), region, live]).fetchone()
    assert row is not None
    return int(row[0])


def published(connection) -> dict[tuple[str, str, str], int]:
    rows = connection.execute("SELECT kind, region, subject, run FROM onemap.run_publication").fetchall()
    return {(kind, region, subject): run for kind, region, subject, run in rows}


def test_results_from_before_subjects_are_published_side_by_side_and_one_of_each_goes_back(
    module_database, catalog
):
    revise(module_database, "0007")
    with admin_connection(module_database) as connection:
        roads = old_run(connection, "density", {"layer": "roads"})
        older = old_run(connection, "density", {"layer": "incidents", "resolution": 9})
        newest = old_run(connection, "density", {"layer": "incidents"})
        town = old_run(connection, "density", {"layer": "incidents", "against": "people"}, "341504001")
        live = old_run(connection, "density", {"layer": "incidents"}, live=True)
        accidents = old_run(connection, "accident_segments", {})
        connection.execute(
            "INSERT INTO onemap.run_publication (kind, region, run) VALUES"
            " ('density', '', %s), ('density', '341504001', %s), ('accident_segments', '', %s)",
            [newest, town, accidents],
        )
        connection.execute(
            "INSERT INTO onemap.live_result (kind, region, run, base, areas_snapshot)"
            " VALUES ('density', '', %s, %s, pg_current_snapshot())",
            [live, newest],
        )
        unfinished = {
            old_run(connection, kind, parameters, "x", live=True): subject
            for kind, parameters, subject in EXAMPLES
        }
    revise(module_database, "head")
    with admin_connection(module_database) as connection:
        assert published(connection) == {
            ("density", "", "incidents"): newest,
            ("density", "", "roads"): roads,
            ("density", "341504001", "incidents.per-people"): town,
            ("accident_segments", "", ""): accidents,
        }
        assert older < newest
        assert connection.execute("SELECT subject, run, base FROM onemap.live_result").fetchall() == [
            ("incidents", live, newest)
        ]
        rows = connection.execute("SELECT id, subject FROM onemap.run WHERE region = 'x'").fetchall()
        assert dict(rows) == unfinished
    with connect_application(module_database) as application, scoped(application, ALL):
        request(application, ALL, catalog, kind="density", parameters={"layer": "cameras"})
    revise(module_database, "0007")
    with admin_connection(module_database) as connection:
        rows = connection.execute("SELECT kind, region, run FROM onemap.run_publication").fetchall()
        assert sorted(rows) == [
            ("accident_segments", "", accidents), ("density", "", newest), ("density", "341504001", town)
        ]  # fmt: skip
        assert connection.execute("SELECT run FROM onemap.live_result").fetchall() == [(live,)]
    with connect_application(module_database) as application, scoped(application, ALL) as connection:
        made = connection.execute(
            "SELECT onemap.request_run('density', '{}', '', 'internal', NULL::text[], 50)"
        ).fetchone()
        assert made is not None
        assert made[0] > live
