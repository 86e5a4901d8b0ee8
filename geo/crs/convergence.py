"""The angle between true north and the north of a map grid."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyproj
from numpy.typing import ArrayLike, NDArray


def convergence_deg(lon: ArrayLike, lat: ArrayLike, crs: int | str) -> NDArray[np.float64]:
    """Return the bearing of grid north, in degrees clockwise from true north.

    Parameters
    ----------
    lon, lat : array_like of float
        Degrees on WGS 84 / CGCS2000.
    crs : int or str
        A projected system, as pyproj names it.

    Returns
    -------
    ndarray of float64
        A direction's bearing on the grid is its true azimuth minus this angle.

    Notes
    -----
    Meridian convergence as PROJ computes it for the projection at each point.

    Examples
    --------
    >>> round(float(convergence_deg(115.88, 31.74, 4548)), 2)  # 1.12° west of the central meridian
    -0.59
    """
    system = _projection(str(crs))
    found = system.get_factors(
        np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    ).meridian_convergence
    return np.asarray(found, dtype=np.float64)


@lru_cache(maxsize=32)
def _projection(crs: str) -> pyproj.Proj:
    return pyproj.Proj(pyproj.CRS.from_user_input(int(crs) if crs.isdigit() else crs))
