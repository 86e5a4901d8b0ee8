"""Pipes and valves that a defect can be planted on, each function the rows that suit one kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from sample_gis.city import City

Indices = NDArray[np.int64]

#: Roads of class trunk and main: busy ones.
_BUSY = 1
_RUN_M = 30.0
_PARALLEL_M = 2.6


def deep_drains(city: City) -> Indices:
    """Return drains between manholes whose end can be raised and still lies deep enough."""
    pipes = city.layers["pipes"]
    fall = pipes["start_invert_m"] - pipes["end_invert_m"]
    good = _between_manholes(city) & (pipes.length > 25) & (pipes["end_depth_m"] - fall > 1.2)
    return _drawn(city, "counter slope", good.to_numpy())


def steep_drains(city: City) -> Indices:
    """Return drains between manholes that fall by more than 20 cm."""
    pipes = city.layers["pipes"]
    fall = pipes["start_invert_m"] - pipes["end_invert_m"]
    return _drawn(city, "against fall", (_between_manholes(city) & (fall > 0.2)).to_numpy())


def wide_drains(city: City) -> Indices:
    """Return drains of DN 500 or 600 between manholes, fed by one as wide."""
    pipes = city.layers["pipes"]
    drains = pipes[pipes["pressure_level"] == "gravity"]
    arriving = drains.groupby("to_node")["diameter_mm"].max()
    fed = pipes["from_node"].map(arriving).fillna(0) >= pipes["diameter_mm"]
    good = _between_manholes(city) & pipes["diameter_mm"].isin([500.0, 600.0]) & fed
    return _drawn(city, "shrinking", good.to_numpy())


def loops(city: City) -> Indices:
    """Return water pipes of loops: cut at one end, all others still have their source."""
    pipes, nodes = city.layers["pipes"], city.layers["pipe_nodes"]
    plain = set(nodes.loc[nodes["kind"] == "junction", "code"])
    good = (pipes["medium"] == "water") & (pipes["flow_direction"] == "both") & (pipes.length > 15)
    return _drawn(city, "dangling end", (good & pipes["to_node"].isin(plain)).to_numpy())


def hydrant_branches(city: City) -> Indices:
    """Return the short branches to hydrants."""
    pipes = city.layers["pipes"]
    return _drawn(city, "no source", ((pipes["kind"] == "service") & (pipes.length > 1)).to_numpy())


def dividing_valves(city: City) -> Indices:
    """Return water valves that part two segments, those with the longer lesser side first."""
    nodes = city.layers["pipe_nodes"]
    rows = np.flatnonzero(((nodes["kind"] == "valve") & (nodes["medium"] == "water")).to_numpy())
    length, sides = _segments(city)
    lesser = np.array([min(length[sides[row]]) if len(sides[row]) == 2 else 0.0 for row in rows.tolist()])
    good = lesser > 0
    return np.asarray(rows[good][np.lexsort([rows[good], -np.round(lesser[good])])], dtype=np.int64)


def lengths_beside(city: City, row: int) -> list[float]:
    """Return metres of pipe in the segment on each side of a valve."""
    length, sides = _segments(city)
    return [float(length[one]) for one in sides[row]]


def gas_beside_ducts(city: City) -> Indices:
    """Return gas pipes that run beside one duct of communication all along."""
    pipes = city.layers["pipes"]
    good = (pipes["medium"] == "gas") & (pipes.length > _RUN_M + 15)
    rows = _drawn(city, "clearance", good.to_numpy())
    kept = []
    for row in rows[:400].tolist():
        line, duct = pipes.geometry.iloc[row], pipes.geometry.iloc[beside(city, row, "comms")]
        stations = shapely.line_interpolate_point(line, np.linspace(5, line.length - 5, 12))
        foot = shapely.line_locate_point(duct, stations)
        inside = (foot.min() > 0.5) and (foot.max() < duct.length - 0.5)
        if inside and shapely.distance(stations, duct).max() < _PARALLEL_M:
            kept.append(row)
        if len(kept) == 12:
            break
    return np.array(kept, dtype=np.int64)


def beside(city: City, row: int, medium: str) -> int:
    """Return the row of the pipe of a medium nearest to the middle of a pipe."""
    pipes = city.layers["pipes"]
    own = np.flatnonzero((pipes["medium"] == medium).to_numpy())
    middle = shapely.line_interpolate_point(pipes.geometry.iloc[row], 0.5, normalized=True)
    near = pipes.sindex.query(middle.buffer(20), predicate="intersects")
    near = np.sort(near[np.isin(near, own)])
    candidates = near if len(near) else own
    away = shapely.distance(pipes.geometry.to_numpy()[candidates], middle)
    return int(candidates[int(np.argmin(np.round(away, 3)))])


def mains_under_busy_roads(city: City) -> Indices:
    """Return water mains of more than 30 m under trunk and main roads."""
    pipes = city.layers["pipes"]
    busy = set(city.roads.loc[city.roads["class"] <= _BUSY, "code"])
    good = (pipes["medium"] == "water") & (pipes["kind"] == "trunk") & (pipes.length > 30)
    return _drawn(city, "over age", (good & pipes["road_code"].isin(busy)).to_numpy())


def plain_pipes(city: City) -> Indices:
    """Return branches of water and gas of more than 20 m with all their attributes."""
    pipes = city.layers["pipes"]
    whole = pipes[["diameter_mm", "start_depth_m", "laid_on"]].notna().all(axis=1)
    good = pipes["medium"].isin(["water", "gas"]) & (pipes["kind"] == "branch") & (pipes.length > 20) & whole
    return _drawn(city, "attributes", good.to_numpy())


def _between_manholes(city: City) -> pd.Series:
    """Return which pipes are drains between two manholes, with a drain that goes on."""
    pipes, nodes = city.layers["pipes"], city.layers["pipe_nodes"]
    manholes = set(nodes.loc[nodes["kind"] == "manhole", "code"])
    gravity = pipes["pressure_level"] == "gravity"
    goes_on = set(pipes.loc[gravity, "from_node"])
    return (
        gravity & pipes["from_node"].isin(manholes) & pipes["to_node"].isin(manholes & goes_on)
        & (pipes["flow_direction"] == "forward") & (pipes["start_invert_m"] > pipes["end_invert_m"])
    )  # fmt: skip


def _drawn(city: City, name: str, good: NDArray[np.bool_]) -> Indices:
    """Return the rows that suit in an order drawn by lot, so that defects lie all over the city."""
    return np.asarray(city.random(f"pipe defects: {name}").permutation(np.flatnonzero(good)), dtype=np.int64)


def _segments(city: City) -> tuple[NDArray[np.float64], dict[int, list[int]]]:
    """Return metres of pipe by segment of the water network, and the segments beside each valve's row.

    A segment is what stays together when every valve is shut (Walski 1993).
    """
    pipes, nodes = city.layers["pipes"], city.layers["pipe_nodes"]
    water = pipes[(pipes["medium"] == "water") & pipes["from_node"].notna() & pipes["to_node"].notna()]
    number = pd.Series(np.arange(len(nodes)), index=nodes["code"])
    ends = [number[water[name]].to_numpy() for name in ("from_node", "to_node")]
    valve = (nodes["kind"] == "valve").to_numpy()
    count = len(nodes) + len(water)
    half_a, half_b = [], []
    # Each pipe is a vertex of its own, joined to its ends where no valve stands.
    pipe = np.arange(len(nodes), count)
    for end in ends:
        half_a.append(pipe[~valve[end]])
        half_b.append(end[~valve[end]])
    a, b = np.concatenate(half_a), np.concatenate(half_b)
    _, part = connected_components(coo_matrix((np.ones(len(a)), (a, b)), (count, count)), directed=False)
    metres = water.length.to_numpy(dtype=float)
    length = np.bincount(part[pipe], weights=metres, minlength=part.max() + 1).astype(np.float64)
    sides: dict[int, list[int]] = {row: [] for row in np.flatnonzero(valve).tolist()}
    for end in ends:
        for row, one in zip(end[valve[end]].tolist(), part[pipe[valve[end]]].tolist(), strict=True):
            if one not in sides[row]:
                sides[row].append(one)
    return length, sides
