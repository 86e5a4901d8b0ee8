"""The kind ``site_plan``: ranked places of new stations and cameras, with the proof."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.notes import MethodNote
from geo.siting import Plan
from layers.city import CARD, TARGETS
from layers.definitions.loading import Catalog
from layers.definitions.words import Words
from layers.runs.cameras.areas import area_layers, areas, points_of
from layers.runs.cameras.blind_spots import BlindSpotParameters
from layers.runs.cameras.blind_spots import wanted as wanted_for_blind_spots
from layers.runs.kinds import Column, Inputs, Kind, Outcome, Progress, Ramp, Wanted, bad
from layers.runs.radio_inputs import DOCUMENTS, RadioParameters
from layers.runs.radio_inputs import wanted as wanted_for_radio
from layers.runs.siting.cameras import plan_cameras
from layers.runs.siting.made import Made
from layers.runs.siting.parameters import ASKS, SUBJECT, Device, SitingParameters
from layers.runs.siting.places import candidate_layers
from layers.runs.siting.stations import plan_stations

PLANNERS: dict[Device, Callable[[SitingParameters, Inputs, Progress], Made]] = {
    Device.STATIONS: plan_stations,
    Device.CAMERAS: plan_cameras,
}
#: Targets of plans that sites of a device count for.
INDICATORS = {Device.STATIONS: "base_stations_5g"}


#: What is told of a site and of its host.
SETTING = ("height_m", "azimuth_deg", "tilt_deg")
HOST = ("source", "code", "name", "owner", "power")


def check(parameters: SitingParameters, catalog: Catalog) -> None:
    """Raise `BadRunParameter` for what cannot be asked together."""
    if parameters.by_year and not sum(parameters.by_year):
        raise bad("by_year", ", ".join(map(str, parameters.by_year)), "one-year-above-0")
    if parameters.focus and parameters.device is Device.STATIONS:
        raise bad("focus", len(parameters.focus), "cameras-only")


def wanted(parameters: SitingParameters) -> list[Wanted]:
    """Return the layers that a run reads; each role once."""
    found: dict[str, Wanted] = {}
    if parameters.device is Device.STATIONS:
        of_device = wanted_for_radio(RadioParameters())
    else:
        of_device = wanted_for_blind_spots(BlindSpotParameters())
    for one in (*of_device, *candidate_layers(parameters), Wanted("water", (), "water"), *area_layers()):
        found.setdefault(one.role, one)
    return list(found.values())


def compute(parameters: SitingParameters, inputs: Inputs, progress: Progress) -> Outcome:
    """Plan, and tell the ranked places, the curve, the proof and the regions."""
    made = PLANNERS[parameters.device](parameters, inputs, progress)
    sites = _features(parameters, made, inputs)
    progress(0.98)
    plan = made.plan
    note = MethodNote(
        plan.note.method,
        plan.note.source,
        {**parameters.model_dump(mode="json", exclude={"focus"}), **plan.note.parameters},
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
        units={"gain": made.unit, "cost": "10,000 CNY", "height_m": "m", "azimuth_deg": "°", "tilt_deg": "°"},
        findings=[*_findings(parameters, made, sites, inputs), *made.findings],
        parts=made.parts,
    )


def _features(parameters: SitingParameters, made: Made, inputs: Inputs) -> gpd.GeoDataFrame:
    plan, sites = made.plan, made.sites
    count = len(sites)
    phase = plan.phase if plan.phase is not None else np.zeros(count, dtype=np.int64)
    whole = plan.total if made.unit == "people" else 100.0
    rank = np.arange(1, count + 1)
    found = gpd.GeoDataFrame(
        {
            "rank": rank.astype(float),
            "year": (_first_year(parameters, inputs) + phase).astype(float),
            "gain": plan.gains,
            "covered_share": (plan.already + np.cumsum(plan.gains)) / whole if whole > 0 else np.nan,
            "cost": sites["cost"].to_numpy(dtype=float),
            **{name: sites[name].to_numpy(dtype=float) for name in SETTING},
            "device": str(parameters.device),
            **{
                name: sites[name].to_numpy(dtype=object)
                for name in ("source", "code", "name", "owner", "power")
            },
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


def _first_year(parameters: SitingParameters, inputs: Inputs) -> int:
    """Return the first year of the plan: as asked, or that after the city's own date."""
    as_of = inputs.documents.get(CARD, {}).get("as_of")
    now = date.fromisoformat(as_of) if as_of else datetime.now(UTC).date()
    return parameters.first_year or now.year + 1


