"""The kind ``camera_coverage``: how much of each cell, street and key place working cameras see."""

from __future__ import annotations

import math
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field as Limited
from pydantic import StringConstraints

from geo.cameras import Group, of_places, roll_up, sample, seen_counts, shares, stations, working
from geo.notes import MethodNote
from layers.definitions.words import Words
from layers.runs.cameras.areas import Area, Located, Registered, area_layers, areas, points_of
from layers.runs.cameras.scene import (
    ASKS,
    BUILT_UP,
    RESOLUTION,
    SUBJECT,
    CameraParameters,
    camera_layers,
    check,
    excluded,
    inside,
    middles,
    near,
    rates,
    streets,
    usual_groups,
    watched,
)
from layers.runs.cameras.viewsheds import RATES
from layers.runs.kinds import Asked, Column, Inputs, Kind, Outcome, Progress, Ramp, Wanted

COARSEST = 7
#: Outside built-up extents cells count within so many metres of a street.
BESIDE_STREET_M = 100.0
#: Cells whose sample points are held at a time.
CELLS_AT_ONCE = 150_000
SHARES = ("seen_1", "seen_2", "night", "seen_tier_1", "seen_tier_1_2")


class CoverageParameters(CameraParameters):
    """Also the plan's figure, which is printed beside ours.

    Attributes
    ----------
    planned_share : float, optional
        Share of key places that the plan wants covered.
    plan : str, optional
        Where that is written.
    """

    planned_share: Annotated[float | None, Limited(ge=0, le=1)] = None
    plan: Annotated[str | None, StringConstraints(max_length=120)] = None


def wanted(parameters: CoverageParameters) -> list[Wanted]:
    """Return the layers that a run reads."""
    return [
        *camera_layers(),
        Wanted("roads", ("class", "name", "tunnel"), "roads"),
        Wanted("water", (), "water"),
        Wanted("extents", ("kind",), "built_up"),
        Wanted(
            "key_places",
            ("class", "required_task", "minimum_share", "target_geometry"),
            "key_places",
            placed=True,
        ),
        *area_layers(),
    ]


def compute(parameters: CoverageParameters, inputs: Inputs, progress: Progress) -> Outcome:
    """Count what is seen by cell, street and key place."""
    cameras, places, sheds = watched(parameters, inputs)
    seen = sheds[parameters.task]
    progress(0.2)
    cells = domain(inputs, places)
    found = _cells(cells, seen, inputs, lambda share: progress(0.2 + 0.5 * share))
    roads = streets(inputs)
    along, counts = _stations(roads, seen)
    covered = of_places(places, sheds, groups={task: _daylight(one) for task, one in sheds.items()})
    progress(0.8)
    by_area = _Areas(parameters, found, (along, counts), cameras, places, covered)
    rows = [by_area.row(one) for one in areas(inputs)]
    rows += by_area.named_roads(roads) + by_area.classes_of_places()
    progress(0.95)
    levels = [found, *(roll_up(found, one) for one in range(RESOLUTION - 1, COARSEST - 1, -1))]
    return Outcome(
        cells=pd.concat(levels),
        areas=pd.DataFrame(rows),
        note=_note(parameters, seen.attrs["note"], found, places, covered),
        units={"considered_m2": "m²", "seen_m2": "m²", "street_m": "m", "street_seen_m": "m"},
    )


def domain(inputs: Inputs, places: gpd.GeoDataFrame) -> NDArray[np.uint64]:
    """Return the cells that count: built-up extents, key places, and what lies beside streets elsewhere."""
    extents = inputs.frames["built_up"]
    built_up = extents[extents["kind"].isin(BUILT_UP).to_numpy(dtype=bool)]
    parts = [near(built_up.geometry, 0), near(places.geometry, 0)]
    parts.append(near(streets(inputs).geometry, BESIDE_STREET_M))
    return inside(np.unique(np.concatenate(parts)), inputs)


def _cells(
    cells: NDArray[np.uint64], seen: gpd.GeoDataFrame, inputs: Inputs, progress: Progress
) -> pd.DataFrame:
    """Return coverage of cells, some of them at a time; without those that have no outdoor ground."""
    ground = excluded(inputs)
    shapes = ground.sindex
    views, groups = seen.sindex, usual_groups(seen)
    parts = []
    for start in range(0, len(cells), CELLS_AT_ONCE):
        some = cells[start : start + CELLS_AT_ONCE]
        at = middles(some)
        box = (*(at.min(axis=0) - 0.001), *(at.max(axis=0) + 0.001))
        points = sample(some, ground.iloc[np.sort(shapes.intersection(box))])
        rows = np.sort(views.intersection(box))
        own = [
            Group(one.name, one.members[rows], None if one.reach is None else one.reach[rows])
            for one in groups
        ]
        part = shares(points, seen.iloc[rows], groups=own)
        parts.append(part[part["considered_m2"] > 0])
        progress(min(1.0, (start + CELLS_AT_ONCE) / len(cells)))
    if not parts:
        return pd.DataFrame(
            columns=["considered_m2", "cameras", *SHARES], index=pd.Index([], dtype=np.uint64), dtype=float
        )
    return pd.concat(parts)


