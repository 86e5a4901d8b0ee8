"""The kind ``density``: how much there is of a layer, by cell, region and extent, against what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pydantic import Field as Limited
from pydantic import StringConstraints
from shapely.geometry.base import BaseGeometry

from geo.cells import Containment, cover, index, parents, resolution_of, rollup
from geo.cells.covering import touched
from geo.crs import gauss_kruger, mercator_to_degrees
from geo.density import (
    AGAINST,
    Against,
    area_km2,
    areas_km2,
    in_areas,
    in_cells,
    lengths_km,
    ratio,
)
from geo.notes import MethodNote
from layers.definitions import GeometryFamily
from layers.definitions.field import NUMERIC
from layers.definitions.loading import Catalog
from layers.definitions.words import Words
from layers.features.changes import Change
from layers.runs.density_words import SUBJECT, wording
from layers.runs.following import Live, Redone
from layers.runs.forms import RESOLUTION_ASKED
from layers.runs.kinds import Asked, Column, Inputs, Kind, Outcome, Progress, Ramp, Wanted
from layers.runs.parameters import Parameters, bad
from layers.runs.people import people_by_cell

COARSEST, FINEST, USUAL = 5, 12, 8
#: Cells of a result, all resolutions together.
MOST_CELLS = 4_000_000
#: Cells that are computed again one by one; more are computed with all others.
MOST_TOUCHED = 5_000
#: Degrees around the box of a change: it went through a projection and back.
_MARGIN = 1e-7
AREA_LAYERS = ("counties", "towns", "communities", "extents")

Text = Annotated[str, StringConstraints(min_length=1, max_length=48)]


class DensityParameters(Parameters):
    """What a density is computed from.

    Attributes
    ----------
    layer : str
        Any layer with geometry.
    weight : str, optional
        Numeric field to add up; each feature counts 1 where left out.
    against : {"area", "people", "road_length"}
        What the sum is set against.
    resolution : int
        H3 resolution, 5 to 12.
    """

    layer: Text
    weight: Text | None = None
    against: Against = Against.AREA
    resolution: Annotated[int, Limited(ge=COARSEST, le=FINEST)] = USUAL


def check(parameters: DensityParameters, catalog: Catalog) -> None:
    """Raise `BadRunParameter` where the layer or the weight does not exist or does not fit."""
    if parameters.layer not in catalog.layers:
        raise bad("layer", parameters.layer, "layer-with-geometry")
    definition = catalog.layers[parameters.layer]
    if definition.geometry is GeometryFamily.NONE:
        raise bad("layer", parameters.layer, "layer-with-geometry")
    if parameters.weight is None:
        return
    numeric = [field.name for field in definition.fields if field.type in NUMERIC]
    if parameters.weight not in numeric:
        raise bad("weight", parameters.weight, "numeric-field", layer=parameters.layer, known=numeric)


def wanted(parameters: DensityParameters) -> list[Wanted]:
    """Return the layers that a run reads."""
    weight = () if parameters.weight is None else (parameters.weight,)
    found = [Wanted(parameters.layer, weight, "features")]
    if parameters.against is Against.PEOPLE:
        found.append(Wanted("population", ("cell", "residents"), "people"))
    if parameters.against is Against.ROAD_LENGTH:
        found.append(Wanted("roads", (), "roads"))
    return found + [Wanted(layer, ("name",), layer, optional=True) for layer in AREA_LAYERS]


def compute(parameters: DensityParameters, inputs: Inputs, progress: Progress) -> Outcome:
    """Add up by cell and by area, and set the sums against their denominators."""
    features = inputs.frames["features"]
    _, per = AGAINST[parameters.against]
    sums = in_cells(features, parameters.resolution, weight=parameters.weight, within=inputs.region)
    progress(0.4)
    base = _with_empty_cells(sums, parameters.resolution, inputs)
    people_or_roads = _exposure(parameters, inputs)
    progress(0.6)
    levels = []
    for resolution in range(parameters.resolution, COARSEST - 1, -1):
        level = base if resolution == parameters.resolution else rollup(base, resolution)
        if people_or_roads is None:
            against = area_km2(level.index.to_numpy(), inputs.region)
        else:
            rolled = rollup(people_or_roads.to_frame("against"), resolution)["against"]
            against = rolled.reindex(level.index, fill_value=0.0)
        levels.append(level.assign(against=against, density=ratio(level["value"], against, per)))
    progress(0.8)
    areas = _by_areas(parameters, inputs, per)
    unit, _ = AGAINST[parameters.against]
    return Outcome(
        cells=pd.concat(levels),
        areas=areas,
        note=_note(parameters, inputs, sums, areas),
        units={"against": unit.removeprefix("1000 "), "density": f"1/{unit}"},
    )


def _outline(inputs: Inputs) -> BaseGeometry | None:
    """Return the region, the city, or all its counties."""
    outline = inputs.region or inputs.city
    if outline is None and len(counties := inputs.frames.get("counties", gpd.GeoDataFrame())):
        outline = shapely.union_all(counties.geometry.to_numpy())
    return outline


def _with_empty_cells(sums: pd.DataFrame, resolution: int, inputs: Inputs) -> pd.DataFrame:
    """Add the cells of the region, or of the city, that hold nothing: none is a finding, not a gap."""
    outline = _outline(inputs)
    if outline is None:
        return sums
    whole = areas_km2(gpd.GeoDataFrame(geometry=[outline], crs=4326)).iloc[0]
    middle = outline.representative_point()
    about = round(whole / area_km2(index([middle.x], [middle.y], resolution)).iloc[0]) + len(sums)
    if about > MOST_CELLS:
        raise bad("resolution", resolution, "fewer-cells", cells=about, most=MOST_CELLS)
    cells = cover(outline, resolution, Containment.INTERSECTS)
    every = pd.Index(np.union1d(cells, sums.index.to_numpy()), name="cell")
    return sums.reindex(every, fill_value=0.0)


def _exposure(parameters: DensityParameters, inputs: Inputs) -> pd.Series | None:
    """Return people or road length by cell; None for areas, which each resolution measures anew."""
    match parameters.against:
        case Against.PEOPLE:
            return people_by_cell(inputs.frames["people"], parameters.resolution, inputs.region)
        case Against.ROAD_LENGTH:
            roads = inputs.frames["roads"].assign(km=lengths_km)
            return in_cells(roads, parameters.resolution, weight="km", within=inputs.region)["value"]
        case _:
            return None


def _by_areas(parameters: DensityParameters, inputs: Inputs, per: float) -> pd.DataFrame:
    """Add up by region and extent: exactly by location, never through cells."""
    found = []
    for layer in AREA_LAYERS:
        areas = inputs.frames.get(layer)
        if areas is None or (inputs.prefix and layer == "extents"):
            continue  # an extent that reaches out of the region would show a part of its figure
        areas = areas[areas["code"].notna()]
        prefix = inputs.prefix or inputs.city_prefix
        if prefix and layer != "extents":
            areas = areas[areas["code"].str.startswith(prefix)]
        if not len(areas):
            continue
        overlapping = layer == "extents"
        sums = in_areas(inputs.frames["features"], areas, weight=parameters.weight, overlapping=overlapping)
        against = _area_exposure(parameters, inputs, areas, overlapping)
        sums = sums.assign(against=against, density=ratio(sums["value"], against, per))
        found.append(sums.assign(layer=layer, code=areas["code"], name=areas["name"]))
    columns = ["layer", "code", "name", "n", "value", "against", "density"]
    return pd.concat(found)[columns] if found else pd.DataFrame(columns=columns)


def _area_exposure(
    parameters: DensityParameters, inputs: Inputs, areas: gpd.GeoDataFrame, overlapping: bool
) -> pd.Series:
    match parameters.against:
        case Against.PEOPLE:
            people = inputs.frames["people"]
            return in_areas(people, areas, weight="residents", overlapping=overlapping)["value"]
        case Against.ROAD_LENGTH:
            roads = inputs.frames["roads"].assign(km=lengths_km)
            return in_areas(roads, areas, weight="km", overlapping=overlapping)["value"]
        case _:
            return areas_km2(areas)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a live density needs beside features: cells that are there without any; is one zone enough."""

    cells: NDArray[np.uint64]
    one_zone: bool


