"""Where cameras are put and where they look: junctions, gates, community houses, roads to town, villages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from sample_gis.devices.aimed_cameras import aimed
from sample_gis.devices.junctions import Legs, bearing_of, corners, legs_of
from sample_gis.devices.places import Ground, Points, nearest, spread_out

if TYPE_CHECKING:
    from sample_gis.city import City

_JUNCTIONS, _GATES, _HIGH_POINTS = 1050, 220, 20
#: What watches the middle of a key junction: a wide lens with pixels for it.
_JUNCTION_VIEW, _JUNCTION_PIXELS = 79.0, 2560
#: A junction of two streets no larger than residential ones gets a camera this often.
_SMALL_JUNCTION = 0.45
_GATES_APART_M = 60.0


@dataclass(frozen=True)
class Site:
    """One camera's place.

    Attributes
    ----------
    group : str
        junction, school, office, estate, factory, community, entry, high_point, gate, shop, checkpoint or
        country.
    xy : (float, float)
        Metres.
    azimuth_deg : float
        Where it looks, clockwise from grid north; NaN where that is open.
    name : str
        Street, block or community it belongs to.
    road : str or None
        Code of the road it stands on.
    carrier : {"pole", "own_pole", "wall", "tower"}
        Of a pole: one near by is used where there is any, but for an own pole.
    carrier_code : str or None
        Code of the tower.
    height_m : float
        Mounting height where the carrier gives it, else NaN.
    target : (float, float) or None
        What it was put up to look at, metres; it is then of an ordinary fixed kind.
    view_deg, pixels : float, int
        Lens and sensor chosen for the target.
    """

    group: str
    xy: tuple[float, float]
    azimuth_deg: float
    name: str
    road: str | None
    carrier: Literal["pole", "own_pole", "wall", "tower"] = "pole"
    carrier_code: str | None = None
    height_m: float = float("nan")
    target: tuple[float, float] | None = None
    view_deg: float = float("nan")
    pixels: int = 0


def sites(city: City, ground: Ground, random: np.random.Generator, count: int) -> list[Site]:
    """Return exactly ``count`` sites; the country's junctions fill up what the other groups leave.

    Raises
    ------
    ValueError
        Where the city has too few places for so many cameras.
    """
    legs = legs_of(city)
    found = [
        *_junctions(city, ground, legs, random),
        *_at_key_places(city, ground),
        *_gates(city, ground, random),
        *_community_houses(city, ground),
        *_entries(city, ground),
        *_high_points(city),
    ][:count]
    for site in country_sites(city, ground, legs):
        if len(found) >= count:
            break
        found.append(site)
    if len(found) < count:
        raise ValueError(f"the city has places for {len(found)} cameras of {count}")
    return found


def _road_names(city: City) -> list[str]:
    towns = city.towns["name"].to_dict()
    roads = city.roads
    return [
        name or ref or towns.get(town, "村道")
        for name, ref, town in zip(
            roads["name"].fillna("").tolist(),
            roads["ref"].fillna("").tolist(),
            roads["town"].tolist(),
            strict=True,
        )
    ]


def _junctions(city: City, ground: Ground, legs: Legs, random: np.random.Generator) -> Iterator[Site]:
    """Yield a camera for each leg of the junctions in town, the most important junctions first."""
    in_town = city.roads["town"].to_numpy(dtype=object)[legs.road] != ""
    nodes = np.unique(legs.node[in_town])
    degree = np.diff(legs.begin)
    nodes = nodes[degree[nodes] >= 3]
    weight = np.zeros(len(degree))
    np.add.at(weight, legs.node, 5 - legs.rank)
    nodes = nodes[np.lexsort([nodes, -weight[nodes]])]
    draw = random.random(len(nodes))
    rows: list[int] = []
    for node, chance in zip(nodes.tolist(), draw.tolist(), strict=True):
        mine = list(legs.of(node))
        ranks = sorted(legs.rank[mine].tolist())
        if ranks[1] > 2 and chance > _SMALL_JUNCTION:
            continue
        rows += [row for row in mine if legs.rank[row] <= 3]
    chosen = np.array(rows, dtype=np.int64)
    corner = corners(city, legs, chosen)
    clear = ground.free(corner)
    chosen, corner = chosen[clear][:_JUNCTIONS], corner[clear][:_JUNCTIONS]
    yield from _at_legs(city, legs, chosen, corner, "junction")


def _at_key_places(city: City, ground: Ground) -> Iterator[Site]:
    """Yield the cameras put up for one key place each, on poles of their own."""
    found = list(aimed(city, ground, city.random("cameras: key places")))
    if not found:
        return
    at = np.array([one.xy for one in found])
    toward = bearing_of(np.array([one.target for one in found]) - at)
    roads = city.roads["code"].tolist()
    road = np.asarray(shapely.STRtree(city.roads.geometry.to_numpy()).nearest(shapely.points(at)))
    for row, one in enumerate(found):
        yield Site(
            one.group, one.xy, float(toward[row]), one.name, roads[int(road[row])], "own_pole",
            target=one.target, view_deg=one.view_deg, pixels=one.pixels,
        )  # fmt: skip


def _key_junctions(city: City, legs: Legs, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which ends of roads meet at a junction that is a key place."""
    if "key_places" not in city.layers:
        return np.zeros(len(rows), dtype=bool)
    places = city.layers["key_places"]
    at = shapely.get_coordinates(places.geometry[places["class"] == "junction"].to_numpy())
    if not len(at):
        return np.zeros(len(rows), dtype=bool)
    return nearest(legs.at[rows], at)[0] < 1.0


