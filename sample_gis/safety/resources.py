"""Emergency resources: command sites, teams, medical sites, stores with what lies in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
import yaml

from sample_gis.finishing import finished, numbered, numbered_within, table
from sample_gis.places.kinds import kind_of
from sample_gis.shapes.locating import nearest

if TYPE_CHECKING:
    from typing import Any

    from sample_gis.city import City

SUPPLIES = Path(__file__).with_name("supplies.yaml")
COUNTY_TEAMS = (
    ("区应急指挥中心", "command", "区应急管理局", 12, 2, "大屏、卫星电话、单兵图传", 5),
    ("区综合应急救援大队", "rescue_team", "区应急管理局", 60, 9, "破拆、绳索、水域救援器材", 10),
    ("区消防救援大队", "fire_team", "区消防救援大队", 45, 11, "水罐车、举高车、抢险车", 1),
    ("区防汛抗旱抢险队", "flood_team", "区水利局", 80, 12, "冲锋舟、编织袋、水泵", 30),
    ("供电应急抢修队", "professional_team", "供电公司", 32, 8, "抢修车、应急发电车", 20),
    ("供水应急抢修队", "professional_team", "自来水公司", 18, 4, "抢修车、抽水泵", 25),
    ("燃气应急抢修队", "professional_team", "燃气公司", 14, 3, "抢修车、检漏仪", 15),
    ("通信应急保障队", "professional_team", "区通信发展办", 16, 4, "应急通信车、光缆熔接机", 30),
    ("移动泵车一组", "pump", "市政管理所", 6, 2, "1000 m³/h 移动泵车", 20),
    ("移动泵车二组", "pump", "市政管理所", 6, 2, "3000 m³/h 移动泵车", 20),
    ("应急发电车", "generator", "供电公司", 4, 2, "400 kW 发电车", 25),
    ("装备停放场", "equipment", "区应急管理局", 5, 14, "挖掘机、装载机、清障车", 40),
    ("直升机临时起降点", "helipad", "区应急管理局", 2, 0, "标志、风向袋", 60),
)


def make(city: City) -> None:
    """Add the layers ``emergency_resources`` and ``emergency_supplies``."""
    rows = pd.DataFrame([*_county(city), *_towns(city), *_communities(city)])
    points = shapely.points(np.round(np.vstack(rows["at"].to_list()), 2))
    rows["code"] = numbered("YJ", len(rows), 4)
    city.layers["emergency_resources"] = finished(
        city,
        {
            **{
                name: rows[name]
                for name in ("code", "name", "kind", "level", "unit", "staff_count", "vehicles")
            },
            "equipment": rows["equipment"],
            "response_minutes": rows["response_minutes"].astype(float),
            "hours": np.where(rows["level"] == "community", "08:00-18:00，夜间电话备勤", "24 小时"),
            "address": _addresses(city, points),
        },
        points,
    )
    city.layers["emergency_supplies"] = _supplies(city, rows[rows["kind"] == "store"])


def _row(name: str, kind: str, level: str, unit: str, at: Any, **more: Any) -> dict[str, Any]:
    plain = {"staff_count": 0, "vehicles": 0, "equipment": None, "response_minutes": 30}
    return {"name": name, "kind": kind, "level": level, "unit": unit, "at": np.asarray(at), **plain, **more}


def _moved(at: Any, east: float, north: float) -> Any:
    return at + np.array([east, north])


def _county(city: City) -> list[dict[str, Any]]:
    """Return the county's sites, in its offices; and its hospitals."""
    blocks = city.blocks
    first = sorted(city.towns.index)[0]
    offices = blocks[blocks["use"].isin(["civic", "mixed"]) & (blocks["town"] == first)]
    if offices.empty:
        offices = blocks[blocks["town"] == first]
    at = shapely.get_coordinates(shapely.point_on_surface(offices.geometry.to_numpy()))
    rows = [
        _row(
            name, kind, "county", unit, at[number % len(at)],
            staff_count=staff, vehicles=vehicles, equipment=equipment, response_minutes=minutes,
        )
        for number, (name, kind, unit, staff, vehicles, equipment, minutes) in enumerate(COUNTY_TEAMS)
    ]  # fmt: skip
    named = blocks[blocks["name"].fillna("").map(kind_of) == "hospital"]
    for block in named.itertuples():
        middle = shapely.get_coordinates(shapely.point_on_surface(block.geometry))[0]
        level = "county" if block.town == first else "town"
        more = {"staff_count": 40, "vehicles": 3, "equipment": "救护车、除颤仪", "response_minutes": 5}
        rows.append(_row(block.name, "medical", level, "区卫生健康委", middle, **more))
    stores = ("区救灾物资储备库", "区防汛物资储备库", "区医疗应急物资库")
    units = ("区应急管理局", "区水利局", "区卫生健康委")
    for number, (name, unit) in enumerate(zip(stores, units, strict=True)):
        rows.append(
            _row(name, "store", "county", unit, at[(number * 2 + 5) % len(at)], staff_count=6, vehicles=2)
        )
    return rows


