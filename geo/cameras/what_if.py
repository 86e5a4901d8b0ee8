"""What changed cameras change, at once: their views before and after, and the ground won and lost."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from geo.cameras.coverage import seen_counts, working
from geo.cameras.samples import sample
from geo.cameras.viewsheds import viewsheds
from geo.cells.covering import touched


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change changes.

    Attributes
    ----------
    before, after : GeoDataFrame
        Views of the changed cameras, in degrees; one that is added or removed is in one only.
    cells : DataFrame
        Index ``cell``: ``considered_m2``, ``before`` and ``after`` (share seen by any working camera), of the
        cells that either view touches.
    gained_m2, lost_m2 : float
        Outdoor ground that working cameras see only after, and only before.
    """

    before: gpd.GeoDataFrame
    after: gpd.GeoDataFrame
    cells: pd.DataFrame
    gained_m2: float
    lost_m2: float


def what_if(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    changed: Sequence[Hashable],
    *,
    task: str = "detect",
    resolution: int = 12,
) -> Difference:
    """Return what changes in coverage, computed in the cells of the changed views alone.

    Parameters
    ----------
    before, after : GeoDataFrame
        All cameras around, as for `geo.cameras.viewsheds`, before and after.
    buildings : GeoDataFrame
        Around them; the ground in them is not counted.
    changed : sequence of labels
        Cameras that are not the same in both.

    Notes
    -----
    Ground is counted by the sample points of `geo.cameras.sample`, 24 a cell, as in a run of coverage.
    """
    labels = pd.Index(changed)
    views = [viewsheds(cameras, buildings, task=task).to_crs(4326) for cameras in (before, after)]
    seeing = [
        view.assign(online=cameras["online"].reindex(view.index)) if "online" in cameras.columns else view
        for view, cameras in zip(views, (before, after), strict=True)
    ]
    own = [view[view.index.isin(labels)] for view in seeing]
    shapes = pd.concat([one.geometry[working(one)] for one in own])
    cells = touched(shapes[~shapes.is_empty].to_numpy(), resolution)
    if not len(cells):
        empty = pd.DataFrame(
            columns=["considered_m2", "before", "after"], index=pd.Index(cells, name="cell"), dtype=float
        )
        return Difference(own[0], own[1], empty, 0.0, 0.0)
    points = sample(cells, buildings.geometry)
    first, second = (seen_counts(points, view)[0][:, 0] > 0 for view in seeing)
    found = pd.DataFrame(
        {
            "considered_m2": points.considered_m2,
            "before": points.share(first),
            "after": points.share(second),
        },
        index=pd.Index(points.cells, name="cell"),
    )
    won, lost = second & ~first, first & ~second
    return Difference(
        own[0], own[1], found[found["considered_m2"] > 0],
        float(points.area[won].sum()), float(points.area[lost].sum()),
    )  # fmt: skip
