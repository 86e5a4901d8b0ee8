"""Changes of results stand in the change log too, so that whoever follows it hears of them in one order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from layers.features.changes import Box

Connection = psycopg.Connection[Any]

_LOG = """
INSERT INTO onemap.layer_change (layer, op, bbox_new, actor, details)
SELECT r.kind, 'update', %(box)s::float8[], r.requested_by, jsonb_build_object(
    'region', r.region, 'subject', r.subject, 'run', r.id, 'live', r.live, 'classification', r.classification,
    'reach', to_jsonb(r.reach), 'cells', %(cells)s::jsonb)
FROM onemap.run AS r WHERE r.id = %(run)s
"""


def announce(
    connection: Connection, run: int, *, cells: Sequence[str] | None = None, box: Box | None = None
) -> None:
    """Log that a result has changed, in the transaction that changes it.

    Parameters
    ----------
    connection : psycopg.Connection
        Of `layers.database.admin_connection`.
    cells : sequence of str, optional
        Cells of the finest level that have changed; None is all of them.
    box : Box, optional
        Where, in EPSG:3857; None is anywhere.
    """
    values = {
        "run": run,
        "box": None if box is None else list(box),
        "cells": None if cells is None else Jsonb(list(cells)),
    }
    connection.execute(_LOG.encode(), values)
