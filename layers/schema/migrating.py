"""Bring a database to the state that the code expects."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from layers.database import Addresses, admin_connection
from layers.definitions.loading import read_catalog
from layers.schema.reconcile import Changes, reconcile
from layers.schema.runtime import with_runtime_layers

MIGRATIONS = Path(__file__).parent / "migrations"

#: Number of the advisory lock that lets one process at a time migrate a database.
_LOCK = 0x6F6E656D6170


def alembic_configuration(connection: Connection) -> Config:
    """Return Alembic's configuration for our migrations, bound to one connection."""
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    configuration.attributes["connection"] = connection
    return configuration


def migrate_fixed_tables(addresses: Addresses) -> None:
    """Upgrade the fixed tables of schema ``onemap`` to the newest revision."""
    engine = create_engine(
        addresses.admin.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool
    )
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("SET ROLE onemap_owner")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        command.upgrade(alembic_configuration(connection), "head")
    engine.dispose()


def migrate(addresses: Addresses) -> Changes:
    """Upgrade the fixed tables, then make the layers of the catalogue and those added at run time.

    Returns
    -------
    Changes
        What reconciling did; nothing in it where the database was up to date.

    Raises
    ------
    SchemaRefused
        Where a layer's definition and its table differ in a way that cannot be done without loss.
    """
    migrate_fixed_tables(addresses)
    with admin_connection(addresses) as connection:
        return reconcile(connection, with_runtime_layers(connection, read_catalog()))
