"""The kind ``risk_cells``: the worst hazard class of each cell times the residents who live there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pydantic import Field as Limited
from shapely.geometry.base import BaseGeometry

from geo.cells import Containment, cover, parents, polygons, rollup
from geo.cutting import parts_inside
from geo.density import shares_in_areas
from geo.notes import MethodNote
from layers.definitions.loading import Catalog
from layers.definitions.words import Words
from layers.runs.density import AREA_LAYERS
from layers.runs.forms import RESOLUTION_ASKED
from layers.runs.kinds import Column, Inputs, Kind, Outcome, Progress, Ramp, Wanted
from layers.runs.parameters import Parameters
from layers.runs.people import people_by_cell

COARSEST, FINEST, USUAL = 5, 10, 9

#: Risk classes of hazard areas (四色), each with its rank; the two highest are counted by themselves.
RANKS = {"blue": 1, "yellow": 2, "orange": 3, "red": 4}
HIGH = 3
_SUMS = ["people", "people_inside", "people_high", "risk"]

_METHOD = (
    "The worst risk class among the hazard areas that touch a cell, from 1 (blue) to 4 (red), times the "
    "residents of the cell. Coarser cells have the worst class of their children and the sum of their "
    "products; regions share the products of a cell by area."
)
_LIMITS = (
    "A plain overlay: no probability, no vulnerability, and all kinds of hazards alike.",
    "A cell that an area only touches counts whole.",
    "People are residents by home, spread from community totals; not who is there by day.",
    "An H3 cell is an index for analysis, no official unit.",
)


class RiskParameters(Parameters):
    """What risk cells are computed from."""

    resolution: Annotated[int, Limited(ge=COARSEST, le=FINEST)] = USUAL


def check(parameters: RiskParameters, catalog: Catalog) -> None:
    """All resolutions of the model fit every catalogue."""


def wanted(parameters: RiskParameters) -> Sequence[Wanted]:
    """Return the layers that a run reads."""
    return [
        Wanted("population", ("cell", "residents"), "people"),
        Wanted("hazard_areas", ("risk_class",), "hazards"),
        *(Wanted(layer, ("name",), layer, optional=True) for layer in AREA_LAYERS),
    ]


def compute(parameters: RiskParameters, inputs: Inputs, progress: Progress) -> Outcome:
    """Lay hazard areas over residents, cell by cell."""
    people = people_by_cell(inputs.frames["people"], parameters.resolution, inputs.region)
    worst = _worst(parameters, inputs)
    progress(0.5)
    cells = np.union1d(people.index.to_numpy(dtype=np.uint64), worst.index.to_numpy(dtype=np.uint64))
    every = pd.Index(cells, name="cell")
    base = pd.DataFrame(
        {"people": people.reindex(every, fill_value=0.0), "worst": worst.reindex(every, fill_value=0)}
    )
    base["people_inside"] = base["people"].where(base["worst"] > 0, 0.0)
    base["people_high"] = base["people"].where(base["worst"] >= HIGH, 0.0)
    base["risk"] = base["people"] * base["worst"]
    levels = [base]
    for resolution in range(parameters.resolution - 1, COARSEST - 1, -1):
        level = rollup(base[_SUMS], resolution)
        coarser = base["worst"].groupby(parents(cells, resolution)).max()
        levels.append(level.assign(worst=coarser.reindex(level.index)))
    progress(0.8)
    note = MethodNote(
        _METHOD,
        "Ours: a plain overlay; no standard gives the ranks of the four colours",
        parameters=parameters.model_dump(mode="json"),
        facts={
            "hazard_areas": len(inputs.frames["hazards"]),
            "residents": round(float(base["people"].sum())),
            "residents_high": round(float(base["people_high"].sum())),
        },
        limits=_LIMITS,
    )
    return Outcome(pd.concat(levels), _by_areas(base, inputs), note, {})


def _worst(parameters: RiskParameters, inputs: Inputs) -> pd.Series:
    """Return the highest rank by cell; cells that no area touches are left out."""
    found: list[pd.Series] = []
    hazards = inputs.frames["hazards"]
    for name, rank in RANKS.items():
        shapes = hazards.geometry[hazards["risk_class"].eq(name).to_numpy()].to_numpy()
        if inputs.region is not None:
            shapes = shapely.intersection(shapes, inputs.region)
        areas = [one for one in shapes if not one.is_empty and shapely.get_dimensions(one) == 2]
        touched = [cover(one, parameters.resolution, Containment.INTERSECTS) for one in areas]
        if touched:
            cells = np.unique(np.concatenate(touched))
            found.append(pd.Series(rank, index=pd.Index(cells, name="cell")))
    if not found:
        return pd.Series([], index=pd.Index([], dtype=np.uint64, name="cell"), dtype=np.int64)
    return pd.concat(found).groupby(level=0).max()


def _inside(cells: pd.DataFrame, outline: BaseGeometry | None) -> NDArray[np.object_]:
    """Return the parts of cells where their people can live: none of them lives beyond the boundary."""
    whole: NDArray[np.object_] = polygons(cells.index.to_numpy()).to_numpy()
    if outline is None:
        return whole
    parts = parts_inside(whole, outline)
    inside: NDArray[np.object_] = np.where(shapely.is_empty(parts), whole, parts)
    return inside


def _by_areas(base: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Share the sums of cells out to regions and extents, by area."""
    lived_in = base[base["people"] > 0]
    shapes = gpd.GeoDataFrame(geometry=_inside(lived_in, inputs.region or inputs.city), crs=4326)
    found = []
    for layer in AREA_LAYERS:
        areas = inputs.frames.get(layer)
        if areas is None or (inputs.prefix and layer == "extents"):
            continue
        areas = areas[areas["code"].notna()]
        prefix = inputs.prefix or inputs.city_prefix
        if prefix and layer != "extents":
            areas = areas[areas["code"].str.startswith(prefix)]
        if not len(areas):
            continue
        inside = shares_in_areas(shapes, areas, overlapping=layer == "extents")
        sums = {
            name: np.bincount(
                inside.zone, inside.share * lived_in[name].to_numpy()[inside.feature], minlength=len(areas)
            )
            for name in _SUMS
        }
        found.append(
            pd.DataFrame(
                {"layer": layer, "code": areas["code"].to_numpy(), "name": areas["name"].to_numpy(), **sums}
            )
        )
    return pd.concat(found) if found else pd.DataFrame(columns=["layer", "code", "name", *_SUMS])


