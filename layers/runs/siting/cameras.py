"""Cameras on poles, each turned so that most of what nobody sees yet is seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.cameras import blind_cells, of_places, pixel_density_range, sample, shares, viewsheds
from geo.cells import parse
from geo.siting.plan import Plan
from layers.runs.cameras.blind_spots import BlindSpotParameters, exposure_of, people_of
from layers.runs.cameras.scene import excluded as not_ground
from layers.runs.cameras.scene import inside, near, streets, watched
from layers.runs.kinds import Inputs, Progress
from layers.runs.parameters import bad
from layers.runs.siting.findings import by_town
from layers.runs.siting.made import Made, Problem, solved
from layers.runs.siting.model import Model, parts_of, rows_of_usable
from layers.runs.siting.parameters import SitingParameters
from layers.runs.siting.places import candidates_of, excluded, told_of, usable_of
from layers.runs.siting.robustness import tried

#: A new camera; values that a plan writes.
VIEW_ANGLE_DEG, PIXELS = 90.0, 3840
CAMERA = {"view_angle_deg": VIEW_ANGLE_DEG, "pixels_horizontal": PIXELS, "tilt_deg": 15.0, "kind": "fixed"}
#: Directions that are tried, and the most cameras of one pole.
AZIMUTHS_DEG = tuple(float(one) for one in range(0, 360, 45))
MOST_HEADS = 2
#: Height of a camera: of its pole, and no more.
LOWEST_M, HIGHEST_M = 4.0, 8.0
#: Along the edges of a flat image plane a camera reaches farther than along its axis.
BESIDE = 1.5


@dataclass(frozen=True, slots=True)
class Blind:
    """What nobody sees: points outdoors and their part of the exposure of all blind cells, in percent.

    Attributes
    ----------
    cell : ndarray of int64
        Number of the blind cell of each point.
    weight : ndarray of float64
        The exposure of a cell is that of people, incidents, streets and key places, as of blind spots.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    cell: NDArray[np.int64]
    weight: NDArray[np.float64]
    cells: NDArray[np.uint64]
    crs: int


def blind_ground(parameters: SitingParameters, inputs: Inputs) -> Blind:
    """Return the ground of blind cells, those of the focus only where there is one."""
    asked = BlindSpotParameters(task=parameters.task, scenario=parameters.scenario)
    _, places, sheds = watched(asked, inputs)
    covered = of_places(places, sheds)
    unseen = places[(covered["seen_share"] <= 1e-9).to_numpy(dtype=bool)]
    people, _ = people_of(inputs)
    around = [
        people.index.to_numpy(dtype=np.uint64),
        near(unseen.geometry, 0),
        near(streets(inputs).geometry, 16.0),
    ]
    cells = inside(np.unique(np.concatenate(around)), inputs)
    if parameters.focus:
        cells = cells[np.isin(cells, parse(np.array(parameters.focus)))]
    if not len(cells):
        raise bad("focus" if parameters.focus else "task", None, "blind-cells")
    points = sample(cells, not_ground(inputs))
    exposure = exposure_of(points, people, unseen, inputs)
    found = shares(points, sheds[asked.task], times=1)
    blind = blind_cells(found, exposure, most_seen=0.0).to_numpy(dtype=bool)
    score = np.zeros(len(points.cells))
    shares_of = {
        "people": asked.people, "incidents": asked.incidents, "road_m": asked.streets,
        "key_places": asked.key_places,
    }  # fmt: skip
    for name, weight in shares_of.items():
        amount = np.where(blind, exposure[name].to_numpy(dtype=float), 0.0)
        if amount.sum() > 0:
            score += weight * amount / amount.sum()
    kept = blind[points.cell]
    if not kept.any() or score.sum() <= 0:
        raise bad("focus" if parameters.focus else "task", None, "blind-cells")
    number = np.bincount(points.cell[kept], minlength=len(points.cells))
    part = score[points.cell[kept]] / number[points.cell[kept]]
    # Ground of no measured exposure still counts a little: a trafficked cell may have no incident.
    part = part + 1e-9
    own, cell = np.unique(points.cell[kept], return_inverse=True)
    return Blind(points.x[kept], points.y[kept], cell, 100 * part / part.sum(), points.cells[own], points.crs)


