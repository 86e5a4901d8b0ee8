"""What points alone tell beside the tested cells: dense groups, and whether they follow each other."""

from __future__ import annotations

from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.cells import to_text
from geo.hotspots import clusters, near_repeats, profile
from geo.hotspots.findings import MOST_CLASSES, MOST_HOURS
from geo.hotspots.quality import metres
from layers.runs.hotspot_findings import placed, within_rights
from layers.runs.hotspot_parameters import Clusters, HotspotParameters
from layers.runs.kinds import Inputs
from layers.runs.parameters import bad

CATEGORY = "dense_cluster"
MOST_TOLD = 20
#: Of DBSCAN, and the smallest group of HDBSCAN.
RADIUS_M, LEAST = 100.0, 10
#: Incidents among which HDBSCAN looks: it looks at every pair.
MOST_FOR_HIERARCHY = 20_000
#: Bounds of Knox's test: each other's neighbours in place and in time.
NEAR_M, SOON_DAYS = 200.0, 14.0
#: Incidents whose pairs are shuffled: a quarter of a minute.
MOST_FOR_KNOX = 8_000
_METHODS: dict[Clusters, Literal["dbscan", "hdbscan"]] = {
    Clusters.DBSCAN: "dbscan",
    Clusters.HDBSCAN: "hdbscan",
}


def dense_clusters(
    parameters: HotspotParameters, inputs: Inputs, events: pd.DataFrame, *, hidden: bool
) -> list[dict[str, Any]]:
    """Return the largest dense groups of points as findings.

    Parameters
    ----------
    events : GeoDataFrame
        The incidents counted: ``cell``, ``class``, ``local`` and a point each, where groups are asked for.
    hidden : bool
        Whether small counts must not be shown.
    """
    if parameters.clusters is Clusters.OFF:
        return []
    points = gpd.GeoDataFrame(events, geometry="geometry", crs=4326).reset_index(drop=True)
    if parameters.clusters is Clusters.HDBSCAN and len(points) > MOST_FOR_HIERARCHY:
        raise bad("clusters", "hdbscan", "fewer-incidents", incidents=len(points), most=MOST_FOR_HIERARCHY)
    member = clusters(points, method=_METHODS[parameters.clusters], radius_m=RADIUS_M, min_points=LEAST)
    sizes = member[member >= 0].value_counts().head(MOST_TOLD)
    return [
        _told(points[(member == one).to_numpy()], inputs, parameters, hidden=hidden) for one in sizes.index
    ]


def _told(
    own: gpd.GeoDataFrame, inputs: Inputs, parameters: HotspotParameters, *, hidden: bool
) -> dict[str, Any]:
    classes = own["class"].value_counts()
    hours = profile(own["local"]).sum().sort_values(ascending=False, kind="stable")
    at = metres(own)
    radius = int(round(float(np.hypot(*(at - at.mean(axis=0)).T).max()) / 10) * 10)
    hull = shapely.convex_hull(shapely.multipoints(own.geometry.to_numpy()))
    name = parameters.clusters.value.upper()
    found = {
        "cell": str(to_text(own["cell"].mode().to_numpy(dtype=np.uint64)[:1])[0]),
        "cells": int(own["cell"].nunique()),
        "category": CATEGORY,
        "category_title": {"zh": "点聚集", "en": "Dense group"},
        "n": len(own),
        "expected": None,
        "radius_m": radius,
        "since": own["local"].min().date().isoformat(),
        "until": own["local"].max().date().isoformat(),
        "classes": [(str(code), int(n)) for code, n in classes.head(MOST_CLASSES).items()],
        "hours": [(int(hour), int(n)) for hour, n in hours.head(MOST_HOURS).items() if n],
        "outline": [[(round(x, 5), round(y, 5)) for x, y in shapely.get_coordinates(hull).tolist()]],
        "rule": {
            "zh": f"{name}：半径 {radius} 米内 {len(own)} 件，未作检验",
            "en": f"{name}: {len(own)} within {radius} m, not tested",
        },
    }
    return within_rights(placed(found, inputs), parameters, hidden=hidden)


def near_repeat_facts(parameters: HotspotParameters, events: pd.DataFrame) -> dict[str, Any]:
    """Return how often incidents follow each other near and soon, against how often by chance, and p."""
    if not parameters.near_repeats:
        return {}
    points = gpd.GeoDataFrame(events, geometry="geometry", crs=4326)
    if len(points) > MOST_FOR_KNOX:
        raise bad("near_repeats", True, "fewer-incidents", incidents=len(points), most=MOST_FOR_KNOX)
    if len(points) < 2:
        return {}
    one = near_repeats(
        points, points["local"].to_numpy(), distances_m=(NEAR_M,), days=(SOON_DAYS,),
        permutations=parameters.permutations, seed=parameters.seed,
    ).iloc[0]  # fmt: skip
    return {
        "near_repeat_pairs": int(one["observed"]),
        "near_repeat_expected": round(float(one["expected"]), 1),
        "near_repeat_p": round(float(one["p"]), 4),
    }
