"""What if: presets and reach of a PTZ, the best direction at a pole, and what a changed camera changes."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.cameras.coverage import Group, shares, touched_cells
from geo.cameras.samples import Samples, count_seeing, sample
from geo.cameras.sector import Sectors
from geo.cameras.viewsheds import make_scene, viewsheds
from geo.crs.convergence import convergence_deg
from geo.errors import BadInput

Numbers = NDArray[np.float64]


def by_presets(cameras: gpd.GeoDataFrame, presets: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return one row for each preset of a camera, and one for each camera without any.

    Parameters
    ----------
    cameras : GeoDataFrame
        As for `geo.cameras.viewsheds`.
    presets : DataFrame
        ``camera`` (label), ``azimuth_deg``, ``dwell`` (relative time), optional ``view_angle_deg`` and
        ``tilt_deg``.

    Returns
    -------
    GeoDataFrame
        New index; ``camera`` and ``weight``: the share of time that the camera looks so. Weights of a camera
        add up to one.

    Raises
    ------
    BadInput
        Where a dwell is negative, or all of a camera are 0.
    """
    own = presets[presets["camera"].isin(cameras.index)]
    dwell = own["dwell"].astype(float)
    whole = dwell.groupby(own["camera"]).transform("sum")
    if (dwell < 0).any() or (whole <= 0).any():
        raise BadInput("dwell times are not negative, and one at least of a camera is above 0")
    turned = cameras.loc[own["camera"]].copy()
    for name in ("azimuth_deg", "view_angle_deg", "tilt_deg"):
        if name in own.columns:
            turned[name] = own[name].to_numpy(dtype=float)
    turned["weight"] = (dwell / whole).to_numpy()
    rest = cameras[~cameras.index.isin(own["camera"])].copy()
    rest["weight"] = 1.0
    both = pd.concat([turned, rest])
    both.insert(0, "camera", both.index)
    return gpd.GeoDataFrame(both.reset_index(drop=True), geometry="geometry", crs=cameras.crs)


def seen_probability(points: Samples, views: gpd.GeoDataFrame) -> Numbers:
    """Return how likely each point is looked at at a moment: cameras are independent, presets of one exclude.

    Parameters
    ----------
    views : GeoDataFrame
        Viewsheds of the rows of `by_presets`, with ``camera`` and ``weight``.
    """
    shapes = views.geometry.to_crs(points.crs).to_numpy()
    unseen = np.ones(len(points.x))
    for _, rows in views.reset_index(drop=True).groupby("camera").groups.items():
        looks = np.zeros(len(points.x))
        for row in rows:
            one = count_seeing(points, shapes[[row]], np.ones((1, 1), dtype=bool))[:, 0]
            looks += one * float(views["weight"].iloc[row])
        unseen *= 1 - np.minimum(looks, 1.0)
    return np.asarray(1 - unseen)


def reach(
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    task: str = "detect",
    target_height_m: float = 1.6,
) -> gpd.GeoDataFrame:
    """Return what PTZ cameras could see if they turned: all round, as far as their present lens serves.

    It never counts as coverage.
    """
    turning = cameras[cameras["kind"] == "ptz"].copy()
    scene = make_scene(turning, buildings, task=task, target_height_m=target_height_m)
    far = np.fmin(scene.sectors.reach, scene.sectors.cap)
    turning["range_m"] = far
    turning["view_angle_deg"] = 360.0
    # The density limit is that of the lens as it is: enough pixels that only range_m limits the circle.
    turning["pixels_horizontal"] = 1e9
    return viewsheds(turning, buildings, task=task, target_height_m=target_height_m)


@dataclass(frozen=True, slots=True)
class Directions:
    """What a camera at a pole would add, by direction.

    Attributes
    ----------
    azimuth_deg : ndarray
        Clockwise from true north.
    gain : ndarray
        Sum of the weights of the points seen.
    """

    azimuth_deg: Numbers
    gain: Numbers

    @property
    def best(self) -> float:
        """The direction of the greatest gain, the first of several."""
        return float(self.azimuth_deg[int(np.argmax(self.gain))])


