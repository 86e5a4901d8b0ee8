"""Governance grids (综合网格): one grid worker's area each, tiling every community.

Grids gather houses that lie together. In towns their limits follow the unit grids, so the streets; outside
they run midway between settlements. Factory quarters of towns are exclusive grids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from sample_gis.finishing import finished
from sample_gis.people.population import households
from sample_gis.regions.administrative import add_regions, admin_regions
from sample_gis.shapes.grouping import groups_of, land_of, only_polygons, tidied
from sample_gis.shapes.locating import containing
from sample_gis.shares import apportion

if TYPE_CHECKING:
    from typing import Any

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from sample_gis.city import City

# Unit grids of factories that make a grid of their own.
EXCLUSIVE_AT_LEAST = 6
TOLERANCE_M = 12.0
# A detached part below this share of its grid goes to the neighbour around it.
DETACHED_SHARE = 0.3


@dataclass(frozen=True)
class _Houses:
    """Buildings of one community: middles, residents; and the town's unit grids there."""

    at: NDArray[np.float64]
    residents: NDArray[np.int64]


def make(city: City) -> None:
    """Add the governance grids to the layer ``regions``."""
    communities = admin_regions(city, "community")
    regions = city.layers["regions"]
    units = regions[regions["system"] == "unit_grid"].reset_index(drop=True)
    industrial = _industrial(city, units)
    middles = shapely.get_coordinates(shapely.centroid(city.buildings.geometry.to_numpy()))
    home = containing(communities.geometry.to_numpy(), middles)
    residents = city.residents.to_numpy()
    wanted = _wanted(city, communities)
    rows: dict[str, list[Any]] = {name: [] for name in ("code", "name", "kind", "community_code", "geometry")}
    for number, community in enumerate(communities.itertuples()):
        houses = _Houses(middles[home == number], residents[home == number])
        own = (units["community_code"] == community.code).to_numpy()
        areas, exclusive = _grids(
            community.geometry, houses, units.geometry.to_numpy()[own], industrial[own], int(wanted[number])
        )
        ordinary = "base" if community.kind == "residents_committee" else "village"
        for place, (area, apart) in enumerate(zip(areas, exclusive, strict=True), start=1):
            rows["code"].append(f"{community.code}G{place:02d}")
            rows["name"].append(f"{community.short_name}第{place}网格" + ("（园区）" if apart else ""))
            rows["kind"].append("exclusive" if apart else ordinary)
            rows["community_code"].append(community.code)
            rows["geometry"].append(area)
    add_regions(city, _with_people(city, rows, middles, residents))


def _wanted(city: City, communities: GeoDataFrame) -> NDArray[np.int64]:
    """Return the number of grids of each community, two or more; they add up to the profile's figure."""
    least = 2
    total = city.profile.count("governance_grids")
    people = communities["residents"].to_numpy(dtype=float)
    land = communities["area_m2"].to_numpy(dtype=float)
    # Worth of land: scattered houses need a worker for fewer people.
    weight = np.round(people + 90 * land / 1e6, 3)
    return least + apportion(total - least * len(communities), weight)


def _industrial(city: City, units: GeoDataFrame) -> NDArray[np.bool_]:
    at = shapely.get_coordinates(shapely.point_on_surface(units.geometry.to_numpy()))
    face = containing(city.faces.geometry.to_numpy(), at)
    return np.asarray((city.faces["use"].to_numpy()[face] == "industry") & (face >= 0))


def _grids(
    community: BaseGeometry,
    houses: _Houses,
    units: NDArray[np.object_],
    industrial: NDArray[np.bool_],
    count: int,
) -> tuple[list[BaseGeometry], list[bool]]:
    """Return the grids of a community and whether each is exclusive; they tile it."""
    apart = bool(industrial.sum() >= EXCLUSIVE_AT_LEAST and count > 2)
    group = groups_of(houses.at, houses.residents.astype(float), count - apart)
    areas = land_of(houses.at, group, community, tolerance=TOLERANCE_M)
    if not len(units):
        return _mended(areas), [False] * len(areas)
    # Each unit grid goes as a whole to the grid that holds its inner point, so that limits follow streets.
    at = shapely.get_coordinates(shapely.point_on_surface(units))
    holder = np.maximum(containing(areas, at), 0)
    if apart:
        holder[industrial] = len(areas)
        areas = [*areas, shapely.Polygon()]
    in_town = shapely.union_all(units)
    pieces = [
        only_polygons(
            shapely.union(
                shapely.difference(area, in_town),
                shapely.intersection(shapely.union_all(units[holder == number]), community),
            )
        )
        for number, area in enumerate(areas)
    ]
    mended = _mended(pieces, keep_apart=len(pieces) - 1 if apart else None)
    flags = [apart and number == len(mended) - 1 for number in range(len(mended))]
    kept = [number for number, area in enumerate(mended) if not area.is_empty]
    return [mended[number] for number in kept], [flags[number] for number in kept]


def _mended(areas: list[BaseGeometry], keep_apart: int | None = None) -> list[BaseGeometry]:
    """Give small detached parts to the neighbour that shares the longest side with them."""
    parts: list[list[shapely.Polygon]] = []
    loose: list[tuple[shapely.Polygon, int]] = []
    for number, area in enumerate(areas):
        pieces = sorted(shapely.get_parts(area), key=lambda piece: -round(piece.area, 1))
        parts.append(pieces[:1])
        for piece in pieces[1:]:
            if number != keep_apart and piece.area < DETACHED_SHARE * pieces[0].area:
                loose.append((piece, number))
            else:
                parts[number].append(piece)
    for piece, former in loose:
        around = piece.buffer(0.05)
        sides = [
            max((round(around.intersection(main).area, 2) for main in pieces), default=0.0)
            for pieces in parts
        ]
        if keep_apart is not None:
            sides[keep_apart] = 0.0
        best = int(np.argmax(sides)) if max(sides) > 0 else former
        parts[best].append(piece)
    return [tidied(shapely.union_all(pieces)) for pieces in parts]


def _with_people(
    city: City, rows: dict[str, list[Any]], middles: NDArray[np.float64], residents: NDArray[np.int64]
) -> GeoDataFrame:
    geometry = rows.pop("geometry")
    grid = containing(geometry, middles)
    inside = grid >= 0
    people = np.bincount(grid[inside], residents[inside], minlength=len(geometry)).astype(np.int64)
    homes = np.bincount(grid[inside], households(residents)[inside], minlength=len(geometry)).astype(np.int64)
    rural = np.array(rows["kind"]) == "village"
    # A few posts stand empty, so that "grids with a worker" has something to say.
    random = city.random("grid workers")
    workers = np.where(people > 1600, 2, 1) + (people > 3500)
    workers = np.where(random.random(len(people)) < 0.03, 0, workers)
    return finished(
        city,
        {
            **rows,
            "system": "governance_grid",
            "level": "governance_grid",
            "parent_code": rows["community_code"],
            "legal": False,
            "grid_leader_role": np.where(rural, "村两委委员兼网格长", "社区两委委员兼网格长"),
            "worker_count": workers,
            "households": homes,
            "residents": people,
        },
        geometry,
    )
