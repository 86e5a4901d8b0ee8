"""Names of streets in the local manner, each once in a town, and of the roads between towns.

Edges that run on with a turn of at most 30 degrees share a name. The first streets of a town get a stem of
their own (胜利路); when stems run out, a street takes the stem of the nearest street and the side on which it
lies (胜利东路); lanes are counted off the street beside them (胜利三巷).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from sample_gis.roads.country import COUNTY, TRUNK

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sample_gis.city import City

STRAIGHT_ON = np.cos(np.radians(30))
SHORTEST_STREET = 110.0
LANE = 4
_NUMBERS = "一二三四五六七八九十"


class Street(NamedTuple):
    """Edges that share a name."""

    edges: list[int]
    rank: int
    length: float
    middle: NDArray[np.float64]
    east_west: bool


class _Taken(NamedTuple):
    stem: str
    middle: NDArray[np.float64]


def _partners(city: City) -> dict[tuple[int, int], int]:
    """Return for an edge and one of its nodes the edge that runs on there."""
    roads = city.roads
    lines, classes, towns = roads.geometry.to_numpy(), roads["class"].to_numpy(), roads["town"].to_numpy()
    ends = np.column_stack([roads["from_node"], roads["to_node"]])
    out: dict[int, list[tuple[int, NDArray[np.float64]]]] = defaultdict(list)
    near = shapely.line_interpolate_point(lines, np.minimum(30.0, shapely.length(lines) / 2))
    far = shapely.line_interpolate_point(
        lines, np.maximum(shapely.length(lines) - 30.0, shapely.length(lines) / 2)
    )
    for k, node_of in enumerate(ends):
        first, last = shapely.get_coordinates(lines[k])[[0, -1]]
        for node, start, ahead in ((node_of[0], first, near[k]), (node_of[1], last, far[k])):
            way = shapely.get_coordinates(ahead)[0] - start
            out[int(node)].append((k, way / max(float(np.hypot(*way)), 1e-9)))
    partners: dict[tuple[int, int], int] = {}
    for node in sorted(out):
        pairs = [
            (round(float(-a @ b), 4), one, two)
            for i, (one, a) in enumerate(out[node])
            for two, b in out[node][i + 1 :]
            if one != two and classes[one] == classes[two] and towns[one] == towns[two]
        ]
        for straight, one, two in sorted(pairs, reverse=True):
            if straight > STRAIGHT_ON and (one, node) not in partners and (two, node) not in partners:
                partners[one, node], partners[two, node] = two, one
    return partners


def _streets(city: City) -> list[Street]:
    """Return through streets, highest class and longest first."""
    roads = city.roads
    partners = _partners(city)
    ends = np.column_stack([roads["from_node"], roads["to_node"]]).tolist()
    lines, classes = roads.geometry.to_numpy(), roads["class"].to_numpy()
    seen: set[int] = set()
    streets = []
    for start in range(len(roads)):
        if start in seen:
            continue
        chain = [start]
        seen.add(start)
        for end in ends[start]:
            edge, node = start, end
            while (following := partners.get((edge, node), start)) not in seen:
                seen.add(following)
                chain.append(following)
                edge = following
                node = ends[edge][1] if ends[edge][0] == node else ends[edge][0]
        whole = shapely.union_all(lines[chain])
        west, south, east, north = whole.bounds
        middle = np.round([(west + east) / 2, (south + north) / 2], 2)
        rank = int(classes[start])
        streets.append(
            Street(sorted(chain), rank, round(whole.length, 1), middle, east - west > north - south)
        )
    return sorted(streets, key=lambda one: (one.rank, -one.length, one.edges[0]))


def _suffix(street: Street) -> str:
    if street.rank <= COUNTY:
        return "大道" if street.length > 1500 else "路"
    return "街" if street.rank == 3 and street.east_west else "路"


def _side(street: Street, of: _Taken) -> str:
    east, north = street.middle - of.middle
    if abs(east) > abs(north):
        return "东" if east > 0 else "西"
    return "北" if north > 0 else "南"


class _TownNames:
    """Hands out the names of one town's streets."""

    def __init__(self, stems: list[str]) -> None:
        self._fresh = stems
        self._named: list[_Taken] = []
        self._used: set[str] = set()

    def _first_free(self, street: Street, build: Callable[[_Taken], list[str]]) -> str:
        """Return the first unused name that is built on the stem of a street near by."""
        by_distance = sorted(
            self._named, key=lambda one: round(float(np.hypot(*(one.middle - street.middle))), 1)
        )
        for taken in by_distance:
            for name in build(taken):
                if name not in self._used:
                    self._used.add(name)
                    return name
        return ""

    def name(self, street: Street) -> str:
        """Return a name that no other street of the town has."""
        if street.rank == LANE and self._named:
            return self._first_free(street, lambda taken: [f"{taken.stem}{k}巷" for k in _NUMBERS])
        suffix = _suffix(street)
        if self._fresh:
            stem = self._fresh.pop(0)
            self._named.append(_Taken(stem, street.middle))
            self._used.add(stem + suffix)
            return stem + suffix
        sided = self._first_free(street, lambda taken: [f"{taken.stem}{_side(street, taken)}{suffix}"])
        return sided or self._first_free(street, lambda taken: [f"{taken.stem}{k}{suffix}" for k in _NUMBERS])


def _stems(city: City, number: int) -> list[str]:
    """Return the stems of a town: its own name first, the others in an order of this seed."""
    own = "叶集" if number == 0 else city.towns["name"].iloc[number][:2]
    words = [word for word in city.layout.street_names if word != own]
    order = np.argsort(city.noise.uniform(np.arange(len(words)), number, salt=501), kind="stable")
    return [own, *(words[k] for k in order)]


def _between_towns(city: City, street: Street) -> str:
    """Return the name of a country road: a trunk road by its number, a county road by the towns it joins."""
    ref = city.roads["ref"].iloc[street.edges[0]]
    if ref:
        return f"{ref[1:]}{'国道' if ref.startswith('G') else '省道'}"
    if street.rank != COUNTY or street.length < 600:
        return ""
    whole = shapely.union_all(city.roads.geometry.to_numpy()[street.edges])
    away = shapely.distance(city.towns["seat"].to_numpy(), whole).round(1)
    one, two = sorted(np.argsort(away, kind="stable")[:2].tolist())
    names = ["叶集", *city.towns["name"].iloc[1:]]
    return f"{names[one][0]}{names[two][0]}路"


def make(city: City) -> None:
    """Fill the names of roads."""
    names = np.full(len(city.roads), "", dtype=object)
    pools = {code: _TownNames(_stems(city, number)) for number, code in enumerate(city.towns.index)}
    towns = city.roads["town"].to_numpy(dtype=object)
    for street in _streets(city):
        town = towns[street.edges[0]]
        if town and (street.length >= SHORTEST_STREET or street.rank == TRUNK):
            names[street.edges] = pools[town].name(street)
        elif not town and street.rank <= COUNTY:
            names[street.edges] = _between_towns(city, street)
    city.roads["name"] = names
