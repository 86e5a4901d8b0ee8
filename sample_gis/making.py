"""Make a sample city: the steps in their order, each a theme with ``make(city)``."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import structlog

from sample_gis import base_map, boundary, pipes
from sample_gis.building import buildings
from sample_gis.city import City
from sample_gis.devices import (
    cameras,
    poles,
    sensor_days,
    sensors,
    signals,
    stations,
    towers,
    trunking,
    vehicles,
)
from sample_gis.incidents import incidents
from sample_gis.land import cover, ponds, river, streams, terrain
from sample_gis.people import dwellings, population, statistics
from sample_gis.places import addresses, key_places, legal_entities, place_names
from sample_gis.planted import (
    blind_spots,
    double_addresses,
    duplicates,
    pipe_defects,
    radio_gaps,
    shifted,
)
from sample_gis.regions import (
    administrative,
    extents,
    governance_grids,
    neighbour_units,
    unit_grids,
)
from sample_gis.roads import country, names, network, railway
from sample_gis.safety import hazards, policing, regulated, resources, shelters
from sample_gis.settling import hamlets, limits, outlines, seats, sites
from sample_gis.town import blocks, faces, streets
from sample_gis.upkeep import outdoor_ads, parts

if TYPE_CHECKING:
    from pandas import DataFrame

    from sample_gis.beside import Beside
    from sample_gis.profile import Profile

log = structlog.get_logger(__name__)


class Theme(Protocol):
    """A module that makes one theme."""

    def make(self, city: City) -> None:
        """Read what earlier themes left in the city and add this one."""


class Step(NamedTuple):
    """One step of making a city.

    Attributes
    ----------
    title_zh, title_en : str
        Its name for the screen.
    theme : module
        What it makes.
    completes : tuple of str
        Layers that no later step changes: from here on they can be stored. A layer that no step names is
        complete at the end.
    alone : bool
        It adds or changes whole layers and truth, and no later step needs them but one that waits for it:
        it may be made beside the steps that follow.
    after : module, optional
        A step made alone that this one waits for.
    """

    title_zh: str
    title_en: str
    theme: Theme
    completes: tuple[str, ...] = ()
    alone: bool = False
    after: Theme | None = None


# The order is part of the result: each theme reads what the ones above it left.
STEPS: list[Step] = [
    Step("界线", "Boundary", boundary),
    Step("史河", "River", river),
    Step("地形", "Relief", terrain),
    Step("溪流与干渠", "Streams and canal", streams),
    Step("水库与坑塘", "Reservoirs and ponds", ponds),
    Step("铁路", "Railway", railway),
    Step("集镇", "Town seats", seats),
    Step("村庄", "Hamlets", hamlets),
    Step("社区", "Community sites", sites),
    Step("公路与村道", "Country roads", country),
    Step("社区界线", "Outlines of communities", outlines),
    Step("街道", "Streets", streets),
    Step("路网", "Road network", network),
    Step("街坊", "Faces of the street network", faces),
    Step("镇村界线", "Limits of towns and communities", limits),
    Step("地块", "Blocks", blocks),
    Step("建筑物", "Buildings", buildings),
    Step("林地与农田", "Forest and farmland", cover),
    Step("道路名称", "Names of roads", names),
    Step("底图", "Base map", base_map, ("buildings", "roads", "railways", "water", "green_and_public_space")),
    Step("居民", "Residents", dwellings),
    Step("地下管线", "Pipes", pipes, alone=True),
    Step("人口网格", "Population cells", population, ("population",)),
    Step("行政区划", "Administrative regions", administrative),
    Step("单元网格", "Unit grids", unit_grids),
    Step("综合网格", "Governance grids", governance_grids),
    Step("片组邻", "Neighbour units", neighbour_units, ("regions",)),
    Step("命名范围", "Named extents", extents, ("extents",)),
    Step("地址", "Addresses", addresses),
    Step("杆件", "Poles", poles),
    Step("交通信号灯", "Traffic signals", signals),
    Step("城市部件", "Components", parts, ("parts",), after=pipes),
    Step("事件", "Incidents", incidents, ("incidents",), alone=True),
    Step("地名", "Place names", place_names, ("place_names",)),
    Step("重点部位", "Key places", key_places),
    Step("法人单位", "Legal entities", legal_entities, ("legal_entities",)),
    Step("区域统计", "Statistics", statistics, ("region_statistics",)),
    Step("应急资源", "Emergency resources", resources, ("emergency_resources", "emergency_supplies")),
    Step("避难场所", "Shelters", shelters, ("shelters",)),
    Step("危险源与风险区", "Hazards", hazards, ("hazards", "hazard_areas")),
    Step("警务", "Policing", policing, ("police_posts", "checkpoints", "patrol_routes")),
    Step("监管对象", "Regulated sites", regulated, ("pollution_sources", "parking_lots", "fire_units")),
    Step("铁塔", "Towers", towers),
    Step("摄像机", "Cameras", cameras),
    Step("基站与扇区", "Base stations and sectors", stations),
    Step("数字集群", "Digital trunking", trunking),
    Step("感知设备", "Sensors", sensors),
    Step("感知日值", "Daily values of sensors", sensor_days, ("sensors", "sensor_daily_values")),
    Step("监管车辆", "Supervised vehicles", vehicles, ("vehicles",)),
    Step("户外广告", "Outdoor advertising", outdoor_ads, ("outdoor_ads",)),
    # Planted truth comes last: it edits what is finished.
    Step("弱覆盖区", "Planted gaps", radio_gaps, ("base_stations", "sectors", "towers"), alone=True),
    Step("管线缺陷", "Planted pipe defects", pipe_defects, ("pipes", "pipe_nodes"), alone=True),
    Step("偏移文件", "Shifted files", shifted),
    Step("重复地址", "Planted addresses", double_addresses, ("addresses",)),
    Step("摄像盲区", "Planted blind spots", blind_spots),
    Step("重复登记", "Planted duplicates", duplicates),
]


def make_city(
    profile: Profile,
    *,
    progress: Callable[[str, float], None] | None = None,
    complete: Callable[[str, DataFrame], None] | None = None,
    until: Theme | None = None,
    forks: bool = False,
) -> City:
    """Make a city from its profile.

    Parameters
    ----------
    profile : Profile
        Figures, seed and zone; the same profile gives the same city to the byte.
    progress : callable, optional
        Called with the Chinese title of each step that begins and 0.0, and again with 1.0 when it is made;
        a step that is made beside others ends after some of them.
    complete : callable, optional
        Called with the name and the frame of each layer as soon as no later step changes it.
    until : module, optional
        Stop after this theme.
    forks : bool
        Make what can be made at the same time in forks of this process; the city is the same.

    Returns
    -------
    City
        In metres of the profile's zone; finished layers are in ``layers``.
    """
    city = City(profile)
    city.forks = forks
    tell, hand_over = progress or _nothing, complete or _nothing
    beside: list[tuple[Step, Beside[_Alone]]] = []
    for step in STEPS:
        ended = [one for one in beside if one[0].theme is step.after or one[1].is_ready]
        for one in ended:
            beside.remove(one)
            _join(city, *one, tell, hand_over)
        tell(step.title_zh, 0.0)
        if step.alone:
            beside.append((step, city.beside(partial(_made_alone, city, step))))
        else:
            _make(city, step)
            _end(city, step, tell, hand_over)
        if step.theme is until:
            break
    for one in beside:
        _join(city, *one, tell, hand_over)
    told = {name for step in STEPS for name in step.completes}
    for name in sorted(set(city.layers) - told):
        hand_over(name, city.layers[name])
    return city


class _Alone(NamedTuple):
    """What a step that was made alone has added to the city."""

    layers: dict[str, Any]
    truth: dict[str, Any]


def _make(city: City, step: Step) -> None:
    began = time.perf_counter()
    step.theme.make(city)
    log.debug("step made", step=step.title_en, seconds=round(time.perf_counter() - began, 2))


def _made_alone(city: City, step: Step) -> _Alone:
    layers, truth = dict(city.layers), dict(city.truth)
    _make(city, step)
    return _Alone(
        {
            name: layer
            for name, layer in city.layers.items()
            if name in step.completes or layer is not layers.get(name)
        },
        {theme: planted for theme, planted in city.truth.items() if theme not in truth},
    )


def _join(
    city: City,
    step: Step,
    work: Beside[_Alone],
    tell: Callable[[str, float], None],
    hand_over: Callable[[str, DataFrame], None],
) -> None:
    """Take over what a step that was made alone has added."""
    added = work.result()
    city.layers.update(added.layers)
    city.truth.update(added.truth)
    _end(city, step, tell, hand_over)


def _end(
    city: City,
    step: Step,
    tell: Callable[[str, float], None],
    hand_over: Callable[[str, DataFrame], None],
) -> None:
    tell(step.title_zh, 1.0)
    for name in step.completes:
        hand_over(name, city.layers[name])


def _nothing(*_told: object) -> None:
    pass
