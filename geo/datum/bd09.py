"""The BD-09 offset of Baidu's maps, on top of GCJ-02.

Source: the formula as published by the community (``coordtransform``, ``gcoord``); the definition itself is
not public.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_WAVE = np.pi * 3000.0 / 180.0
_EAST, _NORTH = 0.0065, 0.006

Degrees = NDArray[np.float64]


def forward_from_gcj02(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Shift GCJ-02 to BD-09, both in degrees.

    Examples
    --------
    >>> lon, lat = forward_from_gcj02(np.array([116.404]), np.array([39.915]))
    >>> round(float(lon[0]), 6), round(float(lat[0]), 6)
    (116.410369, 39.921337)
    """
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _WAVE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _WAVE)
    return radius * np.cos(angle) + _EAST, radius * np.sin(angle) + _NORTH
