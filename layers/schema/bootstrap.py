"""What only a superuser can do, once for each database: the three roles, the database, its extensions."""

from __future__ import annotations

import psycopg
from psycopg import sql

OWNER, APPLICATION, ADMIN = "onemap_owner", "onemap_app", "onemap_admin"
EXTENSIONS = ("postgis", "pg_trgm")


def bootstrap(superuser_address: str, database: str, application_password: str, admin_password: str) -> None:
    """Make the roles, the database and the extensions where they are missing; safe to repeat.

    Parameters
    ----------
    superuser_address : str
        Address of the maintenance database as a superuser.
    database : str
        Name of the city's database.
    application_password, admin_password : str
        Passwords of the two roles that may log in; set anew at each call.
    """
    name = sql.Identifier(database)
    with psycopg.connect(superuser_address, autocommit=True) as connection:
        for role, password in ((OWNER, None), (APPLICATION, application_password), (ADMIN, admin_password)):
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
                connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
            if password is not None:
                connection.execute(
                    sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(
                        sql.Identifier(role), sql.Literal(password)
                    )
                )
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(OWNER), sql.Identifier(ADMIN)))
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, sql.Identifier(OWNER)))
    with psycopg.connect(superuser_address, dbname=database, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS extensions")
        connection.execute("GRANT USAGE ON SCHEMA extensions TO PUBLIC")
        for extension in EXTENSIONS:
            connection.execute(
                sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA extensions").format(
                    sql.Identifier(extension)
                )
            )
