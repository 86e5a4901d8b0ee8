"""Changes of results stand in the change log too, so that whoever follows it hears of them in one order."""

from __future__ import annotations

from typing import Any

import psycopg

Connection = psycopg.Connection[Any]

_LOG = """
INSERT INTO onemap.layer_change (layer, op, actor, details)
SELECT r.kind, 'update', r.requested_by, jsonb_build_object(
    'region', r.region, 'run', r.id, 'live', false, 'classification', r.classification,
    'reach', to_jsonb(r.reach), 'cells', NULL)
FROM onemap.run AS r WHERE r.id = %s
"""


def announce(connection: Connection, run: int) -> None:
    """Log that all cells of a result are new, in the transaction that publishes it.

    Parameters
    ----------
    connection : psycopg.Connection
        Of `layers.database.admin_connection`.
    """
    connection.execute(_LOG.encode(), [run])
