"""The square of ground that one town grows on, and how far its built-up area reaches."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from scipy import ndimage
from scipy.spatial import cKDTree

from sample_gis.land.streams import CANAL_WIDTH
from sample_gis.shapes.lines import bearings, resampled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City

STEP = 20.0
#: How strongly a road of each class turns streets to its own direction.
_PULL = np.array([1.0, 0.8, 0.35])


@dataclass
class Canvas:
    """One town's square in cells of 20 m; row 0 is the southern one.

    Attributes
    ----------
    number : int
        Position of the town in ``city.towns``; 0 is the county town.
    seat : ndarray of float, shape (2,)
    west, south : float
        Corner of the square.
    radius_m : float
        Radius of a disc as large as the town's built-up area.
    angle : ndarray of float
        Cross-field: one of the four directions that streets take, radians.
    reach : ndarray of float
        1 at the edge of the built-up area, less inside; infinite in water and outside the county.
    main_roads : GeoDataFrame
        Regional roads in the square: ``class``, ``ref``.
    """

    number: int
    code: str
    seat: NDArray[np.float64]
    west: float
    south: float
    size: int
    radius_m: float
    angle: NDArray[np.float64]
    reach: NDArray[np.float64]
    main_roads: gpd.GeoDataFrame

    @property
    def inside(self) -> NDArray[np.bool_]:
        """The built-up area."""
        return self.reach < 1

    def centres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """X and y of the middles of all cells."""
        x = self.west + (np.arange(self.size) + 0.5) * STEP
        y = self.south + (np.arange(self.size) + 0.5) * STEP
        across, up = np.meshgrid(x, y)
        return across, up

    def centrality(self, x: float, y: float) -> float:
        """Return 0 at the seat, 1 at the distance where the rim would be if the town were round."""
        return math.hypot(x - self.seat[0], y - self.seat[1]) / self.radius_m

    def reach_at(self, x: float, y: float) -> float:
        """Return the reach at a point; infinite outside the square."""
        row, column = int((y - self.south) // STEP), int((x - self.west) // STEP)
        if 0 <= row < self.size and 0 <= column < self.size:
            return float(self.reach[row, column])
        return math.inf


def _along_roads(roads: gpd.GeoDataFrame) -> tuple[NDArray[np.float64], ...]:
    """Return points every 40 m along roads, their direction and pull."""
    points, angles, pulls = [], [], []
    for line, rank in zip(roads.geometry, roads["class"], strict=True):
        at = resampled(shapely.get_coordinates(line), 40.0)
        points.append(at)
        angles.append(bearings(at))
        pulls.append(np.full(len(at), _PULL[rank]))
    return np.vstack(points), np.concatenate(angles), np.concatenate(pulls)


def _cross_field(
    city: City, number: int, across: NDArray[np.float64], up: NDArray[np.float64], roads: gpd.GeoDataFrame
) -> NDArray[np.float64]:
    """Sum directions as w·exp(4iθ), so that a direction and its right angle are the same; return θ."""
    cells = np.column_stack([across.ravel(), up.ravel()])
    base = math.radians(list(city.layout.towns.values())[number].bearing)
    total = np.full(len(cells), 0.22 * np.exp(4j * base))
    points, angles, pulls = _along_roads(roads)
    tree = cKDTree(points)
    for rank in (1, 7, 13):
        apart, at = (one[:, 0] for one in tree.query(cells, k=[rank]))
        total += pulls[at] * np.exp(-apart / 450) * np.exp(4j * angles[at])
    river = resampled(shapely.get_coordinates(city.river_line), 60.0)
    apart, at = cKDTree(river).query(cells)
    total += 0.9 * np.exp(-apart / 700) * np.exp(4j * bearings(river)[at])
    field = total.reshape(across.shape)
    smooth = ndimage.gaussian_filter(field.real, 9) + 1j * ndimage.gaussian_filter(field.imag, 9)
    wobble = np.radians(11) * city.noise.gradient(across / 1100, up / 1100, salt=81 + number)
    return np.asarray(np.round(np.angle(smooth) / 4 + wobble, 6))


def _reach(
    city: City, number: int, across: NDArray[np.float64], up: NDArray[np.float64], roads: gpd.GeoDataFrame
) -> NDArray[np.float64]:
    """Return distance from the seat, shrunk along roads and frayed by noise, as a share of the edge's."""
    town = list(city.layout.towns.values())[number]
    seat = shapely.get_coordinates(city.towns["seat"].iloc[number])[0]
    cells = np.column_stack([across.ravel(), up.ravel()])
    to_road = cKDTree(_along_roads(roads)[0]).query(cells)[0].reshape(across.shape)
    frayed = 1 + 0.3 * city.noise.fractal(across / 1300, up / 1300, salt=91 + number, octaves=4)
    reach = np.hypot(across - seat[0], up - seat[1]) * frayed
    reach *= 0.72 + 0.28 * np.clip(to_road / 500, 0, 1)
    wet = shapely.union_all([city.river.buffer(70), city.canal.buffer(CANAL_WIDTH / 2 + 70)])
    wet = shapely.union_all([wet, *city.reservoirs.geometry.buffer(70)])
    shapely.prepare(wet)
    shore = city.outline.buffer(-60)
    shapely.prepare(shore)
    reach = np.round(reach, 2)
    reach[shapely.contains_xy(wet, across, up) | ~shapely.contains_xy(shore, across, up)] = np.inf
    edge = np.sort(reach.ravel())[int(town.built_up_km2 * 1e6 / STEP**2)]
    return np.asarray(reach / edge)


def make_canvas(city: City, number: int) -> Canvas:
    """Return the canvas of a town by its position in ``city.towns``."""
    code = city.towns.index[number]
    radius = math.sqrt(city.layout.towns[code].built_up_km2 * 1e6 / math.pi)
    seat = shapely.get_coordinates(city.towns["seat"].iloc[number])[0]
    size = int(2 * radius * 2.3 / STEP)
    west, south = (np.floor((seat - size * STEP / 2) / STEP) * STEP).tolist()
    square = shapely.box(west, south, west + size * STEP, south + size * STEP)
    roads = city.country_roads[city.country_roads["class"] <= 2]
    roads = roads.iloc[np.sort(roads.sindex.query(square))]
    canvas = Canvas(
        number, code, seat, west, south, size, radius, np.empty(0), np.empty(0), roads.clip(square, sort=True)
    )
    across, up = canvas.centres()
    canvas.angle = _cross_field(city, number, across, up, roads)
    canvas.reach = _reach(city, number, across, up, roads)
    return canvas
