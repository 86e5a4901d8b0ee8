"""What each camera sees: optics, view, walls, roofs and relief put together for a frame of cameras."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.cameras.occlusion import areal, visible
from geo.cameras.optics import EDITIONS, pixels_per_metre
from geo.cameras.sector import Sectors, make_sectors
from geo.cameras.shadows import cast, stretch
from geo.cameras.terrain import Terrain, hidden
from geo.cameras.walls import Walls, free_eyes, in_the_way, make_walls, standing_on
from geo.crs import metric_crs
from geo.crs.convergence import convergence_deg
from geo.errors import BadInput
from geo.notes import MethodNote

Numbers = NDArray[np.float64]

#: Columns that a frame of cameras must have.
NEEDED = ("azimuth_deg", "view_angle_deg", "pixels_horizontal", "height_m", "tilt_deg")
#: A shadow that begins nearer than this share of the view is cut by the exact method of high walls.
_LONG = 1.0


@dataclass(frozen=True, slots=True)
class Scene:
    """Cameras and buildings in one metric system, ready to be looked at.

    Attributes
    ----------
    sectors : Sectors
        One a camera, in the order of the frame; the eye is where the camera looks from.
    walls : Walls
        All buildings.
    crs : int
        The metric system.
    on : (ndarray, ndarray)
        Pairs of camera and the building that it stands on.
    """

    sectors: Sectors
    walls: Walls
    crs: int
    on: tuple[NDArray[np.int64], NDArray[np.int64]]


def viewsheds(
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    task: str = "detect",
    target_height_m: float = 1.6,
    terrain: Terrain | None = None,
    edition: str | None = None,
) -> gpd.GeoDataFrame:
    """Return what each camera sees at a task.

    Parameters
    ----------
    cameras : GeoDataFrame of points
        With a CRS and ``azimuth_deg`` (clockwise from true north; NaN is unknown and sees nothing, but for an
        all-round view), ``view_angle_deg`` (360 is all round), ``pixels_horizontal``, ``height_m``,
        ``tilt_deg`` (below the horizon). Optional: ``range_m`` caps the range, ``vertical_angle_deg``,
        ``kind`` and ``online`` (both carried, neither changes the shape), ``assumed`` of
        `geo.cameras.with_assumed`, which the note counts.
    buildings : GeoDataFrame of polygons
        With a CRS and ``height_m``; NaN hides all that is behind it.
    task : str
        A level of IEC 62676-4.
    target_height_m : float
        Above the ground.
    terrain : Terrain, optional
        Ground heights; the ground is flat without.
    edition : str, optional
        Of the levels, where their name does not tell.

    Returns
    -------
    GeoDataFrame
        Index of the cameras, in their CRS: ``geometry`` (empty where nothing can be seen or computed),
        ``area_m2`` on the ground, ``range_m`` (pixel density and own cap), ``near_m`` (dead zone along the
        axis), ``state``: ``ok``, ``unknown_direction``, ``unknown_view`` (no angle or pixels) or ``nothing``.
        ``attrs["note"]`` is the `MethodNote`.

    Raises
    ------
    BadInput
        Without a CRS or a needed column, and for an unknown task.

    Notes
    -----
    See the notes of `geo.cameras.optics`, `geo.cameras.occlusion` and `geo.cameras.shadows`. Buildings are
    tested on flat ground also where there is relief, which is tested by itself.

    Examples
    --------
    >>> camera = gpd.GeoDataFrame(
    ...     {"azimuth_deg": [0.0], "view_angle_deg": [90.0], "pixels_horizontal": [1920],
    ...      "height_m": [1.6], "tilt_deg": [0.0]}, geometry=[shapely.Point(500_000, 3_500_000)], crs=4548)
    >>> none = gpd.GeoDataFrame({"height_m": []}, geometry=[], crs=4548)
    >>> found = viewsheds(camera, none)
    >>> round(float(found["range_m"].iloc[0]), 2), round(float(found["area_m2"].iloc[0]), 1)
    (38.4, 1474.6)
    """
    scene = make_scene(cameras, buildings, task=task, target_height_m=target_height_m, edition=edition)
    sectors = scene.sectors
    seeing = np.flatnonzero(sectors.sees)
    shapes = np.full(len(cameras), shapely.Polygon(), dtype=object)
    if len(seeing):
        shapes[seeing] = _seen(scene, seeing, target_height_m)
        if terrain is not None:
            shapes[seeing] = _over_relief(
                shapes[seeing], sectors.take(seeing), terrain, target_height_m, scene.crs
            )
    state = np.full(len(cameras), "ok", dtype=object)
    state[shapely.is_empty(shapes)] = "nothing"
    state[~np.isfinite(sectors.axis)] = "unknown_direction"
    state[~(np.isfinite(sectors.half) & np.isfinite(sectors.range_m))] = "unknown_view"
    found = gpd.GeoDataFrame(
        {
            "area_m2": shapely.area(shapes),
            "range_m": sectors.range_m,
            "near_m": sectors.near,
            "state": pd.Series(state, index=cameras.index, dtype=object),
        },
        geometry=gpd.GeoSeries(shapes, index=cameras.index, crs=scene.crs),
        index=cameras.index,
    )
    if cameras.crs != found.crs:
        found = found.to_crs(cameras.crs)
    assumed = int((cameras["assumed"] != "").sum()) if "assumed" in cameras.columns else 0
    found.attrs["note"] = _note(found, scene, task, target_height_m, edition, terrain, assumed)
    return found


def make_scene(
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    task: str = "detect",
    target_height_m: float = 1.6,
    edition: str | None = None,
) -> Scene:
    """Return cameras and buildings in one metric system; arguments as for `viewsheds`."""
    if cameras.crs is None or buildings.crs is None:
        raise BadInput("cameras and buildings need a CRS")
    if missing := [name for name in NEEDED if name not in cameras.columns]:
        raise BadInput(f"cameras lack {', '.join(missing)}", columns=missing)
    if "height_m" not in buildings.columns:
        raise BadInput("buildings lack height_m", columns=["height_m"])
    pixels_per_metre(task, edition)
    crs = 4548 if not len(cameras) else metric_crs(cameras)
    at = cameras.geometry.to_crs(crs)
    walls = make_walls(buildings.geometry.to_crs(crs).to_numpy(), numbers(buildings, "height_m"))
    x, y = at.x.to_numpy(dtype=float).copy(), at.y.to_numpy(dtype=float).copy()
    degrees = cameras.geometry.to_crs(4326)
    turned = convergence_deg(degrees.x.to_numpy(), degrees.y.to_numpy(), crs) if len(cameras) else x
    x, y = free_eyes(x, y, walls)
    sectors = make_sectors(
        x,
        y,
        numbers(cameras, "azimuth_deg") - turned,
        numbers(cameras, "view_angle_deg"),
        numbers(cameras, "pixels_horizontal"),
        numbers(cameras, "height_m"),
        numbers(cameras, "tilt_deg"),
        numbers(cameras, "range_m"),
        task=task,
        target_height_m=target_height_m,
        edition=edition,
        vertical_angle_deg=numbers(cameras, "vertical_angle_deg"),
    )
    return Scene(sectors, walls, crs, standing_on(x, y, walls))


def numbers(frame: pd.DataFrame, name: str) -> Numbers:
    """Return a column as float64; NaN where it or a value is missing."""
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    return np.asarray(pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan))


def own_building(scene: Scene, camera: NDArray[np.int64], building: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which pairs are a camera and the building that it stands on."""
    size = max(len(scene.walls.shapes), 1)
    return np.asarray(np.isin(camera * size + building, scene.on[0] * size + scene.on[1]))


