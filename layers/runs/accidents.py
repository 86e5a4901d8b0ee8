"""The kind ``accident_segments``: where roads have more accidents than expected, and by official rule."""

from __future__ import annotations

import math
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import yaml
from pydantic import Field as Limited
from scipy.sparse.csgraph import connected_components

from geo.hotspots import (
    AccidentRule,
    Condition,
    RoadNetwork,
    network_density,
    on_lixels,
    prone_stretches,
    road_hotspots,
    road_network,
)
from geo.notes import MethodNote
from layers.definitions.loading import Catalog
from layers.definitions.words import Document, Words
from layers.runs.hotspot_parameters import AREA_LAYERS
from layers.runs.kinds import Asked, Column, Inputs, Kind, Outcome, Progress, Ramp, Wanted
from layers.runs.parameters import Parameters, bad
from layers.runs.subjects import SubjectPart
from layers.schema.counting import NOT_FILED

#: Classes of road accidents begin with it.
ACCIDENTS = "T"
#: Accidents farther from every road belong to none.
MOST_M = 40.0


class RuleCondition(Document):
    """One condition of a rule, with its words."""

    events: int
    killed: int = 0
    hurt: int = 0
    zh: str
    en: str


class Rule(Document):
    """An official rule as its file states it."""

    name: str
    title: Words
    source: Words
    years: int
    conditions: tuple[RuleCondition, ...]


@lru_cache(maxsize=1)
def rules() -> dict[str, Rule]:
    """Return the official rules by name."""
    file = Path(__file__).with_name("accident_rules.yaml")
    found = [Rule.model_validate(one) for one in yaml.safe_load(file.read_text(encoding="utf-8"))]
    return {one.name: one for one in found}


class RuleName(StrEnum):
    """Rules that can be asked for, each in the file of rules."""

    PREFECTURE = "prefecture_2008"
    COUNTY = "county_2008"


class AccidentParameters(Parameters):
    """What accident-prone stretches are computed from.

    Attributes
    ----------
    rule : str
        Name of an official rule.
    length_m : float
        Of a stretch, where the rule names none.
    radius_m : float
        Along roads: the neighbourhood that is tested.
    q : float
        False discovery rate of the test.
    """

    rule: RuleName = RuleName.PREFECTURE
    length_m: Annotated[float, Limited(ge=100, le=2000)] = 500.0
    radius_m: Annotated[float, Limited(ge=50, le=1000)] = 150.0
    q: Annotated[float, Limited(gt=0, le=0.25)] = 0.05


def check(parameters: AccidentParameters, catalog: Catalog) -> None:
    """Raise `BadRunParameter` where a city has no incidents or no roads."""
    for layer in ("incidents", "roads"):
        if layer not in catalog.layers:
            raise bad("rule", str(parameters.rule), "layer-with-geometry")


def wanted(parameters: AccidentParameters) -> list[Wanted]:
    """Return the layers that a run reads."""
    fields = ("class_code", "occurred_at", "state", "repeat_of", "killed", "injured")
    return [
        Wanted("incidents", fields, "incidents"),
        Wanted("roads", ("class", "name"), "roads"),
        *(Wanted(layer, ("name",), layer, optional=True) for layer in AREA_LAYERS),
    ]


def compute(parameters: AccidentParameters, inputs: Inputs, progress: Progress) -> Outcome:
    """Put accidents on roads, test each place along them, and apply the rule."""
    rule = rules()[parameters.rule.value]
    accidents = _accidents(inputs, rule.years)
    roads = inputs.frames["roads"]
    network = road_network(roads)
    on = on_lixels(network, accidents, most_m=MOST_M)
    progress(0.2)
    classes = roads["class"].reindex(network.lixels["road"]).fillna("").to_numpy()
    tested = road_hotspots(network, on, classes, radius_m=parameters.radius_m, q=parameters.q)
    tested["density"] = network_density(network, on)
    progress(0.6)
    conditions = tuple(Condition(one.events, one.killed, one.hurt) for one in rule.conditions)
    prone = prone_stretches(
        network, on, accidents["killed"].fillna(0), accidents["injured"].fillna(0),
        AccidentRule(parameters.length_m, conditions),
    )  # fmt: skip
    progress(0.9)
    found = _features(network, tested, prone, accidents, on, roads)
    texts = [{"zh": one.zh, "en": one.en} for one in rule.conditions]
    return Outcome(
        cells=found.drop(columns="condition"),
        areas=_areas(inputs, accidents, found),
        note=_note(parameters, rule, accidents, on, found),
        units={"length_m": "m"},
        findings=[_told(one, texts) for one in found.head(200).to_crs(4326).itertuples()],
    )


