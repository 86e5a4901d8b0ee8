"""How far one comes on the road network, and which place is the nearest by time."""

from geo.reach.areas import service_area
from geo.reach.graph import RoadGraph, Snapped, road_graph, snap
from geo.reach.nearest import DETOUR, STRAIGHT_KMH, nearest, note
from geo.reach.speeds import ACCESS_KMH, SPEEDS_KMH
from geo.reach.stretches import Stretches, reached_stretches, stretches_within
from geo.reach.travel import times_at, travel_times

__all__ = [
    "ACCESS_KMH",
    "DETOUR",
    "SPEEDS_KMH",
    "STRAIGHT_KMH",
    "RoadGraph",
    "Snapped",
    "Stretches",
    "nearest",
    "note",
    "reached_stretches",
    "road_graph",
    "service_area",
    "snap",
    "stretches_within",
    "times_at",
    "travel_times",
]
