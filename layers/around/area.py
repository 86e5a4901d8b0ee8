"""The place that one looks around: a point, a drawn polygon, or a line with a width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import in_system, metric_crs
from geo.errors import BadInput

MOST_VERTICES = 5_000
MOST_RINGS = 5
MOST_RADIUS_M = 20_000.0
MOST_WIDTH_M = 5_000.0
MOST_AREA_KM2 = 5_000.0
#: Rings of a point where none are named; what is drawn is looked at by itself.
USUAL_RADII_M = (500.0, 1000.0, 2000.0)

KINDS = {"Point": "point", "Polygon": "polygon", "MultiPolygon": "polygon", "LineString": "line"}


class BadArea(BadInput):
    """A drawn place cannot be used; details: ``expected`` (a phrase's key) and its facts."""

    code = "bad-area"


@dataclass(frozen=True, slots=True)
class Area:
    """A place with its rings, in a metric system.

    Attributes
    ----------
    kind : {"point", "polygon", "line"}
    shape : geometry
        The point, the polygon, or the line widened by half its width on both sides.
    middle : Point
        A point of it, to which ways by road are found.
    radii_m : tuple of float
        Distances of the rings from the shape, rising; 0 is the shape itself.
    rings : tuple of geometry
        The shape widened by each radius.
    """

    kind: str
    crs: int
    shape: BaseGeometry
    middle: shapely.Point
    radii_m: tuple[float, ...]
    rings: tuple[BaseGeometry, ...]

    def in_degrees(self) -> tuple[Any, ...]:
        """Return middle and rings in degrees."""
        return tuple(in_system(np.array([self.middle, *self.rings], dtype=object), self.crs, 4326))


def make_area(document: Any, *, width_m: float = 0.0, radii_m: Sequence[float] | None = None) -> Area:
    """Return the place that a GeoJSON geometry in degrees draws.

    Parameters
    ----------
    document : dict
        A Point, Polygon, MultiPolygon or LineString.
    width_m : float
        Of a line.
    radii_m : sequence of float, optional
        Distances of the rings; 500, 1,000 and 2,000 m of a point, the shape itself of all else.

    Raises
    ------
    BadArea
        Where it is none of these, has too many vertices, crosses itself, or lies outside the earth.

    Examples
    --------
    >>> area = make_area({"type": "Point", "coordinates": [115.9, 31.8]}, radii_m=[100])
    >>> area.kind, area.crs, round(area.rings[0].area)
    ('point', 4548, 31403)
    """
    shape, kind = _shape(document)
    if kind == "line" and not 0 < width_m <= MOST_WIDTH_M:
        raise _bad("width", most=MOST_WIDTH_M)
    given = (USUAL_RADII_M if kind == "point" else (0.0,)) if radii_m is None else radii_m
    radii = tuple(sorted(dict.fromkeys(float(one) for one in given)))
    least = 1.0 if kind == "point" else 0.0
    if not 1 <= len(radii) <= MOST_RINGS or not all(least <= one <= MOST_RADIUS_M for one in radii):
        raise _bad("radii", most=MOST_RADIUS_M, rings=MOST_RINGS)
    frame = gpd.GeoSeries([shape], crs=4326)
    crs = metric_crs(frame)
    metric = frame.to_crs(crs).iloc[0]
    if kind == "line":
        metric = metric.buffer(width_m / 2, cap_style="flat")
    if metric.area > MOST_AREA_KM2 * 1e6:
        raise _bad("area", most=MOST_AREA_KM2)
    middle = metric if kind == "point" else metric.representative_point()
    rings = tuple(metric.buffer(one, quad_segs=32) if one else metric for one in radii)
    return Area(kind, crs, metric, middle, radii, rings)


def _shape(document: Any) -> tuple[BaseGeometry, str]:
    if not isinstance(document, dict) or document.get("type") not in KINDS:
        raise _bad("kind", known=", ".join(KINDS))
    if _count(document.get("coordinates"), MOST_VERTICES) > MOST_VERTICES:
        raise _bad("vertices", most=MOST_VERTICES)
    try:
        shape = shapely.geometry.shape(document)
        numbers = shapely.get_coordinates(shape)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError):
        raise _bad("coordinates") from None
    if shape.is_empty or not np.isfinite(numbers).all():
        raise _bad("coordinates")
    if (np.abs(numbers[:, 0]) > 180).any() or (np.abs(numbers[:, 1]) > 85).any():
        raise _bad("degrees")
    if not shape.is_valid:
        raise _bad("crosses", where=shapely.is_valid_reason(shape)[:120])
    return shape, KINDS[document["type"]]


def _count(coordinates: Any, most: int) -> int:
    """Return how many positions there are; it stops where there are too many, however they are nested."""
    total, left = 0, [(coordinates, 0)]
    while left and total <= most:
        one, depth = left.pop()
        if not isinstance(one, list):
            continue
        if one and not isinstance(one[0], list):
            total += 1
        elif depth < 4:
            if len(one) > most:
                return most + 1
            left += [(inner, depth + 1) for inner in one]
    return total


def _bad(reason: str, **facts: Any) -> BadArea:
    return BadArea(f"the drawn place cannot be used: {reason}", expected=f"area-{reason}", **facts)
