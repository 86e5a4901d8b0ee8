"""Blind spots of each cause: cameras around populated places moved, turned or switched off.

At a planted place no online camera of known direction sees anything, and exactly one thing is wrong: the
camera of the cause would see it but for that cause, and no other camera is a single fault away from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from sample_gis.planted.candidates import Candidates, key_place_targets, street_places
from sample_gis.planted.moving import move_cameras
from sample_gis.planted.sight import PIXELS_PER_M, TARGET_M, bearing, blocking, disc, faces, reach_m
from sample_gis.planted.truth import change, entry, read_causes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sample_gis.city import City

THEME = "camera_blind_spots"
RADIUS_M = 10.0
#: Between two planted places: farther than any camera reaches.
APART_M = 500.0
#: Around a place without any camera.
NONE_WITHIN_M = 200.0
#: Moved cameras keep away from planted places.
_KEEP_FROM_M = 700.0
#: Most cameras that one place may cost.
_MOST_MOVED = 14


class Chosen(NamedTuple):
    """A place by its row, the camera that the cause stands on (-1 for none), and the cameras that go."""

    row: int
    camera: int
    others: set[int]


@dataclass
class Plan:
    """What has been chosen so far.

    Attributes
    ----------
    at : list
        Places chosen.
    heroes : set of int
        Cameras that a cause stands on: they stay.
    moved : set of int
        Cameras that go.
    """

    at: list[NDArray[np.float64]] = field(default_factory=list)
    heroes: set[int] = field(default_factory=set)
    moved: set[int] = field(default_factory=set)

    def takes(self, place: NDArray[np.float64], hero: int, others: set[int]) -> bool:
        """Return whether a place fits to those chosen."""
        if hero in self.heroes | self.moved or others & self.heroes or len(others) > _MOST_MOVED:
            return False
        return all(np.hypot(*(place - other)) > APART_M for other in self.at)


def make(city: City) -> None:
    """Plant the blind spots; reads cameras, roads, buildings, residents and key places."""
    causes = read_causes()[THEME]
    plan = Plan()
    streets = Candidates(city, street_places(city), RADIUS_M, "detect")
    found: list[dict[str, Any]] = []
    for cause, rule in causes.items():
        if cause == "too_coarse":
            continue
        # Two in a town for one in the country.
        for number in range(rule.count):
            chosen = next(_options(streets, cause, plan, urban=number % 3 < 2), None)
            if chosen is not None:
                found.append(_plant(city, cause, streets, plan, chosen))
    found += _too_coarse(city, causes["too_coarse"].count, plan)
    move_cameras(city, sorted(plan.moved), np.array(plan.at), _KEEP_FROM_M)
    _switch_on(city, plan, sum(one["cause"] == "offline" for one in found))
    city.truth[THEME] = found


def _options(places: Candidates, cause: str, plan: Plan, *, urban: bool) -> Iterator[Chosen]:
    """Give what a cause can be planted on, those that cost the fewest moves first."""
    place, hero = _possible(places, cause)
    kept = places.urban[place] == urban
    place, hero = place[kept], hero[kept]
    cost = places.near_count[place]
    order = np.lexsort([hero, place, -places.people[place], cost])
    for at in order.tolist():
        row, camera = int(place[at]), int(hero[at])
        if not plan.takes(places.xy[row], camera, set()):
            continue
        others = places.one_fault_away(row, NONE_WITHIN_M if cause == "none_near" else 0.0) - {camera}
        others -= plan.moved
        if plan.takes(places.xy[row], camera, others) and _whole(places, cause, row, camera):
            yield Chosen(row, camera, others)


def _possible(places: Candidates, cause: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs of place and camera that the cause can be planted on."""
    if cause == "none_near":
        rows = np.arange(len(places.xy))
        return rows, np.full(len(rows), -1)
    pairs = places.pairs
    reach, r = places.reach[pairs.camera], places.radius[pairs.place]
    usable = places.aimable[pairs.camera] & (pairs.distance > 15 + r)
    inside = pairs.distance + r < 0.95 * reach
    # The whole disc fits into the view once the camera looks at it.
    usable &= pairs.distance * np.sin(np.radians(np.minimum(places.view[pairs.camera], 120) / 2)) > 1.3 * r
    clear = pairs.building < 0
    wanted = {
        "out_of_range": clear
        & (pairs.distance - r > 1.15 * reach)
        & (pairs.distance < np.minimum(2 * reach, NONE_WITHIN_M)),
        "hidden_by_building": inside & ~clear,
        "too_coarse": inside & clear & (pairs.distance - r > 1.2 * places.task_reach[pairs.camera]),
    }.get(cause, inside & clear)
    rows = np.flatnonzero(usable & wanted)
    return pairs.place[rows], pairs.camera[rows]


def _whole(places: Candidates, cause: str, row: int, camera: int) -> bool:
    """Return whether the cause holds for the whole disc: all of it in clear sight, or all of it hidden."""
    if camera < 0:
        return True
    hidden = places.hidden(row, camera)
    return bool(hidden.all() if cause == "hidden_by_building" else not hidden.any())


