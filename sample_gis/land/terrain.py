"""The relief: low ridges and valleys that fall to the river and the north, the first hills in the south."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from sample_gis.city import Terrain
from sample_gis.land.drainage import catchments, erode, flood

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City

EROSION_PASSES = 14
MILLIMETRE = 3


def _hilliness(city: City) -> NDArray[np.float64]:
    """Return 0 on the plain to 1 in the southern hills; the edge itself is noisy."""
    x, y = city.grid.centres
    west, south = city.grid.west, city.outline.bounds[1]
    edge = 6900 + 2600 * city.noise.fractal(x / 4200, y / 9000, salt=5, octaves=3)
    inland = np.clip((x - west - 2500) / 5000, 0, 1)
    return np.asarray(np.clip((edge - (y - south)) / 6500, 0, 1) ** 1.3 * inland)


def _raised(city: City, hills: NDArray[np.float64], to_river: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the ground before water has worked on it."""
    noise, grid = city.noise, city.grid
    x, y = grid.centres
    north = np.clip((y - (grid.north - grid.rows * grid.step)) / (grid.rows * grid.step), 0, 1)
    bed = city.layout.base_stage_m - 9 * north
    warp = 0.35 * noise.gradient(x / 2500, y / 2500, salt=32)
    ridges = noise.fractal(x / 3300 + warp, y / 4300, salt=31, octaves=6, gain=0.56)
    height = bed + 6 - north + 0.00055 * np.clip(x - grid.west - 4000, 0, 16000)
    height += 13 * ridges * np.clip(to_river / 3500, 0.15, 1)
    height += 3 * noise.fractal(x / 800, y / 800, salt=33, octaves=4)
    crest = np.abs(noise.fractal(x / 5200, y / 5200, salt=21, octaves=6))
    height += hills * (75 + 95 * crest + 25 * noise.fractal(x / 900, y / 900, salt=41, octaves=4))
    # The flood plain: a flat strip a few metres above the bed, up to the terrace the town stands on.
    terrace = np.clip((to_river - 250) / 2600, 0, 1) ** 0.8
    plain = bed + 3.2 + 2.5 * np.clip(to_river / 900, 0, 1)
    height = np.where(to_river < 2900, plain * (1 - terrace) + height * terrace, height)
    return np.where(to_river <= 0, bed, np.maximum(height, bed + 1.5))


def make(city: City) -> None:
    """Set the terrain: raise it, let water wear it down, and record how it drains."""
    grid = city.grid
    river = grid.burn([city.river])
    to_river = ndimage.distance_transform_edt(~river) * grid.step
    hills = _hilliness(city)
    raised = np.round(_raised(city, hills, to_river), MILLIMETRE)
    height = raised
    for _ in range(EROSION_PASSES):
        filled, receiver, order = flood(np.round(height, MILLIMETRE), river)
        area = catchments(receiver, order, grid.step**2)
        height = np.ascontiguousarray(filled)
        erode(height, receiver, order, area, grid.step)
        height = height + 0.18 * (ndimage.gaussian_filter(height, 1) - height)
    height[river] = raised[river]
    height, receiver, order = flood(np.round(height, MILLIMETRE), river)
    down, across = np.gradient(height, grid.step)
    city.terrain = Terrain(
        grid=grid,
        height_m=height,
        slope=np.asarray(np.round(np.hypot(across, down), 6), dtype=np.float64),
        hilliness=np.round(hills, 6),
        river_distance_m=to_river,
        catchment_m2=catchments(receiver, order, grid.step**2),
        receiver=receiver,
    )
