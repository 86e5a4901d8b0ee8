"""What a coverage shows: its columns, the classes of a technology's level, and the ways to colour the map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from geo.radio import technology_of
from layers.definitions.loading import Catalog
from layers.definitions.words import Words
from layers.runs.kinds import NO_YES, Column, Ramp, Wording
from layers.runs.pictures import Picture

#: Level that stands for no signal: the least that the legend tells apart.
NO_SIGNAL_DBM, NO_SIGNAL_DB = -140.0, -20.0
#: Directions of a serving sector by number: 1 is north, each takes 60 degrees; beside them antennas all round
#: or of unknown direction, and places without any server.
ALL_ROUND, NOBODY = 7, 8
_FACING = (
    Words(zh="朝北", en="Facing north"),
    Words(zh="朝东北", en="Facing north-east"),
    Words(zh="朝东南", en="Facing south-east"),
    Words(zh="朝南", en="Facing south"),
    Words(zh="朝西南", en="Facing south-west"),
    Words(zh="朝西北", en="Facing north-west"),
    Words(zh="全向或方位未登记", en="All round, or azimuth not on record"),
    Words(zh="无服务扇区", en="No server"),
)

COLUMNS = (
    Column("rsrp_dbm", Words(zh="参考信号电平", en="Level"), 1),
    Column("sinr_db", Words(zh="信干噪比", en="SINR"), 1),
    Column("covered_probability", Words(zh="室外覆盖概率", en="Probability outdoors"), 2),
    Column("indoor_probability", Words(zh="室内覆盖概率", en="Probability indoors"), 2),
    Column(
        "server_facing", Words(zh="主服务扇区", en="Best server"), 0, words=(Words(zh="–", en="–"), *_FACING)
    ),
    Column("best_sector", Words(zh="主服务扇区编号", en="Number of the best server"), 0),
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
_FIRST = ("full", "deep", "people", "people_covered", "people_indoor")
#: Of cells only: an area has many servers.
_OF_CELLS = ("server_facing", "best_sector")
#: What a planner looks for first stands first.
AREA_COLUMNS = (
    Column("covered_percent", Words(zh="覆盖率", en="Covered"), 1),
    *(_BY_NAME[name] for name in _FIRST),
    Column("villages", Words(zh="村（社区）", en="Villages"), 0, amount=True),
    Column("villages_full", Words(zh="全覆盖的村（社区）", en="Villages fully covered"), 0, amount=True),
    *(column for column in COLUMNS if column.name not in (*_FIRST, *_OF_CELLS)),
)

RAMP = Ramp(
    dark=("#7A2230", "#B4552D", "#C9A227", "#4E9A57", "#3FA7C4"),
    light=("#C8505C", "#E58E58", "#F0D068", "#7CBF7F", "#3B8FB0"),
)
_CLASS_NAMES = {
    "excellent": ("优", "Excellent"), "good": ("良好", "Good"), "fair": ("一般", "Fair"),
    "weak": ("弱", "Weak"), "none": ("极弱或无信号", "None or hardly any"),
}  # fmt: skip


def _classes(steps: tuple[tuple[str, str, float], ...]) -> tuple[tuple[Words, float], ...]:
    """Return classes from names and lower bounds, the weakest first, with their bounds in their titles."""
    found = []
    bounds = [f"{low:g}".replace("-", "−") for _, _, low in steps[1:]]
    for at, (zh, en, _) in enumerate(steps):
        if at == 0:
            title = Words(zh=f"{zh}，低于 {bounds[0]}", en=f"{en}, under {bounds[0]}")
        elif at == len(steps) - 1:
            title = Words(zh=f"{zh}，{bounds[-1]} 以上", en=f"{en}, over {bounds[-1]}")
        else:
            title = Words(
                zh=f"{zh}，{bounds[at - 1]} 至 {bounds[at]}", en=f"{en}, {bounds[at - 1]} to {bounds[at]}"
            )
        found.append((title, steps[at + 1][2] if at + 1 < len(steps) else float("inf")))
    return tuple(found)


def level_classes(technology: str) -> tuple[tuple[Words, float], ...]:
    """Return the classes of a technology's level as a legend has them, the weakest first.

    Examples
    --------
    >>> [(title.en, bound) for title, bound in level_classes("5g")][1]
    ('Weak, −115 to −105', -105.0)
    """
    classes = reversed(technology_of(technology).classes)
    return _classes(tuple((*_CLASS_NAMES[one.name], one.from_dbm) for one in classes))


def with_no_signal(table: pd.DataFrame) -> pd.DataFrame:
    """Return levels and ratios with the least that the legend tells apart in place of none."""
    levels = {
        "rsrp_dbm": table["rsrp_dbm"].fillna(NO_SIGNAL_DBM).clip(lower=NO_SIGNAL_DBM),
        "sinr_db": table["sinr_db"].fillna(NO_SIGNAL_DB).clip(lower=NO_SIGNAL_DB),
    }
    return table.assign(**levels)


def wording(parameters: Mapping[str, Any], catalog: Catalog) -> Wording:
    """Return the classes of the technology that was predicted."""
    return Wording(classes=level_classes(str(parameters.get("technology", "5g"))))


PICTURES = (
    Picture(
        "sinr_db",
        Words(zh="信干噪比", en="SINR"),
        RAMP,
        classes=_classes(
            (
                ("差", "Poor", -999.0), ("偏低", "Low", -3.0),
                ("一般", "Fair", 3.0), ("良好", "Good", 10.0), ("优", "Excellent", 20.0),
            )
        ),
    ),
    Picture(
        "covered_probability",
        Words(zh="概率", en="Probability"),
        RAMP,
        classes=_classes(
            (
                ("难以覆盖", "Hardly covered", 0.0), ("多半没有", "Rather not", 0.25),
                ("不稳定", "Unsteady", 0.5), ("较可靠", "Rather sure", 0.75), ("可靠", "Sure", 0.95),
            )
        ),
        zero_title=Words(zh="没有可能", en="No chance"),
    ),
    Picture(
        "server_facing",
        Words(zh="主服务", en="Server"),
        # Sectors of one mast face different ways, and those that meet halfway face each other.
        Ramp(
            dark=("#5B8FF9", "#5AD8A6", "#F6BD16", "#E8684A", "#B37FEB", "#6DC8EC", "#8A94A6", "#3A3F4B"),
            light=("#3F6FD8", "#2FA87A", "#D9A000", "#D0492C", "#8E54C9", "#2E9CC4", "#98A2B3", "#D0D5DD"),
        ),
        classes=tuple(
            (title, at + 0.5 if at < len(_FACING) else float("inf")) for at, title in enumerate(_FACING, 1)
        ),
    ),
)  # fmt: skip
