"""A year of daily values of some sensors: layer ``sensor_daily_values``, moved by the year's weather.

A sensor has values from the day it was installed to the day it last reported; its last value is that of its
last day.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
import yaml
from pydantic import BaseModel, ConfigDict
from scipy.signal import lfilter

from sample_gis.devices.sensor_scenarios import read_scenarios
from sample_gis.finishing import table
from sample_gis.incidents.rules import quiet_factor
from sample_gis.incidents.weather import Weather, weather_of
from sample_gis.shapes.locating import containing

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from sample_gis.city import City

RULES = Path(__file__).with_name("sensor_days.yaml")
SOURCE = "样例合成数据；天气亦为合成，非实测"
#: Share of a day's chance that is left the next day.
_PERSISTENCE = 0.6


class Rule(BaseModel):
    """What moves the readings of one scenario; the words are explained in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sensors: int
    level: float
    spread: float = 0.0
    season: float = 0.0
    peak: int = 1
    per_degree: float = 0.0
    per_mm: float = 0.0
    fades: float = 0.0
    weekend: float = 1.0
    people: bool = False
    noise: float
    low: float
    high: float


@lru_cache(maxsize=1)
def read_rules() -> dict[str, Rule]:
    """Return the rule of each scenario that keeps daily values.

    Examples
    --------
    >>> read_rules()["rainfall"].per_mm
    1.0
    """
    rows = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return {name: Rule.model_validate(row) for name, row in rows.items()}


def make(city: City) -> None:
    """Write the daily values and set the last value of their sensors; reads sensors, regions and weather."""
    sensors, weather = city.layers["sensors"], weather_of(city)
    digits = {scenario.code: scenario.digits for scenario in read_scenarios()}
    first, last = _days_in_service(city, sensors)
    parts = []
    last_value = sensors["last_value"].to_numpy(dtype=float).copy()
    region = _regions(city, sensors)
    for name, rule in read_rules().items():
        usable = np.flatnonzero((sensors["scenario"] == name).to_numpy() & (first <= last))
        count = min(rule.sensors, len(usable))
        rows = usable[np.unique(np.linspace(0, len(usable) - 1, count).round().astype(np.int64))]
        values = np.round(_values(rule, weather, len(rows), city.random(f"days: {name}")), digits[name])
        has = (weather.days >= first[rows, None]) & (weather.days <= last[rows, None])
        sensor, day = np.nonzero(has)
        newest = np.searchsorted(weather.days, last[rows])
        last_value[rows] = values[np.arange(len(rows)), newest]
        parts.append(
            pd.DataFrame({"row": rows[sensor], "day": weather.days[day], "value": values[sensor, day]})
        )
    sensors["last_value"] = last_value
    days = pd.concat(parts, ignore_index=True).sort_values(["row", "day"], ignore_index=True)
    row = days["row"].to_numpy()
    code = sensors["code"].to_numpy(dtype=object)[row]
    compact = np.char.replace(weather.days.astype(str), "-", "").astype(object)
    number = np.searchsorted(weather.days, days["day"].to_numpy().astype("datetime64[D]"))
    city.layers["sensor_daily_values"] = table(
        {
            "code": code + "-" + compact[number],
            "sensor_code": code,
            "day": weather.days.astype(object)[number],
            "value": days["value"],
            "region_code": region[row],
        },
        source=SOURCE,
    )


def _days_in_service(
    city: City, sensors: GeoDataFrame
) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    """Return the first and the last day of the year on which each sensor reported."""
    installed = sensors["installed_on"].to_numpy().astype("datetime64[D]")
    reported = sensors["last_time"].dt.tz_convert(city.profile.timezone).dt.tz_localize(None)
    year = np.datetime64(f"{city.as_of.year}-01-01")
    return np.maximum(installed, year), reported.to_numpy().astype("datetime64[D]")


def _values(rule: Rule, weather: Weather, count: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Return values of ``count`` sensors by day of the year."""
    days = weather.days
    number = np.arange(len(days))
    of_day = rule.season * np.cos(2 * np.pi * (number + 1 - rule.peak) / 365.25)
    of_day = of_day + rule.per_degree * (weather.mean_c - weather.mean_c.mean())
    of_day = of_day + rule.per_mm * lfilter([1.0], [1.0, -rule.fades], weather.rain_mm)
    weekday = (days.astype("datetime64[D]").astype(int) + 3) % 7
    factor = np.where(weekday >= 5, rule.weekend, 1.0)
    if rule.people:
        # Half of what is measured goes on in weeks when few people are about.
        factor = factor * (0.5 + 0.5 * quiet_factor(days))
    own = np.exp(random.normal(0, rule.spread, (count, 1)))
    drift = np.sqrt(1 - _PERSISTENCE**2) * random.normal(0, 1, (count, len(days)))
    chance = np.exp(rule.noise * lfilter([1.0], [1.0, -_PERSISTENCE], drift, axis=1))
    if rule.per_degree > 0 and rule.low < 0:
        # A scale that goes below zero shifts with the place; it does not stretch.
        values = rule.level + of_day + (own - 1 + chance - 1) * rule.level
    else:
        values = (rule.level + of_day) * own * factor * chance
    return np.asarray(np.clip(values, rule.low, rule.high))


def _regions(city: City, sensors: GeoDataFrame) -> NDArray[np.object_]:
    """Return the smallest region that holds each sensor, as an import finds it; None outside all."""
    regions = city.layers["regions"]
    at = shapely.get_coordinates(sensors.geometry.to_numpy())
    found = np.full(len(at), None, dtype=object)
    for chosen in (regions["level"] == "community", regions["system"] == "governance_grid"):
        mine = regions[chosen]
        holder = containing(mine.geometry.to_numpy(), at)
        known = holder >= 0
        found[known] = mine["code"].to_numpy(dtype=object)[holder[known]]
    return found
