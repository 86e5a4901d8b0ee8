"""Lines fed from a source: water, gas, heat, and the ducts of power and communication."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from sample_gis.networks.draft import Draft, Fittings, Routes
from sample_gis.networks.growing import Tree, shortest_tree
from sample_gis.networks.media import COMMS, GAS, HEAT, POWER, WATER, Medium
from sample_gis.networks.streets import Indices, Numbers, Streets

#: Cost of a metre of street by its class: mains prefer main streets.
_PREFERENCE = np.array([0.62, 0.62, 0.8, 1.0, 1.3])
#: Litres a second at the peak for a square metre of floor: 50 m² a head, 180 l a day, peak factor 1.5.
_WATER_L_S_PER_M2 = 180 / 86400 * 1.5 / 50
_WATER_M_S = 0.85
#: Cubic metres of gas an hour for a square metre of floor: 100 m² a household, 0.15 m³/h together.
_GAS_M3_H_PER_M2 = 0.15 / 100
#: Gas at 0.25 MPa over ambient and 10 m/s, in m² of section for a m³/h.
_GAS_M2_PER_M3_H = 1 / 3600 / 3.5 / 10
#: Steam: 50 W a square metre of factory, 2.1 MJ/kg, 4.5 kg/m³, 25 m/s, in m² of section.
_STEAM_M2_PER_M2 = 50 / 2.1e6 / 4.5 / 25
_VALVE_MM = 200
_VALVE_AT_M = 7.0
_HYDRANT_EVERY_M = 120.0
_CABLE_WELL_EVERY_M = 80.0
#: From a main to the kerb's hydrant, by class of street, metres.
_TO_KERB_M = np.array([4.2, 3.7, 2.2, 1.3, 1.9])


def water(streets: Streets) -> Draft:
    """Return the water network: a tree from the works on the upstream rim, looped on main streets."""
    nodes = streets.nodes_up_to(1)
    # The rivers here fall to the north: upstream is the southern rim.
    source = int(nodes[np.argmin(np.round(streets.xy[nodes] @ [0.3, 1.0], 2))])
    tree = shortest_tree(streets, streets.length_m * _PREFERENCE[streets.rank], source)
    flow = tree.collected(_at_nodes(streets, streets.floor_m2) * _WATER_L_S_PER_M2) / 1000
    feeding = _sized(tree, streets, WATER, np.sqrt(4 * flow / np.pi / _WATER_M_S) * 1000)
    routes = _routes(tree, streets, feeding, loops_up_to=2, floor=WATER.floor_mm)
    draft = Draft(streets, WATER)
    valves = _valves(routes, streets, _VALVE_MM)
    length = streets.length_m[routes.edge]
    several = np.where(length >= 45, np.ceil(length / _HYDRANT_EVERY_M), 0).astype(np.int64)
    tee_route, tee_way = _spread(several, length)
    fittings = Fittings.joined([(*valves, "valve"), (tee_route, tee_way, "junction")])
    kind = _kinds(routes, streets, source)
    pieces, pipes = draft.lay(routes, fittings, kind)
    draft.add_pipes(dict(pipes))
    _add_hydrants(draft, len(fittings.route), pieces.at)
    return draft


def gas(streets: Streets) -> Draft | None:
    """Return the gas network, of low pressure behind a regulator in lanes; None where nobody would use it."""
    nodes = streets.nodes_up_to(1)
    source = int(nodes[np.argmax(np.round(streets.xy[nodes] @ [1.0, 0.5], 2))])
    tree = shortest_tree(streets, streets.length_m * _PREFERENCE[streets.rank], source)
    own = _at_nodes(streets, streets.floor_m2)
    tree = tree.pruned(np.flatnonzero(own > 300))
    if not len(tree.joined):
        return None
    section = tree.collected(own) * _GAS_M3_H_PER_M2 * _GAS_M2_PER_M3_H
    feeding = _sized(tree, streets, GAS, np.sqrt(4 * section / np.pi) * 1000)
    low = np.zeros(len(streets.xy), dtype=bool)
    gate = np.zeros(len(streets.xy), dtype=bool)
    for node in tree.joined.tolist():
        parent = tree.parent[node]
        low[node] = low[parent] or streets.rank[tree.edge[node]] == 4
        gate[node] = low[node] and not low[parent]
    routes = _routes(tree, streets, feeding, loops_up_to=-1, floor=GAS.floor_mm)
    joined = tree.joined
    routes.pressure[:] = np.where(
        low[joined], "low", np.where(routes.diameter_mm >= 160, "medium_a", "medium_b")
    )
    regulators = np.flatnonzero(gate[joined])
    length = streets.length_m[routes.edge]
    way = np.minimum(6.0, length[regulators] * 0.4)
    valves = _valves(routes, streets, 110)
    # Where a regulator stands the valve beside it is its own.
    taken = np.isin(valves[0], regulators)
    fittings = Fittings.joined(
        [(valves[0][~taken], valves[1][~taken], "valve"), (regulators, way, "regulator")]
    )
    draft = Draft(streets, GAS)
    pieces, pipes = draft.lay(routes, fittings, _kinds(routes, streets, source))
    # Up to its regulator a low-pressure line still has the street's pressure.
    before = np.isin(pieces.line, regulators) & pieces.first
    pipes.loc[before, "pressure"] = "medium_b"
    draft.add_pipes(dict(pipes))
    return draft


def heat(streets: Streets) -> Draft | None:
    """Return the steam network to factories; None where there are too few."""
    own = _at_nodes(streets, streets.industry_m2)
    if own.sum() < 100_000:
        return None
    centre = (streets.xy * own[:, None]).sum(axis=0) / own.sum()
    nodes = streets.nodes_up_to(2)
    source = int(nodes[np.argmin(np.round(np.hypot(*(streets.xy[nodes] - centre).T), 2))])
    tree = shortest_tree(streets, streets.length_m * _PREFERENCE[streets.rank], source)
    tree = tree.pruned(np.flatnonzero(own > 1500))
    if not len(tree.joined):
        return None
    section = tree.collected(own) * _STEAM_M2_PER_M2
    feeding = _sized(tree, streets, HEAT, np.sqrt(4 * section / np.pi) * 1000)
    routes = _routes(tree, streets, feeding, loops_up_to=-1, floor=HEAT.floor_mm)
    draft = Draft(streets, HEAT)
    fittings = Fittings.joined([(*_valves(routes, streets, 150), "valve")])
    _, pipes = draft.lay(routes, fittings, _kinds(routes, streets, source))
    draft.add_pipes(dict(pipes))
    return draft


def power(streets: Streets) -> Draft:
    """Return the 10 kV cable ducts along main and secondary streets, from the town's substation."""
    nodes = streets.nodes_up_to(1)
    root = int(nodes[np.argmin(np.round(streets.xy[nodes] @ [1.0, -0.5], 2))])
    return _ducts(streets, POWER, root, up_to=2, pressure="v_medium", root_kind="substation")


