"""The finding of a run of hotspots as one paragraph in Chinese and English: to read out, or for a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from layers.definitions.loading import Catalog
from layers.runs.kinds import kind_named
from layers.runs.subjects import subject_words


class Said(NamedTuple):
    """What is said in both languages."""

    zh: str
    en: str


#: Places that are told by themselves, the first of them with all that is known.
PLACES = 3
#: Mean edge of a cell of resolution 0 in metres (H3 4.x, cell statistics); finer ones are √7 shorter.
EDGE_M = 1_281_256
#: How places go, by the beginnings of their categories.
_WORSE, _BETTER = ("new", "consecutive", "intensifying"), ("diminishing", "historical")
_STEPS = {
    "hour": Said(zh="小时", en="hours"),
    "day": Said(zh="日", en="days"),
    "week": Said(zh="周", en="weeks"),
    "month": Said(zh="个月", en="months"),
}


def paragraph(run: Mapping[str, Any], catalog: Catalog) -> Said:
    """Return what a run of hotspots found.

    Parameters
    ----------
    run : mapping
        As `layers.runs.reading.read_run` gives one that has succeeded.

    Notes
    -----
    Of the finest cells. Numbers that small counts of sensitive classes hide are left out.
    """
    parameters, facts = run["parameters"], run["note"]["facts"]
    found = [
        one
        for one in run["summary"]["findings"]
        if "z" in one and one["resolution"] == parameters["resolution"]
    ]
    sentences = [_counted(run, catalog), _all(run, found, facts), *_places(found, catalog)]
    if found and len(found) == facts["hotspots"]:
        sentences.append(_courses(found))
    return Said(zh="".join(one.zh for one in sentences), en=" ".join(one.en for one in sentences))


def _counted(run: Mapping[str, Any], catalog: Catalog) -> Said:
    parameters, facts = run["parameters"], run["note"]["facts"]
    # the step is said with the days, and what was hidden is no matter of this sentence
    about = subject_words(
        kind_named(run["kind"]), {"classes": parameters["classes"], "against": "people"}, catalog
    )
    what = Said(about.zh, f"incidents ({about.en.lower()})") if about else Said(zh="事件", en="incidents")
    step, steps = _STEPS[parameters["step"]], parameters["steps"]
    first, last = (_day(facts[name], parameters["step"]) for name in ("first_step", "last_step"))
    counted = f"{facts['counted']:,}"
    return Said(
        zh=f"{first} 至 {last}（{steps} {step.zh}）计入{what.zh} {counted} 件。",
        en=f"From {first} to {last} ({steps} {step.en}) {counted} {what.en} were counted.",
    )


def _all(run: Mapping[str, Any], found: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]) -> Said:
    parameters = run["parameters"]
    against = kind_named(run["kind"]).asks["against"].options[parameters["against"]]
    q = f"{parameters['q']:.0%}"
    if not found:
        return Said(
            zh=f"没有明显多于期望的地方（期望依据：{against.zh}；错误发现率 {q}）。",
            en=f"No place has clearly more than expected (from: {against.en}; false discovery rate {q}).",
        )
    levels = run["summary"]["levels"]
    cells = sum(next(one for one in levels if one["resolution"] == parameters["resolution"])["in_class"][1:])
    across = float(f"{2 * EDGE_M * 7 ** (-parameters['resolution'] / 2):.2g}")
    seen = [one["n"] for one in found]
    zh = f"{facts['hotspots']} 处、共 {cells:,} 个约 {across:g} 米的单元明显多于期望"
    en = f"{facts['hotspots']} places, {cells:,} cells of about {across:g} m, have clearly more than expected"
    ground = Said(
        zh=f"（期望依据：{against.zh}；错误发现率 {q}）",
        en=f" (from: {against.en}; false discovery rate {q})",
    )
    if None in seen or len(found) < facts["hotspots"]:
        return Said(zh=f"{zh}{ground.zh}。", en=f"{en}{ground.en}.")
    n, expected = sum(seen), sum(one["expected"] for one in found)
    share = f"{n / facts['counted']:.0%}"
    return Said(
        zh=f"{zh}{ground.zh}，合计 {n:,} 件，占 {share}，期望约 {_amount(expected)} 件。",
        en=f"{en}{ground.en}: {n:,} incidents, {share} of all, about {_amount(expected)} expected.",
    )


def _places(found: Sequence[Mapping[str, Any]], catalog: Catalog) -> list[Said]:
    if not found:
        return []
    first, *others = found[:PLACES]
    place, of = _place(first), _against(first)
    kind = first["category_title"]
    zh = [f"最突出的是{place.zh}：{kind['zh']}", of.zh, f"自 {first['since']} 起"]
    en = [f"It stands out most at {place.en}: {kind['en'].lower()}", of.en, f"since {first['since']}"]
    codes = {code.code: code.title for code in catalog.code_lists["incident_class"].codes}
    if len(first["classes"]) > 1 and (title := codes.get(first["classes"][0][0])):
        zh.append(f"以{title.zh}为多")
        en.append(f"most of it {title.en.lower()}")
    if first["hours"]:
        hours = sorted(hour for hour, _ in first["hours"])
        zh.append(f"多在 {'、'.join(map(str, hours))} 时")
        en.append(f"mostly at {', '.join(map(str, hours))} h")
    told = [Said(zh="，".join(zh) + "。", en=", ".join(en) + ".")]
    if others:
        both = [(_place(one), _against(one)) for one in others]
        zh = ["、".join(f"{at.zh}（{of.zh}）" for at, of in both)]
        en = [" and ".join(f"{at.en} ({of.en})" for at, of in both)]
        told.append(Said(zh=f"其次是{zh[0]}。", en=f"Then come {en[0]}."))
    return told


def _courses(found: Sequence[Mapping[str, Any]]) -> Said:
    worse, better = (
        sum(one["category"].startswith(beginnings) for one in found) for beginnings in (_WORSE, _BETTER)
    )
    others = len(found) - worse - better
    return Said(
        zh=f"新增或加重 {worse} 处，减弱或已消失 {better} 处，其余 {others} 处持续或时有时无。",
        en=f"{worse} are new or getting worse, {better} fading or gone, {others} stay or come and go.",
    )


def _place(one: Mapping[str, Any]) -> Said:
    if one["region_name"]:
        return Said(zh=str(one["region_name"]), en=str(one["region_name"]))
    lat, lon = f"{abs(one['lat']):.4f}°", f"{abs(one['lon']):.4f}°"
    north, east = one["lat"] >= 0, one["lon"] >= 0
    return Said(
        zh=f"{'北' if north else '南'}纬 {lat}、{'东' if east else '西'}经 {lon} 处",
        en=f"{lat} {'N' if north else 'S'}, {lon} {'E' if east else 'W'}",
    )


def _against(one: Mapping[str, Any]) -> Said:
    """Return how many against how many; nothing where numbers are hidden."""
    n, expected = one["n"], one["expected"]
    if n is None:
        return Said(zh="件数不公开", en="number not shown")
    usual = _amount(expected)
    more = n / expected if expected else 0
    ratio = _amount(more)
    times = Said(zh=f"，{ratio} 倍", en=f", {ratio} times") if more >= 1.1 else None
    return Said(
        zh=f"{n:,} 件，期望约 {usual} 件{times.zh if times else ''}",
        en=f"{n:,} where about {usual} were expected{times.en if times else ''}",
    )


def _amount(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def _day(text: str, step: str) -> str:
    return text[:7] if step == "month" else text