def _at_legs(city: City, legs: Legs, rows: NDArray[np.int64], xy: Points, group: str) -> Iterator[Site]:
    # At a key junction they look over its middle, elsewhere down the street.
    watched = _key_junctions(city, legs, rows)
    names, codes = _road_names(city), city.roads["code"].tolist()
    bearing = bearing_of(legs.direction[rows])
    for row, place, looks, middle in zip(
        rows.tolist(), xy.tolist(), bearing.tolist(), watched.tolist(), strict=True
    ):
        road = int(legs.road[row])
        # A junction is called by its own two streets, the larger first.
        around = sorted(
            (int(legs.rank[at]), names[int(legs.road[at])]) for at in legs.of(int(legs.node[row]))
        )
        called = list(dict.fromkeys(name for _, name in around))[:2]
        site = Site(group, (place[0], place[1]), looks, "与".join(called), codes[road])
        if middle:
            x, y = legs.at[row].tolist()
            site = replace(site, target=(x, y), view_deg=_JUNCTION_VIEW, pixels=_JUNCTION_PIXELS)
        yield site


def _gates(city: City, ground: Ground, random: np.random.Generator) -> Iterator[Site]:
    """Yield two cameras at each gate of schools, estates, offices and factories, looking to both sides."""
    blocks = city.blocks
    use = blocks["use"].to_numpy(dtype=object)
    group = {"school": "school", "civic": "office", "estate": "estate", "industry": "factory"}
    order = [row for kind in group for row in np.flatnonzero(use == kind).tolist()]
    shapes = [blocks.geometry.iloc[row] for row in order]
    groups = [group[use[row]] for row in order]
    towns = city.towns["name"].to_dict()
    given = blocks["name"].fillna("").tolist() if "name" in blocks else [""] * len(blocks)
    names = [given[row] or towns.get(blocks["town"].iloc[row], "") for row in order]
    schools = city.school_sites[city.school_sites["block"].to_numpy() < 0]
    shapes = list(schools.geometry) + shapes
    groups = ["school"] * len(schools) + groups
    names = [str(name or "学校") for name in schools["name"]] + names

    roads = city.roads
    lines = roads.geometry.to_numpy()
    tree = shapely.STRtree(lines)
    rank = roads["class"].to_numpy(dtype=np.int64)
    polygons = np.array(shapes, dtype=object)
    block, road = tree.query(polygons, predicate="dwithin", distance=45.0)
    # A gate opens to a quiet street rather than to a trunk, and to a long one.
    best = np.lexsort([road, -np.round(shapely.length(lines[road]), 1), rank[road] < 2, block])
    block, road = block[best], road[best]
    first = np.concatenate([[True], block[1:] != block[:-1]]) if len(block) else np.zeros(0, dtype=bool)
    block, road = block[first], road[first]
    along = np.round(random.uniform(0.35, 0.65, len(block)), 4)
    street = shapely.line_interpolate_point(lines[road], along, normalized=True)
    gate = shapely.get_coordinates(shapely.get_point(shapely.shortest_line(polygons[block], street), 0))
    middle = shapely.get_coordinates(
        shapely.get_point(shapely.shortest_line(lines[road], shapely.points(gate)), 0)
    )
    outward = middle - gate
    reach = np.hypot(outward[:, 0], outward[:, 1])
    outward /= np.maximum(reach, 1e-9)[:, None]
    beside = np.column_stack([-outward[:, 1], outward[:, 0]])
    turn = np.round(random.uniform(18, 50, (len(block), 2)), 1)
    keep = np.flatnonzero(reach > 1.0)
    keep = np.sort(spread_out(gate, keep, _GATES_APART_M, len(gate), fill=False))
    made = 0
    codes = roads["code"].tolist()
    spots = [np.round(gate + outward * 0.6 + beside * (4.0 if side == 0 else -4.0), 2) for side in (0, 1)]
    clear = [ground.free(spot) for spot in spots]
    bearing = bearing_of(outward)
    for at in keep.tolist():
        for side, sign in ((0, -1.0), (1, 1.0)):
            if clear[side][at] and made < _GATES:
                made += 1
                x, y = spots[side][at].tolist()
                looks = float((bearing[at] + sign * turn[at, side]) % 360)
                here = groups[block[at]]
                yield Site(
                    here,
                    (x, y),
                    looks,
                    names[block[at]],
                    codes[road[at]],
                    "pole" if here == "school" else "wall",
                )


