"""The spots that incidents fall on, by kind of ground, with weight, road and name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import cKDTree

from geo import cells

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray

    from sample_gis.city import City

CELL_RESOLUTION = 9
# Every neighbourhood has its own ways: the log of its factor for a group of classes has this deviation.
UNEVENNESS = 0.5
STEP_M = 20.0


@dataclass(frozen=True)
class Ground:
    """Spots of one kind.

    Attributes
    ----------
    at : ndarray of float, shape (n, 2)
        Metres.
    weight : ndarray of float, shape (n,)
    road, label, part : ndarray of str, shape (n,)
        Road code, what the spot is called, code of the component; "" for none.
    cell : ndarray of uint64, shape (n,)
        H3 cell, by which neighbourhoods differ.
    spread_m : float
        How far from the spot incidents lie.
    """

    at: NDArray[np.float64]
    weight: NDArray[np.float64]
    road: NDArray[np.object_]
    label: NDArray[np.object_]
    part: NDArray[np.object_]
    cell: NDArray[np.uint64]
    spread_m: float

    def draw(
        self, count: int, unevenness: dict[int, float], random: np.random.Generator, part_major: str = ""
    ) -> NDArray[np.int64]:
        """Draw spots by weight times the factor of their cell; of components one major class where given."""
        unique, member = np.unique(self.cell, return_inverse=True)
        factor = np.array([unevenness.get(int(cell), 1.0) for cell in unique])[member]
        weight = self.weight * factor
        if part_major:
            weight = weight * np.array([part[6:8] == part_major for part in self.part])
        if weight.sum() <= 0:
            weight = self.weight
        edges = np.cumsum(weight)
        found = np.searchsorted(edges, random.random(count) * edges[-1], side="right")
        return np.asarray(found, dtype=np.int64)


def grounds(city: City) -> dict[str, Ground]:
    """Return the spots of each kind of ground; kinds that the city has none of fall back to its streets."""
    known = _Known(city)
    found: dict[str, Ground] = {}
    for name, make in KINDS.items():
        ground = make(city, known)
        if ground is not None and ground.weight.sum() > 0:
            found[name] = ground
    fallback = found.get("streets") or next(iter(found.values()))
    return {name: found.get(name, fallback) for name in KINDS}


class _Known:
    """What several kinds of ground ask for: buildings, what they are called, points along roads."""

    def __init__(self, city: City) -> None:
        self.crs = city.crs
        self.outline = city.outline
        shapely.prepare(self.outline)
        self.middles = shapely.get_coordinates(shapely.centroid(city.buildings.geometry.to_numpy()))
        self.uses = city.buildings["use"].to_numpy()
        self.labels = _labels(city)
        roads = city.roads
        counts = np.maximum(1, np.floor(roads.length.to_numpy() / STEP_M)).astype(np.int64)
        self.edge = np.repeat(np.arange(len(roads)), counts)
        place = np.arange(len(self.edge)) - np.repeat(np.cumsum(counts) - counts, counts)
        share = (place + 0.5) / np.repeat(counts, counts)
        lines = roads.geometry.to_numpy()[self.edge]
        self.along = shapely.get_coordinates(shapely.line_interpolate_point(lines, share, normalized=True))
        shops = self.middles[np.isin(self.uses, ["shop", "commercial"])]
        near = cKDTree(shops).query_ball_point(self.along, 120, return_length=True) if len(shops) else 0
        self.trade = 1 + np.asarray(near) / 6

    def ground(
        self,
        at: NDArray[np.float64],
        weight: NDArray[Any],
        *,
        road: NDArray[np.object_] | None = None,
        label: NDArray[np.object_] | None = None,
        part: NDArray[np.object_] | None = None,
        spread_m: float = 6.0,
    ) -> Ground | None:
        inside = shapely.contains_xy(self.outline, at[:, 0], at[:, 1]) if len(at) else np.zeros(0, dtype=bool)
        if not inside.any():
            return None
        road, label, part = (None if one is None else one[inside] for one in (road, label, part))
        at, weight = at[inside], weight[inside]
        where = gpd.GeoSeries(shapely.points(at), crs=self.crs).to_crs(4326)
        nothing = np.full(len(at), "", dtype=object)
        return Ground(
            at,
            np.asarray(np.round(weight, 4), dtype=float),
            nothing if road is None else road,
            nothing if label is None else label,
            nothing if part is None else part,
            cells.index(where.x.to_numpy(), where.y.to_numpy(), CELL_RESOLUTION),
            spread_m,
        )


def _labels(city: City) -> NDArray[np.object_]:
    """Return street and number of each building, "" where it has no address."""
    known = city.layers["addresses"]
    whole = known[known["unit"].isna()].drop_duplicates("building_code")
    texts = dict(zip(whole["building_code"], whole["street"] + whole["number"], strict=True))
    return np.array([texts.get(code, "") for code in city.buildings["code"]], dtype=object)


def _in_buildings(city: City, known: _Known, uses: tuple[str, ...], by_people: bool) -> Ground | None:
    rows = np.flatnonzero(np.isin(known.uses, uses))
    area = city.buildings.geometry.area.to_numpy()[rows]
    weight = city.residents.to_numpy()[rows].astype(float) if by_people else area**0.7
    return known.ground(known.middles[rows], weight, label=known.labels[rows], spread_m=8.0)


def _on_roads(
    city: City, known: _Known, classes: tuple[int, ...], in_town: bool, worth: tuple[float, ...]
) -> Ground | None:
    roads = city.roads
    own_class = roads["class"].to_numpy()[known.edge]
    inside = (roads["town"].to_numpy() != "")[known.edge] == in_town
    rows = np.flatnonzero(np.isin(own_class, classes) & inside)
    weight = np.array(worth)[own_class[rows]] * (known.trade[rows] if in_town else 1.0)
    names = roads["name"].fillna("").to_numpy(dtype=object)
    refs = roads["ref"].fillna("").to_numpy(dtype=object)
    edge = known.edge[rows]
    label = np.array([names[k] or refs[k] for k in edge], dtype=object)
    codes = roads["code"].to_numpy(dtype=object)[edge]
    return known.ground(known.along[rows], weight, road=codes, label=label)


def _junctions(city: City, known: _Known) -> Ground | None:
    roads = city.roads[(city.roads["class"] <= 2)]
    ends = np.concatenate([roads["from_node"].to_numpy(), roads["to_node"].to_numpy()])
    worth = np.tile(np.array([3.0, 2.5, 1.0])[roads["class"].to_numpy()], 2)
    codes = np.tile(roads["code"].to_numpy(dtype=object), 2)
    names = np.tile(roads["name"].fillna("").to_numpy(dtype=object), 2)
    town = np.tile((roads["town"].to_numpy() != ""), 2)
    nodes, first, member, legs = np.unique(ends, return_index=True, return_inverse=True, return_counts=True)
    weight = np.bincount(member, worth * np.where(town, 1.0, 0.35)) ** 1.5
    kept = legs >= 3
    at = city.road_nodes.loc[nodes[kept], ["x", "y"]].to_numpy()
    label = np.array([f"{name}路口" if name else "" for name in names[first[kept]]], dtype=object)
    return known.ground(at, weight[kept], road=codes[first[kept]], label=label, spread_m=14.0)


def _parks(city: City, known: _Known) -> Ground | None:
    parks = city.blocks[city.blocks["use"] == "park"]
    return _inside(known, parks.geometry.to_numpy(), parks["name"].fillna("").to_numpy(dtype=object))


def _inside(known: _Known, areas: NDArray[np.object_], names: NDArray[np.object_]) -> Ground | None:
    """Return points of a grid of 25 m inside areas."""
    at, label = [], []
    for area, name in zip(areas, names, strict=True):
        west, south, east, north = shapely.bounds(area)
        x, y = np.meshgrid(np.arange(west + 12, east, 25.0), np.arange(south + 12, north, 25.0))
        points = np.column_stack([x.ravel(), y.ravel()])
        points = points[shapely.contains_xy(area, points[:, 0], points[:, 1])]
        at.append(points)
        label += [name] * len(points)
    if not at:
        return None
    points = np.vstack(at)
    return known.ground(points, np.ones(len(points)), label=np.array(label, dtype=object))


def _water(city: City, known: _Known) -> Ground | None:
    near = shapely.union_all(city.towns["built_up"].to_numpy()).buffer(800)
    at, label = [], []
    for line, name in ((city.river_line, city.layout.river.name), (city.canal, city.layout.canal.name)):
        for part in shapely.get_parts(line.intersection(near)):
            share = np.arange(25.0, part.length, 50.0)
            points = shapely.get_coordinates(shapely.line_interpolate_point(part, share))
            at.append(points)
            label += [f"{name}沿岸"] * len(points)
    ponds = city.ponds.geometry[city.ponds.intersects(near)]
    at.append(shapely.get_coordinates(shapely.point_on_surface(ponds.to_numpy())).reshape(-1, 2))
    label += ["水塘"] * len(ponds)
    points = np.vstack(at)
    return known.ground(points, np.ones(len(points)), label=np.array(label, dtype=object), spread_m=12.0)


def _parts(city: City, known: _Known) -> Ground | None:
    parts = city.layers.get("parts")
    if parts is None:
        return None
    at = np.column_stack([parts.geometry.x, parts.geometry.y])
    codes, labels = (parts[name].fillna("").to_numpy(dtype=object) for name in ("code", "place"))
    return known.ground(at, np.ones(len(parts)), label=labels, part=codes, spread_m=0.0)


# Weights of road classes 0 to 4.
_TOWN = (1.2, 1.5, 1.2, 1.0, 0.6)
_COUNTRY = (3.0, 2.0, 0.8, 0.3, 0.2)

KINDS: dict[str, Callable[[City, _Known], Ground | None]] = {
    "streets": lambda city, known: _on_roads(city, known, (0, 1, 2, 3, 4), True, _TOWN),
    "main": lambda city, known: _on_roads(city, known, (0, 1, 2), True, _TOWN),
    "country": lambda city, known: _on_roads(city, known, (2, 3, 4), False, (0, 0, 1.5, 1.0, 1.0)),
    "country_main": lambda city, known: _on_roads(city, known, (0, 1, 2), False, _COUNTRY),
    "junctions": _junctions,
    "shops": lambda city, known: _in_buildings(city, known, ("shop", "commercial"), False),
    "homes": lambda city, known: _in_buildings(city, known, ("apartment", "house", "shop"), True),
    "village": lambda city, known: _in_buildings(city, known, ("village",), True),
    "factories": lambda city, known: _in_buildings(city, known, ("factory",), False),
    "parks": _parks,
    "water": _water,
    "parts": _parts,
}
