"""p-median: a number of sites such that demand has the shortest way to the nearest of them."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.compiled import compiled
from geo.errors import BadInput
from geo.notes import MethodNote
from geo.siting.plan import Plan
from geo.siting.rules import rows_of

#: Steps of the subgradient.
STEPS = 600


def p_median(
    distances: NDArray[np.float64],
    weights: ArrayLike,
    count: int,
    *,
    fixed: Sequence[int] = (),
    restarts: int = 12,
    seed: int = 0,
) -> Plan:
    """Choose sites so that the sum of weight times distance to the nearest site is least.

    Parameters
    ----------
    distances : ndarray of float, shape (n, m)
        From each candidate to each demand, 0 or more; infinite where there is no way.
    weights : array_like of float, shape (m,)
    count : int
        Sites beside the fixed ones.
    fixed : sequence of int
        Candidates that stand already.
    restarts, seed : int
        Exchanges begin once with a greedy choice and so many times with one drawn by the seed.

    Returns
    -------
    Plan
        ``covered``: the sum; ``bound``: no plan has less; ``gains``: what each site saves, the first one
        against none at all counted as 0 where nothing stands before it.

    Raises
    ------
    BadInput
        For lengths or numbers that do not fit, or where some demand cannot be reached.

    Notes
    -----
    Hakimi 1964, ReVelle & Swain 1970; exchanges of Teitz & Bart 1968 in the fast form of Whitaker 1983; bound
    by Lagrangian relaxation of the assignment (Christofides & Beasley 1982).

    Examples
    --------
    >>> line = np.abs(np.arange(5.0)[:, None] - np.arange(5.0))
    >>> plan = p_median(line, np.ones(5), 2)
    >>> plan.chosen.tolist(), plan.covered, plan.bound
    ([3, 0], 3.0, 3.0)
    """
    begun = time.perf_counter()
    ways = np.asarray(distances, dtype=np.float64)
    weight = np.asarray(weights, dtype=np.float64)
    if ways.ndim != 2 or weight.shape != (ways.shape[1],) or not (weight >= 0).all():
        raise BadInput("distances is candidates by demands, with a weight of 0 or more for each demand")
    if np.isnan(ways).any() or (ways < 0).any():
        raise BadInput("a distance is 0 or more; infinite where there is no way")
    if np.isinf(ways.min(axis=0)[weight > 0]).any():
        raise BadInput("some demand has no way to any candidate")
    standing = rows_of(fixed, len(ways), "fixed")
    if not 1 <= count <= len(ways) - len(standing):
        most = len(ways) - len(standing)
        raise BadInput(f"the number of sites is from 1 to {most}", count=count, most=most)
    finite = ways[np.isfinite(ways)]
    # Stands for no way: one of these costs more than all there is.
    least = max(weight[weight > 0].min(initial=1.0), 1e-12)
    far = float(finite.max(initial=0.0) * max(weight.sum(), 1.0) / least + 1)
    cost = np.ascontiguousarray(np.where(np.isfinite(ways), ways, far) * weight)
    open_ = np.zeros(len(ways), dtype=bool)
    open_[standing] = True
    best, value = None, np.inf
    draw = np.random.default_rng(seed)
    free = np.flatnonzero(~open_)
    for turn in range(restarts + 1):
        start = _greedy(cost, standing, count) if turn == 0 else draw.choice(free, count, replace=False)
        found, reached = _exchange(cost, standing, np.asarray(start, dtype=np.int64))
        if reached < value - 1e-9 * max(value if np.isfinite(value) else 0.0, 1.0):
            best, value = found, reached
    assert best is not None  # noqa: S101 - there is one turn or more
    bound = min(_lagrangian(cost, open_, count, value, STEPS), value)
    order, gains = _ranked(cost, standing, best)
    gap = (value - bound) / value if value > 0 else 0.0
    note = MethodNote(
        "Sites with the least sum of weight times distance to the nearest.",
        "Hakimi 1964; ReVelle & Swain 1970; Teitz & Bart 1968, Whitaker 1983 (exchange); "
        "Christofides & Beasley 1982 (bound)",
        {"count": count, "restarts": restarts, "seed": seed},
        {"candidates": len(free), "demands": len(weight), "gap": gap},
        ("Everybody goes to the nearest site, which has room for all.",),
    )
    return Plan(
        order, gains, float(value), float(bound), float(gap), "exchange", "lagrangian",
        time.perf_counter() - begun, total=float(weight.sum()), cost=float(count), note=note,
    )  # fmt: skip


def _greedy(cost: NDArray[np.float64], standing: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    nearest = cost[standing].min(axis=0) if len(standing) else np.full(cost.shape[1], np.inf)
    chosen: list[int] = []
    for _ in range(count):
        sums = np.minimum(cost, nearest).sum(axis=1)
        sums[[*standing, *chosen]] = np.inf
        chosen.append(int(np.argmin(sums)))
        nearest = np.minimum(nearest, cost[chosen[-1]])
    return np.array(chosen, dtype=np.int64)


def _ranked(
    cost: NDArray[np.float64], standing: NDArray[np.int64], chosen: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return sites in the order in which each saves most."""
    left = np.sort(chosen).tolist()
    nearest = cost[standing].min(axis=0) if len(standing) else None
    order, gains = [], []
    while left:
        sums = [
            float((cost[one] if nearest is None else np.minimum(nearest, cost[one])).sum()) for one in left
        ]
        best = int(np.argmin(sums))
        gains.append(0.0 if nearest is None else float(nearest.sum()) - sums[best])
        one = left.pop(best)
        nearest = cost[one] if nearest is None else np.minimum(nearest, cost[one])
        order.append(one)
    return np.array(order, dtype=np.int64), np.array(gains)


