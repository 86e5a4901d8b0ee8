"""Kernel density of events as a raster: the smooth picture beside the tested one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter

from geo.crs import metric_crs
from geo.errors import BadInput
from geo.hotspots.quality import metres

MOST_PIXELS = 25_000_000
#: Standard deviations after which the kernel is cut.
REACH = 4.0


@dataclass(frozen=True, slots=True)
class Raster:
    """A raster with its first row in the north.

    Attributes
    ----------
    values : ndarray of float64, shape (rows, columns)
        Events per square kilometre.
    west, north : float
        Outer corner in metres of ``crs``.
    pixel_m : float
    crs : int
        EPSG code.
    """

    values: NDArray[np.float64]
    west: float
    north: float
    pixel_m: float
    crs: int


def kde(
    points: gpd.GeoDataFrame,
    *,
    bandwidth_m: float | None = None,
    pixel_m: float | None = None,
    weights: ArrayLike | None = None,
) -> Raster:
    """Return the density of events by a Gaussian kernel.

    Parameters
    ----------
    points : GeoDataFrame
        Events with a CRS, at least one.
    bandwidth_m : float, optional
        Standard deviation of the kernel; Silverman's rule of thumb for two dimensions where left out.
    pixel_m : float, optional
        Side of a pixel; a quarter of the bandwidth where left out.
    weights : array_like of float, optional
        Events that a row counts for.

    Returns
    -------
    Raster
        Adds up, times the area of a pixel, to the number of events: the margin holds the whole kernel.

    Raises
    ------
    BadInput
        For no events, a bandwidth or pixel that is not positive, or a raster that is too large.

    Notes
    -----
    Silverman 1986, eq. 4.14 with the smaller of standard deviation and interquartile range / 1.34. Events are
    shared among the four nearest pixels, then smoothed; the error is small while a pixel is at most a third
    of the bandwidth.

    Examples
    --------
    >>> points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 50, 900], [0, 0, 0]), crs=32650)
    >>> found = kde(points, bandwidth_m=100)
    >>> round(float(found.values.sum()) * (found.pixel_m / 1000) ** 2, 6)
    3.0
    """
    at = metres(points)
    if not len(at):
        raise BadInput("there are no events to spread")
    share = np.ones(len(at)) if weights is None else np.asarray(weights, dtype=np.float64)
    bandwidth = _rule_of_thumb(at) if bandwidth_m is None else bandwidth_m
    pixel = bandwidth / 4 if pixel_m is None else pixel_m
    if not (bandwidth > 0 and pixel > 0 and math.isfinite(bandwidth + pixel)):
        raise BadInput(f"bandwidth and pixel must be positive, not {bandwidth} and {pixel}")
    margin = REACH * bandwidth + 2 * pixel
    west, south = at.min(axis=0) - margin
    columns, rows = (math.ceil(side) for side in (np.ptp(at, axis=0) + 2 * margin) / pixel)
    if columns * rows > MOST_PIXELS:
        raise BadInput(f"{columns} x {rows} pixels are too many: take larger pixels", most=MOST_PIXELS)
    values = np.zeros((rows, columns))
    north = south + rows * pixel
    x, y = (at[:, 0] - west) / pixel - 0.5, (north - at[:, 1]) / pixel - 0.5
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    for down in (0, 1):
        for right in (0, 1):
            part = np.abs(1 - right - (x - left)) * np.abs(1 - down - (y - top)) * share
            np.add.at(values, (top + down, left + right), part)
    smooth = gaussian_filter(values, bandwidth / pixel, mode="constant", truncate=REACH)
    return Raster(smooth / (pixel / 1000) ** 2, float(west), float(north), float(pixel), metric_crs(points))


def _rule_of_thumb(at: NDArray[np.float64]) -> float:
    spread = at.std(axis=0, ddof=1) if len(at) > 1 else np.zeros(2)
    quartiles = np.subtract(*np.percentile(at, [75, 25], axis=0)) / 1.34
    narrow = np.where(quartiles > 0, np.minimum(spread, quartiles), spread)
    found = float(narrow.mean()) * len(at) ** (-1 / 6)
    return found if found > 0 else 100.0
