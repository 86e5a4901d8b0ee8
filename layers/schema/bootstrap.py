"""From an empty server to a database with roles, schemas and extensions: the only work of a superuser."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from geo.errors import Unavailable

OWNER = "onemap_owner"
APPLICATION = "onemap_app"
ADMIN = "onemap_admin"

#: Extensions of schema ``ext``: the first is needed, the others come with PostgreSQL's contrib.
EXTENSIONS: tuple[LiteralString, ...] = ("postgis", "pg_trgm", "btree_gist")

_ROLES: LiteralString = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'onemap_owner') THEN
        CREATE ROLE onemap_owner NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'onemap_app') THEN
        CREATE ROLE onemap_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'onemap_admin') THEN
        CREATE ROLE onemap_admin LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS INHERIT;
    END IF;
    IF NOT pg_has_role('onemap_admin', 'onemap_owner', 'MEMBER') THEN
        GRANT onemap_owner TO onemap_admin;
    END IF;
END $$;
ALTER ROLE onemap_app SET search_path = city, results, onemap, ext;
ALTER ROLE onemap_admin SET search_path = city, results, onemap, ext;
"""

_SCHEMAS: LiteralString = """
CREATE SCHEMA IF NOT EXISTS onemap AUTHORIZATION onemap_owner;
CREATE SCHEMA IF NOT EXISTS city AUTHORIZATION onemap_owner;
CREATE SCHEMA IF NOT EXISTS results AUTHORIZATION onemap_owner;
CREATE SCHEMA IF NOT EXISTS ext;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA ext TO onemap_owner, onemap_app, onemap_admin;
GRANT USAGE ON SCHEMA onemap, city, results TO onemap_app;
"""

_READY: LiteralString = """
SELECT (SELECT count(*) FROM pg_namespace WHERE nspname IN ('onemap', 'city', 'results', 'ext')) = 4
   AND (SELECT count(*) FROM pg_extension WHERE extname = ANY (%s)) = %s
   AND pg_has_role('onemap_admin', 'onemap_owner', 'MEMBER')
"""


def bootstrap(superuser: str, database: str, application_password: str, admin_password: str) -> None:
    """Make roles, database, schemas and extensions where they are missing. Safe to repeat.

    Parameters
    ----------
    superuser : str
        Address of a superuser in any existing database of the server.
    database : str
        Name of the city's database; made where it is missing.
    application_password, admin_password : str
        Passwords that ``onemap_app`` and ``onemap_admin`` get.

    Raises
    ------
    Unavailable
        Where the PostGIS extension is not installed on the server.
    """
    with psycopg.connect(superuser, autocommit=True) as server:
        # Advisory locks are per database: this one keeps two processes from making the same roles.
        server.execute("SELECT pg_advisory_lock(hashtext('onemap bootstrap'))")
        server.execute(_ROLES)
        _set_passwords(server, {APPLICATION: application_password, ADMIN: admin_password})
        if server.execute("SELECT FROM pg_database WHERE datname = %s", [database]).fetchone() is None:
            name = sql.Identifier(database)
            server.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    name, sql.Identifier(OWNER)
                )
            )
        with psycopg.connect(make_conninfo(superuser, dbname=database), autocommit=True) as city:
            _prepare(city, database)


def _set_passwords(server: psycopg.Connection[Any], passwords: dict[str, str]) -> None:
    # In the log of the server a password would stand in clear text.
    with server.transaction():
        server.execute("SET LOCAL log_statement = 'none'")
        server.execute("SET LOCAL log_min_error_statement = 'panic'")
        for role, password in passwords.items():
            server.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
            )


def _prepare(city: psycopg.Connection[Any], database: str) -> None:
    """Make schemas, extensions and grants inside the city's database."""
    wanted = list(EXTENSIONS)
    ready = city.execute(_READY, [wanted, len(wanted)]).fetchone()
    if ready is not None and ready[0]:
        return
    with city.transaction():
        city.execute("SET LOCAL client_min_messages = warning")
        city.execute(_SCHEMAS)
        name = sql.Identifier(database)
        city.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        for role in (APPLICATION, ADMIN, OWNER):
            city.execute(
                sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, sql.Identifier(role))
            )
        for extension in EXTENSIONS:
            _create_extension(city, extension)


def _create_extension(city: psycopg.Connection[Any], extension: LiteralString) -> None:
    available = city.execute("SELECT FROM pg_available_extensions WHERE name = %s", [extension]).fetchone()
    if available is None:
        if extension == "postgis":
            raise Unavailable(
                "the PostGIS extension is not installed on this server; install the package "
                "postgresql-15-postgis-3 (or the one of your PostgreSQL version) and start again",
                extension=extension,
            )
        return
    city.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA ext").format(sql.Identifier(extension)))