_PEOPLE = (
    Column("people", Words(zh="常住人口", en="Residents"), 0, amount=True),
    Column("people_inside", Words(zh="风险区内人口", en="Residents in hazard areas"), 0, amount=True),
    Column(
        "people_high",
        Words(zh="红、橙色风险区内人口", en="Residents in red and orange areas"),
        0,
        amount=True,
    ),
    Column("risk", Words(zh="等级×人口", en="Class × residents"), 0, amount=True),
)

RISK_CELLS = Kind(
    name="risk_cells",
    title=Words(zh="灾害风险单元", en="Risk cells"),
    description=Words(
        zh="每个六边形单元中最高的灾害风险等级（蓝 1 至红 4）乘以常住人口。",
        en="The worst hazard class of each cell, from blue 1 to red 4, times its residents.",
    ),
    parameters=RiskParameters,
    check=check,
    wanted=wanted,
    compute=compute,
    columns=(
        *_PEOPLE,
        Column(
            "worst", Words(zh="最高风险等级", en="Worst class"), 0,
            words=(
                Words(zh="无", en="none"), Words(zh="蓝", en="blue"), Words(zh="黄", en="yellow"),
                Words(zh="橙", en="orange"), Words(zh="红", en="red"),
            ),
        ),
    ),
    area_columns=_PEOPLE,
    shown="risk",
    zero_title=Words(zh="无人或不在风险区", en="Nobody, or no hazard area"),
    asks={
        "resolution": RESOLUTION_ASKED,
    },
    ramp=Ramp(
        dark=("#3D2A5E", "#5F3D8A", "#8A5BB8", "#B483DB", "#DDB9F5"),
        light=("#EFE4F8", "#D3B8EA", "#AF86D3", "#8655B3", "#5A2A87"),
    ),
)  # fmt: skip
