"""Regions in the database: lists, the way up, which one a point lies in, and placing features again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from geo.errors import NotFound
from layers.definitions import GeometryFamily, LayerDefinition
from layers.schema.names import CITY, REGIONS

Connection = psycopg.Connection[Any]

_MOST_GENERATIONS = 12

_LIST: LiteralString = """
    SELECT system, code, level, name, parent_code, residents, provenance FROM city.regions
    WHERE (%(system)s::text IS NULL OR system = %(system)s)
      AND (%(parent)s::text IS NULL OR parent_code = %(parent)s)
    ORDER BY (system <> 'admin'), system, code
"""
_UP: LiteralString = """
    SELECT system, code, level, name, parent_code, residents, provenance FROM city.regions
    WHERE code = %s AND (%s::text IS NULL OR system = %s)
    ORDER BY (system <> 'admin'), system LIMIT 1
"""
_AT: LiteralString = "SELECT region_code FROM onemap.region_of(ST_SetSRID(ST_MakePoint(%s, %s), 4326))"


@dataclass(frozen=True, slots=True)
class Region:
    """One region without its outline."""

    system: str
    code: str
    level: str | None
    name: str
    parent_code: str | None
    residents: int | None
    provenance: str


def list_regions(
    connection: Connection, *, system: str | None = None, parent: str | None = None
) -> list[Region]:
    """Return regions, the tree before the grid systems.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside `layers.database.scoped`, or the administrator's.
    system, parent : str, optional
        Only of this system, only right below this code.
    """
    rows = connection.execute(_LIST, {"system": system, "parent": parent})
    return [Region(*row) for row in rows]


def way_up(connection: Connection, code: str, *, system: str | None = None) -> list[Region]:
    """Return a region and all above it, itself first.

    Raises
    ------
    NotFound
        Where there is no region of this code.
    """
    found: list[Region] = []
    wanted: str | None = code
    while wanted is not None and len(found) < _MOST_GENERATIONS:
        only = system if not found else None  # a grid's parent is in the tree
        row = connection.execute(_UP, [wanted, only, only]).fetchone()
        if row is None:
            break
        found.append(Region(*row))
        wanted = found[-1].parent_code
    if not found:
        raise NotFound(f"there is no region {code[:40]!r}", code=code[:40])
    return found


def region_at(connection: Connection, longitude: float, latitude: float) -> str | None:
    """Return the code of the smallest region (tree or governance grid) at a point in degrees, or None."""
    row = connection.execute(_AT, [longitude, latitude]).fetchone()
    return None if row is None else row[0]


def place_again(connection: Connection, definition: LayerDefinition) -> int:
    """Find the regions of a layer's features anew, after regions were changed; return how many moved.

    Parameters
    ----------
    connection : psycopg.Connection
        Of the administrator, inside a transaction.
    """
    if definition.geometry is GeometryFamily.NONE or definition.table == REGIONS:
        return 0
    query = sql.SQL(
        "UPDATE {0} AS t SET region_code = r.region_code, region_codes = r.region_codes"
        " FROM (SELECT s.id, (onemap.region_of(s.geom)).* FROM {0} AS s) AS r"
        " WHERE r.id = t.id"
        " AND (r.region_code, r.region_codes) IS DISTINCT FROM (t.region_code, t.region_codes)"
    )
    return connection.execute(query.format(sql.Identifier(CITY, definition.table))).rowcount
