"""Neighbour units (片·组·邻): three nested levels below a few communities, in full.

A neighbourhood (邻) is the land around some twenty households, a group (组) some neighbourhoods, a section
(片) some groups; each level tiles the one above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from sample_gis.finishing import finished
from sample_gis.people.population import households
from sample_gis.regions.administrative import add_regions, admin_regions
from sample_gis.shapes.grouping import groups_of, land_of, only_polygons
from sample_gis.shapes.locating import containing

if TYPE_CHECKING:
    from typing import Any

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from sample_gis.city import City

PILOTS = 3
HOUSEHOLDS_PER_NEIGHBOURHOOD = 20
NEIGHBOURHOODS_PER_GROUP = 6
GROUPS_PER_SECTION = 5
# Pilots are communities of middling size, where the units can be told apart on the map.
PILOT_HOUSEHOLDS = 1_400

LEVELS = ("section", "group", "neighbourhood")
TITLES = {"section": ("片", "片长"), "group": ("组", "组长"), "neighbourhood": ("邻", "邻长")}


def make(city: City) -> None:
    """Add the neighbour units of the pilot communities to the layer ``regions``."""
    communities = admin_regions(city, "community")
    middles = shapely.get_coordinates(shapely.centroid(city.buildings.geometry.to_numpy()))
    residents = city.residents.to_numpy()
    home = containing(communities.geometry.to_numpy(), middles)
    random = city.random("neighbour units")
    for number in _pilots(communities):
        lived_in = (home == number) & (residents > 0)
        community = communities.iloc[number]
        rows = _units(community, middles[lived_in], residents[lived_in], random)
        add_regions(city, finished(city, rows.drop(columns="geometry"), rows["geometry"].to_numpy()))


def _pilots(communities: GeoDataFrame) -> list[int]:
    """Return the positions of the pilot communities, in three different towns where there are three."""
    away = (communities["households"] - PILOT_HOUSEHOLDS).abs()
    order = away.sort_values(kind="stable").index
    by_town = communities.loc[order].groupby("parent_code", sort=False).head(1).index
    chosen = [*by_town, *[row for row in order if row not in by_town]][:PILOTS]
    return sorted(int(row) for row in chosen)


def _units(
    community: Any, at: NDArray[np.float64], residents: NDArray[np.int64], random: np.random.Generator
) -> pd.DataFrame:
    homes = households(residents)
    wanted = max(2, round(int(homes.sum()) / HOUSEHOLDS_PER_NEIGHBOURHOOD))
    lowest = groups_of(at, homes.astype(float), wanted)
    areas = [only_polygons(part) for part in land_of(at, lowest, community.geometry)]
    count = np.bincount(lowest, homes).astype(np.int64)
    people = np.bincount(lowest, residents).astype(np.int64)
    middles = shapely.get_coordinates(shapely.centroid(np.array(areas, dtype=object)))
    group = groups_of(middles, count.astype(float), max(1, len(areas) // NEIGHBOURHOODS_PER_GROUP))
    group_middles = np.array([middles[group == k].mean(axis=0) for k in range(int(group.max()) + 1)])
    section = groups_of(
        group_middles, np.ones(len(group_middles)), max(1, len(group_middles) // GROUPS_PER_SECTION)
    )
    table = pd.DataFrame({"geometry": areas, "households": count, "residents": people})
    table["section"] = [f"{community.code}P{k + 1}" for k in section[group]]
    order = pd.Series(group).map(lambda k: (int(section[k]), int(k)))
    rank = {pair: place for place, pair in enumerate(sorted(order.unique()), start=1)}
    table["group"] = [f"{table['section'][row]}Z{rank[pair]:02d}" for row, pair in enumerate(order)]
    within = table.groupby("group").cumcount() + 1
    table["neighbourhood"] = table["group"] + "L" + within.map("{:02d}".format)
    parent = {"section": community.code, "group": "section", "neighbourhood": "group"}
    levels = [_level(table, level, parent[level], community) for level in LEVELS]
    rows = pd.concat(levels, ignore_index=True)
    # A few units have no chief yet: the view counts them.
    vacant = (rows["level"] == "neighbourhood") & (random.random(len(rows)) < 0.04)
    rows["chief_role"] = rows["chief_role"].mask(vacant)
    return rows


def _level(table: pd.DataFrame, level: str, parent: str, community: Any) -> pd.DataFrame:
    grouped = table.groupby(level, sort=True)
    first = grouped.first()
    title, role = TITLES[level]
    place = range(1, len(first) + 1)
    return pd.DataFrame(
        {
            "code": first.index.to_numpy(),
            "system": "neighbour_unit",
            "level": level,
            "name": [f"{community.short_name}第{number}{title}" for number in place],
            "parent_code": first[parent].to_numpy() if parent in first else parent,
            "community_code": community.code,
            "legal": False,
            "chief_role": role,
            "households": grouped["households"].sum().to_numpy(),
            "residents": grouped["residents"].sum().to_numpy(),
            "geometry": [
                only_polygons(shapely.coverage_union_all(grouped.get_group(code)["geometry"].to_numpy()))
                for code in first.index
            ],
        }
    )
