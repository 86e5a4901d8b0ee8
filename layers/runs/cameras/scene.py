"""What every kind about cameras starts from: parameters, layers, and the views of the chosen cameras."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pydantic import Field as Limited
from pydantic import StringConstraints

from geo.cameras import Assumed, Group, by_night, viewsheds, with_assumed, working
from geo.cells import corners, index
from geo.cells.covering import touched
from geo.crs import metric_crs
from layers.definitions.loading import Catalog
from layers.definitions.words import Words
from layers.runs.kinds import SCENARIO_ASKED, SCENARIO_PART, Asked, Inputs, Wanted
from layers.runs.parameters import Parameters, ScenarioReference
from layers.runs.subjects import SubjectPart

#: Devices up to so far outside a region count for it.
OUTSIDE_M = 5_000.0
CAMERA_FIELDS = (
    "name", "device_id", "kind", "tier", "owner_department", "using_departments", "networked", "online",
    "azimuth_deg", "view_angle_deg", "pixels_horizontal", "height_m", "tilt_deg", "range_m",
    "infrared_range_m",
)  # fmt: skip
#: Classes of roads that people and traffic use, from residential streets up.
STREETS = ("motorway", "trunk", "main", "secondary", "residential")
#: Extents inside which every cell counts.
BUILT_UP = ("main_urban", "central_urban", "built_up", "county_town", "town_seat")
RESOLUTION = 12

Text = Annotated[str, StringConstraints(min_length=1, max_length=48)]


class VideoTask(StrEnum):
    """Levels of IEC 62676-4:2014 that the city's code list has."""

    MONITOR = "monitor"
    DETECT = "detect"
    OBSERVE = "observe"
    RECOGNISE = "recognise"
    IDENTIFY = "identify"


class Tier(StrEnum):
    """Classes of video resources."""

    FIRST = "1"
    SECOND = "2"
    THIRD = "3"


class CameraParameters(Parameters):
    """Which cameras, and what they must do.

    Attributes
    ----------
    task : VideoTask
        What it takes to see a cell or a street; key places have tasks of their own.
    target_height_m : float
        Height of what must be seen.
    tiers : tuple of Tier
        Only cameras of these classes; all where left out, also those without one.
    using_department : str, optional
        Only cameras that this department uses.
    assumed_view_angle_deg, assumed_pixels : optional
        Taken for cameras whose view angle or pixels are not on record; they see nothing where left out.
    assumed_online : bool
        Whether cameras of unknown state count as online.
    scenario : str, optional
        Whose changes are laid over the layers.
    """

    task: VideoTask = VideoTask.DETECT
    target_height_m: Annotated[float, Limited(ge=0, le=10)] = 1.6
    tiers: tuple[Tier, ...] = ()
    using_department: Text | None = None
    assumed_view_angle_deg: Annotated[float | None, Limited(ge=1, le=360)] = None
    assumed_pixels: Annotated[int | None, Limited(ge=1, le=20_000)] = None
    assumed_online: bool = False
    scenario: ScenarioReference = None


#: What results of cameras show: the task, and which cameras.
SUBJECT = (
    SubjectPart("task", usual="detect"),
    SubjectPart("tiers", prefix="tier"),
    SubjectPart("using_department", prefix="of", codes="departments"),
    SCENARIO_PART,
)
ASKS = {
    "scenario": SCENARIO_ASKED,
    "task": Asked(
        Words(zh="任务级别", en="Task"),
        Words(zh="像素密度按 IEC 62676-4:2014", en="Pixel densities of IEC 62676-4:2014"),
        options={
            "monitor": Words(zh="监视", en="Monitor"),
            "detect": Words(zh="探测", en="Detect"),
            "observe": Words(zh="观察", en="Observe"),
            "recognise": Words(zh="辨认", en="Recognise"),
            "identify": Words(zh="识别", en="Identify"),
        },
    ),
    "target_height_m": Asked(Words(zh="目标高度", en="Height of the target"), unit="m"),
    "tiers": Asked(
        Words(zh="视频资源类别", en="Tiers"),
        Words(zh="不选为全部", en="All where none is chosen"),
        options={
            "1": Words(zh="一类", en="Class 1"),
            "2": Words(zh="二类", en="Class 2"),
            "3": Words(zh="三类", en="Class 3"),
        },
    ),
    "using_department": Asked(
        Words(zh="使用部门", en="Using department"), Words(zh="部门代码", en="Code of a department")
    ),
    "assumed_view_angle_deg": Asked(
        Words(zh="未登记时假定视场角", en="View angle where none is on record"),
        Words(zh="不填则按未知，不计可见", en="Unknown, and nothing is seen, where left out"),
        unit="°",
    ),
    "assumed_pixels": Asked(
        Words(zh="未登记时假定水平像素", en="Pixels where none are on record"),
        Words(zh="不填则按未知，不计可见", en="Unknown, and nothing is seen, where left out"),
        unit="px",
    ),
    "assumed_online": Asked(
        Words(zh="状态未登记的按在线", en="Unknown state counts as online"),
        Words(zh="结果中注明台数", en="The result says how many"),
    ),
}


