"""How fast one drives on a road where no speed is on record."""

from __future__ import annotations

#: Kilometres an hour by class of road, for a vehicle that is in no traffic jam; ours, to be confirmed by the
#: owner of the roads. Classes that are not listed carry no vehicles.
SPEEDS_KMH = {
    "motorway": 90.0, "trunk": 60.0, "main": 45.0, "secondary": 35.0, "residential": 25.0, "lane": 15.0,
    "service": 15.0, "track": 10.0,
}  # fmt: skip

#: The stretch from a place to its road, straight: yards, paths between fields.
ACCESS_KMH = 10.0
