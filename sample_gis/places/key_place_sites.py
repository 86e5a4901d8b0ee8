"""Where the key places of each class stand: gates, junctions, schools, stations, streets and the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry

from sample_gis.boundary import county_name
from sample_gis.places.kinds import kind_of
from sample_gis.places.streets import named_streets
from sample_gis.shapes.locating import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geopandas import GeoDataFrame

    from sample_gis.city import City

OLD_BEFORE = 2000
GATES_PER_ESTATE = 2
JUNCTIONS = 150
STREETS = 40
CHECKPOINTS = 4
SPECIAL_TRADES = 30
VENUES = 30
APART_M = 60.0


@dataclass(frozen=True)
class Site:
    """One key place.

    Attributes
    ----------
    target : Geometry, optional
        What must be seen, before the reach of its class is added; None for the place itself.
    """

    kind: str
    name: str
    place: BaseGeometry
    target: BaseGeometry | None = None


def sites(city: City) -> Iterator[Site]:
    """Give the key places of all classes, class by class."""
    for find in FINDERS:
        yield from find(city)


def _schools(city: City) -> Iterator[Site]:
    rows = city.school_sites
    for number, row in enumerate(rows.itertuples(), start=1):
        name = row.name or f"第{number}教学点"
        yield Site("school", name, row.geometry, _gate(city, row.geometry))


def _gate(city: City, area: BaseGeometry) -> Point:
    """Return the point of an area's rim that lies nearest to a street."""
    lines = city.roads.geometry.to_numpy()
    road = nearest(lines, shapely.get_coordinates(area.centroid))[0][0]
    between = shapely.shortest_line(area.boundary, lines[road])
    return Point(shapely.get_coordinates(between)[0])


def _estates(city: City) -> Iterator[Site]:
    blocks, buildings = city.blocks, city.buildings
    estates = blocks[blocks["use"] == "estate"]
    built = buildings.groupby("block")["built"].median()
    for number, block in enumerate(estates.itertuples(), start=1):
        name = block.name or f"{city.towns.loc[block.town, 'name']}住宅区{number}"
        if built.get(block.Index, 9999.0) < OLD_BEFORE:
            yield Site("old_estate", f"{name}（老旧小区）", block.geometry)
        for gate, point in enumerate(_gates(city, block.geometry), start=1):
            yield Site("estate_gate", f"{name}{gate}号门", point)


def _gates(city: City, area: shapely.Polygon) -> list[Point]:
    """Return a gate towards the nearest street and, in a large estate, one across from it."""
    first = _gate(city, area)
    ring = area.exterior
    across = ring.interpolate((ring.project(first) + ring.length / 2) % ring.length)
    return [first, across][: GATES_PER_ESTATE if area.area > 20_000 else 1]


def _named_blocks(city: City) -> GeoDataFrame:
    blocks = city.blocks[city.blocks["name"].fillna("").astype(bool)]
    return blocks.assign(kind=blocks["name"].map(kind_of))


def _offices(city: City) -> Iterator[Site]:
    """Give hospitals, stations, parks, markets and guarded units, from what blocks are called."""
    stem = county_name(city.profile.county).removesuffix("区")
    yield Site("transport_hub", f"{stem}站", city.station.buffer(60), city.station)
    for block in _named_blocks(city).itertuples():
        area = block.geometry
        if block.kind == "station":
            yield Site("transport_hub", block.name, area)
        elif block.kind == "hospital":
            yield Site("hospital", block.name, area, _gate(city, area))
        elif block.kind == "park":
            yield Site("municipal_place", block.name, area)
            if "广场" in block.name or "人民" in block.name:
                yield Site("public_area", block.name, area)
        elif block.name.endswith(("市场", "家居城", "商城")):
            yield Site("crowded_place", block.name, area)
            yield Site("complex_venue", f"{block.name}出入口", _gate(city, area))
        elif block.name.endswith(("供电公司", "供电所", "自来水公司", "人民政府", "公安局", "法院")):
            yield Site("protected_unit", f"{block.name}及周边", area, area.exterior)


def _extents(city: City) -> Iterator[Site]:
    """Give scenic spots, public areas and parks from the named extents."""
    kinds = {
        "priority_scenic": "scenic_spot",
        "key_public_area": "public_area",
        "development_zone": "industrial_park",
    }
    extents = city.layers["extents"]
    for row in extents[extents["kind"].isin(list(kinds))].itertuples():
        target = None
        if row.kind == "development_zone":
            inside = city.roads.geometry[city.roads["class"] <= 3].to_numpy()
            target = shapely.union_all(shapely.intersection(inside, row.geometry)).buffer(8)
        yield Site(kinds[row.kind], row.name, row.geometry, target)


