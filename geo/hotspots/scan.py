"""Space-time scan: the discs and spans of time that hold more events than chance explains (Kulldorff)."""

from __future__ import annotations

from typing import Any, Literal

import numba
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from geo.compiled import compiled, compiled_parallel
from geo.errors import BadInput

Floats = NDArray[np.float64]
Counts = NDArray[np.int32]
Whole = NDArray[np.int64]

#: Bins of shuffled counts that are kept in memory at once.
MOST_BINS = 20_000_000
#: Windows times shuffles that a scan may look at.
MOST_WORK = 200_000_000_000
#: Distances that differ by less are one ring: its places enter a window together.
SAME_M = 1e-6


def log_likelihood_ratio(cases: ArrayLike, expected: ArrayLike, total: float) -> Floats:
    """Return the log likelihood ratio of windows; 0 where there are no more cases than expected.

    Parameters
    ----------
    cases, expected : array_like of float, same shape
        In the window.
    total : float
        Cases in all; the expected ones of the whole area add up to it.

    Notes
    -----
    Kulldorff 1997: c ln(c/μ) + (C-c) ln((C-c)/(C-μ)).

    Examples
    --------
    >>> log_likelihood_ratio([20.0, 5.0], [10.0, 10.0], 100).round(4).tolist()
    [4.4403, 0.0]
    """
    seen, base = np.asarray(cases, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    more = seen > base
    c, mu = np.where(more, seen, 1.0), np.where(more, np.maximum(base, 1e-300), 0.5)
    rest = np.where(more, total - c, 1.0)
    around = np.where(more, np.maximum(total - mu, 1e-300), 1.0)
    outside = np.where(rest > 0, rest * np.log(np.maximum(rest, 1e-300) / around), 0.0)
    return np.asarray(np.where(more, c * np.log(c / mu) + outside, 0.0))


def scan(
    counts: pd.DataFrame,
    places: ArrayLike,
    *,
    model: Literal["poisson", "permutation"] = "permutation",
    exposure: ArrayLike | None = None,
    most_m: float = np.inf,
    most_share: float = 0.5,
    most_steps: int | None = None,
    ongoing: bool = False,
    permutations: int = 999,
    seed: int,
) -> pd.DataFrame:
    """Find the most likely cluster in space and time, and others that share no place with it.

    Parameters
    ----------
    counts : DataFrame
        One row a place, one column a step in the order of time: events, whole numbers from 0.
    places : array_like of float, shape (n, 2)
        Metres.
    model : {"poisson", "permutation"}
        "poisson" expects events by ``exposure``; "permutation" by the sums of each place and of each step
        alone, so that it needs no exposure and finds only what is neither always there nor everywhere.
    exposure : array_like of float, shape (n,) or (n, t), optional
        For "poisson": people, road length, or expected events; 0 or more.
    most_m : float
        Largest radius.
    most_share : float
        Largest share of all expected events whose places a cluster may hold, up to 0.5.
    most_steps : int, optional
        Longest cluster; half the steps where left out.
    ongoing : bool
        Look only at clusters that last to the last step.
    permutations : int
        Random copies of the events that the most likely cluster is held against.
    seed : int

    Returns
    -------
    DataFrame
        One row a cluster, the most likely first: ``middle`` (label of its middle), ``radius_m``, ``members``
        (labels), ``first`` and ``last`` (labels of steps), ``observed``, ``expected``, ``ratio``
        (observed to expected), ``relative_risk`` (inside to outside), ``llr``, ``p``. Empty where no window
        has more than expected.

    Raises
    ------
    BadInput
        For counts that are no whole numbers, places or exposure of another size, limits out of their range,
        or more windows than can be looked at.

    Notes
    -----
    Kulldorff 1997 and 2001 (Poisson), Kulldorff et al. 2005 (space-time permutation). p = (1 + copies whose
    greatest ratio is as great) / (1 + copies), Dwass 1957; that of a further cluster is conservative.
    Circles about places; places at one distance enter together.

    Examples
    --------
    >>> events = pd.DataFrame(2, index=list("abcdef"), columns=range(8))
    >>> events.loc["a", [6, 7]] = 12
    >>> found = scan(events, [[900.0 * x, 0.0] for x in range(6)], permutations=99, seed=1)
    >>> str(found.loc[0, "middle"]), int(found.loc[0, "first"]), float(found.loc[0, "p"])
    ('a', 6, 0.03)
    """
    values, at = _checked(counts, places)
    steps = values.shape[1]
    longest = max(steps // 2, 1) if most_steps is None else most_steps
    if not (0 < most_share <= 0.5 and most_m > 0 and 1 <= longest <= steps and permutations >= 1):
        raise BadInput(
            f"a scan takes a share up to 0.5, a radius above 0, 1 to {steps} steps and a permutation",
            steps=steps,
        )
    total = int(values.sum())
    empty = _table(counts, at, values, np.zeros_like(values, dtype=float), [], np.zeros(0))
    if total == 0:
        return empty
    mu = _expected(values, model, exposure)
    order, first = _rings(at, mu.sum(axis=1), most_m, most_share * total)
    work = len(order) * steps * min(longest, steps) * (permutations + 1)
    if work > MOST_WORK:
        raise BadInput(
            f"{work:.0e} windows are more than {MOST_WORK:.0e}: take fewer places, steps or permutations",
            windows=work, most=MOST_WORK,
        )  # fmt: skip
    distance = _away(at, order, first)
    whole = _ends(distance, first)
    logs = _logs(total)
    best = _best(values.astype(np.int32), mu, order, first, whole, longest, ongoing, total, logs)
    found = _apart(best, order, first)
    if not found:
        return empty
    draw = np.random.default_rng(seed)
    greatest = np.empty(permutations)
    block = max(1, min(permutations, MOST_BINS // values.size))
    for start in range(0, permutations, block):
        number = min(block, permutations - start)
        copies = _copies(values, mu, model, number, draw)
        greatest[start : start + number] = _greatest(
            copies, mu, order, first, whole, longest, ongoing, total, logs
        ).max(axis=0)
    return _table(counts, at, values, mu, [(best[0][one], *found[one]) for one in found], greatest)


def _checked(counts: pd.DataFrame, places: ArrayLike) -> tuple[Whole, Floats]:
    numbers = counts.to_numpy(dtype=np.float64)
    at = np.asarray(places, dtype=np.float64)
    if numbers.size == 0:
        raise BadInput("a scan needs places and steps")
    if not np.isfinite(numbers).all() or (numbers < 0).any() or (numbers != np.rint(numbers)).any():
        raise BadInput("a scan needs counts: whole numbers from 0")
    if at.shape != (len(numbers), 2) or not np.isfinite(at).all():
        raise BadInput(f"{len(numbers)} rows of counts and places of {at.shape}", places=len(numbers))
    return numbers.astype(np.int64), at


def _expected(values: Whole, model: str, exposure: ArrayLike | None) -> Floats:
    """Return expected events by place and step; they add up to the events."""
    total = values.sum()
    if model == "permutation":
        return np.asarray(np.outer(values.sum(axis=1), values.sum(axis=0)) / total, dtype=np.float64)
    if exposure is None:
        raise BadInput("the Poisson model needs an exposure: people, road length or expected events")
    base = np.asarray(exposure, dtype=np.float64)
    base = np.repeat(base[:, None], values.shape[1], axis=1) if base.ndim == 1 else base
    if base.shape != values.shape or not np.isfinite(base).all() or (base < 0).any() or not base.any():
        raise BadInput(f"an exposure is numbers from 0 of shape {values.shape}, not {base.shape}")
    if (values[base == 0] > 0).any():
        raise BadInput("there are events where the exposure is 0")
    return np.asarray(base * (total / base.sum()))


def _rings(at: Floats, weight: Floats, most_m: float, most: float) -> tuple[Whole, Whole]:
    """Return the places about each place, the nearest first, within the limits; and where each begins."""
    tree = cKDTree(at)
    rows: list[Whole] = []
    for own, place in enumerate(at):
        near = np.arange(len(at)) if np.isinf(most_m) else np.array(tree.query_ball_point(place, most_m))
        away = np.hypot(*(at[near] - place).T)
        away[near == own] = -1.0
        by_distance = np.lexsort((near, away))
        near, away = near[by_distance], np.maximum(away[by_distance], 0.0)
        kept = int((np.cumsum(weight[near]) <= most + 1e-9).sum())
        while 0 < kept < len(near) and away[kept] - away[kept - 1] <= SAME_M:
            kept -= 1  # a ring enters whole or not at all
        rows.append(near[:kept])
    sizes = np.array([len(row) for row in rows], dtype=np.int64)
    return np.concatenate(rows).astype(np.int64), np.concatenate([[0], np.cumsum(sizes)])


def _away(at: Floats, order: Whole, first: Whole) -> Floats:
    middle = np.repeat(np.arange(len(first) - 1), np.diff(first))
    return np.asarray(np.hypot(*(at[order] - at[middle]).T))


def _ends(distance: Floats, first: Whole) -> NDArray[np.bool_]:
    """Tell after which places a ring is whole."""
    ends = np.ones(len(distance), dtype=bool)
    ends[:-1] = np.diff(distance) > SAME_M
    filled = first[1:][np.diff(first) > 0]
    ends[filled - 1] = True
    return ends


def _logs(total: int) -> Floats:
    """Return n ln n for 0 to the total."""
    numbers = np.arange(total + 1, dtype=np.float64)
    return np.asarray(numbers * np.log(np.maximum(numbers, 1.0)))


def _copies(values: Whole, mu: Floats, model: str, number: int, draw: np.random.Generator) -> Counts:
    """Return random counts under chance, shape (n, t, number)."""
    rows, steps = values.shape
    if model == "poisson":
        share = (mu / mu.sum()).ravel()
        drawn = draw.multinomial(int(values.sum()), share, size=number)
        return np.ascontiguousarray(drawn.T.reshape(rows, steps, number), dtype=np.int32)
    place, step = (np.repeat(one.ravel(), values.ravel()) for one in np.indices(values.shape))
    copies = np.empty((rows * steps, number), dtype=np.int32)
    for copy in range(number):
        copies[:, copy] = np.bincount(place * steps + draw.permutation(step), minlength=rows * steps)
    return copies.reshape(rows, steps, number)


def _apart(
    best: tuple[Floats, Whole, Whole, Whole], order: Whole, first: Whole
) -> dict[int, tuple[NDArray[np.int64], int, int]]:
    """Return by middle the clusters that share no place, the most likely first: places and span."""
    ratio, size, start, end = best
    taken: set[int] = set()
    found = {}
    for middle in np.argsort(-ratio, kind="stable").tolist():
        if ratio[middle] <= 0:
            break
        members = order[first[middle] : first[middle] + size[middle]]
        if taken.isdisjoint(members.tolist()):
            taken.update(members.tolist())
            found[middle] = (members, int(start[middle]), int(end[middle]))
    return found


def _table(  # noqa: PLR0917
    counts: pd.DataFrame, at: Floats, values: Whole, mu: Floats, found: list[Any], greatest: Floats
) -> pd.DataFrame:
    total = values.sum()
    rows = []
    for llr, members, start, end in found:
        middle = members[0]
        observed = int(values[members, start : end + 1].sum())
        expected = float(mu[members, start : end + 1].sum())
        outside = (total - observed) / (total - expected)
        as_great = int((greatest >= llr - 1e-9).sum())
        rows.append(
            {
                "middle": counts.index[middle],
                "radius_m": float(np.hypot(*(at[members] - at[middle]).T).max()),
                "members": counts.index[members].tolist(),
                "first": counts.columns[start],
                "last": counts.columns[end],
                "observed": observed,
                "expected": expected,
                "ratio": observed / expected,
                "relative_risk": observed / expected / outside if outside > 0 else np.inf,
                "llr": float(llr),
                "p": (1 + as_great) / (1 + len(greatest)),
            }
        )
    names = ["middle", "radius_m", "members", "first", "last", "observed", "expected", "ratio"]
    return pd.DataFrame(rows, columns=[*names, "relative_risk", "llr", "p"])


@compiled
def _ratio(cases: int, log_mu: float, log_rest: float, total: int, logs: Floats) -> float:  # pragma: no cover
    rest = total - cases
    return float(logs[cases] - cases * log_mu + logs[rest] - rest * log_rest)


@compiled_parallel
def _best(  # noqa: PLR0917
    counts: Counts, mu: Floats, order: Whole, first: Whole, whole: NDArray[np.bool_], longest: int,
    ongoing: bool, total: int, logs: Floats,
) -> tuple[Floats, Whole, Whole, Whole]:  # fmt: skip # pragma: no cover
    middles, steps = len(first) - 1, counts.shape[1]
    ratio = np.zeros(middles)
    size = np.zeros(middles, dtype=np.int64)
    start = np.zeros(middles, dtype=np.int64)
    end = np.zeros(middles, dtype=np.int64)
    for middle in numba.prange(middles):
        sums = np.zeros(steps + 1, dtype=np.int64)
        base = np.zeros(steps + 1)
        seen = np.zeros(steps, dtype=np.int64)
        expected = np.zeros(steps)
        for k in range(first[middle], first[middle + 1]):
            seen += counts[order[k]]
            expected += mu[order[k]]
            if not whole[k]:
                continue
            for step in range(steps):
                sums[step + 1] = sums[step] + seen[step]
                base[step + 1] = base[step] + expected[step]
            for till in range(steps - 1 if ongoing else 0, steps):
                for since in range(max(0, till + 1 - longest), till + 1):
                    cases = sums[till + 1] - sums[since]
                    window = base[till + 1] - base[since]
                    if cases > window > 0 and total > window:
                        found = _ratio(cases, np.log(window), np.log(total - window), total, logs)
                        if found > ratio[middle] + 1e-12:
                            ratio[middle] = found
                            size[middle] = k + 1 - first[middle]
                            start[middle], end[middle] = since, till
    return ratio, size, start, end


@compiled_parallel
def _greatest(  # noqa: PLR0917
    copies: Counts, mu: Floats, order: Whole, first: Whole, whole: NDArray[np.bool_], longest: int,
    ongoing: bool, total: int, logs: Floats,
) -> Floats:  # fmt: skip # pragma: no cover
    """Return the greatest ratio of each copy about each middle: a window's logarithms serve all copies."""
    middles, steps, number = len(first) - 1, copies.shape[1], copies.shape[2]
    greatest = np.zeros((middles, number))
    for middle in numba.prange(middles):
        seen = np.zeros((steps, number), dtype=np.int32)
        sums = np.zeros((steps + 1, number), dtype=np.int32)
        expected = np.zeros(steps)
        base = np.zeros(steps + 1)
        for k in range(first[middle], first[middle + 1]):
            seen += copies[order[k]]
            expected += mu[order[k]]
            if not whole[k]:
                continue
            for step in range(steps):
                sums[step + 1] = sums[step] + seen[step]
                base[step + 1] = base[step] + expected[step]
            for till in range(steps - 1 if ongoing else 0, steps):
                for since in range(max(0, till + 1 - longest), till + 1):
                    window = base[till + 1] - base[since]
                    if window <= 0 or total <= window:
                        continue
                    log_mu, log_rest = np.log(window), np.log(total - window)
                    for copy in range(number):
                        cases = sums[till + 1, copy] - sums[since, copy]
                        if cases > window:
                            found = _ratio(cases, log_mu, log_rest, total, logs)
                            greatest[middle, copy] = max(greatest[middle, copy], found)
    return greatest
