"""Pipes and cables under the streets of every town: layers ``pipes`` and ``pipe_nodes``.

Each medium has its own graph over the street edges of a town. Water, gas, steam and cables are shortest-path
trees from a source (water closed to loops on main streets); sewers and rain drains follow the lowest way to
their outfalls and fall all the way except behind pumps. Everything is synthetic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sample_gis.networks import gravity, pressure
from sample_gis.networks.draft import Draft, finished
from sample_gis.networks.streets import streets_of_towns

if TYPE_CHECKING:
    from sample_gis.city import City


def make(city: City) -> None:
    """Lay all networks; reads towns, roads, blocks, buildings, water and terrain."""
    drafts: list[Draft] = []
    for streets in streets_of_towns(city):
        kind = city.towns.loc[streets.town, "kind"]
        drafts.append(pressure.water(streets))
        drafts.extend(gravity.sewage(streets))
        drafts.append(gravity.rain(streets, city))
        # Piped gas has not come to the township.
        gas = pressure.gas(streets) if kind != "township" else None
        drafts.extend(draft for draft in (gas, pressure.heat(streets)) if draft is not None)
        drafts.append(pressure.power(streets))
        drafts.append(pressure.comms(streets))
    city.layers["pipes"], city.layers["pipe_nodes"] = finished(drafts, city)
