"""How a form asks for a plan of sites."""

from __future__ import annotations

from layers.definitions.words import Words
from layers.runs.cameras.scene import ASKS as OF_CAMERAS
from layers.runs.kinds import SCENARIO_ASKED, SCENARIO_PART, Asked
from layers.runs.subjects import SubjectPart

SUBJECT = (SubjectPart("device"), SCENARIO_PART)
ASKS = {
    "device": Asked(
        Words(zh="选址对象", en="What is placed"),
        options={
            "stations": Words(zh="5G 基站", en="5G sites"),
            "cameras": Words(zh="摄像机", en="Cameras"),
            "poles": Words(zh="多杆合一", en="Shared poles"),
        },
    ),
    "budget": Asked(Words(zh="数量", en="How many"), unit=None),
    "by_year": Asked(
        Words(zh="逐年数量", en="How many each year"),
        Words(
            zh="以逗号分隔，如 136,70；填写后不看总数量", en="Such as 136,70; then the total does not count"
        ),
    ),
    "first_year": Asked(
        Words(zh="首年", en="First year"),
        Words(zh="不填为数据日期的下一年", en="The year after the city's date if empty"),
    ),
    "money": Asked(
        Words(zh="总投资", en="Money in all"),
        Words(zh="填写后按投资而不按数量", en="In place of a number of sites"),
        unit="万元",
    ),
    "money_by_year": Asked(
        Words(zh="逐年投资", en="Money each year"),
        Words(zh="以逗号分隔；结余转入下一年", en="With commas; what a year leaves, the next may spend"),
        unit="万元",
    ),
    "target_share": Asked(
        Words(zh="目标占比", en="Share to reach"),
        Words(zh="填写后求达到该占比的最少站点", en="Then the fewest sites that reach it are sought"),
        unit="%",
    ),
    "candidates": Asked(
        Words(zh="候选点来源", en="Candidates from"),
        Words(zh="不选为该对象的常用来源", en="The usual ones where none is chosen"),
        options={
            "existing_4g": Words(zh="现有 4G 站址", en="4G sites"),
            "towers": Words(zh="铁塔", en="Towers"),
            "poles": Words(zh="杆件", en="Poles"),
            "roofs": Words(zh="楼顶", en="Roofs"),
            "public_buildings": Words(zh="公共建筑", en="Public buildings"),
            "key_places": Words(zh="重点部位", en="Key places"),
            "grid": Words(zh="规则格网", en="A grid"),
        },
    ),
    "costs": Asked(
        Words(zh="单站造价", en="Cost of a site"),
        Words(
            zh="按来源，如 towers=14,roofs=20；不填用内置值",
            en="By source, as towers=14,roofs=20; ours if empty",
        ),
        unit="万元",
    ),
    "forced": Asked(
        Words(zh="必选承载物", en="Must be used"),
        Words(zh="承载物代码，逗号分隔", en="Codes of hosts, with commas"),
    ),
    "forbidden": Asked(
        Words(zh="禁用承载物", en="Must not be used"),
        Words(zh="承载物代码，逗号分隔", en="Codes of hosts, with commas"),
    ),
    "area": Asked(
        Words(zh="选址范围", en="Area for sites"),
        Words(zh="GeoJSON 多边形；不填不限", en="A GeoJSON polygon; anywhere if empty"),
    ),
    "keep_out": Asked(
        Words(zh="避让范围", en="Area without sites"), Words(zh="GeoJSON 多边形", en="A GeoJSON polygon")
    ),
    "schools_m": Asked(Words(zh="与学校最小距离", en="Least distance to schools"), unit="m"),
    "district_least": Asked(
        Words(zh="乡镇最少数量", en="At least in a town"),
        Words(zh="如 341504001=2,*=1（* 为其余各乡镇）", en="As 341504001=2,*=1; * is each of the others"),
    ),
    "district_most": Asked(
        Words(zh="乡镇最多数量", en="At most in a town"),
        Words(zh="写法同上", en="Written like the least"),
    ),
    "spacing_m": Asked(Words(zh="新站最小间距", en="Least distance of new sites"), unit="m"),
    "roof_m": Asked(Words(zh="楼顶最低高度", en="Least height of a roof"), unit="m"),
    "indoor": Asked(Words(zh="按室内覆盖", en="Coverage indoors")),
    "task": OF_CAMERAS["task"],
    "times": Asked(Words(zh="每处需要的摄像机数", en="Cameras that a place needs")),
    "focus": Asked(
        Words(zh="只补这些盲区单元", en="Only these blind cells"),
        Words(
            zh="H3 单元编号（12 级），逗号分隔；不填为全部盲区", en="H3 cells of resolution 12; all if empty"
        ),
    ),
    "sensitivity": Asked(
        Words(zh="敏感性分析", en="Sensitivity"),
        Words(
            zh="作用距离与需求各变化 10%，看有多少站点不变",
            en="How many sites stay with range and demand 10 % otherwise",
        ),
    ),
    "seconds": Asked(
        Words(zh="求解时限", en="Time for the proof"),
        Words(zh="0 为立即给出方案与差距", en="0: the answer and its gap at once"),
        unit="s",
    ),
    "scenario": SCENARIO_ASKED,
}
