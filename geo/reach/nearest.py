"""Which of some places is the nearest by driving time, for each of many others."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import metric_crs
from geo.notes import MethodNote
from geo.reach.graph import RoadGraph, road_graph, snap
from geo.reach.speeds import ACCESS_KMH, SPEEDS_KMH
from geo.reach.travel import NOBODY, times_at, travel_times

#: Straight, where no road is loaded: the way is longer than the line by about this factor.
DETOUR = 1.3
STRAIGHT_KMH = 30.0

LIMITS = (
    "Driving without traffic, at the speed limit or the speed of the road's class.",
    "Turns, signals, closures and weather are not in it.",
)


def nearest(
    roads: gpd.GeoDataFrame | RoadGraph,
    origins: gpd.GeoDataFrame,
    targets: gpd.GeoDataFrame,
    *,
    most_minutes: float = 120.0,
) -> pd.DataFrame:
    """Return for each target the origin that is there first.

    Parameters
    ----------
    roads : GeoDataFrame or RoadGraph
        As `road_graph` takes them. Where there are none the straight line stands in, and the frame says so.
    origins, targets : GeoDataFrame
        Points with a CRS.

    Returns
    -------
    DataFrame
        Index of the targets; ``origin`` (index label; None where nobody comes in time), ``minutes``,
        ``by_road``. ``attrs["note"]`` is the `MethodNote`.

    Examples
    --------
    >>> roads = gpd.GeoDataFrame(
    ...     {"class": ["main"]}, geometry=[shapely.LineString([(0, 0), (3000, 0)])], crs=32650)
    >>> teams = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 3000], [0, 0]), crs=32650, index=["a", "b"])
    >>> places = gpd.GeoDataFrame(geometry=gpd.points_from_xy([750, 2700], [0, 0]), crs=32650)
    >>> nearest(roads, teams, places).round(3)[["origin", "minutes"]].values.tolist()
    [['a', 1.0], ['b', 0.4]]
    """
    graph = roads if isinstance(roads, RoadGraph) else road_graph(roads)
    if not graph.edges:
        return _by_line(origins, targets)
    begin, at = snap(graph, origins), snap(graph, targets)
    seconds, source = travel_times(graph, begin, most_seconds=most_minutes * 60)
    best, who = times_at(graph, seconds, source, at, begin)
    who[best > most_minutes * 60] = NOBODY
    return _told(origins, targets, who, best / 60, by_road=True)


def _by_line(origins: gpd.GeoDataFrame, targets: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the same by straight lines, for want of roads."""
    if not len(origins):
        nobody = np.full(len(targets), NOBODY, dtype=np.int64)
        return _told(origins, targets, nobody, np.full(len(targets), np.inf), by_road=False)
    crs = metric_crs(origins)
    tree = shapely.STRtree(origins.geometry.to_crs(crs).to_numpy())
    (_, who), metres = tree.query_nearest(
        targets.geometry.to_crs(crs).to_numpy(), all_matches=False, return_distance=True
    )
    minutes = metres * DETOUR / (STRAIGHT_KMH / 3.6) / 60
    return _told(origins, targets, who.astype(np.int64), minutes, by_road=False)


def _told(
    origins: gpd.GeoDataFrame,
    targets: gpd.GeoDataFrame,
    who: np.ndarray,
    minutes: np.ndarray,
    *,
    by_road: bool,
) -> pd.DataFrame:
    labels = origins.index.to_numpy(dtype=object)
    frame = pd.DataFrame(
        {
            "origin": np.array([labels[one] if one >= 0 else None for one in who.tolist()], dtype=object),
            "minutes": np.where(who >= 0, minutes, np.inf),
            "by_road": by_road,
        },
        index=targets.index,
    )
    frame.attrs["note"] = note(by_road=by_road)
    return frame


def note(*, by_road: bool) -> MethodNote:
    """Return how the times were found."""
    if not by_road:
        return MethodNote(
            "Straight lines, because no road is loaded.",
            parameters={"detour": DETOUR, "speed_kmh": STRAIGHT_KMH},
            limits=("No road is known: rivers, railways and fields are crossed.",),
        )
    return MethodNote(
        "Shortest driving times on the road network, from the road nearest to one place to that nearest to "
        "the other, with the straight way between place and road.",
        "Dijkstra 1959, A note on two problems in connexion with graphs (SciPy's implementation)",
        {"speeds_kmh": dict(SPEEDS_KMH), "access_kmh": ACCESS_KMH},
        limits=LIMITS,
    )