def _community_houses(city: City, ground: Ground) -> Iterator[Site]:
    """Yield two cameras on one pole before each community's house, looking both ways along the road."""
    centre = np.round(shapely.get_coordinates(np.array(list(city.communities["site"]), dtype=object)), 2)
    spot = ground.clear_spot(centre, (8.0, 14.0, 22.0, 32.0, 45.0), 0.5)
    lines = city.roads.geometry.to_numpy()
    known = ~np.isnan(spot[:, 0])
    road = np.zeros(len(spot), dtype=np.int64)
    road[known] = shapely.STRtree(lines).nearest(shapely.points(spot[known]))
    codes = city.roads["code"].tolist()
    for at in np.flatnonzero(known).tolist():
        line = lines[road[at]]
        way = line.project(shapely.Point(spot[at]))
        here, ahead = line.interpolate(max(way - 5, 0)), line.interpolate(min(way + 5, line.length))
        looks = float(np.degrees(np.arctan2(ahead.x - here.x, ahead.y - here.y)) % 360)
        name = str(city.communities["short_name"].iloc[at])
        for turn in (0.0, 180.0):
            x, y = spot[at].tolist()
            yield Site("community", (x, y), (looks + turn) % 360, name, codes[road[at]])


def _entries(city: City, ground: Ground) -> Iterator[Site]:
    """Yield a camera for each direction where a larger road enters a town or the county."""
    roads = city.roads
    rows = np.flatnonzero(roads["class"].to_numpy() <= 1)
    lines = roads.geometry.to_numpy()[rows]
    rims = [shapely.boundary(area) for area in city.towns["built_up"]] + [shapely.boundary(city.outline)]
    found: list[tuple[float, float, int, float]] = []
    for number, rim in enumerate(rims):
        crossing = shapely.intersection(lines, rim)
        for row in np.flatnonzero(~shapely.is_empty(crossing)).tolist():
            points = shapely.get_coordinates(shapely.get_parts(crossing[row]))
            x, y = points[0].tolist()
            # At the county's rim the camera stands inside.
            found.append((x, y, row, 12.0 if number == len(rims) - 1 else 0.0))
    if not found:
        return
    at = np.round(np.array([[x, y] for x, y, _, _ in found]), 2)
    alone = np.sort(spread_out(at, np.arange(len(at)), 250.0, len(at), fill=False))
    names, codes = _road_names(city), roads["code"].tolist()
    width = roads["width_m"].to_numpy(dtype=float)
    for number in alone.tolist():
        _, _, row, inward = found[number]
        line, road = lines[row], int(rows[row])
        way = line.project(shapely.Point(at[number]))
        a, b = line.interpolate(max(way - 5, 0)), line.interpolate(min(way + 5, line.length))
        along = np.array([b.x - a.x, b.y - a.y])
        along /= max(float(np.hypot(*along)), 1e-9)
        inside = shapely.contains_xy(city.outline, *(at[number] + along * 20))
        base = at[number] + along * (inward if inside else -inward)
        right = np.array([along[1], -along[0]])
        for sign in (1.0, -1.0):
            spot = np.round(base + sign * right * (width[road] / 2 + 1.8), 2)
            if ground.free(spot[None, :])[0]:
                x, y = spot.tolist()
                looks = float(bearing_of((sign * along)[None, :])[0])
                yield Site("entry", (x, y), looks, names[road], codes[road])


