"""The city made so far: what one theme leaves for the next.

Each theme is a module with one function ``make(city: City) -> None`` that reads what earlier themes left and
adds its own. Geometry here is in metres, in the profile's 3-degree Gauss-Krüger zone; finished layers, in the
columns of the catalogue, are put into ``layers`` and are turned to longitude and latitude once, at the end.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from scipy.ndimage import map_coordinates

from geo.crs import transformer
from sample_gis.beside import Beside
from sample_gis.shapes.noise import Noise

if TYPE_CHECKING:
    from affine import Affine
    from geopandas import GeoDataFrame
    from numpy.typing import ArrayLike, NDArray
    from pandas import DataFrame, Series
    from shapely import LineString, Point, Polygon

    from sample_gis.layout import Layout
    from sample_gis.profile import Profile
    from sample_gis.shapes.raster import Grid

T = TypeVar("T")


@dataclass
class Terrain:
    """The ground on a regular grid; arrays are of the grid's shape, north row first, unless they say flat.

    Attributes
    ----------
    grid : Grid
        Cells of 50 m, with a margin around the county.
    height_m : ndarray of float
        1985国家高程基准 (synthetic); every cell drains to the river or to the rim.
    slope : ndarray of float
        Fall over distance.
    hilliness : ndarray of float
        0 on the plain to 1 in the hills.
    river_distance_m : ndarray of float
        Distance from the river.
    catchment_m2 : ndarray of float, flat
        Area that drains through each cell.
    receiver : ndarray of int, flat
        Cell that each cell drains to, -1 at outlets.
    """

    grid: Grid
    height_m: NDArray[np.float64]
    slope: NDArray[np.float64]
    hilliness: NDArray[np.float64]
    river_distance_m: NDArray[np.float64]
    catchment_m2: NDArray[np.float64]
    receiver: NDArray[np.int32]

    @property
    def transform(self) -> Affine:
        """From column and row to metres in the city's zone."""
        return self.grid.transform

    def at(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
        """Return heights in metres at points, interpolated bilinearly; the rim's height outside the grid."""
        column = (np.asarray(x, dtype=float) - self.grid.west) / self.grid.step
        row = (self.grid.north - np.asarray(y, dtype=float)) / self.grid.step
        at = np.vstack([np.ravel(row) - 0.5, np.ravel(column) - 0.5])
        return np.asarray(map_coordinates(self.height_m, at, order=1, mode="nearest")).reshape(np.shape(x))


@dataclass
class City:
    """Everything that has been made so far.

    Attributes are set by their step; reading one before its step raises AttributeError.

    Attributes
    ----------
    profile : Profile
        The figures that the city is made to, each with its source, and its as-of date.
    outline : Polygon
        Real outline of the county.
    layout : Layout
        Approximate places of the main things.
    grid : Grid
        Cells of 50 m over the county and a margin of 1.5 km, so that nothing ends at the outline.
    terrain : Terrain
        Synthetic relief.
    river, sandbars, canal, streams, ponds, reservoirs :
        Surface water; ``river`` is a polygon and ``river_line`` its middle, ``canal`` is a line, ``streams``
        has ``width_m`` and ``catchment_km2``.
    towns : GeoDataFrame
        Index: 9-digit code. ``name``, ``kind`` (``"street"``, ``"town"``, ``"township"``), ``seat`` (point),
        ``built_up`` (polygon of the built-up area), geometry: synthetic outline.
    communities : GeoDataFrame
        Index: 12-digit code. ``name`` (official), ``short_name`` (without the committee's suffix), ``town``
        (code), ``urban`` (bool), ``site`` (point), geometry: synthetic outline. They tile the county.
    country_roads : GeoDataFrame
        Draft of the roads between places, not yet noded with the streets: ``class``, ``ref``.
    streets : GeoDataFrame
        Draft of the streets of towns: ``class``, ``town``.
    faces : GeoDataFrame
        Faces of the street network in towns, up to street centre lines: ``use``, ``town``, ``centrality``.
    roads : GeoDataFrame
        Noded edges of the whole network, streets and country roads alike: ``code``, ``class`` (0 trunk, 1
        main or county road, 2 secondary or village road, 3 residential street or track, 4 lane), ``ref``,
        ``name``, ``width_m``, ``town`` (town code, "" outside towns), ``from_node``, ``to_node`` (integers
        that equal where edges meet).
    road_nodes : DataFrame
        Index: the nodes of ``roads``; ``x``, ``y``.
    railways : GeoDataFrame
        ``name``, line. ``station`` is the point of the passenger station.
    blocks : GeoDataFrame
        Street blocks of towns: ``use`` (core, self_built, estate, industry, school, civic, mixed, park,
        farm), ``town``, ``centrality`` (0 at the seat, 1 at the rim), ``face`` (polygon up to the street
        centre lines), ``name``, geometry: the block without the rights of way.
    buildings : GeoDataFrame
        ``code``, ``use`` (apartment, house, shop, factory, office, school, civic, commercial, village),
        ``floors``, ``height_m``, ``built`` (year), ``block`` (row number of ``blocks`` or -1), ``name``.
    school_sites : GeoDataFrame
        Compounds of all schools: ``name``, ``kind``, ``block`` (-1 in the country), ``town``.
    sports_fields, forests, farmland : GeoDataFrame
        Ground cover that is shown.
    hamlets : ndarray of float, shape (n, 2)
        Centres of villages outside towns.
    residents : Series of int
        Residents of each building, by the index of ``buildings``; sums to the profile's figure.
    layers : dict of str to GeoDataFrame
        Finished layers by catalogue name, still in metres.
    files : dict of str to GeoDataFrame
        Files as departments hand them in, by name, in the degrees that they state: written beside the data.
    truth : dict
        What was planted, by theme, for analyses to find again; plain values that JSON can hold.
    forks : bool
        True in a process that does nothing but make the city: it may be forked (see `beside`).
    """

    profile: Profile
    outline: Polygon = field(init=False, repr=False)
    layout: Layout = field(init=False, repr=False)
    grid: Grid = field(init=False, repr=False)
    terrain: Terrain = field(init=False, repr=False)
    river: Polygon = field(init=False, repr=False)
    river_line: LineString = field(init=False, repr=False)
    sandbars: GeoDataFrame = field(init=False, repr=False)
    canal: LineString = field(init=False, repr=False)
    streams: GeoDataFrame = field(init=False, repr=False)
    ponds: GeoDataFrame = field(init=False, repr=False)
    reservoirs: GeoDataFrame = field(init=False, repr=False)
    towns: GeoDataFrame = field(init=False, repr=False)
    communities: GeoDataFrame = field(init=False, repr=False)
    country_roads: GeoDataFrame = field(init=False, repr=False)
    streets: GeoDataFrame = field(init=False, repr=False)
    faces: GeoDataFrame = field(init=False, repr=False)
    roads: GeoDataFrame = field(init=False, repr=False)
    road_nodes: DataFrame = field(init=False, repr=False)
    railways: GeoDataFrame = field(init=False, repr=False)
    station: Point = field(init=False, repr=False)
    blocks: GeoDataFrame = field(init=False, repr=False)
    buildings: GeoDataFrame = field(init=False, repr=False)
    school_sites: GeoDataFrame = field(init=False, repr=False)
    sports_fields: GeoDataFrame = field(init=False, repr=False)
    forests: GeoDataFrame = field(init=False, repr=False)
    farmland: GeoDataFrame = field(init=False, repr=False)
    hamlets: NDArray[np.float64] = field(init=False, repr=False)
    residents: Series = field(init=False, repr=False)
    layers: dict[str, GeoDataFrame] = field(default_factory=dict)
    files: dict[str, GeoDataFrame] = field(default_factory=dict)
    truth: dict[str, Any] = field(default_factory=dict)
    forks: bool = False

    @property
    def as_of(self) -> date:
        """The date that the city stands at; "today" for everything shown of it."""
        return self.profile.as_of

    @property
    def crs(self) -> str:
        """Coordinate system that the city is made in, metres."""
        return f"EPSG:{self.profile.crs}"

    @cached_property
    def noise(self) -> Noise:
        """Noise of this seed."""
        return Noise(self.profile.seed)

    def random(self, step: str) -> np.random.Generator:
        """Return the generator of one step: a change in one theme never reshuffles another.

        Parameters
        ----------
        step : str
            Name of the step; the same name and seed always give the same numbers.
        """
        return np.random.default_rng([self.profile.seed, zlib.crc32(step.encode())])

    def beside(self, work: Callable[[], T]) -> Beside[T]:
        """Begin a work that nothing needs before its result is asked for."""
        return Beside(work, fork=self.forks)

    def project(self, points: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
        """Turn longitude and latitude (CGCS2000) into metres of the city's zone, rounded to 1 cm."""
        lon, lat = np.asarray(points, dtype=float).T
        to_zone = transformer(4490, self.profile.crs)
        return np.round(np.column_stack(to_zone.transform(lon, lat)), 2)
