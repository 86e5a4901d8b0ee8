"""The finished base map in the columns of the catalogue: buildings, roads, railways, water, green space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from sample_gis.land.streams import CANAL_WIDTH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City

SOURCE = "样例合成数据 / synthetic sample data"
ROAD_CLASS = np.array(["trunk", "main", "secondary", "residential", "lane"], dtype=object)
_LANES = np.array([4, 4, 2, 2, 1])
_SPEED_IN_TOWN = np.array([60, 50, 40, 30, 15])
_SPEED_IN_COUNTRY = np.array([80, 60, 40, 20, 20])
#: Storeys of a dwelling house over 27 m, or of another building over 24 m, are high-rise (GB 50016).
_HIGH_DWELLING_M, _HIGH_OTHER_M = 27.0, 24.0


def _published(city: City, columns: dict[str, Any], geometry: Any) -> gpd.GeoDataFrame:
    """Return a finished layer: its columns and what every synthetic row carries."""
    frame = gpd.GeoDataFrame(columns, geometry=geometry, crs=city.crs)
    frame["status"] = "in_service"
    frame["provenance"] = "synthetic"
    frame["source"] = SOURCE
    return frame


def _blank_as_missing(values: Any) -> NDArray[np.object_]:
    texts = np.array(values, dtype=object)
    texts[texts == ""] = None
    return texts


def _only_where(holds: NDArray[np.bool_], value: str) -> NDArray[np.object_]:
    texts = np.full(len(holds), None, dtype=object)
    texts[holds] = value
    return texts


def _buildings(city: City) -> gpd.GeoDataFrame:
    made = city.buildings
    area = made.geometry.area
    high = np.where(made["use"] == "apartment", _HIGH_DWELLING_M, _HIGH_OTHER_M)
    return _published(
        city,
        {
            "code": made["code"].to_numpy(),
            "name": _blank_as_missing(made["name"]),
            "use": made["use"].to_numpy(),
            "height_m": made["height_m"].to_numpy(),
            "floors": made["floors"].to_numpy(),
            "floors_below": ((made["floors"] >= 11).astype(int)).to_numpy(),
            "built": made["built"].to_numpy(),
            "height_source": "floors",
            "floor_area_m2": (area * made["floors"]).round(1).to_numpy(),
            "high_rise": ((made["height_m"] > high) & (made["floors"] > 1)).to_numpy(),
        },
        made.geometry.to_numpy(),
    )


def _opened_on(city: City) -> NDArray[np.object_]:
    """Return when streets of towns opened: all edges of a name on one day, newer towards the rim."""
    random = city.random("opening of streets")
    roads = city.roads
    days = np.full(len(roads), None, dtype=object)
    named = roads[(roads["town"] != "") & (roads["name"] != "") & (roads["class"] <= 2)]
    for (town, _), edges in named.groupby(["town", "name"], sort=True):
        middle = edges.geometry.union_all().centroid
        away = middle.distance(city.towns["seat"][town]) / np.sqrt(city.towns["built_up"][town].area / np.pi)
        year = round(float(np.clip(1990 + 22 * away + random.normal(0, 5), 1982, city.as_of.year)))
        opened = pd.Timestamp(year, int(random.integers(1, 13)), int(random.choice([1, 16, 26]))).date()
        days[edges.index.to_numpy()] = min(opened, city.as_of)
    return days


def _roads(city: City) -> gpd.GeoDataFrame:
    made = city.roads
    rank = made["class"].to_numpy()
    in_town = (made["town"] != "").to_numpy()
    # A way of a hamlet is no residential street: it is counted among lanes.
    kind = np.where((rank == 3) & ~in_town, "lane", ROAD_CLASS[rank])
    return _published(
        city,
        {
            "code": made["code"].to_numpy(),
            "class": kind,
            "ref": _blank_as_missing(made["ref"]),
            "name": _blank_as_missing(made["name"]),
            "opened_on": _opened_on(city),
            "width_m": made["width_m"].to_numpy(),
            "lanes": np.where(kind == "lane", 1, _LANES[rank]),
            "oneway": False,
            "speed_limit_kmh": np.where(in_town, _SPEED_IN_TOWN[rank], _SPEED_IN_COUNTRY[rank]).astype(float),
            "surface": np.where(in_town | (rank <= 1), "asphalt", "concrete"),
            "from_node": [f"N{city.profile.county}{node:06d}" for node in made["from_node"]],
            "to_node": [f"N{city.profile.county}{node:06d}" for node in made["to_node"]],
        },
        made.geometry.to_numpy(),
    )


def _railways(city: City) -> gpd.GeoDataFrame:
    made = city.railways
    return _published(
        city,
        {
            "code": [f"T{city.profile.county}{k + 1:03d}" for k in range(len(made))],
            "name": made["name"].to_numpy(),
            "class": "main",
            "electrified": True,
            "tracks": 2,
        },
        made.geometry.to_numpy(),
    )


def _reservoir_names(city: City) -> list[str]:
    """Name reservoirs after the nearest community, each once."""
    names: list[str] = []
    for lake in city.reservoirs.geometry:
        near = city.communities["site"].distance(lake).round(1).sort_values(kind="stable").index
        stems = (city.communities["short_name"][code].removesuffix("社区") for code in near)
        names.append(next(f"{stem}水库" for stem in stems if f"{stem}水库" not in names))
    return names


def _water(city: City) -> gpd.GeoDataFrame:
    streams, ponds, lakes = city.streams, city.ponds, city.reservoirs
    layout = city.layout
    kinds = [
        "river",
        "canal",
        *["stream"] * len(streams),
        *["reservoir"] * len(lakes),
        *["pond"] * len(ponds),
    ]
    names = [layout.river.name, layout.canal.name, *[None] * len(streams)]
    names += [*_reservoir_names(city), *[None] * len(ponds)]
    widths = [np.nan, CANAL_WIDTH, *streams["width_m"], *[np.nan] * (len(lakes) + len(ponds))]
    return _published(
        city,
        {
            "code": [f"W{city.profile.county}{k + 1:05d}" for k in range(len(kinds))],
            "name": names,
            "kind": kinds,
            "width_m": widths,
            "river_system": "淮河",
            "intermittent": [kind == "stream" and wide < 5 for kind, wide in zip(kinds, widths, strict=True)],
        },
        [city.river, city.canal, *streams.geometry, *lakes.geometry, *ponds.geometry],
    )


def _green(city: City) -> gpd.GeoDataFrame:
    parks = city.blocks[city.blocks["use"] == "park"]
    fields = city.blocks[city.blocks["use"] == "farm"]
    large = parks.geometry.area > 8000
    park_kinds = np.where(parks["name"] == "", "street_green", np.where(large, "park", "garden"))
    kinds = [
        *park_kinds,
        *["farmland"] * len(fields),
        *["sports_ground"] * len(city.sports_fields),
        *["forest"] * len(city.forests),
        *["farmland"] * len(city.farmland),
    ]
    public = np.isin(kinds, ["park", "garden", "street_green"])
    geometry = pd.concat(
        [frame.geometry for frame in (parks, fields, city.sports_fields, city.forests, city.farmland)]
    ).to_numpy()
    names = [*parks["name"], *[""] * (len(kinds) - len(parks))]
    frame = _published(
        city,
        {
            "code": [f"G{city.profile.county}{k + 1:05d}" for k in range(len(kinds))],
            "name": _blank_as_missing(names),
            "kind": kinds,
            "public_space": public,
            "open_to_public": public,
            "hours": _only_where(np.isin(kinds, ["park"]), "06:00–22:00"),
            "managing_unit": _only_where(public, "城市管理局园林管理所"),
        },
        geometry,
    )
    frame["area_m2"] = frame.geometry.area.round(1)
    return frame


def make(city: City) -> None:
    """Publish the layers of the base map."""
    city.layers["buildings"] = _buildings(city)
    city.layers["roads"] = _roads(city)
    city.layers["railways"] = _railways(city)
    city.layers["water"] = _water(city)
    city.layers["green_and_public_space"] = _green(city)
