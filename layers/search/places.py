"""In which town a thing lies that was found: streets of one name are told apart by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from layers.scope import Scope
from layers.scoped_reading import scoped_reading
from layers.search.reading import Entry

_TOWNS = """
    SELECT u.place, t.code, coalesce(t.short_name, t.name) AS name
    FROM unnest($1::int[], $2::float8[], $3::float8[]) AS u (place, lon, lat)
    CROSS JOIN LATERAL (SELECT ext.ST_SetSRID(ext.ST_Point(u.lon, u.lat), 4326) AS geom) AS at
    JOIN city.regions AS t ON t.system = 'admin' AND t.level = 'town'
        AND t.geom_3857 && ext.ST_Transform(at.geom, 3857) AND ext.ST_Covers(t.geom, at.geom)
    ORDER BY u.place, t.code
"""


async def towns_of(connection: Any, scope: Scope, entries: Sequence[Entry]) -> list[tuple[str, str] | None]:
    """Return code and name of the town of each entry; None outside of all, and for a town itself.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of the reading pool.
    entries : sequence of Entry
        As `layers.search.reading.find` gives them; a point on each says where it lies.
    """
    placed = [(row, entry.point) for row, entry in enumerate(entries) if entry.point is not None]
    found: list[tuple[str, str] | None] = [None] * len(entries)
    if not placed:
        return found
    async with scoped_reading(connection, scope):
        rows = await connection.fetch(
            _TOWNS,
            [row for row, _ in placed], [point[0] for _, point in placed], [point[1] for _, point in placed],
        )  # fmt: skip
    for row in rows:
        if found[row["place"]] is None and entries[row["place"]].code != row["code"]:
            found[row["place"]] = (row["code"], row["name"])
    return found
