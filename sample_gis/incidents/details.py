"""What else the record of an incident says: level, unit, grids, road, people hurt; never a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sample_gis.finishing import where_known
from sample_gis.shapes.locating import containing, tree_of

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray
    from shapely import STRtree

    from sample_gis.city import City
    from sample_gis.incidents.rules import Rules

# Classes with a level of the Emergency Response Law, and the share that is more than general.
GRADED = ("04", "T", "S", "F")
MAJOR = 0.006
# Mean number injured, and probability that somebody was killed, by class.
HURT = {
    "T01": (0.15, 0.004),
    "T02": (0.45, 0.008),
    "T03": (0.9, 0.025),
    "T04": (0.4, 0.025),
    "T05": (0.1, 0.002),
}
SETTLED_IN_GRID = 0.62
SENSITIVE = {"S": 0.05, "H": 0.01}


def details(city: City, rules: Rules, table: pd.DataFrame) -> dict[str, Any]:
    """Return the remaining columns of the layer, in the order of the table."""
    random = city.random("incident details")
    count = len(table)
    kind = table["class_code"].to_numpy(dtype=object)
    first = table["class_code"].str[0].to_numpy()
    graded = table["class_code"].str.startswith(GRADED).to_numpy()
    level = np.where(random.random(count) < MAJOR, "3", "4").astype(object)
    injured, killed = _hurt(kind, random)
    by_grid = table["channel"].isin(["grid_worker", "neighbour_chief"]).to_numpy()
    closed = (table["state"] == "closed").to_numpy()
    settled = by_grid & closed & (random.random(count) < SETTLED_IN_GRID)
    rare = np.array([SENSITIVE.get(letter, 0.002) for letter in first])
    points = tree_of(table[["x", "y"]].to_numpy())
    regions = city.layers["regions"]
    grid = _inside(regions[regions["system"] == "governance_grid"], points)
    return {
        "level": where_known(graded, level),
        "responsible_unit": _units(city, rules, kind, points),
        "grid_code": grid,
        "unit_grid_code": _inside(regions[regions["system"] == "unit_grid"], points),
        "part_code": _or_none(table["part_code"]),
        "settled_in_grid": pd.array(where_known(by_grid & closed, settled), dtype="boolean"),
        "sensitive": random.random(count) < rare,
        "injured": injured,
        "killed": killed,
        "road_code": _or_none(table["road_code"]),
        "place": _places(city, table["place"], grid),
    }


def _or_none(values: pd.Series) -> NDArray[np.object_]:
    texts = values.fillna("").to_numpy(dtype=object)
    return where_known(texts != "", texts)


def _places(city: City, labels: pd.Series, grid: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return what the place is called; the community stands in where a road has no name."""
    short = city.communities["short_name"].to_dict()
    community = [f"{short[code[:12]]}境内" if code else None for code in grid]
    return np.where(labels.fillna("") == "", np.array(community, dtype=object), labels.to_numpy(dtype=object))


def _inside(regions: Any, points: STRtree) -> NDArray[np.object_]:
    codes = np.array([*regions["code"], None], dtype=object)
    return np.asarray(codes[containing(regions.geometry.to_numpy(), points)])


def _units(city: City, rules: Rules, kind: NDArray[np.object_], points: STRtree) -> NDArray[np.object_]:
    """Return who handles each incident; 属地 is the office or the police post of the town it lies in."""
    known, member = np.unique(kind, return_inverse=True)
    unit = np.array([rules.classes[code].unit for code in known], dtype=object)[member]
    town = containing(city.towns.geometry.to_numpy(), points)
    offices, posts = [], []
    for name, form in zip(city.towns["name"], city.towns["kind"], strict=True):
        offices.append(name + ("办事处" if form == "street" else "人民政府"))
        posts.append(name.removesuffix("街道").removesuffix("镇").removesuffix("乡") + "派出所")
    # Outside every town, at the rim, the county's own office takes it.
    by_town = np.array([*offices, "区城市运行管理中心"], dtype=object)[town]
    police = np.array([*posts, "区公安局"], dtype=object)[town]
    unit = np.where(unit == "属地乡镇街道", by_town, unit)
    return np.where(unit == "属地派出所", police, unit)


def _hurt(kind: NDArray[np.object_], random: np.random.Generator) -> tuple[Any, Any]:
    mean = np.array([HURT.get(code, (0.0, 0.0))[0] for code in kind])
    fatal = np.array([HURT.get(code, (0.0, 0.0))[1] for code in kind])
    injured, killed = random.poisson(mean), (random.random(len(kind)) < fatal).astype(np.int64)
    other = mean == 0
    return (
        pd.arrays.IntegerArray(injured.astype(np.int64), other),
        pd.arrays.IntegerArray(killed, other),
    )
