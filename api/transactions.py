"""Work that writes: on a connection of its own, in one transaction under the scope, in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from psycopg import errors

from api.errors import DatabaseUnavailable, TooSlow
from api.service import Service
from layers.database import connect_application, scoped
from layers.scope import Scope

#: A write that waits longer for rows that somebody else holds is given up.
LONGEST_STATEMENT = "8s"

T = TypeVar("T")


async def in_transaction(service: Service, scope: Scope, work: Callable[[psycopg.Connection[Any]], T]) -> T:
    """Do work that writes; all of it or nothing.

    Raises
    ------
    DatabaseUnavailable
        Where the database cannot be reached or goes away meanwhile.
    TooSlow
        Where a statement reached its time limit.
    """
    addresses = service.database.addresses
    if addresses is None:
        raise DatabaseUnavailable("no database was named; set ONEMAP_DATABASE_URL or run onemap up")

    def transaction() -> T:
        with connect_application(addresses) as connection, scoped(connection, scope):
            connection.execute(f"SET LOCAL statement_timeout = '{LONGEST_STATEMENT}'".encode())
            return work(connection)

    try:
        return await asyncio.to_thread(transaction)
    except (errors.QueryCanceled, errors.DeadlockDetected, errors.LockNotAvailable) as error:
        raise TooSlow("a statement reached its time limit") from error
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"the database is out of reach: {type(error).__name__}") from error
