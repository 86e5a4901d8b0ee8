"""The space-time scan beside a run of hotspots: clusters that chance does not explain, each in words."""

from __future__ import annotations

from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.cells import parents, polygons, resolution_of, to_text
from geo.hotspots import profile, scan
from geo.hotspots.findings import MOST_CLASSES, MOST_HOURS, outline
from geo.hotspots.quality import metres
from layers.runs.hotspot_findings import placed, within_rights
from layers.runs.hotspot_parameters import HotspotParameters, Scan
from layers.runs.kinds import Inputs
from layers.runs.parameters import bad

CATEGORY = "space_time_cluster"
#: Clusters whose p is above this are chance.
GREATEST_P = 0.05
#: Largest radius in metres: what is wider is no place that somebody could see to.
MOST_M = 3_000.0
MOST_TOLD = 20
#: Windows times copies that are looked at, some seconds; above it the cells are taken one resolution coarser.
MOST_WINDOWS = 3_000_000_000
COARSEST = 5
_MODELS: dict[Scan, Literal["poisson", "permutation"]] = {
    Scan.POISSON: "poisson",
    Scan.PERMUTATION: "permutation",
}


def clusters(
    parameters: HotspotParameters,
    inputs: Inputs,
    counts: pd.DataFrame,
    expected: NDArray[np.float64],
    events: pd.DataFrame,
    *,
    hidden: bool,
) -> list[dict[str, Any]]:
    """Return the significant clusters of a run as findings, the most likely first.

    Parameters
    ----------
    counts : DataFrame
        Index cell, columns local beginnings of steps, of one resolution.
    expected : ndarray of float64, shape (n,)
        By cell over the whole period: the exposure of the Poisson model.
    events : DataFrame
        ``cell`` of the same resolution, ``class`` and ``local`` of each incident counted.
    hidden : bool
        Whether small counts must not be shown.
    """
    if parameters.scan is Scan.OFF:
        return []
    # Places without events are in no cluster of the permutation model, and only cost time.
    kept = (counts.sum(axis=1) > 0).to_numpy() | (parameters.scan is Scan.POISSON)
    counts, base = counts[kept], pd.Series(expected, index=counts.index)[kept].clip(lower=1e-9)
    at = _places(counts)
    while (windows := _windows(counts, at, parameters.permutations)) > MOST_WINDOWS:
        coarser = int(resolution_of(counts.index.to_numpy())[0]) - 1
        if coarser < COARSEST:
            raise bad("scan", parameters.scan.value, "fewer-windows", windows=windows, most=MOST_WINDOWS)
        above = parents(counts.index.to_numpy(), coarser)
        counts, base = counts.groupby(above).sum(), base.groupby(above).sum()
        at = _places(counts)
    found = scan(
        counts, at, model=_MODELS[parameters.scan], exposure=base, most_m=MOST_M,
        permutations=parameters.permutations, seed=parameters.seed,
    )  # fmt: skip
    own = parents(events["cell"].to_numpy(), int(resolution_of(counts.index.to_numpy())[0]))
    significant = found[found["p"] <= GREATEST_P].head(MOST_TOLD)
    starts = pd.DatetimeIndex(counts.columns)
    return [
        _told(one, starts, events[np.isin(own, one["members"])], inputs, parameters, hidden=hidden)
        for one in significant.to_dict("records")
    ]


def _places(counts: pd.DataFrame) -> NDArray[np.float64]:
    middles = polygons(counts.index.to_numpy()).to_crs(3857).centroid.to_crs(4326)
    return metres(gpd.GeoDataFrame(geometry=middles.to_numpy(), crs=4326))


def _windows(counts: pd.DataFrame, at: NDArray[np.float64], permutations: int) -> int:
    """Return how many windows a scan has at most, over all copies."""
    tree = cKDTree(at)
    pairs, steps = int(tree.count_neighbors(tree, MOST_M)), len(counts.columns)
    return pairs * steps * max(steps // 2, 1) * (permutations + 1)


def _told(
    one: dict[str, Any],
    starts: pd.DatetimeIndex,
    events: pd.DataFrame,
    inputs: Inputs,
    parameters: HotspotParameters,
    *,
    hidden: bool,
) -> dict[str, Any]:
    last = starts.get_loc(one["last"])
    end = starts[last + 1] if last + 1 < len(starts) else pd.Timestamp.max
    inside = events[(events["local"] >= one["first"]) & (events["local"] < end)]
    classes = inside["class"].value_counts()
    hours = profile(inside["local"]).sum().sort_values(ascending=False, kind="stable")
    since, until = (pd.Timestamp(one[name]).date().isoformat() for name in ("first", "last"))
    radius = round(one["radius_m"] / 50) * 50
    model = {"poisson": ("泊松模型", "Poisson model"), "permutation": ("置换模型", "permutation model")}
    zh, en = model[parameters.scan.value]
    where_zh, where_en = (f"半径 {radius} 米内", f"within {radius} m") if radius else ("一个单元", "one cell")
    when_zh, when_en = (
        (f"自 {since} 起一步", f"one step from {since}")
        if since == until
        else (f"自 {since} 起的步至自 {until} 起的步", f"from the step of {since} to that of {until}")
    )
    p = f"{one['p']:.3g}"
    found = {
        # of the cells that the result has, the one with most
        "cell": str(to_text(inside["cell"].mode().to_numpy()[:1])[0]),
        "cells": len(one["members"]),
        "outline": outline(np.array(one["members"], dtype=np.uint64)),
        "category": CATEGORY,
        "category_title": {"zh": "时空聚集", "en": "Space-time cluster"},
        "n": int(one["observed"]),
        "expected": round(float(one["expected"]), 2),
        "p": float(one["p"]),
        "radius_m": radius,
        "relative_risk": round(float(one["relative_risk"]), 2),
        "since": since,
        "until": until,
        "classes": [(str(code), int(n)) for code, n in classes.head(MOST_CLASSES).items()],
        "hours": [(int(hour), int(n)) for hour, n in hours.head(MOST_HOURS).items() if n],
        "rule": {
            "zh": f"时空扫描（{zh}）：{where_zh}，{when_zh}，p = {p}",
            "en": f"Space-time scan ({en}): {where_en}, {when_en}, p = {p}",
        },
    }
    return within_rights(placed(found, inputs), parameters, hidden=hidden)
