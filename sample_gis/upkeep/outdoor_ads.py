"""Outdoor advertising: signs on shops, roof and wall boards, pillars by main roads, screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from sample_gis.finishing import finished, numbered, where_known

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City

SIGNBOARDS, WALLS, ROOFS, SCREENS, PILLARS = 420, 60, 40, 24, 30
# Median area and height of each kind, metres.
SIZES = {
    "signboard": (6.0, 3.5),
    "wall": (24.0, 8.0),
    "roof": (40.0, 15.0),
    "led_screen": (18.0, 9.0),
    "pillar": (54.0, 12.0),
}
WITHOUT_PERMIT = 0.12


def make(city: City) -> None:
    """Add the layer ``outdoor_ads``."""
    random = city.random("outdoor ads")
    rows = pd.concat([_on_buildings(city, random), _by_roads(city, random)], ignore_index=True)
    count = len(rows)
    area, height = (np.array([SIZES[kind][k] for kind in rows["kind"]]) for k in (0, 1))
    permitted = random.random(count) >= WITHOUT_PERMIT
    now = np.datetime64(city.as_of)
    ends = now + random.integers(-120, 900, count)
    inspected = now - random.integers(20, 800, count)
    lit = random.random(count) < np.where(rows["kind"] == "led_screen", 1.0, 0.45)
    city.layers["outdoor_ads"] = finished(
        city,
        {
            "code": numbered("GG", count, 4),
            "name": rows["name"],
            "kind": rows["kind"],
            "permit": [f"样例广字{city.as_of.year}{k:04d}" if has else None
                       for k, has in enumerate(permitted, start=1)],
            "permit_valid_to": where_known(permitted, ends.astype(object)),
            "area_m2": np.round(area * np.exp(random.normal(0, 0.4, count)), 1),
            "height_m": np.round(height * np.exp(random.normal(0, 0.15, count)), 1),
            "illuminated": lit,
            "owner": np.where(rows["kind"] == "signboard", "沿街商户", "广告公司"),
            "inspected_on": inspected.astype(object),
            "building_code": rows["building_code"],
            "road_code": rows["road_code"],
        },
        shapely.points(np.round(rows[["x", "y"]].to_numpy(dtype=float), 2)),
    )  # fmt: skip


def _on_buildings(city: City, random: np.random.Generator) -> pd.DataFrame:
    buildings = city.buildings
    frames = []
    wanted = (
        ("signboard", ["shop", "commercial"], SIGNBOARDS, "店招"),
        ("wall", ["shop", "apartment", "commercial"], WALLS, "墙体广告"),
        ("roof", ["shop", "commercial", "office"], ROOFS, "楼顶广告"),
        ("led_screen", ["commercial", "civic", "shop"], SCREENS, "电子屏"),
    )
    for kind, uses, number, title in wanted:
        fitting = np.flatnonzero(buildings["use"].isin(uses) & (buildings["block"] >= 0))
        rows = np.sort(random.choice(fitting, min(number, len(fitting)), replace=False))
        at = _on_front(city, buildings.geometry.to_numpy()[rows], roof=kind == "roof")
        frames.append(
            pd.DataFrame(
                {
                    "x": at[:, 0],
                    "y": at[:, 1],
                    "kind": kind,
                    "name": [f"{title}{k}" for k in range(1, len(rows) + 1)],
                    "building_code": buildings["code"].to_numpy(dtype=object)[rows],
                    "road_code": None,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _on_front(city: City, walls: NDArray[np.object_], *, roof: bool) -> NDArray[np.float64]:
    """Return the point of each building towards its nearest road, or its middle for the roof."""
    if roof:
        return shapely.get_coordinates(shapely.centroid(walls))
    lines = city.roads.geometry.to_numpy()
    near = shapely.STRtree(lines).query_nearest(walls, all_matches=False)
    pairs = near[:, np.argsort(near[0], kind="stable")]
    front = shapely.shortest_line(walls[pairs[0]], lines[pairs[1]])
    return shapely.get_coordinates(shapely.get_point(front, 0))


def _by_roads(city: City, random: np.random.Generator) -> pd.DataFrame:
    roads = city.roads[(city.roads["class"] <= 1) & (city.roads.length > 60)]
    middle = shapely.line_interpolate_point(roads.geometry.to_numpy(), 0.5, normalized=True)
    inside = np.flatnonzero(shapely.within(middle, city.outline))
    rows = np.sort(random.choice(inside, min(PILLARS, len(inside)), replace=False))
    at = shapely.get_coordinates(middle[rows])
    way = shapely.get_coordinates(shapely.get_point(roads.geometry.to_numpy()[rows], -1)) - at
    way /= np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    away = roads["width_m"].to_numpy(dtype=float)[rows] / 2 + 6
    at = at + np.column_stack([-way[:, 1], way[:, 0]]) * away[:, None]
    return pd.DataFrame(
        {
            "x": at[:, 0],
            "y": at[:, 1],
            "kind": "pillar",
            "name": [f"立柱广告{k}" for k in range(1, len(rows) + 1)],
            "building_code": None,
            "road_code": roads["code"].to_numpy(dtype=object)[rows],
        }
    )