def _findings(
    parameters: SitingParameters, made: Made, sites: gpd.GeoDataFrame, inputs: Inputs
) -> list[dict[str, Any]]:
    plan = made.plan
    found = [
        {
            "what": "proof", "method": plan.method, "bound_method": plan.bound_method,
            "covered": plan.covered, "already": plan.already, "total": plan.total, "bound": plan.bound,
            "gap": plan.gap, "proven": plan.proven, "seconds": round(plan.seconds, 2), "unit": made.unit,
            "text": plan.proof,
        },
        {
            "what": "curve", "unit": made.unit, "elbow": plan.elbow,
            "covered": [round(float(one), 4) for one in plan.curve],
            "cost": [round(float(one), 2) for one in sites["cost"].cumsum()],
        },
        *_years(plan, sites),
    ]  # fmt: skip
    return found + _targets(parameters, sites, inputs)


def _years(plan: Plan, sites: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    stands = plan.covered_by_phase if plan.covered_by_phase is not None else np.array([plan.covered])
    first = int(sites["year"].min()) if len(sites) else 0
    years = range(first, first + len(stands))
    return [
        {
            "what": "year", "year": year, "sites": int((sites["year"] == year).sum()),
            "cost": round(float(sites.loc[sites["year"] == year, "cost"].sum()), 2),
            "covered": float(plan.already + value),
        }
        for year, value in zip(years, stands.tolist(), strict=True)
    ]  # fmt: skip


def _targets(parameters: SitingParameters, sites: gpd.GeoDataFrame, inputs: Inputs) -> list[dict[str, Any]]:
    """Return the year in which each target of the plans is met, sites that stand counted; None for never.

    Targets are of the whole city: a run for a part of it does not know the sites of the rest, and tells none.
    """
    indicator = INDICATORS.get(parameters.device)
    of_a_part = inputs.city is not None and inputs.prefix != inputs.city_prefix and inputs.region is not None
    if indicator is None or of_a_part:
        return []
    standing = inputs.frames["sites"]
    now = int((standing["technology"] == "5g").sum())
    by_year = sites["year"].value_counts().sort_index().cumsum() + now
    found = []
    for one in inputs.documents.get(TARGETS, ()):
        if one["indicator"] == indicator:
            reached = by_year[by_year >= one["at_least"]]
            year = _first_year(parameters, inputs) - 1 if now >= one["at_least"] else None
            found.append(
                {
                    "what": "target", "year": one["year"], "at_least": one["at_least"], "now": now,
                    "after": now + len(sites), "source": one["source"],
                    "met_in": year if year is not None or reached.empty else int(reached.index[0]),
                }
            )  # fmt: skip
    return found


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


SITE_PLAN = Kind(
    name="site_plan",
    title=Words(zh="选址方案", en="Site plan"),
    description=Words(
        zh="在现有站址、杆塔与建筑上为 5G 基站与摄像机选址，按边际增益排序，附最优性差距的证明。",
        en="Where new 5G sites and cameras bring most, on what stands already, ranked by what each "
        "adds, with a proof of how near the plan is to the best.",
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
    ),
    area_columns=(
        Column("sites", Words(zh="新址", en="New sites"), 0, amount=True),
        Column("gain", Words(zh="新增覆盖", en="Gain"), 2, amount=True),
        Column("cost", Words(zh="估算投资", en="Cost"), 1, amount=True),
    ),
    shown="gain",
    result="features",
    subject=SUBJECT,
    asks=ASKS,
    documents=(*DOCUMENTS, CARD),
    ramp=Ramp(
        dark=("#24506B", "#2C7390", "#3A99AE", "#5CC0BE", "#A5E8CF"),
        light=("#CFEDE4", "#8FD0C8", "#4FA9AD", "#2B7E91", "#195670"),
    ),
)
