"""5G sites: three sectors at the azimuth and tilt that cover most people who are not covered yet."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse

from geo.crs import metric_crs
from geo.radio import Settings, is_covered, predict, samples_of
from geo.siting.radio_gain import radio_covers, three_sectors
from layers.runs.kinds import Inputs, Progress
from layers.runs.people import people_by_cell
from layers.runs.radio_indoor import DEPTH_M, HOMES
from layers.runs.radio_inputs import (
    RadioParameters,
    antennas_in,
    ground_of,
    outline_of,
    sectors_of,
    with_models,
)
from layers.runs.siting.findings import by_town
from layers.runs.siting.made import Made, Problem, solved
from layers.runs.siting.model import Model, parts_of, rows_of_usable
from layers.runs.siting.parameters import SitingParameters
from layers.runs.siting.places import candidates_of, excluded, told_of, usable_of
from layers.runs.siting.robustness import tried

RESOLUTION = 10
#: Equipment of a new site; values of sectors that a plan writes.
SECTOR = {
    "frequency_mhz": 2565.0, "bandwidth_mhz": 100.0, "subcarrier_spacing_khz": 30.0, "power_dbm": 53.0,
    "pattern": "8x8", "electrical_tilt_deg": 3.0, "beamwidth_deg": 65.0,
}  # fmt: skip


#: Fall of the level over a tenfold distance, TR 38.901 table 7.4.1-1, UMa without line of sight (in SMa and
#: RMa 38.6 under a mast of 35 m): what turns another range into another power.
FALL_DB = 39.08


def plan_stations(parameters: SitingParameters, inputs: Inputs, progress: Progress) -> Made:
    """Choose sites by the people whom they cover beyond the network that stands."""
    candidates = candidates_of(parameters, inputs)
    usable = usable_of(candidates, parameters)
    radio = RadioParameters(scenario=parameters.scenario)
    people = people_by_cell(inputs.frames["people"], RESOLUTION, inputs.region)
    people = people[people > 0]
    cells, weights = people.index.to_numpy(dtype=np.uint64), people.to_numpy(dtype=float)
    sectors = sectors_of(radio, inputs)
    working = sectors[sectors["in_service"]]
    settings = radio.settings()
    wanted = wanted_settings(parameters)
    now = predicted(working, cells, wanted, radio, inputs)
    progress(0.2)
    heights = usable["height_m"].fillna(30.0).to_numpy(dtype=float)
    places = with_models(usable[["geometry"]].assign(height_m=np.round(heights, 1), **SECTOR), radio, inputs)
    patterns = antennas_in(inputs)
    settled = radio_covers(places, cells, settings=wanted, patterns=patterns)
    progress(0.5)
    standing = scipy.sparse.csr_array(now["covered_probability"].clip(0, 1).to_numpy(dtype=float)[None, :])
    every = usable.iloc[settled.site].reset_index(drop=True)
    rows = pd.concat([every.iloc[:1], every], ignore_index=True)  # the first row stands for what stands
    problem = Problem(
        scipy.sparse.vstack([standing, settled.covers]).tocsr(), weights, gpd.GeoDataFrame(rows, crs=4326),
        "people", fixed=0, groups=[None, *settled.site.tolist()],
    )  # fmt: skip

    def ranged(factor: float) -> Problem:
        shifted = radio_covers(
            places.assign(power_dbm=SECTOR["power_dbm"] + FALL_DB * np.log10(factor)), cells,
            settings=wanted, patterns=patterns,
        )  # fmt: skip
        return replace(problem, covers=scipy.sparse.vstack([standing, shifted.covers]).tocsr())

    plan = solved(parameters, inputs, problem, progress=progress, start=0.5, end=0.8)
    stays = tried(parameters, inputs, problem, plan, ranged) if parameters.sensitivity else None
    progress(0.85)
    setting = plan.chosen - 1
    sites = usable.iloc[settled.site[setting]].reset_index(drop=True)
    sites = sites.assign(azimuth_deg=settled.rotation_deg[setting], tilt_deg=settled.tilt_deg[setting])
    sites["height_m"] = heights[settled.site[setting]]
    equipped = with_models(sites[["geometry", "height_m"]].assign(**SECTOR), radio, inputs)
    new = three_sectors(equipped, settled.rotation_deg[setting], settled.tilt_deg[setting])
    both = gpd.GeoDataFrame(pd.concat([working, new], ignore_index=True), crs=4326)
    then = predicted(both, cells, wanted, radio, inputs)
    checked = [
        float(weights[is_covered(one, settings.rsrp_threshold, settings.sinr_threshold).to_numpy()].sum())
        for one in (now, then)
    ]
    facts = {
        "people": round(float(weights.sum())),
        "people_covered_before": round(checked[0]),
        "people_covered_after": round(checked[1]),
        "people_expected_before": round(plan.already),
        "people_expected_planned": round(plan.already + float(plan.gains.sum())),
        "people_expected_after": round(float((then["covered_probability"].to_numpy() * weights).sum())),
        **excluded(candidates),
    }
    before, after = (weights * one["covered_probability"].to_numpy() for one in (now, then))
    findings = [by_town(cells, weights, before, after, inputs, "people"), told_of(candidates)]
    if stays is not None:
        sites["stays"] = stays.share
        findings.append(stays.finding)
    limits = (
        "A candidate is predicted alone, over flat ground and at the middle of each cell; the whole network "
        "with all chosen sites and their interference is predicted after, and both figures are told.",
        "Covered by several sites: their shadowing is taken as independent.",
    )
    model = Model(
        candidates, rows_of_usable(candidates)[settled.site], settled.rotation_deg, settled.tilt_deg,
        settled.covers, weights * (1.0 - standing.toarray()[0]), cells, 1,
    )  # fmt: skip
    made = gpd.GeoDataFrame(sites, crs=4326)
    parts = parts_of(model, setting)
    return Made(plan, made, "people", float(weights.sum()), facts, tuple(findings), limits, parts)


def wanted_settings(parameters: SitingParameters) -> Settings:
    """Return how people are to be covered: outdoors, or also indoors."""
    settings = RadioParameters().settings()
    return replace(settings, indoor=HOMES, depth_m=DEPTH_M) if parameters.indoor else settings


def predicted(
    sectors: gpd.GeoDataFrame, cells: np.ndarray, settings: Settings, radio: RadioParameters, inputs: Inputs
) -> pd.DataFrame:
    """Return the prediction of a whole network, as runs of radio coverage make it."""
    outline = outline_of(inputs)
    crs = metric_crs(sectors) if len(sectors) else metric_crs(gpd.GeoDataFrame(geometry=[outline], crs=4326))
    surface, terrain = ground_of(radio, inputs, outline, crs)
    return predict(
        sectors, cells, model=radio.usual_model, settings=settings, surface=surface, terrain=terrain,
        points=samples_of(cells, crs, settings.samples), patterns=antennas_in(inputs),
    )  # fmt: skip
