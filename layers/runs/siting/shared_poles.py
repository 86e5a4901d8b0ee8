"""Shared poles: one pole with a 5G micro site, cameras and sensors, by what all of them bring together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse
from numpy.typing import NDArray

from geo.cells import index, parents
from geo.crs import metric_crs
from geo.siting import within
from geo.siting.radio_gain import radio_covers
from layers.runs.kinds import Inputs, Progress
from layers.runs.people import people_by_cell
from layers.runs.radio_inputs import RadioParameters, antennas_in, sectors_of
from layers.runs.siting.cameras import MOST_HEADS, Blind, blind_ground, heads, in_reach, seen_points
from layers.runs.siting.findings import by_town
from layers.runs.siting.made import Made, Problem, solved
from layers.runs.siting.model import Model, parts_of, rows_of_usable
from layers.runs.siting.parameters import SitingParameters
from layers.runs.siting.places import candidates_of, excluded, told_of, usable_of
from layers.runs.siting.robustness import tried
from layers.runs.siting.sharing import sharing
from layers.runs.siting.stations import FALL_DB, RESOLUTION, SECTOR, predicted, wanted_settings

#: Parts of what is asked for, in percent: people without 5G, ground that nobody sees, loose sensors.
NEEDS = {"5g": 40.0, "camera": 40.0, "sensor": 20.0}
#: What a device costs on a pole that stands, in 10,000 yuan; what makes a lamp post a multi-use pole; and a
#: pole of its own, for the site, the cameras of a place, and each sensor. Ours, for comparing.
ON_POLE = {"5g": 6.0, "camera": 0.8, "sensor": 0.05}
CONVERTED = 4.0
OWN_POLE = {"5g": 5.0, "camera": 1.7, "sensor": 0.6}
#: A micro site: its power, how far it counts, the directions that are tried.
MICRO = {**SECTOR, "power_dbm": 44.0}
MICRO_M = 600.0
ROTATIONS_DEG, TILTS_DEG = (0.0, 30.0, 60.0, 90.0), (4.0,)
#: A sensor hangs on a pole no farther from it than this.
SENSOR_M = 30.0
#: Share of what the first camera of a pole sees that a second must add.
WORTH_A_SECOND = 0.25
#: Antennas hang no lower than this.
HEIGHT_M = 8.0
#: People whom a micro site must bring for it to be a use of a pole.
LEAST_PEOPLE = 5.0


@dataclass(frozen=True, slots=True)
class Uses:
    """What each candidate pole would carry, each at its best.

    Attributes
    ----------
    rotation_deg : ndarray of float64
        Azimuth of the first sector; NaN for a pole without a micro site.
    azimuths : list of tuple of float
        Of cameras.
    sensors : ndarray of int64
        Sensors in reach.
    """

    rotation_deg: NDArray[np.float64]
    azimuths: list[tuple[float, ...]]
    sensors: NDArray[np.int64]

    def names(self, pole: int) -> list[str]:
        """Return the uses of a pole."""
        has = {
            "5g": bool(np.isfinite(self.rotation_deg[pole])),
            "camera": bool(self.azimuths[pole]),
            "sensor": bool(self.sensors[pole]),
        }
        return [name for name, some in has.items() if some]


def plan_poles(parameters: SitingParameters, inputs: Inputs, progress: Progress) -> Made:
    """Choose poles by what a micro site, cameras and sensors on them bring beyond what stands."""
    candidates = candidates_of(parameters, inputs)
    blind = blind_ground(parameters, inputs)
    progress(0.2)
    open_ = (candidates["reasons"].map(len) == 0).to_numpy(dtype=bool)
    poles = candidates[open_].reset_index(drop=True)
    cells, missing = _without_5g(parameters, inputs)
    progress(0.4)
    radio, rotation = _radio(parameters, poles, cells, missing, inputs)
    video, azimuths = _video(parameters, poles, blind, inputs)
    sensors = inputs.frames["carried_sensors"]
    loose = np.flatnonzero((sensors["carrier_code"].isna() & ~sensors.geometry.is_empty).to_numpy())
    hung = _hung(poles, sensors.iloc[loose])
    progress(0.6)
    uses = Uses(rotation, azimuths, np.diff(hung.indptr))
    poles = _with_uses(poles, uses, inputs)
    every = gpd.GeoDataFrame(pd.concat([candidates[~open_], poles], ignore_index=True), crs=4326)
    shared = usable_of(every, parameters)
    rows = np.flatnonzero((poles["reasons"].map(len) == 0).to_numpy(dtype=bool))
    asked = (missing, blind.weight, np.ones(len(loose)))
    weights = np.concatenate(
        [need * one / max(float(one.sum()), 1e-12) for need, one in zip(NEEDS.values(), asked, strict=True)]
    )
    covers = scipy.sparse.hstack([radio, video, hung]).tocsr()[rows]
    reached = np.unique(covers.indices)  # what no candidate reaches is no part of the problem
    problem = Problem(covers[:, reached], weights[reached], shared, "%")

    def ranged(factor: float) -> Problem:
        other, _ = _radio(parameters, poles, cells, missing, inputs, factor=factor)
        seen, _ = _video(parameters, poles, blind, inputs, factor=factor)
        return replace(problem, covers=scipy.sparse.hstack([other, seen, hung]).tocsr()[rows][:, reached])

    plan = solved(parameters, inputs, problem, progress=progress, start=0.6, end=0.85)
    chosen = rows[plan.chosen]
    sites = (
        shared.iloc[plan.chosen]
        .reset_index(drop=True)
        .assign(
            azimuth_deg=rotation[chosen],
            tilt_deg=np.where(np.isfinite(rotation[chosen]), TILTS_DEG[0], np.nan),
        )
    )
    findings = [_saving(sites), _sharing(sites, hung[chosen], loose, inputs), told_of(every)]
    if parameters.sensitivity:
        stays = tried(parameters, inputs, problem, plan, ranged)
        sites["stays"] = stays.share
        findings.append(stays.finding)
    progress(0.95)
    won = [_together(block[chosen]) for block in (radio, video, hung)]
    findings.append(by_town(cells, missing, 0 * missing, missing * won[0], inputs, "people"))
    facts = {
        "people_without_5g": round(float(missing.sum())),
        "people_won": round(float((missing * won[0]).sum())),
        "exposure_closed_percent": round(float((blind.weight * won[1]).sum()), 2),
        "sensors_without_carrier": len(loose),
        "sensors_hung": int((won[2] > 0).sum()),
        **excluded(every),
    }
    limits = (
        "What a pole brings is told in percent of what is asked for: people without 5G count 40, ground that "
        "nobody sees 40, sensors without a carrier 20. Ours.",
        f"A micro site has three sectors of {MICRO['power_dbm']:g} dBm and is predicted alone, by the model "
        f"UMi, up to {MICRO_M:g} m; a pole carries at most {MOST_HEADS} cameras and the sensors within "
        f"{SENSOR_M:g} m. A pole with one use only is no candidate.",
        "Saved: what the same devices would cost beyond this with a pole of its own for the site, the "
        "cameras and each sensor.",
    )
    hanging = sensors.geometry.iloc[loose]
    # All demand in cells of one size, so that it adds up in hexagons.
    demand = np.concatenate(
        [cells, parents(blind.cells, RESOLUTION)[blind.cell], index(hanging.x, hanging.y, RESOLUTION)]
    )
    turned = rotation[rows]
    model = Model(
        every, rows_of_usable(every), turned, np.where(np.isfinite(turned), TILTS_DEG[0], np.nan),
        covers, weights, demand, 1,
    )  # fmt: skip
    made = gpd.GeoDataFrame(sites, crs=4326)
    parts = parts_of(model, plan.chosen)
    return Made(plan, made, "%", 100.0, facts, tuple(findings), limits, parts)


def _without_5g(
    parameters: SitingParameters, inputs: Inputs
) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
    """Return cells with people, and how many of these the network that stands leaves without 5G."""
    people = people_by_cell(inputs.frames["people"], RESOLUTION, inputs.region)
    people = people[people > 0]
    cells = people.index.to_numpy(dtype=np.uint64)
    radio = RadioParameters(scenario=parameters.scenario)
    sectors = sectors_of(radio, inputs)
    now = predicted(sectors[sectors["in_service"]], cells, wanted_settings(parameters), radio, inputs)
    has = now["covered_probability"].clip(0, 1).to_numpy(dtype=float)
    return cells, people.to_numpy(dtype=float) * (1.0 - has)


def _radio(  # noqa: PLR0917
    parameters: SitingParameters,
    poles: gpd.GeoDataFrame,
    cells: NDArray[np.uint64],
    missing: NDArray[np.float64],
    inputs: Inputs,
    factor: float = 1.0,
) -> tuple[scipy.sparse.csr_array, NDArray[np.float64]]:
    """Return what a micro site on each pole covers in its best direction, and that direction."""
    settings = replace(wanted_settings(parameters), cutoff_m=MICRO_M * max(factor, 1.0))
    height = poles["height_m"].fillna(HEIGHT_M).clip(lower=HEIGHT_M).round(1)
    power = MICRO["power_dbm"] + FALL_DB * np.log10(factor)
    places = poles[["geometry"]].assign(**{**MICRO, "power_dbm": power, "height_m": height})
    found = radio_covers(
        places, cells, model="umi", settings=settings, patterns=antennas_in(inputs),
        rotations_deg=ROTATIONS_DEG, tilts_deg=TILTS_DEG,
    )  # fmt: skip
    worth = (found.covers @ missing).reshape(len(poles), -1)
    best = worth.argmax(axis=1)
    rows = np.arange(len(poles)) * worth.shape[1] + best
    enough = worth.max(axis=1) >= LEAST_PEOPLE
    covers = scipy.sparse.csr_array(scipy.sparse.diags_array(enough.astype(float)) @ found.covers[rows])
    covers.eliminate_zeros()
    return covers, np.where(enough, found.rotation_deg[rows], np.nan)


def _video(
    parameters: SitingParameters,
    poles: gpd.GeoDataFrame,
    blind: Blind,
    inputs: Inputs,
    factor: float = 1.0,
) -> tuple[scipy.sparse.csr_array, list[tuple[float, ...]]]:
    """Return what the best one or two cameras of each pole see of what nobody sees, and their directions."""
    task = str(parameters.task)
    near = np.flatnonzero(
        ["sees_no_blind_spot" not in one for one in in_reach(poles, blind, task)["reasons"].tolist()]
    )
    tried_heads = heads(poles.iloc[near].reset_index(drop=True))
    tried_heads["pixels_horizontal"] *= factor
    seen = seen_points(tried_heads, blind, inputs, task)
    azimuths: list[tuple[float, ...]] = [()] * len(poles)
    pairs: list[tuple[int, NDArray[np.int64]]] = []
    turns = tried_heads["azimuth_deg"].to_numpy(dtype=float).reshape(len(near), -1)
    for at, pole in enumerate(near.tolist()):
        views = [seen[[at * turns.shape[1] + turn]].indices for turn in range(turns.shape[1])]
        worth = [float(blind.weight[view].sum()) for view in views]
        first = int(np.argmax(worth))
        if worth[first] <= 0:
            continue
        chosen = [first]
        fresh = [float(blind.weight[np.setdiff1d(view, views[first])].sum()) for view in views]
        second = int(np.argmax(fresh))
        if fresh[second] >= WORTH_A_SECOND * worth[first]:
            chosen.append(second)
        azimuths[pole] = tuple(float(turns[at, turn]) for turn in chosen)
        pairs.append((pole, np.unique(np.concatenate([views[turn] for turn in chosen]))))
    rows = np.repeat([pole for pole, _ in pairs], [len(view) for _, view in pairs]).astype(np.int64)
    columns = np.concatenate([view for _, view in pairs]) if pairs else np.zeros(0, dtype=np.int64)
    shape = (len(poles), len(blind.x))
    return scipy.sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape), azimuths


def _hung(poles: gpd.GeoDataFrame, sensors: gpd.GeoDataFrame) -> scipy.sparse.csr_array:
    """Return which pole is near enough to carry which sensor."""
    if not len(poles) or not len(sensors):
        return scipy.sparse.csr_array((len(poles), len(sensors)))
    crs = metric_crs(poles)
    at, where = (one.geometry.to_crs(crs) for one in (poles, sensors))
    return within(np.column_stack([at.x, at.y]), np.column_stack([where.x, where.y]), SENSOR_M)


def _with_uses(poles: gpd.GeoDataFrame, uses: Uses, inputs: Inputs) -> gpd.GeoDataFrame:
    """Return poles with their uses, what these cost, what sharing saves, and which have one use only."""
    kinds = inputs.frames["poles"].set_index("code")["kind"]
    several = poles["code"].map(kinds[~kinds.index.duplicated()]) == "multi_use"
    cameras = np.array([len(one) for one in uses.azimuths])
    counts = {"5g": np.isfinite(uses.rotation_deg).astype(float), "camera": cameras, "sensor": uses.sensors}
    devices = sum(ON_POLE[name] * counts[name] for name in ON_POLE)
    # The cameras of a place would share a pole of their own too.
    own = (
        OWN_POLE["5g"] * counts["5g"] + OWN_POLE["camera"] * (cameras > 0) + OWN_POLE["sensor"] * uses.sensors
    )
    cost = poles["cost"] + devices + np.where(several, 0.0, CONVERTED)
    names = [uses.names(row) for row in range(len(poles))]
    return poles.assign(
        uses=[",".join(one) for one in names],
        cameras=cameras.astype(float),
        camera_azimuths=[",".join(f"{turn:g}" for turn in one) or None for one in uses.azimuths],
        sensors=uses.sensors.astype(float),
        stations=counts["5g"],
        cost=cost.round(2),
        saved=(devices + own - cost).round(2),
        reasons=pd.Series([() if len(one) > 1 else ("one_use_only",) for one in names], dtype=object),
    )


def _saving(sites: gpd.GeoDataFrame) -> dict[str, Any]:
    sums = {name: round(float(sites[name].sum()), 2) for name in ("cost", "saved")}
    counts = {name: int(sites[name].sum()) for name in ("stations", "cameras", "sensors")}
    apart = round(sums["cost"] + sums["saved"], 2)
    return {"what": "shared_poles", "poles": len(sites), **counts, **sums, "cost_apart": apart}


def _sharing(
    sites: gpd.GeoDataFrame, hung: scipy.sparse.csr_array, loose: NDArray[np.intp], inputs: Inputs
) -> dict[str, Any]:
    """Return the finding ``sharing``; a sensor hangs on the first of the poles that are near."""
    hosts = [code or f"new-{row}" for row, code in enumerate(sites["code"])]
    moved: dict[int, str] = {}
    for row, host in enumerate(hosts):
        for sensor in hung[[row]].indices.tolist():
            moved.setdefault(int(loose[sensor]), host)
    added = {
        "cameras": [
            host for host, count in zip(hosts, sites["cameras"], strict=True) for _ in range(int(count))
        ],
        "base_stations": [host for host, some in zip(hosts, sites["stations"], strict=True) if some],
    }
    return sharing(sites, added, moved, inputs)


def _together(covers: scipy.sparse.csr_array) -> NDArray[np.float64]:
    """Return how probably each demand is covered by any of some rows."""
    missed = np.ones(covers.shape[1])
    np.multiply.at(missed, covers.indices, 1.0 - covers.data)
    return 1.0 - missed
