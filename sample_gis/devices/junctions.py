"""Junctions of the road network: the legs that meet there, and where a post can stand at each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from sample_gis.devices.places import Points

if TYPE_CHECKING:
    from sample_gis.city import City


@dataclass(frozen=True)
class Legs:
    """Ends of roads at the nodes where they meet, sorted by node; a row for each end."""

    node: NDArray[np.int64]
    road: NDArray[np.int64]
    rank: NDArray[np.int64]
    direction: Points
    at: Points
    begin: NDArray[np.int64]

    def of(self, node: int) -> range:
        """Return the rows of a node."""
        return range(int(self.begin[node]), int(self.begin[node + 1]))


def legs_of(city: City) -> Legs:
    """Return the ends of all roads by the node where they meet, with their direction away from it."""
    roads = city.roads
    lines = roads.geometry.to_numpy()
    length = shapely.length(lines)
    reach = np.minimum(25.0, length / 2)
    ends = []
    for nodes, at, ahead in (
        (roads["from_node"], shapely.get_point(lines, 0), shapely.line_interpolate_point(lines, reach)),
        (
            roads["to_node"],
            shapely.get_point(lines, -1),
            shapely.line_interpolate_point(lines, length - reach),
        ),
    ):
        here = shapely.get_coordinates(at)
        along = shapely.get_coordinates(ahead) - here
        along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
        ends.append((nodes.to_numpy(dtype=np.int64), here, along))
    node = np.concatenate([end[0] for end in ends])
    road = np.tile(np.arange(len(roads)), 2)
    order = np.lexsort([road, node])
    node = node[order]
    return Legs(
        node=node,
        road=road[order],
        rank=roads["class"].to_numpy(dtype=np.int64)[road[order]],
        direction=np.vstack([end[2] for end in ends])[order],
        at=np.vstack([end[1] for end in ends])[order],
        begin=np.searchsorted(node, np.arange(node.max() + 2)),
    )


def bearing_of(direction: Points) -> NDArray[np.float64]:
    """Return bearings in degrees clockwise from grid north of directions (east, north).

    Examples
    --------
    >>> bearing_of(np.array([[0.0, 1.0], [1.0, 0.0], [-2.0, 0.0]])).tolist()
    [0.0, 90.0, 270.0]
    """
    return np.asarray(np.degrees(np.arctan2(direction[:, 0], direction[:, 1])) % 360)


def corners(city: City, legs: Legs, rows: NDArray[np.int64]) -> Points:
    """Return the far right corner of each leg: beyond the widest cross street, behind the own kerb."""
    width = city.roads["width_m"].to_numpy(dtype=float)
    widest = np.zeros(legs.node.max() + 1)
    np.maximum.at(widest, legs.node, width[legs.road])
    along = legs.direction[rows]
    right = np.column_stack([along[:, 1], -along[:, 0]])
    ahead = widest[legs.node[rows]] / 2 + 4.0
    aside = width[legs.road[rows]] / 2 + 1.8
    return np.asarray(np.round(legs.at[rows] + along * ahead[:, None] + right * aside[:, None], 2))