def _rims(city: City) -> Iterator[Site]:
    """Give the urban fringe, where main roads leave the built-up areas, and the entrances of the county."""
    roads = city.roads
    main = roads[roads["class"] <= 2]
    lines = main.geometry.to_numpy()
    for code, built_up in city.towns["built_up"].items():
        crossings = _crossings(lines, built_up.boundary)
        name = city.towns.loc[code, "name"]
        for number, point in enumerate(crossings, start=1):
            yield Site("urban_fringe", f"{name}城郊结合部{number}", point)
    entrances = _crossings(main[main["class"] <= 1].geometry.to_numpy(), city.outline.boundary)
    at = shapely.get_coordinates(np.array(entrances, dtype=object)) if entrances else np.zeros((0, 2))
    nearest_road = nearest(lines, at)[0]
    refs = main["ref"].fillna("").to_numpy()
    count = 0
    for number, (point, row) in enumerate(zip(entrances, nearest_road, strict=True), start=1):
        ref = refs[row] or "县道"
        yield Site("county_entrance", f"{ref}县域出入口{number}", point)
        if refs[row] and count < CHECKPOINTS:
            count += 1
            yield Site("police_checkpoint", f"{ref}公安检查站{count}", point)


def _crossings(lines: object, rim: BaseGeometry) -> list[Point]:
    """Return where lines cross a rim, those close together taken once, from the west."""
    met = shapely.intersection(np.asarray(lines, dtype=object), rim)
    points = [part for part in shapely.get_parts(met[~shapely.is_empty(met)]) if part.geom_type == "Point"]
    points.sort(key=lambda point: (round(point.x), round(point.y)))
    kept: list[Point] = []
    for point in points:
        if all(point.distance(other) > APART_M for other in kept):
            kept.append(point)
    return kept


def _streets(city: City) -> Iterator[Site]:
    streets = named_streets(city)
    main = streets[streets["class"] <= 2].assign(long=streets.length.round(1))
    main = main.sort_values(["class", "long"], ascending=[True, False], kind="stable").head(STREETS)
    for street in main.itertuples():
        yield Site("street", f"{city.towns.loc[street.town, 'name']}{street.name}", street.geometry)


def _junctions(city: City) -> Iterator[Site]:
    """Give the busiest junctions: those of the highest classes, of three legs or more."""
    roads = city.roads
    town = roads[roads["class"] <= 2]
    ends = np.concatenate([town["from_node"].to_numpy(), town["to_node"].to_numpy()])
    worth = np.concatenate([4 - town["class"].to_numpy()] * 2)
    names = np.concatenate([town["name"].fillna("").to_numpy(dtype=object)] * 2)
    nodes, place, legs = np.unique(ends, return_inverse=True, return_counts=True)
    rank = np.bincount(place, worth)
    at = city.road_nodes.loc[nodes, ["x", "y"]].to_numpy()
    middle = shapely.get_coordinates(np.array(city.towns["seat"].to_list(), dtype=object))
    away = np.min([np.hypot(*(at - one).T) for one in middle], axis=0)
    order = np.lexsort((np.round(away), -rank))
    order = order[legs[order] >= 3]
    kept: list[int] = []
    for row in order:
        if len(kept) == JUNCTIONS:
            break
        if all(np.hypot(*(at[row] - at[other])) > APART_M for other in kept):
            kept.append(int(row))
    for number, row in enumerate(kept, start=1):
        meeting = sorted({name for name in names[place == row] if name})
        title = (
            "与".join(meeting[:2]) + "交叉口"
            if len(meeting) > 1
            else f"{(meeting or ['主要道路'])[0]}路口{number}"
        )
        yield Site("junction", title, shapely.Point(np.round(at[row], 2)))


def _trades(city: City) -> Iterator[Site]:
    """Give shops of special trades and venues, spread over the shopping streets by the draw of the seed."""
    shops = city.buildings[city.buildings["use"].isin(["shop", "commercial"])]
    if shops.empty:
        return
    random = city.random("key places")
    chosen = random.permutation(len(shops))[: SPECIAL_TRADES + VENUES]
    trades = ["旅馆", "典当行", "印章刻制点", "废旧物资回收站", "机动车修理厂"]
    venues = ["网吧", "歌舞厅", "洗浴中心", "台球厅", "影院"]
    for number, row in enumerate(chosen):
        special = number < SPECIAL_TRADES
        words = trades if special else venues
        shop = shops.geometry.iloc[int(row)]
        point = shapely.point_on_surface(shop)
        title = f"{words[number % len(words)]}{number // len(words) + 1}号"
        # What counts is who comes and goes, before the shop.
        yield Site("special_trade" if special else "complex_venue", title, point, _gate(city, shop))


def _complex_areas(city: City) -> Iterator[Site]:
    """Give the densest self-built quarter of each town, where public order asks for attention."""
    faces = city.faces[city.faces["use"].isin(["self_built", "core"])]
    for town, rows in faces.groupby("town", sort=True):
        best = (
            rows.assign(size=rows.area.round(1)).sort_values("size", ascending=False, kind="stable").iloc[0]
        )
        yield Site("complex_area", f"{city.towns.loc[town, 'name']}老街片区", best.geometry)


FINDERS: tuple[Callable[[City], Iterator[Site]], ...] = (
    _schools,
    _estates,
    _offices,
    _extents,
    _rims,
    _streets,
    _junctions,
    _trades,
    _complex_areas,
)