def comms(streets: Streets) -> Draft:
    """Return the communication ducts along all but the lanes, from the exchange amid the main streets."""
    nodes = streets.nodes_up_to(2)
    middle = np.median(streets.xy, axis=0)
    root = int(nodes[np.argmin(np.round(np.hypot(*(streets.xy[nodes] - middle).T), 2))])
    return _ducts(streets, COMMS, root, up_to=3, pressure=None, root_kind="source")


def _ducts(
    streets: Streets, medium: Medium, root: int, *, up_to: int, pressure: str | None, root_kind: str
) -> Draft:
    # A duct may pass through smaller streets to reach the next main one; such passages are dear.
    dear = np.where(streets.rank <= up_to, 1.0, 6.0)
    tree = shortest_tree(streets, streets.length_m * dear, root)
    tree = tree.pruned(streets.nodes_up_to(up_to))
    feeding = _sized(tree, streets, medium, np.zeros(len(streets.xy)))
    routes = _routes(tree, streets, feeding, loops_up_to=min(up_to, 1), floor=medium.floor_mm)
    routes.kind[:] = "duct"
    routes.pressure[:] = pressure
    routes.flow[:] = None
    length = streets.length_m[routes.edge]
    wells = np.maximum(np.ceil(length / _CABLE_WELL_EVERY_M) - 1, 0).astype(np.int64)
    route, way = _between(wells, length)
    kind = np.full(len(streets.xy), "manhole", dtype=object)
    kind[root] = root_kind
    draft = Draft(streets, medium)
    _, pipes = draft.lay(routes, Fittings.joined([(route, way, "manhole")]), kind)
    draft.add_pipes(dict(pipes))
    return draft


def _at_nodes(streets: Streets, amount: Numbers) -> Numbers:
    """Give what stands along each street to its two ends, half and half."""
    own = np.zeros(len(streets.xy))
    np.add.at(own, streets.start, amount / 2)
    np.add.at(own, streets.end, amount / 2)
    return own


def _sized(tree: Tree, streets: Streets, medium: Medium, needed_mm: Numbers) -> Numbers:
    """Return the diameter of the line that feeds each node; towards the source it never falls."""
    series = np.asarray(medium.series_mm, dtype=float)
    size = np.zeros(len(tree.parent))
    fitting = series[np.minimum(np.searchsorted(series, np.round(needed_mm, 3)), len(series) - 1)]
    floor = np.asarray(medium.floor_mm, dtype=float)
    for node in tree.joined[::-1].tolist():
        size[node] = max(size[node], fitting[node], floor[streets.rank[tree.edge[node]]])
        parent = tree.parent[node]
        size[parent] = max(size[parent], size[node])
    return size


