"""Sensing devices in the six domains: layer ``sensors``, each with the object that it senses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sample_gis.devices import poles
from sample_gis.devices.clock import before_now, days_of
from sample_gis.devices.identity import GOVERNMENT_NETWORK, OTHER_DEVICE, device_ids
from sample_gis.devices.places import Ground, Points
from sample_gis.devices.sensor_objects import Objects, objects_of
from sample_gis.devices.sensor_scenarios import Scenario, read_scenarios
from sample_gis.finishing import finished, numbered
from sample_gis.shares import apportion

if TYPE_CHECKING:
    from sample_gis.city import City

SOURCE = "样例合成数据；规划 10000 个感知单元为目标，非现状"
_ONLINE = 0.957


def make(city: City) -> None:
    """Place exactly the profile's number of sensors; reads pipes, poles, buildings, roads and water."""
    count = city.profile.count("sensors")
    random = city.random("sensors")
    ground = Ground(city)
    scenarios = read_scenarios()
    wanted = apportion(count, [scenario.weight for scenario in scenarios]).tolist()
    parts = []
    for scenario, number in zip(scenarios, wanted, strict=True):
        parts.append(_group(city, ground, scenario, number, city.random(f"sensors: {scenario.code}")))
    table = pd.concat(parts, ignore_index=True)
    online = random.random(count) < _ONLINE
    # Those offline fell silent hours to weeks ago; the others report within their own interval.
    age = np.where(
        online,
        (table["interval_s"] * random.random(count)).astype(int),
        random.integers(7200, 40 * 86_400, count),
    )
    xy = table[["x", "y"]].to_numpy(dtype=float)
    department = table["department"].to_numpy(dtype=object)
    city.layers["sensors"] = finished(
        city,
        {
            "code": numbered("GZ", count),
            "name": table["name"],
            "device_id": device_ids(
                city.profile.county,
                ground.town_number(xy),
                department,
                OTHER_DEVICE,
                GOVERNMENT_NETWORK,
            ),
            "domain": table["domain"],
            "scenario": table["scenario"],
            "department": department,
            "carrier_kind": table["carrier_kind"],
            "carrier_code": table["carrier_code"],
            "object_layer": table["object_layer"],
            "object_code": table["object_code"],
            "connectivity": table["connectivity"],
            "quantity": table["quantity"],
            "value_unit": table["value_unit"],
            "last_value": table["last_value"],
            "last_time": before_now(city, age),
            "online": online,
            "installed_on": days_of(city, random.integers(2016, 2021, count), random),
        },
        shapely.points(xy),
        source=SOURCE,
    )
    on_pole = table["carrier_kind"] == "pole"
    poles.mount(city, table.loc[on_pole, "carrier_code"].tolist(), "sensor")


def _group(
    city: City, ground: Ground, scenario: Scenario, count: int, random: np.random.Generator
) -> pd.DataFrame:
    objects: Objects = objects_of(city, ground, scenario.objects)
    if not len(objects.xy):
        # Without such things the sensors of this scenario stand along the streets.
        objects = objects_of(city, ground, "streets")
    row = _picked(len(objects.xy), count, random)
    xy: Points = objects.xy[row] + random.uniform(-scenario.scatter_m, scenario.scatter_m, (count, 2))
    low, high = scenario.reading
    value = np.round(random.beta(2.0, 3.5, count) * (high - low) + low, scenario.digits)
    if scenario.rare is not None:
        # Mostly all is well: a switch that reports 0, seldom 1.
        value = (random.random(count) < scenario.rare).astype(float)
    return pd.DataFrame(
        {
            "x": np.round(xy[:, 0], 2),
            "y": np.round(xy[:, 1], 2),
            "name": [f"{scenario.title}{number:04d}" for number in range(1, count + 1)],
            "domain": scenario.domain,
            "scenario": scenario.code,
            "department": scenario.department,
            "carrier_kind": objects.carrier_kind,
            "carrier_code": objects.carrier_code[row] if objects.carrier_code is not None else _none(count),
            "object_layer": objects.layer,
            "object_code": objects.code[row] if objects.code is not None else _none(count),
            "connectivity": scenario.connectivity,
            "quantity": scenario.quantity,
            "value_unit": scenario.unit,
            "last_value": value,
            "interval_s": scenario.interval_s,
        }
    ).astype({"carrier_kind": object, "carrier_code": object, "object_layer": object, "object_code": object})


def _none(count: int) -> NDArray[np.object_]:
    return np.full(count, None, dtype=object)


def _picked(available: int, count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Return ``count`` rows, each as often as the others, give or take one, in ascending order."""
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    rounds = [random.permutation(available) for _ in range(-(-count // available))]
    return np.sort(np.concatenate(rounds)[:count])
