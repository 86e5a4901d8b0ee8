"""Grounds of schools: the sports track in a block, and whole compounds in the country."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import Polygon, STRtree

from sample_gis.building.standing import Building
from sample_gis.shapes.polygons import largest, rectangle, turned

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from sample_gis.city import City

#: Least ground and size of the track with its lanes, metres.
TRACKS = ((45e3, 92.0, 176.0), (20e3, 66.0, 132.0), (0.0, 46.0, 98.0))
APRON = 12.0


def _oval(bounds: tuple[float, float, float, float]) -> Polygon:
    """Return a track, round at its northern and southern ends."""
    west, south, east, north = bounds
    radius = (east - west) / 2
    ends = shapely.points([[west + radius, south + radius], [west + radius, north - radius]])
    straight = shapely.box(west, south + radius, east, north - radius)
    return largest(shapely.union_all([straight, *shapely.buffer(ends, radius)]))


def school_in_block(
    block: Polygon, angle: float, random: np.random.Generator
) -> tuple[Polygon | None, Polygon]:
    """Place a track on one side of a block; return it, or None where none fits, and the ground left."""
    middle = shapely.get_coordinates(block.centroid)[0].round(2)
    ground = largest(turned(block, -angle, middle).buffer(-8))
    side = 1 if random.random() < 0.5 else -1
    if ground.is_empty:
        return None, block
    west, south, east, north = ground.bounds
    shapely.prepare(ground)
    for least, wide, long in TRACKS:
        if ground.area < least:
            continue
        for inward in np.linspace(0, 0.6, 9):
            shift = inward * (east - west - wide)
            x = east - wide / 2 - shift if side > 0 else west + wide / 2 + shift
            for share in (0.5, 0.4, 0.6, 0.3, 0.7):
                y = south + (north - south) * share
                place = shapely.box(x - wide / 2, y - long / 2, x + wide / 2, y + long / 2)
                if ground.contains(place):
                    rest = largest(ground.difference(place.buffer(APRON)))
                    return turned(_oval(place.bounds), angle, middle), turned(rest, angle, middle)
    return None, turned(ground, angle, middle)


def country_schools(
    city: City, taken: STRtree, built_up: BaseGeometry
) -> tuple[list[Polygon], list[Polygon], list[Building], list[int]]:
    """Place school compounds of 104 by 112 m near community sites in the country.

    Parameters
    ----------
    taken : STRtree
        What a compound must keep clear of.
    built_up : Geometry
        Towns.

    Returns
    -------
    compounds, tracks : list of Polygon
    buildings : list of Building
    communities : list of int
        Position of the community of each compound.
    """
    random = city.random("schools in the country")
    sites = shapely.get_coordinates(city.communities["site"])
    order = np.argsort(city.noise.uniform(np.arange(len(sites)), 404, salt=404), kind="stable")
    compounds: list[Polygon] = []
    tracks: list[Polygon] = []
    buildings: list[Building] = []
    communities: list[int] = []
    for community in order.tolist():
        if len(compounds) >= city.layout.rural_schools:
            break
        if shapely.intersects_xy(built_up, *sites[community]):
            continue
        found = _place(city, sites[community], float(random.normal(0, 0.12)), taken, built_up)
        if found is None:
            continue
        x, y, angle = found
        compound = rectangle(x, y, 104, 112, angle)
        compounds.append(compound)
        communities.append(community)
        middle = np.array([x, y])
        tracks.append(turned(_oval((x + 3, y - 50, x + 45, y + 42)), angle, middle))
        halls = [(-47, 33, -1, 43), (-47, -1, -1, 9)]
        halls += [(-41, -34, -7, -25)] if random.random() < 0.5 else []
        for west, south, east, north in halls:
            hall = turned(shapely.box(x + west, y + south, x + east, y + north), angle, middle)
            buildings.append(Building(hall, "school", int(random.integers(2, 5)), 3.7, 2008))
    return compounds, tracks, buildings, communities


def _place(
    city: City, site: np.ndarray, angle: float, taken: STRtree, built_up: BaseGeometry
) -> tuple[float, float, float] | None:
    """Return the middle and angle of the first compound around a site that is clear of everything."""
    for away in (80, 110, 140, 170, 200, 240, 290, 350):
        for way in np.linspace(0, 2 * np.pi, 12, endpoint=False):
            x, y = np.round(site + away * np.array([np.cos(way), np.sin(way)]), 2)
            compound = rectangle(x, y, 104, 112, angle)
            clear = not len(taken.query(compound, predicate="dwithin", distance=7.0))
            if clear and not built_up.intersects(compound) and city.outline.contains(compound):
                return float(x), float(y), angle
    return None
