"""Geometries as a layer stores them: flat, valid, of its family, inside the mercator world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.definitions import GeometryFamily

#: EPSG:3857 ends here (degrees); swapped axes and metres taken for degrees fall outside.
MOST_LONGITUDE = 180.0
MOST_LATITUDE = 85.06
_POLE = 90.0

#: A repaired polygon may differ from the drawn one by this share of its area, no more.
REPAIR_TOLERANCE = 1e-6

#: A feature with more vertices than this is an accident (a whole raster outlined) and slows every tile.
MOST_VERTICES = 500_000

_KINDS: dict[GeometryFamily, tuple[int, ...]] = {
    GeometryFamily.POINT: (shapely.GeometryType.POINT,),
    GeometryFamily.LINE: (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING),
    GeometryFamily.POLYGON: (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON),
    GeometryFamily.ANY: (
        shapely.GeometryType.POINT,
        shapely.GeometryType.MULTIPOINT,
        shapely.GeometryType.LINESTRING,
        shapely.GeometryType.MULTILINESTRING,
        shapely.GeometryType.POLYGON,
        shapely.GeometryType.MULTIPOLYGON,
    ),
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """Geometries made ready, and what is wrong with those that cannot be.

    Attributes
    ----------
    geometries : ndarray of shapely geometries
        Two-dimensional and valid where `reasons` is empty.
    reasons : ndarray of str
        Reason code, ``""`` where nothing is wrong: ``geometry-missing``, ``geometry-empty``,
        ``coordinates-not-finite``, ``axes-swapped``, ``outside-envelope``, ``too-many-vertices``,
        ``geometry-family``, ``geometry-invalid``.
    repaired : int
        How many invalid polygons were made valid without a change of their area.
    """

    geometries: NDArray[np.object_]
    reasons: NDArray[np.str_]
    repaired: int


def prepare(geometries: NDArray[np.object_], family: GeometryFamily, *, needed: bool = True) -> Prepared:
    """Bring geometries in degrees into the form in which a layer stores them.

    Heights and measures are dropped, one-part multi points become points, invalid polygons are repaired
    where that keeps their area, and every other flaw is named.

    Parameters
    ----------
    geometries : ndarray of shapely geometries or None
        EPSG:4326.
    family : GeometryFamily
        Which kinds the layer takes.
    needed : bool
        False lets None pass (a second geometry that is not required).

    Examples
    --------
    >>> made = prepare(np.array([shapely.Point(116, 31, 40), None]), GeometryFamily.POINT)
    >>> made.geometries[0].has_z, made.reasons.tolist()
    (False, ['', 'geometry-missing'])
    """
    shapes = np.array(geometries, dtype=object)
    reasons = np.full(len(shapes), "", dtype="U32")

    def refuse(where: NDArray[np.bool_], reason: str) -> None:
        reasons[where & (reasons == "")] = reason

    missing = ~shapely.is_geometry(shapes)
    shapes[missing] = None
    if needed:
        refuse(missing, "geometry-missing")
    refuse(shapely.is_empty(shapes), "geometry-empty")
    refuse(_not_finite(shapes), "coordinates-not-finite")
    high = shapely.has_z(shapes) | shapely.has_m(shapes)
    if high.any():
        shapes[high] = shapely.force_2d(shapes[high])
    if family is GeometryFamily.POINT:
        shapes = _single_points(shapes)
    kinds = shapely.get_type_id(shapes)
    refuse(~missing & ~np.isin(kinds, _KINDS[family]), "geometry-family")
    bounds = shapely.bounds(shapes)
    refuse(_swapped(bounds), "axes-swapped")
    refuse(_outside(bounds), "outside-envelope")
    if family is not GeometryFamily.POINT:
        refuse(shapely.get_num_coordinates(shapes) > MOST_VERTICES, "too-many-vertices")
    sound = (reasons == "") & ~missing
    shapes, broken, repaired = _repair(shapes, sound)
    refuse(broken, "geometry-invalid")
    return Prepared(shapes, reasons, repaired)


def _not_finite(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    bad = np.zeros(len(shapes), dtype=bool)
    if np.isfinite(shapely.get_coordinates(shapes)).all():
        return bad
    coordinates, owners = shapely.get_coordinates(shapes, return_index=True)
    bad[owners[~np.isfinite(coordinates).all(axis=1)]] = True
    return bad


def _single_points(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    single = (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOINT) & (
        shapely.get_num_geometries(shapes) == 1
    )
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    return shapes


def _swapped(bounds: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return what lies beyond a pole, and inside the envelope with latitude and longitude exchanged."""
    west, south, east, north = bounds.T
    exchanged = np.column_stack([south, west, north, east])
    return np.asarray((south < -_POLE) | (north > _POLE)) & ~_outside(exchanged)


def _outside(bounds: NDArray[np.float64]) -> NDArray[np.bool_]:
    west, south, east, north = bounds.T
    # A comparison with NaN is False: missing and empty geometries have their own reasons.
    return np.asarray(
        (west < -MOST_LONGITUDE)
        | (east > MOST_LONGITUDE)
        | (south < -MOST_LATITUDE)
        | (north > MOST_LATITUDE)
    )


def _repair(
    shapes: NDArray[np.object_], sound: NDArray[np.bool_]
) -> tuple[NDArray[np.object_], NDArray[np.bool_], int]:
    """Make invalid geometries valid; return them, which stayed broken, and how many were repaired."""
    broken = sound & ~shapely.is_valid(shapes)
    at = np.flatnonzero(broken)
    if not len(at):
        return shapes, broken, 0
    before = shapes[at]
    dimensions = shapely.get_dimensions(before)
    after = np.empty(len(at), dtype=object)
    for number, made in enumerate(shapely.make_valid(before, method="structure", keep_collapsed=False)):
        parts = shapely.get_parts(made)
        kept = parts[shapely.get_dimensions(parts) == dimensions[number]]
        after[number] = kept[0] if len(kept) == 1 else shapely.union_all(kept)
    size = np.where(dimensions == 2, shapely.area(before), shapely.length(before))
    change = np.abs(np.where(dimensions == 2, shapely.area(after), shapely.length(after)) - size)
    same = (change <= REPAIR_TOLERANCE * size) & (size > 0) & ~shapely.is_empty(after)
    shapes[at[same]] = after[same]
    broken[at[same]] = False
    return shapes, broken, int(same.sum())