def _stations(roads: gpd.GeoDataFrame, seen: gpd.GeoDataFrame) -> tuple[pd.DataFrame, Located]:
    """Return points along the streets: metres each stands for, its street, whether it is seen."""
    points = stations(roads)
    counts, _ = seen_counts(points, seen)
    at = gpd.GeoSeries(gpd.points_from_xy(points.x, points.y), crs=points.crs).to_crs(4326)
    found = pd.DataFrame({"road": points.cell, "m": points.area, "seen_m": points.area * (counts[:, 0] > 0)})
    return found, Located(np.column_stack([at.x.to_numpy(dtype=float), at.y.to_numpy(dtype=float)]))


def _daylight(sheds: gpd.GeoDataFrame) -> list[Group]:
    """Return the groups that key places are counted for: those whose reach does not end."""
    tier, online = sheds["tier"].to_numpy(dtype=object), working(sheds)
    return [Group("tier_1", online & (tier == "1")), Group("tier_1_2", online & np.isin(tier, ["1", "2"]))]


class _Areas:
    """Figures by region, each with its numerator and denominator."""

    def __init__(  # noqa: PLR0917
        self,
        parameters: CoverageParameters,
        cells: pd.DataFrame,
        along: tuple[pd.DataFrame, Located],
        cameras: gpd.GeoDataFrame,
        places: gpd.GeoDataFrame,
        covered: pd.DataFrame,
    ) -> None:
        self._planned = np.nan if parameters.planned_share is None else parameters.planned_share
        self._cells, self._places, self._covered, self._cameras = cells, places, covered, cameras
        self._stations, self._at_stations = along
        self._at_cells = Located(middles(cells.index.to_numpy()))
        self._at_cameras, self._at_places = points_of(cameras), Registered(places)

    def row(self, area: Area) -> dict[str, Any]:
        """Return the figures of one area."""
        cells = self._cells.iloc[self._at_cells.inside(area)]
        whole = float(cells["considered_m2"].sum())
        found = {"layer": area.layer, "code": area.code, "name": area.name, "considered_m2": whole}
        for name in SHARES:
            part = float((cells[name] * cells["considered_m2"]).sum())
            found[name] = part / whole if whole > 0 else np.nan
            if name == "seen_1":
                found["seen_m2"] = part
        found |= self._streets(self._stations.iloc[self._at_stations.inside(area)])
        found |= self._key_places(self._at_places.inside(area))
        return found | rates(self._cameras, self._at_cameras.inside(area)) | {"planned_share": self._planned}

    def named_roads(self, roads: gpd.GeoDataFrame) -> list[dict[str, Any]]:
        """Return the figures along each road that has a name."""
        name = roads["name"].to_numpy(dtype=object)[self._stations["road"].to_numpy()]
        return [
            {"layer": "roads", "code": str(one), "name": str(one), **self._streets(part)}
            for one, part in self._stations.groupby(name)
        ]

    def classes_of_places(self) -> list[dict[str, Any]]:
        """Return the figures of each class of key places."""
        return [
            {"layer": "key_places", "code": str(one), "name": str(one), **self._key_places(rows)}
            for one, rows in self._places.reset_index(drop=True).groupby("class").indices.items()
        ]

    @staticmethod
    def _streets(part: pd.DataFrame) -> dict[str, Any]:
        whole, seen = float(part["m"].sum()), float(part["seen_m"].sum())
        share = seen / whole if whole > 0 else np.nan
        return {"street_m": whole, "street_seen_m": seen, "street_share": share}

    def _key_places(self, rows: Any) -> dict[str, Any]:
        some = self._covered.iloc[rows]
        found: dict[str, Any] = {"key_places": float(len(some))}
        for name in ("covered", "covered_tier_1", "covered_tier_1_2"):
            there = some[name].astype(bool) if name in some.columns else pd.Series([], dtype=bool)
            found[f"key_places_{name}"] = float(there.sum())
        found["key_place_rate"] = found["key_places_covered"] / len(some) if len(some) else np.nan
        return found


