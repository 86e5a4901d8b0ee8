"""The region that a view is about, and the parts of it that are ranked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geo.errors import NotFound
from layers.regions.codes import code_prefix
from layers.regions.reading import Box, Region, RegionFamily, read_region
from layers.scope import Scope
from layers.scoped_reading import scoped_reading

MOST_PARTS = 1000

#: Levels below a region, and what stands below a community.
LEVELS = ("county", "town", "community", "governance_grid")

_BELOW = """
    SELECT r.code, r.name, r.short_name, r.level, r.system,
           ext.ST_XMin(r.geom) AS west, ext.ST_YMin(r.geom) AS south,
           ext.ST_XMax(r.geom) AS east, ext.ST_YMax(r.geom) AS north
    FROM city.regions AS r
    WHERE r.system IN ('admin', 'governance_grid') AND r.level = $1 AND r.code ^@ $2 AND r.code <> $3
    ORDER BY r.code LIMIT 1000
"""


@dataclass(frozen=True, slots=True)
class Place:
    """One region as indicators know it.

    Attributes
    ----------
    prefix : str
        What the codes of everything inside begin with.
    """

    code: str
    prefix: str
    name: str
    level: str
    bbox: Box


@dataclass(frozen=True, slots=True)
class Family:
    """A region, what it lies in, and the parts that are ranked; ``levels`` has the levels below it."""

    place: Place
    parents: tuple[Place, ...]
    parts: tuple[Place, ...]
    levels: tuple[str, ...]


async def read_family(connection: Any, scope: Scope, code: str, level: str | None = None) -> Family:
    """Read a region of the tree, or a governance grid, with its parts.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of the reading pool.
    level : str, optional
        Level of the parts: one of `LEVELS`; the next one below where left out.

    Raises
    ------
    NotFound
        Where there is no such region for this reader.
    """
    found = await read_region(connection, scope, code)
    if found.region.system not in ("admin", "governance_grid"):
        raise NotFound(f"{code!r} is no region of the tree", region=code)
    place = _place(found.region)
    levels = _levels_below(place.level)
    chosen = level or _next_level(found)
    parts: tuple[Place, ...] = ()
    if chosen in levels:
        async with scoped_reading(connection, scope):
            rows = await connection.fetch(_BELOW, chosen, place.prefix, place.code)
        parts = tuple(
            Place(
                row["code"], prefix_of(row["code"], row["system"]), row["short_name"] or row["name"],
                row["level"], (row["west"], row["south"], row["east"], row["north"]),
            )
            for row in rows
        )  # fmt: skip
    return Family(place, tuple(_place(one) for one in found.parents), parts, levels)


def prefix_of(code: str, system: str) -> str:
    """Return what the codes of everything in a region begin with.

    Examples
    --------
    >>> prefix_of("341500", "admin"), prefix_of("341504001001G01", "governance_grid")
    ('3415', '341504001001G01')
    """
    return code_prefix(code) if system == "admin" else code


def _place(region: Region) -> Place:
    level = str(region.properties.get("level", ""))
    return Place(region.code, prefix_of(region.code, region.system), region.name, level, region.bbox)


def _levels_below(level: str) -> tuple[str, ...]:
    return LEVELS[LEVELS.index(level) + 1 :] if level in LEVELS else LEVELS


def _next_level(family: RegionFamily) -> str:
    """Return the level of the regions right below: those of the tree before grids."""
    levels = {str(child.properties.get("level", "")) for child in family.children}
    return next((level for level in LEVELS if level in levels), "")
