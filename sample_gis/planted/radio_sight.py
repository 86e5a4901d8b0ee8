"""What stands between antennas and places: relief and buildings over the line of sight."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from sample_gis.planted.radio_levels import USER_M

if TYPE_CHECKING:
    from sample_gis.city import City

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]

_STEPS = np.linspace(0, 1, 82)[1:-1]


class Over(NamedTuple):
    """How far relief and roofs rise over lines, metres; negative where clear. ``house`` is the highest."""

    relief_m: Numbers
    roofs_m: Numbers
    house: Indices

    @property
    def free(self) -> NDArray[np.bool_]:
        """Whether nothing stands between."""
        return np.asarray((self.relief_m < 0) & (self.roofs_m < 0))


class Sight:
    """Lines of sight past the relief and the buildings of a city as they stand."""

    def __init__(self, city: City) -> None:
        self._terrain = city.terrain
        self._shapes = city.buildings.geometry.to_numpy()
        self._tree = shapely.STRtree(self._shapes)
        middle = shapely.get_coordinates(shapely.centroid(self._shapes))
        height = city.buildings["height_m"].to_numpy(dtype=float)
        self._roof = city.terrain.at(middle[:, 0], middle[:, 1]) + height

    def over(self, antennas: Numbers, height_m: Numbers, places: Numbers) -> Over:
        """Return what rises over the line from each antenna to a telephone at each place.

        Parameters
        ----------
        antennas, places : ndarray of float, shape (n, 2)
        height_m : ndarray of float
            Of the antennas, above the ground.
        """
        top = self._terrain.at(antennas[:, 0], antennas[:, 1]) + height_m
        low = self._terrain.at(places[:, 0], places[:, 1]) + USER_M
        way = antennas[:, None] + (places - antennas)[:, None] * _STEPS[None, :, None]
        ground = self._terrain.at(way[..., 0], way[..., 1])
        line = top[:, None] + (low - top)[:, None] * _STEPS
        relief = (ground - line).max(axis=1, initial=-np.inf)
        return Over(np.asarray(relief), *self._roofs(antennas, places, top, low))

    def _roofs(
        self, antennas: Numbers, places: Numbers, top: Numbers, low: Numbers
    ) -> tuple[Numbers, Indices]:
        lines = np.asarray(shapely.linestrings(np.stack([antennas, places], axis=1)), dtype=object)
        line, house = self._tree.query(lines, predicate="intersects")
        # The building that an antenna stands on does not hide it.
        own = shapely.intersects_xy(self._shapes[house], antennas[line, 0], antennas[line, 1])
        line, house = line[~own], house[~own]
        crossed = shapely.intersection(lines[line], self._shapes[house])
        # The line falls towards the place, so it is lowest over the building's far end.
        away = 1 - shapely.distance(crossed, shapely.points(places[line])) / shapely.length(lines[line])
        over = self._roof[house] - (top[line] + (low[line] - top[line]) * away)
        order = np.lexsort([house, np.round(over, 3), line])
        found, row = np.full(len(lines), -np.inf), np.full(len(lines), -1, dtype=np.int64)
        found[line[order]], row[line[order]] = over[order], house[order]
        return found, row
