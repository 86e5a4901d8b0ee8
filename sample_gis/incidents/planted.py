"""Hotspots planted into the year, with their truth beside them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import shapely
import yaml
from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from sample_gis.city import City
    from sample_gis.incidents.ground import Ground
    from sample_gis.incidents.weather import Weather

FILE = Path(__file__).with_name("planted.yaml")
#: What an analysis should find, by category.
EXPECTED = Path(__file__).with_name("expected.yaml")
APART_M = 700.0


class Planted(BaseModel):
    """One hotspot as it was planted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    category: str
    class_code: str = Field(alias="class")
    ground: str
    count: int
    radius_m: float
    shape: Literal["level", "summer", "rising", "falling", "quarter_ends", "rain"]
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    zh: str
    en: str


@lru_cache(maxsize=1)
def read_planted() -> tuple[Planted, ...]:
    """Return the hotspots to plant.

    Examples
    --------
    >>> read_planted()[0].category
    'persistent'
    """
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(Planted.model_validate(row) for row in rows)


def day_weights(planted: Planted, weather: Weather) -> NDArray[np.float64]:
    """Return the weight of each day of the year for a planted hotspot."""
    days = weather.days
    inside = (days >= np.datetime64(planted.first)) & (days <= np.datetime64(planted.last))
    place = np.cumsum(inside) / max(int(inside.sum()), 1)
    by_shape = {
        "level": np.ones(len(days)),
        "summer": 1 + np.sin(np.pi * place),
        "rising": 1 + place,
        "falling": 2 - place,
        "quarter_ends": (days.astype("datetime64[M]").astype(int) % 3 == 2).astype(float),
        "rain": np.maximum(weather.rain_mm - 15, 0.0),
    }
    weights = np.where(inside, by_shape[planted.shape], 0.0)
    return weights if weights.sum() > 0 else inside.astype(float)


def anchors(grounds: dict[str, Ground]) -> list[int]:
    """Return the spot of its ground that each planted hotspot stands on, well apart from the others."""
    taken: list[NDArray[np.float64]] = []
    chosen = []
    for planted in read_planted():
        ground = grounds[planted.ground]
        order = np.argsort(-np.round(ground.weight, 2), kind="stable")
        free = [
            int(row)
            for row in order[:4_000:7]
            if all(np.hypot(*(ground.at[row] - other)) > APART_M for other in taken)
        ]
        spot = free[0] if free else int(order[0])
        taken.append(ground.at[spot])
        chosen.append(spot)
    return chosen


def around(
    middle: NDArray[np.float64], planted: Planted, count: int, random: np.random.Generator
) -> NDArray[np.float64]:
    """Return places inside the radius, denser towards the middle."""
    reach = planted.radius_m * random.random(count) ** 0.8
    angle = random.random(count) * 2 * np.pi
    return middle + np.column_stack([reach * np.cos(angle), reach * np.sin(angle)])


def truth(city: City, middles: list[NDArray[np.float64]], counts: list[int]) -> list[dict[str, Any]]:
    """Return what was planted, in longitude and latitude."""
    expectations = yaml.safe_load(EXPECTED.read_text(encoding="utf-8"))
    where = gpd.GeoSeries(shapely.points(np.array(middles)), crs=city.crs).to_crs(4326)
    return [
        {
            "cause": planted.category,
            "category": planted.category,
            "lon": round(point.x, 6),
            "lat": round(point.y, 6),
            "radius_m": planted.radius_m,
            "class": planted.class_code,
            "from": planted.first.isoformat(),
            "to": planted.last.isoformat(),
            "shape": planted.shape,
            "incidents": count,
            "description": {"zh": planted.zh, "en": planted.en},
            "expect": expectations[planted.category],
            "changed": {},
            "provenance": "synthetic",
        }
        for planted, point, count in zip(read_planted(), where, counts, strict=True)
    ]
