"""Shadows of buildings that a camera looks over: each hides a strip behind it, not everything."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.cameras.occlusion import areal
from geo.cameras.sector import Sectors
from geo.cameras.walls import Walls

Numbers = NDArray[np.float64]
Positions = NDArray[np.int64]
Flags = NDArray[np.bool_]


def stretch(camera_height_m: Numbers, roof_m: Numbers, target_height_m: float) -> Numbers:
    """Return how many times farther than a roof's edge its shadow ends.

    Parameters
    ----------
    camera_height_m, roof_m : ndarray of float
        Above the same ground; NaN where unknown.

    Returns
    -------
    ndarray of float64
        1 where the roof hides no target (it is no higher than the target), infinite where the camera does not
        look over it. A target behind an edge at distance s is hidden up to ``s`` times this.

    Notes
    -----
    The line from the camera to a target at height t, at distance d, passes a point at s at
    ``h - (h - t) s / d``. A roof H above t and below h cuts it up to ``d = s (h - t) / (h - H)``. A camera
    below the target height is treated as one that looks over nothing.

    Examples
    --------
    >>> stretch(np.array([6.0, 6.0, 6.0]), np.array([3.8, 9.0, 1.0]), 1.6).round(6).tolist()
    [2.0, inf, 1.0]
    """
    over = camera_height_m - roof_m
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (camera_height_m - target_height_m) / over
    found = np.where((over > 0) & (camera_height_m > target_height_m), found, np.inf)
    return np.asarray(np.where(roof_m <= target_height_m, 1.0, np.where(np.isnan(found), np.inf, found)))


def cast(  # noqa: PLR0917
    shapes: NDArray[np.object_],
    sectors: Sectors,
    walls: Walls,
    camera: Positions,
    building: Positions,
    times: Numbers,
) -> NDArray[np.object_]:
    """Return views without the shadows of low buildings.

    Parameters
    ----------
    shapes : ndarray of polygons
        The views.
    camera, building : ndarray of int64
        Pairs, by camera.
    times : ndarray of float
        `stretch` of each pair, finite.
    """
    shapes = shapes.copy()
    touching = shapely.intersects(shapes[camera], walls.shapes[building])
    camera, building, times = camera[touching], building[touching], times[touching]
    if not len(camera):
        return shapes
    eye = np.column_stack([sectors.x, sectors.y])[camera]
    shadow = shadows(walls.shapes[building], eye, times)
    several, first = np.unique(camera, return_index=True)
    last = np.append(first[1:], len(camera))
    alone = last - first == 1
    joined = np.empty(len(several), dtype=object)
    joined[alone] = shadow[first[alone]]
    for at in np.flatnonzero(~alone).tolist():
        joined[at] = shapely.union_all(shadow[first[at] : last[at]])
    left = shapely.difference(shapes[several], joined)
    shapes[several] = [areal(one) for one in left]
    return shapes


def shadows(footprints: NDArray[np.object_], eye: Numbers, times: Numbers) -> NDArray[np.object_]:
    """Return what each footprint hides: all its points moved away from the eye, up to so many times as far.

    Notes
    -----
    Of a convex footprint this is the convex hull of itself and its enlarged self; of another one, the union
    of that of its edges with both.

    Examples
    --------
    >>> box = np.array([shapely.box(10, -1, 12, 1)], dtype=object)
    >>> float(shadows(box, np.zeros((1, 2)), np.array([2.0]))[0].bounds[2])
    24.0
    """
    hull = shapely.convex_hull(footprints)
    convex = shapely.area(hull) - shapely.area(footprints) <= 1e-6 * shapely.area(hull)
    at, of = shapely.get_coordinates(footprints, return_index=True)
    far = eye[of] + (at - eye[of]) * times[of, None]
    found = np.empty(len(footprints), dtype=object)
    order = np.argsort(np.concatenate([of, of]), kind="stable")
    both = np.vstack([at, far])[order]
    clouds: Any = shapely.multipoints(both, indices=np.concatenate([of, of])[order])
    found[convex] = shapely.convex_hull(clouds[convex])
    for row in np.flatnonzero(~convex).tolist():
        found[row] = _of_any(footprints[row], eye[row], float(times[row]))
    return found


def _of_any(footprint: Any, eye: Numbers, times: float) -> Any:
    rings = shapely.get_rings(shapely.get_parts(footprint))
    at, of = shapely.get_coordinates(rings, return_index=True)
    same = of[1:] == of[:-1]
    far = eye + (at - eye) * times
    quads = np.stack([at[:-1][same], at[1:][same], far[1:][same], far[:-1][same]], axis=1)
    strips: Any = shapely.convex_hull(shapely.multipoints(quads))
    flat = shapely.get_dimensions(strips) == 2
    grown = shapely.transform(footprint, lambda points: eye + (points - eye) * times)
    return shapely.union_all([footprint, grown, *strips[flat]])
