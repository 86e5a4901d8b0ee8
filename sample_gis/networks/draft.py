"""One medium under the streets of one town, collected piece by piece and turned into the two pipe layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sample_gis.networks.ageing import life_of, materials_of
from sample_gis.networks.laying import Pieces, beside, cut, meeting_points
from sample_gis.networks.media import Medium
from sample_gis.networks.streets import Indices, Numbers, Streets

if TYPE_CHECKING:
    from sample_gis.city import City

#: Written to every row: what it is and what it is not.
SOURCE = "样例合成数据，非真实管线"


@dataclass(frozen=True)
class Routes:
    """Lines to lay, one a street edge.

    Attributes
    ----------
    edge : ndarray of int
        Street edge.
    head, tail : ndarray of int
        Street nodes; the line runs from head to tail, and so does what flows in it.
    diameter_mm : ndarray of float
    kind, pressure, flow : ndarray of str
        Codes of ``pipe_kind``, ``pressure_level`` and ``flow_direction``.
    """

    edge: Indices
    head: Indices
    tail: Indices
    diameter_mm: Numbers
    kind: NDArray[np.object_]
    pressure: NDArray[np.object_]
    flow: NDArray[np.object_]

    def degree(self, nodes: int) -> Indices:
        """Return how many lines meet at each street node."""
        return np.bincount(np.concatenate([self.head, self.tail]), minlength=nodes)

    def greatest_mm(self, nodes: int) -> Numbers:
        """Return the greatest diameter at each street node."""
        greatest = np.zeros(nodes)
        np.maximum.at(greatest, self.head, self.diameter_mm)
        np.maximum.at(greatest, self.tail, self.diameter_mm)
        return greatest


@dataclass(frozen=True)
class Fittings:
    """Things that stand in a line and cut it.

    Attributes
    ----------
    route : ndarray of int
        Row of the route.
    way_m : ndarray of float
        Distance from the head of the route.
    kind : ndarray of str
        Codes of ``pipe_node_kind``.
    """

    route: Indices
    way_m: Numbers
    kind: NDArray[np.object_]

    @classmethod
    def joined(cls, parts: Sequence[tuple[Indices, Numbers, str]]) -> Fittings:
        """Put groups of fittings of one kind together."""
        return cls(
            np.concatenate([np.zeros(0, np.int64), *(route for route, _, _ in parts)]),
            np.concatenate([np.zeros(0), *(way for _, way, _ in parts)]),
            np.concatenate(
                [np.zeros(0, object), *(np.full(len(route), kind, object) for route, _, kind in parts)]
            ),
        )


class Draft:
    """Nodes and pipes of one medium in one town."""

    def __init__(self, streets: Streets, medium: Medium) -> None:
        self.streets = streets
        self.medium = medium
        self.nodes = pd.DataFrame(columns=["x", "y", "kind", "edge", "diameter_mm"])
        self.pipes: list[pd.DataFrame] = []

    def add_nodes(
        self, xy: Numbers, kind: NDArray[np.object_], edge: Indices, diameter_mm: Numbers
    ) -> Indices:
        """Add nodes and return their numbers."""
        begin = len(self.nodes)
        more = pd.DataFrame(
            {"x": xy[:, 0], "y": xy[:, 1], "kind": kind, "edge": edge, "diameter_mm": diameter_mm}
        )
        self.nodes = more if begin == 0 else pd.concat([self.nodes, more], ignore_index=True)
        return np.arange(begin, begin + len(more))

    def add_pipes(self, columns: dict[str, object]) -> None:
        """Add pipes: geometry, start, end, edge, diameter_mm, kind, pressure, flow and levels where known."""
        self.pipes.append(pd.DataFrame(columns))

    def lay(
        self,
        routes: Routes,
        fittings: Fittings,
        node_kind: NDArray[np.object_],
        known: dict[int, int] | None = None,
    ) -> tuple[Pieces, pd.DataFrame]:
        """Lay lines along the streets, cut at the fittings; nodes are added, pipes returned to be levelled.

        Parameters
        ----------
        routes : Routes
        fittings : Fittings
        node_kind : ndarray of str
            Kind of the node at each street node.
        known : dict, optional
            Street nodes where the network already has a node, and its number here.

        Returns
        -------
        Pieces, DataFrame
            The pieces, and their columns for `add_pipes`.
        """
        streets = self.streets
        offset = np.asarray(self.medium.offset_m)[streets.rank[routes.edge]]
        points = meeting_points(streets, routes.edge, offset)
        for node, old in (known or {}).items():
            points[node] = self.nodes.loc[old, ["x", "y"]].to_numpy(dtype=float)
        lines = beside(streets, routes.edge, offset, points)
        against = routes.head != streets.start[routes.edge]
        lines[against] = shapely.reverse(lines[against])

        used = np.unique(np.concatenate([routes.head, routes.tail]))
        edge_at = np.full(len(streets.xy), -1, np.int64)
        edge_at[routes.tail] = routes.edge
        edge_at[routes.head] = routes.edge
        number = np.full(len(streets.xy), -1, np.int64)
        for node, old in (known or {}).items():
            number[node] = old
        fresh = used[number[used] < 0]
        greatest = routes.greatest_mm(len(streets.xy))
        number[fresh] = self.add_nodes(points[fresh], node_kind[fresh], edge_at[fresh], greatest[fresh])

        # A line beside the street is a little longer or shorter than the street.
        scale = shapely.length(lines) / streets.length_m[routes.edge]
        pieces = cut(lines, fittings.route, fittings.way_m * scale[fittings.route])
        at = self.add_nodes(
            pieces.at,
            fittings.kind,
            routes.edge[fittings.route],
            routes.diameter_mm[fittings.route],
        )
        at = np.append(at, -1)
        of = pieces.line
        start = np.where(pieces.first, number[routes.head[of]], at[pieces.fitting_before])
        end = np.where(pieces.last, number[routes.tail[of]], at[pieces.fitting_after])
        columns = pd.DataFrame(
            {
                "geometry": pieces.geometry,
                "start": start,
                "end": end,
                "edge": routes.edge[of],
                "diameter_mm": routes.diameter_mm[of],
                "kind": routes.kind[of],
                "pressure": routes.pressure[of],
                "flow": routes.flow[of],
            }
        )
        return pieces, columns


def finished(drafts: Sequence[Draft], city: City) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Turn drafts into the layers ``pipes`` and ``pipe_nodes``."""
    random = city.random("pipes: age and accuracy")
    pipes, nodes = [], []
    for draft in drafts:
        more_pipes, more_nodes = _finish(draft, city, random)
        pipes.append(more_pipes)
        nodes.append(more_nodes)
    return (
        gpd.GeoDataFrame(pd.concat(pipes, ignore_index=True), geometry="geometry", crs=city.crs),
        gpd.GeoDataFrame(pd.concat(nodes, ignore_index=True), geometry="geometry", crs=city.crs),
    )


