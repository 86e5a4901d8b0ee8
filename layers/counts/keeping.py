"""What edits added and took away, counted in its cells: all of it or nothing, by one process at a time.

Readers add what is still waiting, so the sum of both is at each moment what a direct count gives.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import psycopg

from geo.cells import index

#: H3 resolution of the kept counts.
RESOLUTION = 10

#: Changes that are counted in one transaction.
MOST_AT_ONCE = 200_000

_LOCK = 0x636F756E74
_TAKE = """
DELETE FROM onemap.incident_count_change
WHERE id IN (SELECT id FROM onemap.incident_count_change ORDER BY id LIMIT %s)
RETURNING lon, lat, hour, class, region_code, n
"""
_STAGE = """
CREATE TEMP TABLE counted_now (
    hour integer, cell bigint, class text COLLATE "C", region_code text COLLATE "C", n integer
) ON COMMIT DROP
"""
_ADD = """
INSERT INTO onemap.incident_count AS c (hour, cell, class, region_code, n)
SELECT hour, cell, class, region_code, n FROM counted_now ORDER BY hour, cell, class, region_code
ON CONFLICT (hour, cell, class, region_code) DO UPDATE SET n = c.n + excluded.n
"""
_CLEAR = """
DELETE FROM onemap.incident_count AS c USING counted_now AS w
WHERE (c.hour, c.cell, c.class, c.region_code) = (w.hour, w.cell, w.class, w.region_code) AND c.n = 0
"""
KEY = ["hour", "cell", "class", "region_code"]


def settle(connection: psycopg.Connection[Any], most: int = MOST_AT_ONCE) -> int:
    """Count waiting changes in their cells; nothing where another process is doing so.

    Parameters
    ----------
    connection : psycopg.Connection
        Of `layers.database.admin_connection`, outside a transaction.
    most : int
        Changes taken at most, the oldest first.

    Returns
    -------
    int
        Changes taken; 0 where none waits.
    """
    with connection.transaction():
        free = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK]).fetchone()
        if free is None or not free[0]:
            return 0
        rows = connection.execute(_TAKE.encode(), [most]).fetchall()
        if rows:
            counted = in_cells(
                pd.DataFrame(rows, columns=["lon", "lat", "hour", "class", "region_code", "n"])
            )
            connection.execute(_STAGE.encode())
            with connection.cursor() as cursor, cursor.copy("COPY counted_now FROM STDIN") as copy:
                for row in counted.itertuples(index=False):
                    copy.write_row(row)
            connection.execute(_ADD.encode())
            connection.execute(_CLEAR.encode())
        return len(rows)


def settle_all(connection: psycopg.Connection[Any]) -> None:
    """Count all waiting changes, batch by batch."""
    while settle(connection):
        pass


def in_cells(changes: pd.DataFrame) -> pd.DataFrame:
    """Return changes at points, summed by hour, cell, class and region; what comes to nothing is left out.

    Examples
    --------
    >>> twice = pd.DataFrame({"lon": 115.9, "lat": 31.8, "hour": 446_000, "class": "T01",
    ...                       "region_code": "341504", "n": [1, 1]})
    >>> in_cells(twice)["n"].tolist()
    [2]
    """
    cells = index(changes["lon"].to_numpy(float), changes["lat"].to_numpy(float), RESOLUTION)
    summed = changes.assign(cell=cells.astype(np.int64)).groupby(KEY, as_index=False)["n"].sum()
    return summed[summed["n"] != 0]
