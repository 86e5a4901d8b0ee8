"""Relief: a height model, and what it hides from an eye."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import transformer
from geo.errors import BadInput

Numbers = NDArray[np.float64]

#: Mean radius of the earth, and how much of its curvature refraction takes back.
EARTH_M, REFRACTION = 6_371_000.0, 0.13


@dataclass(frozen=True)
class Terrain:
    """A grid of ground heights, north up.

    Attributes
    ----------
    heights : ndarray of float, shape (rows, columns)
        Metres above one datum; NaN where unknown, which hides nothing. The first row is the northernmost.
    west, north : float
        Outer corner of the first pixel, in units of ``crs``.
    step_x, step_y : float
        Size of a pixel, both positive.
    crs : int or str
        Of west, north and the steps.
    """

    heights: Numbers
    west: float
    north: float
    step_x: float
    step_y: float
    crs: int | str = 4326

    def __post_init__(self) -> None:
        if self.heights.ndim != 2 or self.step_x <= 0 or self.step_y <= 0:
            raise BadInput("a terrain is a grid of rows and columns with positive steps")

    def around(self, x: float, y: float, radius_m: float, crs: int) -> tuple[Numbers, Numbers, Numbers]:
        """Return a square of heights around a point in a metric system.

        Returns
        -------
        east, north : ndarray of float, shape (n,)
            Middles of columns and rows; the point is the middle of the middle pixel.
        heights : ndarray of float, shape (n, n)
            Nearest pixel; NaN outside.
        """
        step = self._metres(x, y, crs)
        reach = max(1, int(np.ceil(radius_m / step)))
        offsets = np.arange(-reach, reach + 1) * step
        east, north = x + offsets, y - offsets
        grid_x, grid_y = np.meshgrid(east, north)
        to_own = transformer(crs, self.crs)
        own_x, own_y = to_own.transform(grid_x.ravel(), grid_y.ravel())
        column = np.floor((np.asarray(own_x) - self.west) / self.step_x).astype(np.int64)
        row = np.floor((self.north - np.asarray(own_y)) / self.step_y).astype(np.int64)
        rows, columns = self.heights.shape
        inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        found = np.full(len(column), np.nan)
        found[inside] = self.heights[row[inside], column[inside]]
        return np.asarray(east), np.asarray(north), np.asarray(found.reshape(grid_x.shape))

    def _metres(self, x: float, y: float, crs: int) -> float:
        """Return the size of a pixel near a point, in metres."""
        to_own = transformer(crs, self.crs)
        back = transformer(self.crs, crs)
        own_x, own_y = to_own.transform(x, y)
        beside_x, beside_y = back.transform(own_x, own_y + self.step_y)
        return float(np.hypot(beside_x - x, beside_y - y))


def hidden(  # noqa: PLR0917
    terrain: Terrain, x: float, y: float, eye_m: float, radius_m: float, target_height_m: float, crs: int
) -> Any:
    """Return the part of a square around an eye that the relief hides.

    Parameters
    ----------
    x, y : float
        The eye, in metres of ``crs``.
    eye_m : float
        Its height above the ground there.

    Returns
    -------
    polygon
        Union of the hidden pixels; empty where the ground at the eye is unknown.
    """
    east, north, heights = terrain.around(x, y, radius_m, crs)
    middle = len(east) // 2
    if not np.isfinite(heights[middle, middle]) or len(east) < 3:
        return shapely.Polygon()
    step = float(east[1] - east[0])
    seen = line_of_sight(heights, middle, middle, eye_m, target_height_m, step)
    row, column = np.nonzero(~seen)
    half = step / 2
    boxes = shapely.box(east[column] - half, north[row] - half, east[column] + half, north[row] + half)
    return shapely.union_all(boxes) if len(boxes) else shapely.Polygon()


@numba.njit(cache=True, nogil=True)
def line_of_sight(  # noqa: PLR0917  # pragma: no cover - compiled
    heights: Numbers, row: int, column: int, eye_m: float, target_m: float, step_m: float
) -> NDArray[np.bool_]:
    """Return which pixels of a height grid are seen from one of them.

    Parameters
    ----------
    heights : ndarray of float, shape (rows, columns)
        Ground, metres; NaN hides nothing and is itself not seen.
    row, column : int
        The pixel of the eye.
    eye_m, target_m : float
        Above the ground of their pixels.
    step_m : float
        Size of a pixel.

    Notes
    -----
    The exact method (R3): a ray to the middle of each pixel, tested wherever it crosses a line between the
    middles of rows or columns, with heights interpolated along that line. The earth's curvature, less
    refraction (k = 0.13), lowers what is far.
    """
    rows, columns = heights.shape
    seen = np.zeros((rows, columns), dtype=np.bool_)
    start = heights[row, column] + eye_m
    bend = (1.0 - REFRACTION) / (2.0 * EARTH_M)
    for i in range(rows):
        for j in range(columns):
            if np.isnan(heights[i, j]):
                continue
            di, dj = i - row, j - column
            far = math.hypot(di, dj) * step_m
            goal = heights[i, j] + target_m - bend * far * far
            clear = True
            steps = max(abs(di), abs(dj))
            for along_rows in range(2):
                span = abs(di) if along_rows == 0 else abs(dj)
                for at in range(1, span):
                    share = at / span
                    if along_rows == 0:
                        across = column + share * dj
                        low = int(np.floor(across))
                        part = across - low
                        line = row + (at if di > 0 else -at)
                        one = heights[line, low]
                        two = heights[line, min(low + 1, columns - 1)]
                    else:
                        across = row + share * di
                        low = int(np.floor(across))
                        part = across - low
                        line = column + (at if dj > 0 else -at)
                        one = heights[low, line]
                        two = heights[min(low + 1, rows - 1), line]
                    ground = one + (two - one) * part if part > 0 else one
                    distance = far * share
                    if ground - bend * distance * distance > start + (goal - start) * share:
                        clear = False
                        break
                if not clear or steps <= 1:
                    break
            seen[i, j] = clear
    return seen
