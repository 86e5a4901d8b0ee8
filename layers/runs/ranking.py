"""Reading the first features of a result that ranks them: what a list shows, without the shapes."""

from __future__ import annotations

from typing import Any

import shapely
from psycopg import sql

from layers.runs.errors import NoResult
from layers.runs.reading import Result, reach_of
from layers.runs.results import RESULTS, table_name
from layers.scope import Scope

#: No result that ranks its features has more.
_ALL = 1_000_000
_STATEMENT = sql.SQL(
    "SELECT f.* FROM {}('', {}, $1, $2) AS f"
    " WHERE starts_with(coalesce(f.grid, ''), $3) ORDER BY f.rank LIMIT $4"
)


async def read_ranked(
    connection: Any, scope: Scope, result: Result, *, grid: str = "", limit: int = 50
) -> list[dict[str, Any]]:
    """Return the first features of a result by rank.

    Parameters
    ----------
    grid : str
        Only those in grids whose code begins so.

    Returns
    -------
    list of dict
        ``id``, ``bbox`` (degrees: west, south, east, north) and the kind's columns.

    Raises
    ------
    NoResult
        For a result that has no ranks.
    """
    names = result.kind.column_names
    if result.kind.result != "features" or not {"rank", "grid"} <= set(names):
        raise NoResult(f"run {result.run} does not rank features", run=result.run, state="unranked")
    function = sql.Identifier(RESULTS, f"{table_name(result.kind.name, result.run)}_features")
    statement = _STATEMENT.format(function, sql.Literal(_ALL)).as_string()
    rows = await connection.fetch(statement, *reach_of(scope), grid, limit)
    return [
        {
            "id": row["id"],
            "bbox": [round(float(one), 6) for one in shapely.bounds(shapely.from_wkb(row["shape"]))],
            # A column that came to the kind after this run is missing in its table.
            **{name: row.get(name) for name in names},
        }
        for row in rows
    ]
