"""Where people are by day: residents moved to workplaces and schools, nobody gained and nobody lost."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
import yaml
from pydantic import BaseModel, ConfigDict

from sample_gis.shapes.locating import containing
from sample_gis.shares import apportion, apportion_within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City

RULES = Path(__file__).with_name("daytime.yaml")


class Rules(BaseModel):
    """Who leaves home by day, and where to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    leaving: dict[str, float]
    places: dict[str, float]
    own_town: float


@lru_cache(maxsize=1)
def read_rules() -> Rules:
    """Return the rules.

    Examples
    --------
    >>> read_rules().places["factory"]
    1.2
    """
    return Rules.model_validate(yaml.safe_load(RULES.read_text(encoding="utf-8")))


def people_by_day(city: City) -> NDArray[np.int64]:
    """Return how many people are in each building, or in the fields around it, on a working day.

    Returns
    -------
    ndarray of int, shape (buildings,)
        They add up to the residents.
    """
    rules, buildings = read_rules(), city.buildings
    residents = city.residents.to_numpy()
    town = _town(city)
    leaving = residents * buildings["use"].map(rules.leaving).fillna(0.0).to_numpy(dtype=float)
    count = len(city.towns)
    leavers = np.rint(np.bincount(town, leaving, minlength=count)).astype(np.int64)
    gone = apportion_within(leavers, leaving, town)
    floor = buildings.geometry.area.to_numpy() * buildings["floors"].to_numpy(dtype=float) / 100
    room = np.round(floor * buildings["use"].map(rules.places).fillna(0.0).to_numpy(dtype=float), 3)
    if room.sum() <= 0:
        return np.asarray(residents, dtype=np.int64)
    by_town = np.bincount(town, room, minlength=count)
    # A town without a workplace sends all its people to the others.
    stay = np.where(by_town > 0, leavers * rules.own_town, 0.0)
    nearby = stay[town] * room / np.maximum(by_town[town], 1e-9)
    anywhere = (leavers.sum() - stay.sum()) * room / room.sum()
    return np.asarray(residents - gone + apportion(int(gone.sum()), nearby + anywhere), dtype=np.int64)


def _town(city: City) -> NDArray[np.int64]:
    """Return the row of the town that holds each building, the nearest one outside all."""
    outlines = city.towns.geometry.to_numpy()
    middles = shapely.centroid(city.buildings.geometry.to_numpy())
    town = containing(outlines, shapely.get_coordinates(middles))
    outside = town < 0
    town[outside] = shapely.STRtree(outlines).nearest(middles[outside])
    return town
