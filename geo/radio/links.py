"""All sectors towards one point at once: their path losses, and where the point lies in their beams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.radio.antenna import antenna_gain
from geo.radio.path_loss import free_space
from geo.radio.sectors import Described
from geo.radio.states import states_of
from geo.radio.terrain import Heights

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Losses:
    """Path losses of all sectors at once: in free space, in and out of sight, and the median over both.

    ``chance`` of sight is NaN where a model knows none.
    """

    free: Floats
    seen: Floats
    hidden: Floats
    chance: Floats
    median: Floats


def losses_of(table: Described, distance: Floats, user: float) -> Losses:
    """Return the losses over horizontal distances to a user of a height."""
    ghz, height = table.frequency_mhz / 1e3, table.height_m
    free = free_space(np.hypot(np.maximum(distance, 1.0), height - user), ghz)
    seen, hidden, chance, median = (np.empty(len(free)) for _ in range(4))
    for model in np.unique(table.model.astype(str)):
        of = table.model == model
        at = states_of(model, distance[of], ghz[of], height[of], user)
        seen[of], hidden[of], chance[of], median[of] = at.seen, at.hidden, at.chance, at.median
    return Losses(free, seen, hidden, chance, median)


@dataclass(frozen=True, slots=True)
class Beams:
    """Directions from all antennas to the point, and the gains towards it."""

    off: Floats
    below: Floats
    gain: Floats


def beams_of(table: Described, distance: Floats, bearing: Floats, rise: Floats, user: float) -> Beams:
    """Return directions and gains, from bearings to the point and how far the ground rises to the masts."""
    off = (bearing - table.azimuth_deg + 180) % 360 - 180
    below = np.degrees(np.arctan2(table.height_m - user + rise, distance))
    gain = np.empty(len(off))
    for number, pattern in enumerate(table.patterns):
        of = table.of_pattern == number
        gain[of] = antenna_gain(
            pattern, np.nan_to_num(off[of]), below[of], mechanical_tilt_deg=table.mechanical_tilt_deg[of],
            electrical_tilt_deg=table.electrical_tilt_deg[of],
        )  # fmt: skip
    return Beams(off, below, gain)


def rise_of(table: Described, user: shapely.Point, terrain: Heights | None) -> Floats:
    """Return how far the ground of each mast lies above the user's."""
    if terrain is None:
        return np.zeros(len(table.x))
    return np.asarray(terrain.at(table.x, table.y) - terrain.at([user.x], [user.y])[0], dtype=float)
