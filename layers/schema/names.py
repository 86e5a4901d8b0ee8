"""Names and values that both the makers of tables and those who read and write rows use."""

from __future__ import annotations

#: Schema of the layer tables.
CITY = "city"

#: The name that the regions layer has; its rows give all others their region codes.
REGIONS = "regions"

STATUSES = ("planned", "building", "in_service", "fault", "out_of_service", "removed")
PROVENANCES = ("real", "plan", "synthetic", "imported")

#: The mercator copy of ``geom``, made by a trigger from it; histories do without.
MERCATOR_COPY = "geom_3857"
