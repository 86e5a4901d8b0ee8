"""Do the regions fit together? Gaps, overlaps, orphans and bad codes of a system, by its own extent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import psycopg
from psycopg import sql

from geo.errors import NotFound

Connection = psycopg.Connection[Any]
Kind = Literal["gap", "overlap", "outside-parent", "orphan", "invalid-code", "no-extent"]

#: Areas up to this size (square metres on the ground) are rounding at shared boundaries, not findings.
TOLERANCE_M2 = 1.0

SYSTEMS = ("admin", "unit_grid", "governance_grid", "neighbour_unit", "osm")

#: Form of the codes of each system; osm has the numbers of its relations.
_CODES = {
    "admin": r"^([0-9]{6}|[0-9]{9}|[0-9]{12})$",
    "unit_grid": r"^[0-9]{15}$",
    "governance_grid": r"^[0-9]{12}[0-9A-Z]{2,12}$",
    "neighbour_unit": r"^[0-9]{12}[0-9A-Z]{2,24}$",
    "osm": r"^.+$",
}

# The system's own regions, and the tree, in which every grid system stands.
_REGIONS = sql.SQL("""
    WITH own AS MATERIALIZED (
        SELECT r.id, r.code, r.level, r.parent_code, r.osm_admin_level,
               coalesce(r.code_prefix, r.code) AS prefix, r.geom
        FROM city.regions AS r
        WHERE r.system = %(system)s AND r.status = 'in_service' AND r.valid_to IS NULL
    ), above AS MATERIALIZED (
        SELECT r.code, r.level, coalesce(r.code_prefix, r.code) AS prefix, r.geom FROM city.regions AS r
        WHERE r.system IN ('admin', %(system)s) AND r.status = 'in_service' AND r.valid_to IS NULL
    )
""")
# Parts of areas that should not be there, by their size on the ground.
_PARTS = sql.SQL("""
    SELECT found.code, found.other, found.area, ST_X(found.at), ST_Y(found.at) FROM (
        SELECT d.code, d.other, ST_Area(part.geom::geography) AS area, ST_PointOnSurface(part.geom) AS at
        FROM differing AS d CROSS JOIN LATERAL ST_Dump(d.geom) AS part
        WHERE ST_Dimension(part.geom) = 2
    ) AS found
    WHERE found.area > %(tolerance)s
    ORDER BY found.code, found.other, found.area DESC
""")
# What must be tiled: in the tree each parent with children, by governance grids each community, by unit grids
# the urban-management extent.
_GAPS = (
    _REGIONS
    + sql.SQL("""
    , tiled AS (
        SELECT a.code, a.geom, false AS is_extent FROM above AS a
        WHERE CASE %(system)s
            WHEN 'admin' THEN EXISTS (SELECT FROM own AS c WHERE c.parent_code = a.code)
            WHEN 'governance_grid' THEN a.level = 'community'
            ELSE false END
        UNION ALL
        SELECT e.code, e.geom, true FROM city.extents AS e
        WHERE %(system)s = 'unit_grid' AND e.kind = 'urban_management' AND e.status = 'in_service'
    ), differing AS (
        SELECT t.code, NULL::text AS other,
               CASE WHEN below.geom IS NULL THEN t.geom ELSE ST_Difference(t.geom, below.geom) END AS geom
        FROM tiled AS t CROSS JOIN LATERAL (
            SELECT ST_Union(c.geom) AS geom FROM own AS c
            WHERE CASE WHEN t.is_extent THEN c.geom && t.geom ELSE c.parent_code = t.code END
        ) AS below
    )
""")
    + _PARTS
)
_OVERLAPS = (
    _REGIONS
    + sql.SQL("""
    , differing AS (
        SELECT a.code, b.code AS other, ST_Intersection(a.geom, b.geom) AS geom
        FROM own AS a JOIN own AS b ON a.geom && b.geom AND a.id < b.id
            AND a.level IS NOT DISTINCT FROM b.level
            AND a.osm_admin_level IS NOT DISTINCT FROM b.osm_admin_level
        WHERE ST_Intersects(a.geom, b.geom) AND NOT ST_Touches(a.geom, b.geom)
    )
