"""Hamlets: one every three to six hundred metres on dry, gentle ground, most with a pond."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from sample_gis.land.ponds import clear_ponds, pond, slumped
from sample_gis.shapes.darts import spread

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely import Polygon

    from sample_gis.city import City

SHARE_WITH_POND = 0.62


def _sites(city: City) -> NDArray[np.float64]:
    grid, terrain, noise = city.grid, city.terrain, city.noise
    suits = np.exp(-terrain.slope / 0.035) * (1 - np.exp(-terrain.river_distance_m / 350))
    suits *= 1 - 0.85 * np.clip(terrain.hilliness * 1.1, 0, 1)
    suits[grid.burn([city.river, *city.reservoirs.geometry])] = 0
    suits[~grid.burn([city.outline.buffer(-150)], touched=False)] = 0
    suits = np.round(suits, 4).ravel()
    cells = np.flatnonzero(suits > 0.12)
    order = np.round(noise.uniform(cells, 77, salt=5) - 0.25 * suits[cells], 6)
    cells = cells[np.argsort(order, kind="stable")]
    apart = 345 + 430 * noise.uniform(cells, 5, salt=6) ** 1.3
    apart *= 1 + 0.9 * terrain.hilliness.ravel()[cells]
    aside = np.column_stack([noise.uniform(cells, k, salt=6) - 0.5 for k in (3, 4)]) * 40
    places = np.round(grid.points(cells) + aside, 2)
    return places[spread(places, apart)]


def _village_ponds(city: City) -> list[Polygon]:
    random = city.random("village ponds")
    ponds = []
    for number, place in enumerate(city.hamlets):
        chance, long, flat = random.random(), random.uniform(11, 30), random.uniform(0.55, 0.95)
        away, angle, turn = random.uniform(28, 55), random.uniform(0, 2 * np.pi), random.uniform(0, np.pi)
        if chance < SHARE_WITH_POND:
            centre = place + (long + away) * np.array([np.cos(angle), np.sin(angle)])
            ponds.append(pond(city, number, centre, long=long, wide=long * flat, angle=turn, dam=False))
    return slumped(ponds)


def make(city: City) -> None:
    """Set the hamlets and add their ponds."""
    city.hamlets = _sites(city)
    ponds = clear_ponds(city, [*city.ponds.geometry, *_village_ponds(city)])
    city.ponds = gpd.GeoDataFrame(geometry=ponds, crs=city.crs)
