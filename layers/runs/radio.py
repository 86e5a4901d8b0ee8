"""The kind ``radio_coverage``: predicted level, interference and coverage by cell, region and place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.cells import parents, resolution_of, rollup, to_regions
from geo.crs import metric_crs
from geo.density import area_km2
from geo.notes import MethodNote
from geo.radio import is_covered, predict, samples_of, technology_of
from layers.city import TARGETS
from layers.definitions.loading import Catalog
from layers.definitions.words import Words
from layers.runs.kinds import NO_YES, Column, Inputs, Kind, Outcome, Progress, Ramp, bad
from layers.runs.people import people_by_cell
from layers.runs.radio_indoor import DEPTH_M, indoor_limit, predicted_indoors
from layers.runs.radio_inputs import (
    AREA_LAYERS,
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
from layers.runs.radio_naming import with_short_names
from layers.runs.radio_priority import LIMIT as PRIORITY_LIMIT
from layers.runs.radio_priority import WHOLE, priority_findings, priority_members
from layers.runs.radio_sites import sites_by_year

#: Level that stands for no signal: the least that the legend tells apart.
NO_SIGNAL_DBM, NO_SIGNAL_DB = -140.0, -20.0
#: A place is fully covered when this share of its residents (of its area where nobody lives) is.
FULL_SHARE = 0.95
#: Layers whose features are rows because a priority class holds them.
PLACE_LAYERS = ("key_places", "legal_entities")

#: Kinds of extents that make a place urban: urban areas and the seats of towns (城区 and 镇区 of the rules on
#: urban and rural areas in statistics, 国函〔2008〕60号).
URBAN = ("main_urban", "central_urban", "built_up", "county_town", "town_seat")

_SUMS = (
    "area_km2", "area_covered_km2", "people", "people_covered", "people_indoor", "roads_km",
    "roads_covered_km", "railways_km", "railways_covered_km",
)  # fmt: skip
_MEDIANS = ("rsrp_dbm", "sinr_db")
_MEANS = ("covered_probability", "indoor_probability")


@dataclass(frozen=True)
class Predicted:
    """A prediction with what it was made from.

    Attributes
    ----------
    cells : DataFrame
        Of `geo.radio.predict`, with ``indoor_probability``, ``covered`` and the sums of `_SUMS`.
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
    areas = _by_areas(made.cells, inputs, members)
    # What plans want covered first is meant for the public: trunking is judged along its lines.
    public = parameters.technology is not RadioTechnology.PDT
    priority = priority_findings(made.cells, members) if public else []
    progress(0.8)
    facts = {
        **_facts(made, areas, priority),
        **_by_operator(parameters, made),
        **_urban_and_rural(made.cells, inputs),
    }
    progress(0.9)
    working = made.sectors[made.sectors["in_service"]]
    common = {name: value for name, value in made.common.items() if name != "points"}
    findings = priority + line_findings(inputs, outline_of(inputs), working, parameters.settings(), common)
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
    if parameters.technology is not RadioTechnology.NR:
        limits.append("The classes of the legend are those of 5G.")
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
    return _verdicts(with_no_signal(cells))[[column.name for column in COLUMNS]].astype(float)


def with_no_signal(table: pd.DataFrame) -> pd.DataFrame:
    """Return levels and ratios with the least that the legend tells apart in place of none."""
    levels = {
        "rsrp_dbm": table["rsrp_dbm"].fillna(NO_SIGNAL_DBM).clip(lower=NO_SIGNAL_DBM),
        "sinr_db": table["sinr_db"].fillna(NO_SIGNAL_DB).clip(lower=NO_SIGNAL_DB),
    }
    return table.assign(**levels)


