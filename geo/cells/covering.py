"""Geometry to cells, with the containment rule stated."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import shapely
from h3ronpy import ContainmentMode, grid_disk, vector
from numpy.typing import ArrayLike
from pyarrow import array as arrow_array
from shapely.geometry.base import BaseGeometry

from geo.cells.indexing import Cells, check_resolution, index
from geo.errors import BadInput


class Containment(StrEnum):
    """When a cell belongs to a geometry.

    ``CENTRE`` puts each cell into exactly one of several areas that tile; ``INTERSECTS`` takes every cell
    that is touched; ``WITHIN`` only cells that lie inside whole.
    """

    CENTRE = "centre"
    INTERSECTS = "intersects"
    WITHIN = "within"


_MODES = {
    Containment.CENTRE: ContainmentMode.ContainsCentroid,
    Containment.INTERSECTS: ContainmentMode.IntersectsBoundary,
    Containment.WITHIN: ContainmentMode.ContainsBoundary,
}
#: Cells that one call may return; a whole county at resolution 12 is 1.8 million.
MOST_CELLS = 20_000_000
#: Mean area of a cell at resolution 0 in square degrees at the equator, and the aperture of the grid.
_APERTURE = 7
_SQUARE_DEGREES_AT_0 = 4_250_546.8 / 111.2**2


def cover(geometry: BaseGeometry, resolution: int, containment: Containment = Containment.CENTRE) -> Cells:
    """Return the cells of a geometry.

    Parameters
    ----------
    geometry : shapely geometry
        In degrees on WGS 84 / CGCS2000. Lines and points take the cells they touch, whatever the rule.
    resolution : int
        0 to 15.
    containment : Containment
        When a cell belongs to an area.

    Returns
    -------
    ndarray of uint64
        Cells, ascending, each once. Empty for an area that no cell satisfies.

    Raises
    ------
    BadInput
        For a geometry that is empty, invalid, outside the degrees, or over the antimeridian (an outline wider
        than 180°: split it there first), and for more than `MOST_CELLS` cells.

    Examples
    --------
    >>> box = shapely.box(115.88, 31.74, 115.89, 31.75)
    >>> len(cover(box, 9)), len(cover(box, 9, Containment.INTERSECTS)), len(cover(box, 9, Containment.WITHIN))
    (12, 20, 6)
    """
    check_resolution(resolution)
    if geometry.is_empty:
        raise BadInput("an empty geometry has no cells", reason="empty")
    west, south, east, north = geometry.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadInput("the geometry is not in degrees of longitude and latitude", bounds=geometry.bounds)
    if east - west > 180:
        raise BadInput(
            "the geometry crosses the antimeridian: split it at 180° first", bounds=geometry.bounds
        )
    if not geometry.is_valid:
        raise BadInput(f"the geometry is invalid: {shapely.is_valid_reason(geometry)}", reason="invalid")
    cell_area = _SQUARE_DEGREES_AT_0 / _APERTURE**resolution
    if geometry.area / cell_area > MOST_CELLS:
        raise BadInput(
            f"about {geometry.area / cell_area:.0f} cells at resolution {resolution}: choose a coarser one",
            resolution=resolution,
            most=MOST_CELLS,
        )
    mode = _MODES[containment] if geometry.area > 0 else ContainmentMode.IntersectsBoundary
    cells = arrow_array(vector.geometry_to_cells(geometry, resolution, mode)).to_numpy(zero_copy_only=False)
    return np.unique(cells.astype(np.uint64))


def touched(geometries: ArrayLike, resolution: int) -> Cells:
    """Return every cell that any of many geometries touches, and possibly neighbours that none does.

    Meant to be followed by an exact test: no touched cell is missing, a few are too many.

    Parameters
    ----------
    geometries : array_like of shapely geometries
        Polygons, lines or points in degrees on WGS 84 / CGCS2000; None and empty ones are passed over.
    resolution : int
        0 to 15.

    Returns
    -------
    ndarray of uint64
        Cells, ascending, each once.

    Examples
    --------
    >>> len(touched([shapely.box(115.8801, 31.7401, 115.8802, 31.7402)], 7)) >= 1
    True
    """
    check_resolution(resolution)
    shapes = np.asarray(geometries, dtype=object).ravel()
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not len(shapes):
        return np.zeros(0, dtype=np.uint64)
    found = vector.wkb_to_cells(
        arrow_array(shapely.to_wkb(shapes)), resolution, ContainmentMode.Covers, flatten=True
    )
    corners = shapely.get_coordinates(shapes)
    cells = np.unique(
        np.concatenate(
            [
                arrow_array(found).to_numpy(zero_copy_only=False),
                index(corners[:, 0], corners[:, 1], resolution),
            ]
        )
    ).astype(np.uint64)
    # Lines follow the grid between their corners and may clip a cell beside their path.
    if (shapely.get_dimensions(shapes) == 1).any():
        around = arrow_array(grid_disk(arrow_array(cells), 1, flatten=True))
        cells = np.unique(around.to_numpy(zero_copy_only=False)).astype(np.uint64)
    return cells