def _seen(scene: Scene, seeing: NDArray[np.intp], target_height_m: float) -> NDArray[np.object_]:
    camera, building = in_the_way(scene.sectors, scene.walls)
    away = ~own_building(scene, camera, building)
    camera, building = camera[away], building[away]
    times = stretch(scene.sectors.height[camera], scene.walls.height[building], target_height_m)
    some = scene.sectors.take(seeing)
    camera = np.searchsorted(seeing, camera)
    # A shadow that reaches out of the view from its nearest point on is as good as a wall.
    low = np.isfinite(times) & (times > 1)
    eye: Any = shapely.points(some.x, some.y)
    start = np.zeros(len(camera))
    start[low] = shapely.distance(eye[camera[low]], scene.walls.shapes[building[low]])
    low &= start * np.where(low, times, 0) < some.farthest[camera] * _LONG
    opaque = (times > 1) & ~low
    shapes = visible(some, scene.walls, camera[opaque], building[opaque])
    return cast(shapes, some, scene.walls, camera[low], building[low], times[low])


def _over_relief(
    shapes: NDArray[np.object_], sectors: Sectors, terrain: Terrain, target_height_m: float, crs: int
) -> NDArray[np.object_]:
    height = np.where(np.isfinite(sectors.height), sectors.height, target_height_m)
    behind = np.array(
        [
            hidden(terrain, x, y, eye, far, target_height_m, crs)
            for x, y, eye, far in zip(sectors.x, sectors.y, height, sectors.farthest, strict=True)
        ],
        dtype=object,
    )
    left = shapely.difference(shapes, behind)
    return np.array([areal(one) for one in left], dtype=object)


def _note(  # noqa: PLR0917
    found: gpd.GeoDataFrame,
    scene: Scene,
    task: str,
    target_height_m: float,
    edition: str | None,
    terrain: Terrain | None,
    assumed: int,
) -> MethodNote:
    levels = EDITIONS[edition] if edition else next(e for e in EDITIONS.values() if task in e.pixels_per_m)
    states = found["state"].value_counts()
    facts: dict[str, Any] = {
        "cameras": len(found),
        **{name: int(states.get(name, 0)) for name in ("ok", "unknown_direction", "unknown_view", "nothing")},
        "buildings": len(scene.walls.shapes),
        "buildings_of_unknown_height": int(np.isnan(scene.walls.height).sum()),
        "terrain": terrain is not None,
        "assumed": assumed,
    }
    limits: tuple[str, ...] = (
        "Trees, signs, vehicles, light and weather are not considered.",
        "A camera of unknown direction sees nothing here; it is counted beside.",
        "Buildings of unknown height hide everything behind them.",
        "The ground is taken as flat under buildings.",
    )
    if assumed:
        limits = ("What is not on record of some cameras was assumed: how many is in the facts.", *limits)
    return MethodNote(
        method=(
            "The view of each camera by its azimuth (true north), horizontal angle and pixel density, less "
            "the dead zone under the picture and what buildings hide; a roof is looked over where the line "
            "to the target passes above it."
        ),
        source=f"{levels.edition}: {levels.pixels_per_m[task]:g} px/m ({levels.seen})",
        parameters={"task": task, "target_height_m": target_height_m},
        facts=facts,
        limits=limits,
    )
