"""Hazard sources, and the areas that floods, landslides, fires and chemicals threaten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from sample_gis.finishing import finished, numbered
from sample_gis.shapes.grouping import only_polygons

if TYPE_CHECKING:
    from typing import Any

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from sample_gis.city import City

# kind, what follows the name, substance, grade of the major hazard (GB 18218) or None, radius, number
SOURCES: tuple[tuple[str, str, str, str | None, float, int], ...] = (
    ("fuel_station", "加油站", "汽油、柴油", None, 120.0, 16),
    ("fuel_station", "液化石油气充装站", "液化石油气", "4", 300.0, 2),
    ("chemical", "胶粘剂储存点", "甲醛、脲醛树脂", "4", 350.0, 3),
    ("chemical", "化工原料库", "甲苯、丙酮", "3", 600.0, 2),
    ("dust_explosion", "涉爆粉尘作业点", "木粉尘", None, 80.0, 24),
    ("ammonia", "冷库", "液氨", "4", 400.0, 2),
    ("fireworks", "烟花爆竹仓库", "烟花爆竹", "3", 500.0, 2),
    ("special_equipment", "锅炉房", "高温蒸汽", None, 60.0, 8),
    ("pipeline", "天然气门站", "天然气", "3", 300.0, 1),
    ("industrial", "油漆喷涂作业点", "有机溶剂", None, 100.0, 10),
)
RADIUS_SOURCE = "样例设定，非安全评价结论"
FLOODS = (
    ("十年一遇洪水", "red", 130.0, 1.8),
    ("二十年一遇洪水", "orange", 260.0, 3.0),
    ("百年一遇洪水", "yellow", 520.0, 4.6),
)
LANDSLIDES = 12
POOLS = 12


def make(city: City) -> None:
    """Add the layers ``hazards`` and ``hazard_areas``."""
    city.layers["hazards"] = _sources(city)
    rows = pd.DataFrame(
        [*_floods(city), *_pools(city), *_slopes(city), *_forest_fires(city), *_chemical(city)]
    )
    areas = [only_polygons(shapely.make_valid(area.intersection(city.outline))) for area in rows["geometry"]]
    kept = np.array([not area.is_empty for area in areas])
    rows, areas = rows[kept].reset_index(drop=True), [area for area in areas if not area.is_empty]
    city.layers["hazard_areas"] = finished(
        city,
        {
            "code": numbered("YF", len(rows), 3),
            **{name: rows[name] for name in ("name", "kind", "risk_class", "scenario")},
            "delineated_on": city.as_of.replace(month=4, day=30),
        },
        areas,
    )


def _sources(city: City) -> GeoDataFrame:
    random = city.random("hazards")
    entities = city.layers["legal_entities"]
    works = entities[entities["industry"] == "C"]
    cold = works["name"].str.contains("食品")
    firms = {True: works[cold], False: works[works["name"].str.contains("木业|家具|板材")]}
    order = {cold: iter(random.permutation(len(rows))) for cold, rows in firms.items()}
    roads = city.roads[(city.roads["class"] <= 1)]
    on_road = shapely.line_interpolate_point(roads.geometry.to_numpy(), 0.5, normalized=True)
    inside = shapely.get_coordinates(on_road)
    inside = inside[shapely.contains_xy(city.outline, inside[:, 0], inside[:, 1])]
    rows: list[dict[str, Any]] = []
    for kind, suffix, substance, grade, radius, number in SOURCES:
        for serial in range(1, number + 1):
            if kind in ("fuel_station", "fireworks", "pipeline"):
                at = inside[int(random.integers(len(inside)))] + random.uniform(18, 30, 2)
                name, enterprise = f"第{serial}{suffix}", None
            else:
                firm = firms[kind == "ammonia"].iloc[int(next(order[kind == "ammonia"]))]
                at = np.array([firm.geometry.x, firm.geometry.y])
                name, enterprise = f"{firm['name']}{suffix}", firm["credit_code"]
            rows.append(
                {
                    "name": name, "kind": kind, "grade": grade, "substance": substance,
                    "impact_radius_m": radius, "enterprise_code": enterprise, "at": np.round(at, 2),
                }
            )  # fmt: skip
    table = pd.DataFrame(rows)
    graded = table["grade"].notna().to_numpy()
    return finished(
        city,
        {
            "code": numbered("WX", len(table), 3),
            **{name: table[name] for name in ("name", "kind", "grade", "substance", "impact_radius_m")},
            "impact_radius_source": RADIUS_SOURCE,
            "online": random.random(len(table)) < np.where(graded, 0.92, 0.55),
            "enterprise_code": table["enterprise_code"],
            "plan_code": [f"YA{1 + number % 25:03d}" if draw < 0.8 else None
                          for number, draw in enumerate(random.random(len(table)))],
        },
        shapely.points(np.vstack(table["at"].to_list())),
    )  # fmt: skip


def _row(name: str, kind: str, risk: str, scenario: str, geometry: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "risk_class": risk, "scenario": scenario, "geometry": geometry}


def _floods(city: City) -> list[dict[str, Any]]:
    """Return the land along the river that lies low enough above it, for three floods."""
    name = city.layout.river.name
    bank = city.river.buffer(60)
    rows = []
    inner: Any = city.river
    for scenario, risk, width, above in FLOODS:
        area = _low_ground(city, width, above).union(bank)
        rows.append(_row(f"{name}洪泛区（{scenario}）", "flood", risk, scenario, area.difference(inner)))
        inner = inner.union(area)
    for number, lake in enumerate(city.reservoirs.geometry, start=1):
        shore = lake.buffer(120).difference(lake)
        rows.append(_row(f"水库{number}库周影响区", "flood", "orange", "水库满库泄洪", shore))
    return rows


def _low_ground(city: City, width: float, above: float) -> Any:
    """Return cells within a width of the river and less than a height above its bed nearby."""
    grid, terrain = city.grid, city.terrain
    near = (terrain.river_distance_m < 3 * width) & (terrain.river_distance_m > 0)
    low = near & (terrain.height_m < _river_level(city) + above)
    patches = [patch for label, patch in grid.outlines(low.astype(np.int32)) if label == 1]
    joined = shapely.union_all(patches) if patches else shapely.Polygon()
    # Cells become a shape with round corners, and strips of one cell go.
    return joined.buffer(40).buffer(-60).buffer(20).simplify(15)


def _river_level(city: City) -> NDArray[np.float64]:
    """Return for each cell the height of the river beside it: its bed falls evenly from south to north."""
    terrain = city.terrain
    _, y = city.grid.centres
    wet = terrain.river_distance_m <= 0
    slope, level = np.polyfit(y[wet], terrain.height_m[wet], 1)
    return np.asarray(slope * y + level)


def _pools(city: City) -> list[dict[str, Any]]:
    """Return the low junctions of the towns where water stands after heavy rain."""
    seat = city.towns["built_up"].iloc[0]
    roads = city.roads[(city.roads["class"] <= 2) & (city.roads["town"] != "")]
    nodes = city.road_nodes.loc[np.unique(roads["from_node"]), ["x", "y"]].to_numpy()
    nodes = nodes[shapely.contains_xy(seat, nodes[:, 0], nodes[:, 1])]
    order = np.argsort(np.round(city.terrain.at(nodes[:, 0], nodes[:, 1]), 2), kind="stable")
    chosen: list[Any] = []
    for row in order:
        if len(chosen) < POOLS and all(np.hypot(*(nodes[row] - other)) > 350 for other in chosen):
            chosen.append(nodes[row])
    return [
        _row(
            f"易涝点{number}", "waterlogging", "orange" if number <= 4 else "yellow",
            "一小时降雨 50 mm", shapely.Point(at).buffer(70, quad_segs=6),
        )
        for number, at in enumerate(chosen, start=1)
    ]  # fmt: skip


def _slopes(city: City) -> list[dict[str, Any]]:
    """Return the steepest ground near villages."""
    grid, terrain = city.grid, city.terrain
    x, y = grid.centres
    steep = np.flatnonzero((terrain.slope > 0.12) & grid.burn([city.outline], touched=False))
    order = steep[np.argsort(-np.round(terrain.slope.ravel()[steep], 4), kind="stable")]
    points = np.column_stack([x.ravel(), y.ravel()])
    chosen: list[Any] = []
    for cell in order[:4_000]:
        if len(chosen) < LANDSLIDES and all(np.hypot(*(points[cell] - other)) > 900 for other in chosen):
            chosen.append(points[cell])
    risk = ["red", *["orange"] * 3, *["yellow"] * LANDSLIDES]
    return [
        _row(
            f"地质灾害隐患点{k + 1}",
            "geological",
            risk[k],
            "持续强降雨",
            shapely.Point(at).buffer(90, quad_segs=5),
        )
        for k, at in enumerate(chosen)
    ]


def _forest_fires(city: City) -> list[dict[str, Any]]:
    forests = city.forests
    if forests.empty:
        return []
    parts = sorted(
        shapely.get_parts(shapely.union_all(forests.geometry.to_numpy())), key=lambda one: -round(one.area)
    )
    return [
        _row(
            f"森林火险区{number}",
            "forest_fire",
            "orange" if number < 3 else "yellow",
            "冬春干燥期",
            part.simplify(20),
        )
        for number, part in enumerate(parts[:6], start=1)
    ]


def _chemical(city: City) -> list[dict[str, Any]]:
    """Return the surroundings of graded sources."""
    sources = city.layers["hazards"]
    graded = sources[sources["grade"].notna()]
    return [
        _row(
            f"{source.name}影响区", "chemical", "red" if source.grade in ("1", "2") else "orange",
            "泄漏或爆炸", source.geometry.buffer(source.impact_radius_m, quad_segs=12),
        )
        for source in graded.itertuples()
    ]  # fmt: skip
