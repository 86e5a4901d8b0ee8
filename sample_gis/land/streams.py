"""Streams along the valleys, and the contour canal of the irrigation district."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from sample_gis.shapes.lines import chaikin, chains, line_through, normals, relaxed, resampled
from sample_gis.shapes.routing import search

if TYPE_CHECKING:
    from sample_gis.city import City
    from sample_gis.shapes.lines import Points

CATCHMENT_OF_A_STREAM = 2.4e6
CANAL_WIDTH = 28.0
CANAL_FALL = 0.00012


def _meandering(city: City, cells: list[int], catchment: float) -> Points:
    line = city.grid.points(cells)
    if len(line) < 4:
        return line
    line = resampled(relaxed(line, 18, 0.6), 30.0)
    along = np.arange(len(line)) * 30.0
    swing = np.minimum(60, 24 + catchment / 1.5e6) * np.sin(np.pi * np.linspace(0, 1, len(line))) ** 0.5
    aside = swing * city.noise.fractal(along / 330 + cells[0] % 97, 0 * along, salt=51, octaves=3)
    return chaikin(line + normals(line) * aside[:, None])


def _streams(city: City) -> gpd.GeoDataFrame:
    terrain = city.terrain
    dry = terrain.river_distance_m.ravel() > 0
    wet = (terrain.catchment_m2 > CATCHMENT_OF_A_STREAM) & dry & (terrain.receiver >= 0)
    cells = np.flatnonzero(wet)
    edges = [(int(cell), int(terrain.receiver[cell]), 0) for cell in cells]
    lines, areas = [], []
    for chain, _ in chains(edges):
        # A chain may end in the river, whose catchment is no stream's.
        own = [cell for cell in chain if dry[cell]]
        catchment = float(terrain.catchment_m2[own].max())
        lines.append(line_through(_meandering(city, chain, catchment)))
        areas.append(catchment / 1e6)
    width = np.round(np.clip(2.2 * np.sqrt(areas), 3, 26), 1)
    return gpd.GeoDataFrame(
        {"width_m": width, "catchment_km2": np.round(areas, 3)}, geometry=lines, crs=city.crs
    )


def _canal(city: City) -> shapely.LineString:
    """Return the least-cost way that keeps close to a gently falling level."""
    grid, terrain, sketch = city.grid, city.terrain, city.layout.canal
    x, y = grid.centres
    start, end = city.project([sketch.start, sketch.end])
    level = sketch.level_m - CANAL_FALL * np.hypot(x - start[0], y - start[1])
    cost = 1 + 0.015 * (terrain.height_m - level) ** 2
    cost += 60 * (terrain.river_distance_m <= 0) + 4 * ~grid.burn([city.outline], touched=False)
    found = search(cost, [grid.cell(*start)], step=grid.step, target=int(grid.cell(*end)))
    way = grid.points(found.way_to(int(grid.cell(*end))))
    return line_through(chaikin(relaxed(resampled(way, 60.0), 25)))


def make(city: City) -> None:
    """Set the streams and the canal."""
    city.streams = _streams(city)
    city.canal = _canal(city)