def _ground(parameters: DensityParameters, inputs: Inputs) -> _Ground:
    outline = _outline(inputs)
    if outline is None:
        return _Ground(np.zeros(0, dtype=np.uint64), one_zone=False)
    west, _, east, _ = outline.bounds
    cells = cover(outline, parameters.resolution, Containment.INTERSECTS)
    return _Ground(cells, gauss_kruger(west) == gauss_kruger(east))


def _touched(
    parameters: DensityParameters, changes: Mapping[str, Sequence[Change]]
) -> NDArray[np.uint64] | None:
    """Return the cells that changed features touch; denominators and areas change everything."""
    if set(changes) != {"features"} or any(one.feature_id is None for one in changes["features"]):
        return None
    boxes = np.array([box for one in changes["features"] for box in one.boxes]).reshape(-1, 4)
    corners = [mercator_to_degrees(boxes[:, :2]), mercator_to_degrees(boxes[:, 2:])]
    shapes: Any = shapely.box(*(corners[0] - _MARGIN).T, *(corners[1] + _MARGIN).T)
    cells = touched(shapes, parameters.resolution)
    return None if len(cells) > MOST_TOUCHED else cells


def _recompute(
    parameters: DensityParameters,
    ground: _Ground,
    cells: NDArray[np.uint64],
    inputs: Inputs,
    stored: Callable[[NDArray[np.uint64]], pd.DataFrame],
) -> Redone | None:
    """Compute cells again from the features in them, and their ancestors from all their descendants."""
    features = inputs.frames["features"]
    if not ground.one_zone and (shapely.get_dimensions(features.geometry.to_numpy()) > 0).any():
        return None  # what is measured depends on the zone that all features together have
    finest, per = parameters.resolution, AGAINST[parameters.against][1]
    sums = in_cells(features, finest, weight=parameters.weight, within=inputs.region)
    sums = sums[np.isin(sums.index, cells)]
    present = np.union1d(np.intersect1d(cells, ground.cells), sums.index.to_numpy())
    base = sums.reindex(pd.Index(present, name="cell"), fill_value=0.0)
    before = stored(np.unique(parents(cells, min(COARSEST, finest))))
    others = before[(resolution_of(before.index.to_numpy()) == finest) & ~np.isin(before.index, cells)]
    after = pd.concat([others[["n", "value"]], base]).sort_index()
    levels, gone = [], []
    for resolution in range(finest, COARSEST - 1, -1):
        above = np.unique(parents(cells, resolution))
        members = after[np.isin(parents(after.index.to_numpy(), resolution), above)]
        level = base if resolution == finest else rollup(members, resolution)
        gone.append(np.setdiff1d(above, level.index.to_numpy()))
        if parameters.against is Against.AREA:
            against = area_km2(level.index.to_numpy(), inputs.region)
        else:
            # Nobody moved and no road changed: only of a cell that was not there nothing is known.
            if not level.index.isin(before.index).all():
                return None
            against = before["against"].reindex(level.index)
        levels.append(level.assign(against=against, density=ratio(level["value"], against, per)))
    return Redone(pd.concat(levels), np.concatenate(gone))


