"""The streets of one town as a connected graph, with what stands along them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from sample_gis.city import City, Terrain

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]

#: Share of a building's floor area that draws water like a dwelling's.
_WATER_USE = {
    "apartment": 1.0, "house": 0.8, "village": 0.8, "shop": 0.45, "school": 0.3, "civic": 0.3,
    "commercial": 0.3,
}  # fmt: skip
_OTHER_USE = 0.1
#: Wavelengths of relief that a town's streets are levelled over, metres.
_GRADING_M = 300.0


@dataclass(frozen=True)
class Streets:
    """Streets of one town, only the largest connected part; nodes and edges are numbered from 0.

    Attributes
    ----------
    town : str
        9-digit code.
    built_up_m2 : float
        Area of the town's built-up area.
    lines : ndarray of LineString
        One for each edge, from node ``start`` to node ``end``.
    code : ndarray of str
        Code of the road of each edge.
    rank : ndarray of int
        Class of the road, 0 to 4.
    start, end : ndarray of int
        Node numbers.
    length_m : ndarray of float
    xy : ndarray of float, shape (nodes, 2)
    ground_m : ndarray of float
        Ground level of each node as graded, 1985国家高程基准.
    ground : GradedGround
        The same for any other point.
    floor_m2 : ndarray of float
        Floor area along each edge, weighted by its use of water.
    industry_m2 : ndarray of float
        Floor area of factories along each edge.
    year : ndarray of int
        Year in which the street was laid out: that of its first house.
    """

    town: str
    built_up_m2: float
    lines: NDArray[np.object_]
    code: NDArray[np.object_]
    rank: Indices
    start: Indices
    end: Indices
    length_m: Numbers
    xy: Numbers
    ground_m: Numbers
    ground: GradedGround
    floor_m2: Numbers
    industry_m2: Numbers
    year: Indices

    @property
    def degree(self) -> Indices:
        """Number of edges at each node."""
        return np.bincount(np.concatenate([self.start, self.end]), minlength=len(self.xy))

    def neighbours(self, usable: NDArray[np.bool_]) -> list[list[tuple[int, int]]]:
        """Return (edge, other node) of each node over the usable edges, in the order of the edges."""
        near: list[list[tuple[int, int]]] = [[] for _ in range(len(self.xy))]
        for edge in np.flatnonzero(usable).tolist():
            a, b = int(self.start[edge]), int(self.end[edge])
            near[a].append((edge, b))
            near[b].append((edge, a))
        return near

    def nodes_up_to(self, rank: int) -> Indices:
        """Return the nodes that touch a street of this class or a higher one; all nodes where none does."""
        chosen = self.rank <= rank
        nodes = np.unique(np.concatenate([self.start[chosen], self.end[chosen]]))
        return nodes if len(nodes) else np.arange(len(self.xy))


class GradedGround:
    """Ground of towns after levelling: streets are not built over every hump.

    Without it a sewer under raw relief would need a pump at each dip.
    """

    def __init__(self, terrain: Terrain) -> None:
        self._grid = terrain.grid
        self._height = gaussian_filter(terrain.height_m, _GRADING_M / terrain.grid.step)

    def at(self, x: Numbers, y: Numbers) -> Numbers:
        """Return levels in metres, 1985国家高程基准."""
        column = (np.asarray(x) - self._grid.west) / self._grid.step - 0.5
        row = (self._grid.north - np.asarray(y)) / self._grid.step - 0.5
        levels = map_coordinates(self._height, np.vstack([row, column]), order=1, mode="nearest")
        return np.asarray(np.round(levels, 3), dtype=float)


def streets_of_towns(city: City) -> list[Streets]:
    """Return the street graph of each town that has one, in the order of the towns."""
    ground = GradedGround(city.terrain)
    along = _along_edges(city)
    roads = city.roads
    town_of_road = roads["town"].to_numpy(dtype=object)
    found = []
    for town in city.towns.index:
        own = np.flatnonzero(town_of_road == town)
        if len(own):
            own = own[_largest_part(roads["from_node"].to_numpy()[own], roads["to_node"].to_numpy()[own])]
            area = float(shapely.area(city.towns.loc[town, "built_up"]))
            found.append(_graph(city, str(town), own, ground=ground, built_up_m2=area, along=along))
    return found


def _largest_part(start: Indices, end: Indices) -> NDArray[np.bool_]:
    nodes, where = np.unique(np.concatenate([start, end]), return_inverse=True)
    a, b = where[: len(start)], where[len(start) :]
    _, label = connected_components(coo_matrix((np.ones(len(a)), (a, b)), (len(nodes), len(nodes))), False)
    return np.asarray(label[a] == np.bincount(label[a]).argmax())


def _graph(
    city: City,
    town: str,
    own: Indices,
    *,
    ground: GradedGround,
    built_up_m2: float,
    along: tuple[Numbers, Numbers, Indices],
) -> Streets:
    roads = city.roads.iloc[own]
    lines = roads.geometry.to_numpy()
    _, where = np.unique(
        np.concatenate([roads["from_node"].to_numpy(), roads["to_node"].to_numpy()]), return_inverse=True
    )
    start, end = where[: len(own)], where[len(own) :]
    xy = np.zeros((where.max() + 1, 2))
    xy[start] = shapely.get_coordinates(shapely.get_point(lines, 0))
    xy[end] = shapely.get_coordinates(shapely.get_point(lines, -1))
    floor, industry, year = along
    return Streets(
        town=town,
        built_up_m2=built_up_m2,
        lines=lines,
        code=roads["code"].to_numpy(dtype=object),
        rank=roads["class"].to_numpy(dtype=np.int64),
        start=start.astype(np.int64),
        end=end.astype(np.int64),
        length_m=shapely.length(lines),
        xy=xy,
        ground_m=ground.at(xy[:, 0], xy[:, 1]),
        ground=ground,
        floor_m2=floor[own],
        industry_m2=industry[own],
        year=year[own],
    )


def _along_edges(city: City) -> tuple[Numbers, Numbers, Indices]:
    """Give each building in a town to its nearest street; return floor area, factories' and year per road."""
    roads, buildings = city.roads, city.buildings
    in_town = np.flatnonzero(roads["town"].to_numpy(dtype=object) != "")
    mine = buildings[buildings["block"].to_numpy() >= 0]
    floor, industry = np.zeros(len(roads)), np.zeros(len(roads))
    year = np.zeros(len(roads), np.int64)
    if not len(in_town):
        return floor, industry, year
    tree = shapely.STRtree(roads.geometry.to_numpy()[in_town])
    road = in_town[tree.nearest(shapely.centroid(mine.geometry.to_numpy()))]
    area = shapely.area(mine.geometry.to_numpy()) * mine["floors"].to_numpy(dtype=float)
    use = mine["use"].astype(str)
    np.add.at(floor, road, area * use.map(_WATER_USE).fillna(_OTHER_USE).to_numpy(dtype=float))
    factory = (use == "factory").to_numpy()
    np.add.at(industry, road[factory], area[factory])
    oldest = np.full(len(roads), np.inf)
    np.minimum.at(oldest, road, mine["built"].to_numpy(dtype=float))
    # A street is laid out with its first houses, one without houses with the average one.
    known = np.isfinite(oldest)
    middle = oldest[known].mean() if known.any() else float(city.as_of.year)
    year[:] = np.round(np.where(known, oldest, middle)).astype(np.int64)
    return floor, industry, year