def check(parameters: CameraParameters, catalog: Catalog) -> None:
    """Every combination is possible."""


def camera_layers() -> list[Wanted]:
    """Return the layers that decide what cameras see."""
    return [
        Wanted("cameras", CAMERA_FIELDS, "cameras", margin_m=OUTSIDE_M),
        Wanted("buildings", ("height_m", "use", "floor_area_m2"), "buildings", margin_m=OUTSIDE_M),
    ]


def chosen_cameras(parameters: CameraParameters, inputs: Inputs) -> gpd.GeoDataFrame:
    """Return the cameras of the parameters, with what these assume where nothing is on record."""
    cameras = inputs.frames["cameras"]
    if parameters.tiers:
        cameras = cameras[cameras["tier"].isin([str(one) for one in parameters.tiers])]
    if parameters.using_department is not None:
        wanted = parameters.using_department
        uses = cameras["using_departments"].map(lambda several: several is not None and wanted in several)
        cameras = cameras[uses.to_numpy(dtype=bool)]
    assumed = Assumed(parameters.assumed_view_angle_deg, parameters.assumed_pixels, parameters.assumed_online)
    return with_assumed(cameras, assumed)


def watch(cameras: gpd.GeoDataFrame, inputs: Inputs, task: str, target_height_m: float) -> gpd.GeoDataFrame:
    """Return the views of cameras beside their own columns, with where they stand as ``camera_point``."""
    sheds = viewsheds(cameras, inputs.frames["buildings"], task=task, target_height_m=target_height_m)
    own = cameras.drop(columns=["geometry", "range_m"])
    found = sheds.join(own).assign(camera_point=cameras.geometry)
    found.attrs["note"] = sheds.attrs["note"]
    return found


def watched(
    parameters: CameraParameters, inputs: Inputs
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, dict[str, gpd.GeoDataFrame]]:
    """Return the chosen cameras, the key places, and the views for the run's task and that of each place."""
    cameras, places = chosen_cameras(parameters, inputs), targets(inputs)
    tasks = sorted({str(parameters.task), *places["required_task"]})
    sheds = {task: watch(cameras, inputs, task, parameters.target_height_m) for task in tasks}
    return cameras, places, sheds


def usual_groups(sheds: gpd.GeoDataFrame) -> list[Group]:
    """Return the groups beside all: by night, class 1 alone, classes 1 and 2."""
    online = working(sheds)
    tier = sheds["tier"].to_numpy(dtype=object)
    return [
        by_night(sheds, online),
        Group("seen_tier_1", online & (tier == "1")),
        Group("seen_tier_1_2", online & np.isin(tier, ["1", "2"])),
    ]


def excluded(inputs: Inputs) -> gpd.GeoSeries:
    """Return what is no ground to be seen: buildings, and water where it has an area."""
    return gpd.GeoSeries(
        pd.concat([inputs.frames["buildings"].geometry, inputs.frames["water"].geometry]), crs=4326
    )


