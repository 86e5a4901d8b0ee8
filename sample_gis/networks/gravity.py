"""Drains: sewage to the treatment works, rain to the nearest water, both by their own fall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from sample_gis.networks.draft import Draft, Fittings, Routes
from sample_gis.networks.growing import Tree, lowest_tree, shortest_tree
from sample_gis.networks.laying import Pieces
from sample_gis.networks.media import RAIN, SEWAGE, SEWAGE_PUMPED, Medium
from sample_gis.networks.streets import Indices, Numbers, Streets

if TYPE_CHECKING:
    from sample_gis.city import City

#: Sewage, litres a second at the peak for a square metre of floor: 85 % of the water.
_SEWAGE_L_S_PER_M2 = 0.85 * 180 / 86400 * 1.5 / 50
#: Rain, litres a second for a metre of street: 60 m of width, 0.6 of it running off, 120 l/(s·ha).
_RAIN_L_S_PER_M = 60 * 0.6 * 120 / 10_000
#: Least fall by diameter (after GB 50014-2021, plastic pipes).
_LEAST_FALL = {300: 0.002, 400: 0.0015, 500: 0.0012, 600: 0.001}
_LEAST_FALL_LARGE = 0.0008
_ROUGHNESS = 0.013
#: Sewers run three quarters of full at most, and small towns' peaks are sharp (after GB 50014-2021).
_SEWER_RESERVE = 1.35 / 0.75
#: Fall that sizes are drawn at.
_DRAWN_FALL = 0.0018
_DEEPEST_M = 7.5
_AFTER_LIFT_M = 1.8
_WELL_EVERY_M = 45.0
_WIDE_WELL_EVERY_M = 70.0
_PUMP_BEFORE_END_M = 9.0
_SEWAGE_CATCHMENT_M2 = 1.3e6
_RAIN_CATCHMENT_M2 = 0.6e6
_OUTFALLS_APART_M = 950.0
_RAIN_OUTFALLS_APART_M = 500.0
_REACH_OF_WATER_M = 350.0
#: So many of the nearest nodes are tried where no water is within reach.
_CANDIDATES = 100


@dataclass(frozen=True)
class Falls:
    """Levels of the drains of one town; arrays go by street node.

    Attributes
    ----------
    diameter_mm : ndarray of float
        Of the drain that leaves the node towards its parent.
    leaves_m, arrives_m : ndarray of float
        Invert at the node, and at the parent's end.
    lifted_m : ndarray of float
        Level of the pump's well near the parent, NaN where the drain falls all the way.
    bottom_m : ndarray of float
        Lowest invert at the node.
    """

    diameter_mm: Numbers
    leaves_m: Numbers
    arrives_m: Numbers
    lifted_m: Numbers
    bottom_m: Numbers


def sewage(streets: Streets) -> list[Draft]:
    """Return the sewers by their own fall, and the pumped mains from their outfalls to the works."""
    count = max(1, round(streets.built_up_m2 / _SEWAGE_CATCHMENT_M2))
    by_level = np.lexsort([np.arange(len(streets.xy)), np.round(streets.ground_m, 2)])
    outfalls = _apart(streets, by_level, count, _OUTFALLS_APART_M)
    # The works lie at the rim of the town, never amid it.
    away = np.round(np.hypot(*(streets.xy[outfalls] - np.median(streets.xy, axis=0)).T), 1)
    works = outfalls[int(np.argmax(away))]
    outfalls = [works, *(node for node in outfalls if node != works)]
    tree = lowest_tree(streets, outfalls, np.ones(len(streets.lines)))
    own = _half_each(streets, streets.floor_m2) * _SEWAGE_L_S_PER_M2
    falls = _fall(tree, streets, SEWAGE, tree.collected(own) * _SEWER_RESERVE)
    kind = np.full(len(streets.xy), "manhole", dtype=object)
    kind[outfalls] = "pump_station"
    kind[outfalls[0]] = "treatment"
    draft = Draft(streets, SEWAGE)
    _lay_drains(draft, tree, falls, kind)
    found = [draft]
    if len(outfalls) > 1:
        _pump_to_works(draft, streets, outfalls, tree.collected(own))
    return found


def rain(streets: Streets, city: City) -> Draft:
    """Return the rain drains of all streets but lanes, each part to the nearest stream, river or canal."""
    usable = (streets.rank <= 3).astype(float)
    nodes = streets.nodes_up_to(3)
    bank, reach = _banks(streets, nodes, city)
    count = max(1, round(streets.built_up_m2 / _RAIN_CATCHMENT_M2))
    near = nodes[reach <= _REACH_OF_WATER_M]
    if not len(near):
        near = nodes[[int(np.argmin(reach))]]
    order = near[np.lexsort([near, np.round(streets.ground_m[near], 1)])]
    outfalls = _apart(streets, order, count, _RAIN_OUTFALLS_APART_M)
    tree = lowest_tree(streets, outfalls, usable)
    own = _half_each(streets, streets.length_m * usable) * _RAIN_L_S_PER_M
    # A storm is never everywhere at its peak: what comes together grows with the power 0.85.
    falls = _fall(tree, streets, RAIN, tree.collected(own) ** 0.85)
    draft = Draft(streets, RAIN)
    _lay_drains(draft, tree, falls, np.full(len(streets.xy), "manhole", dtype=object))
    drained = [node for node in outfalls if (tree.parent == node).any()]
    _add_outfalls(draft, streets, drained, dict(zip(nodes.tolist(), bank, strict=True)), falls)
    return draft


def _apart(streets: Streets, order: Indices, count: int, distance_m: float) -> list[int]:
    """Return up to ``count`` nodes, the first of the order that lie this far apart."""
    chosen: list[int] = []
    for node in order.tolist():
        if len(chosen) == count:
            break
        if not chosen or np.hypot(*(streets.xy[chosen] - streets.xy[node]).T).min() > distance_m:
            chosen.append(node)
    return chosen


def _half_each(streets: Streets, amount: Numbers) -> Numbers:
    own = np.zeros(len(streets.xy))
    np.add.at(own, streets.start, amount / 2)
    np.add.at(own, streets.end, amount / 2)
    return own


def _fall(tree: Tree, streets: Streets, medium: Medium, flow_l_s: Numbers) -> Falls:
    """Give each drain its size and levels, from the farthest ends down to the outfalls."""
    count = len(streets.xy)
    series = np.asarray(medium.series_mm, dtype=float)
    floor = np.asarray(medium.floor_mm, dtype=float)
    # Manning, full pipe: Q = 0.312 / n · D^(8/3) · √J.
    needed = (np.maximum(flow_l_s, 0.5) / 1000 * _ROUGHNESS / 0.312 / _DRAWN_FALL**0.5) ** 0.375 * 1000
    fitting = series[np.minimum(np.searchsorted(series, np.round(needed, 3)), len(series) - 1)]
    size = np.zeros(count)
    leaves, arrives, lifted = np.full(count, np.nan), np.full(count, np.nan), np.full(count, np.nan)
    bottom = np.full(count, np.inf)
    ground, sag = streets.ground_m, _sags(streets)
    for node in tree.joined[::-1].tolist():
        parent, edge = int(tree.parent[node]), int(tree.edge[node])
        size[node] = max(size[node], fitting[node], floor[streets.rank[edge]])
        diameter = size[node]
        size[parent] = max(size[parent], diameter)
        under = medium.cover_m + diameter / 1000 + sag[edge]
        leaves[node] = min(bottom[node], ground[node] - under)
        bottom[node] = leaves[node]
        fall = _LEAST_FALL.get(int(diameter), _LEAST_FALL_LARGE) * streets.length_m[edge]
        end = min(ground[parent] - under, leaves[node] - max(fall, 0.005))
        if ground[parent] - end > _DEEPEST_M and streets.length_m[edge] > 2 * _PUMP_BEFORE_END_M:
            lifted[node] = end
            end = ground[parent] - _AFTER_LIFT_M
        arrives[node] = end
        bottom[parent] = min(bottom[parent], end)
    return Falls(size, leaves, arrives, lifted, bottom)


def _sags(streets: Streets) -> Numbers:
    """Return how far the ground of each street dips below the straight line between its ends."""
    share = np.linspace(0.1, 0.9, 9)
    edge = np.repeat(np.arange(len(streets.lines)), len(share))
    at = shapely.get_coordinates(
        shapely.line_interpolate_point(
            streets.lines[edge], np.tile(share, len(streets.lines)), normalized=True
        )
    )
    begin, end = streets.ground_m[streets.start][:, None], streets.ground_m[streets.end][:, None]
    straight = begin + (end - begin) * share
    dip = straight - streets.ground.at(at[:, 0], at[:, 1]).reshape(straight.shape)
    return np.asarray(np.maximum(dip.max(axis=1), 0.0), dtype=np.float64)


def _lay_drains(draft: Draft, tree: Tree, falls: Falls, kind: np.ndarray) -> None:
    streets = draft.streets
    joined = tree.joined
    diameter = falls.diameter_mm[joined]
    widest = diameter.max() if len(diameter) else 0.0
    routes = Routes(
        edge=tree.edge[joined],
        head=joined,
        tail=tree.parent[joined],
        diameter_mm=diameter,
        kind=np.where(
            (diameter >= 0.6 * widest) & (diameter > draft.medium.series_mm[0]), "trunk", "branch"
        ).astype(object),
        pressure=np.full(len(joined), "gravity", dtype=object),
        flow=np.full(len(joined), "forward", dtype=object),
    )
    length = streets.length_m[routes.edge]
    lifted = np.flatnonzero(~np.isnan(falls.lifted_m[joined]))
    gravity_m = length.copy()
    gravity_m[lifted] -= _PUMP_BEFORE_END_M
    every = np.where(diameter >= 700, _WIDE_WELL_EVERY_M, _WELL_EVERY_M)
    wells = np.maximum(np.ceil(gravity_m / every) - 1, 0).astype(np.int64)
    well_route = np.repeat(np.arange(len(joined)), wells)
    nth = np.arange(len(well_route)) - np.repeat(np.cumsum(wells) - wells, wells)
    well_way = (nth + 1) * gravity_m[well_route] / (wells[well_route] + 1)
    fittings = Fittings.joined(
        [(well_route, well_way, "manhole"), (lifted, gravity_m[lifted], "pump_station")]
    )
    pieces, pipes = draft.lay(routes, fittings, kind)
    _level(draft, pieces, pipes, joined, falls)


def _level(draft: Draft, pieces: Pieces, pipes: pd.DataFrame, joined: Indices, falls: Falls) -> None:
    """Give the pieces their inverts: even falls, and a short pumped rise behind each lift."""
    of = pieces.line
    leaves, arrives = falls.leaves_m[joined][of], falls.arrives_m[joined][of]
    lifted = falls.lifted_m[joined][of]
    rises = ~np.isnan(lifted) & pieces.last
    low = np.where(np.isnan(lifted), arrives, lifted)
    # Where each line's own fall ends: at the pump, or at its end.
    whole = np.zeros(len(joined))
    np.maximum.at(whole, of[~rises], pieces.end_m[~rises])
    share = np.where(whole[of] > 0, 1 / np.maximum(whole[of], 1e-9), 0.0)
    start = leaves + (low - leaves) * pieces.begin_m * share
    end = leaves + (low - leaves) * np.minimum(pieces.end_m * share, 1.0)
    start[rises], end[rises] = low[rises], arrives[rises]
    pipes["start_invert_m"], pipes["end_invert_m"] = start, end
    pipes.loc[rises, "pressure"] = "low"
    draft.add_pipes(dict(pipes))


def _pump_to_works(draft: Draft, streets: Streets, outfalls: list[int], flow_l_s: Numbers) -> None:
    """Join the outfalls to the works by pumped mains along the streets, beside the sewers."""
    works = outfalls[0]
    tree = shortest_tree(streets, streets.length_m, works).pruned(np.asarray(outfalls))
    pumped = np.zeros(len(streets.xy))
    pumped[outfalls[1:]] = flow_l_s[outfalls[1:]]
    flow = tree.collected(pumped)
    series = np.asarray(SEWAGE_PUMPED.series_mm)
    # 1.2 m/s in a pumped main.
    needed = np.sqrt(4 * flow / 1000 / np.pi / 1.2) * 1000
    size = series[np.minimum(np.searchsorted(series, np.round(needed, 3)), len(series) - 1)]
    joined = tree.joined
    routes = Routes(
        edge=tree.edge[joined],
        head=joined,
        tail=tree.parent[joined],
        diameter_mm=size[joined].astype(float),
        kind=np.full(len(joined), "transmission", dtype=object),
        pressure=np.full(len(joined), "low", dtype=object),
        flow=np.full(len(joined), "forward", dtype=object),
    )
    street_nodes = draft.nodes.iloc[: len(draft.nodes)]
    at_outfall = {}
    for node in outfalls:
        here = np.flatnonzero(street_nodes["kind"].isin(["pump_station", "treatment"]).to_numpy())
        xy = street_nodes[["x", "y"]].to_numpy(dtype=float)[here]
        at_outfall[node] = int(here[np.argmin(np.hypot(*(xy - streets.xy[node]).T))])
    medium, draft.medium = draft.medium, SEWAGE_PUMPED
    kind = np.full(len(streets.xy), "junction", dtype=object)
    _, pipes = draft.lay(routes, Fittings.joined([]), kind, known=at_outfall)
    draft.medium = medium
    for side in ("start", "end"):
        at = draft.nodes.loc[pipes[side], ["x", "y"]].to_numpy(dtype=float)
        level = streets.ground.at(at[:, 0], at[:, 1]) - SEWAGE_PUMPED.cover_m
        pipes[f"{side}_invert_m"] = level - pipes["diameter_mm"].to_numpy(dtype=float) / 1000
    draft.add_pipes(dict(pipes))


def _banks(streets: Streets, nodes: Indices, city: City) -> tuple[Numbers, Numbers]:
    """Return the nearest point of open water to each node and its distance; infinite behind buildings."""
    water = np.array([city.river, city.canal, *city.streams.geometry.to_numpy()], dtype=object)
    points = shapely.points(streets.xy[nodes])
    nearest = shapely.STRtree(water).nearest(points)
    ways = shapely.shortest_line(points, water[nearest])
    reach = shapely.length(ways)
    # The node itself may stand on the bridge; a way of less than 3 m is none.
    dry = reach >= 3.0
    close = np.flatnonzero(dry & ((reach <= _REACH_OF_WATER_M) | (_ranks(reach) < _CANDIDATES)))
    houses = shapely.STRtree(city.buildings.geometry.to_numpy())
    # The drain leaves the street up to 2 m beside its middle.
    blocked = houses.query(ways[close], predicate="dwithin", distance=3.0)[0]
    distance = np.full(len(reach), np.inf)
    distance[close] = reach[close]
    distance[close[blocked]] = np.inf
    if not np.isfinite(distance).any():
        distance = np.where(dry, reach, np.inf)
    return np.round(shapely.get_coordinates(shapely.get_point(ways, -1)), 2), distance


def _ranks(values: Numbers) -> Indices:
    """Return the place of each value in ascending order, counted from 0."""
    return np.argsort(np.argsort(np.round(values, 2), kind="stable"), kind="stable")


def _add_outfalls(
    draft: Draft, streets: Streets, outfalls: list[int], bank: dict[int, Numbers], falls: Falls
) -> None:
    """Lead each part of the network from its last street node to the water."""
    nodes = draft.nodes
    xy = nodes[["x", "y"]].to_numpy(dtype=float)
    for street_node in outfalls:
        here = int(np.argmin(np.hypot(*(xy - streets.xy[street_node]).T)))
        edge = int(nodes["edge"].iloc[here])
        diameter = float(falls.diameter_mm[street_node])
        mouth = bank[street_node]
        length = float(np.hypot(*(mouth - xy[here])))
        begin = float(falls.bottom_m[street_node])
        # The mouth lies in the bank, not above it.
        bank_m = float(streets.ground.at(mouth[:1], mouth[1:])[0])
        end = min(begin - max(_LEAST_FALL_LARGE * length, 0.01), bank_m - 0.2 - diameter / 1000)
        number = draft.add_nodes(
            mouth[None, :], np.array(["outfall"], dtype=object), np.array([edge]), np.array([diameter])
        )
        draft.add_pipes(
            {
                "geometry": [shapely.LineString([xy[here], mouth])],
                "start": [here],
                "end": number,
                "edge": [edge],
                "diameter_mm": [diameter],
                "kind": ["trunk"],
                "pressure": ["gravity"],
                "flow": ["forward"],
                "start_invert_m": [begin],
                "end_invert_m": [end],
            }
        )
