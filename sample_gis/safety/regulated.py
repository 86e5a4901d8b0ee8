"""Sites under supervision: pollution sources, parking lots, and units of fire safety."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from sample_gis.devices.clock import before_now
from sample_gis.finishing import finished, numbered, where_known

if TYPE_CHECKING:
    from typing import Any

    from geopandas import GeoDataFrame

    from sample_gis.city import City

POLLUTION_SOURCES, PARKING_LOTS, FIRE_UNITS = 60, 60, 150
#: Shares of the sample: the plans' 100 %, over 60 % and 100 % are targets, never the present.
KEY_SOURCES, SOURCES_ONLINE, LOTS_SMART, LOTS_ROADSIDE = 18, 0.83, 0.45, 0.4
FACTORS = {"air": "颗粒物、挥发性有机物", "water": "化学需氧量、氨氮", "soil": "重金属"}
#: Classes of key places that people drive to.
PARKING_AT = ("hospital", "school", "transport_hub", "crowded_place", "municipal_place", "public_area")
SOURCE = "样例合成数据；规划指标为目标，非现状"


def make(city: City) -> None:
    """Add the layers ``pollution_sources``, ``parking_lots`` and ``fire_units``."""
    city.layers["pollution_sources"] = _pollution(city)
    city.layers["parking_lots"] = _parking(city)
    city.layers["fire_units"] = _fire(city)


def _pollution(city: City) -> Any:
    """Return works that pollute; the first ones are the key sources."""
    random = city.random("pollution sources")
    works = _picked(city, city.layers["legal_entities"]["industry"].eq("C"), POLLUTION_SOURCES, random)
    count = len(works)
    medium = random.choice(["air", "water", "soil"], count, p=[0.55, 0.35, 0.10])
    key = np.arange(count) < KEY_SOURCES
    columns = {
        "code": numbered("WR", count, 3),
        "name": works["name"],
        "medium": medium,
        "key_source": key,
        "online_monitoring": random.random(count) < np.where(key, SOURCES_ONLINE, 0.3),
        "permit": [f"{city.profile.county}PWX{number:04d}" for number in range(1, count + 1)],
        "factors": [FACTORS[one] for one in medium],
        "enterprise_code": works["credit_code"],
    }
    return finished(city, columns, works.geometry.to_numpy(), source=SOURCE)


def _parking(city: City) -> Any:
    """Return lots beside what people drive to, and bays along the street."""
    random = city.random("parking lots")
    places = city.layers["key_places"]
    chosen = _picked(
        city, places["class"].isin(list(PARKING_AT)),
        PARKING_LOTS, random, places,
    )  # fmt: skip
    count = len(chosen)
    roadside = random.random(count) < LOTS_ROADSIDE
    capacity = np.where(roadside, random.integers(12, 60, count), random.integers(40, 420, count))
    smart = random.random(count) < LOTS_SMART
    at = shapely.get_coordinates(shapely.point_on_surface(chosen.geometry.to_numpy()))
    at = np.round(at + random.uniform(-45, 45, (count, 2)), 2)
    free = np.floor(capacity * random.beta(2.0, 4.0, count)).astype(int)
    seconds = random.integers(30, 900, count)
    columns = {
        "code": numbered("TC", count, 3),
        "name": chosen["name"] + np.where(roadside, "路侧泊位", "停车场"),
        "kind": np.where(roadside, "roadside", "lot"),
        "capacity": capacity,
        "smart": smart,
        "free": where_known(smart, free),
        "last_time": before_now(city, seconds),
    }
    return finished(city, columns, shapely.points(at), source=SOURCE)


def _fire(city: City) -> Any:
    random = city.random("fire units")
    entities = city.layers["legal_entities"]
    units = _picked(city, entities["credit_code"].notna(), FIRE_UNITS, random)
    count = len(units)
    row = np.arange(count)
    kind = np.where(row < 12, "high_risk", np.where(row < 90, "key", "ordinary"))
    supervised = kind != "ordinary"
    columns = {
        "code": numbered("XD", count, 3),
        "name": units["name"],
        "class": kind,
        "monitored": random.random(count) < np.where(supervised, 0.78, 0.25),
        "risk_grade": random.choice(["red", "orange", "yellow", "blue"], count, p=[0.04, 0.16, 0.35, 0.45]),
        "manager_role": np.where(supervised, "消防安全管理人", "消防专兼职管理员"),
        "enterprise_code": units["credit_code"],
    }
    return finished(city, columns, units.geometry.to_numpy(), source=SOURCE)


def _picked(
    city: City, chosen: Any, count: int, random: np.random.Generator, layer: GeoDataFrame | None = None
) -> GeoDataFrame:
    """Return some of the rows that are chosen, in an order of their own."""
    rows = np.flatnonzero(np.asarray(chosen, dtype=bool))
    whole: GeoDataFrame = city.layers["legal_entities"] if layer is None else layer
    return whole.iloc[random.permutation(rows)[:count]].reset_index(drop=True)
