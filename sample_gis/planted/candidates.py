"""Places where a blind spot can be planted, and the cameras around each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sample_gis.devices.places import Ground
from sample_gis.planted.sight import bearing, blocking, disc, faces, farthest_m, reach_m

if TYPE_CHECKING:
    from sample_gis.city import City

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]

#: A place is populated by so many residents within so many metres.
_PEOPLE_WITHIN_M, _PEOPLE = 60.0, 25
#: Targets of key places that are small enough to be one place.
_TARGET_M = 24.0
_TASK_ZH = {"recognise": "识别级"}


@dataclass(frozen=True)
class Places:
    """Places to choose from; ``radius`` in metres, ``people`` within 60 m."""

    xy: Numbers
    radius: Numbers | None
    people: Indices
    facts: list[dict[str, Any]]


@dataclass(frozen=True)
class Pairs:
    """Each place with each camera that could reach it; ``building`` hides its middle, -1 for none."""

    place: Indices
    camera: Indices
    distance: Numbers
    building: Indices


def people_around(city: City, xy: Numbers, within_m: float = _PEOPLE_WITHIN_M) -> Indices:
    """Return residents within a distance of points, metres."""
    lived_in = city.residents.to_numpy() > 0
    homes = shapely.get_coordinates(shapely.centroid(city.buildings.geometry.to_numpy()[lived_in]))
    people = city.residents.to_numpy()[lived_in]
    near = cKDTree(homes).query_ball_point(xy, within_m)
    return np.array([people[rows].sum() for rows in near], dtype=np.int64)


def street_places(city: City) -> Places:
    """Return middles of streets of class residential or above that people live on."""
    roads = city.roads[city.roads["class"] <= 3]
    middle = shapely.line_interpolate_point(roads.geometry.to_numpy(), 0.5, normalized=True)
    xy = np.round(shapely.get_coordinates(middle), 2)
    xy = xy[shapely.contains_xy(city.outline, xy[:, 0], xy[:, 1])]
    people = people_around(city, xy)
    xy, people = xy[people >= _PEOPLE], people[people >= _PEOPLE]
    return Places(xy, None, people, [{} for _ in xy])


def key_place_targets(city: City, task: str) -> Places:
    """Return the key places with a small target that asks for a task."""
    places = city.layers["key_places"]
    shapes = places["target_geometry"].where(places["target_geometry"].notna(), places.geometry)
    shapes = np.array(list(shapes), dtype=object)
    radius = shapely.minimum_bounding_radius(shapes)
    fits = (places["required_task"].to_numpy() == task) & (radius <= _TARGET_M)
    rows = np.flatnonzero(fits)
    xy = np.round(shapely.get_coordinates(shapely.centroid(shapes[rows])), 2)
    facts = [
        {
            "place": places["name"].iloc[row],
            "place_code": places["code"].iloc[row],
            "task": task,
            "task_zh": _TASK_ZH[task],
        }
        for row in rows.tolist()
    ]
    return Places(xy, np.round(radius[rows], 1), people_around(city, xy), facts)


class Candidates:
    """Places with all cameras that might see them.

    Parameters
    ----------
    places : Places
    radius_m : float or None
        Radius of each place; None where the places have their own.
    task : str
        What it takes to see such a place.
    """

    def __init__(self, city: City, places: Places, radius_m: float | None, task: str) -> None:
        cameras = city.layers["cameras"]
        self._city = city
        self._facts = places.facts
        self.xy, self.people = places.xy, places.people
        self.radius: Numbers = (
            np.full(len(places.xy), radius_m) if places.radius is None else places.radius
        ).astype(float)
        self.urban = Ground(city).urban(places.xy)
        self.codes = cameras["code"].to_numpy(dtype=object)
        self.cameras_xy = shapely.get_coordinates(cameras.geometry.to_numpy())
        self.height = cameras["height_m"].to_numpy(dtype=float)
        self.view = cameras["view_angle_deg"].to_numpy(dtype=float)
        self.azimuth = cameras["azimuth_deg"].to_numpy(dtype=float)
        pixels = cameras["pixels_horizontal"].to_numpy(dtype=float)
        self.reach = reach_m(pixels, self.view, "detect")
        self.task_reach = reach_m(pixels, self.view, task)
        #: Farthest that a camera sees at the task, wherever it looks.
        self.farthest = farthest_m(pixels, self.view, task)
        ordinary = cameras["kind"].isin(["fixed", "dome"]).to_numpy() & ~cameras["high_point"].to_numpy(bool)
        self.aimable = ordinary & (self.view < 180) & cameras["online"].to_numpy(bool)

    def facts(self, row: int) -> dict[str, Any]:
        """Return what is known of a place besides its position."""
        return self._facts[row]

    @cached_property
    def _near(self) -> list[list[int]]:
        """Cameras within twice the farthest reach at detection of any of them."""
        tree = cKDTree(self.cameras_xy)
        reach = 2 * float(np.quantile(self.reach, 0.9))
        return [sorted(rows) for rows in tree.query_ball_point(self.xy, reach)]

    @cached_property
    def pairs(self) -> Pairs:
        """Places and cameras that can be turned to them, within twice their reach."""
        place = np.repeat(np.arange(len(self.xy)), [len(rows) for rows in self._near])
        camera = np.array([row for rows in self._near for row in rows], dtype=np.int64)
        distance = np.hypot(*(self.xy[place] - self.cameras_xy[camera]).T)
        kept = self.aimable[camera] & (distance < 2 * self.reach[camera])
        place, camera = place[kept], camera[kept]
        sight = blocking(
            self.cameras_xy[camera], self.height[camera], self.xy[place], self._city.buildings, self._houses
        )
        return Pairs(place, camera, distance[kept], sight)

    @cached_property
    def _houses(self) -> shapely.STRtree:
        return shapely.STRtree(self._city.buildings.geometry.to_numpy())

    @cached_property
    def near_count(self) -> Indices:
        """How many cameras could see each place, wherever they look."""
        tree = cKDTree(self.cameras_xy)
        reach = float(np.median(self.farthest))
        return np.array([len(rows) for rows in tree.query_ball_point(self.xy, reach)], dtype=np.int64)

    def hidden(self, row: int, camera: int) -> NDArray[np.bool_]:
        """Return which points of a place's disc a building hides from a camera."""
        points = disc(self.xy[row], float(self.radius[row]))
        stand = np.repeat(self.cameras_xy[[camera]], len(points), axis=0)
        height = np.full(len(points), self.height[camera])
        return np.asarray(blocking(stand, height, points, self._city.buildings, self._houses) >= 0)

    def one_fault_away(self, row: int, within_m: float) -> set[int]:
        """Return cameras that see some of a place or would, were they turned, on line or not hidden.

        Parameters
        ----------
        within_m : float
            Cameras nearer than this count whatever stands between.
        """
        away = np.hypot(*(self.cameras_xy - self.xy[row]).T)
        radius = float(self.radius[row])
        found = {int(camera) for camera in np.flatnonzero(away <= within_m + radius)}
        for camera in np.flatnonzero(away <= self.farthest + radius).tolist():
            to = bearing(self.cameras_xy[[camera]], self.xy[[row]])
            wide = float(np.degrees(np.arcsin(min(1.0, radius / max(away[camera], radius)))))
            facing = bool(faces(self.azimuth[[camera]], self.view[[camera]], to, wide)[0])
            if facing or self.view[camera] >= 360 or not self.hidden(row, camera).all():
                found.add(int(camera))
        return found
