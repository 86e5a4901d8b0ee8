"""Compiled steps of the fast method: lazy greedy choice and the exchange of single sites."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from geo.compiled import compiled

#: An exchange must add this share of what it exchanges, else rounding would exchange for ever.
_WORTH = 1e-9


@compiled
def _gain(
    one: int, starts: NDArray[np.int64], demand: NDArray[np.int64], value: NDArray[np.float64],
    left: NDArray[np.float64],
) -> float:  # fmt: skip
    total = 0.0
    for at in range(starts[one], starts[one + 1]):
        total += value[at] * left[demand[at]]
    return total


@compiled
def _fits(  # noqa: PLR0917
    one: int, out: int, labels: NDArray[np.int64], least: NDArray[np.int64], most: NDArray[np.int64],
    used: NDArray[np.int64], beside: NDArray[np.int64], is_near_out: bool,
) -> bool:  # fmt: skip
    """Tell whether a candidate may come in, with ``out`` (or -1) going out, by groups and spacing."""
    if beside[one] > (1 if is_near_out else 0):
        return False
    for part in range(len(labels)):
        mine = labels[part, one]
        theirs = labels[part, out] if out >= 0 else -1
        if mine == theirs:
            continue
        if mine >= 0 and used[part, mine] >= most[part, mine]:
            return False
        if theirs >= 0 and used[part, theirs] <= least[part, theirs]:
            return False
    return True


@compiled
def _missing(used: NDArray[np.int64], least: NDArray[np.int64]) -> int:
    total = 0
    for part in range(used.shape[0]):
        for label in range(used.shape[1]):
            total += max(least[part, label] - used[part, label], 0)
    return total


@compiled
def _serves(one: int, labels: NDArray[np.int64], used: NDArray[np.int64], least: NDArray[np.int64]) -> bool:
    """Tell whether a candidate lies in a district that has fewer sites than it must."""
    for part in range(len(labels)):
        mine = labels[part, one]
        if mine >= 0 and used[part, mine] < least[part, mine]:
            return True
    return False


@compiled
def pick(  # noqa: PLR0912, PLR0917
    starts: NDArray[np.int64], demand: NDArray[np.int64], value: NDArray[np.float64],
    rest: NDArray[np.float64], needed: NDArray[np.int64], times: int, costs: NDArray[np.float64],
    budget: float, by_cost: bool, allowed: NDArray[np.bool_], labels: NDArray[np.int64],
    least: NDArray[np.int64], most: NDArray[np.int64], near_starts: NDArray[np.int64],
    near: NDArray[np.int64], forced: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:  # fmt: skip
    """Choose one after the other what adds most, or most for its cost; of equals that with the lower row.

    Forced ones come first. Gains only sink (Minoux 1978), so that only what may be the next best is computed
    again. A candidate that does not fit once never fits later, except where places are kept for districts.
    """
    count = len(costs)
    left, open_ = rest.copy(), needed.copy()
    used = np.zeros_like(least)
    beside = np.zeros(count, dtype=np.int64)
    chosen = np.empty(count, dtype=np.int64)
    gains = np.empty(count, dtype=np.float64)
    size, spent = 0, 0.0
    cheapest = costs[allowed].min() if allowed.any() else 1.0
    heap = [(0.0, count, 0)]
    heap.pop()
    for one in range(count):
        if allowed[one]:
            worth = _gain(one, starts, demand, value, left)
            heap.append((-worth / costs[one] if by_cost else -worth, one, 0))
    heapq.heapify(heap)
    early = len(forced)
    while early > 0 or len(heap) > 0:
        if early > 0:
            one = forced[len(forced) - early]
            early -= 1
            worth = _gain(one, starts, demand, value, left)
        else:
            known, one, stamp = heapq.heappop(heap)
            reserved = _missing(used, least)
            if known >= 0.0 and reserved == 0:
                break
            room = budget * (1 + 1e-12) - spent - costs[one]
            if _serves(one, labels, used, least):
                reserved -= 1
            elif known >= 0.0:
                continue
            if room < reserved * cheapest - 1e-9 or not _fits(
                one, -1, labels, least, most, used, beside, False
            ):
                continue
            if stamp != size:
                worth = _gain(one, starts, demand, value, left)
                heapq.heappush(heap, (-worth / costs[one] if by_cost else -worth, one, size))
                continue
            worth = -known * costs[one] if by_cost else -known
        chosen[size], gains[size] = one, worth
        size += 1
        spent += costs[one]
        for part in range(len(labels)):
            if labels[part, one] >= 0:
                used[part, labels[part, one]] += 1
        for at in range(near_starts[one], near_starts[one + 1]):
            beside[near[at]] += 1
        for at in range(starts[one], starts[one + 1]):
            if times == 1:
                left[demand[at]] *= 1.0 - value[at]
            else:
                open_[demand[at]] -= 1
                if open_[demand[at]] <= 0:
                    left[demand[at]] = 0.0
    return chosen[:size].copy(), gains[:size].copy()


@compiled
def _change(  # noqa: PLR0917
    one: int, comes: bool, starts: NDArray[np.int64], demand: NDArray[np.int64], value: NDArray[np.float64],
    whose_starts: NDArray[np.int64], whose: NDArray[np.int64], whose_value: NDArray[np.float64],
    rest: NDArray[np.float64], times: int, left: NDArray[np.float64], open_: NDArray[np.int64],
    inside: NDArray[np.bool_], gains: NDArray[np.float64],
) -> None:  # fmt: skip
    """Let a candidate come in or go out, and bring the gains of all that share its demand up to date."""
    inside[one] = comes
    for at in range(starts[one], starts[one + 1]):
        place = demand[at]
        before = left[place]
        if times == 1:
            after = rest[place]
            for by in range(whose_starts[place], whose_starts[place + 1]):
                if inside[whose[by]]:
                    after *= 1.0 - whose_value[by]
        else:
            open_[place] += -1 if comes else 1
            after = rest[place] if open_[place] > 0 else 0.0
        if after != before:
            left[place] = after
            for by in range(whose_starts[place], whose_starts[place + 1]):
                gains[whose[by]] += (after - before) * whose_value[by]


@compiled
def exchange(  # noqa: PLR0912, PLR0917
    starts: NDArray[np.int64], demand: NDArray[np.int64], value: NDArray[np.float64],
    whose_starts: NDArray[np.int64], whose: NDArray[np.int64], whose_value: NDArray[np.float64],
    rest: NDArray[np.float64], needed: NDArray[np.int64], times: int, costs: NDArray[np.float64],
    budget: float, allowed: NDArray[np.bool_], labels: NDArray[np.int64], least: NDArray[np.int64],
    most: NDArray[np.int64], near_starts: NDArray[np.int64], near: NDArray[np.int64],
    forced: NDArray[np.bool_], start: NDArray[np.int64], passes: int,
) -> tuple[NDArray[np.int64], int]:  # fmt: skip
    """Exchange one chosen candidate for a better one as long as that helps; tell how often it did."""
    count = len(costs)
    chosen = start.copy()
    left, open_ = rest.copy(), needed.copy()
    inside = np.zeros(count, dtype=np.bool_)
    used = np.zeros_like(least)
    beside = np.zeros(count, dtype=np.int64)
    is_near = np.zeros(count, dtype=np.bool_)
    gains = np.zeros(count, dtype=np.float64)
    for one in range(count):
        gains[one] = _gain(one, starts, demand, value, left)
    spent = 0.0
    for one in chosen:
        _change(one, True, starts, demand, value, whose_starts, whose, whose_value, rest, times, left, open_,
                inside, gains)  # fmt: skip
        spent += costs[one]
        for part in range(len(labels)):
            if labels[part, one] >= 0:
                used[part, labels[part, one]] += 1
        for at in range(near_starts[one], near_starts[one + 1]):
            beside[near[at]] += 1
    exchanges = 0
    for _ in range(passes):
        before = exchanges
        for place in range(len(chosen)):
            out = chosen[place]
            if forced[out]:
                continue
            _change(out, False, starts, demand, value, whose_starts, whose, whose_value, rest, times, left,
                    open_, inside, gains)  # fmt: skip
            room = budget * (1 + 1e-12) - spent + costs[out]
            for at in range(near_starts[out], near_starts[out + 1]):
                is_near[near[at]] = True
            best, best_gain = out, gains[out] * (1.0 + _WORTH) + 1e-300
            for one in range(count):
                if (
                    gains[one] > best_gain and allowed[one] and not inside[one] and costs[one] <= room
                    and _fits(one, out, labels, least, most, used, beside, is_near[one])
                ):  # fmt: skip
                    best, best_gain = one, gains[one]
            for at in range(near_starts[out], near_starts[out + 1]):
                is_near[near[at]] = False
            _change(best, True, starts, demand, value, whose_starts, whose, whose_value, rest, times, left,
                    open_, inside, gains)  # fmt: skip
            if best != out:
                exchanges += 1
                chosen[place] = best
                spent += costs[best] - costs[out]
                for part in range(len(labels)):
                    if labels[part, out] >= 0:
                        used[part, labels[part, out]] -= 1
                    if labels[part, best] >= 0:
                        used[part, labels[part, best]] += 1
                for at in range(near_starts[out], near_starts[out + 1]):
                    beside[near[at]] -= 1
                for at in range(near_starts[best], near_starts[best + 1]):
                    beside[near[at]] += 1
        if exchanges == before:
            break
    return chosen, exchanges
