"""The kind ``incident_hotspots``: where incidents are more than expected, since when, rising or falling."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pydantic import Field as Limited
from pydantic import StringConstraints

from geo.cells import Containment, area_m2, cover, index, parents, parse, polygons, resolution_of
from geo.density import in_areas, in_cells, lengths_km
from geo.hotspots import (
    Category,
    Step,
    background,
    benjamini_hochberg,
    cube,
    dispersion,
    excess,
    histories,
    k_rings,
    local_time,
    pile_ups,
    repeats,
    wording,
)
from geo.hotspots.cube import floor
from geo.hotspots.findings import coarser_cells, hotspots
from geo.notes import MethodNote
from layers.definitions.loading import Catalog
from layers.definitions.words import Words
from layers.runs.kinds import Asked, Column, Inputs, Kind, Outcome, Parameters, Progress, Ramp, Wanted, bad

MOST_BINS = 12_000_000
#: Hotspots that a result tells one by one.
MOST_TOLD = 200
#: Counts of sensitive classes below this are not shown.
LEAST_SHOWN = 5
#: Classes of alarms to the police (S): theft, assault, fraud.
SENSITIVE = ("S",)
NOT_FILED = ("rejected", "void")
AREA_LAYERS = ("counties", "towns", "communities")

#: Number of each category in the result: hot above 0, cold below, the newest furthest from it.
HOT_ORDER = (
    Category.HISTORICAL, Category.DIMINISHING, Category.SPORADIC, Category.OSCILLATING,
    Category.CONSECUTIVE, Category.PERSISTENT, Category.INTENSIFYING, Category.NEW,
)  # fmt: skip
NUMBERS: dict[Category, int] = {
    Category.NONE: 0,
    **{one: place for place, one in enumerate(HOT_ORDER, 1)},
    **{Category(one.value.replace("_hot", "_cold")): -place for place, one in enumerate(HOT_ORDER, 1)},
}


class Against(StrEnum):
    """What expected counts are fitted to."""

    INCIDENTS = "incidents"
    PEOPLE = "people"
    ROAD_LENGTH = "road_length"
    AREA = "area"


class HotspotParameters(Parameters):
    """What hotspots are computed from.

    Attributes
    ----------
    classes : str
        Beginning of a class code: one class (0505), a group (05) or all (empty).
    against : {"incidents", "people", "road_length", "area"}
        What the expected counts are fitted to; "incidents" are those of the other classes, with road length
        and area.
    step : {"hour", "day", "week", "month"}
        Length of a time step by the local clock.
    steps : int
        Steps that are looked at, the last one holding the latest incident.
    resolution : int
        H3 resolution, 7 to 11.
    q : float
        False discovery rate.
    timezone : str
        Whose midnight parts the days.
    """

    classes: Annotated[str, StringConstraints(max_length=8)] = ""
    against: Against = Against.ROAD_LENGTH
    step: Step = Step.MONTH
    steps: Annotated[int, Limited(ge=2, le=400)] = 12
    resolution: Annotated[int, Limited(ge=7, le=11)] = 10
    q: Annotated[float, Limited(gt=0, le=0.25)] = 0.05
    timezone: Annotated[str, StringConstraints(max_length=48)] = "Asia/Shanghai"


def check(parameters: HotspotParameters, catalog: Catalog) -> None:
    """Raise `BadRunParameter` for a class that no incident can have, or a comparison with nothing."""
    if "incidents" not in catalog.layers:
        raise bad("classes", parameters.classes, "layer-with-geometry")
    codes = [code.code for code in catalog.code_lists["incident_class"].codes]
    if not any(code.startswith(parameters.classes) for code in codes):
        raise bad("classes", parameters.classes, "one-of", known=", ".join(codes))
    if parameters.against is Against.INCIDENTS and not parameters.classes:
        raise bad(
            "against", "incidents", "one-of", known="people, road_length, area (incidents: with a class)"
        )


def wanted(parameters: HotspotParameters) -> list[Wanted]:
    """Return the layers that a run reads."""
    found = [Wanted("incidents", ("class_code", "occurred_at", "state", "repeat_of"), "incidents")]
    if parameters.against is Against.PEOPLE:
        found.append(Wanted("population", ("cell", "residents"), "people"))
    if parameters.against in (Against.INCIDENTS, Against.ROAD_LENGTH):
        found.append(Wanted("roads", ("class",), "roads"))
    return found + [Wanted(layer, ("name",), layer, optional=True) for layer in AREA_LAYERS]


@dataclass(frozen=True, slots=True)
class _Events:
    """Incidents of all classes that count, in their cells, and what was met on the way."""

    frame: gpd.GeoDataFrame  # cell, class, local; points
    chosen: NDArray[np.bool_]
    facts: dict[str, Any]


def compute(parameters: HotspotParameters, inputs: Inputs, progress: Progress) -> Outcome:
    """Count by cell and step, fit what was to be expected, test each bin, and name each cell's history."""
    area = _area(parameters, inputs)
    events = _events(parameters, inputs)
    progress(0.2)
    first, last = _period(parameters, events)
    own = events.frame[events.chosen]
    counts = cube(
        own["cell"].to_numpy(), own["local"], step=parameters.step, timezone=parameters.timezone, area=area,
        start=first, end=last,
    )  # fmt: skip
    if counts.size > MOST_BINS:
        raise bad("steps", parameters.steps, "fewer-cells", cells=counts.size, most=MOST_BINS)
    values = counts.to_numpy()
    rings = k_rings(area)
    expected = background(values.sum(axis=1), _base(parameters, inputs, events, area, first), rings)
    progress(0.5)
    sums, base = rings @ values.sum(axis=1), rings @ expected
    spread = dispersion(sums, base)
    whole_z, whole_p = excess(sums, base, spread)
    z, p = _bins(values, expected, spread, rings)
    table = histories(area, z, p, parameters.q)
    hot = table.attrs["hot"]
    table = table.assign(n=values.sum(axis=1), expected=expected, whole_z=whole_z)
    table["whole"] = (benjamini_hochberg(whole_p, parameters.q) & (whole_z > 0)).astype(float)
    progress(0.8)
    kept = own[own["local"] >= first]
    found = hotspots(
        table, hot, pd.DatetimeIndex(counts.columns), pd.DataFrame(kept[["cell", "class", "local"]]),
        coarser=coarser_cells(table["n"], table["expected"], spread, parameters.q),
    )  # fmt: skip
    hidden = parameters.classes.startswith(SENSITIVE)
    cells = _columns(table, hot, counts.columns, hidden=hidden)
    return Outcome(
        cells=cells,
        areas=_by_areas(inputs, kept, cells),
        note=_note(parameters, events, counts, spread, len(found)),
        units={},
        findings=[_told(one, inputs, hidden=hidden) for one in found[:MOST_TOLD]],
    )


