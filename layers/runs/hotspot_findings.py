"""What a run of hotspots tells: columns of its cells, sums of its regions, and each hotspot in data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.cells import parse, polygons
from geo.density import in_areas
from geo.hotspots import Category, wording
from layers.definitions.loading import read_catalog
from layers.definitions.words import Words
from layers.regions.codes import code_prefix
from layers.runs.hotspot_parameters import AREA_LAYERS, HotspotParameters, SmallCounts
from layers.runs.hotspot_pictures import COLUMNS as SEEN_OTHERWISE
from layers.runs.kinds import NO_YES, Column, Inputs

#: Counts of sensitive classes below this are not shown.
LEAST_SHOWN = 5

#: Number of each category in the result: hot above 0, cold below, the newest furthest from it.
HOT_ORDER = (
    Category.HISTORICAL, Category.DIMINISHING, Category.SPORADIC, Category.OSCILLATING,
    Category.CONSECUTIVE, Category.PERSISTENT, Category.INTENSIFYING, Category.NEW,
)  # fmt: skip
NUMBERS: dict[Category, int] = {
    Category.NONE: 0,
    **{one: place for place, one in enumerate(HOT_ORDER, 1)},
    **{Category(one.value.replace("_hot", "_cold")): -place for place, one in enumerate(HOT_ORDER, 1)},
}


COLUMNS = (
    Column("n", Words(zh="事件数", en="Incidents"), 0, amount=True),
    Column("expected", Words(zh="期望数", en="Expected"), 2, amount=True),
    Column("category", Words(zh="类别", en="Category"), 0),
    Column("z", Words(zh="末步 z 值（含邻环）", en="z of the last step, with the ring"), 2),
    Column("p", Words(zh="末步 p 值（含邻环）", en="p of the last step, with the ring"), 4),
    Column("trend_z", Words(zh="趋势 z 值（含邻环）", en="z of the trend, with the ring"), 2),
    Column("share_hot", Words(zh="为热的步占比（含邻环）", en="Share of hot steps, with the ring"), 2),
    Column("since", Words(zh="起始（年月日）", en="Since (yyyymmdd)"), 0),
    Column("whole_z", Words(zh="全期 z 值（含邻环）", en="z of the whole period, with the ring"), 2),
    Column(
        "whole",
        Words(zh="全期为热（含邻环）", en="Hot over the whole period, with the ring"),
        0,
        words=NO_YES,
    ),
    *SEEN_OTHERWISE,
    Column("hot", Words(zh="热点单元", en="Hot cells"), 0, amount=True),
    Column("edge", Words(zh="研究区边缘", en="On the edge of the study area"), 0, words=NO_YES),
)
#: What a region can have: a test is of cells.
AREA_COLUMNS = tuple(column for column in COLUMNS if column.name in {"n", "hot"})


@lru_cache(maxsize=1)
def sensitive_classes() -> frozenset[str]:
    """Return the incident classes that the code list marks sensitive."""
    return frozenset(
        code.code for code in read_catalog().code_lists["incident_class"].codes if code.sensitive
    )


def hides(parameters: HotspotParameters, classes: Iterable[str]) -> bool:
    """Tell whether small counts must not be shown: every class that is counted is sensitive."""
    return parameters.small_counts is SmallCounts.HIDE and sensitive_classes().issuperset(classes)


def columns_of(table: pd.DataFrame, hot: NDArray[np.int8], steps: pd.Index, *, hidden: bool) -> pd.DataFrame:
    """Return the columns of a result; small counts are missing where they are hidden."""
    starts = np.array([float(step.strftime("%Y%m%d")) for step in pd.DatetimeIndex(steps)])
    is_hot = hot > 0
    since = np.where(table["hot_since"] >= 0, table["hot_since"], is_hot.argmax(axis=1))
    small = hidden & (table["n"] > 0) & (table["n"] < LEAST_SHOWN)
    return pd.DataFrame(
        {
            "n": table["n"].mask(small),
            "expected": table["expected"],
            "category": table["category"].map(NUMBERS).astype(float),
            "z": table["last_z"],
            "p": table["last_p"],
            "trend_z": table["trend_z"],
            "share_hot": table["share_hot"],
            "since": np.where(is_hot.any(axis=1), starts[since], np.nan),
            "whole_z": table["whole_z"],
            "whole": table["whole"],
            # a count could be told from either
            "rate": table["rate"].mask(small),
            "moran": table["moran"].mask(small),
            "moran_p": table["moran_p"],
            "quadrant": table["quadrant"],
            "hot": (table["category"].map(NUMBERS) > 0).astype(float),
            "edge": table["edge"].astype(float),
        },
        index=table.index,
    )


def by_areas(
    inputs: Inputs, events: pd.DataFrame, cells: pd.DataFrame, *, hidden: bool = False
) -> pd.DataFrame:
    """Count incidents and hot cells by region; a cell belongs where its middle lies."""
    columns = ["layer", "code", "name", *(column.name for column in AREA_COLUMNS)]
    hot = cells[cells["hot"] > 0]
    middles = polygons(hot.index.to_numpy()).to_crs(3857).centroid.to_crs(4326)
    points = gpd.GeoDataFrame(geometry=middles.to_numpy(), crs=4326)
    found = []
    for layer in AREA_LAYERS:
        areas = inputs.frames.get(layer)
        if areas is None:
            continue
        areas = areas[areas["code"].notna()]
        if prefix := inputs.prefix or inputs.city_prefix:
            areas = areas[areas["code"].str.startswith(prefix)]
        if len(areas):
            counted = _counted(events, areas)
            if hidden:
                counted = counted.mask((counted > 0) & (counted < LEAST_SHOWN))
            warm = in_areas(points, areas)["n"] if len(points) else 0.0
            named = areas[["code", "name"]].assign(layer=layer, n=counted, hot=warm)
            found.append(pd.DataFrame(named.drop(columns="geometry", errors="ignore")))
    return pd.concat(found).reindex(columns=columns) if found else pd.DataFrame(columns=columns)


def _counted(events: pd.DataFrame, areas: gpd.GeoDataFrame) -> pd.Series:
    """Count incidents by region: where their points lie, or whose code theirs begins with."""
    if "region_code" not in events:
        return in_areas(gpd.GeoDataFrame(events, geometry="geometry", crs=4326), areas)["n"]
    own = areas["code"].map(code_prefix)
    numbers = pd.Series(0.0, index=areas.index)
    for size in own.str.len().unique():
        same = own[own.str.len() == size]
        numbers[same.index] = same.map(events["region_code"].str[:size].value_counts()).fillna(0.0)
    return numbers


def told(hotspot: Any, inputs: Inputs, parameters: HotspotParameters, *, hidden: bool) -> dict[str, Any]:
    """Return a hotspot as data with its region; the words are put in by who shows it."""
    found: dict[str, Any] = asdict(hotspot)
    words = wording(Category(hotspot.category))
    found["category_title"] = {"zh": words.zh, "en": words.en}
    found["rule"] = {"zh": words.rule_zh, "en": words.rule_en}
    if hotspot.above is not None:
        above = wording(Category(hotspot.above.category))
        found["above"]["category_title"] = {"zh": above.zh, "en": above.en}
    return within_rights(placed(found, inputs), parameters, hidden=hidden)


def placed(found: dict[str, Any], inputs: Inputs) -> dict[str, Any]:
    """Return a finding with the middle of its cell and the smallest region that holds it."""
    middle = polygons(parse([found["cell"]])).iloc[0].centroid
    region: dict[str, Any] = {"region": None, "region_name": None}
    for layer in ("communities", "towns", "counties"):
        areas = inputs.frames.get(layer)
        if areas is None or region["region"]:
            continue
        inside = areas[shapely.contains(areas.geometry.to_numpy(), middle) & areas["code"].notna().to_numpy()]
        if len(inside):
            region = {"region": str(inside["code"].iloc[0]), "region_name": str(inside["name"].iloc[0])}
    return found | {"lon": round(middle.x, 6), "lat": round(middle.y, 6)} | region


def within_rights(found: dict[str, Any], parameters: HotspotParameters, *, hidden: bool) -> dict[str, Any]:
    """Return a finding without the small counts that its readers may not see."""
    if parameters.small_counts is SmallCounts.HIDE:
        closed = sensitive_classes()
        listed = [one for one in found["classes"] if one[0] not in closed or one[1] >= LEAST_SHOWN]
        found = found | {"classes": listed}
    if hidden:
        hours = [one for one in found["hours"] if one[1] >= LEAST_SHOWN]
        found = found | {"hours": hours, "n": _shown(found["n"])}
        if found.get("series"):
            found["series"] = [_shown(n) for n in found["series"]]
        if found.get("above"):
            found["above"] = found["above"] | {"n": _shown(found["above"]["n"])}
    return found


def _shown(n: int) -> int | None:
    return None if 0 < n < LEAST_SHOWN else n
