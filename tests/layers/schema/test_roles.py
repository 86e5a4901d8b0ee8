"""The three roles: who may do what, and who owns what."""

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from psycopg_pool import ConnectionPool

from layers.database import admin_connection, connect_application, open_reading_pool, scoped
from layers.importing.loading import load
from layers.schema.bootstrap import bootstrap
from tests.conftest import superuser_address
from tests.layers.little_city import ALL, fill, one, points, working

pytestmark = pytest.mark.postgis

_WHO = "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"


async def test_the_reading_pool_is_the_application_and_reads_only(database):
    pool = await open_reading_pool(database, size=2)
    try:
        async with pool.acquire() as connection:
            assert tuple(await connection.fetchrow(_WHO)) == ("onemap_app", False, False)
            with pytest.raises(Exception, match="read-only transaction"):
                await connection.execute(
                    "INSERT INTO onemap.audit (actor, action, outcome) VALUES ('a', 'b', 'c')"
                )
    finally:
        await pool.close()


def test_no_pool_and_no_connection_is_a_superuser_or_the_owner(database):
    with connect_application(database) as connection:
        assert connection.execute(_WHO).fetchone() == ("onemap_app", False, False)
    with ConnectionPool(database.application, min_size=1) as pool, scoped(pool, ALL) as connection:
        assert connection.execute(_WHO).fetchone() == ("onemap_app", False, False)
    with admin_connection(database) as connection:
        assert one(connection, "SELECT session_user::text") == "onemap_admin"
        connection.execute("RESET ROLE")
        assert connection.execute(_WHO).fetchone() == ("onemap_admin", False, False)


def test_the_application_owns_nothing(database):
    with connect_application(database) as connection:
        owned = connection.execute(
            "SELECT relname FROM pg_class WHERE relowner = 'onemap_app'::regrole"
            " UNION SELECT proname FROM pg_proc WHERE proowner = 'onemap_app'::regrole"
            " UNION SELECT nspname FROM pg_namespace WHERE nspowner = 'onemap_app'::regrole"
        ).fetchall()
    assert owned == []


def test_the_owner_cannot_log_in(database):
    with connect_application(database) as connection:
        assert one(connection, "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'onemap_owner'") is False


def test_everything_in_our_schemas_belongs_to_the_owner(database, catalog):
    fill(database, catalog, cameras=points(3))
    with connect_application(database) as connection:
        others = connection.execute(
            "SELECT relname, relowner::regrole::text FROM pg_class"
            " WHERE relnamespace IN ('city'::regnamespace, 'onemap'::regnamespace)"
            " AND relowner <> 'onemap_owner'::regrole"
        ).fetchall()
    assert others == []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO onemap.layer_change (layer, op) VALUES ('x', 'insert')",
        "DELETE FROM onemap.layer_change",
        "UPDATE onemap.audit SET actor = 'x'",
        "DELETE FROM onemap.audit",
        "UPDATE onemap.setting SET value = '1'",
        "UPDATE onemap.import_record SET actor = 'x'",
        "DELETE FROM city.cameras_history",
        "CREATE TABLE city.mine (a int)",
        "CREATE TABLE public.mine (a int)",
        "CREATE FUNCTION onemap.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "TRUNCATE city.cameras",
        "SELECT onemap.widen_extent('cameras', ARRAY[0, 0, 1, 1]::float8[])",
        "SELECT onemap.shape_regions(ARRAY[1])",
        "SET ROLE onemap_owner",
    ],
)
def test_the_application_may_not(database, statement):
    with connect_application(database) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement)


def test_the_audit_only_grows_for_the_owner_too(database):
    with admin_connection(database) as connection:
        connection.execute(
            "INSERT INTO onemap.audit (actor, action, outcome) VALUES ('a', 'sign-in', 'done')"
        )
        for statement in (
            "UPDATE onemap.audit SET actor = 'b'",
            "DELETE FROM onemap.audit",
            "TRUNCATE onemap.audit",
        ):
            with pytest.raises(InsufficientPrivilege, match="no trace"):
                connection.execute(statement)


@pytest.mark.parametrize("connect", [connect_application, admin_connection], ids=["app", "admin"])
def test_copy_runs_as_the_application_or_the_administrator(server, database, catalog, connect):
    """The session of a load is watched from outside while its COPY is running."""
    seen = []

    def look(_done, _all):
        with psycopg.connect(superuser_address(server.cluster, database)) as watcher:
            seen.extend(
                watcher.execute(
                    "SELECT a.usename, r.rolsuper FROM pg_stat_activity AS a"
                    " JOIN pg_roles AS r ON r.oid = a.usesysid"
                    " WHERE a.query LIKE 'COPY%' AND a.datname = current_database()"
                ).fetchall()
            )

    with connect(database) as connection:
        load(
            connection,
            catalog.layer("cameras"),
            catalog.code_lists,
            points(5),
            scope=ALL,
            source="t",
            progress=look,
        )
    assert set(seen) == {(f"onemap_{'app' if connect is connect_application else 'admin'}", False)}


def test_bootstrap_can_be_repeated(server, database, catalog):
    fill(database, catalog, cameras=points(3))
    secrets = [
        psycopg.conninfo.conninfo_to_dict(url)["password"] for url in (database.application, database.admin)
    ]
    name = str(psycopg.conninfo.conninfo_to_dict(database.admin)["dbname"])
    bootstrap(superuser_address(server.cluster, database), name, *map(str, secrets))
    with working(database) as connection:
        assert one(connection, "SELECT count(*) FROM city.cameras") == 3


def test_addresses_do_not_show_their_passwords(database):
    password = str(psycopg.conninfo.conninfo_to_dict(database.admin)["password"])
    assert password not in repr(database)
