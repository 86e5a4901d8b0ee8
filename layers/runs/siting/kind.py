"""The kind ``site_plan``: ranked places of new stations, cameras and shared poles, with the proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.notes import MethodNote
from layers.city import CARD
from layers.definitions.loading import Catalog
from layers.definitions.words import Words
from layers.runs.cameras.areas import area_layers, areas, points_of
from layers.runs.cameras.blind_spots import BlindSpotParameters
from layers.runs.cameras.blind_spots import wanted as wanted_for_blind_spots
from layers.runs.kinds import Column, Inputs, Kind, Outcome, Progress, Ramp, Wanted, Wording
from layers.runs.parameters import bad
from layers.runs.radio_inputs import DOCUMENTS, RadioParameters
from layers.runs.radio_inputs import wanted as wanted_for_radio
from layers.runs.siting.asking import ASKS, SUBJECT
from layers.runs.siting.cameras import plan_cameras
from layers.runs.siting.findings import findings_of, first_year
from layers.runs.siting.made import Made
from layers.runs.siting.parameters import Device, SitingParameters
from layers.runs.siting.places import candidate_layers
from layers.runs.siting.shared_poles import plan_poles
from layers.runs.siting.sharing import sharing_layers
from layers.runs.siting.stations import plan_stations

PLANNERS: dict[Device, Callable[[SitingParameters, Inputs, Progress], Made]] = {
    Device.STATIONS: plan_stations,
    Device.CAMERAS: plan_cameras,
    Device.POLES: plan_poles,
}
#: What is told of a site and of its host.
SETTING = ("height_m", "azimuth_deg", "tilt_deg")
HOST = ("source", "code", "name", "owner", "power")
#: What is told of the sites of some devices, or of some runs, only.
OF_SOME = ("stays", "cameras", "sensors", "saved")
OF_SOME_TEXT = ("uses", "camera_azimuths")


def check(parameters: SitingParameters, catalog: Catalog) -> None:
    """Raise `BadRunParameter` for what cannot be asked together."""
    if parameters.by_year and not sum(parameters.by_year):
        raise bad("by_year", ", ".join(map(str, parameters.by_year)), "one-year-above-0")
    if parameters.focus and parameters.device is Device.STATIONS:
        raise bad("focus", len(parameters.focus), "cameras-only")
    if parameters.times > 1 and parameters.device is not Device.CAMERAS:
        raise bad("times", parameters.times, "cameras-only")
    if both := set(parameters.forced) & set(parameters.forbidden):
        raise bad("forbidden", min(both), "not-forced")
    if parameters.money_by_year and not sum(parameters.money_by_year):
        raise bad("money_by_year", 0, "one-year-above-0")


def wanted(parameters: SitingParameters) -> list[Wanted]:
    """Return the layers that a run reads; each role once, with all that its parts need."""
    found: list[Wanted] = [*candidate_layers(parameters), Wanted("water", (), "water"), *area_layers()]
    if parameters.device is not Device.CAMERAS:
        found += wanted_for_radio(RadioParameters())
    if parameters.device is not Device.STATIONS:
        found += wanted_for_blind_spots(BlindSpotParameters())
    if parameters.device is Device.POLES:
        found += sharing_layers()
    by_role: dict[str, Wanted] = {}
    for one in found:
        by_role[one.role] = _both(by_role[one.role], one) if one.role in by_role else one
    return list(by_role.values())


def _both(one: Wanted, other: Wanted) -> Wanted:
    """Return what serves two that read the same layer in the same role."""
    return Wanted(
        one.layer, tuple(dict.fromkeys((*one.fields, *other.fields))), one.role,
        one.optional and other.optional, max(one.margin_m, other.margin_m),
        tuple(dict.fromkeys((*one.states, *other.states))),
    )  # fmt: skip


def compute(parameters: SitingParameters, inputs: Inputs, progress: Progress) -> Outcome:
    """Plan, and tell the ranked places, the curve, the proof and the regions."""
    made = PLANNERS[parameters.device](parameters, inputs, progress)
    sites = _features(parameters, made, inputs)
    progress(0.98)
    plan = made.plan
    note = MethodNote(
        plan.note.method,
        plan.note.source,
        _counted(parameters),
        {**made.facts, **plan.note.facts},
        (
            "Costs are ours, to compare candidates with each other; a city puts its own in their place.",
            *made.limits,
            *plan.note.limits,
        ),
    )
    return Outcome(
        cells=sites,
        areas=_areas(sites, inputs),
        note=note,
        units={
            "gain": made.unit,
            "cost": "10,000 CNY",
            "saved": "10,000 CNY",
            "height_m": "m",
            "azimuth_deg": "°",
            "tilt_deg": "°",
        },
        findings=[*findings_of(parameters, made, sites, inputs), *made.findings],
        parts=made.parts,
    )


def _counted(parameters: SitingParameters) -> dict[str, Any]:
    """Return the parameters that a note names: long lists and shapes by their size."""
    found = parameters.counted()
    for name in ("focus", "forced", "forbidden"):
        if name in found:
            found[name] = len(found[name])
    for name in ("area", "keep_out"):
        if name in found:
            found[name] = "GeoJSON"
    return found


def _features(parameters: SitingParameters, made: Made, inputs: Inputs) -> gpd.GeoDataFrame:
    plan, sites = made.plan, made.sites
    count = len(sites)
    phase = plan.phase if plan.phase is not None else np.zeros(count, dtype=np.int64)
    whole = made.whole
    rank = np.arange(1, count + 1)
    found = gpd.GeoDataFrame(
        {
            "rank": rank.astype(float),
            "year": (first_year(parameters, inputs) + phase).astype(float),
            "gain": plan.gains,
            "covered_share": (plan.already + np.cumsum(plan.gains)) / whole if whole > 0 else np.nan,
            "cost": sites["cost"].to_numpy(dtype=float),
            **{name: sites[name].to_numpy(dtype=float) for name in SETTING},
            **{name: sites[name].to_numpy(dtype=float) if name in sites else np.nan for name in OF_SOME},
            "device": str(parameters.device),
            **{name: sites[name].to_numpy(dtype=object) for name in HOST},
            **{name: sites[name].to_numpy(dtype=object) if name in sites else None for name in OF_SOME_TEXT},
        },
        geometry=sites.geometry.to_numpy(),
        crs=4326,
    )
    found = found.rename(columns={"code": "host"})
    found["grid"] = _grids(found, inputs)
    found.index = pd.Index([f"{one:04d}" for one in rank])
    return found


def _grids(sites: gpd.GeoDataFrame, inputs: Inputs) -> pd.Series:
    """Return the governance grid of each site, else its community."""
    located = points_of(sites)
    found = np.full(len(sites), None, dtype=object)
    for layer in ("communities", "governance_grids"):
        for one in areas(inputs):
            if one.layer == layer:
                found[located.inside(one)] = one.code
    return pd.Series(found, index=sites.index, dtype=object)


def _areas(sites: gpd.GeoDataFrame, inputs: Inputs) -> pd.DataFrame:
    located = points_of(sites)
    rows = []
    for one in areas(inputs):
        some = sites.iloc[located.inside(one)]
        rows.append(
            {
                "layer": one.layer, "code": one.code, "name": one.name, "sites": float(len(some)),
                "gain": float(some["gain"].sum()), "cost": float(some["cost"].sum()),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def wording(parameters: Mapping[str, Any], catalog: Catalog) -> Wording:
    """Leave out the columns that say nothing of what was placed."""
    hidden = [] if parameters.get("sensitivity") else ["stays"]
    if parameters["device"] != Device.POLES:
        hidden += ["uses", "cameras", "camera_azimuths", "sensors", "saved"]
    return Wording(columns=dict.fromkeys(hidden))


SITE_PLAN = Kind(
    name="site_plan",
    title=Words(zh="选址方案", en="Site plan"),
    description=Words(
        zh="在现有站址、杆塔与建筑上为 5G 基站、摄像机与多用杆选址，按边际增益排序，附最优性差距的证明。",
        en="Where new 5G sites, cameras and shared poles bring most, on what stands already, ranked by what "
        "each adds, with a proof of how near the plan is to the best.",
    ),
    parameters=SitingParameters,
    check=check,
    wanted=wanted,
    compute=compute,
    columns=(
        Column("gain", Words(zh="新增覆盖", en="Gain"), 2, amount=True),
        Column("rank", Words(zh="名次", en="Rank"), 0),
        Column("year", Words(zh="建设年份", en="Year"), 0),
        Column("covered_share", Words(zh="累计覆盖占比", en="Covered so far, share"), 4),
        Column("cost", Words(zh="估算投资", en="Cost"), 1, amount=True),
        Column("height_m", Words(zh="挂高", en="Height"), 1),
        Column("azimuth_deg", Words(zh="方位角", en="Azimuth"), 0),
        Column("tilt_deg", Words(zh="下倾角", en="Tilt"), 0),
        Column("device", Words(zh="选址对象", en="What is placed"), type="text"),
        Column("source", Words(zh="候选点来源", en="Candidate from"), type="text"),
        Column("host", Words(zh="承载物代码", en="Host"), type="text"),
        Column("name", Words(zh="承载物名称", en="Name of the host"), type="text"),
        Column("owner", Words(zh="权属", en="Owner"), type="text"),
        Column("power", Words(zh="供电", en="Power"), type="text"),
        Column("grid", Words(zh="所在网格", en="Grid"), type="text"),
        Column("stays", Words(zh="敏感性分析中保留占比", en="Stays in trials, share"), 2),
        Column("uses", Words(zh="搭载用途", en="Uses"), type="text"),
        Column("cameras", Words(zh="搭载摄像机", en="Cameras"), 0, amount=True),
        Column("camera_azimuths", Words(zh="摄像机方位角", en="Azimuths of cameras"), type="text"),
        Column("sensors", Words(zh="搭载感知设备", en="Sensors"), 0, amount=True),
        Column("saved", Words(zh="合杆节省", en="Saved by sharing"), 1, amount=True),
    ),
    area_columns=(
        Column("sites", Words(zh="新址", en="New sites"), 0, amount=True),
        Column("gain", Words(zh="新增覆盖", en="Gain"), 2, amount=True),
        Column("cost", Words(zh="估算投资", en="Cost"), 1, amount=True),
    ),
    shown="gain",
    result="features",
    shape="points",
    keeps_best=True,
    wording=wording,
    subject=SUBJECT,
    asks=ASKS,
    documents=(*DOCUMENTS, CARD),
    ramp=Ramp(
        dark=("#24506B", "#2C7390", "#3A99AE", "#5CC0BE", "#A5E8CF"),
        light=("#CFEDE4", "#8FD0C8", "#4FA9AD", "#2B7E91", "#195670"),
    ),
)
