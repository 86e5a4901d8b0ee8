"""Near repeats: whether events come near each other in place and time more often than by chance (Knox)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree

from geo.errors import BadInput
from geo.hotspots.quality import metres

#: Pairs near in place that are kept in memory.
MOST_PAIRS = 30_000_000


def near_repeats(
    points: gpd.GeoDataFrame,
    times: ArrayLike,
    *,
    distances_m: tuple[float, ...] = (0.0, 100.0, 200.0, 400.0),
    days: tuple[float, ...] = (7.0, 14.0, 28.0),
    permutations: int = 999,
    seed: int,
) -> pd.DataFrame:
    """Count pairs of events by how near they are, against shuffled times.

    Parameters
    ----------
    points : GeoDataFrame
        Events with a CRS.
    times : array_like of datetime64, shape (n,)
    distances_m : tuple of float
        Upper bounds of the bands of distance, ascending; 0 first makes a band of the same place (1 m).
    days : tuple of float
        Upper bounds of the bands of time, ascending.
    permutations : int
        Shuffles of the times over the places.
    seed : int

    Returns
    -------
    DataFrame
        One row a band: ``to_m``, ``to_days``, ``observed`` pairs, ``expected`` (mean of the shuffles),
        ``ratio`` and ``p`` (one-sided, Monte Carlo).

    Raises
    ------
    BadInput
        For fewer than two events, a missing time, bounds that do not ascend, or too many pairs.

    Notes
    -----
    Knox 1964; bands and Monte Carlo by Johnson et al. 2007 (near-repeat calculator). Shuffling holds places
    and times as they are, so that neither a busy place nor a busy week alone gives a near repeat.

    Examples
    --------
    >>> draw = np.random.default_rng(1)
    >>> x, y = draw.uniform(0, 5_000, (2, 80))
    >>> twice = gpd.GeoDataFrame(geometry=gpd.points_from_xy(np.tile(x, 2) , np.tile(y, 2)), crs=32650)
    >>> day = draw.integers(0, 300, 80)
    >>> when = np.datetime64("2020-01-01") + np.concatenate([day, day + 3]).astype("timedelta64[D]")
    >>> found = near_repeats(twice, when, permutations=99, seed=1)
    >>> int(found["observed"].iloc[0]), float(found["p"].iloc[0])
    (80, 0.01)
    """
    at = metres(points)
    moments = np.asarray(times).astype("datetime64[s]")
    near, soon = np.maximum(np.array(distances_m), 1.0), np.array(days) * 86_400
    if len(at) != len(moments) or len(at) < 2 or np.isnat(moments).any():
        raise BadInput("near repeats need two events or more, each with a place and a time", events=len(at))
    if (np.diff(distances_m) <= 0).any() or (np.diff(soon) <= 0).any() or soon[0] <= 0 or permutations < 1:
        raise BadInput("bounds of distance and time must ascend from 0, and permutations be at least 1")
    tree = cKDTree(at)
    number = (int(tree.count_neighbors(tree, near[-1])) - len(at)) // 2
    if number > MOST_PAIRS:
        raise BadInput(f"{number} pairs are near: take smaller distances or fewer events", pairs=number)
    pairs = tree.query_pairs(near[-1], output_type="ndarray")
    band = np.searchsorted(near, np.hypot(*(at[pairs[:, 0]] - at[pairs[:, 1]]).T), side="left")
    seconds = moments.astype(np.int64).astype(np.float64)
    size = (len(near), len(soon))

    def count(when: np.ndarray) -> np.ndarray:
        gap = np.abs(when[pairs[:, 0]] - when[pairs[:, 1]])
        column = np.searchsorted(soon, gap, side="left")
        kept = column < len(soon)
        return np.bincount(band[kept] * len(soon) + column[kept], minlength=size[0] * size[1])

    observed = count(seconds)
    draw = np.random.default_rng(seed)
    total, as_many = np.zeros(len(observed)), np.zeros(len(observed), dtype=np.int64)
    for _ in range(permutations):
        shuffled = count(draw.permutation(seconds))
        total += shuffled
        as_many += shuffled >= observed
    mean = total / permutations
    return pd.DataFrame(
        {
            "to_m": np.repeat(distances_m, len(soon)),
            "to_days": np.tile(days, len(near)),
            "observed": observed,
            "expected": mean,
            "ratio": np.divide(observed, mean, out=np.full(len(mean), np.nan), where=mean > 0),
            "p": (1 + as_many) / (1 + permutations),
        }
    )
