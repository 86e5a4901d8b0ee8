"""Shading of a relief from its heights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.errors import BadInput


def hillshade(
    height_m: NDArray[np.floating],
    cell_m: tuple[float, float],
    *,
    azimuth_deg: float = 315.0,
    altitude_deg: float = 45.0,
    exaggeration: float = 1.0,
) -> NDArray[np.float32]:
    """Return how much light falls on each cell of a relief, from 0 (none) to 1 (upright to the light).

    Parameters
    ----------
    height_m : array of shape (rows, columns)
        Heights; the first row is the northernmost. NaN where nothing is known: the cell and its neighbours
        are NaN in the result.
    cell_m : (float, float)
        Width and height of a cell.
    azimuth_deg : float
        Where the light comes from, clockwise from north.
    altitude_deg : float
        How high it stands over the horizon, 0 to 90.
    exaggeration : float
        Heights are multiplied by it.

    Returns
    -------
    array of shape (rows - 2, columns - 2)
        Without the outermost cells, which have no neighbours on all sides.

    Raises
    ------
    BadInput
        Where there are fewer than three rows or columns, or a cell has no size.

    Notes
    -----
    Slope by Horn, B. K. P. (1981), Hill shading and the reflectance map, Proceedings of the IEEE 69 (1);
    the formula is that of ``gdaldem hillshade``.

    Examples
    --------
    >>> flat = np.full((4, 4), 60.0)
    >>> [[round(float(light), 3) for light in row] for row in hillshade(flat, (10, 10))]
    [[0.707, 0.707], [0.707, 0.707]]
    """
    height = np.asarray(height_m, dtype=np.float64) * exaggeration
    if height.ndim != 2 or min(height.shape) < 3:
        raise BadInput("a relief needs three rows and three columns at least", shape=list(height.shape))
    if not all(side > 0 for side in cell_m):
        raise BadInput("a cell of a relief needs a width and a height in metres", cell_m=list(cell_m))
    west, middle, east = height[:, :-2], height[:, 1:-1], height[:, 2:]
    across = (west[:-2] + 2 * west[1:-1] + west[2:]) - (east[:-2] + 2 * east[1:-1] + east[2:])
    rows = west + 2 * middle + east
    # rising to the west, and to the north
    to_west = across / (8 * cell_m[0])
    to_north = (rows[:-2] - rows[2:]) / (8 * cell_m[1])
    azimuth, altitude = np.radians(azimuth_deg), np.radians(altitude_deg)
    # The surface's upward normal is (to_west, -to_north, 1): east, north, up.
    light = (
        np.sin(azimuth) * np.cos(altitude) * to_west
        - np.cos(azimuth) * np.cos(altitude) * to_north
        + np.sin(altitude)
    ) / np.sqrt(1 + to_west**2 + to_north**2)
    found: NDArray[np.float32] = np.clip(light, 0, 1).astype(np.float32)
    return found
