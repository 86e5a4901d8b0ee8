"""Houses of hamlets, resettlement rows, and the ribbons along roads."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from scipy.spatial import cKDTree
from shapely import Point, STRtree

from sample_gis.building.standing import Building
from sample_gis.shapes.drawing import Weighted, one_of
from sample_gis.shapes.polygons import Ring, corners

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from sample_gis.city import City

#: A household's unit, metres; a footprint is a row of one to four.
UNIT = 10.4
RIBBON, ROWS, SCATTERED = 0, 1, 2
KINDS = Weighted((RIBBON, ROWS, SCATTERED), (0.45, 0.35, 0.2))
RIBBON_UNITS = Weighted((1, 1, 2, 3), (0.45, 0.25, 0.2, 0.1))
ROW_UNITS = Weighted((1, 2, 3, 4), (0.42, 0.3, 0.18, 0.1))
FLOORS = Weighted((1, 2, 3), (0.33, 0.52, 0.15))
#: From the middle of a road to the middle of a house beside it, by class.
BESIDE = (23.0, 20.0, 15.0)


class House(NamedTuple):
    """A house to be, by its corners; ``new`` where it stands in a resettlement row."""

    ring: Ring
    new: bool


class _Place(NamedTuple):
    """Where a hamlet meets its road."""

    at: NDArray[np.float64]
    road_angle: float
    row_angle: float


def _ribbon(place: _Place, houses: int, random: np.random.Generator) -> list[Ring]:
    """Return houses on both sides of the road, all facing south rather than the road."""
    along = np.array([math.cos(place.road_angle), math.sin(place.road_angle)])
    aside = np.array([-along[1], along[0]])
    square = abs(math.cos(place.row_angle - place.road_angle))
    shapes = []
    for number in range(houses):
        ahead = (number // 2 - houses / 4) * random.uniform(19, 30)
        side = 1 if number % 2 or random.random() < 0.25 else -1
        long = UNIT * RIBBON_UNITS.draw(random)
        away = 7 + 5.5 * square + long / 2 * (1 - square) + random.uniform(0, 5)
        x, y = place.at + along * ahead + aside * side * away
        shapes.append(corners(x, y, long, random.uniform(9, 11.5), place.row_angle + random.normal(0, 0.05)))
    return shapes


def _in_rows(place: _Place, houses: int, kind: int, new: bool, random: np.random.Generator) -> list[Ring]:
    """Return houses in rows behind each other; strict ones in a resettlement point."""
    along = np.array([math.cos(place.row_angle), math.sin(place.row_angle)])
    up = np.array([-along[1], along[0]])
    rows = max(1, round(math.sqrt(houses / 2.2)))
    pitch = random.uniform(17, 23) if kind == ROWS else random.uniform(22, 34)
    in_row = math.ceil(houses / rows)
    shapes = []
    for row in range(rows):
        x = -in_row * 9 + random.uniform(-14, 14)
        for _ in range(in_row):
            long = UNIT * (one_of((3, 4, 5), random) if new else ROW_UNITS.draw(random))
            at = place.at + along * (x + long / 2)
            at = at + up * ((row - (rows - 1) / 2) * pitch + random.normal(0, 0.3 if new else 2.2))
            x += long + (5 if new else random.uniform(3, 12))
            depth = 11.0 if new else random.uniform(9, 11.5)
            angle = place.row_angle + (0 if new else random.normal(0, 0.05))
            if new or random.random() >= 0.12:
                shapes.append(corners(at[0], at[1], long, depth, angle))
    return shapes


def _hamlets(city: City, built_up: BaseGeometry, random: np.random.Generator) -> list[House]:
    roads = city.roads.geometry.to_numpy()
    tree = STRtree(roads)
    sites = cKDTree(shapely.get_coordinates(city.communities["site"]))
    houses = []
    for hamlet in city.hamlets:
        if shapely.intersects_xy(built_up, *hamlet):
            continue
        road = roads[tree.nearest(Point(hamlet))]
        meets = road.project(Point(hamlet))
        ends = shapely.line_interpolate_point(road, [max(meets - 15, 0), min(meets + 15, road.length), meets])
        first, last, at = shapely.get_coordinates(ends).round(2)
        road_angle = math.atan2(last[1] - first[1], last[0] - first[0])
        folded = (road_angle + math.pi / 4) % (math.pi / 2) - math.pi / 4
        row_angle = float(np.clip(folded, -0.5, 0.5)) * 0.8 + random.normal(0, 0.06)
        new = bool(sites.query(hamlet)[0] < 40)
        count = int(random.integers(22, 46)) if new else int(np.clip(random.lognormal(1.8, 0.5), 2, 20))
        kind = ROWS if new else KINDS.draw(random)
        place = _Place(at, road_angle, row_angle)
        rings = _ribbon(place, count, random) if kind == RIBBON else _in_rows(place, count, kind, new, random)
        houses += [House(ring, new) for ring in rings]
    return houses


def _ribbons(city: City, built_up: BaseGeometry, random: np.random.Generator) -> list[House]:
    """Return houses along wider roads: dense at the exits of towns and around community sites."""
    sites = cKDTree(shapely.get_coordinates(city.communities["site"]))
    wide = city.roads[(city.roads["class"] <= 2) & (city.roads["town"] == "")]
    houses = []
    for line, rank in zip(wide.geometry, wide["class"], strict=True):
        x = 0.0
        length = round(line.length, 2)
        drawn = []
        while x < length - 20:
            for side in (-1, 1):
                draw, long = random.random(), one_of((UNIT, 14, 20.8, 31.2, 41.6), random)
                away, depth = BESIDE[rank] + random.uniform(0, 1.5), random.uniform(10, 12)
                drawn.append((x, side, draw, long, away, depth))
            x += random.uniform(44, 52)
        along = np.array([one[0] for one in drawn])
        starts, aheads = (
            shapely.get_coordinates(shapely.line_interpolate_point(line, at)).round(2)
            for at in (along, along + 8)
        )
        to_town = np.round(np.atleast_1d(shapely.distance(built_up, shapely.points(starts))), 2)
        to_site = sites.query(starts)[0].tolist() if drawn else []
        for k, (_, side, draw, long, away, depth) in enumerate(drawn):
            chance = 0.72 * math.exp(-to_town[k] / 420) + 0.55 * math.exp(-to_site[k] / 260) + 0.035
            if to_town[k] > 5 and draw < chance:
                way = (aheads[k] - starts[k]) / 8
                angle = math.atan2(way[1], way[0])
                aside = np.array([-math.sin(angle), math.cos(angle)])
                at = starts[k] + aside * side * away + way * long / 2
                houses.append(House(corners(at[0], at[1], long, depth, angle), new=False))
    return houses


def country_buildings(
    city: City, built_up: BaseGeometry, obstacles: list[tuple[list[BaseGeometry], float]]
) -> list[Building]:
    """Return the houses outside towns.

    Parameters
    ----------
    built_up : Polygon or MultiPolygon
        Towns.
    obstacles : list of (geometries, metres)
        What houses keep which distance from.
    """
    random = city.random("buildings in the country")
    houses = _hamlets(city, built_up, random) + _ribbons(city, built_up, random)
    drafts = np.asarray(shapely.polygons(np.array([house.ring for house in houses])), dtype=object)
    shapes = shapely.set_precision(drafts, 0.01)
    free = shapely.contains_properly(city.outline, shapes)
    for geometries, apart in obstacles:
        if len(geometries):
            free[STRtree(geometries).query(shapes, predicate="dwithin", distance=apart)[0]] = False
    kept = np.flatnonzero(free)
    kept = kept[first_come(shapes[kept], 1.5)]
    result = []
    for k in kept.tolist():
        new = houses[k].new
        floors = one_of((2, 3), random) if new else FLOORS.draw(random)
        year = int(np.clip(random.normal(2013 if new else 2002, 4 if new else 9), 1975, city.as_of.year))
        result.append(Building(shapes[k], "village", floors, 3.2, year))
    return result


def first_come(shapes: NDArray[np.object_], apart: float) -> NDArray[np.int64]:
    """Return the positions of shapes that keep ``apart`` metres from every one kept before them.

    Examples
    --------
    >>> first_come(np.array([shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)]), 0.5).tolist()
    [0]
    """
    one, two = STRtree(shapes).query(shapes, predicate="dwithin", distance=apart)
    gone = np.zeros(len(shapes), dtype=bool)
    for a, b in sorted(zip(one.tolist(), two.tolist(), strict=True)):
        if a < b and not gone[a]:
            gone[b] = True
    return np.flatnonzero(~gone)