def _high_points(city: City) -> Iterator[Site]:
    """Yield a camera high on the towers in and beside the towns."""
    towers = city.layers["towers"]
    xy = shapely.get_coordinates(towers.geometry.to_numpy())
    seats = shapely.get_coordinates(np.array(list(city.towns["seat"]), dtype=object))
    distance, _ = nearest(xy, seats)
    order = np.lexsort([np.arange(len(xy)), np.round(distance, 1)])
    for row in spread_out(xy, order, 700.0, _HIGH_POINTS).tolist():
        tower = towers.iloc[row]
        toward = seats[np.argmin(np.hypot(*(seats - xy[row]).T))] - xy[row]
        yield Site(
            "high_point",
            (float(xy[row, 0]), float(xy[row, 1])),
            float(bearing_of(toward[None, :])[0]),
            str(tower["name"]),
            None,
            "tower",
            str(tower["code"]),
            round(float(tower["height_m"]) * 0.8, 1),
        )


def country_sites(city: City, ground: Ground, legs: Legs) -> Iterator[Site]:
    """Yield cameras at country junctions, by class of road and then by how near a village is."""
    town = city.roads["town"].to_numpy(dtype=object)
    degree = np.diff(legs.begin)
    nodes = np.unique(legs.node[town[legs.road] == ""])
    nodes = nodes[degree[nodes] >= 3]
    at = legs.at[legs.begin[nodes]]
    distance, _ = nearest(at, city.hamlets)
    best = np.array([legs.rank[legs.of(node)].min() for node in nodes.tolist()])
    keep = (distance < 400) & shapely.contains_xy(city.outline, at[:, 0], at[:, 1])
    order = np.lexsort([nodes, np.round(distance, 1), best])
    # Two cameras at each, then a third where there is still need.
    for turn in (slice(0, 2), slice(2, 3)):
        rows = np.array(
            [row for node in nodes[order[keep[order]]].tolist() for row in list(legs.of(node))[turn]],
            dtype=np.int64,
        )
        corner = corners(city, legs, rows)
        clear = ground.free(corner) & ~ground.urban(corner)
        yield from _at_legs(city, legs, rows[clear], corner[clear], "country")
