"""Driving times from places to every junction: one search over the network for all places together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack
from scipy.sparse.csgraph import dijkstra

from geo.reach.graph import Floats, RoadGraph, Snapped, Whole

NOBODY = -1
_AT = 1e-9


def travel_times(
    graph: RoadGraph, on: Snapped, *, most_seconds: float = np.inf, reverse: bool = False
) -> tuple[Floats, Whole]:
    """Return for each node the shortest time from any of some places, and from which.

    Parameters
    ----------
    on : Snapped
        The places; those on no road reach nothing. The way to the road counts.
    reverse : bool
        True gives times from the nodes to the places.

    Returns
    -------
    seconds, place : ndarray, shape (nodes,)
        Infinite, and -1, where nobody comes within the time.
    """
    some = np.flatnonzero(on.edge >= 0)
    seconds = np.full(graph.nodes, np.inf)
    source = np.full(graph.nodes, NOBODY, dtype=np.int64)
    if not len(some):
        return seconds, source
    matrix = with_places(graph, on, some, reverse=reverse)
    found, _, origin = dijkstra(
        matrix, directed=True, indices=graph.nodes + np.arange(len(some)), min_only=True,
        limit=most_seconds, return_predecessors=True,
    )  # fmt: skip
    seconds[:] = found[: graph.nodes]
    reached = np.isfinite(seconds)
    source[reached] = some[origin[: graph.nodes][reached] - graph.nodes]
    return seconds, source


def with_places(graph: RoadGraph, on: Snapped, some: Whole, *, reverse: bool) -> csr_array:
    """Return the matrix with a node more for each place, that leads onto its edge in both directions."""
    edge, fraction = on.edge[some], on.fraction[some]
    forward, back = edge_seconds(graph, edge, fraction, reverse=reverse)
    access = on.access_seconds()[some]
    row = np.tile(np.arange(len(some)), 2)
    column = np.concatenate([graph.end[edge], graph.start[edge]])
    # a time of nothing would be no way at all in a sparse matrix
    value = np.maximum(np.concatenate([forward + access, back + access]), 1e-6)
    ways = np.isfinite(value)
    row, column, value = row[ways], column[ways], value[ways]
    # both ends of a ring are one node: the shorter way counts
    order = np.lexsort((value, column, row))
    row, column, value = row[order], column[order], value[order]
    kept = np.ones(len(row), dtype=bool)
    kept[1:] = (np.diff(row) != 0) | (np.diff(column) != 0)
    size = graph.nodes + len(some)
    own = csr_array((value[kept], (row[kept], column[kept])), shape=(len(some), size))
    plain = graph.matrix(reverse=reverse)
    wider = csr_array((plain.data, plain.indices, plain.indptr), shape=(graph.nodes, size))
    return csr_array(vstack([wider, own]))


def edge_seconds(graph: RoadGraph, edge: Whole, fraction: Floats, *, reverse: bool) -> tuple[Floats, Floats]:
    """Return the time from a place on an edge to its end and to its start; infinite against a one-way."""
    whole = graph.seconds[edge]
    forward: Floats = whole * (1 - fraction)
    back: Floats = whole * fraction
    closed: NDArray[np.bool_] = graph.oneway[edge]
    # who stands at an end of the edge is at the junction: nothing is driven against the traffic
    if reverse:
        forward = np.where(closed & (fraction < 1 - _AT), np.inf, forward)
    else:
        back = np.where(closed & (fraction > _AT), np.inf, back)
    return forward, back


def times_at(
    graph: RoadGraph, seconds: Floats, source: Whole, at: Snapped, origins: Snapped, *, reverse: bool = False
) -> tuple[Floats, Whole]:
    """Return the times at places on the network, and from which origin.

    Parameters
    ----------
    seconds, source : ndarray
        As `travel_times` gives them.
    at : Snapped
        The places; the way from the road to each counts.
    origins : Snapped
        Where `travel_times` began: one on the same edge goes along it.
    """
    best = np.full(len(at.edge), np.inf)
    who = np.full(len(at.edge), NOBODY, dtype=np.int64)
    some = np.flatnonzero(at.edge >= 0)
    edge, fraction = at.edge[some], at.fraction[some]
    # arriving over the start one drives the first part forwards, over the end the rest backwards
    over_end, over_start = edge_seconds(graph, edge, fraction, reverse=not reverse)
    by_start = seconds[graph.start[edge]] + over_start
    by_end = seconds[graph.end[edge]] + over_end
    nearer = by_start <= by_end
    best[some] = np.where(nearer, by_start, by_end)
    who[some] = np.where(nearer, source[graph.start[edge]], source[graph.end[edge]])
    for place in np.flatnonzero(origins.edge >= 0):
        for row in some[edge == origins.edge[place]]:
            one = int(at.edge[row])
            ahead = float(at.fraction[row] - origins.fraction[place]) * (-1 if reverse else 1)
            if ahead < 0 and graph.oneway[one]:
                continue
            direct = abs(ahead) * graph.seconds[one] + origins.access_seconds()[place]
            if direct < best[row]:
                best[row], who[row] = direct, place
    best += at.access_seconds()
    who[~np.isfinite(best)] = NOBODY
    return best, who
