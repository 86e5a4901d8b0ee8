"""What a run of hotspots counts and compares with: study area, incidents, period and background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.cells import Containment, area_m2, cover, index, parents, parse, resolution_of
from geo.density import in_cells, lengths_km
from geo.hotspots import Step, local_time, pile_ups, repeats
from geo.hotspots.cube import floor
from layers.runs.hotspot_parameters import Against, HotspotParameters
from layers.runs.kinds import Inputs, bad
from layers.schema.counting import NOT_FILED


@dataclass(frozen=True, slots=True)
class Events:
    """Incidents of all classes that count, in their cells, and what was met on the way."""

    frame: gpd.GeoDataFrame  # cell, class, local; points
    chosen: NDArray[np.bool_]
    facts: dict[str, Any]


def study_area(parameters: HotspotParameters, inputs: Inputs) -> NDArray[np.uint64]:
    """Return the cells of the region or the city: those without incidents belong to the comparison."""
    outline = inputs.region or inputs.city
    if outline is None and len(counties := inputs.frames.get("counties", gpd.GeoDataFrame())):
        outline = shapely.union_all(counties.geometry.to_numpy())
    if outline is None:
        points = inputs.frames["incidents"].geometry.to_numpy()
        if not len(points):
            raise bad("classes", parameters.classes, "some-incidents")
        outline = shapely.convex_hull(shapely.multipoints(points))
    return np.unique(cover(outline, parameters.resolution, Containment.INTERSECTS))


def events_of(parameters: HotspotParameters, inputs: Inputs) -> Events:
    """Return the incidents that count: filed, first reports, in a place of their own."""
    frame = inputs.frames["incidents"]
    if inputs.region is not None:
        frame = frame[shapely.intersects(inputs.region, frame.geometry.to_numpy())]
    filed = ~frame["state"].isin(NOT_FILED) & frame["occurred_at"].notna()
    again = frame["repeat_of"].notna()
    kept = frame[filed & ~again]
    piles = pile_ups(kept)
    in_piles = kept.index.isin([row for rows in piles["rows"] for row in rows])
    kept = kept[~in_piles]
    local = local_time(kept["occurred_at"], parameters.timezone)
    chosen = kept["class_code"].astype(str).str.startswith(parameters.classes).to_numpy(dtype=bool)
    near = repeats(kept[chosen], kept["class_code"][chosen], local[chosen])
    made = gpd.GeoDataFrame(
        {
            "cell": index(kept.geometry.x, kept.geometry.y, parameters.resolution),
            "class": kept["class_code"].astype(str).to_numpy(),
            "local": local,
        },
        geometry=kept.geometry.to_numpy(), crs=4326, index=kept.index,
    )  # fmt: skip
    if not chosen.any():
        raise bad("classes", parameters.classes, "some-incidents")
    facts = {
        "not_filed": int((~filed).sum()),
        "recorded_repeats": int((filed & again).sum()),
        "default_points": len(piles),
        "on_default_points": int(in_piles.sum()),
        "near_repeats": int(near.notna().sum()),
    }
    return Events(made, chosen, facts)


def period(parameters: HotspotParameters, events: Events) -> tuple[np.datetime64, np.datetime64]:
    """Return the beginnings of the first and the last step."""
    latest = events.frame["local"].to_numpy().astype("datetime64[us]").max()
    last = floor(np.array([latest]), parameters.step)[0]
    back = parameters.steps - 1
    if parameters.step is Step.MONTH:
        return (last.astype("datetime64[M]") - back).astype("datetime64[us]"), last
    length = {Step.HOUR: 1, Step.DAY: 24, Step.WEEK: 168}[parameters.step]
    return last - np.timedelta64(back * length, "h"), last


def base_by_cell(
    parameters: HotspotParameters, inputs: Inputs, events: Events, area: NDArray[np.uint64], first: Any
) -> NDArray[np.float64]:
    """Return by cell of the run's resolution what expected counts are fitted to, shape (n, m); all add up."""
    columns = [area_m2(area) / 1e6]
    if "roads" in inputs.frames:
        roads = inputs.frames["roads"]
        roads = roads.assign(km=lengths_km)
        for _, own in roads.groupby("class", dropna=False):
            columns.append(_on(area, in_cells(own, parameters.resolution, weight="km")["value"]))
    if "people" in inputs.frames:
        people = inputs.frames["people"]
        cells = parse(people["cell"].to_numpy())
        if len(cells) and int(resolution_of(cells).min()) < parameters.resolution:
            raise bad("resolution", parameters.resolution, "at-most", most=int(resolution_of(cells).min()))
        at = parents(cells, parameters.resolution)
        columns.append(_on(area, people.groupby(at)["residents"].sum()))
    if parameters.against is Against.INCIDENTS:
        others = events.frame[~events.chosen & (events.frame["local"] >= first)]
        columns += [_on(area, own["cell"].value_counts()) for _, own in others.groupby("class")]
    return np.column_stack(columns)


def _on(area: NDArray[np.uint64], values: pd.Series) -> NDArray[np.float64]:
    return np.asarray(values.reindex(area, fill_value=0), dtype=np.float64)
