"""Oriented boxes, cuts across the long axis, rectangles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.ops import split

Ring = list[tuple[float, float]]


@dataclass(frozen=True)
class Box:
    """The smallest rectangle around a polygon.

    Attributes
    ----------
    centre, along : ndarray of float, shape (2,)
        Middle, and unit vector of the long side.
    long, short : float
        Sides in metres.
    """

    centre: NDArray[np.float64]
    along: NDArray[np.float64]
    long: float
    short: float

    @property
    def angle(self) -> float:
        """Direction of the long side, radians."""
        return math.atan2(self.along[1], self.along[0])


def box_of(polygon: Polygon) -> Box:
    """Return the oriented box of a polygon.

    Examples
    --------
    >>> box_of(shapely.box(0, 0, 30, 10)).long
    30.0
    """
    corners = shapely.get_coordinates(shapely.oriented_envelope(polygon)).round(3)
    first, second = corners[1] - corners[0], corners[2] - corners[1]
    long, short = float(np.hypot(*first)), float(np.hypot(*second))
    if round(long, 1) < round(short, 1):
        first, long, short = second, short, long
    return Box(corners[:4].mean(axis=0), first / max(long, 1e-9), long, short)


def cut(
    polygon: Polygon,
    random: np.random.Generator,
    *,
    off_centre: float = 0.12,
    tilt: float = 4.0,
    bow: float = 0.02,
) -> tuple[list[Polygon], LineString] | None:
    """Cut a polygon in two across the long side of its box.

    Parameters
    ----------
    off_centre : float
        The cut lies within this share of the long side from the middle.
    tilt : float
        Standard deviation of its angle, degrees.
    bow : float
        Standard deviation of its bend, share of the long side.

    Returns
    -------
    (list of two Polygon, LineString), or None
        The parts and the line between them; None where four tries gave no fair cut.
    """
    box = box_of(polygon)
    across = np.array([-box.along[1], box.along[0]])
    for attempt in range(1, 5):
        middle = box.centre + box.along * box.long * random.uniform(-off_centre, off_centre)
        angle = math.radians(random.normal(0, tilt * attempt * 0.7))
        way = (across * math.cos(angle) + box.along * math.sin(angle)) * box.short
        bend = box.along * box.long * random.normal(0, bow)
        ends, inner = middle + np.outer([-1, 1], way), middle + np.outer([-0.25, 0.25], way) + bend * 0.75
        line = shapely.LineString([ends[0], inner[0], middle + bend, inner[1], ends[1]])
        parts = [part for part in split(polygon, line).geoms if isinstance(part, Polygon) and part.area > 1]
        if len(parts) == 2 and min(part.area for part in parts) > 0.25 * polygon.area:
            between = [
                piece
                for piece in shapely.get_parts(line.intersection(polygon))
                if isinstance(piece, LineString)
            ]
            return parts, max(between, key=lambda piece: piece.length)
    return None


def rectangle(x: float, y: float, long: float, wide: float, angle: float) -> Polygon:
    """Return a rectangle around a point, its long side turned ``angle`` radians from east.

    Examples
    --------
    >>> rectangle(0, 0, 4, 2, 0.0).bounds
    (-2.0, -1.0, 2.0, 1.0)
    """
    return cast("Polygon", shapely.polygons(np.array(corners(x, y, long, wide, angle))))


def corners(x: float, y: float, long: float, wide: float, angle: float) -> Ring:
    """Return the corners of a rectangle, the first again at the end; of many, polygons are made at once.

    Examples
    --------
    >>> corners(0, 0, 4, 2, 0.0)
    [(-2.0, -1.0), (2.0, -1.0), (2.0, 1.0), (-2.0, 1.0), (-2.0, -1.0)]
    """
    cos, sin = math.cos(angle), math.sin(angle)
    first = (-long / 2, -wide / 2)
    ring = (first, (long / 2, -wide / 2), (long / 2, wide / 2), (-long / 2, wide / 2), first)
    return [(x + a * cos - b * sin, y + a * sin + b * cos) for a, b in ring]


def turned(geometry: Polygon, angle: float, about: NDArray[np.float64]) -> Polygon:
    """Return a polygon turned by ``angle`` radians counter-clockwise about a point."""
    cos, sin = math.cos(angle), math.sin(angle)
    matrix = np.array([[cos, sin], [-sin, cos]])
    return shapely.transform(geometry, lambda at: (at - about) @ matrix + about)


def largest(geometry: shapely.Geometry) -> Polygon:
    """Return the largest polygon of a geometry; an empty polygon where it has none."""
    parts = [part for part in shapely.get_parts(geometry) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: part.area, default=Polygon())
