"""How many people live in each building: community totals spread over residential floor area."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from sample_gis.shapes.locating import containing
from sample_gis.shares import apportion, apportion_within

if TYPE_CHECKING:
    from sample_gis.city import City

# Share of a building's floor area that is lived in, times its occupancy: 0.75 in towns, 0.6 in villages,
# where many houses stand empty most of the year. A shop-house is lived in above the shop.
LIVED_IN = {"apartment": 0.75, "house": 0.75, "shop": 0.30, "village": 0.60}


def make(city: City) -> None:
    """Set ``city.residents``: whole persons, adding up to the profile's figure exactly."""
    buildings, communities = city.buildings, city.communities
    middles = shapely.get_coordinates(shapely.centroid(buildings.geometry.to_numpy()))
    community = containing(communities.geometry.to_numpy(), middles)
    lived_in = buildings["use"].map(LIVED_IN).fillna(0.0).to_numpy(dtype=float)
    weight = np.round(buildings.geometry.area.to_numpy() * buildings["floors"].to_numpy() * lived_in, 2)
    weight = np.where(community >= 0, weight, 0.0)
    by_community = np.bincount(community[community >= 0], weight[community >= 0], minlength=len(communities))
    # Communities differ in how full their houses are.
    fullness = np.round(np.exp(city.random("dwellings").normal(0, 0.08, len(communities))), 6)
    totals = apportion(city.profile.count("residents"), by_community * fullness)
    city.residents = pd.Series(
        apportion_within(totals, weight, community), index=buildings.index, name="residents"
    )
