"""Communication towers: layer ``towers``. Their tenants come with the base stations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from sample_gis.devices.clock import days_of
from sample_gis.devices.places import Ground, crowd, spread_out
from sample_gis.finishing import finished, numbered

if TYPE_CHECKING:
    from sample_gis.city import City

SOURCE = "样例合成数据"
COUNTRY, TOWN = 150, 30
#: Platforms of a country tower and of one in town.
PLATFORMS = {"country": 6, "town": 4}
_COUNTRY_APART_M = 1900.0
_TOWN_APART_M = 550.0
_CLEAR_M = 6.0


def make(city: City) -> None:
    """Place towers near villages and, fewer and lower, on open lots of the towns."""
    random = city.random("towers")
    ground = Ground(city)
    villages = np.vstack(
        [city.hamlets, shapely.get_coordinates(np.array(list(city.communities["site"]), dtype=object))]
    )
    villages = np.asarray(np.round(villages[~ground.urban(villages)], 2), dtype=np.float64)
    country = ground.clear_spot(villages, (45.0, 70.0, 100.0, 140.0), _CLEAR_M)
    country = country[~np.isnan(country[:, 0])]
    people = crowd(city, country, 900.0) * np.round(random.uniform(0.75, 1.25, len(country)), 3)
    order = np.lexsort([np.arange(len(country)), -np.round(people, 1)])
    country = country[spread_out(country, order, _COUNTRY_APART_M, COUNTRY)]

    lots = city.blocks[city.blocks["use"].isin(["industry", "park", "farm", "mixed", "civic"])]
    middle = np.round(shapely.get_coordinates(shapely.point_on_surface(lots.geometry.to_numpy())), 2)
    town = ground.clear_spot(middle, (0.0, 12.0, 22.0, 35.0), 3.0)
    town = town[~np.isnan(town[:, 0])]
    town = town[spread_out(town, np.arange(len(town)), _TOWN_APART_M, TOWN, near=country)]

    xy = np.vstack([country, town])
    rural = np.arange(len(xy)) < len(country)
    height = np.where(
        rural, random.choice([35.0, 40.0, 45.0, 50.0], len(xy)), random.choice([25.0, 30.0, 35.0], len(xy))
    )
    structure = np.where(
        rural,
        random.choice(["lattice", "tubular", "monopole", "guyed"], len(xy), p=[0.35, 0.35, 0.22, 0.08]),
        random.choice(["monopole", "disguised"], len(xy), p=[0.7, 0.3]),
    )
    owner = random.choice(["china_tower", "cmcc", "ctcc", "cucc"], len(xy), p=[0.86, 0.08, 0.03, 0.03])
    tree = shapely.STRtree(city.communities.geometry.to_numpy())
    names = city.communities["short_name"].to_numpy(dtype=object)[tree.nearest(shapely.points(xy))]
    seen: dict[str, int] = {}
    titles = []
    for name in names.tolist():
        seen[name] = seen.get(name, 0) + 1
        titles.append(f"{name}{seen[name]}号塔")
    city.layers["towers"] = finished(
        city,
        {
            "code": numbered("TT", len(xy), 4),
            "name": titles,
            "kind": np.where(structure == "monopole", "pole", "tower").astype(object),
            "height_m": height,
            "structure": structure.astype(object),
            "owner": owner.astype(object),
            "tenants": [[] for _ in xy],
            "free_slots": np.where(rural, PLATFORMS["country"], PLATFORMS["town"]),
            "power": np.where(random.random(len(xy)) < 0.9, "mains_battery", "mains").astype(object),
            "installed_on": days_of(city, random.integers(2003, 2020, len(xy)), random),
        },
        shapely.points(xy),
        source=SOURCE,
    )
