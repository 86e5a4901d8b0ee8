"""Kept counts of a window of time, as far as their reader may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import psycopg

from layers.counts.keeping import in_cells
from layers.scope import Scope
from layers.scoped_reading import scoped_reading

# One statement, one moment: what waits is not yet counted, what is counted waits no more.
_READ = """
SELECT cell, NULL::float8 AS lon, NULL::float8 AS lat, hour, class, region_code, n FROM onemap.incident_count
WHERE hour >= {first} AND hour < {end} AND class ^@ {classes} AND region_code ^@ {prefix}
UNION ALL
SELECT NULL, lon, lat, hour, class, region_code, n FROM onemap.incident_count_change
WHERE hour >= {first} AND hour < {end} AND class ^@ {classes} AND region_code ^@ {prefix}
"""
_ASYNC = _READ.format(first="$1", end="$2", classes="$3", prefix="$4")
_SYNC = _READ.format(first="%(first)s", end="%(end)s", classes="%(classes)s", prefix="%(prefix)s")


@dataclass(frozen=True, slots=True)
class Window:
    """Whole hours of the clock: the first, and the first one after.

    Attributes
    ----------
    first, end : int
        Hours since 1970-01-01T00:00Z.
    """

    first: int
    end: int

    @classmethod
    def between(cls, start: datetime, end: datetime) -> Window:
        """Return the hours that hold any moment from a start to before an end.

        Examples
        --------
        >>> half_past, five = datetime(2020, 1, 1, 3, 30, tzinfo=UTC), datetime(2020, 1, 1, 5, tzinfo=UTC)
        >>> window = Window.between(half_past, five)
        >>> window.end - window.first, window.start.hour
        (2, 3)
        """
        hour = timedelta(hours=1)
        zero = datetime(1970, 1, 1, tzinfo=UTC)
        return cls((start - zero) // hour, -((zero - end) // hour))

    @property
    def start(self) -> datetime:
        """Return the moment in which it begins, in UTC."""
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=self.first)

    @property
    def stop(self) -> datetime:
        """Return the moment in which it ends, in UTC."""
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=self.end)


async def read_counts(
    connection: Any, scope: Scope, window: Window, *, classes: str = "", prefix: str = ""
) -> pd.DataFrame:
    """Read the counts of a window.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of `layers.database.open_reading_pool`.
    scope : Scope
        Who reads; what the layer's policies do not open is not counted.
    classes, prefix : str
        Beginning of the class codes and of the region codes.

    Returns
    -------
    DataFrame
        ``hour``, ``cell`` (int64), ``class``, ``region_code``, ``n``; each key once, none with zero.
    """
    async with scoped_reading(connection, scope) as reading:
        rows = await reading.fetch(_ASYNC, window.first, window.end, classes, prefix)
    return _summed([tuple(row.values()) for row in rows])


def counts_here(
    connection: psycopg.Connection[Any], window: Window, *, classes: str = "", prefix: str = ""
) -> pd.DataFrame:
    """Read the same inside a transaction that has its scope set."""
    values = {"first": window.first, "end": window.end, "classes": classes, "prefix": prefix}
    return _summed(connection.execute(_SYNC.encode(), values).fetchall())


def _summed(rows: list[Any]) -> pd.DataFrame:
    columns = ["hour", "cell", "class", "region_code", "n"]
    # apart: a column of cells with gaps would be of floats, which do not hold them
    kept = pd.DataFrame([(row[3], row[0], *row[4:]) for row in rows if row[0] is not None], columns=columns)
    kept = kept.astype({"hour": np.int64, "cell": np.int64, "n": np.int64})
    waiting = [row[1:] for row in rows if row[0] is None]
    if not waiting:
        return kept
    changes = pd.DataFrame(waiting, columns=["lon", "lat", "hour", *columns[2:]])
    both = pd.concat([kept, in_cells(changes)])
    summed = both.groupby(columns[:-1], as_index=False)["n"].sum()
    return summed[summed["n"] != 0].reset_index(drop=True)
