"""Which roads one reaches within some minutes."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from shapely.ops import substring

from geo.errors import BadInput
from geo.reach.graph import RoadGraph, Snapped, road_graph, snap
from geo.reach.nearest import note
from geo.reach.stretches import reached_stretches
from geo.reach.travel import travel_times

#: One leaves the road on foot: an area is what lies that near to a road that is reached.
BESIDE_M = 100.0


def service_area(
    roads: gpd.GeoDataFrame | RoadGraph, origins: gpd.GeoDataFrame, minutes: Sequence[float]
) -> gpd.GeoDataFrame:
    """Return the areas that someone of the origins reaches in time.

    Parameters
    ----------
    roads : GeoDataFrame or RoadGraph
        As `road_graph` takes them.
    origins : GeoDataFrame
        Points with a CRS.
    minutes : sequence of float
        Driving times.

    Returns
    -------
    GeoDataFrame
        One row for each time, in a metric CRS: ``minutes``, ``roads_km``, and as geometry what lies within
        100 m of the roads that are reached. ``attrs["note"]`` is the `MethodNote`.

    Raises
    ------
    BadInput
        For a time that is not positive.

    Examples
    --------
    >>> roads = gpd.GeoDataFrame(
    ...     {"class": ["main"]}, geometry=[shapely.LineString([(0, 0), (3000, 0)])], crs=32650)
    >>> team = gpd.GeoDataFrame(geometry=gpd.points_from_xy([1500], [0]), crs=32650)
    >>> service_area(roads, team, [1, 5])["roads_km"].round(2).tolist()
    [1.5, 3.0]
    """
    if any(not one > 0 for one in minutes):
        raise BadInput("a driving time is positive", minutes=list(minutes))
    graph = roads if isinstance(roads, RoadGraph) else road_graph(roads)
    begin = snap(graph, origins)
    seconds, _ = travel_times(graph, begin, most_seconds=max(minutes, default=0) * 60)
    rows = []
    for one in minutes:
        reached = _reached(graph, begin, seconds, one * 60)
        length = float(shapely.length(reached).sum()) / 1000
        rows.append((float(one), length, shapely.union_all(shapely.buffer(reached, BESIDE_M, quad_segs=4))))
    frame = gpd.GeoDataFrame(
        {"minutes": [row[0] for row in rows], "roads_km": [row[1] for row in rows]},
        geometry=[row[2] for row in rows], crs=graph.crs,
    )  # fmt: skip
    frame.attrs["note"] = note(by_road=True)
    return frame


def _reached(graph: RoadGraph, begin: Snapped, seconds: np.ndarray, most: float) -> np.ndarray:
    """Return the parts of roads that are reached in time, as lines."""
    found = reached_stretches(graph, begin, seconds, most)
    rows = zip(found.line.tolist(), found.first_m.tolist(), found.last_m.tolist(), strict=True)
    lines = [substring(graph.lines[line], first, last) for line, first, last in rows]
    return np.array([line for line in lines if line.length > 0], dtype=object)
