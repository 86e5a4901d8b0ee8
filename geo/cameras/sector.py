"""What a camera would see on an empty plane: wedge, disc or ring, cut by density, range and picture edges.

A rectilinear view ends at a straight line across its axis; a panoramic one (180 degrees and wider) at an arc.
A range on record caps either by an arc. What lies under the picture is cut off by a line across the axis too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from geo.cameras.optics import (
    PANORAMIC_DEG,
    USUAL_ASPECT,
    far_limit,
    near_limit,
    pixel_density_range,
    vertical_angle,
)

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Arcs are drawn with chords of at most this angle; they keep inside the arc and lose 5 parts in 100,000.
ARC_STEP_RAD = math.radians(1.0)


@dataclass(frozen=True, slots=True)
class Sectors:
    """The views of many cameras in one metric system; every array has one entry a camera.

    Attributes
    ----------
    x, y : ndarray
        The eye, metres.
    height : ndarray
        Above the ground, metres; NaN where unknown.
    axis : ndarray
        Direction of the view, radians counter-clockwise from grid east; NaN where unknown.
    half : ndarray
        Half the horizontal view angle, radians; pi is all round.
    reach : ndarray
        Axial limit of a rectilinear view, radial limit of a panoramic one, metres on the ground.
    cap : ndarray
        Radial limit, metres on the ground; infinite where there is none.
    near : ndarray
        Where the view begins: axial for a rectilinear view, radial for a panoramic one.
    range_m : ndarray
        Pixel-density range, the camera's own cap applied.
    """

    x: Numbers
    y: Numbers
    height: Numbers
    axis: Numbers
    half: Numbers
    reach: Numbers
    cap: Numbers
    near: Numbers
    range_m: Numbers

    @property
    def panoramic(self) -> Flags:
        """True where limits are arcs."""
        return np.asarray(self.half >= math.radians(PANORAMIC_DEG) / 2 - 1e-12)

    @property
    def farthest(self) -> Numbers:
        """Greatest distance that is seen, in the corners of a rectilinear picture."""
        with np.errstate(divide="ignore", invalid="ignore"):
            corner = np.where(self.panoramic, self.reach, self.reach / np.cos(self.half))
        return np.asarray(np.minimum(corner, self.cap), dtype=np.float64)

    @property
    def sees(self) -> Flags:
        """True where a view can be drawn at all: direction, angle and range are known and not nothing."""
        known = np.isfinite(self.axis) & np.isfinite(self.reach) & (self.half > 0) & (self.reach > 0)
        return np.asarray(known & (self.cap > 0) & (self.near < np.minimum(self.reach, self.cap)))

    def take(self, rows: NDArray[Any]) -> Sectors:
        """Return the views of some rows."""
        return replace(self, **{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})


def make_sectors(  # noqa: PLR0917
    x: Numbers,
    y: Numbers,
    grid_azimuth_deg: Numbers,
    view_angle_deg: Numbers,
    pixels_horizontal: Numbers,
    height_m: Numbers,
    tilt_deg: Numbers,
    cap_m: Numbers,
    *,
    task: str,
    target_height_m: float,
    edition: str | None = None,
    vertical_angle_deg: Numbers | None = None,
) -> Sectors:
    """Return the views of cameras for a task.

    Parameters
    ----------
    grid_azimuth_deg : ndarray
        Clockwise from grid north; NaN where unknown, which only an all-round view does without.
    cap_m : ndarray
        Range on record; NaN where there is none.
    vertical_angle_deg : ndarray, optional
        NaN where unknown: then from the horizontal one at 16:9.

    Notes
    -----
    The density is met at the slant distance; the ground distance follows from the height over the target. A
    panoramic view has a near limit only where its vertical angle is on record.
    """
    reach = pixel_density_range(pixels_horizontal, view_angle_deg, task, edition=edition)
    cap = np.where(np.isfinite(cap_m), cap_m, np.inf)
    fall = np.where(np.isfinite(height_m), height_m - target_height_m, 0.0)
    ground = np.sqrt(np.clip(reach**2 - fall**2, 0.0, None))
    vertical = vertical_angle(view_angle_deg, USUAL_ASPECT)
    if vertical_angle_deg is not None:
        vertical = np.where(np.isfinite(vertical_angle_deg), vertical_angle_deg, vertical)
    all_round = view_angle_deg >= 360
    azimuth = np.where(all_round & ~np.isfinite(grid_azimuth_deg), 0.0, grid_azimuth_deg)
    far = far_limit(height_m, tilt_deg, vertical, target_height_m)
    return Sectors(
        x=x,
        y=y,
        height=height_m,
        axis=np.radians(90.0 - azimuth),
        half=np.radians(np.minimum(view_angle_deg, 360.0)) / 2,
        reach=np.minimum(ground, far),
        cap=cap,
        near=near_limit(height_m, tilt_deg, vertical, target_height_m),
        range_m=np.fmin(reach, cap),
    )


@numba.njit(cache=True, nogil=True)
def outline(
    half: float, reach: float, cap: float, panoramic: bool
) -> tuple[Numbers, Numbers]:  # pragma: no cover
    """Return relative angles (ascending) and distances of the far boundary of a view."""
    limit = min(reach, cap) if panoramic else cap
    turn = 0.0
    if panoramic or cap <= reach:
        turn = 0.0
        if not panoramic:
            limit = cap
    elif cap < reach / math.cos(half):
        turn = math.acos(reach / cap)
    else:
        turn = half
    step = math.radians(1.0)
    count = max(1, math.ceil((half - turn) / step)) if half - turn > 1e-12 else 0
    straight = turn > 0.0
    size = 2 * count + (2 if straight else 1)
    angle, distance = np.empty(size), np.empty(size)
    for at in range(count):
        angle[at] = -half + (half - turn) * at / count
        distance[at] = limit
        angle[size - 1 - at] = -angle[at]
        distance[size - 1 - at] = limit
    if straight:
        angle[count], angle[count + 1] = -turn, turn
        distance[count] = distance[count + 1] = reach / math.cos(turn)
    else:
        angle[count], distance[count] = 0.0, limit
    return angle, distance
