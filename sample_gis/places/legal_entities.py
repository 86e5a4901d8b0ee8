"""Legal entities: companies, traders, cooperatives, offices, village collectives; none is real."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
import yaml

from sample_gis.boundary import county_name
from sample_gis.finishing import finished, numbered
from sample_gis.places.credit_codes import synthetic_code
from sample_gis.places.kinds import kind_of
from sample_gis.shares import apportion

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from sample_gis.city import City

TRADES = Path(__file__).with_name("trades.yaml")
ENTITIES = 3_000
# Plain words that firms of every town carry; with a trade and a number behind they mean no real one.
WORDS = [
    *["兴旺", "瑞丰", "恒源", "天盛", "宏泰", "丰元", "永顺", "金木", "绿源", "聚鑫", "广利", "顺达", "佳美"],
    *["同心", "立新", "润泽", "安泰", "永和", "万顺", "福临", "祥云", "长青", "明达", "华兴", "新远", "隆昌"],
]
# Limits of employees of an industrial firm (统计上大中小微型企业划分办法, 2017).
SCALES = ((1_000, "large"), (300, "medium"), (20, "small"), (0, "micro"))
PUBLIC = {
    "school": ("12", "institution", "P", "8321", ["education"], 40),
    "hospital": ("12", "institution", "Q", "8411", ["health"], 60),
    "government": ("11", "authority", "S", "9221", ["other"], 35),
    "enterprise": ("91", "enterprise", "D", "4420", ["industry"], 50),
    "station": ("91", "enterprise", "G", "5411", ["transport"], 25),
    "market": ("91", "enterprise", "L", "7222", ["market"], 15),
    "park": ("12", "institution", "N", "7850", ["urban_management"], 12),
    "building": ("12", "institution", "R", "8831", ["culture_tourism"], 15),
}


def make(city: City) -> None:
    """Add the layer ``legal_entities``, about 3,000."""
    random = city.random("legal entities")
    rows = [*_public_bodies(city), *_collectives(city)]
    trades = yaml.safe_load(TRADES.read_text(encoding="utf-8"))
    shares = [group["share"] for group in trades.values()]
    for group, count in zip(trades.values(), apportion(ENTITIES - len(rows), shares), strict=True):
        rows += _traders(city, group, int(count), random)
    table = pd.DataFrame(rows)
    table["employees"] = np.maximum(
        1, np.rint(table["staff"] * np.exp(random.normal(0, 0.7, len(table))))
    ).astype(np.int64)
    division = city.profile.county
    firm = table["entity_kind"].isin(["enterprise", "sole_trader", "cooperative"])
    city.layers["legal_entities"] = finished(
        city,
        {
            "code": numbered("FR", len(table)),
            "name": table["name"],
            "credit_code": [
                synthetic_code(registry, division, number)
                for number, registry in enumerate(table["registry"], start=1)
            ],
            "entity_kind": table["entity_kind"],
            "industry": table["section"],
            "industry_code": table["industry_code"],
            "scale": _scales(table["employees"].to_numpy(), firm.to_numpy()),
            "supervised_by": table["departments"],
            "risk_class": _risk(table, random),
            "registered_on": _registered(city, len(table), random),
            "employees": table["employees"],
            "address": _addresses(city, table["building"].to_numpy()),
        },
        table["geometry"].to_numpy(),
    )


def _public_bodies(city: City) -> list[dict[str, Any]]:
    """Return the bodies that blocks and schools are called after."""
    rows = []
    blocks = city.blocks[city.blocks["name"].fillna("").astype(bool)]
    named = [
        (name, "school", geometry)
        for name, geometry in zip(city.school_sites["name"], city.school_sites.geometry, strict=True)
        if name
    ]
    for block in blocks[blocks["use"].isin(["civic", "park"])].itertuples():
        named.append((block.name, kind_of(block.name), block.geometry))
    for name, kind, geometry in named:
        registry, entity, section, industry, departments, staff = PUBLIC[kind]
        rows.append(
            {
                "name": name,
                "registry": registry,
                "entity_kind": entity,
                "section": section,
                "industry_code": industry,
                "departments": departments,
                "staff": staff,
                "building": -1,
                "dust": False,
                "geometry": shapely.point_on_surface(geometry),
            }
        )
    return rows


def _collectives(city: City) -> list[dict[str, Any]]:
    rural = city.communities[~city.communities["urban"].astype(bool)]
    town = city.towns["name"].loc[rural["town"]].to_numpy()
    return [
        {
            "name": f"{where}{name}村股份经济合作社",
            "registry": "N2",
            "entity_kind": "village_collective",
            "section": "S",
            "industry_code": "9620",
            "departments": ["agriculture"],
            "staff": 5,
            "building": -1,
            "dust": False,
            "geometry": site,
        }
        for where, name, site in zip(town, rural["short_name"], rural["site"], strict=True)
    ]


def _traders(
    city: City, group: dict[str, Any], count: int, random: np.random.Generator
) -> list[dict[str, Any]]:
    """Draw entities of one group, in buildings of the right use; names are numbered where words run out."""
    trades = group["trades"]
    stem = county_name(city.profile.county).removesuffix("区")
    uses = city.buildings["use"].to_numpy()
    middles = shapely.point_on_surface(city.buildings.geometry.to_numpy())
    seen: dict[str, int] = {}
    rows = []
    for trade, number in zip(trades, apportion(count, [trade["weight"] for trade in trades]), strict=True):
        fitting = np.flatnonzero(np.isin(uses, trade["buildings"]))
        if not len(fitting):
            fitting = np.arange(len(uses))
        for building in random.choice(fitting, int(number)):
            plain = f"{stem}{WORDS[int(random.integers(len(WORDS)))]}"
            seen[plain + trade["word"]] = again = seen.get(plain + trade["word"], 0) + 1
            serial = "" if again == 1 else f"{again}号"
            rows.append(
                {
                    "name": f"{plain}{serial}{trade['word']}{group['ending']}",
                    "registry": group["registry"],
                    "entity_kind": group["kind"],
                    "section": trade["section"],
                    "industry_code": trade["code"],
                    "departments": trade["departments"],
                    "staff": trade["staff"],
                    "building": int(building),
                    "dust": bool(trade.get("dust", False)),
                    "geometry": middles[building],
                }
            )
    return rows


def _scales(employees: NDArray[np.int64], firm: NDArray[np.bool_]) -> list[str | None]:
    return [
        next(name for least, name in SCALES if count >= least) if counts else None
        for count, counts in zip(employees, firm, strict=True)
    ]


def _risk(table: pd.DataFrame, random: np.random.Generator) -> list[str]:
    """Draw a risk class; wood and dust put a firm higher."""
    draw = random.random(len(table)) - 0.25 * table["dust"].to_numpy()
    return [
        str(name)
        for name in np.select([draw < -0.2, draw < 0.05, draw < 0.3], ["red", "orange", "yellow"], "blue")
    ]


def _registered(city: City, count: int, random: np.random.Generator) -> NDArray[np.object_]:
    """Draw days of registration, more of them late than early."""
    last = np.datetime64(city.as_of)
    back = np.floor(np.minimum(random.exponential(2_400, count), 12_000)).astype(int)
    return np.asarray((last - back).astype(object))


def _addresses(city: City, building: NDArray[np.int64]) -> list[str | None]:
    known = city.layers["addresses"]
    whole = known[known["unit"].isna()].drop_duplicates("building_code")
    by_building = dict(zip(whole["building_code"], whole["full_text"], strict=True))
    codes = city.buildings["code"].to_numpy()
    return [by_building.get(codes[row]) if row >= 0 else None for row in building]
