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
from geo.hotspots import local_time, pile_ups, repeats
from layers.counts.incidents import KeptIncidents
from layers.counts.windows import local_hours
from layers.runs.hotspot_parameters import Against, HotspotParameters, span
from layers.runs.hotspot_pictures import Background
from layers.runs.kinds import Inputs
from layers.runs.parameters import bad
from layers.schema.counting import NOT_FILED


@dataclass(frozen=True, slots=True)
class Events:
    """Incidents of all classes that count in the span, in their cells, and what was met on the way.

    Attributes
    ----------
    frame : DataFrame
        ``cell``, ``class``, ``local``; of features also ``geometry``, of kept counts ``region_code``.
    chosen : ndarray of bool
        Those of the classes that are looked at.
    first, last, end : datetime64
        Local beginnings of the first and the last step, and the end of the last.
    """

    frame: pd.DataFrame
    chosen: NDArray[np.bool_]
    first: np.datetime64
    last: np.datetime64
    end: np.datetime64
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
    """Return the incidents that count: filed, first reports, in a place of their own, inside the span."""
    found = _of_features(parameters, inputs) if inputs.kept is None else _of_counts(parameters, inputs.kept)
    if not found.chosen.any():
        raise bad("classes", parameters.classes, "some-incidents")
    return found


def _of_counts(parameters: HotspotParameters, kept: KeptIncidents) -> Events:
    first, last, end = span(parameters).ends(kept.latest)
    each = kept.frame.loc[kept.frame.index.repeat(kept.frame["n"])]
    frame = pd.DataFrame(
        {
            "cell": parents(each["cell"].to_numpy().astype(np.uint64), parameters.resolution),
            "class": each["class"].to_numpy(dtype=object),
            "local": local_hours(each["hour"].to_numpy(), kept.timezone),
            "region_code": each["region_code"].to_numpy(dtype=object),
        }
    )
    return Events(frame, _chosen(parameters, frame["class"]), first, last, end, dict(kept.facts))


def _of_features(parameters: HotspotParameters, inputs: Inputs) -> Events:
    frame = inputs.frames["incidents"]
    if inputs.region is not None:
        frame = frame[shapely.intersects(inputs.region, frame.geometry.to_numpy())]
    filed = ~frame["state"].isin(NOT_FILED) & frame["occurred_at"].notna()
    again = frame["repeat_of"].notna()
    counted = frame[filed & ~again]
    if not len(counted):
        raise bad("classes", parameters.classes, "some-incidents")
    timezone = parameters.timezone or inputs.timezone
    local = pd.Series(local_time(frame["occurred_at"], timezone), index=frame.index)
    first, last, end = span(parameters).ends(local[counted.index].max().to_datetime64())
    inside = (local >= first) & (local < end)
    piles = pile_ups(counted)
    piled = counted.index.isin([row for rows in piles["rows"] for row in rows])
    kept = counted[~piled & inside[counted.index].to_numpy()]
    when = local[kept.index].to_numpy().astype("datetime64[us]")
    chosen = _chosen(parameters, kept["class_code"])
    near = repeats(kept[chosen], kept["class_code"][chosen], when[chosen])
    made = gpd.GeoDataFrame(
        {
            "cell": index(kept.geometry.x, kept.geometry.y, parameters.resolution),
            "class": kept["class_code"].astype(str).to_numpy(),
            "local": when,
        },
        geometry=kept.geometry.to_numpy(), crs=4326, index=kept.index,
    )  # fmt: skip
    facts = {
        "not_filed": int((~filed & (inside | local.isna())).sum()),
        "recorded_repeats": int((filed & again & inside).sum()),
        "default_points": len(piles),
        "on_default_points": int((piled & inside[counted.index].to_numpy()).sum()),
        "near_repeats": int(near.notna().sum()),
    }
    return Events(made, chosen, first, last, end, facts)


def _chosen(parameters: HotspotParameters, classes: pd.Series) -> NDArray[np.bool_]:
    return np.asarray(classes.astype(str).str.startswith(parameters.classes), dtype=bool)


def base_by_cell(
    parameters: HotspotParameters, inputs: Inputs, events: Events, area: NDArray[np.uint64]
) -> Background:
    """Return by cell of the run's resolution what expected counts are fitted to."""
    columns = [area_m2(area) / 1e6]
    compared = slice(0, 1)
    if "roads" in inputs.frames:
        roads = inputs.frames["roads"]
        roads = roads.assign(km=lengths_km)
        for _, own in roads.groupby("class", dropna=False):
            columns.append(_on(area, in_cells(own, parameters.resolution, weight="km")["value"]))
        compared = slice(1, len(columns))
    if "people" in inputs.frames:
        people = inputs.frames["people"]
        cells = parse(people["cell"].to_numpy())
        if len(cells) and int(resolution_of(cells).min()) < parameters.resolution:
            raise bad("resolution", parameters.resolution, "at-most", most=int(resolution_of(cells).min()))
        at = parents(cells, parameters.resolution)
        columns.append(_on(area, people.groupby(at)["residents"].sum()))
        compared = slice(len(columns) - 1, len(columns))
    if parameters.against is Against.INCIDENTS:
        others = events.frame[~events.chosen]
        compared = slice(len(columns), None)
        columns += [_on(area, own["cell"].value_counts()) for _, own in others.groupby("class")]
    return Background(np.column_stack(columns), compared)


def _on(area: NDArray[np.uint64], values: pd.Series) -> NDArray[np.float64]:
    return np.asarray(values.reindex(area, fill_value=0), dtype=np.float64)
