"""Geometries as the extended WKB that PostGIS reads, for whole arrays, in degrees or in web mercator.

Points, lines and polygons of one ring, which nearly all features are, have a head of fixed width and then
their coordinates: these are written by NumPy, the others by GEOS.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from geo.crs import mercator

MERCATOR = 3857

_WITH_SYSTEM = 0x2000_0000
_HEAD = [("order", "u1"), ("type", "<u4"), ("system", "<u4")]
#: Number of the type in WKB, and what stands between its head and its coordinates.
_PLAIN: dict[shapely.GeometryType, tuple[int, list[tuple[str, str]]]] = {
    shapely.GeometryType.POINT: (1, []),
    shapely.GeometryType.LINESTRING: (2, [("points", "<u4")]),
    shapely.GeometryType.POLYGON: (3, [("rings", "<u4"), ("points", "<u4")]),
}


def geometries_as_bytes(shapes: NDArray[np.object_], system: int, kind: pa.DataType) -> pa.Array:
    """Return extended WKB, one value a geometry, null for None.

    Parameters
    ----------
    shapes : ndarray of shapely geometries or None
        Flat, with finite coordinates, in degrees.
    system : int
        EPSG code to write: 4326, or 3857, to which the coordinates are turned.
    kind : DataType
        ``pa.large_binary()``.

    Examples
    --------
    >>> made = geometries_as_bytes(np.array([shapely.Point(1, 2)]), 4326, pa.large_binary())
    >>> made[0].as_py() == shapely.to_wkb(shapely.set_srid(shapely.Point(1, 2), 4326), include_srid=True)
    True
    """
    kinds = shapely.get_type_id(shapes)
    plain = (shapely.get_num_interior_rings(shapes) == 0) & (shapely.get_num_coordinates(shapes) > 0)
    written = np.zeros(len(shapes), dtype=bool)
    parts: list[tuple[NDArray[np.bool_], pa.Array]] = []
    for one in _PLAIN:
        chosen = plain & (kinds == one)
        if chosen.any():
            parts.append((chosen, _plain(shapes[chosen], one, system, kind)))
            written |= chosen
    if not written.all():
        rest = shapes[~written]
        if system == MERCATOR:
            rest = shapely.transform(rest, mercator)
        wkb = shapely.to_wkb(shapely.set_srid(rest, system), byte_order=1, include_srid=True)
        parts.append((~written, pa.array(wkb, kind)))
    if len(parts) == 1:
        return parts[0][1]
    made = pa.nulls(len(shapes), kind)
    for chosen, values in parts:
        made = pc.replace_with_mask(made, pa.array(chosen), values)
    return made


def _plain(
    shapes: NDArray[np.object_], kind: shapely.GeometryType, system: int, arrow: pa.DataType
) -> pa.Array:
    """Write geometries of one type, none of which has more than one list of coordinates."""
    coordinates, owners = shapely.get_coordinates(shapes, return_index=True)
    if system == MERCATOR:
        coordinates = mercator(coordinates)
    points = np.bincount(owners, minlength=len(shapes))
    number, counts = _PLAIN[kind]
    heads = np.ones(len(shapes), dtype=[*_HEAD, *counts])
    heads["type"], heads["system"] = _WITH_SYSTEM | number, system
    if counts:
        heads["points"] = points
    sizes = np.column_stack([np.full(len(shapes), heads.itemsize), 16 * points])
    is_head = np.repeat(np.tile([True, False], len(shapes)), sizes.ravel())
    data = np.empty(len(is_head), dtype=np.uint8)
    data[is_head] = heads.view(np.uint8)
    data[~is_head] = np.ascontiguousarray(coordinates, dtype="<f8").view(np.uint8).ravel()
    ends = np.concatenate([[0], np.cumsum(sizes.sum(axis=1))]).astype(np.int64)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(data)]
    return pa.Array.from_buffers(arrow, len(shapes), buffers)
