"""The kind ``density``: how much there is of a layer, by cell, region and extent, against what."""

from __future__ import annotations

from typing import Annotated

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import Field as Limited
from pydantic import StringConstraints

from geo.cells import Containment, cover, index, parents, parse, resolution_of, rollup
from geo.density import (
    AGAINST,
    Against,
    area_km2,
    areas_km2,
    in_areas,
    in_cells,
    lengths_km,
    ratio,
    shares_in_areas,
)
from geo.notes import MethodNote
from layers.definitions import GeometryFamily
from layers.definitions.field import NUMERIC
from layers.definitions.loading import Catalog
from layers.definitions.words import Words
from layers.runs.kinds import Asked, Column, Inputs, Kind, Outcome, Parameters, Progress, Ramp, Wanted, bad

COARSEST, FINEST, USUAL = 5, 12, 8
#: Cells of a result, all resolutions together.
MOST_CELLS = 4_000_000
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


def _with_empty_cells(sums: pd.DataFrame, resolution: int, inputs: Inputs) -> pd.DataFrame:
    """Add the cells of the region, or of the city, that hold nothing: none is a finding, not a gap."""
    outline = inputs.region or inputs.city
    if outline is None and len(counties := inputs.frames.get("counties", gpd.GeoDataFrame())):
        outline = shapely.union_all(counties.geometry.to_numpy())
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
            return _people(inputs.frames["people"], parameters.resolution, inputs)
        case Against.ROAD_LENGTH:
            roads = inputs.frames["roads"].assign(km=lengths_km)
            return in_cells(roads, parameters.resolution, weight="km", within=inputs.region)["value"]
        case _:
            return None


def _people(population: gpd.GeoDataFrame, resolution: int, inputs: Inputs) -> pd.Series:
    """Add people up by the ids of their cells, and by area share where the region cuts one."""
    if not len(population):
        return pd.Series([], index=pd.Index([], dtype=np.uint64, name="cell"), dtype=float)
    cells = parse(population["cell"].to_numpy())
    coarsest = int(resolution_of(cells).min())
    if coarsest < resolution:
        raise bad("resolution", resolution, "at-most", most=coarsest)
    people = population["residents"].to_numpy(dtype=float)
    if inputs.region is not None:
        frame = gpd.GeoDataFrame(geometry=[inputs.region], crs=4326)
        inside = shares_in_areas(population, frame)
        people = people * np.bincount(inside.feature, weights=inside.share, minlength=len(people))
    return pd.Series(people, index=pd.Index(parents(cells, resolution), name="cell")).groupby(level=0).sum()


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
    if parameters.against is Against.PEOPLE:
        limits.append("People are residents by home, spread from community totals; not who is there by day.")
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
        Column("n", Words(zh="要素数", en="Features"), 2),
        Column("value", Words(zh="合计", en="Sum"), 2),
        Column("against", Words(zh="分母", en="Denominator"), 3),
        Column("density", Words(zh="密度", en="Density"), 3),
    ),
    shown="density",
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
        "resolution": Asked(
            Words(zh="单元级别", en="Cell resolution"),
            Words(
                zh="H3 级别：8 约 0.6 平方公里，9 约 0.09，10 约 0.012",
                en="H3 resolution: 8 is about 0.6 km², 9 about 0.09, 10 about 0.012",
            ),
        ),
    },
    ramp=Ramp(
        dark=("#2B4C7E", "#2F6BA3", "#4590C6", "#7DBBE2", "#C6E6FA"),
        light=("#D6E6F4", "#A6CBE3", "#6AA6CF", "#3578AE", "#124C83"),
    ),
)
