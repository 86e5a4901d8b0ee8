"""Statistics by region and year: ten indicators, five years, counties, towns and communities.

Values of the last year follow from the city itself where it has them (residents, households, legal entities,
mobile users); the years before are drawn back from it. Where a region has no figure the value is empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sample_gis.finishing import SYNTHETIC, table
from sample_gis.people.phones import users_of_communities
from sample_gis.regions.administrative import admin_regions
from sample_gis.shapes.locating import containing

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sample_gis.city import City

YEARS = 5


@dataclass(frozen=True)
class Indicator:
    """One indicator.

    Attributes
    ----------
    growth : float
        Per year, in the years before the last.
    levels : tuple of str
        Levels of regions that have the figure; the others get an empty value.
    mean : bool
        A figure per head, not summed up from the communities.
    """

    name: str
    unit: str
    definition: str
    growth: float
    levels: tuple[str, ...] = ("county", "town", "community")
    mean: bool = False


INDICATORS = (
    Indicator("residents", "人", "年末常住人口", 0.002),
    Indicator("households", "户", "年末常住户数", 0.006),
    Indicator("residents_60_plus", "人", "年末 60 岁及以上常住人口", 0.025),
    Indicator("mobile_users", "户", "年末移动电话用户数", 0.03),
    Indicator("mobile_broadband_users", "户", "年末移动宽带（4G、5G）用户数", 0.09),
    Indicator("legal_entities", "个", "年末在册法人单位数（不含个体工商户）", 0.08),
    Indicator("pupils", "人", "学年初小学和初中在校学生数", 0.01),
    Indicator("grain_output", "吨", "全年粮食产量", 0.004),
    Indicator("disposable_income", "元", "居民人均可支配收入", 0.085, ("county", "town"), mean=True),
    Indicator("gdp", "万元", "地区生产总值（当年价）", 0.075, ("county",)),
)


def make(city: City) -> None:
    """Add the layer ``region_statistics``."""
    communities = admin_regions(city, "community")
    last = _last_year(city, communities)
    random = city.random("statistics")
    parts = []
    for indicator in INDICATORS:
        # The way back in time, once for each community, so that towns and county add up in every year.
        drift = indicator.growth + random.normal(0, 0.006, (YEARS - 1, len(communities)))
        back = np.cumprod(np.vstack([np.ones(len(communities)), 1 / (1 + drift)]), axis=0)
        for step in range(YEARS):
            values = last[indicator.name] * back[step]
            rounded = values if step == 0 else np.rint(values)
            parts.append(_year(city, communities, indicator, city.as_of.year - step, rounded))
    rows = pd.concat(parts, ignore_index=True)
    rows["code"] = [
        f"{region}-{name}-{year}"
        for region, name, year in zip(rows["region_code"], rows["indicator"], rows["year"], strict=True)
    ]
    plan = (rows["indicator"] == "mobile_users") & (rows["year"] == city.as_of.year)
    plan &= rows["region_code"] == city.profile.county
    figure = city.profile.figures["mobile_users"]
    rows["provenance"] = np.where(plan & (figure.origin == "plan"), "plan", "synthetic")
    rows["source"] = np.where(plan, figure.source, SYNTHETIC)
    city.layers["region_statistics"] = table({name: rows[name] for name in rows})


def _last_year(city: City, communities: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    """Return the value of each indicator in each community in the last year."""
    random = city.random("last year")
    count = len(communities)
    residents = communities["residents"].to_numpy(dtype=float)
    urban = (communities["kind"] == "residents_committee").to_numpy()
    entities = city.layers["legal_entities"]
    counted = entities[entities["entity_kind"] != "sole_trader"]
    points = np.column_stack([counted.geometry.x, counted.geometry.y])
    home = containing(communities.geometry.to_numpy(), points)
    phones = users_of_communities(city)[city.communities.index.get_indexer(communities["code"])]
    land = communities["area_m2"].to_numpy() / 1e4
    return {
        "residents": residents,
        "households": communities["households"].to_numpy(dtype=float),
        "residents_60_plus": np.rint(residents * np.where(urban, 0.17, 0.285)),
        "mobile_users": phones.astype(float),
        "mobile_broadband_users": np.rint(phones * random.uniform(0.78, 0.9, count)),
        "legal_entities": np.bincount(home[home >= 0], minlength=count).astype(float),
        "pupils": np.rint(residents * random.uniform(0.1, 0.13, count)),
        "grain_output": np.rint(land * np.where(urban, 1.2, 4.2) * random.uniform(0.85, 1.15, count)),
        "disposable_income": np.rint(np.where(urban, 30_500, 16_800) * random.uniform(0.93, 1.07, count)),
        "gdp": np.rint(residents * np.where(urban, 4.6, 2.4) * random.uniform(0.9, 1.1, count)),
    }


def _year(
    city: City, communities: pd.DataFrame, indicator: Indicator, year: int, values: NDArray[np.float64]
) -> pd.DataFrame:
    """Return the rows of one indicator and year for all regions, summed up or averaged by residents."""
    weight = communities["residents"].to_numpy(dtype=float) if indicator.mean else np.ones(len(values))
    add: Callable[[NDArray[np.bool_]], float] = (
        (lambda rows: float(np.rint(np.average(values[rows], weights=weight[rows]))))
        if indicator.mean
        else (lambda rows: float(values[rows].sum()))
    )
    parents = communities["parent_code"].to_numpy()
    codes = [city.profile.county, *sorted(set(parents)), *communities["code"]]
    levels = ["county", *["town"] * len(set(parents)), *["community"] * len(communities)]
    everywhere = np.ones(len(values), dtype=bool)
    sums = [add(everywhere), *[add(parents == town) for town in sorted(set(parents))], *values]
    return pd.DataFrame(
        {
            "region_code": codes,
            "indicator": indicator.name,
            "year": year,
            "value": [
                value if level in indicator.levels else np.nan
                for value, level in zip(sums, levels, strict=True)
            ],
            "unit": indicator.unit,
            "definition": indicator.definition,
        }
    )
