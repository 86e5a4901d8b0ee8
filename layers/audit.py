"""The audit table: who did what to which layer, and with what outcome; append-only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.types.json import Jsonb


def note(
    connection: psycopg.Connection[Any],
    *,
    actor: str,
    action: str,
    layer: str | None,
    outcome: str,
    details: Mapping[str, Any],
) -> None:
    """Write one line, in the caller's transaction.

    Parameters
    ----------
    connection : psycopg.Connection
        Of the application's or the administrator's role.
    action : str
        Such as ``feature.update``.
    outcome : str
        ``done``, or the code of the error that refused it.
    """
    connection.execute(
        "INSERT INTO onemap.audit (actor, action, layer, outcome, details) VALUES (%s, %s, %s, %s, %s)",
        [actor, action, layer, outcome, Jsonb(details)],
    )
