"""One region with what stands above and below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geo.errors import NotFound
from layers.scope import Scope
from layers.scoped_reading import scoped_reading

Box = tuple[float, float, float, float]

#: More generations than any tree of regions has; a tree that goes in a circle ends here.
MOST_PARENTS = 8
MOST_CHILDREN = 1000

_COLUMNS = """
    r.id, r.code, r.system, r.level, r.kind, r.name, r.short_name, r.parent_code, r.code_prefix, r.legal,
    r.area_m2, r.households, r.residents, r.status, r.provenance, r.source,
    ext.ST_XMin(r.geom) AS west, ext.ST_YMin(r.geom) AS south,
    ext.ST_XMax(r.geom) AS east, ext.ST_YMax(r.geom) AS north
"""
# The official tree comes first where several systems have the same code.
_ORDER = "ORDER BY (r.system <> 'admin'), r.system, r.id LIMIT 1"
_ONE = f"SELECT {_COLUMNS} FROM city.regions AS r WHERE r.code = $1 {_ORDER}"  # noqa: S608 - constants
_OF_SYSTEM = f"SELECT {_COLUMNS} FROM city.regions AS r WHERE r.code = $1 AND r.system = $2"  # noqa: S608
_CHILDREN = f"""
    SELECT {_COLUMNS} FROM city.regions AS r WHERE r.parent_code = $1
    ORDER BY (r.system <> 'admin'), r.system, r.code LIMIT {MOST_CHILDREN}
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Region:
    """One region without its outline.

    Attributes
    ----------
    id : int
        Feature id in the layer ``regions``.
    bbox : tuple of 4 floats
        West, south, east, north in degrees.
    properties : dict
        Its fields; what is unknown is left out.
    """

    id: int
    code: str
    system: str
    name: str
    bbox: Box
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RegionFamily:
    """A region, its parents from the top down, and the regions right below it (at most 1,000)."""

    region: Region
    parents: tuple[Region, ...]
    children: tuple[Region, ...]


async def read_region(connection: Any, scope: Scope, code: str, system: str | None = None) -> RegionFamily:
    """Read a region by its code.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of the reading pool.
    scope : Scope
        Who reads; what the scope does not reach is left out as if it did not exist.
    code : str
        The whole code.
    system : str, optional
        Region system; where left out, the official tree comes before the grid systems.

    Raises
    ------
    NotFound
        Where there is none, or none for this reader.
    """
    async with scoped_reading(connection, scope):
        if system is None:
            row = await connection.fetchrow(_ONE, code)
        else:
            row = await connection.fetchrow(_OF_SYSTEM, code, system)
        if row is None:
            raise NotFound(f"there is no region {code!r}", region=code, system=system)
        children = await connection.fetch(_CHILDREN, code)
        parents: list[Region] = []
        seen = {row["code"]}
        above = row["parent_code"]
        while above and above not in seen and len(parents) < MOST_PARENTS:
            parent = await connection.fetchrow(_ONE, above)
            if parent is None:
                break
            parents.insert(0, _region(parent))
            seen.add(above)
            above = parent["parent_code"]
    return RegionFamily(_region(row), tuple(parents), tuple(_region(child) for child in children))


def _region(row: Any) -> Region:
    apart = {"id", "code", "system", "name", "west", "south", "east", "north"}
    return Region(
        id=row["id"],
        code=row["code"],
        system=row["system"],
        name=row["name"],
        bbox=(row["west"], row["south"], row["east"], row["north"]),
        properties={key: value for key, value in row.items() if key not in apart and value is not None},
    )