def streets(inputs: Inputs) -> gpd.GeoDataFrame:
    """Return the roads that count: of class residential and above, not in tunnels."""
    roads = inputs.frames["roads"]
    under = roads["tunnel"].map(lambda value: value is True).to_numpy(dtype=bool)
    return roads[roads["class"].isin(STREETS).to_numpy(dtype=bool) & ~under]


def targets(inputs: Inputs) -> gpd.GeoDataFrame:
    """Return the key places with what must be seen of each as geometry: the outdoor part of its target."""
    places = inputs.frames["key_places"]
    own = places["target_geometry"]
    shapes = shapely.from_wkb([_wkb(value) for value in own])
    shapes = np.where(shapely.is_missing(shapes), places.geometry.to_numpy(), shapes)
    shapes = _outdoors(shapes, inputs.frames["buildings"].geometry.to_numpy())
    found = places.drop(columns="target_geometry").set_geometry(gpd.GeoSeries(shapes, places.index, crs=4326))
    found["required_task"] = found["required_task"].where(found["required_task"].notna(), "detect")
    return found


def _outdoors(shapes: NDArray[np.object_], houses: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return areas without the buildings in them; those that are all building stay as they are."""
    found = shapes.copy()
    place, house = shapely.STRtree(houses).query(shapes, predicate="intersects")
    for row in np.unique(place[shapely.get_dimensions(shapes[place]) == 2]).tolist():
        left = shapely.difference(shapes[row], shapely.union_all(houses[house[place == row]]))
        if shapely.area(left) > 0:
            found[row] = left
    return found


def near(shapes: gpd.GeoSeries, metres: float) -> NDArray[np.uint64]:
    """Return the cells that lie within so many metres of shapes in degrees, and a few around."""
    shapes = shapes[~(shapes.isna() | shapes.is_empty)]
    if not len(shapes):
        return np.zeros(0, dtype=np.uint64)
    if metres > 0:
        crs = metric_crs(gpd.GeoDataFrame(geometry=shapes))
        shapes = shapes.to_crs(crs).buffer(metres, quad_segs=4).to_crs(4326)
    return touched(shapes.to_numpy(), RESOLUTION)


def inside(cells: NDArray[np.uint64], inputs: Inputs) -> NDArray[np.uint64]:
    """Return the cells whose middle lies in the run's region; all for the whole city without an outline."""
    outline = inputs.region or inputs.city
    if outline is None or not len(cells):
        return cells
    shapely.prepare(outline)
    return cells[shapely.contains_xy(outline, *middles(cells).T)]


def middles(cells: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return longitude and latitude of the middle of cells."""
    ring, sizes = corners(cells)
    if not len(cells):
        return np.zeros((0, 2))
    owner = np.repeat(np.arange(len(cells)), sizes)
    last = np.cumsum(sizes) - 1
    kept = np.ones(len(ring), dtype=bool)
    kept[last] = False  # rings are closed
    count = np.bincount(owner[kept])
    return np.column_stack([np.bincount(owner[kept], ring[kept, axis]) / count for axis in (0, 1)])


def cells_at(points: gpd.GeoSeries) -> NDArray[np.uint64]:
    """Return the cell of each point."""
    return index(points.x.to_numpy(), points.y.to_numpy(), RESOLUTION)


def rates(cameras: gpd.GeoDataFrame, rows: Sequence[Any] | NDArray[Any]) -> dict[str, float]:
    """Return counts of some cameras: all, online, networked, of unknown direction, and two rates."""
    some = cameras.iloc[rows]
    online = float(some["online"].map(lambda value: value is True).sum())
    networked = float(some["networked"].map(lambda value: value is True).sum())
    unknown = float((some["azimuth_deg"].isna() & ~(some["view_angle_deg"] >= 360)).sum())
    whole = len(some)
    return {
        "cameras": float(whole),
        "online": online,
        "networked": networked,
        "unknown_direction": unknown,
        "online_rate": online / whole if whole else np.nan,
        "networked_rate": networked / whole if whole else np.nan,
    }


def _wkb(value: Any) -> bytes | None:
    if value is None:
        return None
    return bytes.fromhex(value) if isinstance(value, str) else bytes(value)
