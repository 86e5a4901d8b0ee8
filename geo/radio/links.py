"""All sectors towards one point at once: their path losses, and where the point lies in their beams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.radio.antenna import antenna_gain
from geo.radio.line_of_sight import line_of_sight_probability
from geo.radio.path_loss import free_space, path_loss, rural_breakpoint_m, shadowing_db
from geo.radio.sectors import Described
from geo.radio.tables import median_loss
from geo.radio.terrain import Heights

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Losses:
    """Path losses of all sectors at once: in free space, in and out of sight, and the median over both."""

    free: Floats
    seen: Floats
    hidden: Floats
    chance: Floats
    median: Floats


def losses_of(table: Described, distance: Floats, user: float) -> Losses:
    """Return the losses over horizontal distances to a user of a height."""
    ghz, height = table.frequency_mhz / 1e3, table.height_m
    free = free_space(np.hypot(np.maximum(distance, 1.0), height - user), ghz)
    seen, hidden, chance, median = free.copy(), free.copy(), np.ones(len(free)), free.copy()
    for model in np.unique(table.model.astype(str)):
        if model == "free_space":
            continue
        of = table.model == model
        d, f, h = distance[of], ghz[of], height[of]
        heights: dict[str, Any] = {"base_height_m": h, "user_height_m": user}
        seen[of] = path_loss(model, d, f, line_of_sight=True, **heights)
        hidden[of] = path_loss(model, d, f, line_of_sight=False, **heights)
        chance[of] = line_of_sight_probability(model, d, **heights)
        sigma_seen = shadowing_db(model, True, beyond_breakpoint=d > rural_breakpoint_m(f, h, user))
        sigma_hidden = shadowing_db(model, np.zeros(len(d), dtype=bool))
        median[of] = median_loss(seen[of], hidden[of], chance[of], sigma_seen, sigma_hidden)
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