def _routes(
    tree: Tree, streets: Streets, feeding_mm: Numbers, *, loops_up_to: int, floor: tuple[float, ...]
) -> Routes:
    joined = tree.joined
    edge, head, tail = tree.edge[joined], tree.parent[joined], joined
    diameter = feeding_mm[joined]
    reached = np.zeros(len(streets.xy), dtype=bool)
    reached[tree.order] = True
    loop = (streets.rank <= loops_up_to) & reached[streets.start] & reached[streets.end]
    loop[edge] = False
    loop &= streets.start != streets.end
    loops = np.flatnonzero(loop)
    # A loop is never wider than the mains that it joins.
    loop_mm = np.minimum(
        np.asarray(floor, dtype=float)[streets.rank[loops]],
        np.minimum(feeding_mm[streets.start[loops]], feeding_mm[streets.end[loops]]),
    )
    diameter = np.concatenate([diameter, loop_mm])
    edge = np.concatenate([edge, loops])
    widest = diameter.max()
    kind = np.where(diameter >= 0.6 * widest, "trunk", "branch").astype(object)
    flow = np.full(len(edge), "forward", dtype=object)
    flow[len(joined) :] = "both"
    return Routes(
        edge=edge,
        head=np.concatenate([head, streets.start[loops]]),
        tail=np.concatenate([tail, streets.end[loops]]),
        diameter_mm=diameter,
        kind=kind,
        pressure=np.full(len(edge), "low", dtype=object),
        flow=flow,
    )


def _kinds(routes: Routes, streets: Streets, source: int) -> NDArray[np.object_]:
    degree = routes.degree(len(streets.xy))
    kind = np.where(degree == 1, "end", "junction").astype(object)
    kind[source] = "source"
    return kind


def _valves(routes: Routes, streets: Streets, least_mm: float) -> tuple[Indices, Numbers]:
    """Return a valve in each leg of a junction on a main of ``least_mm`` or more."""
    count = len(streets.xy)
    needs = (routes.degree(count) >= 3) & (routes.greatest_mm(count) >= least_mm)
    length = streets.length_m[routes.edge]
    at_head, at_tail = needs[routes.head], needs[routes.tail]
    long = length >= 4 * _VALVE_AT_M
    begin = np.flatnonzero(long & at_head)
    end = np.flatnonzero(long & at_tail)
    # One valve does for both ends of a short leg.
    middle = np.flatnonzero(~long & (at_head | at_tail) & (length >= 8))
    return (
        np.concatenate([begin, end, middle]),
        np.concatenate([np.full(len(begin), _VALVE_AT_M), length[end] - _VALVE_AT_M, length[middle] / 2]),
    )


def _spread(count: Indices, length: Numbers) -> tuple[Indices, Numbers]:
    """Return ``count`` places a route, each in the middle of its share of the length."""
    route = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(route)) - np.repeat(np.cumsum(count) - count, count)
    return route, (nth + 0.5) * length[route] / count[route]


def _between(count: Indices, length: Numbers) -> tuple[Indices, Numbers]:
    """Return ``count`` places a route that cut it into equal parts."""
    route = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(route)) - np.repeat(np.cumsum(count) - count, count)
    return route, (nth + 1) * length[route] / (count[route] + 1)


def _add_hydrants(draft: Draft, fittings: int, at: Numbers) -> None:
    """Put a hydrant on a short branch to the kerb at each tee, the last nodes that were laid."""
    streets = draft.streets
    nodes = draft.nodes.iloc[len(draft.nodes) - fittings :]
    tee = np.flatnonzero((nodes["kind"] == "junction").to_numpy())
    if not len(tee):
        return
    number = nodes.index.to_numpy()[tee]
    edge = nodes["edge"].to_numpy(dtype=np.int64)[tee]
    from_middle = at[tee] - shapely.get_coordinates(
        shapely.line_interpolate_point(
            streets.lines[edge], shapely.line_locate_point(streets.lines[edge], shapely.points(at[tee]))
        )
    )
    outward = from_middle / np.maximum(np.hypot(from_middle[:, 0], from_middle[:, 1]), 1e-9)[:, None]
    xy = np.round(at[tee] + outward * _TO_KERB_M[streets.rank[edge]][:, None], 2)
    size = np.full(len(tee), 100.0)
    hydrant = draft.add_nodes(xy, np.full(len(tee), "hydrant", dtype=object), edge, size)
    draft.add_pipes(
        {
            "geometry": shapely.linestrings(np.stack([at[tee], xy], axis=1)),
            "start": number,
            "end": hydrant,
            "edge": edge,
            "diameter_mm": size,
            "kind": "service",
            "pressure": "low",
            "flow": "forward",
        }
    )
