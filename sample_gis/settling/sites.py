"""Sites of the communities: evenly over each town, densest near its seat.

True positions are unknown. The official residents' committees (社区) take the sites nearest to the seat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import cKDTree

from sample_gis.boundary import Community, community_list
from sample_gis.settling.seats import town_claims

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City

SAMPLES = 1500
ROUNDS = 25
# How far from a seat communities stay dense and how much, for the county town, the second town, others.
REACH_M = (2300.0, 900.0, 800.0)
DENSER = (22.0, 5.0, 5.0)
IN_TOWN = 1200.0


def _spread_over(city: City, town: int, cells: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Return ``count`` sites: weighted k-means from a farthest-point start."""
    noise = city.noise
    seat = shapely.get_coordinates(city.towns["seat"].iloc[town])[0]
    away = np.hypot(*(city.grid.points(cells) - seat).T)
    rank = min(town, 2)
    weight = 1 + DENSER[rank] * np.exp(-((away / REACH_M[rank]) ** 2))
    draw = np.round(noise.uniform(cells, town, salt=15) ** (1 / weight), 9)
    chosen = cells[np.argsort(-draw, kind="stable")[:SAMPLES]]
    points = city.grid.points(chosen)
    sites: NDArray[np.float64] = seat[None, :]
    for number in range(1, count):
        far = cKDTree(sites).query(points)[0] * (0.6 + 0.4 * noise.uniform(chosen, number, salt=3))
        sites = np.vstack([sites, points[np.argmax(np.round(far, 2))]])
    for _ in range(ROUNDS):
        nearest = cKDTree(sites).query(points)[1]
        sites = np.array(
            [points[nearest == k].mean(axis=0) if (nearest == k).any() else sites[k] for k in range(count)]
        ).round(2)
    return sites


def make(city: City) -> None:
    """Set the communities with their sites; outlines come later."""
    claims = town_claims(city)
    dry = city.grid.burn([city.outline], touched=False)
    dry &= ~city.grid.burn([city.river, *city.reservoirs.geometry])
    hamlets = cKDTree(city.hamlets)
    town_of_hamlet = claims.ravel()[city.grid.cell(*city.hamlets.T)]
    rows: list[tuple[Community, NDArray[np.float64]]] = []
    taken: set[int] = set()
    for town, (code, seat) in enumerate(city.towns["seat"].items()):
        listed = [one for one in community_list(city.profile.county) if one.town == code]
        listed.sort(key=lambda one: (not one.urban, one.code))
        cells = np.flatnonzero(((claims == town) & dry).ravel())
        sites = _spread_over(city, town, cells, len(listed))
        away = np.hypot(sites[:, 0] - seat.x, sites[:, 1] - seat.y).round(2)
        for community, at in zip(listed, np.argsort(away, kind="stable"), strict=True):
            site = sites[at]
            if away[at] > IN_TOWN:
                near = next(
                    int(k)
                    for k in hamlets.query(site, k=min(200, len(city.hamlets)))[1]
                    if int(k) not in taken and town_of_hamlet[k] == town
                )
                taken.add(near)
                site = city.hamlets[near]
            rows.append((community, site))
    rows.sort(key=lambda row: row[0].code)
    points = gpd.GeoSeries(shapely.points(np.array([site for _, site in rows])), crs=city.crs)
    city.communities = gpd.GeoDataFrame(
        {
            "name": [one.name for one, _ in rows],
            "short_name": [one.short_name for one, _ in rows],
            "town": [one.town for one, _ in rows],
            "urban": [one.urban for one, _ in rows],
            "site": points.to_numpy(),
        },
        index=[one.code for one, _ in rows],
        geometry="site",
        crs=city.crs,
    )
