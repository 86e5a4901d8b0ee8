"""Why a point is not seen: each camera near it, and the tests that fail, as data.

The order of the tests is that of the reasons: geometry first, then what a repair or a look on site mends.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.cameras.coverage import working
from geo.cameras.optics import far_limit, pixel_density_range, pixels_per_metre, vertical_angle
from geo.cameras.viewsheds import Scene, make_scene, numbers, own_building
from geo.crs import transformer
from geo.crs.convergence import convergence_deg

#: Reasons in their order.
REASONS = (
    "unknown_view",
    "too_far",
    "too_near",
    "outside_view",
    "hidden_by_building",
    "too_coarse",
    "offline",
    "unknown_direction",
)
#: A camera farther away than so many times its range has nothing to do with a point, nor one that is out of
#: range and farther than so many metres.
CONCERNED_TIMES, CONCERNED_M = 2.0, 200.0
#: What a camera must do at least to see a point at all; less detail than the task is a reason of its own.
BASE_TASK = "detect"


@dataclass(frozen=True, slots=True)
class Explanation:
    """One camera and a point.

    Attributes
    ----------
    camera : hashable
        Label in the frame.
    distance_m : float
        On the ground.
    bearing_deg : float
        From the camera to the point, clockwise from true north.
    sees : bool
        True where no test fails.
    reason : str or None
        The first failing test, of `REASONS`.
    failing : tuple of str
        All failing tests.
    facts : dict
        Numbers of the tests: ``limit_m`` (range in this direction), ``near_m``, ``off_deg`` and ``half_deg``,
        ``building`` (its label), ``building_height_m``, ``cut_m`` (from the camera), ``line_height_m`` (the
        sight line there), ``pixels_per_m`` and ``needed_pixels_per_m``.
    sight_line : tuple of (lon, lat)
        From the camera to the point.
    cut : (lon, lat) or None
        Where a building cuts it.
    concerned : bool
        False where the camera is too far away to have to do with the point.
    """

    camera: Hashable
    distance_m: float
    bearing_deg: float
    sees: bool
    reason: str | None
    failing: tuple[str, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    sight_line: tuple[tuple[float, float], ...] = ()
    cut: tuple[float, float] | None = None
    concerned: bool = True


def explain(
    point: shapely.Point,
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    task: str = "detect",
    target_height_m: float = 1.6,
    most: int = 8,
) -> list[Explanation]:
    """Return the nearest cameras and why each does not see a point.

    Parameters
    ----------
    point : Point
        In degrees (EPSG:4326).
    cameras, buildings : GeoDataFrame
        As for `geo.cameras.viewsheds`; those around the point are enough.
    most : int
        How many cameras, nearest first; those that concern the point before others.

    Returns
    -------
    list of Explanation

    Examples
    --------
    >>> camera = gpd.GeoDataFrame(
    ...     {"azimuth_deg": [180.0], "view_angle_deg": [90.0], "pixels_horizontal": [1920], "online": [True],
    ...      "height_m": [5.0], "tilt_deg": [10.0]}, geometry=[shapely.Point(115.88, 31.74)], crs=4326)
    >>> none = gpd.GeoDataFrame({"height_m": []}, geometry=[], crs=4326)
    >>> explain(shapely.Point(115.88, 31.7402), camera, none)[0].reason
    'outside_view'
    """
    return explain_all(
        gpd.GeoSeries([point], crs=4326), cameras, buildings,
        task=task, target_height_m=target_height_m, most=most,
    )[0]  # fmt: skip


def explain_all(
    points: gpd.GeoSeries,
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    task: str = "detect",
    target_height_m: float = 1.6,
    most: int = 8,
) -> list[list[Explanation]]:
    """Return for each of many points what `explain` returns for one; the scene is made once for all."""
    if not len(cameras) or not len(points):
        return [[] for _ in points]
    base = task if pixels_per_metre(task) < pixels_per_metre(BASE_TASK) else BASE_TASK
    scene = make_scene(cameras, buildings, task=base, target_height_m=target_height_m)
    judged = _Judged(scene, cameras, buildings.index, task, target_height_m)
    found = [judged.point(at, most) for at in points.to_crs(scene.crs)]
    return _in_degrees(found, scene, points.to_crs(scene.crs), points.to_crs(4326))


def cause(explanations: Sequence[Explanation]) -> tuple[str, Explanation | None]:
    """Return the one thing that is wrong about a point, and the camera that mending it would let see.

    Returns
    -------
    reason, explanation
        ``seen``; ``none_near`` where no camera is near; the reason of the nearest camera that one thing only
        keeps from seeing; else that of the nearest with the fewest, which would not do alone.
    """
    for one in explanations:
        if one.sees:
            return "seen", one
    near = [one for one in explanations if one.concerned]
    if not near:
        return "none_near", None
    # Another lens is the least of remedies: what turns, repairs or clears a camera in range comes first.
    best = min(near, key=lambda one: (len(one.failing), one.failing == ("too_far",), one.distance_m))
    return str(best.reason), best


class _Judged:
    """The tests of points."""

    def __init__(
        self, scene: Scene, cameras: gpd.GeoDataFrame, houses: pd.Index, task: str, target_height_m: float
    ) -> None:
        self._scene, self._cameras, self._houses = scene, cameras, houses
        self._online = working(cameras)
        self._target_m, self._needed = target_height_m, pixels_per_metre(task)
        pixels, view = numbers(cameras, "pixels_horizontal"), numbers(cameras, "view_angle_deg")
        self._one_pixel = pixel_density_range(pixels, view, BASE_TASK) * pixels_per_metre(BASE_TASK)
        self._far = far_limit(
            numbers(cameras, "height_m"), numbers(cameras, "tilt_deg"), vertical_angle(view), target_height_m
        )

    def point(self, at: shapely.Point, most: int) -> list[Explanation]:
        """Return the nearest cameras of one point, those that it concerns first."""
        sectors = self._scene.sectors
        away = np.hypot(at.x - sectors.x, at.y - sectors.y)
        with np.errstate(invalid="ignore"):
            reach = np.fmin(sectors.farthest, sectors.range_m * CONCERNED_TIMES)
            concerned = away <= np.maximum(reach, np.minimum(reach * CONCERNED_TIMES, CONCERNED_M))
        order = np.lexsort((away, ~concerned))[:most]
        return [self._camera(at, int(row), bool(concerned[row])) for row in order]

    def _camera(self, at: shapely.Point, row: int, concerned: bool) -> Explanation:
        sectors = self._scene.sectors
        dx, dy = at.x - sectors.x[row], at.y - sectors.y[row]
        distance = math.hypot(dx, dy)
        off = math.degrees(abs(math.remainder(math.atan2(dy, dx) - sectors.axis[row], math.tau)))
        half = math.degrees(sectors.half[row])
        inside = off <= half
        facts: dict[str, Any] = {"half_deg": half, "near_m": float(sectors.near[row])}
        failing: list[str] = []
        if not (np.isfinite(half) and np.isfinite(sectors.range_m[row])):
            failing.append("unknown_view")
        else:
            # A camera that does not look here is judged as if it were turned here.
            slant = math.cos(math.radians(off)) if inside and not sectors.panoramic[row] else 1.0
            along = distance * slant
            limit = min(sectors.reach[row] / slant, sectors.cap[row]) if slant > 0 else 0.0
            facts["limit_m"] = float(limit)
            facts["limited_by"] = self._limited_by(row, limit)
            if distance > limit:
                failing.append("too_far")
            if along < sectors.near[row]:
                failing.append("too_near")
            if not math.isnan(off):
                facts["off_deg"] = off
                if not inside:
                    failing.append("outside_view")
            depth = math.hypot(along, self._fall(row))
            facts["pixels_per_m"] = float(self._one_pixel[row] / depth) if depth > 0 else math.inf
            facts["needed_pixels_per_m"] = self._needed
        cut = self._hidden(at, row, distance)
        if cut is not None:
            failing.append("hidden_by_building")
            facts |= cut
        coarse = facts.get("pixels_per_m", math.inf) < self._needed
        if coarse and "too_far" not in failing and "unknown_view" not in failing:
            failing.append("too_coarse")
        if not self._online[row]:
            failing.append("offline")
        if math.isnan(sectors.axis[row]):
            failing.append("unknown_direction")
        reason = next((name for name in REASONS if name in failing), None)
        return Explanation(
            self._cameras.index[row], distance, math.degrees(math.atan2(dx, dy)) % 360, not failing, reason,
            tuple(failing), facts, concerned=concerned,
        )  # fmt: skip

    def _fall(self, row: int) -> float:
        height = self._scene.sectors.height[row]
        return float(height - self._target_m) if np.isfinite(height) else 0.0

    def _limited_by(self, row: int, limit: float) -> str:
        if self._scene.sectors.cap[row] <= limit:
            return "range"
        return "tilt" if self._far[row] <= self._scene.sectors.reach[row] else "density"

    def _hidden(self, at: shapely.Point, row: int, distance: float) -> dict[str, Any] | None:
        """Return the nearest building that cuts the sight line."""
        scene, sectors = self._scene, self._scene.sectors
        if distance <= 0:
            return None
        eye = shapely.Point(sectors.x[row], sectors.y[row])
        line = shapely.LineString([eye, at])
        houses = scene.walls.tree.query(line, predicate="intersects").astype(np.int64)
        houses = houses[~own_building(scene, np.full(len(houses), row, dtype=np.int64), houses)]
        found: list[tuple[float, float, int]] = []
        top = sectors.height[row]
        for house in houses.tolist():
            crossed = shapely.intersection(line, scene.walls.shapes[house])
            if shapely.length(crossed) <= 1e-9:
                continue
            roof = scene.walls.height[house]
            for part in shapely.get_parts(crossed):
                ends = shapely.distance(shapely.points(shapely.get_coordinates(part)), eye)
                start, end = float(ends.min()), float(ends.max())
                height = self._line_height(top, start, end, distance)
                if math.isnan(roof) or (roof > self._target_m and not height >= roof):
                    found.append((start, height, house))
        if not found:
            return None
        start, height, house = min(found)
        return {
            "building": self._houses[house],
            "building_height_m": float(scene.walls.height[house]),
            "cut_m": start,
            "line_height_m": height,
        }

    def _line_height(self, top: float, start: float, end: float, distance: float) -> float:
        """Return how high the sight line is over the lower end of a crossing; NaN where nobody knows."""
        if math.isnan(top) or top <= self._target_m:
            return math.nan
        return float(top + (self._target_m - top) * end / distance)


def _in_degrees(
    found: list[list[Explanation]], scene: Scene, at: gpd.GeoSeries, points: gpd.GeoSeries
) -> list[list[Explanation]]:
    """Add sight lines, cuts and true bearings."""
    turned = convergence_deg(points.x.to_numpy(), points.y.to_numpy(), scene.crs)
    ends: list[tuple[float, float]] = []
    for x, y, several in zip(at.x, at.y, found, strict=True):
        for one in several:
            angle = math.radians(one.bearing_deg)
            eye = (x - one.distance_m * math.sin(angle), y - one.distance_m * math.cos(angle))
            cut = one.facts.get("cut_m", 0.0)
            ends += [eye, (eye[0] + cut * math.sin(angle), eye[1] + cut * math.cos(angle))]
    xy = np.array(ends).reshape(-1, 2)
    lonlat = transformer(scene.crs, 4326).transform(xy[:, 0], xy[:, 1])
    degrees = iter(np.column_stack(lonlat).tolist())
    result = []
    for x, y, turn, several in zip(points.x, points.y, turned, found, strict=True):
        own = []
        for one in several:
            eye_at, cut_at = next(degrees), next(degrees)
            own.append(
                replace(
                    one,
                    bearing_deg=float((one.bearing_deg + turn) % 360),
                    sight_line=((eye_at[0], eye_at[1]), (float(x), float(y))),
                    cut=(cut_at[0], cut_at[1]) if "cut_m" in one.facts else None,
                )
            )
        result.append(own)
    return result
