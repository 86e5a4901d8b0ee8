"""What a superblock is used for, by its distance from the seat and its side of town."""

from __future__ import annotations

import math

import numpy as np

#: Area at which a piece of each use is cut no further, m²; before a log-normal draw.
TARGET_M2 = {
    "core": 12e3, "self_built": 15e3, "estate": 46e3, "industry": 62e3, "mixed": 17e3, "school": 36e3,
    "civic": 16e3, "park": 26e3, "farm": 90e3,
}  # fmt: skip


def _industrial_side(town: int, away: float, angle: float) -> bool:
    """Tell whether this side of town holds factories: the east of Yeji, all rims of its second street."""
    if town == 0:
        return away > 0.6 and -75 < angle < 75
    if town == 1:
        return away > 0.45
    return town in (2, 3, 4) and away > 0.8 and angle > 20


_COUNTY_TOWN = {
    "centre": {"core": 0.6, "mixed": 0.13, "estate": 0.12, "civic": 0.08, "park": 0.07},
    "industrial": {"industry": 0.72, "estate": 0.1, "self_built": 0.1, "farm": 0.08},
    "middle": {"estate": 0.52, "self_built": 0.28, "mixed": 0.07, "civic": 0.07, "park": 0.06},
    "rim": {"estate": 0.36, "self_built": 0.28, "farm": 0.28, "park": 0.08},
}
_SMALL_TOWN = {
    "centre": {"core": 0.58, "self_built": 0.26, "mixed": 0.09, "civic": 0.07},
    "industrial": {"industry": 0.7, "self_built": 0.2, "farm": 0.1},
    "rim": {"self_built": 0.53, "estate": 0.15, "farm": 0.26, "park": 0.02, "civic": 0.04},
}


def _weights(town: int, away: float, angle: float) -> dict[str, float]:
    if away < (0.27 if town == 0 else 0.4):
        zone = "centre"
    elif _industrial_side(town, away, angle):
        zone = "industrial"
    else:
        zone = "middle" if town == 0 and away < 0.75 else "rim"
    return (_COUNTY_TOWN if town == 0 else _SMALL_TOWN)[zone]


def draw_use(random: np.random.Generator, town: int, away: float, east: float, north: float) -> str:
    """Draw the use of a superblock.

    Parameters
    ----------
    town : int
        Position of the town; 0 is the county town.
    away : float
        Centrality: 0 at the seat, 1 at the rim.
    east, north : float
        Offset from the seat, metres.
    """
    weights = _weights(town, away, math.degrees(math.atan2(north, east)))
    sums = np.cumsum(list(weights.values()))
    return list(weights)[int(np.searchsorted(sums / sums[-1], random.random(), side="right"))]


def background(town: int, away: float) -> str:
    """Return what fills the rest of a superblock of which one parcel is a park or an office."""
    if away < 0.3:
        return "core"
    return "estate" if town == 0 else "self_built"
