"""The kind ``incident_hotspots``: where incidents are more than expected, since when, rising or falling."""

from __future__ import annotations

from geo.hotspots import Category, wording
from layers.definitions.words import Words
from layers.runs.forms import RESOLUTION_ASKED
from layers.runs.hotspot_compute import compute
from layers.runs.hotspot_findings import AREA_COLUMNS, COLUMNS, HOT_ORDER
from layers.runs.hotspot_parameters import HotspotParameters, SmallCounts, check, wanted
from layers.runs.hotspot_pictures import PICTURES
from layers.runs.kinds import Asked, Kind, Ramp
from layers.runs.subjects import SubjectPart

#: How results by other steps than months are told apart.
BY_STEP = {
    "hour": Words(zh="按小时", en="by the hour"),
    "day": Words(zh="按日", en="by the day"),
    "week": Words(zh="按周", en="by the week"),
}

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
        SubjectPart("against", prefix="by", usual="people"),
        # a day by the hour must not take the place of a year by the month
        SubjectPart("step", prefix="step", usual="month", words=BY_STEP),
        # What is restricted must not take the place of what everybody reads.
        SubjectPart(
            "small_counts",
            prefix="counts",
            usual="hide",
            words={"show": Words(zh="含小数目", en="with small counts")},
        ),
    ),
    columns=COLUMNS,
    area_columns=AREA_COLUMNS,
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
    pictures=PICTURES,
    shown_title=Words(zh="热点类别", en="Categories"),
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
        "until": Asked(
            Words(zh="截止日", en="Last day"),
            Words(
                zh="年-月-日；不填为最近一件事件所在的步",
                en="Year-month-day; up to the latest incident where left out",
            ),
        ),
        "resolution": RESOLUTION_ASKED,
        "q": Asked(Words(zh="错误发现率", en="False discovery rate")),
        "timezone": Asked(
            Words(zh="时区", en="Time zone"), Words(zh="不填为本市时区", en="The city's where left out")
        ),
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
        "clusters": Asked(
            Words(zh="点聚集", en="Dense groups of points"),
            options={
                "off": Words(zh="不做", en="Off"),
                "dbscan": Words(zh="DBSCAN（100 米内 10 件）", en="DBSCAN (ten within 100 m)"),
                "hdbscan": Words(zh="HDBSCAN（密度不定）", en="HDBSCAN (of any density)"),
            },
        ),
        "near_repeats": Asked(
            Words(zh="近重复检验", en="Near repeats"),
            Words(
                zh="200 米、14 天内接连发生是否多于偶然（Knox）",
                en="Whether incidents follow each other within 200 m and 14 days more than by chance (Knox)",
            ),
        ),
        "permutations": Asked(Words(zh="随机次数", en="Random copies")),
        "seed": Asked(Words(zh="随机种子", en="Random seed")),
    },
)  # fmt: skip
