"""Shapes cut at the boundary of a polygon."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry


def parts_inside(shapes: NDArray[Any], polygon: BaseGeometry) -> NDArray[np.object_]:
    """Return the part of each shape that lies inside a polygon, empty where none does.

    What lies wholly in there, as most does of a city's cells, stays as it is: cutting takes the time.

    Examples
    --------
    >>> cells = shapely.box([0, 1, 3], 0, [1, 2, 4], 1)
    >>> shapely.area(parts_inside(cells, shapely.box(-1, -1, 1.5, 2))).tolist()
    [1.0, 0.5, 0.0]
    """
    shapely.prepare(polygon)
    crossing = ~shapely.contains_properly(polygon, shapes)
    parts = np.array(shapes, dtype=object)
    parts[crossing] = shapely.intersection(parts[crossing], polygon)
    return parts
