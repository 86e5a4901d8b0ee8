"""The small town with people, regions, addresses and a short year of incidents."""

from __future__ import annotations

import geopandas as gpd
import shapely

from sample_gis.city import City
from sample_gis.incidents import incidents
from sample_gis.layout import read_layout
from sample_gis.people import dwellings, population, statistics
from sample_gis.places import addresses, key_places, legal_entities, place_names
from sample_gis.regions import administrative, extents, governance_grids, neighbour_units, unit_grids
from sample_gis.safety import hazards, policing, regulated, resources, shelters
from sample_gis.upkeep import outdoor_ads, parts
from tests.sample_gis.small_town import SOUTH, WEST, small_town

RESIDENTS, INCIDENTS, GRIDS = 4_321, 4_000, 9

THEMES = (
    dwellings, population, administrative, unit_grids, governance_grids, neighbour_units, extents, addresses,
    place_names, key_places, legal_entities, statistics, resources, shelters, hazards, policing, regulated,
    parts, outdoor_ads, incidents,
)  # fmt: skip


def lived_in_town() -> City:
    """Return the town after all themes of people, places and incidents."""
    figures = {
        "residents": RESIDENTS,
        "mobile_users": 4_000,
        "incidents": INCIDENTS,
        "governance_grids": GRIDS,
    }
    city = small_town(**figures)
    city.layout = read_layout("yeji")
    city.station = shapely.Point(WEST + 900, SOUTH - 1_450)
    city.faces = gpd.GeoDataFrame(
        city.blocks[["use", "town", "centrality"]], geometry=city.blocks["face"].to_list(), crs=city.crs
    )
    city.forests = gpd.GeoDataFrame(
        geometry=[shapely.box(WEST - 2_500, SOUTH - 2_500, WEST - 500, SOUTH - 1_500)], crs=city.crs
    )
    city.grid = city.terrain.grid
    # The river runs through the relief too.
    city.terrain.river_distance_m[city.grid.burn([city.river])] = 0.0
    for theme in THEMES:
        theme.make(city)
    return city
