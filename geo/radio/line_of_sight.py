"""Line of sight: as a probability of 3GPP TR 38.901, or from the buildings that stand there."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.errors import BadInput
from geo.radio.path_loss import MODELS

Floats = NDArray[np.float64]

#: Clutter of table 7.4.2-1 for suburban macro: share of ground and height of each kind.
_COMMERCIAL, _RESIDENTIAL, _VEGETATION_M = (0.02, 20.0), (0.18, 8.0), 15.0
VEGETATION: dict[str, float] = {"none": 0.0, "sparse": 0.1, "dense": 0.2}
_CLUTTER_M = 30.0


def line_of_sight_probability(
    model: str,
    distance_2d_m: ArrayLike,
    *,
    user_height_m: ArrayLike = 1.5,
    base_height_m: ArrayLike = 30.0,
    vegetation: str = "sparse",
) -> Floats:
    """Return the probability of line of sight to a user out of doors.

    Parameters
    ----------
    model : {"uma", "umi", "rma", "sma"}
    distance_2d_m : array_like
        Horizontal distance in metres.
    user_height_m : array_like
        Raises the probability above 13 m in ``uma``; up to 23 m. Used by ``sma`` too.
    base_height_m : array_like
        Used by ``sma`` only.
    vegetation : {"none", "sparse", "dense"}
        Of ``sma``.

    Raises
    ------
    BadInput
        For another model or vegetation, or a negative distance.

    Notes
    -----
    TR 38.901 V19.4.0 table 7.4.2-1.

    Examples
    --------
    >>> float(line_of_sight_probability("uma", 500).round(4))
    0.0363
    """
    distance = np.asarray(distance_2d_m, dtype=float)
    user = np.asarray(user_height_m, dtype=float)
    if not (distance >= 0).all():
        raise BadInput("distances must be numbers of metres, none negative")
    if model == "rma":
        return np.asarray(np.exp(-np.maximum(distance - 10, 0) / 1000))
    if model == "sma":
        if vegetation not in VEGETATION:
            raise BadInput(f"there is no vegetation {vegetation!r}: use {', '.join(VEGETATION)}")
        return _suburban(distance, user, np.asarray(base_height_m, dtype=float), VEGETATION[vegetation])
    if model not in MODELS:
        raise BadInput(f"there is no model {model!r}: use {', '.join(MODELS)}", model=model)
    far = np.maximum(distance, 18)
    scale = 63.0 if model == "uma" else 36.0
    probability = 18 / far + np.exp(-far / scale) * (1 - 18 / far)
    if model == "uma":
        tall = np.clip((user - 13) / 10, 0, 1) ** 1.5
        raised = 1 + tall * 1.25 * (far / 100) ** 3 * np.exp(-far / 150)
        probability = np.where(distance <= 18, 1.0, probability * raised)
    return np.asarray(np.minimum(probability + 0 * user, 1.0))


def _suburban(distance: Floats, user: Floats, base: Floats, vegetation: float) -> Floats:
    over = base - user
    if (over <= 0).any():
        raise BadInput("the base antenna must stand above the user")
    rate = np.zeros(np.broadcast_shapes(user.shape, base.shape))
    for share, height in (_COMMERCIAL, _RESIDENTIAL, (vegetation, _VEGETATION_M)):
        rate = rate - np.log(1 - share) / _CLUTTER_M * np.maximum(height - user, 0) / over
    return np.where(distance <= 10, 1.0, np.exp(-distance * rate))


@dataclass(frozen=True, slots=True)
class Blocking:
    """What stands in the way of one ray.

    Attributes
    ----------
    clear : bool
        True where nothing does.
    building : object
        Index of the building that rises highest over the ray; None where the ray is clear.
    over_m : float
        How far its roof stands over the ray; negative or NaN where the ray is clear.
    distance_m : float
        From the base station to where the ray goes into it.
    """

    clear: bool
    building: object = None
    over_m: float = float("nan")
    distance_m: float = float("nan")


def blocking(
    base_xy: tuple[float, float],
    base_height_m: float,
    user_xy: tuple[float, float],
    user_height_m: float,
    buildings: gpd.GeoDataFrame,
) -> Blocking:
    """Tell which building, if any, cuts the straight line between two antennas over flat ground.

    Parameters
    ----------
    base_xy, user_xy : pair of float
        In the CRS of the buildings, which is projected in metres.
    base_height_m, user_height_m : float
        Above ground.
    buildings : GeoDataFrame
        Polygons with ``height_m``. One that holds the base antenna carries it and blocks nothing; one without
        a height blocks nothing.

    Raises
    ------
    BadInput
        Where the buildings are in degrees or have no heights.

    Examples
    --------
    >>> house = gpd.GeoDataFrame({"height_m": [20.0]}, geometry=[shapely.box(40, -5, 50, 5)], crs=4548)
    >>> found = blocking((0, 0), 25.0, (100, 0), 1.5, house)
    >>> found.clear, found.building, round(found.over_m, 2), found.distance_m
    (False, 0, 6.75, 40.0)
    """
    if buildings.crs is not None and buildings.crs.is_geographic:
        raise BadInput("buildings in degrees: project them to metres first")
    if "height_m" not in buildings.columns:
        raise BadInput("the buildings have no column height_m", column="height_m")
    ray = shapely.LineString([base_xy, user_xy])
    shapes = buildings.geometry.to_numpy()
    near = buildings.sindex.query(ray, predicate="intersects")
    heights = buildings["height_m"].to_numpy(dtype=float)
    start, whole = shapely.Point(base_xy), ray.length
    worst = Blocking(True)
    for at in near.tolist():
        if not np.isfinite(heights[at]) or shapes[at].intersects(start):
            continue
        inside = shapely.get_coordinates(ray.intersection(shapes[at]))
        along = np.hypot(inside[:, 0] - base_xy[0], inside[:, 1] - base_xy[1])
        # The ray falls or rises evenly: it is lowest at one of the ends of what lies inside.
        height = base_height_m + (user_height_m - base_height_m) * along / whole
        over = float(heights[at] - height.min())
        if over > 0 and not over <= worst.over_m:
            worst = Blocking(False, buildings.index[at], over, float(along.min()))
    return worst
