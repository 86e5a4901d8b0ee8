"""The database that a command works on: the one that was named, or the embedded cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from api.settings import Settings
from geo.errors import BadInput, Unavailable
from layers.database import Addresses

if TYPE_CHECKING:
    import psycopg


@contextlib.contextmanager
def city_database(settings: Settings) -> Iterator[Addresses]:
    """Give the addresses of the city's database, which runs at least as long as the context.

    Raises
    ------
    BadInput
        Where only one of the two addresses of a named database is given.
    Unavailable
        Where it does not answer, or the cluster cannot be started.
    """
    if settings.database_url is None:
        from api.embedded.cluster import Cluster
        from api.embedded.use import in_use

        with in_use(Cluster(settings.home)) as addresses:
            yield addresses
        return
    addresses = named_database(settings)
    for address in (addresses.application, addresses.admin):
        greet(address)
    yield addresses


@contextlib.contextmanager
def administering() -> Iterator[psycopg.Connection[Any]]:
    """Give a connection of the administrator to the migrated database, in one transaction."""
    from api.settings import read_settings
    from layers.database import admin_connection
    from layers.schema.migrating import migrate

    with city_database(read_settings()) as addresses:
        migrate(addresses)
        with admin_connection(addresses) as connection, connection.transaction():
            yield connection


def named_database(settings: Settings) -> Addresses:
    """Return the addresses of the database that ``ONEMAP_DATABASE_URL`` names."""
    if settings.database_url is None or settings.database_admin_url is None:
        raise BadInput(
            "set both ONEMAP_DATABASE_URL (role onemap_app) and ONEMAP_DATABASE_ADMIN_URL (onemap_admin); "
            "`onemap db prepare` makes the roles in an existing server and prints both",
        )
    return Addresses(settings.database_url, settings.database_admin_url)


def greet(address: str) -> None:
    """Connect once, so that a wrong address fails here and not in the middle of the work.

    Raises
    ------
    Unavailable
        Where nobody answers or the role may not come in; the message leaves the password out.
    """
    import psycopg

    try:
        psycopg.connect(address, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        parts = urlsplit(address)
        where = f"{parts.username or ''}@{parts.hostname or 'socket'}{parts.path}"
        reason = str(error).strip().splitlines()[-1]
        raise Unavailable(
            f"the database {where} does not answer: {reason}. Check the address; where the roles or the "
            "database are missing, run `onemap db prepare`",
            database=where,
        ) from error
