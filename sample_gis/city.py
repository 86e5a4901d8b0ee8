"""The city made so far: what one theme leaves for the next.

Each theme is a module with one function ``make(city: City) -> None`` that reads what earlier themes left and
adds its own. Geometry here is in metres, in the profile's 3-degree Gauss-Krüger zone; finished layers, in the
columns of the catalogue, are put into ``layers`` and are turned to longitude and latitude once, at the end.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from affine import Affine
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from shapely import LineString, MultiPolygon, Polygon

    from sample_gis.profile import Profile


@dataclass
class Terrain:
    """Ground heights on a regular grid.

    Attributes
    ----------
    height_m : ndarray of float, shape (rows, columns)
        1985国家高程基准 (synthetic), north row first.
    transform : Affine
        From column and row to metres in the city's zone.
    """

    height_m: NDArray[np.float64]
    transform: Affine

    def at(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return heights in metres at points, interpolated bilinearly; the rim's height outside the grid."""
        from scipy.ndimage import map_coordinates  # noqa: PLC0415

        column, row = ~self.transform * (np.asarray(x), np.asarray(y))
        at = np.vstack([np.ravel(row) - 0.5, np.ravel(column) - 0.5])
        return np.asarray(map_coordinates(self.height_m, at, order=1, mode="nearest")).reshape(np.shape(x))


@dataclass
class City:
    """Everything that has been made so far.

    Attributes
    ----------
    profile : Profile
        The figures that the city is made to, each with its source, and its as-of date.
    outline : Polygon
        Real outline of the county.
    terrain : Terrain
        Synthetic relief.
    river, canal, streams, ponds, reservoirs :
        Surface water. ``streams`` has ``width_m``.
    towns : GeoDataFrame
        Index: 9-digit code. ``name``, ``kind`` (``"street"``, ``"town"``, ``"township"``), ``seat`` (point),
        ``built_up`` (polygon of the built-up area), geometry: synthetic outline.
    communities : GeoDataFrame
        Index: 12-digit code. ``name`` (official), ``short_name`` (without the committee's suffix), ``town``
        (code), ``urban`` (bool), ``site`` (point), geometry: synthetic outline. They tile the county.
    roads : GeoDataFrame
        Noded edges of the whole network, streets and country roads alike: ``code``, ``class`` (0 trunk, 1
        main or county road, 2 secondary or village road, 3 residential street or track, 4 lane), ``ref``,
        ``name``, ``width_m``, ``town`` (town code, "" outside towns), ``from_node``, ``to_node`` (integers that equal
        where edges meet).
    railways : GeoDataFrame
        ``name``, line.
    blocks : GeoDataFrame
        Street blocks of towns: ``use`` (core, self_built, estate, industry, school, civic, mixed, park,
        farm), ``town``, ``centrality`` (0 at the seat, 1 at the rim), ``face`` (polygon up to the street
        centre lines), geometry: the block without the rights of way.
    buildings : GeoDataFrame
        ``code``, ``use`` (apartment, house, shop, factory, office, school, civic, commercial, village),
        ``floors``, ``height_m``, ``built`` (year), ``block`` (row number of ``blocks`` or -1), ``name``.
    sports_fields, forests, farmland : GeoDataFrame
        Ground cover that is shown.
    hamlets : ndarray of float, shape (n, 2)
        Centres of villages outside towns.
    layers : dict of str to GeoDataFrame
        Finished layers by catalogue name, still in metres.
    """

    profile: Profile
    outline: Polygon
    terrain: Terrain | None = None
    river: Polygon | MultiPolygon | None = None
    canal: LineString | None = None
    streams: GeoDataFrame | None = None
    ponds: GeoDataFrame | None = None
    reservoirs: GeoDataFrame | None = None
    towns: GeoDataFrame | None = None
    communities: GeoDataFrame | None = None
    roads: GeoDataFrame | None = None
    railways: GeoDataFrame | None = None
    blocks: GeoDataFrame | None = None
    buildings: GeoDataFrame | None = None
    sports_fields: GeoDataFrame | None = None
    forests: GeoDataFrame | None = None
    farmland: GeoDataFrame | None = None
    hamlets: NDArray[np.float64] | None = None
    layers: dict[str, GeoDataFrame] = field(default_factory=dict)

    @property
    def as_of(self) -> date:
        """The date that the city stands at; "today" for everything shown of it."""
        return self.profile.as_of

    def random(self, step: str) -> np.random.Generator:
        """Return the generator of one step: a change in one theme never reshuffles another.

        Parameters
        ----------
        step : str
            Name of the step; the same name and seed always give the same numbers.
        """
        return np.random.default_rng([self.profile.seed, zlib.crc32(step.encode())])
