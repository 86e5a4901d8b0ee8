"""The kind ``radio_gaps``: connected areas under the threshold, ranked by people, with their cause."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pydantic import Field as Limited

from geo.cells import parents, rollup, to_text
from geo.radio import explain, gaps
from layers.definitions.words import Words
from layers.runs.groups import PART, as_part
from layers.runs.kinds import Asked, Column, Inputs, Kind, Outcome, Progress, Ramp
from layers.runs.radio import Predicted, check, predicted
from layers.runs.radio_columns import NO_SIGNAL_DBM, with_no_signal
from layers.runs.radio_inputs import (
    ASKS,
    COARSEST,
    DOCUMENTS,
    SUBJECT,
    RadioParameters,
    kilometres_by_cell,
    model_limits,
    outline_of,
    wanted,
)
from layers.runs.radio_naming import gap_names

#: Hamlets of one village lie 100 to 300 m apart: patches no farther from each other are one gap, as long as
#: it is no wider than what one village site can close (TR 38.901 table 7.2-3: rural sites 1,732 m apart).
JOIN_M, WIDEST_M = 300.0, 2000.0
#: Gaps that are listed with their cause; the others are on the map and in the sums.
MOST_LISTED = 200
#: Classes of roads that make gaps where nobody lives.
MAIN_ROADS = ("motorway", "trunk", "main")
_SUMS = ["people", "roads_km", "area_km2"]
#: Causes as numbers of the column ``cause``: what `geo.radio.explain` would do first.
CAUSES = ("new_site", "repair", "azimuth", "tilt", "building", "terrain")
CAUSE_WORDS = (
    Words(zh="附近无站", en="No site near"),
    Words(zh="站点故障", en="Site out of order"),
    Words(zh="方位角", en="Azimuth"),
    Words(zh="下倾角", en="Tilt"),
    Words(zh="建筑遮挡", en="Building in the way"),
    Words(zh="地形遮挡", en="Terrain in the way"),
)


class RadioGapParameters(RadioParameters):
    """What gaps are found from.

    Attributes
    ----------
    join_m : float
        Patches with at most this much ground between them are one gap.
    """

    join_m: Annotated[float, Limited(ge=0, le=2000)] = JOIN_M


def compute(parameters: RadioGapParameters, inputs: Inputs, progress: Progress) -> Outcome:
    """Predict, group what is under the threshold, and look for the cause of each of the largest gaps."""
    made = predicted(parameters, inputs, progress)
    found, members = _found(made, inputs, parameters)
    cells = with_no_signal(made.cells.loc[members.index, [*_SUMS, "rsrp_dbm", "sinr_db"]])
    cells = cells.assign(rank=found["rank"].reindex(members.to_numpy()).to_numpy(dtype=float))
    causes = _causes(parameters, made, found, progress)
    cells["cause"] = causes.reindex(members.to_numpy()).to_numpy(dtype=float)
    found["cause"] = causes.reindex(found.index)
    found = with_no_signal(found)
    named = _named(found.head(MOST_LISTED), inputs)
    facts: dict[str, Any] = {
        "counted": int(made.sectors["in_service"].sum()),
        "not_in_service": int((~made.sectors["in_service"]).sum()),
        "gaps": len(found),
        "gap_cells": len(members),
        "gap_people": round(float(found["people"].sum())),
        "gap_roads_km": round(float(found["roads_km"].sum()), 1),
        "gap_area_km2": round(float(found["area_km2"].sum()), 2),
        **{f"gaps_{name}": int((causes == at).sum()) for at, name in enumerate(CAUSES)},
    }
    limits = (
        "A gap is a settlement, or a stretch of a main road or railway between settlements; nobody misses a "
        "signal elsewhere.",
        f"Patches with at most {parameters.join_m:g} m between them are one gap, the nearest joined first, "
        f"unless it grew wider than {WIDEST_M:g} m, which one site would not close. Ours.",
        "A gap keeps the id of the gap that it shares most cells with in the result shown before; a new one "
        "is called after its smallest cell.",
        f"The cause is sought at the cell with most people, for the {MOST_LISTED} gaps with most people.",
        f"{NO_SIGNAL_DBM:g} dBm stands for that level or less, also beyond the reach of every sector.",
        *model_limits(parameters),
        *made.note.limits,
    )
    note = replace(made.note, facts={**facts, **made.note.facts}, limits=limits)
    return Outcome(
        _levels(cells, parameters.resolution), named, note, _UNITS, findings=_told(found.head(MOST_LISTED)),
        parts={PART: as_part(members)},
    )  # fmt: skip


def _found(made: Predicted, inputs: Inputs, parameters: RadioGapParameters) -> tuple[pd.DataFrame, pd.Series]:
    """Return the gaps of settlements, then those of main ways between them, with ids that stay over runs.

    Grouped together, roads would join the villages of a whole county into one gap that nobody can close.
    """
    settings = parameters.settings()
    roads = inputs.frames["roads"]
    main = roads[roads["class"].isin(MAIN_ROADS)]
    outline = outline_of(inputs)
    ways = kilometres_by_cell(main, parameters.resolution, outline).reindex(made.cells.index, fill_value=0.0)
    lived_in = made.cells["people"] > 0
    used = made.cells[lived_in | (ways + made.cells["railways_km"] > 0)]
    return gaps(
        used, min_dbm=settings.rsrp_threshold, min_sinr_db=settings.sinr_threshold, people=used["people"],
        roads_km=used["roads_km"], only_used=False, within=lived_in, previous=inputs.previous_groups,
        join_m=parameters.join_m, widest_m=WIDEST_M,
    )  # fmt: skip


_UNITS = {"people": "people", "roads_km": "km", "area_km2": "km²", "rsrp_dbm": "dBm", "sinr_db": "dB"}


def _causes(
    parameters: RadioParameters, made: Predicted, found: pd.DataFrame, progress: Progress
) -> pd.Series:
    """Return the number of the first remedy of each listed gap."""
    listed = found.head(MOST_LISTED)
    common = {name: value for name, value in made.common.items() if name != "points"}
    sectors = made.sectors.to_crs(made.common["points"].crs)
    numbers = []
    for at, (lon, lat) in enumerate(zip(listed["lon"], listed["lat"], strict=True)):
        told = explain(lon, lat, sectors, settings=parameters.settings(), **common)
        numbers.append(CAUSES.index(told.remedies[0].kind) if told.remedies else np.nan)
        if at % 20 == 0:
            progress(0.7 + 0.25 * at / len(listed))
    return pd.Series(numbers, index=listed.index, dtype=float)


def _told(listed: pd.DataFrame) -> list[dict[str, Any]]:
    """Return where the busiest cell of each listed gap is: the id of one may be a cell that has left it."""
    ids, cells = to_text(listed.index.to_numpy()), to_text(listed["busiest"].to_numpy())
    return [
        {"what": "gap", "id": gap, "cell": cell, "lon": round(lon, 6), "lat": round(lat, 6)}
        for gap, cell, lon, lat in zip(ids, cells, listed["lon"], listed["lat"], strict=True)
    ]


def _named(found: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Return the list of gaps with what they are called."""
    points = gpd.GeoSeries(gpd.points_from_xy(found["lon"], found["lat"]), index=found.index, crs=4326)
    roads, railways = inputs.frames["roads"], inputs.frames["railways"]
    ways = pd.concat([roads[roads["class"].isin(MAIN_ROADS)], railways], ignore_index=True)
    names = gap_names(
        points, (found["people"] > 0).to_numpy(), inputs.frames.get("communities"),
        inputs.frames.get("place_names"), ways.reindex(columns=["ref", "name", "geometry"]),
    )  # fmt: skip
    table = found.assign(layer="radio_gaps", code=to_text(found.index.to_numpy()), name=names)
    return table[["layer", "code", "name", *(column.name for column in COLUMNS)]]


