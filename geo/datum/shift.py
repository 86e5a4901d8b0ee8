"""Between WGS 84 and the shifted datums; the inverse is found by iteration."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.datum import bd09, gcj02
from geo.errors import BadInput

Degrees = NDArray[np.float64]
#: Names of the shifted datums.
DATUMS = ("gcj02", "bd09")
#: 1e-9 degrees are 0.1 mm on the ground: far inside the promised centimetre.
_TOLERANCE_DEGREES = 1e-9
_MOST_ROUNDS = 30


def _gcj02_to_bd09(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    return bd09.forward_from_gcj02(*gcj02.forward(lon, lat))


_FORWARD: dict[str, Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]] = {
    "gcj02": gcj02.forward,
    "bd09": _gcj02_to_bd09,
}


def _forward(datum: str) -> Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]:
    try:
        return _FORWARD[datum]
    except KeyError:
        raise BadInput(
            f"{datum!r} is no datum; there are: {', '.join(DATUMS)}", datum=datum, datums=DATUMS
        ) from None


def _arrays(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    east, north = np.broadcast_arrays(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
    if not (np.isfinite(east).all() and np.isfinite(north).all()):
        raise BadInput("coordinates must be finite numbers in degrees")
    if (np.abs(east) > 180).any() or (np.abs(north) > 90).any():
        raise BadInput(
            "coordinates are outside longitude ±180 or latitude ±90: are they in metres or swapped?"
        )
    return east, north


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[Degrees, Degrees]:
    """Shift WGS 84 to a datum.

    Parameters
    ----------
    lon, lat : array_like of float
        Degrees on WGS 84, treated as equal to CGCS2000.
    datum : {"gcj02", "bd09"}
        Where to.

    Returns
    -------
    lon, lat : ndarray of float
        Degrees on the datum.

    Raises
    ------
    BadInput
        For an unknown datum, or coordinates that are no degrees.

    Examples
    --------
    >>> lon, lat = from_wgs84(115.88, 31.74, "gcj02")
    >>> round(float(lon - 115.88), 4), round(float(lat - 31.74), 4)
    (0.0051, -0.0022)
    """
    shift = _forward(datum)
    east, north = shift(*_arrays(lon, lat))
    return east, north


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[Degrees, Degrees]:
    """Undo the shift of a datum, to better than a centimetre on the ground.

    Parameters
    ----------
    lon, lat : array_like of float
        Degrees on the datum.
    datum : {"gcj02", "bd09"}
        Which one.

    Returns
    -------
    lon, lat : ndarray of float
        Degrees on WGS 84. Points outside China are unchanged by GCJ-02.

    Raises
    ------
    BadInput
        For an unknown datum, or coordinates that are no degrees.

    Notes
    -----
    Fixed-point iteration of the forward formula, which contracts by about 1000 a round. At the rim of the
    rectangle where GCJ-02 begins, the shift jumps and has no inverse; those points keep the last estimate.

    Examples
    --------
    >>> lon, lat = to_wgs84(*from_wgs84(115.88, 31.74, "bd09"), "bd09")
    >>> round(float(lon), 8), round(float(lat), 8)
    (115.88, 31.74)
    """
    shift = _forward(datum)
    target_lon, target_lat = _arrays(lon, lat)
    guess_lon, guess_lat = target_lon.copy(), target_lat.copy()
    for _ in range(_MOST_ROUNDS):
        shifted_lon, shifted_lat = shift(guess_lon, guess_lat)
        error_lon, error_lat = shifted_lon - target_lon, shifted_lat - target_lat
        guess_lon, guess_lat = guess_lon - error_lon, guess_lat - error_lat
        if max(np.abs(error_lon).max(initial=0), np.abs(error_lat).max(initial=0)) < _TOLERANCE_DEGREES:
            break
    return guess_lon, guess_lat