def _verdicts(table: pd.DataFrame) -> pd.DataFrame:
    """Add the share that is covered, of residents or of the area where nobody lives, and both verdicts.

    A verdict is 1 or 0; there is none on deep coverage where nobody lives.
    """
    lived_in = table["people"] > 0
    by_people = table["people_covered"] / table["people"].where(lived_in)
    by_area = table["area_covered_km2"] / table["area_km2"].where(table["area_km2"] > 0)
    share = by_people.where(lived_in, by_area)
    deep = table["people_indoor"] / table["people"].where(lived_in) >= FULL_SHARE
    return table.assign(
        covered_percent=100 * share,
        full=(share >= FULL_SHARE).astype(float),
        deep=deep.astype(float).where(lived_in),
    )


def _levels(cells: pd.DataFrame) -> pd.DataFrame:
    """Return all resolutions: sums added up, levels as the median, probabilities as the mean."""
    found = [_shown(cells)]
    for resolution in range(int(resolution_of(cells.index.to_numpy()[:1])[0]) - 1, COARSEST - 1, -1):
        coarse = rollup(cells[list(_SUMS)], resolution)
        known = _shown(cells)[[*_MEDIANS, *_MEANS]]
        by = known.groupby(pd.Index(parents(cells.index.to_numpy(), resolution), name="cell"), sort=True)
        coarse = coarse.join(by[list(_MEDIANS)].median()).join(by[list(_MEANS)].mean())
        found.append(_shown(coarse))
    return pd.concat(found)


def _by_areas(cells: pd.DataFrame, inputs: Inputs, members: gpd.GeoDataFrame) -> pd.DataFrame:
    """Sum up by region, extent, and place or enterprise of a priority class."""
    known = _shown(cells)
    weights = known[list(_SUMS)].copy()
    means = [*_MEDIANS, *_MEANS]
    # Means over the area inside, so that a cell counts with what lies in the area.
    for name in means:
        weights[name] = known[name] * known["area_km2"]
    found = []
    for layer, areas in _areas_in(inputs, members):
        sums = to_regions(weights, areas)
        for name in means:
            sums[name] = sums[name] / sums["area_km2"].where(sums["area_km2"] > 0)
        sums = _verdicts(sums)
        if layer in PLACE_LAYERS:
            # Without a hole: every part of what lies around must be reached.
            whole = sums["area_covered_km2"] >= WHOLE * sums["area_km2"]
            sums["full"] = whole.astype(float).where(sums["area_km2"] > 0)
            sums["covered_percent"] = 100 * sums["area_covered_km2"] / sums["area_km2"]
        found.append(sums.assign(layer=layer, code=areas["code"], name=areas["name"]))
    columns = ["layer", "code", "name", *(column.name for column in AREA_COLUMNS)]
    return _with_villages(pd.concat(found))[columns] if found else pd.DataFrame(columns=columns)


def _areas_in(inputs: Inputs, members: gpd.GeoDataFrame) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    prefix = inputs.prefix or inputs.city_prefix
    for layer in AREA_LAYERS:
        areas = inputs.frames.get(layer)
        if areas is None or (inputs.prefix and layer == "extents"):
            continue
        areas = with_short_names(areas[areas["code"].notna()])
        if prefix and layer != "extents":
            areas = areas[areas["code"].str.startswith(prefix)]
        if len(areas):
            yield layer, areas
    for layer in PLACE_LAYERS:
        places = members[members["layer"] == layer].drop_duplicates("code").reset_index(drop=True)
        if len(places):
            yield layer, places


def _with_villages(areas: pd.DataFrame) -> pd.DataFrame:
    """Add to regions how many villages they have and how many of these are fully covered."""
    villages = areas[areas["layer"] == "communities"]
    regions = areas["layer"].isin(AREA_LAYERS) & (areas["layer"] != "extents")
    full = (villages["full"] == 1).to_numpy()
    counted = np.full((len(areas), 2), np.nan)
    for at in np.flatnonzero(regions):
        # Codes of counties, towns and villages begin with that of what they lie in.
        inside = villages["code"].str.startswith(areas["code"].iloc[at]).to_numpy(dtype=bool)
        counted[at] = inside.sum(), (inside & full).sum()
    return areas.assign(villages=counted[:, 0], villages_full=counted[:, 1])


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


