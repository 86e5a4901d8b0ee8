"""What covers the ground outside towns: forest in the hills, farmland on gentle ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from scipy import ndimage

from sample_gis.shapes.lines import chaikin

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from sample_gis.city import City

SMALLEST_FOREST = 1e4
SMALLEST_FIELDS = 2e4
STEPS_OF_THE_RASTER = 42.0


def _forest(city: City) -> NDArray[np.bool_]:
    """Return where forest grows: hills, slopes and noise; a plain height would look cut with scissors."""
    grid, terrain = city.grid, city.terrain
    x, y = grid.centres
    area = terrain.catchment_m2.reshape(grid.shape)
    cover = np.clip(terrain.hilliness * 1.6, 0, 0.75) + np.clip(terrain.slope * 3.2, 0, 0.35)
    cover += 0.34 * city.noise.fractal(x / 1500, y / 1500, salt=201, octaves=5, gain=0.6)
    # Valleys of small streams are cleared for fields.
    cover -= 0.35 * np.exp(-np.abs(np.log10(area) - 7) * 1.5) * (area > 1e6)
    return np.asarray(np.round(ndimage.gaussian_filter((cover > 0.52) * 1.0, 0.6), 6) > 0.5)


def _rounded(patch: BaseGeometry) -> BaseGeometry:
    """Take the steps of the raster away."""
    rings = shapely.get_parts(shapely.get_rings(patch.simplify(STEPS_OF_THE_RASTER)))
    outer, *holes = (chaikin(shapely.get_coordinates(ring), 2) for ring in rings)
    return shapely.Polygon(outer, holes).buffer(0)


def _patches(
    city: City, mask: NDArray[np.bool_], smallest: float, keep_out: BaseGeometry
) -> list[BaseGeometry]:
    """Return the outlines of a mask, cut along communities so that no patch spans the county."""
    wholes = [
        _rounded(patch) for label, patch in city.grid.outlines(mask) if label and patch.area >= smallest
    ]
    cover = shapely.difference(shapely.union_all(wholes), keep_out)
    parts = shapely.intersection(cover, city.communities.geometry.to_numpy())
    found = [
        part
        for part in shapely.get_parts(shapely.set_precision(parts, 0.01))
        if part.geom_type == "Polygon" and part.area >= smallest
    ]
    return sorted(found, key=lambda part: part.representative_point().coords[0])


def make(city: City) -> None:
    """Set forests and farmland."""
    grid, terrain = city.grid, city.terrain
    forest = _forest(city)
    water = [city.river, *city.reservoirs.geometry]
    towns = list(city.towns["built_up"])
    keep_out = shapely.union_all([*water, *towns])
    city.forests = gpd.GeoDataFrame(geometry=_patches(city, forest, SMALLEST_FOREST, keep_out), crs=city.crs)
    # Fields reach under the rim of the forest and are cut off there: no strip of bare ground lies between.
    deep = ndimage.binary_erosion(forest, iterations=2)
    open_ground = ~deep & (forest | (terrain.slope < 0.12)) & ~grid.burn([*water, *towns])
    # Fields end at the fence of the railway and the ditch of a trunk road: by their lines, not by the raster.
    trunk = city.country_roads.geometry[city.country_roads["class"] == 0]
    ways = [*shapely.buffer(city.railways.geometry, 20), *shapely.buffer(trunk, 18)]
    woods = shapely.union_all([keep_out, *city.forests.geometry, *ways])
    city.farmland = gpd.GeoDataFrame(
        geometry=_patches(city, open_ground, SMALLEST_FIELDS, woods), crs=city.crs
    )