def _accidents(inputs: Inputs, years: int) -> gpd.GeoDataFrame:
    """Return the accidents of the rule's period up to the latest, each once."""
    frame = inputs.frames["incidents"]
    chosen = frame["class_code"].astype(str).str.startswith(ACCIDENTS) & ~frame["state"].isin(NOT_FILED)
    kept = frame[chosen & frame["repeat_of"].isna() & frame["occurred_at"].notna()]
    if inputs.region is not None:
        kept = kept[shapely.intersects(inputs.region, kept.geometry.to_numpy())]
    if not len(kept):
        raise bad("rule", "", "some-incidents")
    when = pd.to_datetime(kept["occurred_at"], utc=True)
    return kept[(when > when.max() - pd.DateOffset(years=years)).to_numpy()]


def _features(  # noqa: PLR0917
    network: RoadNetwork,
    tested: pd.DataFrame,
    prone: gpd.GeoDataFrame,
    accidents: gpd.GeoDataFrame,
    on: pd.Series,
    roads: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Return hot stretches, each of lixels that touch, and those of the rule; the most accidents first."""
    lines = network.lixels.geometry.to_numpy()
    hot = np.flatnonzero(tested["hot"])
    name_of = roads["name"].reindex(network.lixels["road"]).fillna("").to_numpy()
    rows: list[dict[str, Any]] = []
    if len(hot):
        joined = network.graph[hot]
        group = connected_components(joined @ joined.T, directed=False)[1]
        for one in range(group.max() + 1):
            own = hot[group == one]
            top = int(own[tested["z"].to_numpy()[own].argmax()])
            inside = np.isin(on.to_numpy(), own)
            rows.append(
                {
                    "named_by": 1.0,
                    "events": float(inside.sum()),
                    "killed": float(accidents["killed"].to_numpy(float, na_value=0)[inside].sum()),
                    "injured": float(accidents["injured"].to_numpy(float, na_value=0)[inside].sum()),
                    "expected": float(tested["expected"].iloc[top]),
                    "around": float(tested["around"].iloc[top]),
                    "z": float(tested["z"].iloc[top]),
                    "density": float(tested["density"].iloc[own].max()),
                    "length_m": float(network.lixels["length_m"].to_numpy()[own].sum()),
                    "road": str(name_of[top]),
                    "condition": np.nan,
                    "geometry": shapely.line_merge(shapely.union_all(lines[own])),
                }
            )
    shapes = [row["geometry"] for row in rows]
    for one in prone.itertuples():
        touched = [k for k, shape in enumerate(shapes) if shapely.dwithin(shape, one.geometry, 1.0)]
        for k in touched:
            rows[k]["named_by"] = 3.0
        inside = on.to_numpy()[one.members]
        top = int(inside[tested["z"].to_numpy()[inside].argmax()])
        rows.append(
            {
                "named_by": 3.0 if touched else 2.0,
                "events": float(one.events), "killed": float(one.killed), "injured": float(one.injured),
                "expected": float(tested["expected"].iloc[top]),
                "around": float(tested["around"].iloc[top]),
                "z": float(tested["z"].iloc[top]),
                "density": float(tested["density"].iloc[top]),
                "length_m": float(one.geometry.length),
                "road": str(name_of[top]),
                "condition": float(one.condition),
                "geometry": one.geometry,
            }
        )  # fmt: skip
    names = [*(column.name for column in COLUMNS), "condition", "geometry"]
    found = gpd.GeoDataFrame(rows, columns=names, geometry="geometry", crs=network.lixels.crs).to_crs(4326)
    found = found.sort_values(["events", "z"], ascending=False, kind="stable")
    basis = found["condition"].notna().map({True: "R", False: "S"})
    number = found.groupby(basis).cumcount() + 1
    found.index = pd.Index([f"{b}{n}" for b, n in zip(basis, number, strict=True)], dtype=object)
    return found


def _areas(inputs: Inputs, accidents: gpd.GeoDataFrame, found: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count accidents and stretches by region; a stretch belongs where its middle lies."""
    rows: list[dict[str, Any]] = []
    middles = shapely.line_interpolate_point(
        [shapely.get_geometry(one, 0) for one in found.geometry], 0.5, normalized=True
    )
    by_rule = found["condition"].notna().to_numpy()
    for layer in AREA_LAYERS:
        areas = inputs.frames.get(layer)
        if areas is None:
            continue
        prefix = inputs.prefix or inputs.city_prefix
        for one in areas[areas["code"].notna()].itertuples():
            if not str(one.code).startswith(prefix):
                continue
            inside = shapely.contains(one.geometry, middles) if len(found) else np.zeros(0, dtype=bool)
            rows.append(
                {
                    "layer": layer, "code": one.code, "name": one.name,
                    "accidents": float(shapely.contains(one.geometry, accidents.geometry.to_numpy()).sum()),
                    "by_rule": float((inside & by_rule).sum()),
                    "by_test": float((inside & ~by_rule).sum()),
                }
            )  # fmt: skip
    return pd.DataFrame(rows, columns=["layer", "code", "name", *(one.name for one in AREA_COLUMNS)])


def _told(one: Any, conditions: list[dict[str, str]]) -> dict[str, Any]:
    """Return a stretch as data, with the words of the condition that it meets."""
    west, south, east, north = one.geometry.bounds
    return {
        "id": one.Index, "road": one.road, "events": int(one.events), "killed": int(one.killed),
        "injured": int(one.injured), "expected": round(one.expected, 2), "around": int(one.around),
        "z": round(one.z, 2), "length_m": round(one.length_m), "bbox": [west, south, east, north],
        "lines": [
            [(round(x, 5), round(y, 5)) for x, y in shapely.get_coordinates(part).tolist()]
            for part in shapely.get_parts(one.geometry)
        ],
        "named_by": {1.0: "test", 2.0: "rule", 3.0: "both"}[one.named_by],
        "rule": None if math.isnan(one.condition) else conditions[int(one.condition)],
    }  # fmt: skip


def _note(
    parameters: AccidentParameters,
    rule: Rule,
    accidents: gpd.GeoDataFrame,
    on: pd.Series,
    found: gpd.GeoDataFrame,
) -> MethodNote:
    return MethodNote(
        method=(
            "Accidents on pieces of road of 50 m, joined where roads end at one place. Each piece is tested "
            "with what lies around it along roads against the mean of its class of road by a negative "
            "binomial law; false discovery rate held by Benjamini-Hochberg. Beside it the official rule: a "
            "stretch is what lies within half the length of its middle, along roads."
        ),
        source=f"Xie and Yan 2008; Benjamini and Hochberg 1995; {rule.source.en}",
        parameters=parameters.model_dump(mode="json"),
        facts={
            "counted": len(accidents),
            "off_roads": int((on < 0).sum()),
            "stretches_by_rule": int(found["condition"].notna().sum()),
            "stretches_by_test": int(found["condition"].isna().sum()),
        },
        limits=(
            "The rule's period is cut to what the records hold.",
            "Traffic volume is not known: expected are accidents by kilometre of the road's class.",
            "The length of a stretch is the run's, not the rule's.",
        ),
    )


COLUMNS = (
    Column("named_by", Words(zh="依据", en="Named by"), 0),
    Column("events", Words(zh="事故数", en="Accidents"), 0, amount=True),
    Column("killed", Words(zh="死亡", en="Killed"), 0, amount=True),
    Column("injured", Words(zh="受伤", en="Injured"), 0, amount=True),
    Column("around", Words(zh="周边事故数", en="Accidents around"), 0),
    Column("expected", Words(zh="周边期望数", en="Expected around"), 2),
    Column("z", Words(zh="z 值", en="z"), 2),
    Column("density", Words(zh="线密度（起/公里）", en="Density (per km)"), 2),
    Column("length_m", Words(zh="长度", en="Length"), 0, amount=True),
    Column("road", Words(zh="道路", en="Road"), type="text"),
)
AREA_COLUMNS = (
    Column("accidents", Words(zh="事故数", en="Accidents"), 0, amount=True),
    Column("by_rule", Words(zh="官方规则点段", en="Stretches by the rule"), 0, amount=True),
    Column("by_test", Words(zh="统计热点段", en="Stretches by the test"), 0, amount=True),
)

ACCIDENT_SEGMENTS = Kind(
    name="accident_segments",
    title=Words(zh="事故多发点段", en="Accident-prone stretches"),
    description=Words(
        zh="沿路网统计的事故热点段（FDR 校正），并列官方规则认定的事故多发点段。",
        en="Stretches of road with significantly more accidents than their class has, and beside them those "
        "that an official rule names.",
    ),
    parameters=AccidentParameters,
    check=check,
    wanted=wanted,
    compute=compute,
    columns=COLUMNS,
    area_columns=AREA_COLUMNS,
    shown="named_by",
    subject=(SubjectPart("rule", usual="prefecture_2008"),),
    result="features",
    shape="lines",
    classes=(
        (Words(zh="统计热点", en="By the test"), 1.5),
        (Words(zh="官方规则", en="By the rule"), 2.5),
        (Words(zh="两者皆是", en="By both"), math.inf),
    ),
    ramp=Ramp(dark=("#BF6A1F", "#FFD43B", "#FF6B6B"), light=("#D98A3D", "#8A6100", "#C81E1E")),
    asks={
        "rule": Asked(
            Words(zh="官方规则", en="Official rule"),
            options={name: one.title for name, one in rules().items()},
        ),
        "length_m": Asked(
            Words(zh="点段长度", en="Length of a stretch"),
            Words(
                zh="通常点 500 米，段 2000 米；规则未载长度",
                en="Usually 500 m for a point, 2,000 m for a stretch",
            ),
            unit="m",
        ),
        "radius_m": Asked(Words(zh="沿路邻域", en="Neighbourhood along roads"), unit="m"),
        "q": Asked(Words(zh="错误发现率", en="False discovery rate")),
    },
)