def _towns(city: City) -> list[dict[str, Any]]:
    rows = []
    for town in city.towns.itertuples():
        seat = shapely.get_coordinates(town.seat)[0]
        office = town.name + ("办事处" if town.kind == "street" else "人民政府")
        staff = ({"staff_count": 30, "vehicles": 4}, {"staff_count": 15, "vehicles": 3}, {"staff_count": 3})
        own = (
            ("应急救援队", "rescue_team", (25, 10), staff[0], "冲锋舟、油锯、发电机", 15),
            ("专职消防队", "fire_team", (-30, 20), staff[1], "水罐车", 3),
            ("应急物资库", "store", (40, -25), staff[2], None, 30),
        )
        for name, kind, (east, north), people, equipment, minutes in own:
            more = {**people, "equipment": equipment, "response_minutes": minutes}
            rows.append(_row(town.name + name, kind, "town", office, _moved(seat, east, north), **more))
    return rows


def _communities(city: City) -> list[dict[str, Any]]:
    """Return a small store and a team in every second community."""
    rows = []
    for number, community in enumerate(city.communities.itertuples()):
        if number % 2:
            continue
        at = shapely.get_coordinates(community.site)[0]
        name, unit = community.short_name, community.name
        rows.append(_row(f"{name}应急物资点", "store", "community", unit, _moved(at, 8, 8), staff_count=2))
        team = {"staff_count": 12, "vehicles": 1, "equipment": "铁锹、编织袋、手电", "response_minutes": 20}
        rows.append(_row(f"{name}应急小分队", "rescue_team", "community", unit, _moved(at, -8, -8), **team))
    return rows


def _addresses(city: City, points: Any) -> list[str]:
    known = city.layers["addresses"]
    row, _ = nearest(known.geometry.to_numpy(), shapely.get_coordinates(points))
    return [f"{text}附近" for text in known["full_text"].to_numpy()[row]]


def _supplies(city: City, stores: pd.DataFrame) -> pd.DataFrame:
    """Return the stock of every store; a few items lie below their minimum or have run out of date."""
    items = yaml.safe_load(SUPPLIES.read_text(encoding="utf-8"))
    random = city.random("supplies")
    size = {"county": 1.0, "town": 0.25, "community": 0.05}
    rows = []
    for store in stores.itertuples():
        for item in items:
            if store.level not in item["levels"]:
                continue
            minimum = max(1, round(item["minimum"] * size[store.level]))
            quantity = round(minimum * float(np.exp(random.normal(0.28, 0.3))))
            expires = None
            if item["years"]:
                days = int(random.uniform(-0.05, 1.0) * item["years"] * 365)
                expires = (np.datetime64(city.as_of) + days).astype(object)
            stage = str(
                random.choice(["stored", "purchased", "allocated", "in_use"], p=[0.93, 0.03, 0.02, 0.02])
            )
            rows.append(
                {
                    "store_code": store.code,
                    "item_code": item["code"],
                    "item": item["item"],
                    "quantity": float(quantity),
                    "unit": item["unit"],
                    "minimum": float(minimum),
                    "expires_on": expires,
                    "stage": stage,
                }
            )
    frame = pd.DataFrame(rows)
    serial = numbered_within(frame["store_code"], 2)
    frame.insert(0, "code", [f"{store}-{k}" for store, k in zip(frame["store_code"], serial, strict=True)])
    return table({name: frame[name] for name in frame})
