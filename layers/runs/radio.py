"""The kind ``radio_coverage``: predicted level, interference and coverage by cell, region and place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.cells import parents, resolution_of, rollup
from geo.crs import metric_crs
from geo.density import area_km2
from geo.notes import MethodNote
from geo.radio import is_covered, predict, samples_of, technology_of
from layers.city import TARGETS
from layers.definitions.loading import Catalog
from layers.definitions.words import Words
from layers.runs.kinds import Inputs, Kind, Outcome, Progress
from layers.runs.parameters import bad
from layers.runs.people import people_by_cell
from layers.runs.radio_areas import FULL_SHARE, MEANS, MEDIANS, SUMS, by_areas, urban_and_rural, verdicts
from layers.runs.radio_columns import (
    AREA_COLUMNS,
    COLUMNS,
    NO_SIGNAL_DBM,
    PICTURES,
    RAMP,
    level_classes,
    with_no_signal,
    wording,
)
from layers.runs.radio_indoor import DEPTH_M, indoor_limit, predicted_indoors
from layers.runs.radio_inputs import (
    ASKS,
    COARSEST,
    DOCUMENTS,
    SUBJECT,
    RadioParameters,
    RadioTechnology,
    antennas_in,
    cells_of,
    ground_of,
    kilometres_by_cell,
    model_limits,
    operators_in,
    outline_of,
    sectors_of,
    wanted,
)
from layers.runs.radio_lines import line_findings
from layers.runs.radio_priority import LIMIT as PRIORITY_LIMIT
from layers.runs.radio_priority import priority_findings, priority_members
from layers.runs.radio_servers import main_servers, servers_of
from layers.runs.radio_sites import sites_by_year


@dataclass(frozen=True)
class Predicted:
    """A prediction with what it was made from.

    Attributes
    ----------
    cells : DataFrame
        Of `geo.radio.predict`, with ``indoor_probability``, ``covered``, the columns of
        `layers.runs.radio_servers` and the sums of `SUMS`.
    sectors : GeoDataFrame
        All that were read, also those out of service.
    common : mapping
        What every prediction of the run has in common: model, surface, terrain, patterns, samples.
    note : MethodNote
        Of the prediction.
    """

    cells: pd.DataFrame
    sectors: gpd.GeoDataFrame
    common: Mapping[str, Any]
    note: MethodNote


def check(parameters: RadioParameters, catalog: Catalog) -> None:
    """Raise `BadRunParameter` where the operator is not in the code list."""
    known = [one.code for one in catalog.code_lists["operators"].codes]
    if parameters.operator is not None and parameters.operator not in known:
        raise bad("operator", parameters.operator, "one-of", known=", ".join(known))


def predicted(parameters: RadioParameters, inputs: Inputs, progress: Progress) -> Predicted:
    """Predict the cells of the region, and add people, area and ways to them."""
    outline = outline_of(inputs)
    cells = cells_of(outline, parameters.resolution)
    sectors = sectors_of(parameters, inputs, operator=parameters.operator)
    working = sectors[sectors["in_service"]]
    settings = parameters.settings()
    frame = gpd.GeoDataFrame(geometry=[outline], crs=4326)
    crs = metric_crs(working) if len(working) else metric_crs(frame)
    points = samples_of(cells, crs, settings.samples)
    surface, terrain = ground_of(parameters, inputs, outline, crs)
    progress(0.1)
    common: dict[str, Any] = {
        "model": parameters.usual_model, "surface": surface, "terrain": terrain, "points": points,
        "patterns": antennas_in(inputs),
    }  # fmt: skip
    found = predict(working, cells, settings=settings, **common)
    progress(0.4)

    def predict_in(building: str, some: NDArray[np.uint64]) -> pd.DataFrame:
        inside = replace(settings, indoor=building, depth_m=DEPTH_M)
        given = common if len(some) == len(cells) else {**common, "points": None}
        return predict(working, some, settings=inside, **given)

    indoors = predicted_indoors(parameters, cells, inputs.frames["buildings"], predict_in)
    progress(0.6)
    covered = is_covered(found, settings.rsrp_threshold, settings.sinr_threshold).to_numpy()
    inside = is_covered(indoors.homes, settings.rsrp_threshold, settings.sinr_threshold).to_numpy()
    note = found.attrs["note"]
    # By site where none is named for all.
    note = replace(note, parameters={**note.parameters, "model": parameters.model.value})
    people = people_by_cell(inputs.frames["people"], parameters.resolution, inputs.region)
    people = people.reindex(found.index, fill_value=0.0).to_numpy()
    sums = {
        "area_km2": area_km2(cells, outline).to_numpy(),
        "people": people,
        **{
            f"{role}_km": kilometres_by_cell(inputs.frames[role], parameters.resolution, outline)
            .reindex(found.index, fill_value=0.0)
            .to_numpy()
            for role in ("roads", "railways")
        },
    }
    found = found.assign(
        **servers_of(found["best_sector"], working),
        indoor_probability=indoors.probability,
        covered=covered,
        **sums,
        area_covered_km2=sums["area_km2"] * covered,
        people_covered=people * covered,
        people_indoor=people * inside,
        roads_covered_km=sums["roads_km"] * covered,
        railways_covered_km=sums["railways_km"] * covered,
    )
    progress(0.7)
    return Predicted(found, sectors, common, note)


def compute(parameters: RadioParameters, inputs: Inputs, progress: Progress) -> Outcome:
    """Predict, and sum up by region, extent, key place and operator."""
    made = predicted(parameters, inputs, progress)
    members = priority_members(inputs)
    outline = outline_of(inputs)
    areas = by_areas(_shown(made.cells), inputs, members, outline)
    # What plans want covered first is meant for the public: trunking is judged along its lines.
    public = parameters.technology is not RadioTechnology.PDT
    priority = priority_findings(made.cells, members, outline) if public else []
    progress(0.8)
    facts = {
        **_facts(made, areas, priority),
        **_by_operator(parameters, made),
        **urban_and_rural(made.cells, inputs, outline),
    }
    progress(0.9)
    working = made.sectors[made.sectors["in_service"]]
    common = {name: value for name, value in made.common.items() if name != "points"}
    findings = priority + line_findings(inputs, outline, working, parameters.settings(), common)
    sites = sites_by_year(
        inputs.frames["stations"], parameters.technology.value, inputs.documents.get(TARGETS, ())
    )
    findings += [{"what": "sites", **one} for one in sites]
    progress(0.98)
    note = made.note
    technology = technology_of(parameters.technology.value)
    limits = [
        f"Covered: {technology.reference} and SINR of the cell's median place reach both thresholds.",
        f"Fully covered: at least {FULL_SHARE:.0%} of the residents, or of the area where nobody lives; "
        f"deeply covered: as many of them also indoors, {DEPTH_M:g} m from the outer wall of their homes. "
        "Ours.",
        indoor_limit(parameters),
        f"{NO_SIGNAL_DBM:g} dBm stands for that level or less, also beyond the reach of every sector.",
        "Figures of regions, extents and places add up cells, those on a boundary by their share of area.",
        PRIORITY_LIMIT,
        *model_limits(parameters),
        *note.limits,
    ]
    return Outcome(
        cells=_levels(made.cells),
        areas=areas,
        note=replace(note, facts={**facts, **note.facts}, limits=tuple(limits)),
        units={**_UNITS},
        findings=findings,
    )


_UNITS = {
    "covered_percent": "%", "rsrp_dbm": "dBm", "sinr_db": "dB", "area_km2": "km²",
    "area_covered_km2": "km²", "roads_km": "km", "roads_covered_km": "km", "railways_km": "km",
    "railways_covered_km": "km",
}  # fmt: skip


def _shown(cells: pd.DataFrame) -> pd.DataFrame:
    return verdicts(with_no_signal(cells))[[column.name for column in COLUMNS]].astype(float)


def _levels(cells: pd.DataFrame) -> pd.DataFrame:
    """Return all resolutions: sums added up, levels as the median, probabilities as the mean, servers."""
    found = [_shown(cells)]
    for resolution in range(int(resolution_of(cells.index.to_numpy()[:1])[0]) - 1, COARSEST - 1, -1):
        coarse = rollup(cells[list(SUMS)], resolution)
        known = _shown(cells)[[*MEDIANS, *MEANS]]
        by = known.groupby(pd.Index(parents(cells.index.to_numpy(), resolution), name="cell"), sort=True)
        coarse = coarse.join(by[list(MEDIANS)].median()).join(by[list(MEANS)].mean())
        coarse = coarse.join(main_servers(cells, coarse.index, resolution))
        found.append(_shown(coarse))
    return pd.concat(found)


def _facts(made: Predicted, areas: pd.DataFrame, priority: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    cells = made.cells
    villages = areas[areas["layer"] == "communities"]
    return {
        "counted": int(made.sectors["in_service"].sum()),
        "not_in_service": int((~made.sectors["in_service"]).sum()),
        "people": round(float(cells["people"].sum())),
        "people_covered": round(float(cells["people_covered"].sum())),
        "people_indoor": round(float(cells["people_indoor"].sum())),
        "area_km2": round(float(cells["area_km2"].sum()), 2),
        "area_covered_km2": round(float(cells["area_covered_km2"].sum()), 2),
        "villages": len(villages),
        "villages_fully_covered": int((villages["full"] == 1).sum()),
        "priority_places": sum(one["places"] for one in priority),
        "priority_places_without_hole": sum(one["whole"] for one in priority),
    }


def _by_operator(parameters: RadioParameters, made: Predicted) -> dict[str, Any]:
    """Return the residents that each operator covers; a shared site counts for each of them."""
    names = operators_in(made.sectors) if parameters.operator is None else []
    settings = parameters.settings()
    found: dict[str, Any] = {}
    for name in names if len(names) > 1 else ():
        serves = pd.Series([name in one for one in made.sectors["operators"]], index=made.sectors.index)
        own = made.sectors[serves & made.sectors["in_service"]]
        level = predict(own, made.cells.index, settings=settings, **made.common)
        reached = is_covered(level, settings.rsrp_threshold, settings.sinr_threshold).to_numpy()
        found[f"people_covered_{name}"] = round(float(made.cells["people"].to_numpy()[reached].sum()))
    return found


RADIO_COVERAGE = Kind(
    name="radio_coverage",
    title=Words(zh="无线覆盖预测", en="Predicted radio coverage"),
    description=Words(
        zh="按扇区工程参数预测的电平、干扰与覆盖概率，按六边形单元、区域、范围与重点部位汇总。",
        en="Level, interference and probability of coverage, predicted from the parameters of sectors.",
    ),
    parameters=RadioParameters,
    check=check,
    wanted=wanted,
    compute=compute,
    columns=COLUMNS,
    area_columns=AREA_COLUMNS,
    shown="rsrp_dbm",
    shown_title=Words(zh="电平", en="Level"),
    ramp=RAMP,
    classes=level_classes("5g"),
    pictures=PICTURES,
    wording=wording,
    subject=SUBJECT,
    asks=ASKS,
    documents=DOCUMENTS,
)
