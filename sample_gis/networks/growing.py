"""Trees over a street graph: shortest ways from a source, and the way water finds to its outfalls."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sample_gis.networks.streets import Indices, Numbers, Streets

#: Ground that differs by less than this is level to the flood of a drain, metres.
LEVEL_STEP_M = 1.5


@dataclass(frozen=True)
class Tree:
    """A tree (or forest) over street nodes.

    Attributes
    ----------
    order : ndarray of int
        Reached nodes, roots first, every node after its parent.
    parent : ndarray of int
        Parent of each node, -1 for roots and for nodes not reached.
    edge : ndarray of int
        Street edge to the parent, -1 likewise.
    """

    order: Indices
    parent: Indices
    edge: Indices

    @property
    def joined(self) -> Indices:
        """Nodes that have a parent, each after its parent."""
        return self.order[self.parent[self.order] >= 0]

    def collected(self, own: Numbers) -> Numbers:
        """Return for each node its own amount and that of everything behind it, seen from the root."""
        total = own.astype(float).copy()
        for node in self.joined[::-1].tolist():
            total[self.parent[node]] += total[node]
        return total

    def pruned(self, keep: Indices) -> Tree:
        """Return the tree with only the nodes on the ways from the roots to ``keep``."""
        wanted = np.zeros(len(self.parent), dtype=bool)
        wanted[keep] = True
        for node in self.joined[::-1].tolist():
            wanted[self.parent[node]] |= wanted[node]
        order = self.order[wanted[self.order]]
        parent, edge = np.full_like(self.parent, -1), np.full_like(self.edge, -1)
        parent[order], edge[order] = self.parent[order], self.edge[order]
        return Tree(order, parent, edge)


def shortest_tree(streets: Streets, weight: Numbers, root: int) -> Tree:
    """Return the tree of least weight from a root (Dijkstra); edges of infinite weight are closed."""
    near = streets.neighbours(np.isfinite(weight))
    # Whole centimetres: the same tree on every machine.
    cost: list[int] = np.round(np.where(np.isfinite(weight), weight, 0.0) * 100).astype(np.int64).tolist()
    return _grow(len(streets.xy), near, [(0, root)], lambda so_far, edge, _node: int(so_far + cost[edge]))


def lowest_tree(streets: Streets, outfalls: Sequence[int], usable: Numbers) -> Tree:
    """Return the forest on which every node drains to an outfall over the lowest highest point.

    Among ways over equally high ground (in steps of ``LEVEL_STEP_M``) the shorter one is taken.
    """
    near = streets.neighbours(usable > 0)
    length: list[int] = np.round(streets.length_m * 100).astype(np.int64).tolist()
    base = float(streets.ground_m[list(outfalls)].min())
    step: list[int] = [
        max(0, math.ceil(round((level - base) / LEVEL_STEP_M, 6))) for level in streets.ground_m.tolist()
    ]
    # Height and length in one whole number, height first; no town has 10,000 km of streets.
    scale = 10**12

    def cost(so_far: int, edge: int, node: int) -> int:
        height, way = divmod(so_far, scale)
        return max(height, step[node]) * scale + way + length[edge]

    return _grow(len(streets.xy), near, [(0, node) for node in outfalls], cost)


def _grow(
    count: int,
    near: list[list[tuple[int, int]]],
    roots: list[tuple[int, int]],
    cost: Callable[[int, int, int], int],
) -> Tree:
    parent, by = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    best: dict[int, int] = {node: 0 for _, node in roots}
    done = np.zeros(count, dtype=bool)
    order: list[int] = []
    heap = [(so_far, node) for so_far, node in roots]
    heapq.heapify(heap)
    while heap:
        so_far, node = heapq.heappop(heap)
        if done[node]:
            continue
        done[node] = True
        order.append(node)
        for edge, other in near[node]:
            if done[other]:
                continue
            reached = cost(so_far, edge, other)
            if other not in best or reached < best[other]:
                best[other] = reached
                parent[other], by[other] = node, edge
                heapq.heappush(heap, (reached, other))
    return Tree(np.asarray(order, dtype=np.int64), parent, by)
