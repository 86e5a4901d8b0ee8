"""The hierarchy that HDBSCAN cuts: spanning tree of mutual reachability, condensed, by excess of mass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.compiled import compiled

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


def condensed_labels(at: Floats, least: int) -> Whole:
    """Return the cluster of each point, -1 for none.

    Parameters
    ----------
    at : ndarray of float64, shape (n, 2)
        In metres.
    least : int
        Smallest cluster, and the neighbours that make the core distance, the point itself included.
    """
    if len(at) <= least:
        return np.full(len(at), -1, dtype=np.int64)
    core = cKDTree(at).query(at, k=least)[0][:, -1]
    ends, lengths = _spanning_tree(at, core)
    order = np.argsort(lengths, kind="stable")
    left, right, merged = _linkage(ends[order], len(at))
    return _cut(left, right, merged, lengths[order], least)


@compiled
def _spanning_tree(at: Floats, core: Floats) -> tuple[Whole, Floats]:  # pragma: no cover
    """Return the edges of the smallest spanning tree of mutual reachability (Prim)."""
    size = len(at)
    best = np.full(size, np.inf)
    source = np.zeros(size, dtype=np.int64)
    free = np.ones(size, dtype=np.bool_)
    ends = np.empty((size - 1, 2), dtype=np.int64)
    lengths = np.empty(size - 1)
    now = 0
    free[0] = False
    for edge in range(size - 1):
        chosen, shortest = -1, np.inf
        for other in range(size):
            if free[other]:
                apart = np.hypot(at[now, 0] - at[other, 0], at[now, 1] - at[other, 1])
                reach = max(apart, core[now], core[other])
                if reach < best[other]:
                    best[other], source[other] = reach, now
                if best[other] < shortest:
                    chosen, shortest = other, best[other]
        ends[edge, 0], ends[edge, 1], lengths[edge] = source[chosen], chosen, shortest
        free[chosen] = False
        now = chosen
    return ends, lengths


@compiled
def _linkage(ends: Whole, size: int) -> tuple[Whole, Whole, Whole]:  # pragma: no cover
    """Return for each merge the two nodes and how many points they hold together."""
    parent = np.arange(2 * size - 1)
    number = np.ones(2 * size - 1, dtype=np.int64)
    left = np.empty(size - 1, dtype=np.int64)
    right = np.empty(size - 1, dtype=np.int64)
    merged = np.empty(size - 1, dtype=np.int64)
    for edge in range(size - 1):
        roots = np.empty(2, dtype=np.int64)
        for side in range(2):
            one = ends[edge, side]
            while parent[one] != one:
                parent[one] = parent[parent[one]]
                one = parent[one]
            roots[side] = one
        node = size + edge
        parent[roots[0]] = node
        parent[roots[1]] = node
        number[node] = number[roots[0]] + number[roots[1]]
        left[edge], right[edge], merged[edge] = roots[0], roots[1], number[node]
    return left, right, merged


def _cut(left: Whole, right: Whole, merged: Whole, lengths: Floats, least: int) -> Whole:
    """Condense the tree and take the clusters whose excess of mass is larger than that of their parts."""
    size = len(left) + 1
    number = np.concatenate([np.ones(size, dtype=np.int64), merged])
    # Events on one coordinate would be infinitely dense: a millimetre apart is dense enough.
    density = 1.0 / np.maximum(lengths, 1e-3)
    cluster_of = np.zeros(2 * size - 1, dtype=np.int64)  # by node, walking from the root
    birth, mass = [0.0], [0.0]
    parts: list[list[int]] = [[]]
    for edge in range(size - 2, -1, -1):
        own = int(cluster_of[size + edge])
        both = (int(left[edge]), int(right[edge]))
        large = [node for node in both if number[node] >= least]
        gained = float(density[edge]) - birth[own]
        if len(large) == 2:
            mass[own] += gained * float(merged[edge])
            for node in both:
                cluster_of[node] = len(birth)
                parts[own].append(len(birth))
                birth.append(float(density[edge]))
                mass.append(0.0)
                parts.append([])
            continue
        for node in both:
            cluster_of[node] = own
            # What has fallen out of its cluster has left it already.
            if number[node] < least <= merged[edge]:
                mass[own] += gained * float(number[node])
    return _labels(cluster_of[:size], _chosen(mass, parts), parts)


def _chosen(mass: list[float], parts: list[list[int]]) -> list[bool]:
    """Tell which clusters are kept; the root, which is everything, is not one."""
    kept = [False] * len(mass)
    best = list(mass)
    for one in range(len(mass) - 1, 0, -1):
        below = sum(best[part] for part in parts[one])
        if parts[one] and below > mass[one]:
            best[one] = below
        else:
            kept[one] = True
    return kept


def _labels(deepest: Whole, kept: list[bool], parts: list[list[int]]) -> Whole:
    """Return the topmost kept cluster above the deepest one that each point was part of."""
    top = np.full(len(kept), -1, dtype=np.int64)
    for one in range(1, len(kept)):
        if top[one] < 0 and kept[one]:
            top[one] = one
        for part in parts[one]:
            top[part] = top[one]
    return top[deepest]
