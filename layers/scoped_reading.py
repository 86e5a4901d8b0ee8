"""One read-only transaction of the reading pool with its scope set, for reads that are no hot ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from layers.database import scope_settings
from layers.scope import Scope

_SET_SCOPE = """
    SELECT set_config('onemap.subject', $1, true), set_config('onemap.verbs', $2, true),
           set_config('onemap.classifications', $3, true), set_config('onemap.regions', $4, true)
"""


@asynccontextmanager
async def scoped_reading(connection: Any, scope: Scope) -> AsyncIterator[Any]:
    """Give the connection inside a transaction in which the row-level policies see the scope.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of `layers.database.open_reading_pool`.
    scope : Scope
        Who reads.
    """
    settings = scope_settings(scope)
    async with connection.transaction():
        await connection.execute(
            _SET_SCOPE,
            settings["subject"],
            settings["verbs"],
            settings["classifications"],
            settings["regions"],
        )
        yield connection