def _plant(city: City, cause: str, places: Candidates, plan: Plan, chosen: Chosen) -> dict[str, Any]:
    """Edit the camera of the cause and return the entry; the others are moved at the end."""
    row, camera = chosen.row, chosen.camera
    at = places.xy[row]
    plan.at.append(at)
    plan.moved |= chosen.others
    changed: dict[str, Any] = {}
    facts: dict[str, Any] = {
        "residents_within_60_m": int(places.people[row]),
        "moved_cameras": sorted(places.codes[list(chosen.others)].tolist()),
        **places.facts(row),
    }
    if camera < 0:
        facts["clear_m"] = NONE_WITHIN_M
    else:
        plan.heroes.add(camera)
        stand = places.cameras_xy[camera]
        facts |= {
            "camera": places.codes[camera],
            "distance_m": round(float(np.hypot(*(at - stand))), 1),
            "reach_m": round(float(places.reach[camera]), 1),
        }
        if cause == "hidden_by_building":
            house = blocking(stand[None], places.height[[camera]], at[None], city.buildings)[0]
            facts["building"] = city.buildings["code"].iloc[int(house)]
        change(city, "cameras", camera, changed, **_aimed(cause, places, chosen))
    where = (float(at[0]), float(at[1]))
    radius = float(places.radius[row])
    return entry(city, THEME, cause, at=where, radius_m=radius, changed=changed, **facts)


def _aimed(cause: str, places: Candidates, chosen: Chosen) -> dict[str, Any]:
    """Return the fields of the camera of a cause: it looks at the place but for that cause."""
    stand, at = places.cameras_xy[chosen.camera], places.xy[chosen.row]
    toward = float(np.round(bearing(stand, at), 1) % 360)
    fall = places.height[chosen.camera] - TARGET_M
    azimuth = {"outside_view": round((toward + 180) % 360, 1), "unknown_direction": float("nan")}
    return {
        "azimuth_deg": azimuth.get(cause, toward),
        "tilt_deg": round(float(np.degrees(np.arctan2(fall, np.hypot(*(at - stand))))), 1),
        "online": cause != "offline",
    }


def _too_coarse(city: City, count: int, plan: Plan) -> list[dict[str, Any]]:
    """Plant key places that a camera detects but does not see as well as their class asks."""
    places = Candidates(city, key_place_targets(city, "recognise"), None, "recognise")
    found: list[dict[str, Any]] = []
    for number in range(count):
        for urban in (number % 3 < 2, number % 3 == 2):
            chosen = next(_options(places, "too_coarse", plan, urban=urban), None)
            if chosen is not None:
                found.append(_plant(city, "too_coarse", places, plan, chosen))
                break
    return found


def _switch_on(city: City, plan: Plan, count: int) -> None:
    """Put as many other cameras on line as were switched off, far from all planted places."""
    cameras = city.layers["cameras"]
    xy = shapely.get_coordinates(cameras.geometry.to_numpy())
    away = np.min(np.hypot(*(xy[:, None] - np.array(plan.at)[None]).transpose(2, 0, 1)), axis=1)
    off = np.flatnonzero(~cameras["online"].to_numpy(dtype=bool) & (away > _KEEP_FROM_M))
    for row in off[:count].tolist():
        change(city, "cameras", row, {}, online=True, networked=True)


def seen(city: City, at: NDArray[np.float64], radius_m: float, task: str) -> NDArray[np.bool_]:
    """Return which of nine points of a disc an online camera of known direction sees at a task.

    Parameters
    ----------
    at : ndarray of float, shape (2,)
        Middle, metres of the city's zone.
    task : str
        A key of `PIXELS_PER_M`.
    """
    cameras = city.layers["cameras"]
    if task not in PIXELS_PER_M:
        raise KeyError(task)
    stand = shapely.get_coordinates(cameras.geometry.to_numpy())
    near = np.flatnonzero(cameras["online"].to_numpy(dtype=bool) & (np.hypot(*(stand - at).T) < APART_M))
    points = disc(at, radius_m)
    one, two = (part.ravel() for part in np.meshgrid(near, np.arange(len(points)), indexing="ij"))
    own = cameras.iloc[one]
    view = own["view_angle_deg"].to_numpy(dtype=float)
    to = bearing(stand[one], points[two])
    off = np.radians(np.abs((to - own["azimuth_deg"].to_numpy(dtype=float) + 180) % 360 - 180))
    distance = np.hypot(*(points[two] - stand[one]).T)
    along = np.where(view < 180, distance * np.cos(np.where(np.isnan(off), 0, off)), distance)
    sees = faces(own["azimuth_deg"], view, to) | (view >= 360)
    sees &= along <= reach_m(own["pixels_horizontal"], view, task)
    rows = np.flatnonzero(sees)
    height = own["height_m"].to_numpy(dtype=float)[rows]
    hidden = blocking(stand[one[rows]], height, points[two[rows]], city.buildings) >= 0
    result = np.zeros(len(points), dtype=bool)
    result[two[rows[~hidden]]] = True
    return result
