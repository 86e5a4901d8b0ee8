"""Synthetic outlines of towns and communities: who gets to each place most cheaply, along natural limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from sample_gis.settling.seats import claim_cost, town_claims
from sample_gis.shapes.routing import search

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City

TOLERANCE = 130.0


def _claims(city: City) -> NDArray[np.int32]:
    """Return for each cell the position of its community; limits of towns are walls."""
    grid = city.grid
    x, y = grid.centres
    main = city.country_roads.geometry[city.country_roads["class"] <= 2]
    cost = claim_cost(city, outside=50.0) + 3.5 * grid.burn(main)
    cost += 0.6 * (1 + city.noise.fractal(x / 700, y / 700, salt=71, octaves=3))
    towns = town_claims(city)
    codes = list(city.towns.index)
    sites = shapely.get_coordinates(city.communities["site"])
    result = np.full(towns.size, -1, dtype=np.int32)
    for number, code in enumerate(codes):
        own = np.flatnonzero(city.communities["town"].to_numpy() == code)
        walled = cost + 1e5 * (towns != number)
        found = search(walled, grid.cell(sites[own, 0], sites[own, 1]), step=grid.step)
        here = (towns == number).ravel()
        result[here] = own[found.label[here]]
    return result.reshape(grid.shape)


def make(city: City) -> None:
    """Set the outlines of communities and towns; inside towns they move onto streets later."""
    patches: list[list[shapely.Geometry]] = [[] for _ in range(len(city.communities))]
    for label, patch in city.grid.outlines(_claims(city)):
        patches[label].append(patch)
    whole = np.array([shapely.union_all(parts) for parts in patches], dtype=object)
    simpler = shapely.coverage_simplify(whole, TOLERANCE)
    cut = shapely.intersection(simpler, city.outline, grid_size=0.01)
    shapes = [
        shapely.MultiPolygon([p for p in shapely.get_parts(one) if p.geom_type == "Polygon"]) for one in cut
    ]
    city.communities["geometry"] = gpd.GeoSeries(shapes, index=city.communities.index, crs=city.crs)
    city.communities = city.communities.set_geometry("geometry")
