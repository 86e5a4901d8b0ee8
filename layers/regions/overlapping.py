"""Which regions of the official tree an area lies in, and with how much of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from layers.scope import Scope
from layers.scoped_reading import scoped_reading

#: Regions of one answer; a small area meets a handful.
MOST = 200
#: A smaller share of an area than this is rounding at a shared boundary.
LEAST_SHARE = 1e-6

_OVERLAPPING = """
    SELECT r.id, r.code, r.name, r.short_name, r.level, r.parent_code,
           ext.ST_Area(ext.ST_Intersection(r.geom, a.geom)::ext.geography)
           / ext.ST_Area(a.geom::ext.geography) AS share
    FROM city.regions AS r, (SELECT ext.ST_GeomFromWKB($1, 4326) AS geom) AS a
    WHERE r.system = 'admin' AND r.status = 'in_service' AND r.valid_to IS NULL
      AND r.geom OPERATOR(ext.&&) a.geom AND ext.ST_Intersects(r.geom, a.geom)
    ORDER BY length(r.code), share DESC, r.code LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class Overlap:
    """A region that holds a part of an area.

    Attributes
    ----------
    id : int
        Feature id in the layer ``regions``.
    path : tuple of str
        Names from the top of the tree down to this region; short names where there are any.
    share : float
        Part of the area that lies in the region, on the ground.
    """

    id: int
    code: str
    name: str
    level: str
    path: tuple[str, ...]
    share: float


async def read_overlapping(connection: Any, scope: Scope, area: BaseGeometry) -> tuple[Overlap, ...]:
    """Read the regions that an area meets: upper levels first, the largest share first.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of the reading pool.
    scope : Scope
        Who reads; what the scope does not reach is left out.
    area : polygon
        In degrees (EPSG:4326).
    """
    async with scoped_reading(connection, scope):
        rows = await connection.fetch(_OVERLAPPING, shapely.to_wkb(area), MOST)
    known = {row["code"]: row for row in rows}
    return tuple(
        Overlap(row["id"], row["code"], row["name"], row["level"], _path(row, known), float(row["share"]))
        for row in rows
        if row["share"] > LEAST_SHARE
    )


def _path(row: Any, known: dict[str, Any]) -> tuple[str, ...]:
    """Return names down to a region; whoever meets a region meets all above it."""
    names: list[str] = []
    seen: set[str] = set()
    while row is not None and row["code"] not in seen:
        seen.add(row["code"])
        names.insert(0, row["short_name"] or row["name"])
        row = known.get(row["parent_code"])
    return tuple(names)
