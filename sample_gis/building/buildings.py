"""All buildings of the city, clear of roads, water and each other; ponds that would lie under them go."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from shapely import STRtree

from sample_gis.building.in_country import country_buildings, first_come
from sample_gis.building.in_town import town_buildings
from sample_gis.building.school import country_schools
from sample_gis.land.streams import CANAL_WIDTH
from sample_gis.shapes.polygons import largest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from sample_gis.building.standing import Building
    from sample_gis.city import City

POND_FROM_ROAD = 3.0

#: Geometries, and the distance that houses keep from them, metres.
Obstacles = list[tuple[list["BaseGeometry"], float]]


def carriageways(city: City, margin: float = 0.0) -> NDArray[np.object_]:
    """Return the ground that roads cover, one polygon an edge."""
    half = city.roads["width_m"].to_numpy() / 2 + margin
    return np.asarray(shapely.buffer(city.roads.geometry.to_numpy(), half, cap_style="flat"))


def water_areas(city: City) -> NDArray[np.object_]:
    """Return all surface water as polygons."""
    streams = shapely.buffer(city.streams.geometry.to_numpy(), city.streams["width_m"].to_numpy() / 2)
    ponds = [*city.ponds.geometry, *city.reservoirs.geometry]
    return np.array([city.river, city.canal.buffer(CANAL_WIDTH / 2), *ponds, *streams], dtype=object)


def _water_off_roads(city: City) -> None:
    """Leave out ponds under roads and built-up blocks; those in parks and fields stay. Lakes end at roads."""
    lakes = city.reservoirs.geometry.to_numpy()
    banks = carriageways(city, POND_FROM_ROAD)
    beside = np.unique(STRtree(banks).query(lakes, predicate="dwithin", distance=100.0)[1])
    lakes = shapely.difference(lakes, shapely.union_all(banks[beside]), grid_size=0.01)
    city.reservoirs = city.reservoirs.set_geometry([largest(lake) for lake in lakes], crs=city.crs)
    ponds = city.ponds.geometry.to_numpy()
    built = city.blocks[~city.blocks["use"].isin(["park", "farm"])]
    tracks = shapely.buffer(city.railways.geometry.to_numpy(), 12)
    in_way = [*carriageways(city), *tracks, *built["face"]]
    wet = np.zeros(len(ponds), dtype=bool)
    wet[STRtree(in_way).query(ponds, predicate="dwithin", distance=POND_FROM_ROAD)[0]] = True
    city.ponds = city.ponds[~wet].reset_index(drop=True)


def _obstacles(city: City, built_up: BaseGeometry, compounds: Sequence[BaseGeometry]) -> Obstacles:
    """Return what houses keep a distance from."""
    roads = city.roads
    tracks = roads.geometry[(roads["class"] >= 3) & (roads["town"] == "")]
    others = roads[(roads["class"] < 3) | (roads["town"] != "")]
    return [
        (list(tracks), 4.2),
        (list(shapely.buffer(others.geometry.to_numpy(), others["width_m"].to_numpy() / 2)), 3.0),
        ([city.river, *city.ponds.geometry, *city.reservoirs.geometry], 4.0),
        (list(shapely.buffer(city.streams.geometry.to_numpy(), city.streams["width_m"].to_numpy() / 2)), 5.0),
        ([city.canal], 30.0),
        (list(city.railways.geometry), 32.0),
        (list(compounds), 6.0),
        (list(shapely.get_parts(built_up)), 20.0),
    ]


def _standing(city: City, buildings: list[Building]) -> list[Building]:
    """Return the buildings that stand on no road, in no water and on no other; last of all steps."""
    shapes = np.array([one.shape for one in buildings], dtype=object)
    wrong = np.zeros(len(shapes), dtype=bool)
    for others in (carriageways(city, 0.2), water_areas(city)):
        wrong[STRtree(others).query(shapes, predicate="intersects")[0]] = True
    kept = np.flatnonzero(~wrong & (shapely.area(shapes) > 20))
    # Joined houses touch: only a real overlap counts.
    kept = kept[first_come(shapely.buffer(shapes[kept], -0.05), 0.0)]
    return [buildings[k] for k in kept.tolist()]


def _set_schools(city: City, compounds: Sequence[BaseGeometry], communities: list[int]) -> None:
    blocks = city.blocks[city.blocks["use"] == "school"]
    names: list[str] = []
    for k in communities:
        stem, town = city.communities["short_name"].iloc[k], city.communities["town"].iloc[k]
        name = f"{stem.removesuffix('社区')}小学"
        taken = name in names or (blocks["name"] == name).any()
        names.append(f"{city.towns['name'][town][:2]}{name}" if taken else name)
    city.school_sites = gpd.GeoDataFrame(
        {
            "name": [*blocks["name"], *names],
            "block": [*blocks.index, *([-1] * len(compounds))],
            "town": [*blocks["town"], *(city.communities["town"].iloc[k] for k in communities)],
        },
        geometry=[*blocks.geometry, *compounds],
        crs=city.crs,
    )


def _names(city: City, standing: list[Building]) -> list[str]:
    """Name the largest building of a block after the block, and number the houses of estates."""
    names = [""] * len(standing)
    blocks, uses = city.blocks["name"].to_numpy(), city.blocks["use"].to_numpy()
    largest: dict[int, int] = {}
    counted: dict[int, int] = {}
    for k, one in enumerate(standing):
        if one.block < 0 or not blocks[one.block]:
            continue
        if uses[one.block] == "estate":
            if one.use == "apartment":
                counted[one.block] = counted.get(one.block, 0) + 1
                names[k] = f"{blocks[one.block]}{counted[one.block]}号楼"
        else:
            held = largest.setdefault(one.block, k)
            if round(one.shape.area) > round(standing[held].shape.area):
                largest[one.block] = k
    for block, k in largest.items():
        names[k] = blocks[block]
    return names


def make(city: City) -> None:
    """Set the buildings, the schools with their tracks, and the ponds that remain."""
    built_up = shapely.union_all(city.towns["built_up"].to_numpy())
    shapely.prepare(built_up)
    _water_off_roads(city)
    in_towns = city.beside(partial(town_buildings, city))
    taken = STRtree([*city.roads.geometry, *water_areas(city), *city.railways.geometry])
    compounds, tracks, schools, communities = country_schools(city, taken, built_up)
    in_country = country_buildings(city, built_up, _obstacles(city, built_up, compounds))
    in_town, town_tracks = in_towns.result()
    drafts = in_town + schools + in_country
    shapes = shapely.set_precision(np.array([one.shape for one in drafts], dtype=object), 0.01)
    rounded = [one._replace(shape=shape) for one, shape in zip(drafts, shapes, strict=True)]
    standing = _standing(city, rounded)
    floors = np.array([one.floors for one in standing])
    city.buildings = gpd.GeoDataFrame(
        {
            "code": [f"B{city.profile.county}{k + 1:06d}" for k in range(len(standing))],
            "use": [one.use for one in standing],
            "floors": floors,
            "height_m": np.round(floors * np.array([one.storey_m for one in standing]), 1),
            "built": [one.built for one in standing],
            "block": [one.block for one in standing],
            "name": _names(city, standing),
        },
        geometry=[one.shape for one in standing],
        crs=city.crs,
    )
    _set_schools(city, compounds, communities)
    city.sports_fields = gpd.GeoDataFrame(
        geometry=shapely.set_precision(np.array([*town_tracks, *tracks], dtype=object), 0.01), crs=city.crs
    )
