"""Hotspots seen otherwise: smoothed rates against what is exposed, and whether like lies beside like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.hotspots import empirical_bayes, excess, local_moran
from layers.definitions.words import Words
from layers.runs.hotspot_parameters import Against, HotspotParameters
from layers.runs.kinds import Column, Ramp
from layers.runs.pictures import Picture

Floats = NDArray[np.float64]

#: Draws at each place before those that reach the smallest p are drawn on.
PERMUTATIONS = 199
#: What a rate is per: unit as the screens read it, and how many of what the background counts.
PER: dict[Against, tuple[str, float]] = {
    Against.PEOPLE: ("1/1000 people", 1000.0),
    Against.ROAD_LENGTH: ("1/km", 1.0),
    Against.AREA: ("1/km²", 1.0),
    Against.MEAN: ("1/km²", 1.0),
    Against.INCIDENTS: ("1/1000 incidents", 1000.0),
}
#: By number in the result: own excess and that of the ring.
_QUADRANTS = {"low-low": 1.0, "low-high": 2.0, "high-low": 3.0, "high-high": 4.0}
_TITLES = (
    Words(zh="低-低：成片偏少", en="Low-low: less, all around"),
    Words(zh="低-高：夹在偏多处", en="Low-high: less amid more"),
    Words(zh="高-低：孤立偏多", en="High-low: more, by itself"),
    Words(zh="高-高：成片偏多", en="High-high: more, all around"),
)
_NOT_SIGNIFICANT = Words(zh="不显著", en="Not significant")

COLUMNS = (
    Column("rate", Words(zh="发生率（经验贝叶斯）", en="Rate (empirical Bayes)"), 2),
    Column("moran", Words(zh="局部 Moran I", en="Local Moran's I"), 2),
    Column("moran_p", Words(zh="局部 Moran p 值", en="p of local Moran's I"), 5),
    Column(
        "quadrant",
        Words(zh="局部 Moran 类型", en="Type by local Moran"),
        0,
        words=(_NOT_SIGNIFICANT, *_TITLES),
    ),
)
PICTURES = (
    Picture(
        "rate",
        Words(zh="发生率", en="Rate"),
        Ramp(
            dark=("#4A3B28", "#7A5222", "#B06A1E", "#E88A2C", "#FFC987"),
            light=("#F6E3CC", "#EDBE8B", "#DE8F3F", "#B5560F", "#701C00"),
        ),
        zero_title=Words(zh="无可比对象，不计", en="No rate: nothing to compare"),
    ),
    Picture(
        "quadrant",
        Words(zh="局部 Moran", en="Local Moran"),
        Ramp(
            dark=("#3F7FD0", "#9CC3F0", "#F5B7A3", "#E5484D"),
            light=("#2563B0", "#8FB8E3", "#F0A68C", "#BE2226"),
        ),
        classes=tuple(
            (title, place + 0.5 if place < len(_TITLES) else float("inf"))
            for place, title in enumerate(_TITLES, 1)
        ),
        class_names=tuple(name.replace("-", "_") for name in _QUADRANTS),
        zero_title=_NOT_SIGNIFICANT,
    ),
)


@dataclass(frozen=True, slots=True)
class Background:
    """What expected counts are fitted to, by cell.

    Attributes
    ----------
    values : ndarray of float64, shape (n, m)
        All that is there; columns of cells of one resolution add up to those of coarser ones.
    compared : slice
        Columns of what the run compares with, from which rates are.
    """

    values: Floats
    compared: slice

    def exposed(self) -> Floats:
        """Return how much is exposed, by cell."""
        return np.asarray(self.values[:, self.compared].sum(axis=1))


def seen_otherwise(
    parameters: HotspotParameters,
    rings: Any,
    *,
    total: Floats,
    expected: Floats,
    exposed: Floats,
    spread: float,
) -> pd.DataFrame:
    """Return smoothed rates and local Moran's I of some cells.

    Parameters
    ----------
    rings : sparse matrix, shape (n, n)
        Neighbourhoods.
    total, expected, exposed : ndarray of float64, shape (n,)
        Incidents over the period, how many were expected, and what they are held against.
    spread : float
        As `geo.hotspots.dispersion`.

    Returns
    -------
    DataFrame
        `COLUMNS`, in the order of the cells. ``rate`` is 0 where nothing is exposed, ``quadrant`` 0 where the
        pattern is not significant at the run's false discovery rate.
    """
    rate = np.zeros(len(total))
    there = exposed > 0
    if there.any():
        rate[there] = empirical_bayes(total[there], exposed[there]) * PER[parameters.against][1]
    # Of each cell by itself: as a normal value, so that one incident where hardly any was due is no giant.
    own, _ = excess(total, expected, spread)
    found = pd.DataFrame({"rate": rate, "moran": 0.0, "moran_p": 1.0, "quadrant": 0.0})
    if len(own) >= 4 and np.ptp(own) > 0:
        local = local_moran(
            own, rings, permutations=PERMUTATIONS, seed=parameters.seed, q=parameters.q, finer=True
        )
        found["moran"], found["moran_p"] = local["moran"], local["p"]
        found["quadrant"] = local["quadrant"].map(_QUADRANTS).where(local["significant"], 0.0)
    return found
