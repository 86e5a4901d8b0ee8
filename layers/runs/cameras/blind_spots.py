"""The kind ``camera_blind_spots``: where nobody looks though people live or pass there, and why."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pydantic import Field as Limited

from geo.cameras import (
    Samples,
    blind_spots,
    cause,
    explain_all,
    of_places,
    sample,
    shares,
    spread_people,
    stations,
    trafficked,
)
from geo.cells import to_text
from geo.notes import MethodNote
from layers.definitions.words import Words
from layers.runs.cameras.areas import Located, area_layers, areas
from layers.runs.cameras.scene import (
    ASKS,
    RESOLUTION,
    SUBJECT,
    CameraParameters,
    camera_layers,
    cells_at,
    check,
    excluded,
    inside,
    middles,
    near,
    streets,
    watched,
)
from layers.runs.kinds import Asked, Column, Inputs, Kind, Outcome, Progress, Ramp, Wanted
from layers.runs.parameters import bad

#: Uses of buildings that people live in.
HOMES = ("apartment", "house", "village", "mixed")
#: Spots whose cause is found, the most exposed first.
MOST_EXPLAINED = 400

Weight = Annotated[float, Limited(ge=0, le=100)]


class BlindSpotParameters(CameraParameters):
    """Also how spots are ranked and what still counts as unseen.

    Attributes
    ----------
    people, incidents, streets, key_places : float
        Weights of the parts of the exposure.
    most_seen : float
        Greatest share of a blind cell's outdoor ground that may be seen.
    """

    people: Weight = 0.4
    incidents: Weight = 0.2
    streets: Weight = 0.2
    key_places: Weight = 0.2
    most_seen: Annotated[float, Limited(ge=0, le=0.9)] = 0.0


def check_weights(parameters: BlindSpotParameters, catalog: Any) -> None:
    """Raise `BadRunParameter` where all weights are 0."""
    check(parameters, catalog)
    if parameters.people + parameters.incidents + parameters.streets + parameters.key_places <= 0:
        raise bad("people", parameters.people, "one-weight-above-0")


def wanted(parameters: BlindSpotParameters) -> list[Wanted]:
    """Return the layers that a run reads."""
    return [
        *camera_layers(),
        Wanted("roads", ("class", "name", "tunnel"), "roads"),
        Wanted("water", (), "water"),
        Wanted("population", ("residents",), "population"),
        Wanted("incidents", (), "incidents"),
        Wanted("key_places", ("class", "required_task", "minimum_share", "target_geometry"), "key_places"),
        *area_layers(),
    ]


def compute(parameters: BlindSpotParameters, inputs: Inputs, progress: Progress) -> Outcome:
    """Find, join, rank and explain blind spots."""
    cameras, places, sheds = watched(parameters, inputs)
    seen = sheds[parameters.task]
    progress(0.25)
    covered = of_places(places, sheds)
    unseen = places[(covered["seen_share"] <= parameters.most_seen + 1e-9).to_numpy(dtype=bool)]
    people, homeless = people_of(inputs)
    cells = inside(
        np.unique(np.concatenate([people.index.to_numpy(dtype=np.uint64), near(unseen.geometry, 0),
                                  near(streets(inputs).geometry, 16.0)])),
        inputs,
    )  # fmt: skip
    points = sample(cells, excluded(inputs))
    exposure = exposure_of(points, people, unseen, inputs)
    progress(0.5)
    found = shares(points, seen, times=1)
    grid = _grids(cells, inputs)
    spots = blind_spots(
        found,
        exposure,
        weights={
            "people": parameters.people,
            "incidents": parameters.incidents,
            "road_m": parameters.streets,
            "key_places": parameters.key_places,
        },
        most_seen=parameters.most_seen,
        within=grid,
        previous=_previous(inputs),
    )
    progress(0.7)
    of_cell = spots.attrs["cells"]
    places_of_spots = _middles(spots.index, of_cell, points)
    reasons = _causes(spots, places_of_spots, parameters, cameras, unseen, inputs)
    progress(0.95)
    result = _features(spots.join(_lonlat(places_of_spots)), reasons, of_cell, grid)
    return Outcome(
        cells=result,
        areas=_areas(spots, of_cell, exposure, inputs),
        note=_note(parameters, seen.attrs["note"], spots, exposure, homeless, inputs),
        units={"area_m2": "m²", "road_m": "m"},
    )


def people_of(inputs: Inputs) -> tuple[pd.Series, float]:
    """Spread the residents of population cells over the residential buildings in them."""
    population, buildings = inputs.frames["population"], inputs.frames["buildings"]
    homes = buildings[buildings["use"].isin(HOMES).to_numpy(dtype=bool)]
    if not len(population) or not len(homes):
        return pd.Series([], index=pd.Index([], dtype=np.uint64, name="cell"), dtype=float), 0.0
    return spread_people(population["residents"].fillna(0.0), population.geometry, homes, RESOLUTION)


def exposure_of(points: Samples, people: pd.Series, unseen: gpd.GeoDataFrame, inputs: Inputs) -> pd.DataFrame:
    """Return what is at stake in each cell."""
    index = pd.Index(points.cells, name="cell")
    roads = streets(inputs)
    found = pd.DataFrame({"people": people.reindex(index, fill_value=0.0)}, index=index)
    found["trafficked"] = trafficked(points, roads)
    incidents = inputs.frames["incidents"]
    incidents = incidents[~(incidents.geometry.isna() | incidents.geometry.is_empty)]
    counted = (
        pd.Series(cells_at(incidents.geometry)).value_counts() if len(incidents) else pd.Series(dtype=float)
    )
    found["incidents"] = counted.reindex(index, fill_value=0.0).astype(float)
    along = stations(roads)
    at = gpd.GeoSeries(gpd.points_from_xy(along.x, along.y), crs=along.crs).to_crs(4326)
    length = pd.Series(along.area, index=cells_at(at)).groupby(level=0).sum()
    found["road_m"] = length.reindex(index, fill_value=0.0)
    part = np.zeros(len(index))
    for shape in unseen.geometry:
        # A place of several cells counts once: each has its part of it.
        rows = index.get_indexer(near(gpd.GeoSeries([shape], crs=4326), 0))
        rows = rows[rows >= 0]
        part[rows] += 1.0 / max(len(rows), 1)
    found["key_places"] = part
    return found


def _grids(cells: NDArray[np.uint64], inputs: Inputs) -> pd.Series | None:
    """Return the governance grid, or else the community, of each cell: a spot ends at its border."""
    for layer in ("governance_grids", "communities"):
        if len(inputs.frames.get(layer, ())):
            break
    else:
        return None
    located = Located(middles(cells))
    found = np.full(len(cells), "", dtype=object)
    for one in areas(inputs):
        if one.layer == layer:
            found[located.inside(one)] = one.code
    return pd.Series(found, index=pd.Index(cells, name="cell"))


def _previous(inputs: Inputs) -> pd.Series | None:
    """Return the cells of the spots of the result before: those whose middle lies in its outline."""
    before = inputs.previous
    if before is None or not len(before):
        return None
    cells = near(before.geometry, 0)
    points: Any = shapely.points(middles(cells))
    spot, cell = shapely.STRtree(points).query(before.geometry.to_numpy(), predicate="intersects")
    ids = np.array([int(str(one), 16) for one in before.index], dtype=np.uint64)
    found = pd.Series(ids[spot], index=pd.Index(cells[cell], name="cell"))
    return found[~found.index.duplicated()]


def _causes(  # noqa: PLR0917
    spots: gpd.GeoDataFrame,
    places: gpd.GeoSeries,
    parameters: BlindSpotParameters,
    cameras: gpd.GeoDataFrame,
    unseen: gpd.GeoDataFrame,
    inputs: Inputs,
) -> pd.DataFrame:
    """Return reason and camera of the most exposed spots at their places."""
    chosen = places.index[:MOST_EXPLAINED]
    required = _required(spots.loc[chosen], unseen, str(parameters.task))
    at = places.iloc[:MOST_EXPLAINED]
    rows = []
    for task in np.unique(required).tolist():
        own = np.flatnonzero(required == task)
        several = explain_all(
            at.iloc[own], cameras, inputs.frames["buildings"],
            task=task, target_height_m=parameters.target_height_m,
        )  # fmt: skip
        for row, explained in zip(own.tolist(), several, strict=True):
            reason, best = cause(explained)
            code = None if best is None else cameras["code"].get(best.camera)
            rows.append({"spot": chosen[row], "cause": reason, "camera": code, "task": task})
    return pd.DataFrame(rows, columns=["spot", "cause", "camera", "task"]).set_index("spot")


def _middles(spots: pd.Index, of_cell: pd.Series, points: Samples) -> gpd.GeoSeries:
    """Return for those spots that have outdoor ground the outdoor point nearest to the middle of it."""
    place = pd.Series(spots.get_indexer(of_cell.to_numpy()), index=of_cell.index)
    owner = place.reindex(points.cells, fill_value=-1).to_numpy()[points.cell]
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(len(spots) + 1))
    found: dict[int, tuple[float, float]] = {}
    for number, (start, end) in enumerate(pairwise(starts.tolist())):
        if end > start:
            x, y = points.x[order[start:end]], points.y[order[start:end]]
            middle = int(np.argmin((x - x.mean()) ** 2 + (y - y.mean()) ** 2))
            found[number] = (float(x[middle]), float(y[middle]))
    xy = np.array([*found.values()]).reshape(-1, 2)
    at = gpd.GeoSeries(gpd.points_from_xy(xy[:, 0], xy[:, 1]), spots[[*found]], crs=points.crs)
    return at.to_crs(4326)


def _lonlat(places: gpd.GeoSeries) -> pd.DataFrame:
    return pd.DataFrame({"lon": places.x.round(6), "lat": places.y.round(6)}, index=places.index)


def _required(spots: gpd.GeoDataFrame, unseen: gpd.GeoDataFrame, task: str) -> NDArray[np.object_]:
    """Return the task at which each spot is explained: that of the unseen key place in it, if any."""
    found = np.full(len(spots), task, dtype=object)
    place, row = spots.sindex.query(unseen.geometry.to_numpy(), predicate="intersects")
    first = pd.Series(place, index=row).groupby(level=0).min()
    held = first[(spots["key_places"].to_numpy() > 0)[first.index.to_numpy()]]
    found[held.index.to_numpy()] = unseen["required_task"].to_numpy(dtype=object)[held.to_numpy()]
    return found


def _features(
    spots: gpd.GeoDataFrame, reasons: pd.DataFrame, of_cell: pd.Series, grid: pd.Series | None
) -> gpd.GeoDataFrame:
    found = spots.join(reasons)
    if grid is None:
        found["grid"] = None
    else:
        first = of_cell.reset_index().drop_duplicates("group").set_index("group")["cell"]
        found["grid"] = grid.reindex(first.reindex(found.index).to_numpy()).to_numpy()
    found["score"] *= 100
    found.index = pd.Index(to_text(found.index.to_numpy()))
    return found


def _areas(
    spots: gpd.GeoDataFrame, of_cell: pd.Series, exposure: pd.DataFrame, inputs: Inputs
) -> pd.DataFrame:
    blind = exposure.reindex(of_cell.index)
    at_blind, at_all = Located(middles(of_cell.index.to_numpy())), Located(middles(exposure.index.to_numpy()))
    rows = []
    for one in areas(inputs):
        rows_blind, rows_all = at_blind.inside(one), at_all.inside(one)
        part, whole = blind.iloc[rows_blind], exposure.iloc[rows_all]
        found: dict[str, Any] = {"layer": one.layer, "code": one.code, "name": one.name}
        found["spots"] = float(of_cell.iloc[rows_blind].nunique())
        for name in ("people", "incidents", "road_m", "key_places"):
            found[name] = float(part[name].sum())
            found[f"all_{name}"] = float(whole[name].sum())
        found["people_rate"] = found["people"] / found["all_people"] if found["all_people"] > 0 else np.nan
        rows.append(found)
    return pd.DataFrame(rows)


def _note(  # noqa: PLR0917
    parameters: BlindSpotParameters,
    views: MethodNote,
    spots: gpd.GeoDataFrame,
    exposure: pd.DataFrame,
    homeless: float,
    inputs: Inputs,
) -> MethodNote:
    facts = {
        **views.facts,
        "counted": len(spots),
        "blind_people": round(float(spots["people"].sum()), 1),
        "people": round(float(exposure["people"].sum()), 1),
        "people_without_a_home": round(homeless, 1),
        "incidents": len(inputs.frames["incidents"]),
        "explained": min(len(spots), MOST_EXPLAINED),
    }
    return MethodNote(
        method=(
            "Cells of resolution 12 with residents (spread over residential buildings by floor area) or "
            "within 15 m of a street of class residential and above, of whose outdoor ground no working "
            "camera sees any; and key places of which nothing is seen at the task of their class. Neighbours "
            "in one grid join to a spot. Its score is the weighted mean of its shares of all people, "
            "incidents, street metres and key places in blind spots, in per cent."
        ),
        source=views.source,
        parameters=parameters.model_dump(mode="json"),
        facts=facts,
        limits=(
            *views.limits,
            "Farmland, water and the inside of buildings are no blind spots.",
            f"The cause is found for one outdoor point of each of the {MOST_EXPLAINED} most exposed spots.",
        ),
    )


CAMERA_BLIND_SPOTS = Kind(
    name="camera_blind_spots",
    title=Words(zh="视频盲区", en="Camera blind spots"),
    description=Words(
        zh="有人居住或通行而没有在线摄像机看到的相连单元，按暴露程度排序并说明原因；编号在多次分析间保持不变。",
        en="Connected cells where people live or pass and no working camera looks, ranked by exposure, with "
        "the cause; their ids stay over runs.",
    ),
    parameters=BlindSpotParameters,
    check=check_weights,
    wanted=wanted,
    compute=compute,
    columns=(
        Column("score", Words(zh="暴露得分（%）", en="Exposure (%)"), 3),
        Column("rank", Words(zh="名次", en="Rank"), 0),
        Column("cells", Words(zh="单元数", en="Cells"), 0, amount=True),
        Column("area_m2", Words(zh="盲区面积", en="Area"), 0, amount=True),
        Column("people", Words(zh="常住人口", en="Residents"), 1, amount=True),
        Column("incidents", Words(zh="事件数", en="Incidents"), 0, amount=True),
        Column("road_m", Words(zh="道路长度", en="Streets"), 0, amount=True),
        Column("key_places", Words(zh="未看到的重点部位", en="Key places not seen"), 2, amount=True),
        Column("share_people", Words(zh="人口占全部盲区", en="Share of people"), 4),
        Column("share_incidents", Words(zh="事件占全部盲区", en="Share of incidents"), 4),
        Column("share_road_m", Words(zh="道路占全部盲区", en="Share of streets"), 4),
        Column("share_key_places", Words(zh="重点部位占全部盲区", en="Share of key places"), 4),
        Column("cause", Words(zh="原因", en="Cause"), type="text"),
        Column("camera", Words(zh="相关摄像机", en="Camera concerned"), type="text"),
        Column("task", Words(zh="任务级别", en="Task"), type="text"),
        Column("grid", Words(zh="所在网格", en="Grid"), type="text"),
        Column("lon", Words(zh="代表点经度", en="Longitude of its place"), 6),
        Column("lat", Words(zh="代表点纬度", en="Latitude of its place"), 6),
    ),
    area_columns=(
        Column("spots", Words(zh="盲区数", en="Spots"), 0, amount=True),
        Column("people", Words(zh="盲区内人口", en="People in blind spots"), 0, amount=True),
        Column("all_people", Words(zh="常住人口（分母）", en="Residents (denominator)"), 0, amount=True),
        Column("people_rate", Words(zh="盲区人口占比", en="Share of people"), 3),
        Column("incidents", Words(zh="盲区内事件", en="Incidents in blind spots"), 0, amount=True),
        Column("all_incidents", Words(zh="评估单元内事件", en="Incidents in all cells"), 0, amount=True),
        Column("road_m", Words(zh="盲区内道路", en="Streets in blind spots"), 0, amount=True),
        Column("all_road_m", Words(zh="道路（分母）", en="Streets (denominator)"), 0, amount=True),
        Column("key_places", Words(zh="未看到的重点部位", en="Key places not seen"), 1, amount=True),
    ),
    shown="score",
    result="features",
    shape="areas",
    follows=True,
    subject=SUBJECT,
    asks={
        **ASKS,
        "people": Asked(Words(zh="人口权重", en="Weight of people")),
        "incidents": Asked(Words(zh="事件权重", en="Weight of incidents")),
        "streets": Asked(Words(zh="道路权重", en="Weight of streets")),
        "key_places": Asked(Words(zh="重点部位权重", en="Weight of key places")),
        "most_seen": Asked(Words(zh="允许的可见占比", en="Share that may be seen")),
    },
    ramp=Ramp(
        dark=("#5B3A1E", "#8A5220", "#BD6C22", "#E8923A", "#FFC98A"),
        light=("#FBE3C8", "#F4BE86", "#E58F43", "#BF6518", "#7F3F09"),
    ),
)
