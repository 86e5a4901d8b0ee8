"""Small instances and all their plans, one by one."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import scipy.sparse
from hypothesis import strategies as st


def plane(seed: int, count: int = 30, size: int = 150):
    """Places and weights as the oracle's run drew them."""
    draw = np.random.default_rng(seed)
    sites = draw.integers(0, 10_000, (count, 2)).astype(float)
    demand = draw.integers(0, 10_000, (size, 2)).astype(float)
    return sites, demand, draw.integers(1, 100, size).astype(float)


@st.composite
def small(draw, *, probable: bool = False, most: int = 8):
    """Draw a matrix of up to 8 candidates and 10 demands, with whole weights."""
    count, size = draw(st.integers(2, most)), draw(st.integers(1, 10))
    seed = draw(st.integers(0, 10_000))
    chance = np.random.default_rng(seed)
    dense = (chance.random((count, size)) < 0.4).astype(float)
    if probable:
        dense *= chance.choice([0.2, 0.5, 0.9, 1.0], (count, size))
    return scipy.sparse.csr_array(dense), chance.integers(0, 20, size).astype(float)


def value(covers, weights, chosen, times=1):
    part = covers.toarray()[list(chosen)]
    if times > 1:
        return float((weights * np.minimum(part.sum(axis=0), times) / times).sum())
    return float((weights * (1 - np.prod(1 - part, axis=0))).sum())


def subsets(rows):
    for size in range(len(rows) + 1):
        yield from combinations(rows, size)
