"""Shadow fading, its correlation between sites, and the probability that a place is covered."""

# ruff: noqa: PLR0917 - compiled functions take their arguments by place
from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from geo.compiled import compiled_fast as compiled
from geo.radio.kernel import is_seen, over_terrain
from geo.radio.tables import (
    HIDDEN,
    PROBABILITY,
    SEEN,
    SIGMA_HIDDEN,
    SIGMA_SEEN,
    entry,
    pattern_gain,
)

Floats = NDArray[np.float64]

#: Correlation of shadow fading between sites; sectors of one site share theirs.
#: 3GPP TR 36.942 clause 5.2 and TR 36.814 table A.2.1.1-1.
SITE_CORRELATION = 0.5
#: Sites that one point is judged by, the strongest first.
STRONGEST = 6
#: What is kept of each: the two states of sight stand beside each other.
_RANK, _STRONG, _TOGETHER, _CHANCE, _SEEN, _HIDDEN, _SIGMA_SEEN, _SIGMA_HIDDEN = range(8)
_SITE = 8
#: Nodes of the integral over the common part, and draws of the joint test.
_NODES, _DRAWS = 16, 64


def correlated_shadowing(
    sites: int, points: int, random: np.random.Generator, correlation: float = SITE_CORRELATION
) -> Floats:
    """Draw standard shadow fading for points by sites, with a common part at each point.

    Returns
    -------
    ndarray of shape (points, sites)
        Mean 0, variance 1, ``correlation`` between two sites at one point, none between points.

    Examples
    --------
    >>> drawn = correlated_shadowing(2, 20_000, np.random.default_rng(1))
    >>> round(float(np.corrcoef(drawn.T)[0, 1]), 1)
    0.5
    """
    common = random.standard_normal((points, 1)) * math.sqrt(correlation)
    return np.asarray(common + random.standard_normal((points, sites)) * math.sqrt(1 - correlation))


def nodes() -> tuple[Floats, Floats]:
    """Return nodes and weights that integrate over a standard normal variable (Gauss-Hermite)."""
    at, weight = np.polynomial.hermite_e.hermegauss(_NODES)
    return at, weight / weight.sum()


def draws() -> Floats:
    """Return draws of the joint test: the common part, then each site's own part and its line of sight.

    The same scrambled Sobol points for every place, so that equal places have equal probabilities.
    """
    from scipy.stats import qmc  # noqa: PLC0415 - takes a second, and whoever only reads results needs none

    even = qmc.Sobol(1 + 2 * STRONGEST, seed=38901).random(_DRAWS)
    even = np.clip(even, 1e-6, 1 - 1e-6)
    normal = ndtri(even[:, : 1 + STRONGEST])
    return np.column_stack([normal, even[:, 1 + STRONGEST :]])


@compiled
def _normal(value: float) -> float:
    return 0.5 * math.erfc(-value * 0.7071067811865476)


@compiled
def _gather(
    points: Any,
    sectors: Any,
    tables: Any,
    ground: Any,
    cutoff_squared: float,
    user_height: float,
    i: int,
    site: Any,
) -> tuple[int, float]:
    """Fill a row for each of the strongest masts; return how many, and the power of the others."""
    kept, rest = 0, 0.0
    k, end = points.first[points.square[i]], points.first[points.square[i] + 1]
    while k < end:
        j = points.candidates[k]
        dx, dy = points.x[i] - sectors.x[j], points.y[i] - sectors.y[j]
        squared = dx * dx + dy * dy
        down = sectors.over[j] + sectors.ground[j] - points.ground[i]
        strong, together = 0.0, 0.0
        while k < end and sectors.mast[points.candidates[k]] == sectors.mast[j]:
            if squared <= cutoff_squared:
                c = points.candidates[k]
                here = sectors.power[c] * pattern_gain(sectors, tables, c, dx, dy, down)
                together += here
                strong = max(strong, here)
            k += 1
        if strong <= 0.0:
            continue
        at, part = entry(squared)
        row = tables.loss[sectors.loss[j]]
        chance = row[at, PROBABILITY] * (1 - part) + row[at + 1, PROBABILITY] * part
        if ground.past_buildings:
            chance = 1.0 if is_seen(points, sectors, ground, i, j, user_height) else 0.0
        hill = over_terrain(points, sectors, ground, i, j, user_height) if ground.terrain.size > 0 else 1.0
        seen = (row[at, SEEN] * (1 - part) + row[at + 1, SEEN] * part) * hill
        hidden = (row[at, HIDDEN] * (1 - part) + row[at + 1, HIDDEN] * part) * hill
        # Ranked by the mean of both states, so that a mast that may be in sight is kept.
        mean = chance * seen + (1 - chance) * hidden
        place = kept
        if kept == STRONGEST:
            place = int(np.argmin(site[:, _RANK]))
            if strong * mean <= site[place, _RANK]:
                rest += together * mean
                continue
            rest += site[place, _TOGETHER] / site[place, _STRONG] * site[place, _RANK]
        else:
            kept += 1
        site[place, _RANK], site[place, _STRONG], site[place, _TOGETHER] = strong * mean, strong, together
        site[place, _SEEN], site[place, _HIDDEN], site[place, _CHANCE] = seen, hidden, chance
        site[place, _SIGMA_SEEN], site[place, _SIGMA_HIDDEN] = row[at, SIGMA_SEEN], row[at, SIGMA_HIDDEN]
    return kept, rest


