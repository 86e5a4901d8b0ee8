"""Roads between places: trunk roads, county roads, village roads and the lanes of hamlets."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from sample_gis.roads.routes import RouteNet, ground_cost, neighbours
from sample_gis.shapes.lines import line_through

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City

TRUNK, COUNTY, VILLAGE, LANE = 0, 1, 2, 3
MOST_LOOPS = 220
#: A trunk road whose way-point lies this near to another one ends in it, metres: way-points are approximate.
JOINS_WITHIN = 700.0


def _on_a_road(net: RouteNet, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the nearest place on the roads that are there, or the point itself where none is near."""
    roads = net.grid.points(np.flatnonzero(net.is_road))
    if not len(roads):
        return at
    away = np.hypot(*(roads - at).T).round(2)
    nearest = int(np.argmin(away))
    return np.asarray(roads[nearest]) if away[nearest] < JOINS_WITHIN else at


def _trunks(city: City, net: RouteNet) -> dict[str, set[int]]:
    """Build the trunk roads through their way-points; return the cells of each by its number."""
    cells: dict[str, set[int]] = {}
    for ref, points in city.layout.trunks.items():
        stops = city.project(points)
        for end in (0, -1):
            stops[end] = _on_a_road(net, stops[end])
        cells[ref] = set()
        for start, end in pairwise(stops):
            cells[ref] |= set(net.route(start, end, TRUNK, 0.5))
    return cells


def _between_places(city: City, net: RouteNet) -> None:
    seats = shapely.get_coordinates(city.towns["seat"])
    sites = shapely.get_coordinates(city.communities["site"])
    for _, a, b in neighbours(seats, 0.8):
        net.route(seats[a], seats[b], COUNTY, 0.3)
    from_seat = np.hypot(*(sites[:, None, :] - seats[None, :, :]).transpose(2, 0, 1)).min(axis=1)
    places = np.vstack([seats, sites[from_seat > 700]])
    for apart, a, b in neighbours(places, 0.93):
        if apart < 9000:
            net.route(places[a], places[b], VILLAGE, 0.3)


def _lanes(city: City, net: RouteNet) -> None:
    """Join all hamlets as a tree, in two rounds, and add loops between some neighbours."""
    x, y = city.grid.centres
    # Lanes wind at 200 to 400 m, around fields that the relief does not show.
    net.cost = np.maximum(net.cost + 1.1 * city.noise.fractal(x / 310, y / 310, salt=63, octaves=2), 0.25)
    net.join(city.hamlets[::3], LANE, 0.3)
    net.join(city.hamlets, LANE, 0.3)
    loops = 0
    for apart, a, b in neighbours(city.hamlets, 0.9):
        if apart < 620 and city.noise.uniform(a, b, salt=19) < 0.22:
            net.route(city.hamlets[a], city.hamlets[b], LANE, 0.25)
            loops += 1
            if loops >= MOST_LOOPS:
                return


def _ref(chain: list[int], trunks: dict[str, set[int]]) -> str:
    for ref, cells in trunks.items():
        if sum(cell in cells for cell in chain) > 0.8 * len(chain):
            return ref
    return ""


def make(city: City) -> None:
    """Set the draft of the country roads."""
    net = RouteNet(city.grid, ground_cost(city))
    trunks = _trunks(city, net)
    _between_places(city, net)
    _lanes(city, net)
    lines: list[NDArray[np.float64]] = []
    ranks, refs = [], []
    for line, rank, chain in net.lines():
        lines.append(line)
        ranks.append(rank)
        refs.append(_ref(chain, trunks) if rank == TRUNK else "")
    city.country_roads = gpd.GeoDataFrame(
        {"class": ranks, "ref": refs}, geometry=[line_through(line) for line in lines], crs=city.crs
    )
