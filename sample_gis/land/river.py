"""The river along the western rim, with its sand bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from sample_gis.shapes.lines import Points, line_through, normals, relaxed, spline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City
    from sample_gis.shapes.noise import Noise

STEP = 40.0


def _middle(city: City) -> Points:
    """Return the middle of the river: the sketch, pushed aside by noise of 1.5 km."""
    line = spline(city.project(city.layout.river.points), STEP)
    along = np.arange(len(line)) * STEP
    aside = 160 * city.noise.fractal(along / 1500, 0 * along, salt=11, octaves=3)
    return relaxed(line + normals(line) * aside[:, None], 10)


def _widths(noise: Noise, count: int) -> NDArray[np.float64]:
    along = np.arange(count) * STEP
    wide = 150 + 70 * noise.fractal(along / 1100, 0 * along + 3.3, salt=12, octaves=3)
    wide += 25 * noise.fractal(along / 260, 0 * along, salt=13, octaves=2)
    return np.asarray(np.clip(wide, 85, 270))


def _sandbars(line: Points, width: NDArray[np.float64], river: shapely.Polygon) -> list[shapely.Geometry]:
    """Return lenses of sand on the inner side of bends."""
    bars: list[shapely.Geometry] = []
    side = normals(line)
    last = -100
    lens = np.sin(np.pi * np.linspace(0, 1, 21)) ** 0.8
    for middle in range(30, len(line) - 30):
        before, after = line[middle] - line[middle - 12], line[middle + 12] - line[middle]
        turn = (before[0] * after[1] - before[1] * after[0]) / (np.hypot(*before) * np.hypot(*after))
        if abs(turn) <= 0.28 or middle - last <= 34:
            continue
        last = middle
        near = np.arange(middle - 10, middle + 11)
        inner = np.sign(turn)
        bank = line[near] + side[near] * (inner * width[near] * 0.5)[:, None]
        edge = line[near] + side[near] * (inner * width[near] * (0.5 - 0.34 * lens))[:, None]
        bars.append(shapely.Polygon(np.vstack([bank, edge[::-1]])).buffer(0).intersection(river))
    return bars


def make(city: City) -> None:
    """Set the river, its middle line and its sand bars."""
    line = _middle(city)
    width = _widths(city.noise, len(line))
    side = normals(line)
    left, right = line + side * width[:, None] / 2, line - side * width[:, None] / 2
    banks = shapely.set_precision(shapely.Polygon(np.vstack([left, right[::-1]])).buffer(0), 0.01)
    city.river = max(shapely.get_parts(banks), key=lambda part: part.area)
    city.river_line = line_through(line)
    city.sandbars = gpd.GeoDataFrame(geometry=_sandbars(line, width, city.river), crs=city.crs)