@compiled
def _level_reached(
    site: Any, kept: int, least: float, correlation: float, extra_sigma: float, node: Any, weight: Any
) -> float:
    """Return the probability that at least one site reaches a level."""
    to_db = 10.0 / math.log(10.0)
    reached = 0.0
    for n in range(len(node)):
        none = 1.0
        for s in range(kept):
            chances = 0.0
            for state in range(2):
                share = site[s, _CHANCE] if state == 0 else 1.0 - site[s, _CHANCE]
                if share <= 0.0:
                    continue
                sigma = site[s, _SIGMA_SEEN + state]
                over = to_db * math.log(site[s, _STRONG] * site[s, _SEEN + state] / least)
                common = math.sqrt(correlation * sigma * sigma + extra_sigma * extra_sigma)
                alone = sigma * math.sqrt(1.0 - correlation)
                chances += share * _normal((over + common * node[n]) / alone)
            none *= 1.0 - chances
        reached += weight[n] * (1.0 - none)
    return reached


@compiled
def _ratio_reached(
    site: Any,
    kept: int,
    rest: float,
    least: float,
    least_ratio: float,
    noise: float,
    load: float,
    correlation: float,
    extra_sigma: float,
    draw: Any,
) -> float:
    """Return the share of the draws that reach the ratio among those that reach the level."""
    to_db = 10.0 / math.log(10.0)
    passed, both = 0, 0
    for d in range(len(draw)):
        strong, together = 0.0, rest
        for s in range(kept):
            state = 0 if draw[d, 1 + STRONGEST + s] < site[s, _CHANCE] else 1
            sigma = site[s, _SIGMA_SEEN + state]
            common = math.sqrt(correlation * sigma * sigma + extra_sigma * extra_sigma)
            fade = common * draw[d, 0] + sigma * math.sqrt(1.0 - correlation) * draw[d, 1 + s]
            factor = site[s, _SEEN + state] * math.exp(fade / to_db)
            together += site[s, _TOGETHER] * factor
            strong = max(strong, site[s, _STRONG] * factor)
        if strong >= least:
            passed += 1
            if strong >= least_ratio * (load * (together - strong) + noise):
                both += 1
    return both / passed if passed else 1.0


@compiled
def covered(
    points: Any,
    sectors: Any,
    tables: Any,
    ground: Any,
    cutoff_squared: float,
    user_height: float,
    least: float,
    least_ratio: float,
    noise: float,
    load: float,
    correlation: float,
    extra_sigma: float,
    node: Any,
    weight: Any,
    draw: Any,
    start: int,
    end: int,
) -> Any:
    """Return for points ``start`` to ``end`` the probability that level and ratio reach what they must.

    The level is integrated over the shadowing of the strongest sites; the share of joint draws that pass the
    ratio, among those that pass the level, multiplies it.
    """
    result = np.zeros(end - start, np.float32)
    site = np.zeros((STRONGEST, _SITE))
    for i in range(start, end):
        kept, rest = _gather(points, sectors, tables, ground, cutoff_squared, user_height, i, site)
        if kept == 0:
            continue
        level = _level_reached(site, kept, least, correlation, extra_sigma, node, weight)
        if level > 1e-4:
            level *= _ratio_reached(
                site, kept, rest, least, least_ratio, noise, load, correlation, extra_sigma, draw
            )
        result[i - start] = level
    return result