def heads(candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a camera for each candidate and direction, with ``site``, the row of its candidate."""
    site = np.repeat(np.arange(len(candidates)), len(AZIMUTHS_DEG))
    height = candidates["height_m"].fillna(LOWEST_M).clip(LOWEST_M, HIGHEST_M).to_numpy(dtype=float)
    found = candidates[["geometry"]].iloc[site].reset_index(drop=True)
    return found.assign(
        **CAMERA,
        site=site,
        height_m=height[site],
        azimuth_deg=np.tile(AZIMUTHS_DEG, len(candidates)),
        online=True,
    )


def seen_points(cameras: gpd.GeoDataFrame, blind: Blind, inputs: Inputs, task: str) -> scipy.sparse.csr_array:
    """Return which camera sees which blind point."""
    sheds = viewsheds(cameras, inputs.frames["buildings"], task=task).to_crs(blind.crs)
    points: Any = shapely.points(blind.x, blind.y)
    shapes = sheds.geometry.to_numpy()
    camera, point = shapely.STRtree(points).query(shapes, predicate="intersects")
    ones = np.ones(len(camera))
    return scipy.sparse.csr_array((ones, (camera, point)), shape=(len(cameras), len(blind.x)))


def plan_cameras(parameters: SitingParameters, inputs: Inputs, progress: Progress) -> Made:
    """Choose poles and directions by the exposure of what they see and nobody else does."""
    candidates = candidates_of(parameters, inputs)
    blind = blind_ground(parameters, inputs)
    progress(0.4)
    candidates = in_reach(candidates, blind, str(parameters.task))
    usable = usable_of(candidates, parameters)
    turned = heads(usable)
    task = str(parameters.task)
    covers = seen_points(turned, blind, inputs, task)
    progress(0.6)
    rows = gpd.GeoDataFrame(usable.iloc[turned["site"].to_numpy()].reset_index(drop=True), crs=4326)
    reached = np.unique(covers.indices)  # what no candidate sees is no part of the model
    problem = Problem(
        covers[:, reached],
        blind.weight[reached],
        rows,
        "%",
        groups=turned["site"].tolist(),
        of_group=MOST_HEADS,
    )

    def ranged(factor: float) -> Problem:
        # A range is in proportion to the pixels across.
        other = turned.assign(pixels_horizontal=PIXELS * factor)
        return replace(problem, covers=seen_points(other, blind, inputs, task)[:, reached])

    plan = solved(parameters, inputs, problem, progress=progress, start=0.6, end=0.85)
    sites = rows.iloc[plan.chosen].reset_index(drop=True)
    chosen = turned.iloc[plan.chosen].reset_index(drop=True)
    sites = sites.assign(
        azimuth_deg=chosen["azimuth_deg"], tilt_deg=chosen["tilt_deg"], height_m=chosen["height_m"]
    )
    seen = np.zeros(len(blind.x))
    seen[np.unique(covers[plan.chosen].indices)] = 1.0
    findings = [
        by_town(blind.cells[blind.cell], blind.weight, 0 * seen, blind.weight * seen, inputs, "%"),
        told_of(candidates),
    ]
    if parameters.sensitivity:
        stays = tried(parameters, inputs, problem, plan, ranged)
        sites["stays"] = stays.share
        findings.append(stays.finding)
    progress(0.95)
    facts = {**closed(plan, covers, blind), **excluded(candidates)}
    limits = (
        "A blind cell counts as closed when a new camera sees any of its outdoor ground; the gain is the "
        "exposure of the ground that is seen, in percent of that of all blind ground asked for.",
        f"New cameras: {PIXELS} pixels over {VIEW_ANGLE_DEG:g} degrees, 15 degrees down, {LOWEST_M:g} to "
        f"{HIGHEST_M:g} m high, at most {MOST_HEADS} on a pole, in one of {len(AZIMUTHS_DEG)} directions.",
    )
    model = Model(
        candidates, rows_of_usable(candidates)[turned["site"].to_numpy()], turned["azimuth_deg"].to_numpy(),
        turned["tilt_deg"].to_numpy(), covers, blind.weight, blind.cells[blind.cell], MOST_HEADS,
    )  # fmt: skip
    parts = parts_of(model, plan.chosen)
    made = gpd.GeoDataFrame(sites, crs=4326)
    return Made(plan, made, "%", 100.0, facts, tuple(findings), limits, parts)


def in_reach(candidates: gpd.GeoDataFrame, blind: Blind, task: str) -> gpd.GeoDataFrame:
    """Return the candidates, those out of reach of all blind ground with that reason."""
    reach = pixel_density_range(PIXELS, VIEW_ANGLE_DEG, task)
    at = candidates.geometry.to_crs(blind.crs)
    away, _ = cKDTree(np.column_stack([blind.x, blind.y])).query(np.column_stack([at.x, at.y]))
    too_far = away > BESIDE * reach
    reasons = [
        (*one, "sees_no_blind_spot") if far else one
        for one, far in zip(candidates["reasons"], too_far.tolist(), strict=True)
    ]
    return candidates.assign(reasons=pd.Series(reasons, index=candidates.index, dtype=object))


def closed(plan: Plan, covers: scipy.sparse.csr_array, blind: Blind) -> dict[str, Any]:
    """Return how many blind cells there are, and how many of them the plan closes."""
    points = np.unique(covers[plan.chosen].indices)
    return {
        "blind_cells": len(blind.cells),
        "blind_cells_closed": len(np.unique(blind.cell[points])),
        "exposure_closed_percent": round(float(plan.gains.sum()), 2),
        "exposure_in_reach_percent": round(float(plan.total), 2),
    }