def _urban_and_rural(cells: pd.DataFrame, inputs: Inputs) -> dict[str, Any]:
    """Return the residents covered in towns and in the country, in percent, and how far they are apart.

    Nothing where no extents are loaded: then nobody knows where the towns end.
    """
    extents = inputs.frames.get("extents")
    towns = None if extents is None else extents[extents["kind"].isin(URBAN)]
    if towns is None or not len(towns):
        return {}
    urban = gpd.GeoDataFrame(geometry=[towns.union_all()], crs=4326)
    columns = ["people", "people_covered"]
    inside = to_regions(cells[columns], urban)[columns].sum()
    outside = cells[columns].sum() - inside
    shares = [
        round(100 * float(one["people_covered"] / one["people"]), 2) if one["people"] > 0 else None
        for one in (inside, outside)
    ]
    found: dict[str, Any] = {"urban_covered_percent": shares[0], "rural_covered_percent": shares[1]}
    if shares[0] is not None and shares[1] is not None:
        found["urban_rural_gap_points"] = round(shares[0] - shares[1], 2)
    return found


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


COLUMNS = (
    Column("rsrp_dbm", Words(zh="参考信号电平", en="Level"), 1),
    Column("sinr_db", Words(zh="信干噪比", en="SINR"), 1),
    Column("covered_probability", Words(zh="室外覆盖概率", en="Probability outdoors"), 2),
    Column("indoor_probability", Words(zh="室内覆盖概率", en="Probability indoors"), 2),
    Column("people", Words(zh="常住人口", en="Residents"), 0, amount=True),
    Column("people_covered", Words(zh="覆盖人口", en="Residents covered"), 0, amount=True),
    Column("people_indoor", Words(zh="室内覆盖人口", en="Residents covered indoors"), 0, amount=True),
    Column("area_km2", Words(zh="面积", en="Area"), 3, amount=True),
    Column("area_covered_km2", Words(zh="覆盖面积", en="Area covered"), 3, amount=True),
    Column("roads_km", Words(zh="道路长度", en="Roads"), 2, amount=True),
    Column("roads_covered_km", Words(zh="覆盖道路", en="Roads covered"), 2, amount=True),
    Column("railways_km", Words(zh="铁路长度", en="Railways"), 2, amount=True),
    Column("railways_covered_km", Words(zh="覆盖铁路", en="Railways covered"), 2, amount=True),
    Column("full", Words(zh="全覆盖", en="Fully covered"), 0, words=NO_YES),
    Column("deep", Words(zh="深度覆盖", en="Deeply covered"), 0, words=NO_YES),
)
_BY_NAME = {column.name: column for column in COLUMNS}
#: What a planner looks for first stands first.
AREA_COLUMNS = (
    Column("covered_percent", Words(zh="覆盖率", en="Covered"), 1),
    *(_BY_NAME[name] for name in ("full", "deep", "people", "people_covered", "people_indoor")),
    Column("villages", Words(zh="村（社区）", en="Villages"), 0, amount=True),
    Column("villages_full", Words(zh="全覆盖的村（社区）", en="Villages fully covered"), 0, amount=True),
    *(
        column
        for column in COLUMNS
        if column.name not in ("full", "deep", "people", "people_covered", "people_indoor")
    ),
)

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
    ramp=Ramp(
        dark=("#7A2230", "#B4552D", "#C9A227", "#4E9A57", "#3FA7C4"),
        light=("#C8505C", "#E58E58", "#F0D068", "#7CBF7F", "#3B8FB0"),
    ),
    classes=(
        (Words(zh="极弱或无信号，低于 −115", en="None or hardly any, under −115"), -115.0),
        (Words(zh="弱，−115 至 −105", en="Weak, −115 to −105"), -105.0),
        (Words(zh="一般，−105 至 −96", en="Fair, −105 to −96"), -96.0),
        (Words(zh="良好，−96 至 −85", en="Good, −96 to −85"), -85.0),
        (Words(zh="优，−85 以上", en="Excellent, over −85"), float("inf")),
    ),
    subject=SUBJECT,
    asks=ASKS,
    documents=DOCUMENTS,
)