def _levels(cells: pd.DataFrame, finest: int) -> pd.DataFrame:
    """Return all resolutions: sums added up, levels as the median, rank and cause of the greatest gap."""
    columns = [column.name for column in COLUMNS]
    found = [cells[columns]]
    for resolution in range(finest - 1, COARSEST - 1, -1):
        coarse = rollup(cells[_SUMS], resolution)
        by = cells.groupby(pd.Index(parents(cells.index.to_numpy(), resolution), name="cell"), sort=True)
        greatest = cells.loc[by["rank"].idxmin(), ["rank", "cause"]].set_axis(coarse.index)
        found.append(coarse.join(by[["rsrp_dbm", "sinr_db"]].median()).join(greatest)[columns])
    return pd.concat(found)


COLUMNS = (
    Column("people", Words(zh="受影响常住人口", en="Residents"), 0, amount=True),
    Column("roads_km", Words(zh="道路长度", en="Roads"), 2, amount=True),
    Column("area_km2", Words(zh="面积", en="Area"), 3, amount=True),
    Column("rank", Words(zh="弱覆盖区名次", en="Rank of the gap"), 0),
    Column("cause", Words(zh="原因", en="Cause"), 0, words=CAUSE_WORDS),
    Column("rsrp_dbm", Words(zh="参考信号电平", en="Level"), 1),
    Column("sinr_db", Words(zh="信干噪比", en="SINR"), 1),
)  # fmt: skip

RADIO_GAPS = Kind(
    name="radio_gaps",
    title=Words(zh="弱覆盖区", en="Coverage gaps"),
    description=Words(
        zh="电平或信干噪比低于门限的居民点，以及其间的干线公路、铁路路段，按常住人口排序并给出原因。",
        en="Settlements, and main roads and railways between them, under the thresholds, with their cause.",
    ),
    parameters=RadioGapParameters,
    check=check,
    wanted=wanted,
    compute=compute,
    columns=COLUMNS,
    shown="people",
    ramp=Ramp(
        dark=("#5A3A2A", "#7E4A2E", "#A65C32", "#CF743C", "#F5A05E"),
        light=("#F6DCC6", "#EDB88F", "#DF905A", "#C46A30", "#94461A"),
    ),
    subject=SUBJECT,
    asks={
        **ASKS,
        "join_m": Asked(
            Words(zh="合并间距", en="Join within"),
            Words(
                zh="相距不超过此值的弱覆盖片并为一处；0 表示只并相邻单元",
                en="Patches no farther apart are one gap; 0 joins only cells that touch",
            ),
            unit="m",
        ),
    },
    documents=DOCUMENTS,
    follows=True,
)