def _areas(parameters: DensityParameters, inputs: Inputs) -> pd.DataFrame:
    return _by_areas(parameters, inputs, AGAINST[parameters.against][1])


def _note(
    parameters: DensityParameters, inputs: Inputs, sums: pd.DataFrame, areas: pd.DataFrame
) -> MethodNote:
    features = inputs.frames["features"]
    towns = areas[areas["layer"] == "towns"]
    facts = {
        "features": len(features),
        "counted": round(float(sums["n"].sum()), 6),
        "not_in_service": inputs.left_out.get("features", 0),
        "without_weight": int(sums.attrs.get("missing", 0)),
        "outside_towns": round(float(sums["n"].sum() - towns["n"].sum()), 6) if len(towns) else None,
    }
    limits = [
        "An H3 cell is an index for analysis, no official unit.",
        "Few features in a cell give an unsteady density: read it with n.",
    ]
    if (shapely.get_dimensions(features.geometry.to_numpy()) > 0).any():
        limits.append(
            "A line or polygon counts in each cell by the share of it that lies there: numbers of features "
            "are sums of shares, not how many touch the cell."
        )
    if parameters.against is Against.PEOPLE:
        limits += [
            "People are residents by home, spread from community totals; not who is there by day.",
            "Residents of regions are added up from population cells, by area where a border cuts one: they "
            "differ from the registered number on a region's card, most in small communities.",
        ]
    if inputs.region is not None:
        limits.append("Cells on the region's boundary hold its part only, in the sum and in the denominator.")
    return MethodNote(
        method=(
            "Sum by cell: a point counts where it lies, a line by its length and a polygon by its area in "
            "each cell. Coarser cells add up their children by id; their areas are measured anew. Regions "
            "and extents are computed from the features themselves."
        ),
        source="H3 4.x grid; areal shares planar in the 3-degree Gauss-Krüger zone (CGCS2000)",
        parameters=parameters.model_dump(mode="json"),
        facts=facts,
        limits=tuple(limits),
    )


DENSITY = Kind(
    name="density",
    title=Words(zh="密度", en="Density"),
    description=Words(
        zh="任一图层的要素数量或数值，按六边形单元、区域与范围汇总，并与面积、人口或道路长度相比。",
        en="Features of any layer, or a number of them, by cell, region and extent, against area, people or "
        "road length.",
    ),
    parameters=DensityParameters,
    check=check,
    wanted=wanted,
    compute=compute,
    columns=(
        Column("n", Words(zh="要素数", en="Features"), 2, amount=True),
        Column("value", Words(zh="合计", en="Sum"), 2, amount=True),
        Column("against", Words(zh="分母", en="Denominator"), 3, amount=True),
        Column("density", Words(zh="密度", en="Density"), 3),
    ),
    shown="density",
    subject=SUBJECT,
    wording=wording,
    live=Live(prepare=_ground, touched=_touched, recompute=_recompute, areas=_areas),
    asks={
        "layer": Asked(Words(zh="图层", en="Layer"), choose="layer"),
        "weight": Asked(
            Words(zh="合计字段", en="Field to add up"),
            Words(zh="不选则每个要素计 1", en="Each feature counts 1 where none is chosen"),
            choose="field",
            of="layer",
        ),
        "against": Asked(
            Words(zh="相对于", en="Against"),
            options={
                "area": Words(zh="面积（平方公里）", en="Area (km²)"),
                "people": Words(zh="常住人口（千人）", en="Residents (thousands)"),
                "road_length": Words(zh="道路长度（公里）", en="Road length (km)"),
            },
        ),
        "resolution": RESOLUTION_ASKED,
    },
    ramp=Ramp(
        dark=("#2B4C7E", "#2F6BA3", "#4590C6", "#7DBBE2", "#C6E6FA"),
        light=("#D6E6F4", "#A6CBE3", "#6AA6CF", "#3578AE", "#124C83"),
    ),
)
