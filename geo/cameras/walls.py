"""Buildings as walls: their edges as plain numbers, and which buildings can stand in a camera's way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.cameras.sector import Sectors

Numbers = NDArray[np.float64]
Positions = NDArray[np.int64]

#: A camera up to this deep inside a footprint hangs on its wall; deeper in, it stands on the roof.
ON_WALL_M = 1.0
#: How far before its wall the eye of such a camera is taken to be.
BEFORE_WALL_M = 0.05


@dataclass(frozen=True, slots=True)
class Walls:
    """Edges of building footprints, outer rings counter-clockwise, holes clockwise.

    Attributes
    ----------
    shapes : ndarray of polygons
        Metres; None where a building has no area.
    height : ndarray of float
        NaN where unknown: such a building hides whatever is behind it.
    edges : ndarray of float, shape (k, 4)
        Start and end of each edge.
    first : ndarray of int64, shape (n + 1,)
        Edges of building b are ``edges[first[b]:first[b + 1]]``.
    tree : STRtree
        Of the shapes.
    """

    shapes: NDArray[np.object_]
    height: Numbers
    edges: Numbers
    first: Positions
    tree: shapely.STRtree


def make_walls(shapes: NDArray[np.object_], height_m: Numbers) -> Walls:
    """Return the edges of footprints.

    Parameters
    ----------
    shapes : ndarray of polygons or multipolygons
        In metres. Invalid outlines are repaired; what is no polygon stands in nobody's way.
    """
    shapes = shapes.copy()
    wrong = ~(shapely.is_valid(shapes) | shapely.is_missing(shapes))
    shapes[wrong] = shapely.make_valid(shapes[wrong])
    shapes[shapely.get_dimensions(shapes) != 2] = None
    parts, owner = shapely.get_parts(shapes, return_index=True)
    flat = shapely.get_dimensions(parts) == 2
    parts, owner = np.asarray(shapely.orient_polygons(parts[flat]), dtype=object), owner[flat]
    rings, of_part = shapely.get_rings(parts, return_index=True)
    at, of_ring = shapely.get_coordinates(rings, return_index=True)
    same = of_ring[1:] == of_ring[:-1]
    edges = np.hstack([at[:-1][same], at[1:][same]]) if len(at) else np.zeros((0, 4))
    building = owner[of_part[of_ring[:-1][same]]] if len(at) else np.zeros(0, dtype=np.int64)
    first = np.searchsorted(building, np.arange(len(shapes) + 1)).astype(np.int64)
    return Walls(
        shapes, np.asarray(height_m, dtype=float), np.ascontiguousarray(edges), first, shapely.STRtree(shapes)
    )


def free_eyes(x: Numbers, y: Numbers, walls: Walls) -> tuple[Numbers, Numbers]:
    """Return where cameras look from: those on a wall are taken a hand's breadth out of it.

    A camera on a wall is often on record a little inside the footprint, or right on its edge, and would see
    nothing. One deeper inside stands on the roof: it keeps its place, and `standing_on` tells its building.
    """
    x, y = x.copy(), y.copy()
    points: Any = shapely.points(x, y)
    camera, building = walls.tree.query(points, predicate="dwithin", distance=BEFORE_WALL_M)
    for row, house in zip(camera.tolist(), building.tolist(), strict=True):
        edge = shapely.boundary(walls.shapes[house])
        inside = shapely.contains_xy(walls.shapes[house], x[row], y[row])
        depth = shapely.distance(edge, points[row])
        if inside and depth > ON_WALL_M:
            continue
        line, along = _nearest_edge(edge, points[row])
        foot = shapely.line_interpolate_point(line, along)
        out = _outward(walls.shapes[house], shapely.get_x(foot), shapely.get_y(foot), edge)
        x[row], y[row] = shapely.get_x(foot) + out[0], shapely.get_y(foot) + out[1]
    return x, y


def standing_on(x: Numbers, y: Numbers, walls: Walls) -> tuple[Positions, Positions]:
    """Return pairs of camera and the building that it stands on."""
    camera, building = walls.tree.query(shapely.points(x, y), predicate="intersects")
    return camera.astype(np.int64), building.astype(np.int64)


def in_the_way(sectors: Sectors, walls: Walls) -> tuple[Positions, Positions]:
    """Return pairs of camera and building whose box meets the camera's view, by camera and building."""
    seeing = np.flatnonzero(sectors.sees)
    if not len(seeing) or not len(walls.shapes):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    some = sectors.take(seeing)
    # Corners of the view on a circle wide enough to hold its arcs between them.
    fan = np.linspace(-1.0, 1.0, 17)
    angle = some.axis[:, None] + some.half[:, None] * fan
    radius = (some.farthest / np.cos(some.half / 16))[:, None]
    east = np.hstack([some.x[:, None], some.x[:, None] + radius * np.cos(angle)])
    north = np.hstack([some.y[:, None], some.y[:, None] + radius * np.sin(angle)])
    boxes = shapely.box(east.min(1), north.min(1), east.max(1), north.max(1))
    camera, building = walls.tree.query(boxes)
    order = np.lexsort((building, camera))
    return seeing[camera[order]].astype(np.int64), building[order].astype(np.int64)


def _nearest_edge(edge: Any, point: shapely.Point) -> tuple[Any, float]:
    parts = shapely.get_parts(edge)
    nearest = parts[int(np.argmin(shapely.distance(parts, point)))]
    return nearest, float(shapely.line_locate_point(nearest, point))


def _outward(shape: Any, x: float, y: float, edge: Any) -> tuple[float, float]:
    """Return the way out of a footprint from a point of its edge, square to the wall there."""
    at = shapely.get_coordinates(_nearest_edge(edge, shapely.Point(x, y))[0])
    along = np.diff(at, axis=0)
    relative = np.array([x, y]) - at[:-1]
    size = np.maximum((along**2).sum(1), 1e-18)
    share = np.clip((relative * along).sum(1) / size, 0, 1)
    wall = int(np.argmin(((relative - share[:, None] * along) ** 2).sum(1)))
    normal = np.array([along[wall, 1], -along[wall, 0]]) / np.sqrt(size[wall]) * BEFORE_WALL_M
    if shapely.contains_xy(shape, x + normal[0], y + normal[1]):
        normal = -normal
    return float(normal[0]), float(normal[1])
