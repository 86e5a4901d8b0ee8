"""Small scenes: cameras and buildings about one point of zone 4548."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from shapely import affinity

X, Y, ZONE = 500_000.0, 3_500_000.0, 4548


def cameras(*at: tuple[float, float], **fields: object) -> gpd.GeoDataFrame:
    """Return cameras at places relative to the point; a field is one value for all, or a list."""
    usual: dict[str, object] = {
        "azimuth_deg": 0.0, "view_angle_deg": 90.0, "pixels_horizontal": 1920, "height_m": 1.6,
        "tilt_deg": 0.0, "kind": "fixed", "online": True,
    }  # fmt: skip
    places = [shapely.Point(X + x, Y + y) for x, y in (at or ((0.0, 0.0),))]
    return gpd.GeoDataFrame(usual | fields, geometry=places, index=range(len(places)), crs=ZONE)


def buildings(*shapes: shapely.Polygon, height: float | list[float] = 30.0) -> gpd.GeoDataFrame:
    """Return buildings given relative to the point."""
    moved = [affinity.translate(shape, X, Y) for shape in shapes]
    heights = height if isinstance(height, list) else [height] * len(moved)
    return gpd.GeoDataFrame({"height_m": np.array(heights, dtype=float)}, geometry=moved, crs=ZONE)


def town(seed: int, count: int, size: float = 120.0, *, apart: bool = False) -> list[shapely.Polygon]:
    """Return turned rectangles and corners, none over the middle; they may overlap unless told."""
    rng = np.random.default_rng(seed)
    found: list[shapely.Polygon] = []
    while len(found) < count:
        wide, deep = rng.uniform(4, 22, 2)
        shape = shapely.box(0, 0, wide, deep)
        if rng.random() < 0.3:
            shape = shape.difference(shapely.box(wide / 2, deep / 2, wide, deep))
        shape = affinity.rotate(shape, rng.uniform(0, 90))
        shape = affinity.translate(shape, *rng.uniform(-size, size, 2))
        clear = shape.distance(shapely.Point(0, 0)) > 2
        if clear and not (apart and any(shape.distance(other) < 0.5 for other in found)):
            found.append(shape)
    return found
