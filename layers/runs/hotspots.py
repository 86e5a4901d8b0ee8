"""The kind ``incident_hotspots``: where incidents are more than expected, since when, rising or falling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.cells import parents
from geo.hotspots import (
    Category,
    background,
    benjamini_hochberg,
    can_be_exact,
    cube,
    dispersion,
    excess,
    getis_ord,
    histories,
    k_rings,
    sum_p,
    two_sided,
    wording,
)
from geo.hotspots.emerging import space_time_z
from geo.hotspots.findings import hotspots
from geo.notes import MethodNote
from layers.definitions.words import Words
from layers.runs.hotspot_findings import COLUMNS, HOT_ORDER, by_areas, columns_of, hides, told
from layers.runs.hotspot_inputs import Events, base_by_cell, events_of, period, study_area
from layers.runs.hotspot_parameters import Against, HotspotParameters, Scan, SmallCounts, check, wanted
from layers.runs.hotspot_scan import clusters
from layers.runs.kinds import Asked, Inputs, Kind, Outcome, Progress, Ramp, bad
from layers.runs.subjects import SubjectPart

MOST_BINS = 12_000_000
#: Hotspots that a result tells one by one.
MOST_TOLD = 200


@dataclass(frozen=True, slots=True)
class _Level:
    """The answer at one resolution."""

    table: pd.DataFrame  # as `geo.hotspots.histories`, with n, expected and the whole period
    spread: float


def compute(parameters: HotspotParameters, inputs: Inputs, progress: Progress) -> Outcome:
    """Count by cell and step, fit what was to be expected, test each bin, and name each cell's history."""
    area = study_area(parameters, inputs)
    events = events_of(parameters, inputs)
    progress(0.2)
    first, last = period(parameters, events)
    own = events.frame[events.chosen]
    counts = cube(
        own["cell"].to_numpy(), own["local"], step=parameters.step, timezone=parameters.timezone, area=area,
        start=first, end=last,
    )  # fmt: skip
    if counts.size > MOST_BINS:
        raise bad("steps", parameters.steps, "fewer-cells", cells=counts.size, most=MOST_BINS)
    base = base_by_cell(parameters, inputs, events, area, first)
    progress(0.4)
    fine = _level(parameters, area, counts.to_numpy(), base)
    progress(0.7)
    above, above_counts, above_base = _one_up(parameters, area, counts.to_numpy(), base)
    coarse = _level(parameters, above, above_counts, above_base)
    kept = own[own["local"] >= first]
    hidden = hides(parameters, kept["class"].unique())
    found = hotspots(
        fine.table, fine.table.attrs["hot"], pd.DatetimeIndex(counts.columns),
        pd.DataFrame(kept[["cell", "class", "local"]]),
        coarser={int(cell) for cell in coarse.table.index[coarse.table["whole"] > 0]},
    )  # fmt: skip
    beside = clusters(
        parameters, inputs, pd.DataFrame(above_counts, index=above, columns=counts.columns),
        coarse.table["expected"].to_numpy(),
        pd.DataFrame(kept[["class", "local"]]).assign(
            cell=parents(kept["cell"].to_numpy(), parameters.resolution - 1)
        ),
        hidden=hidden,
    )  # fmt: skip
    progress(0.9)
    levels = [
        columns_of(level.table, level.table.attrs["hot"], counts.columns, hidden=hidden)
        for level in (fine, coarse)
    ]
    return Outcome(
        cells=pd.concat(levels),
        areas=by_areas(inputs, kept, levels[0], hidden=hidden),
        note=_note(parameters, events, counts, fine.spread, hotspots=len(found), clusters=len(beside)),
        units={},
        findings=[*(told(one, inputs, parameters, hidden=hidden) for one in found[:MOST_TOLD]), *beside],
    )


def _level(
    parameters: HotspotParameters,
    area: NDArray[np.uint64],
    values: NDArray[np.float64],
    base: NDArray[np.float64],
) -> _Level:
    rings = k_rings(area)
    total = values.sum(axis=1)
    if parameters.against is Against.MEAN:
        return _against_mean(parameters, area, values, rings)
    expected = background(total, base, rings)
    sums, around = rings @ total, rings @ expected
    spread = dispersion(sums, around)
    whole_z, whole_p = excess(sums, around, spread)
    z, p = _bins(values, expected, spread, rings)
    table = histories(area, z, p, parameters.q)
    hot = table.attrs["hot"]
    table = table.assign(n=total, expected=expected, whole_z=whole_z)
    table["whole"] = (benjamini_hochberg(whole_p, parameters.q) & (whole_z > 0)).astype(float)
    table.attrs["hot"] = hot
    return _Level(table, spread)


