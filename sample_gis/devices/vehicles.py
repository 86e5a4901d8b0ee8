"""Supervised vehicles with their last position: layer ``vehicles``. Vehicles only, never who drives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from sample_gis.devices.clock import before_now
from sample_gis.devices.identity import INTERNET, VEHICLE_UNIT, device_ids
from sample_gis.devices.places import Ground
from sample_gis.finishing import finished, numbered

if TYPE_CHECKING:
    from sample_gis.city import City

SOURCE = "样例合成数据；号牌为虚构格式"
#: Kind, number, department that supervises, rated load in tonnes (0 where it carries people).
_FLEET = (
    ("sprinkler", 5, "urban_management", 8.0), ("sweeper", 5, "urban_management", 3.0),
    ("refuse", 7, "urban_management", 8.0), ("muck", 9, "urban_management", 15.0),
    ("concrete", 5, "housing", 16.0), ("tourist_coach", 3, "transport", 0.0),
    ("intercity_coach", 5, "transport", 0.0), ("dangerous_goods", 4, "transport", 10.0),
    ("freight", 6, "transport", 12.0), ("taxi", 5, "transport", 0.0), ("bus", 6, "transport", 0.0),
)  # fmt: skip


def make(city: City) -> None:
    """Put some sixty vehicles of the eleven kinds on the roads; reads roads."""
    random = city.random("vehicles")
    kind = np.repeat(np.array([row[0] for row in _FLEET], dtype=object), [row[1] for row in _FLEET])
    supervisor = np.repeat(np.array([row[2] for row in _FLEET], dtype=object), [row[1] for row in _FLEET])
    load = np.repeat([row[3] for row in _FLEET], [row[1] for row in _FLEET])
    count = len(kind)
    roads = city.roads
    usable = np.flatnonzero(
        (roads["class"].to_numpy() <= 2) & (shapely.length(roads.geometry.to_numpy()) > 30)
    )
    inner = usable[roads["town"].to_numpy(dtype=object)[usable] != ""]
    local = np.isin(kind, ["sprinkler", "sweeper", "refuse", "taxi"])
    pool = inner if len(inner) else usable
    road = np.where(local, random.choice(pool, count), random.choice(usable, count))
    lines = roads.geometry.to_numpy()[road]
    way = random.uniform(0.2, 0.8, count) * shapely.length(lines)
    at = shapely.get_coordinates(shapely.line_interpolate_point(lines, way))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines, way + 2.0))
    along = ahead - at
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    along *= random.choice([-1.0, 1.0], count)[:, None]
    # Traffic keeps right.
    lane = roads["width_m"].to_numpy(dtype=float)[road] / 4
    xy = np.round(at + np.column_stack([along[:, 1], -along[:, 0]]) * lane[:, None], 2)
    online = random.random(count) < 0.93
    moving = online & (random.random(count) < 0.7)
    speed = np.where(
        moving, np.where(local, random.uniform(4, 30, count), random.uniform(15, 62, count)), 0.0
    )
    heading = np.round(np.degrees(np.arctan2(along[:, 0], along[:, 1])) % 360, 0) % 360
    city.layers["vehicles"] = finished(
        city,
        {
            "code": numbered("CL", count, 4),
            "plate": [f"皖N样{number:04d}" for number in range(1, count + 1)],
            "kind": kind,
            "owner": "营运单位（样例）",
            "supervised_by": supervisor,
            "device_id": device_ids(
                city.profile.county, Ground(city).town_number(xy), supervisor, VEHICLE_UNIT, INTERNET
            ),
            "online": online,
            "last_time": before_now(
                city,
                np.where(online, random.integers(1, 60, count), random.integers(7200, 6 * 86_400, count)),
            ),
            "heading_deg": heading,
            "speed_kmh": np.round(speed, 1),
            "load_t": np.where(load > 0, load, np.nan),
        },
        shapely.points(xy),
        source=SOURCE,
    )