def best_azimuth(
    camera: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    points: Samples,
    weights: Numbers,
    *,
    task: str = "detect",
    target_height_m: float = 1.6,
    step_deg: float = 5.0,
) -> Directions:
    """Return what a camera would see in each direction.

    Parameters
    ----------
    camera : GeoDataFrame of one row
        As for `geo.cameras.viewsheds`; its azimuth does not matter.
    points : Samples
        Around it.
    weights : ndarray of float
        Of each point, 0 where it is seen already.
    """
    north = camera.assign(azimuth_deg=0.0)
    scene = make_scene(north, buildings, task=task, target_height_m=target_height_m)
    sectors = scene.sectors
    if not bool(sectors.sees[0]):
        raise BadInput(
            "this camera sees nothing in any direction: look at its angle, pixels, height and tilt"
        )
    around = viewsheds(
        north.assign(view_angle_deg=360.0, range_m=float(sectors.farthest[0]), pixels_horizontal=1e9),
        buildings, task=task, target_height_m=target_height_m,
    )  # fmt: skip
    shape = around.geometry.to_crs(points.crs).to_numpy()
    clear = np.flatnonzero(count_seeing(points, shape, np.ones((1, 1), dtype=bool))[:, 0] > 0)
    place = camera.geometry.to_crs(points.crs).iloc[0]
    dx, dy = points.x[clear] - place.x, points.y[clear] - place.y
    degrees = camera.geometry.to_crs(4326).iloc[0]
    true = np.degrees(np.arctan2(dx, dy)) + convergence_deg(degrees.x, degrees.y, points.crs)
    azimuth = np.arange(0.0, 360.0, step_deg)
    off = np.radians((true[None, :] - azimuth[:, None] + 180) % 360 - 180)
    inside = _inside(off, np.hypot(dx, dy), sectors)
    return Directions(azimuth, inside @ weights[clear])


def update(
    covered: pd.DataFrame,
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    changed: Sequence[Hashable],
    *,
    resolution: int,
    excluded: gpd.GeoSeries | None = None,
    times: int = 2,
    groups: Sequence[Group] = (),
) -> pd.DataFrame:
    """Return new coverage of the cells that changed cameras touch, and of no others.

    Parameters
    ----------
    covered : DataFrame
        Coverage before, index ``cell`` ascending.
    before, after : GeoDataFrame
        Viewsheds of all cameras; a camera that was added or removed is in one only.
    changed : sequence of labels
    """
    labels = pd.Index(changed)
    shapes = [sheds.geometry[sheds.index.isin(labels)].to_crs(4326) for sheds in (before, after)]
    moved = gpd.GeoSeries(pd.concat(shapes), crs=4326)
    moved = moved[~moved.is_empty]
    if not len(moved):
        return covered.iloc[:0]
    cells = touched_cells(moved, covered.index.to_numpy(), resolution)
    points = sample(cells, excluded)
    west, south, east, north = points.x.min(), points.y.min(), points.x.max(), points.y.max()
    box = gpd.GeoSeries([shapely.box(west, south, east, north)], crs=points.crs).to_crs(after.crs).iloc[0]
    near = np.sort(after.sindex.query(box))
    own = [
        Group(one.name, one.members[near], None if one.reach is None else one.reach[near]) for one in groups
    ]
    return shares(points, after.iloc[near], times=times, groups=own)


def _inside(off: Numbers, distance: Numbers, sectors: Sectors) -> NDArray[Any]:
    half, far, cap = sectors.half[0], sectors.reach[0], sectors.cap[0]
    near = sectors.near[0]
    along = distance if bool(sectors.panoramic[0]) else distance * np.cos(off)
    found = (np.abs(off) <= half) & (along <= far) & (along >= near) & (distance <= cap)
    return np.asarray(found, dtype=float)
