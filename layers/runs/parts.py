"""Documents that a run keeps beside its table: bytes by name, read under the scope of the run itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from geo.errors import Refused
from layers.runs.errors import NoResult
from layers.runs.results import IS_OURS
from layers.scope import Scope
from layers.scoped_reading import scoped_reading

_READ = "SELECT name, body FROM onemap.run_part WHERE run = $1 AND name = ANY ($2)"


def write_parts(
    connection: psycopg.Connection[Any], run: int, parts: Mapping[str, bytes], *, attempt: int
) -> None:
    """Write the documents of a run, all or none, in place of those that it had.

    Parameters
    ----------
    connection : psycopg.Connection
        Of `layers.database.admin_connection`, outside a transaction.

    Raises
    ------
    Refused
        Where another attempt has taken the run over.
    """
    if not parts:
        return
    with connection.transaction():
        if connection.execute(f"{IS_OURS} FOR UPDATE".encode(), [run, attempt]).fetchone() is None:
            raise Refused(f"run {run} is in other hands", run=run, attempt=attempt)
        connection.execute("DELETE FROM onemap.run_part WHERE run = %s", [run])
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY onemap.run_part (run, name, body) FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(["int8", "text", "bytea"])
            for name, body in parts.items():
                copy.write_row((run, name, body))


async def read_parts(connection: Any, scope: Scope, run: int, names: Sequence[str]) -> dict[str, bytes]:
    """Return some documents of a run by name.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of `layers.database.open_reading_pool`.

    Raises
    ------
    NoResult
        Where the run has not all of them: it is of another kind, or retention has dropped them.
    """
    async with scoped_reading(connection, scope):
        rows = await connection.fetch(_READ, run, list(names))
    found = {row["name"]: bytes(row["body"]) for row in rows}
    if missing := [name for name in names if name not in found]:
        raise NoResult(f"run {run} keeps no {missing[0]}", run=run, state="without parts")
    return found
