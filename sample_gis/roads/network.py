"""The one noded network of country roads and streets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString, Point, Polygon, STRtree
from shapely.geometry.base import BaseGeometry

from sample_gis.roads.country import LANE
from sample_gis.roads.graph import (
    Edge,
    at_nodes,
    connected,
    contracted,
    demoted,
    joined,
    lines_of,
    measured,
    noded,
    without_slivers,
    without_stubs,
)
from sample_gis.shapes.lines import centimetres

if TYPE_CHECKING:
    from sample_gis.city import City

#: Carriageway by class, metres.
WIDTH_IN_TOWN = (24.0, 20.0, 13.0, 8.0, 5.0)
WIDTH_IN_COUNTRY = (20.0, 12.0, 8.0, 4.0, 4.0)
#: Junctions nearer to each other than this become one, by class.
SHORTEST_EDGE = (55.0, 28.0, 25.0, 25.0, 25.0)
#: Loose ends shorter than this go: a wide street does not end in a field.
SHORTEST_LOOSE_END = (300.0, 150.0, 150.0, 25.0, 60.0)
CLEANING_ROUNDS = 4


def _lanes_outside(city: City, built_up: BaseGeometry, streets: list[LineString]) -> list[LineString]:
    """Cut the lanes of hamlets off at the towns and lead them on to the next street."""
    lanes = city.country_roads.geometry[city.country_roads["class"] == LANE].to_numpy()
    tree = STRtree(streets)
    shapely.prepare(built_up)
    result = []
    for part in shapely.get_parts(shapely.difference(lanes, built_up)):
        if part.length < 5:
            continue
        points = shapely.get_coordinates(part)
        for end in (0, -1):
            at = Point(points[end])
            if built_up.distance(at) < 1.5:
                street = streets[tree.nearest(at)]
                meets = street.interpolate(street.project(at))
                if 0.05 < at.distance(meets) < 120:
                    joint = np.array([[meets.x, meets.y]])
                    points = np.vstack([joint, points] if end == 0 else [points, joint])
        result.append(LineString(centimetres(points)))
    return result


def _drafts(city: City) -> list[Edge]:
    """Return all lines that make the network, not yet noded; country roads become streets in towns."""
    built_up = shapely.union_all(city.towns["built_up"].to_numpy())
    wide = city.country_roads[city.country_roads["class"] < LANE]
    streets = [*wide.geometry, *city.streets.geometry]
    edges = []
    for line, rank, ref in zip(wide.geometry, wide["class"], wide["ref"], strict=True):
        for part in shapely.get_parts(shapely.difference(line, built_up)):
            edges.append(Edge(centimetres(shapely.get_coordinates(part)), int(rank), ref))
        for part in shapely.get_parts(shapely.intersection(line, built_up)):
            if isinstance(part, LineString):
                edges.append(Edge(centimetres(shapely.get_coordinates(part)), min(int(rank), 1), ref))
    for line, rank in zip(city.streets.geometry, city.streets["class"], strict=True):
        edges.append(Edge(centimetres(shapely.get_coordinates(line)), int(rank)))
    for line in _lanes_outside(city, built_up, streets):
        edges.append(Edge(shapely.get_coordinates(line), LANE))
    return [edge for edge in measured(edges) if edge.length > 0.02]


def _cleaned(edges: list[Edge]) -> list[Edge]:
    edges = joined(noded(edges))
    for _ in range(CLEANING_ROUNDS):
        before = [(edge.first, edge.last, edge.length) for edge in edges]
        edges = contracted(edges, SHORTEST_EDGE)
        edges = joined(noded(edges))
        edges = joined(without_slivers(edges))
        edges = joined(without_stubs(edges, SHORTEST_LOOSE_END))
        if before == [(edge.first, edge.last, edge.length) for edge in edges]:
            break
    return joined(demoted(connected(edges)))


def _town_of(city: City, edges: list[Edge]) -> list[str]:
    middles = shapely.line_interpolate_point(lines_of(edges), 0.5, normalized=True)
    built_up: list[Polygon] = list(city.towns["built_up"])
    edge_of, town_of = STRtree(built_up).query(middles, predicate="intersects")
    towns = [""] * len(edges)
    for edge, town in sorted(zip(edge_of.tolist(), town_of.tolist(), strict=True), reverse=True):
        towns[edge] = city.towns.index[town]
    return towns


def make(city: City) -> None:
    """Set the roads with their nodes; names come later."""
    edges = _cleaned(_drafts(city))
    number = {node: k for k, node in enumerate(sorted(at_nodes(edges)))}
    towns = _town_of(city, edges)
    widths = [
        (WIDTH_IN_TOWN if town else WIDTH_IN_COUNTRY)[edge.rank]
        for edge, town in zip(edges, towns, strict=True)
    ]
    city.roads = gpd.GeoDataFrame(
        {
            "code": [f"R{city.profile.county}{k + 1:06d}" for k in range(len(edges))],
            "class": [edge.rank for edge in edges],
            "ref": [edge.ref for edge in edges],
            "name": "",
            "width_m": widths,
            "town": towns,
            "from_node": [number[edge.first] for edge in edges],
            "to_node": [number[edge.last] for edge in edges],
        },
        geometry=lines_of(edges),
        crs=city.crs,
    )
    city.road_nodes = pd.DataFrame(np.array(list(number)), columns=["x", "y"])
