"""What a plan of sites is asked by: device, budget, candidates, time."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field as Limited
from pydantic import field_validator

from layers.definitions.words import Words
from layers.runs.cameras.scene import VideoTask
from layers.runs.kinds import SCENARIO_ASKED, SCENARIO_PART, Asked, Parameters, ScenarioReference
from layers.runs.subjects import SubjectPart

MOST_SITES, MOST_YEARS = 2_000, 10


class Device(StrEnum):
    """What is placed."""

    STATIONS = "stations"
    CAMERAS = "cameras"


class Source(StrEnum):
    """Where candidates are taken from, the cheapest use of what stands first."""

    EXISTING_4G = "existing_4g"
    TOWERS = "towers"
    POLES = "poles"
    ROOFS = "roofs"
    PUBLIC_BUILDINGS = "public_buildings"
    KEY_PLACES = "key_places"
    GRID = "grid"


#: Sources where none are named.
USUAL = {
    Device.STATIONS: (Source.EXISTING_4G, Source.TOWERS, Source.ROOFS),
    Device.CAMERAS: (Source.POLES,),
}


class SitingParameters(Parameters):
    """What is placed, how many of it, and where it may stand.

    Attributes
    ----------
    device : {"stations", "cameras"}
        5G sites with three sectors, cameras, or poles that carry several devices.
    budget : int
        Sites.
    by_year : tuple of int
        Sites of each year, one after the other, in place of ``budget``.
    first_year : int, optional
        The first of them; the year after the city's own date where left out.
    money : float, optional
        What may be spent in all, in 10,000 yuan, in place of a number of sites.
    candidates : tuple of Source
        Where sites may stand; the usual sources of the device where left out.
    spacing_m : float
        Least distance between new sites.
    roof_m : float
        Least height of a roof.
    indoor : bool
        Stations: people are to be covered indoors.
    task : VideoTask
        Cameras: what they must do.
    focus : tuple of str
        Cameras: only these blind cells (H3, resolution 12); all where left out.
    seconds : float
        For a better bound and the exact method.
    scenario : str, optional
        Whose changes are laid over the layers.
    """

    device: Device
    budget: Annotated[int, Limited(ge=1, le=MOST_SITES)] = 30
    by_year: Annotated[
        tuple[Annotated[int, Limited(ge=0, le=MOST_SITES)], ...], Limited(max_length=MOST_YEARS)
    ] = ()
    first_year: Annotated[int | None, Limited(ge=1949, le=2100)] = None
    money: Annotated[float | None, Limited(gt=0, le=1e9)] = None
    candidates: tuple[Source, ...] = ()
    spacing_m: Annotated[float, Limited(ge=0, le=5_000)] = 0.0
    roof_m: Annotated[float, Limited(ge=3, le=300)] = 24.0
    indoor: bool = False
    task: VideoTask = VideoTask.DETECT
    focus: Annotated[
        tuple[Annotated[str, Limited(pattern="^8c[0-9a-f]{13}$")], ...], Limited(max_length=5_000)
    ] = ()
    seconds: Annotated[float, Limited(ge=0, le=900)] = 20.0
    scenario: ScenarioReference = None

    @field_validator("by_year", "focus", mode="before")
    @classmethod
    def listed(cls, value: Any) -> Any:
        """Take a list as a form gives it: 136,70."""
        return (
            tuple(one.strip() for one in value.split(",") if one.strip()) if isinstance(value, str) else value
        )

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where candidates are taken from."""
        return self.candidates or USUAL[self.device]

    @property
    def phases(self) -> list[float]:
        """What each year may add, in sites or in money."""
        if self.money is not None:
            return [self.money]
        return [float(one) for one in self.by_year] or [float(self.budget)]


SUBJECT = (SubjectPart("device"), SCENARIO_PART)
ASKS = {
    "device": Asked(
        Words(zh="选址对象", en="What is placed"),
        options={
            "stations": Words(zh="5G 基站", en="5G sites"),
            "cameras": Words(zh="摄像机", en="Cameras"),
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
    "spacing_m": Asked(Words(zh="新站最小间距", en="Least distance of new sites"), unit="m"),
    "roof_m": Asked(Words(zh="楼顶最低高度", en="Least height of a roof"), unit="m"),
    "indoor": Asked(Words(zh="按室内覆盖", en="Coverage indoors")),
    "task": Asked(
        Words(zh="任务级别", en="Task"),
        options={
            "monitor": Words(zh="监视", en="Monitor"),
            "detect": Words(zh="探测", en="Detect"),
            "observe": Words(zh="观察", en="Observe"),
            "recognise": Words(zh="辨认", en="Recognise"),
            "identify": Words(zh="识别", en="Identify"),
        },
    ),
    "focus": Asked(
        Words(zh="只补这些盲区单元", en="Only these blind cells"),
        Words(
            zh="H3 单元编号（12 级），逗号分隔；不填为全部盲区", en="H3 cells of resolution 12; all if empty"
        ),
    ),
    "seconds": Asked(
        Words(zh="求解时限", en="Time for the proof"),
        Words(zh="0 为立即给出方案与差距", en="0: the answer and its gap at once"),
        unit="s",
    ),
    "scenario": SCENARIO_ASKED,
}
