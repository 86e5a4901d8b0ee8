"""A binary heap of (key, value) in two plain arrays, for compiled searches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.compiled import compiled


@compiled
def push(keys: NDArray[np.float64], values: NDArray[np.int32], size: int, key: float, value: int) -> int:
    """Put a pair in; return the new size. The arrays must be long enough."""
    at = size
    keys[at], values[at] = key, value
    while at > 0:
        above = (at - 1) // 2
        if keys[above] <= keys[at]:
            break
        keys[above], keys[at] = keys[at], keys[above]
        values[above], values[at] = values[at], values[above]
        at = above
    return size + 1


@compiled
def drop_least(keys: NDArray[np.float64], values: NDArray[np.int32], size: int) -> int:
    """Take the pair at the top away; return the new size."""
    size -= 1
    keys[0], values[0] = keys[size], values[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= keys[at]:
            break
        keys[below], keys[at] = keys[at], keys[below]
        values[below], values[at] = values[at], values[below]
        at = below
    return size
