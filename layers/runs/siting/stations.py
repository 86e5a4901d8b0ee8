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
from layers.runs.radio import DEPTH_M, INDOOR
from layers.runs.radio_inputs import (
    RadioParameters,
    antennas_in,
    ground_of,
    outline_of,
    sectors_of,
    with_models,
)
from layers.runs.siting.made import Made, solved
from layers.runs.siting.model import Model, parts_of, rows_of_usable
from layers.runs.siting.parameters import SitingParameters
from layers.runs.siting.places import candidates_of, usable_of

RESOLUTION = 10
#: Equipment of a new site; values of sectors that a plan writes.
SECTOR = {
    "frequency_mhz": 2565.0, "bandwidth_mhz": 100.0, "subcarrier_spacing_khz": 30.0, "power_dbm": 53.0,
    "pattern": "8x8", "electrical_tilt_deg": 3.0, "beamwidth_deg": 65.0,
}  # fmt: skip


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
    wanted = replace(settings, indoor=INDOOR, depth_m=DEPTH_M) if parameters.indoor else settings
    now = _predicted(working, cells, wanted, radio, inputs)
    progress(0.2)
    heights = usable["height_m"].fillna(30.0).to_numpy(dtype=float)
    places = with_models(usable[["geometry"]].assign(height_m=np.round(heights, 1), **SECTOR), radio, inputs)
    tried = radio_covers(places, cells, settings=wanted, patterns=antennas_in(inputs))
    progress(0.5)
    standing = scipy.sparse.csr_array(now["covered_probability"].clip(0, 1).to_numpy(dtype=float)[None, :])
    covers = scipy.sparse.vstack([standing, tried.covers]).tocsr()
    every = usable.iloc[tried.site].reset_index(drop=True)
    rows = pd.concat([every.iloc[:1], every], ignore_index=True)  # the first row stands for what stands
    plan = solved(
        parameters, covers, weights, gpd.GeoDataFrame(rows, crs=4326), fixed=0,
        groups=[None, *tried.site.tolist()], progress=progress, start=0.5, end=0.85,
    )  # fmt: skip
    setting = plan.chosen - 1
    sites = usable.iloc[tried.site[setting]].reset_index(drop=True)
    sites = sites.assign(azimuth_deg=tried.rotation_deg[setting], tilt_deg=tried.tilt_deg[setting])
    sites["height_m"] = heights[tried.site[setting]]
    equipped = with_models(sites[["geometry", "height_m"]].assign(**SECTOR), radio, inputs)
    new = three_sectors(equipped, tried.rotation_deg[setting], tried.tilt_deg[setting])
    both = gpd.GeoDataFrame(pd.concat([working, new], ignore_index=True), crs=4326)
    then = _predicted(both, cells, wanted, radio, inputs)
    checked = [
        float(weights[is_covered(one, settings.rsrp_threshold, settings.sinr_threshold).to_numpy()].sum())
        for one in (now, then)
    ]
    facts = {
        "people": round(float(weights.sum())),
        "people_covered_before": round(checked[0]),
        "people_covered_after": round(checked[1]),
        "people_expected_before": round(plan.already),
        "people_expected_planned": round(plan.already + plan.covered),
        "people_expected_after": round(float((then["covered_probability"].to_numpy() * weights).sum())),
        **excluded(candidates),
    }
    limits = (
        "A candidate is predicted alone, over flat ground and at the middle of each cell; the whole network "
        "with all chosen sites and their interference is predicted after, and both figures are told.",
        "Covered by several sites: their shadowing is taken as independent.",
    )
    model = Model(
        candidates, rows_of_usable(candidates)[tried.site], tried.rotation_deg, tried.tilt_deg, tried.covers,
        weights * (1.0 - standing.toarray()[0]), cells, 1, wanted.cutoff_m,
    )  # fmt: skip
    parts = parts_of(model, setting)
    return Made(plan, gpd.GeoDataFrame(sites, crs=4326), "people", facts, (), limits, parts)


def excluded(candidates: gpd.GeoDataFrame) -> dict[str, int]:
    """Return how many candidates there are, and how many of them each reason is against."""
    reasons = candidates["reasons"].explode().dropna().value_counts()
    return {
        "candidate_places": len(candidates),
        **{f"excluded_{name}": int(reasons.get(name, 0)) for name in REASONS if name in reasons},
    }


#: What can be against a candidate.
REASONS = ("water", "hazard_area", "served", "no_power", "no_free_slot", "sees_no_blind_spot")


def _predicted(
    sectors: gpd.GeoDataFrame, cells: np.ndarray, settings: Settings, radio: RadioParameters, inputs: Inputs
) -> pd.DataFrame:
    outline = outline_of(inputs)
    crs = metric_crs(sectors) if len(sectors) else metric_crs(gpd.GeoDataFrame(geometry=[outline], crs=4326))
    surface, terrain = ground_of(radio, inputs, outline, crs)
    return predict(
        sectors, cells, model=radio.usual_model, settings=settings, surface=surface, terrain=terrain,
        points=samples_of(cells, crs, settings.samples), patterns=antennas_in(inputs),
    )  # fmt: skip
