"""Names and values that both the makers of tables and those who read and write rows use."""

from __future__ import annotations

from typing import Literal

from psycopg import sql

#: Schema of the layer tables.
CITY = "city"

#: The name that the regions layer has; its rows give all others their region codes.
REGIONS = "regions"

STATUSES = ("planned", "building", "in_service", "fault", "out_of_service", "removed")
PROVENANCES = ("real", "plan", "synthetic", "imported")

#: The mercator copy of ``geom``, made by a trigger from it; histories do without.
MERCATOR_COPY = "geom_3857"

#: Metres of mercator that the corners of an area are at least away from each other and from its other edges:
#: rounded to a finer grid it stays valid. NULL for what is not valid, and for what is no area.
CLEARANCE = "geom_clearance"

#: What a trigger makes from ``geom``; histories do without.
DERIVED = (MERCATOR_COPY, CLEARANCE)


def read_function(
    layer: str, shape: Literal["tile", "thin", "items", "item"], *, then: bool = False
) -> sql.Identifier:
    """Return the name of a function that reads a layer, as it is or as of a moment.

    Examples
    --------
    >>> read_function("cameras", "tile", then=True).as_string()
    '"city"."cameras_tile_then"'
    """
    return sql.Identifier(CITY, f"{layer}_{shape}{'_then' if then else ''}")