""")
    + _PARTS
)
_OUTSIDE = (
    _REGIONS
    + sql.SQL("""
    , holder AS (
        SELECT c.code, c.geom AS inner_geom, a.code AS other, a.geom AS outer_geom
        FROM own AS c JOIN above AS a ON a.code = c.parent_code
        UNION ALL
        SELECT c.code, c.geom, e.code, e.geom FROM own AS c CROSS JOIN (
            SELECT min(x.code) AS code, ST_Union(x.geom) AS geom FROM city.extents AS x
            WHERE x.kind = 'urban_management' AND x.status = 'in_service'
        ) AS e
        WHERE %(system)s = 'unit_grid' AND e.geom IS NOT NULL
    ), differing AS (
        SELECT h.code, h.other, ST_Difference(h.inner_geom, h.outer_geom) AS geom FROM holder AS h
        WHERE NOT ST_Covers(h.outer_geom, h.inner_geom)
    )
""")
    + _PARTS
)
# The top of the tree has no parent in the data; everything else names one that is there.
_ORPHANS = _REGIONS + sql.SQL("""
    SELECT c.code, c.parent_code FROM own AS c
    WHERE %(system)s <> 'osm' AND NOT EXISTS (SELECT FROM above AS a WHERE a.code = c.parent_code)
      AND NOT (%(system)s = 'admin' AND length(c.prefix) = (SELECT min(length(o.prefix)) FROM own AS o))
    ORDER BY c.code
""")
_BAD_CODES = _REGIONS + sql.SQL("""
    SELECT c.code, a.code FROM own AS c LEFT JOIN above AS a ON a.code = c.parent_code
    WHERE (c.code ~ %(form)s) IS NOT TRUE OR (c.code ^@ c.prefix) IS NOT TRUE
       OR (%(system)s <> 'osm' AND a.prefix IS NOT NULL AND NOT c.code ^@ a.prefix)
    ORDER BY c.code
""")
_HAS_EXTENT = sql.SQL("""
    SELECT EXISTS (SELECT FROM city.extents WHERE kind = 'urban_management' AND status = 'in_service')
        OR NOT EXISTS (SELECT FROM city.regions WHERE system = 'unit_grid')
""")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit.

    Attributes
    ----------
    kind : str
        ``gap`` (of `code`, the parent or extent, nothing covers this part), ``overlap`` (with `other`, of the
        same level), ``outside-parent`` (a part beyond `other`), ``orphan`` (`other` is the parent's code that
        is not there), ``invalid-code`` (`other` is the parent that the code should begin with), or
        ``no-extent`` (unit grids without an urban-management extent to be tested against).
    area_m2 : float or None
        On the ground, of kinds that have one.
    at : (float, float) or None
        A point in the part, longitude and latitude.
    """

    kind: Kind
    system: str
    code: str | None = None
    other: str | None = None
    area_m2: float | None = None
    at: tuple[float, float] | None = None


def check(connection: Connection, system: str, *, tolerance_m2: float = TOLERANCE_M2) -> list[Finding]:
    """Check one region system against its own extent.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside `layers.database.scoped` with the whole city, or the administrator's.
    system : str
        One of `SYSTEMS`. Neighbour units and osm boundaries need not tile anything.
    tolerance_m2 : float
        Parts up to this area are not reported.

    Raises
    ------
    NotFound
        Where there is no such system.
    """
    if system not in SYSTEMS:
        raise NotFound(
            f"there is no region system {system[:40]!r}; there are {', '.join(SYSTEMS)}", system=system
        )
    values = {"system": system, "tolerance": tolerance_m2, "form": _CODES[system]}
    areas: tuple[tuple[Kind, sql.Composed], ...] = (
        ("gap", _GAPS),
        ("overlap", _OVERLAPS),
        ("outside-parent", _OUTSIDE),
    )
    names: tuple[tuple[Kind, sql.Composed], ...] = (("orphan", _ORPHANS), ("invalid-code", _BAD_CODES))
    findings = [
        Finding(kind, system, code, other, area, (x, y))
        for kind, query in areas
        for code, other, area, x, y in connection.execute(query, values)
    ]
    findings += [
        Finding(kind, system, code, other)
        for kind, query in names
        for code, other in connection.execute(query, values)
    ]
    if system == "unit_grid":
        row = connection.execute(_HAS_EXTENT).fetchone()
        if row is not None and not row[0]:
            findings.append(Finding("no-extent", system))
    return findings