@compiled
def _exchange(  # noqa: PLR0912
    cost: NDArray[np.float64], standing: NDArray[np.int64], start: NDArray[np.int64]
) -> tuple[NDArray[np.int64], float]:
    """Exchange the pair of sites that helps most, as long as one does."""
    count, size = cost.shape
    chosen = np.concatenate((start, standing))
    free = len(start)  # only the first may go out
    inside = np.zeros(count, dtype=np.bool_)
    for one in chosen:
        inside[one] = True
    nearest = np.zeros(size, dtype=np.int64)
    first, second = np.empty(size), np.empty(size)
    losses = np.zeros(len(chosen))
    while True:
        total = 0.0
        for place in range(size):
            first[place], second[place] = np.inf, np.inf
            for at in range(len(chosen)):
                way = cost[chosen[at], place]
                if way < first[place]:
                    second[place], first[place], nearest[place] = first[place], way, at
                elif way < second[place]:
                    second[place] = way
            total += first[place]
        saved, best_in, best_out = 1e-9 * total + 1e-12, -1, -1
        for one in range(count):
            if inside[one]:
                continue
            losses[:] = 0.0
            gain = 0.0
            for place in range(size):
                way = cost[one, place]
                if way < first[place]:
                    gain += first[place] - way
                else:
                    losses[nearest[place]] += min(way, second[place]) - first[place]
            for at in range(free):
                if gain - losses[at] > saved:
                    saved, best_in, best_out = gain - losses[at], one, at
        if best_in < 0:
            return chosen[:free].copy(), total
        inside[chosen[best_out]], inside[best_in] = False, True
        chosen[best_out] = best_in


@compiled
def _lagrangian(  # noqa: PLR0912
    cost: NDArray[np.float64], standing: NDArray[np.bool_], count: int, reached: float, steps: int
) -> float:
    """Return the best of some lower bounds: each demand pays a price, sites that pay off are opened."""
    sites, size = cost.shape
    price = np.empty(size)
    for place in range(size):
        near, next_ = np.inf, np.inf
        for one in range(sites):
            way = cost[one, place]
            if way < near:
                near, next_ = way, near
            elif way < next_:
                next_ = way
        price[place] = next_ if next_ < np.inf else near
    worth = np.empty(sites)
    best, pace, idle = -np.inf, 1.5, 0
    kept = price.copy()
    for _ in range(steps):
        for one in range(sites):
            worth[one] = 0.0
            for place in range(size):
                if cost[one, place] < price[place]:
                    worth[one] += cost[one, place] - price[place]
        value = price.sum()
        served = np.full(size, -1.0)  # how many serve, less one
        order = np.argsort(np.where(standing, np.inf, worth), kind="mergesort")
        for one in range(sites):
            if standing[one]:
                value += worth[one]
        for at in range(count):
            value += worth[order[at]]
        for one in range(sites):
            is_open = standing[one]
            for at in range(count):
                is_open = is_open or order[at] == one
            if is_open:
                for place in range(size):
                    if cost[one, place] < price[place]:
                        served[place] += 1.0
        if best == -np.inf or value > best + 1e-9 * abs(best):
            best, idle = value, 0
            kept = price.copy()
        else:
            idle += 1
            if idle >= 15:
                pace, idle = pace / 2, 0
                price = kept.copy()
                continue
        norm = (served * served).sum()
        if norm <= 0.0 or reached - value <= 1e-9 * reached or pace < 1e-3:
            break
        price = np.maximum(price - pace * (reached - value) / norm * served, 0.0)
    return max(best, 0.0)
