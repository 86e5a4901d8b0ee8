"""Loss in and out of sight, and how probable sight is, of any model at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from geo.radio.hata import HATA_MODELS, HIGHEST_MHZ, LOWEST_MHZ, hata_loss, hata_sigma_db
from geo.radio.hata import SOURCE as HATA_SOURCE
from geo.radio.line_of_sight import line_of_sight_probability
from geo.radio.path_loss import MODELS, RELEASE, free_space, path_loss, rural_breakpoint_m, shadowing_db

Floats = NDArray[np.float64]

#: Every model that a sector can have.
ALL_MODELS = (*MODELS, *HATA_MODELS, "free_space")
#: Lowest and highest frequency in MHz that each was made for; TR 38.901 table 7.4.1-1.
FREQUENCIES_MHZ: dict[str, tuple[float, float]] = {
    "uma": (500.0, 100_000.0),
    "umi": (500.0, 100_000.0),
    "rma": (500.0, 30_000.0),
    "sma": (500.0, 30_000.0),
    **dict.fromkeys(HATA_MODELS, (LOWEST_MHZ, HIGHEST_MHZ)),
}


@dataclass(frozen=True, slots=True)
class States:
    """What a model says at some distances.

    Attributes
    ----------
    seen, hidden : ndarray
        Loss in dB with and without line of sight; the same where a model knows none.
    chance : ndarray
        Probability of line of sight; NaN where the model knows none.
    sigma_seen, sigma_hidden : ndarray
        Standard deviation of shadowing in dB.
    median : ndarray
        Loss that half of the places at that distance do not exceed.
    """

    seen: Floats
    hidden: Floats
    chance: Floats
    sigma_seen: Floats
    sigma_hidden: Floats
    median: Floats


def states_of(
    model: str, distance_m: Floats, ghz: Floats | float, base: Floats | float, user: float
) -> States:
    """Return losses, probabilities and deviations over horizontal distances to a user of a height.

    Parameters
    ----------
    model : str
        One of `ALL_MODELS`.
    distance_m, ghz, base : ndarray
        Of one shape, or numbers that hold for all.

    Examples
    --------
    >>> at = states_of("uma", np.array([500.0]), 3.5, 25.0, 1.5)
    >>> at.seen.round(2).tolist(), at.hidden.round(2).tolist(), at.chance.round(4).tolist()
    ([98.27], [129.92], [0.0363])
    """
    heights: dict[str, Any] = {"base_height_m": base, "user_height_m": user}
    same = np.ones(len(distance_m))
    if model == "free_space":
        loss = free_space(np.hypot(np.maximum(distance_m, 1.0), base - user), ghz)
        return States(loss, loss, same, 4 * same, 4 * same, loss)
    if model in HATA_MODELS:
        loss, sigma = hata_loss(model, distance_m, ghz, **heights), hata_sigma_db(distance_m)
        return States(loss, loss, np.nan * same, sigma, sigma, loss)
    seen = path_loss(model, distance_m, ghz, line_of_sight=True, **heights)
    hidden = path_loss(model, distance_m, ghz, line_of_sight=False, **heights)
    chance = line_of_sight_probability(model, distance_m, **heights)
    beyond = distance_m > rural_breakpoint_m(ghz, base, user)
    sigma_seen = shadowing_db(model, True, beyond_breakpoint=beyond)
    sigma_hidden = shadowing_db(model, np.zeros(len(distance_m), dtype=bool))
    median = median_loss(seen, hidden, chance, sigma_seen, sigma_hidden)
    return States(seen, hidden, chance, sigma_seen, sigma_hidden, median)


def median_loss(
    seen: Floats, hidden: Floats, probability: Floats, sigma_seen: Floats, sigma_hidden: Floats
) -> Floats:
    """Return the loss that half of the places at a distance do not exceed, with or without line of sight.

    The mean of both losses in dB is the loss of nobody; the median is reached by half of the places.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> median_loss(100 * one, 120 * one, 0.5 * one, 4 * one, 4 * one).round(1).tolist()
    [110.0]
    """
    low, high = np.minimum(seen, hidden) - 1e-9, np.maximum(seen, hidden) + 1e-9
    for _ in range(34):
        middle = (low + high) / 2
        under = probability * ndtr((middle - seen) / sigma_seen)
        under = under + (1 - probability) * ndtr((middle - hidden) / sigma_hidden)
        low, high = np.where(under < 0.5, middle, low), np.where(under < 0.5, high, middle)
    return np.asarray((low + high) / 2)


def sources_of(models: Iterable[str]) -> str:
    """Return where models come from, each source once.

    Examples
    --------
    >>> sources_of(["uma", "rma"]) == RELEASE
    True
    """
    kinds = set(models)
    found = [RELEASE] if kinds & {*MODELS, "auto"} or not kinds else []
    found += [HATA_SOURCE] if kinds & set(HATA_MODELS) else []
    found += ["ITU-R P.525-4"] if "free_space" in kinds else []
    return "; ".join(found)


def out_of_range(models: NDArray[np.object_], frequency_mhz: Floats) -> int:
    """Return how many sectors have a carrier that their model was not made for.

    Examples
    --------
    >>> out_of_range(np.array(["uma", "hata_urban"], dtype=object), np.array([360.0, 360.0]))
    1
    """
    anything = (0.0, float("inf"))
    bounds = np.array([FREQUENCIES_MHZ.get(str(one), anything) for one in models]).reshape(-1, 2)
    return int(((frequency_mhz < bounds[:, 0]) | (frequency_mhz > bounds[:, 1])).sum())