def _area(parameters: HotspotParameters, inputs: Inputs) -> NDArray[np.uint64]:
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


def _events(parameters: HotspotParameters, inputs: Inputs) -> _Events:
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
    return _Events(made, chosen, facts)


def _period(parameters: HotspotParameters, events: _Events) -> tuple[np.datetime64, np.datetime64]:
    """Return the beginnings of the first and the last step."""
    latest = events.frame["local"].to_numpy().astype("datetime64[us]").max()
    last = floor(np.array([latest]), parameters.step)[0]
    back = parameters.steps - 1
    if parameters.step is Step.MONTH:
        return (last.astype("datetime64[M]") - back).astype("datetime64[us]"), last
    length = {Step.HOUR: 1, Step.DAY: 24, Step.WEEK: 168}[parameters.step]
    return last - np.timedelta64(back * length, "h"), last


def _base(
    parameters: HotspotParameters, inputs: Inputs, events: _Events, area: NDArray[np.uint64], first: Any
) -> NDArray[np.float64]:
    """Return by cell what expected counts are fitted to."""
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


def _bins(
    values: NDArray[np.float64], expected: NDArray[np.float64], spread: float, rings: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Test each bin with its ring and the step before."""
    seen = rings @ values
    base = np.repeat((rings @ expected / values.shape[1])[:, None], values.shape[1], axis=1)
    seen[:, 1:], base[:, 1:] = seen[:, 1:] + seen[:, :-1], base[:, 1:] + base[:, :-1]
    return excess(seen, base, spread)


def _columns(table: pd.DataFrame, hot: NDArray[np.int8], steps: pd.Index, *, hidden: bool) -> pd.DataFrame:
    starts = np.array([float(step.strftime("%Y%m%d")) for step in pd.DatetimeIndex(steps)])
    is_hot = hot > 0
    since = np.where(table["hot_since"] >= 0, table["hot_since"], is_hot.argmax(axis=1))
    small = hidden & (table["n"] > 0) & (table["n"] < LEAST_SHOWN)
    return pd.DataFrame(
        {
            "n": table["n"].mask(small),
            "expected": table["expected"],
            "category": table["category"].map(NUMBERS).astype(float),
            "z": table["last_z"],
            "p": table["last_p"],
            "trend_z": table["trend_z"],
            "share_hot": table["share_hot"],
            "since": np.where(is_hot.any(axis=1), starts[since], np.nan),
            "whole_z": table["whole_z"],
            "whole": table["whole"],
            "hot": (table["category"].map(NUMBERS) > 0).astype(float),
        },
        index=table.index,
    )


def _by_areas(inputs: Inputs, events: gpd.GeoDataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Count incidents and hot cells by region; a cell belongs where its middle lies."""
    columns = ["layer", "code", "name", *(column.name for column in COLUMNS)]
    hot = cells[cells["hot"] > 0]
    middles = polygons(hot.index.to_numpy()).to_crs(3857).centroid.to_crs(4326)
    points = gpd.GeoDataFrame(geometry=middles.to_numpy(), crs=4326)
    found = []
    for layer in AREA_LAYERS:
        areas = inputs.frames.get(layer)
        if areas is None:
            continue
        areas = areas[areas["code"].notna()]
        if prefix := inputs.prefix or inputs.city_prefix:
            areas = areas[areas["code"].str.startswith(prefix)]
        if len(areas):
            counted = in_areas(events, areas)["n"]
            warm = in_areas(points, areas)["n"] if len(points) else 0.0
            named = areas[["code", "name"]].assign(layer=layer, n=counted, hot=warm)
            found.append(pd.DataFrame(named.drop(columns="geometry", errors="ignore")))
    return pd.concat(found).reindex(columns=columns) if found else pd.DataFrame(columns=columns)


def _told(hotspot: Any, inputs: Inputs, *, hidden: bool) -> dict[str, Any]:
    """Return a hotspot as data with its region; the words are put in by who shows it."""
    told: dict[str, Any] = asdict(hotspot)
    words = wording(Category(hotspot.category))
    middle = polygons(parse([hotspot.cell])).iloc[0].centroid
    told["category_title"] = {"zh": words.zh, "en": words.en}
    told["rule"] = {"zh": words.rule_zh, "en": words.rule_en}
    told["lon"], told["lat"] = round(middle.x, 6), round(middle.y, 6)
    told["region"] = told["region_name"] = None
    for layer in ("communities", "towns", "counties"):
        areas = inputs.frames.get(layer)
        if areas is None or told["region"]:
            continue
        inside = areas[shapely.contains(areas.geometry.to_numpy(), middle) & areas["code"].notna().to_numpy()]
        if len(inside):
            told["region"], told["region_name"] = str(inside["code"].iloc[0]), str(inside["name"].iloc[0])
    if hidden:
        if told["n"] < LEAST_SHOWN:
            told["n"] = None
        told["classes"] = [one for one in told["classes"] if one[1] >= LEAST_SHOWN]
        told["hours"] = [one for one in told["hours"] if one[1] >= LEAST_SHOWN]
    return told


def _note(
    parameters: HotspotParameters, events: _Events, counts: pd.DataFrame, spread: float, found: int
) -> MethodNote:
    facts = {
        "counted": int(counts.to_numpy().sum()),
        **events.facts,
        "first_step": counts.columns[0].date().isoformat(),
        "last_step": counts.columns[-1].date().isoformat(),
        "dispersion": round(spread, 4),
        "hotspots": found,
    }
    return MethodNote(
        method=(
            "Incidents by cell and step of local time; expected counts fitted to the background by a Poisson "
            "regression over rings of cells; each bin tested with its ring and the step before by a negative "
            "binomial law; false discovery rate held at q by Benjamini-Hochberg over all bins; trend by "
            "Mann-Kendall; categories by the definitions of Emerging Hot Spot Analysis."
        ),
        source="Benjamini and Hochberg 1995; Mann 1945, Kendall 1975; Esri, Emerging Hot Spot Analysis",
        parameters=parameters.model_dump(mode="json"),
        facts=facts,
        limits=(
            "An H3 cell is an index for analysis, no official unit.",
            f"Of the bins called hot, {parameters.q:.0%} are expected to be called so by chance (FDR).",
            "Reports on default points and recorded repeats are left out; other repeats are only counted.",
            "More than expected by the chosen background is not a cause.",
        ),
    )


COLUMNS = (
    Column("n", Words(zh="事件数", en="Incidents"), 0),
    Column("expected", Words(zh="期望数", en="Expected"), 2),
    Column("category", Words(zh="类别", en="Category"), 0),
    Column("z", Words(zh="末步 z 值", en="z of the last step"), 2),
    Column("p", Words(zh="末步 p 值", en="p of the last step"), 4),
    Column("trend_z", Words(zh="趋势 z 值", en="z of the trend"), 2),
    Column("share_hot", Words(zh="为热的步占比", en="Share of hot steps"), 2),
    Column("since", Words(zh="起始（年月日）", en="Since (yyyymmdd)"), 0),
    Column("whole_z", Words(zh="全期 z 值", en="z of the whole period"), 2),
    Column("whole", Words(zh="全期为热（1 是 0 否）", en="Hot over the whole period, 1 or 0"), 0),
    Column("hot", Words(zh="热点单元（1 是 0 否）", en="Hot cell, 1 or 0"), 0),
)

INCIDENT_HOTSPOTS = Kind(
    name="incident_hotspots",
    title=Words(zh="事件热点", en="Incident hotspots"),
    description=Words(
        zh="事件显著多于期望的六边形单元：17 类时空热点，自何时起、升或降；错误发现率（FDR）默认 5%。",
        en="Cells with significantly more incidents than expected: 17 categories, since when, rising or "
        "falling; false discovery rate (FDR) 5 % unless said otherwise.",
    ),
    parameters=HotspotParameters,
    check=check,
    wanted=wanted,
    compute=compute,
    columns=COLUMNS,
    shown="category",
    ramp=Ramp(
        dark=(
            "#7B63B8", "#6E6E78", "#7D6547", "#8A5A2B", "#B0705A", "#BF6A1F", "#D97B1E", "#F59B3C", "#F9DFC3",
        ),
        light=(
            "#7B63B8", "#9A9AA2", "#B89A72", "#C08A50", "#C98B75", "#D98A3D", "#D66A00", "#B54708", "#7A1F00",
        ),
    ),
    classes=(
        (Words(zh="冷点（8 类）", en="Cold (8 categories)"), -0.5),
        *(
            (Words(zh=wording(one).zh, en=wording(one).en), place + 0.5)
            for place, one in enumerate(HOT_ORDER[:-1], 1)
        ),
        (Words(zh=wording(Category.NEW).zh, en=wording(Category.NEW).en), float("inf")),
    ),
    asks={
        "classes": Asked(Words(zh="事件类别代码（前缀）", en="Class code or its beginning")),
        "against": Asked(
            Words(zh="期望依据", en="Expected from"),
            options={
                "incidents": Words(zh="其他类别事件", en="Incidents of other classes"),
                "people": Words(zh="常住人口", en="Residents"),
                "road_length": Words(zh="道路长度", en="Road length"),
                "area": Words(zh="面积", en="Area"),
            },
        ),
        "step": Asked(
            Words(zh="时间步长", en="Time step"),
            options={
                "hour": Words(zh="小时", en="Hour"), "day": Words(zh="日", en="Day"),
                "week": Words(zh="周", en="Week"), "month": Words(zh="月", en="Month"),
            },
        ),
        "steps": Asked(Words(zh="步数", en="Steps")),
        "resolution": Asked(Words(zh="单元分辨率（H3）", en="Resolution of cells (H3)")),
        "q": Asked(Words(zh="错误发现率", en="False discovery rate")),
        "timezone": Asked(Words(zh="时区", en="Time zone")),
    },
)  # fmt: skip