def _against_mean(
    parameters: HotspotParameters, area: NDArray[np.uint64], values: NDArray[np.float64], rings: Any
) -> _Level:
    """Test bins by Gi* with neighbours in space and time; p by permutation where counts are sparse."""
    total = values.sum(axis=1)
    z, sums, sizes = space_time_z(values, rings)
    exact = can_be_exact(values.ravel(), sizes.ravel())
    p = sum_p(values.ravel(), sums.ravel(), sizes.ravel()).reshape(z.shape) if exact else two_sided(z)
    whole = getis_ord(pd.Series(total, index=area), q=parameters.q)
    table = histories(area, z, p, parameters.q)
    hot = table.attrs["hot"]
    table = table.assign(n=total, expected=total.mean(), whole_z=whole["z"])
    table["whole"] = (whole["significant"] & (whole["z"] > 0)).astype(float)
    table.attrs["hot"] = hot
    return _Level(table, 0.0)


def _one_up(
    parameters: HotspotParameters,
    area: NDArray[np.uint64],
    values: NDArray[np.float64],
    base: NDArray[np.float64],
) -> tuple[NDArray[np.uint64], NDArray[np.float64], NDArray[np.float64]]:
    """Add counts and background up to the cells one resolution coarser: hotspots may depend on the grid."""
    above, member = np.unique(parents(area, parameters.resolution - 1), return_inverse=True)

    def added(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(pd.DataFrame(numbers).groupby(member.ravel()).sum().to_numpy())

    return above, added(values), added(base)


def _bins(
    values: NDArray[np.float64], expected: NDArray[np.float64], spread: float, rings: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Test each bin with its ring and the step before."""
    seen = rings @ values
    base = np.repeat((rings @ expected / values.shape[1])[:, None], values.shape[1], axis=1)
    seen[:, 1:], base[:, 1:] = seen[:, 1:] + seen[:, :-1], base[:, 1:] + base[:, :-1]
    return excess(seen, base, spread)


_METHOD_OF_MEAN = (
    "Incidents by cell and step of local time; Gi* of each bin with its ring and the step before against the "
    "mean of all bins; false discovery rate held at q by Benjamini-Hochberg over all bins; trend by "
    "Mann-Kendall; categories by the definitions of Emerging Hot Spot Analysis."
)


_SCANNED = (
    "Clusters in space and time by Kulldorff's scan over coarser cells, up to 3 km and half "
    "the steps; p by seeded Monte Carlo for the most likely one, and conservative for the others."
)


def _note(
    parameters: HotspotParameters,
    events: Events,
    counts: pd.DataFrame,
    spread: float,
    **found: int,
) -> MethodNote:
    facts = {
        "counted": int(counts.to_numpy().sum()),
        **events.facts,
        "first_step": counts.columns[0].date().isoformat(),
        "last_step": counts.columns[-1].date().isoformat(),
        "dispersion": round(spread, 4),
        **found,
    }
    if parameters.scan is Scan.OFF:
        del facts["clusters"]
    return MethodNote(
        method=_METHOD_OF_MEAN
        if parameters.against is Against.MEAN
        else (
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
            "Hotspots depend on the grid: cells one resolution coarser are computed by themselves, beside.",
            *(() if parameters.scan is Scan.OFF else (_SCANNED,)),
        ),
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
    restricts=lambda parameters: parameters.small_counts is SmallCounts.SHOW,
    subject=(
        SubjectPart("classes", codes="incident_class"),
        SubjectPart("against", prefix="by", usual="road_length"),
        # What is restricted must not take the place of what everybody reads.
        SubjectPart(
            "small_counts",
            prefix="counts",
            usual="hide",
            words={"show": Words(zh="含小数目", en="with small counts")},
        ),
    ),
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
    class_names=("cold", *(one.value for one in HOT_ORDER)),
    zero_title=Words(zh=wording(Category.NONE).zh, en=wording(Category.NONE).en),
    asks={
        "classes": Asked(Words(zh="事件类别代码（前缀）", en="Class code or its beginning")),
        "against": Asked(
            Words(zh="期望依据", en="Expected from"),
            options={
                "incidents": Words(zh="其他类别事件", en="Incidents of other classes"),
                "people": Words(zh="常住人口", en="Residents"),
                "road_length": Words(zh="道路长度", en="Road length"),
                "area": Words(zh="面积", en="Area"),
                "mean": Words(zh="各单元平均（Gi*）", en="Mean of all cells (Gi*)"),
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
        "small_counts": Asked(
            Words(zh="敏感类别的小数目", en="Small counts of sensitive classes"),
            Words(zh="显示时结果为受限", en="The result is restricted where they are shown"),
            options={
                "hide": Words(zh="不显示（少于 5）", en="Hidden (below 5)"),
                "show": Words(zh="显示", en="Shown"),
            },
        ),
        "scan": Asked(
            Words(zh="时空扫描", en="Space-time scan"),
            options={
                "off": Words(zh="不做", en="Off"),
                "permutation": Words(zh="置换模型（突然出现的聚集）", en="Permutation (what has come up)"),
                "poisson": Words(zh="泊松模型（对照期望数）", en="Poisson (against what was expected)"),
            },
        ),
        "permutations": Asked(Words(zh="扫描的随机次数", en="Random copies of the scan")),
        "seed": Asked(Words(zh="随机种子", en="Random seed")),
    },
)  # fmt: skip
