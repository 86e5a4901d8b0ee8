"""What a camera sees, as the planted truth takes it: wedge, pixel density and lines of sight past buildings.

Deliberately plain, so that what is planted does not depend on the analysis that it is meant to check. The
ground is taken as flat between a camera and what it looks at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

Numbers = NDArray[np.float64]

#: Pixels per metre by task, IEC 62676-4:2014.
PIXELS_PER_M = {"monitor": 12.5, "detect": 25.0, "observe": 62.5, "recognise": 125.0, "identify": 250.0}
#: Height of a person's shoulders, what must be seen.
TARGET_M = 1.6


def reach_m(pixels: ArrayLike, view_deg: ArrayLike, task: str) -> Numbers:
    """Return how far a camera serves a task: along its axis, or all round from 180 degrees of view on.

    Parameters
    ----------
    pixels : array_like of float
        Horizontal pixels.
    view_deg : array_like of float
        Horizontal view angle, degrees.
    task : str
        A key of `PIXELS_PER_M`.

    Examples
    --------
    >>> float(reach_m(1920, 90, "detect").round(2))
    38.4
    """
    width, angle = np.asarray(pixels, dtype=float), np.radians(np.asarray(view_deg, dtype=float))
    density = PIXELS_PER_M[task]
    flat = 2 * np.tan(np.minimum(angle, np.pi * 0.99) / 2)
    return np.asarray(np.where(angle < np.pi, width / density / flat, width / density / angle))


def farthest_m(pixels: ArrayLike, view_deg: ArrayLike, task: str) -> Numbers:
    """Return how far a camera serves a task in the corners of its picture, the farthest it ever does."""
    half = np.radians(np.asarray(view_deg, dtype=float)) / 2
    stretch = np.where(half < np.pi / 2, 1 / np.maximum(np.cos(half), 0.01), 1.0)
    return np.asarray(reach_m(pixels, view_deg, task) * stretch)


def bearing(from_xy: Numbers, to_xy: Numbers) -> Numbers:
    """Return degrees clockwise from grid north."""
    along = to_xy - from_xy
    return np.asarray(np.degrees(np.arctan2(along[..., 0], along[..., 1])) % 360)


def faces(
    azimuth: ArrayLike, view_deg: ArrayLike, to: ArrayLike, margin_deg: float = 0.0
) -> NDArray[np.bool_]:
    """Return whether a bearing lies in the view; never where the direction is unknown.

    Examples
    --------
    >>> faces([350.0, 350.0, np.nan], 40.0, [5.0, 20.0, 5.0]).tolist()
    [True, False, False]
    """
    off = np.abs((np.asarray(to) - np.asarray(azimuth, dtype=float) + 180) % 360 - 180)
    return np.asarray(off <= np.asarray(view_deg, dtype=float) / 2 + margin_deg)


def blocking(
    cameras_xy: Numbers,
    height_m: Numbers,
    targets_xy: Numbers,
    buildings: GeoDataFrame,
    tree: shapely.STRtree | None = None,
) -> NDArray[np.int64]:
    """Return the row of a building that hides each target from its camera, -1 where none does.

    Parameters
    ----------
    cameras_xy, targets_xy : ndarray of float, shape (n, 2)
    height_m : ndarray of float
        Of the cameras, above the ground.
    buildings : GeoDataFrame
        With ``height_m``; of several the one nearest to the camera is returned.
    tree : STRtree, optional
        Of the buildings, where they are asked again and again.
    """
    lines = np.asarray(shapely.linestrings(np.stack([cameras_xy, targets_xy], axis=1)), dtype=object)
    shapes = buildings.geometry.to_numpy()
    line, house = (shapely.STRtree(shapes) if tree is None else tree).query(lines, predicate="intersects")
    crossed = shapely.intersection(lines[line], shapes[house])
    length = np.maximum(shapely.length(lines), 1e-6)[line]
    near = shapely.distance(crossed, shapely.points(cameras_xy[line])) / length
    far = 1 - shapely.distance(crossed, shapely.points(targets_xy[line])) / length
    # The line falls to the target, or rises to it, so it is lowest over one end of the building.
    rise = TARGET_M - height_m[line]
    lowest = height_m[line] + np.minimum(rise * near, rise * far)
    hides = lowest < buildings["height_m"].to_numpy(dtype=float)[house]
    line, house, near = line[hides], house[hides], near[hides]
    order = np.lexsort([house, np.round(near, 6), line])
    found = np.full(len(lines), -1, dtype=np.int64)
    found[line[order][::-1]] = house[order][::-1]
    return found


def disc(at: Numbers, radius_m: float) -> Numbers:
    """Return nine points of a disc: its middle and eight on its rim, shape (9, 2)."""
    angle = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    rim = np.column_stack([np.cos(angle), np.sin(angle)]) * radius_m
    return np.asarray(np.vstack([np.zeros((1, 2)), rim]) + at)
