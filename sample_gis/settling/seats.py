"""Seats of the towns, and the land that each town claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from sample_gis.boundary import town_names
from sample_gis.shapes.routing import search

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City


def claim_cost(city: City, *, outside: float) -> NDArray[np.float64]:
    """Return what a metre costs to a claim on land: limits follow streams, the river, canal and railway."""
    grid, terrain = city.grid, city.terrain
    brooks = city.streams.geometry[city.streams["catchment_km2"] > 3]
    cost = 1 + 5.0 * grid.burn(brooks) + 14 * (terrain.river_distance_m <= 0) + 2.5 * (terrain.slope > 0.06)
    cost += 4 * grid.burn([city.canal]) + 5 * grid.burn(city.railways.geometry)
    return np.asarray(cost + outside * ~grid.burn([city.outline], touched=False))


def town_claims(city: City) -> NDArray[np.int32]:
    """Return for each cell the position in ``city.towns`` of the town that claims it."""
    seats = shapely.get_coordinates(city.towns["seat"])
    handicaps = [city.layout.towns[code].handicap_m for code in city.towns.index]
    found = search(
        claim_cost(city, outside=60.0),
        city.grid.cell(seats[:, 0], seats[:, 1]),
        step=city.grid.step,
        start_costs=handicaps,
    )
    return found.label.reshape(city.grid.shape)


def make(city: City) -> None:
    """Set the towns with their seats; built-up areas and outlines come later."""
    names = town_names(city.profile.county)
    codes = sorted(city.layout.towns)
    seats = city.project([city.layout.towns[code].seat for code in codes])
    city.towns = gpd.GeoDataFrame(
        {
            "name": [names[code] for code in codes],
            "kind": [city.layout.towns[code].kind for code in codes],
            "seat": gpd.GeoSeries(shapely.points(seats), crs=city.crs).to_numpy(),
        },
        index=codes,
        geometry="seat",
        crs=city.crs,
    )