def _finish(draft: Draft, city: City, random: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    streets, medium, nodes = draft.streets, draft.medium, draft.nodes
    pipes = pd.concat(draft.pipes, ignore_index=True)
    stem = f"{medium.letters}{streets.town}"
    node_code = np.array([f"{stem}D{number:05d}" for number in range(1, len(nodes) + 1)], dtype=object)
    edge = pipes["edge"].to_numpy()
    ages = materials_of(medium, streets, city.as_of, random)
    diameter = pipes["diameter_mm"].to_numpy(dtype=float)
    material = ages.material(edge, diameter, pipes["pressure"].to_numpy() == "gravity")
    ground = streets.ground.at(nodes["x"].to_numpy(dtype=float), nodes["y"].to_numpy(dtype=float))

    levelled = "start_invert_m" in pipes
    if levelled:
        start_invert = pipes["start_invert_m"].to_numpy(dtype=float)
        end_invert = pipes["end_invert_m"].to_numpy(dtype=float)
    else:
        cover = np.round(medium.cover_m + random.uniform(-0.1, 0.15, len(nodes)), 2)
        start_invert = ground[pipes["start"]] - cover[pipes["start"]] - diameter / 1000
        end_invert = ground[pipes["end"]] - cover[pipes["end"]] - diameter / 1000
    start_invert, end_invert = np.round(start_invert, 3), np.round(end_invert, 3)
    lowest = np.full(len(nodes), np.inf)
    np.minimum.at(lowest, pipes["start"], start_invert)
    np.minimum.at(lowest, pipes["end"], end_invert)

    duct = medium.name in {"power", "comms"}
    built = ages.laid_on(edge)
    accuracy = ages.accuracy(edge)
    monitored = np.isin(pipes["kind"].to_numpy(), ["trunk", "transmission"]) & (medium.name != "comms")
    pipe_frame = pd.DataFrame(
        {
            "code": [f"{stem}L{number:05d}" for number in range(1, len(pipes) + 1)],
            "medium": medium.name,
            "kind": pipes["kind"],
            "diameter_mm": diameter,
            "section_width_mm": np.where(duct, diameter * 4, np.nan),
            "section_height_mm": np.where(duct, diameter * 3, np.nan),
            "material": material,
            "laid_on": built,
            "design_life_years": life_of(material),
            "laying_method": "duct" if duct else ("trench" if medium.name == "heat" else "buried"),
            "from_node": node_code[pipes["start"]],
            "to_node": node_code[pipes["end"]],
            "start_depth_m": np.round(ground[pipes["start"]] - start_invert - diameter / 1000, 2),
            "end_depth_m": np.round(ground[pipes["end"]] - end_invert - diameter / 1000, 2),
            "start_invert_m": start_invert,
            "end_invert_m": end_invert,
            "height_datum": "cn1985",
            "flow_direction": pipes["flow"],
            "pressure_level": pipes["pressure"],
            "accuracy_class": accuracy,
            "owner": medium.owner,
            "road_code": streets.code[edge],
            "monitored": monitored,
            "status": "in_service",
            "provenance": "synthetic",
            "source": SOURCE,
            "geometry": pipes["geometry"],
        }
    )
    at_edge = nodes["edge"].to_numpy(dtype=np.int64)
    watched = np.zeros(len(nodes), dtype=bool)
    for end in ("start", "end"):
        watched[pipes[end].to_numpy()[monitored]] = True
    kind = nodes["kind"].to_numpy(dtype=object)
    valve = kind == "valve"
    state = np.full(len(nodes), None, dtype=object)
    state[valve] = random.choice(
        ["open", "partly", "closed", "stuck", "unknown"], valve.sum(), p=[0.945, 0.015, 0.015, 0.01, 0.015]
    )
    operated = np.full(len(nodes), None, dtype=object)
    days = random.integers(5, 900, valve.sum()).astype("timedelta64[D]")
    operated[valve] = (np.datetime64(city.as_of, "D") - days).astype(object)
    well = np.isin(kind, ["manhole", "outfall", "treatment", "pump_station"]) & levelled
    node_material = np.full(len(nodes), None, dtype=object)
    node_material[well] = np.where(ages.year[at_edge[well]] < 2005, "brick", "reinforced_concrete")
    node_frame = pd.DataFrame(
        {
            "code": node_code,
            "kind": kind,
            "medium": medium.name,
            "ground_level_m": ground,
            "invert_m": np.round(lowest, 3),
            "depth_m": np.round(ground - lowest, 2),
            "height_datum": "cn1985",
            "diameter_mm": nodes["diameter_mm"].astype(float),
            "material": node_material,
            "laid_on": ages.laid_on(at_edge),
            "design_life_years": np.where(valve, 25, np.where(kind == "hydrant", 20, 50)),
            "pressure_level": _node_pressure(pipes, len(nodes)),
            "accuracy_class": ages.accuracy(at_edge),
            "valve_state": state,
            "last_operated_on": operated,
            "owner": medium.owner,
            "road_code": streets.code[at_edge],
            "monitored": watched & (kind != "junction"),
            "status": "in_service",
            "provenance": "synthetic",
            "source": SOURCE,
            "geometry": shapely.points(nodes[["x", "y"]].to_numpy(dtype=float)),
        }
    )
    return pipe_frame, node_frame


def _node_pressure(pipes: pd.DataFrame, count: int) -> NDArray[np.object_]:
    level = np.full(count, None, dtype=object)
    for end in ("end", "start"):
        level[pipes[end].to_numpy()] = pipes["pressure"].to_numpy(dtype=object)
    return level
