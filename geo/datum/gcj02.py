"""The GCJ-02 offset of Chinese web maps, forward.

Source: the formula as published by the community since 2013 (``eviltransform``, ``coordtransform``); the
standard itself is not public. It is defined on the Krasovsky 1940 ellipsoid and acts inside China only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Semi-major axis in metres and first eccentricity squared of Krasovsky 1940, as the formula has them.
_SEMI_MAJOR_AXIS = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_ORIGIN_LON, _ORIGIN_LAT = 105.0, 35.0
#: The rectangle inside which the offset is applied: west, south, east, north in degrees.
CHINA = (72.004, 0.8293, 137.8347, 55.8271)

Degrees = NDArray[np.float64]


def _waves(*terms: tuple[float, Degrees]) -> Degrees:
    """Return two thirds of a sum of sines, each given by its amplitude in metres and its phase over pi."""
    return np.asarray(sum(amplitude * np.sin(phase * np.pi) for amplitude, phase in terms) * 2 / 3)


def inside_china(lon: Degrees, lat: Degrees) -> NDArray[np.bool_]:
    """Tell which points lie in the rectangle where GCJ-02 differs from WGS 84."""
    west, south, east, north = CHINA
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def forward(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Shift WGS 84 to GCJ-02.

    Parameters
    ----------
    lon, lat : ndarray of float
        Degrees on WGS 84.

    Returns
    -------
    lon, lat : ndarray of float
        Degrees on GCJ-02; unchanged outside `CHINA`.

    Examples
    --------
    >>> lon, lat = forward(np.array([116.397428]), np.array([39.90923]))
    >>> round(float(lon[0]), 6), round(float(lat[0]), 6)
    (116.403672, 39.910634)
    """
    x, y = lon - _ORIGIN_LON, lat - _ORIGIN_LAT
    root = np.sqrt(np.abs(x))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += _waves((20, 6 * x), (20, 2 * x), (20, y), (40, y / 3), (160, y / 12), (320, y / 30))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += _waves((20, 6 * x), (20, 2 * x), (20, x), (40, x / 3), (150, x / 12), (300, x / 30))

    radians = np.radians(lat)
    magic = 1 - _ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    meridian_radius = _SEMI_MAJOR_AXIS * (1 - _ECCENTRICITY_SQUARED) / magic**1.5
    parallel_radius = _SEMI_MAJOR_AXIS / np.sqrt(magic) * np.cos(radians)
    inside = inside_china(lon, lat)
    return (
        np.where(inside, lon + np.degrees(east / parallel_radius), lon),
        np.where(inside, lat + np.degrees(north / meridian_radius), lat),
    )
