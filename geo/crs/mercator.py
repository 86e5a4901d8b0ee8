"""Spherical Mercator of the web (EPSG:3857), in closed form for whole arrays.

EPSG Guidance Note 7-2, method 1024 (Popular Visualisation Pseudo Mercator): the sphere has the radius of the
ellipsoid's equator.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_EARTH = 6_378_137.0


def mercator(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn longitude and latitude to EPSG:3857.

    Parameters
    ----------
    degrees : ndarray of shape (n, 2)
        Longitude within ±180 and latitude short of the poles.

    Returns
    -------
    ndarray of shape (n, 2)
        Metres, as PROJ computes them, to the micrometre.

    Examples
    --------
    >>> mercator(np.array([[115.8823, 31.7987]])).round(1).tolist()
    [[12899958.6, 3736915.8]]
    """
    made = np.radians(degrees)
    # An import turns millions of points: computed in place.
    np.tan(made[:, 1], out=made[:, 1])
    np.arcsinh(made[:, 1], out=made[:, 1])
    made *= _EARTH
    return made


def mercator_to_degrees(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn points (n, 2) of EPSG:3857 to longitude and latitude.

    Examples
    --------
    >>> mercator_to_degrees(np.array([[12899958.1, 3736913.6]])).round(4).tolist()
    [[115.8823, 31.7987]]
    """
    longitude = np.degrees(points[:, 0] / _EARTH)
    latitude = np.degrees(np.arctan(np.sinh(points[:, 1] / _EARTH)))
    return np.column_stack([longitude, latitude])