def _note(
    parameters: CoverageParameters,
    views: MethodNote,
    cells: pd.DataFrame,
    places: gpd.GeoDataFrame,
    covered: pd.DataFrame,
) -> MethodNote:
    whole = float(cells["considered_m2"].sum())
    seen = float((cells["seen_1"] * cells["considered_m2"]).sum())
    tasks = covered.groupby(places["required_task"])["covered"].agg(["sum", "count"]) if len(places) else None
    facts = {
        **views.facts,
        "counted": len(cells),
        "considered_km2": round(whole / 1e6, 4),
        "seen_km2": round(seen / 1e6, 4),
        "key_places": len(places),
        "key_places_covered": int(covered["covered"].sum()),
        "key_places_by_task": {}
        if tasks is None
        else {str(task): f"{int(row['sum'])} / {int(row['count'])}" for task, row in tasks.iterrows()},
    }
    return MethodNote(
        method=(
            "Share of the outdoor ground of each cell (without buildings and water) that working cameras "
            "see, by 24 points a cell; streets by points every 5 m; key places by the exact share of "
            "the outdoor part of their target at the task of their class. Cells: built-up extents, key "
            "places, and 100 m beside streets of class residential and above elsewhere. By night a camera "
            "counts up to its infrared range."
        ),
        source=views.source,
        parameters=parameters.model_dump(mode="json"),
        facts=facts,
        limits=(
            *views.limits,
            "A coarser cell has the share of its children's ground, not of its own outline.",
            "A camera whose infrared range is not on record sees nothing by night.",
            "The plans do not say how they count; their rate is printed beside ours, not compared with it.",
        ),
    )


_SHARE_COLUMNS = (
    Column("seen_1", Words(zh="可见占比", en="Share seen"), 3),
    Column("seen_2", Words(zh="两台以上可见占比", en="Share seen twice"), 3),
    Column("night", Words(zh="夜间可见占比", en="Share seen by night"), 3),
    Column("seen_tier_1", Words(zh="仅一类可见占比", en="Share seen, class 1 only"), 3),
    Column("seen_tier_1_2", Words(zh="一、二类可见占比", en="Share seen, classes 1 and 2"), 3),
)
_CONSIDERED = Column(
    "considered_m2", Words(zh="室外面积（分母）", en="Outdoor ground (denominator)"), 0, amount=True
)

CAMERA_COVERAGE = Kind(
    name="camera_coverage",
    title=Words(zh="视频覆盖", en="Camera coverage"),
    description=Words(
        zh="在线摄像机实际看到的室外面积、道路与重点部位占比，分昼夜、分类别，注明分子、分母与范围。",
        en="Share of outdoor ground, streets and key places that working cameras really see, by day and "
        "night and by class, each with numerator, denominator and extent.",
    ),
    parameters=CoverageParameters,
    check=check,
    wanted=wanted,
    compute=compute,
    columns=(
        *_SHARE_COLUMNS,
        Column("cameras", Words(zh="平均可见摄像机数", en="Cameras, mean"), 2),
        _CONSIDERED,
    ),
    area_columns=(
        *_SHARE_COLUMNS,
        Column("seen_m2", Words(zh="可见面积（分子）", en="Ground seen (numerator)"), 0, amount=True),
        _CONSIDERED,
        Column("street_share", Words(zh="道路可见占比", en="Share of streets seen"), 3),
        Column("street_seen_m", Words(zh="可见道路", en="Streets seen"), 0, amount=True),
        Column("street_m", Words(zh="道路长度", en="Streets"), 0, amount=True),
        Column("key_place_rate", Words(zh="重点部位覆盖率", en="Key places covered, rate"), 3),
        Column("key_places_covered", Words(zh="已覆盖重点部位", en="Key places covered"), 0, amount=True),
        Column("key_places", Words(zh="重点部位", en="Key places"), 0, amount=True),
        Column(
            "key_places_covered_tier_1", Words(zh="仅一类覆盖", en="Covered, class 1 only"), 0, amount=True
        ),
        Column(
            "key_places_covered_tier_1_2",
            Words(zh="一、二类覆盖", en="Covered, classes 1 and 2"),
            0,
            amount=True,
        ),
        Column("planned_share", Words(zh="规划覆盖率", en="Rate of the plan"), 3),
        *RATES,
    ),
    shown="seen_1",
    classes=(
        (Words(zh="25% 以下", en="Up to 25 %"), 0.25),
        (Words(zh="25–50%", en="25 to 50 %"), 0.5),
        (Words(zh="50–75%", en="50 to 75 %"), 0.75),
        (Words(zh="75–95%", en="75 to 95 %"), 0.95),
        (Words(zh="95% 以上", en="Over 95 %"), math.inf),
    ),
    subject=SUBJECT,
    asks={
        **ASKS,
        "planned_share": Asked(
            Words(zh="规划覆盖率", en="Rate of the plan"),
            Words(zh="0–1，只并列显示", en="0 to 1, printed beside ours"),
        ),
        "plan": Asked(Words(zh="规划出处", en="Where the plan says so")),
    },
    ramp=Ramp(
        dark=("#244B5A", "#2A6B75", "#35908F", "#58B8A6", "#A3E3C5"),
        light=("#D3ECE6", "#9FD4CB", "#5FB3AD", "#2B8C8C", "#0B5F66"),
    ),
)
