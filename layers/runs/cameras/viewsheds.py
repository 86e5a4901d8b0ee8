"""The kind ``camera_viewsheds``: what each camera sees, as a shape."""

from __future__ import annotations

import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.cameras import reach, working
from layers.definitions.words import Words
from layers.runs.cameras.areas import area_layers, areas, points_of
from layers.runs.cameras.scene import (
    ASKS,
    SUBJECT,
    CameraParameters,
    camera_layers,
    check,
    chosen_cameras,
    rates,
    watch,
)
from layers.runs.kinds import Asked, Column, Inputs, Kind, Outcome, Progress, Ramp, Wanted
from layers.runs.subjects import SubjectPart

RATES = (
    Column("cameras", Words(zh="摄像机", en="Cameras"), 0, amount=True),
    Column("online", Words(zh="在线", en="Online"), 0, amount=True),
    Column("online_rate", Words(zh="在线率", en="Online rate"), 3),
    Column("networked", Words(zh="已联网", en="Networked"), 0, amount=True),
    Column("networked_rate", Words(zh="联网率", en="Networked rate"), 3),
    Column("unknown_direction", Words(zh="方位未知", en="Direction unknown"), 0, amount=True),
)


class ViewshedParameters(CameraParameters):
    """Also whether to draw what PTZ cameras could see if they turned, which never counts.

    Attributes
    ----------
    reachable : bool
        Draw the reach of PTZ cameras in place of the views.
    """

    reachable: bool = False


def wanted(parameters: ViewshedParameters) -> list[Wanted]:
    """Return the layers that a run reads."""
    return [*camera_layers(), *area_layers()]


def compute(parameters: ViewshedParameters, inputs: Inputs, progress: Progress) -> Outcome:
    """Draw the views."""
    cameras = chosen_cameras(parameters, inputs)
    sheds = watch(cameras, inputs, parameters.task, parameters.target_height_m)
    note = sheds.attrs["note"]
    progress(0.7)
    if parameters.reachable:
        could = reach(
            cameras,
            inputs.frames["buildings"],
            task=parameters.task,
            target_height_m=parameters.target_height_m,
        )
        sheds = could.join(cameras.drop(columns=["geometry", "range_m"]))
        note = replace(note, limits=("What a PTZ could see if it turned; this never counts.", *note.limits))
    covers = working(sheds) & ~parameters.reachable
    code = sheds["code"].where(sheds["code"].notna(), pd.Series(sheds.index.astype(str), index=sheds.index))
    found = gpd.GeoDataFrame(
        {
            "covers": np.where(covers, 1.0, 0.0),
            "area_m2": sheds["area_m2"].to_numpy(),
            "range_m": sheds["range_m"].to_numpy(),
            "near_m": np.where(np.isfinite(sheds["near_m"]), sheds["near_m"], np.nan),
            "camera": code.to_numpy(dtype=object),
            "kind": sheds["kind"].to_numpy(dtype=object),
            "tier": sheds["tier"].to_numpy(dtype=object),
            "assumed": sheds["assumed"].to_numpy(dtype=object),
        },
        geometry=sheds.geometry.to_numpy(),
        index=pd.Index(code.to_numpy(dtype=object)),
        crs=4326,
    )
    found = found[~found.geometry.is_empty & ~found.index.duplicated()]
    progress(0.9)
    return Outcome(
        cells=found,
        areas=_areas(cameras, inputs),
        note=replace(note, parameters={**note.parameters, **parameters.model_dump(mode="json")}),
        units={"area_m2": "m²", "range_m": "m", "near_m": "m"},
    )


def _areas(cameras: gpd.GeoDataFrame, inputs: Inputs) -> pd.DataFrame:
    located = points_of(cameras)
    rows = [
        {"layer": one.layer, "code": one.code, "name": one.name, **rates(cameras, located.inside(one))}
        for one in areas(inputs)
    ]
    return pd.DataFrame(rows)


CAMERA_VIEWSHEDS = Kind(
    name="camera_viewsheds",
    title=Words(zh="摄像机视域", en="What cameras see"),
    description=Words(
        zh="每台摄像机按方位、视角、像素密度、俯角与建筑遮挡实际能看到的范围；离线与云台可达范围不计入覆盖。",
        en="What each camera really sees by its direction, angle, pixels, tilt and the buildings in its way; "
        "offline cameras and the reach of PTZ cameras do not cover.",
    ),
    parameters=ViewshedParameters,
    check=check,
    wanted=wanted,
    compute=compute,
    columns=(
        Column("covers", Words(zh="计入覆盖", en="Covers"), 0),
        Column("area_m2", Words(zh="可见面积", en="Area seen"), 0),
        Column("range_m", Words(zh="有效距离", en="Range"), 1),
        Column("near_m", Words(zh="近端盲区", en="Dead zone"), 1),
        Column("camera", Words(zh="摄像机", en="Camera"), type="text"),
        Column("kind", Words(zh="类型", en="Kind"), type="text"),
        Column("tier", Words(zh="类别", en="Tier"), type="text"),
        Column("assumed", Words(zh="假定的字段", en="Fields assumed"), type="text"),
    ),
    area_columns=RATES,
    shown="covers",
    result="features",
    shape="areas",
    classes=((Words(zh="在线，计入覆盖", en="Online, covers"), math.inf),),
    subject=(
        *SUBJECT,
        SubjectPart(
            "reachable", prefix="reach", words={"true": Words(zh="球机可达范围", en="reach of PTZ cameras")}
        ),
    ),
    asks={
        **ASKS,
        "reachable": Asked(
            Words(zh="云台可达范围", en="Reach of PTZ cameras"),
            Words(zh="只供参考，不计入覆盖", en="For reference; it never counts"),
        ),
    },
    ramp=Ramp(dark=("#3FA7A0",), light=("#0F8C84",)),
)
