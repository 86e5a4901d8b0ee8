"""What a plan of sites is asked by: device, budget, candidates, rules, time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import shapely
import shapely.geometry
from pydantic import AfterValidator, BeforeValidator
from pydantic import Field as Limited
from shapely.geometry.base import BaseGeometry

from layers.runs.cameras.scene import VideoTask
from layers.runs.parameters import Parameters, ScenarioReference

MOST_SITES, MOST_YEARS = 2_000, 10


class Device(StrEnum):
    """What is placed."""

    STATIONS = "stations"
    CAMERAS = "cameras"
    POLES = "poles"


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
    Device.POLES: (Source.POLES,),
}
#: Stands for every district that is not named.
EVERY = "*"
#: Parameters that count for some devices only, and where numbers do not count beside others.
_OF_DEVICE = {
    "roof_m": {Device.STATIONS, Device.CAMERAS},
    "indoor": {Device.STATIONS, Device.POLES},
    "schools_m": {Device.STATIONS, Device.POLES},
    "task": {Device.CAMERAS, Device.POLES},
    "focus": {Device.CAMERAS, Device.POLES},
    "times": {Device.CAMERAS},
}
_IN_PLACE_OF = (
    ("target_share", ("budget", "by_year", "money", "money_by_year")),
    ("money_by_year", ("budget", "by_year", "money")),
    ("money", ("budget", "by_year")),
    ("by_year", ("budget",)),
)


def _listed(value: Any) -> Any:
    """Take a list as a form gives it: 136,70."""
    return tuple(one.strip() for one in value.split(",") if one.strip()) if isinstance(value, str) else value


def _named(value: Any) -> Any:
    """Take named numbers as a form gives them: towers=14,roofs=20."""
    if not isinstance(value, str):
        return value
    parts = [one.strip() for one in value.split(",") if one.strip()]
    if not all(one.count("=") == 1 for one in parts):
        return value
    return {name.strip(): number.strip() for name, number in (one.split("=") for one in parts)}


def _drawn(value: Any) -> Any:
    """Take a GeoJSON geometry as text; an empty field is none."""
    if isinstance(value, Mapping):
        return json.dumps(value)
    return None if value == "" else value


def _is_area(value: str) -> str:
    shape = shape_of(value)
    if shape is None or not shape.is_valid or shape.is_empty or not shape.geom_type.endswith("Polygon"):
        raise ValueError("a polygon in degrees as GeoJSON")
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise ValueError("degrees")
    return value


def shape_of(text: str | None) -> BaseGeometry | None:
    """Return a GeoJSON geometry, None where it is none."""
    if text is None:
        return None
    try:
        return shapely.from_geojson(text)
    except shapely.errors.GEOSException:
        return None


Code = Annotated[str, Limited(min_length=1, max_length=48)]
Codes = Annotated[tuple[Code, ...], Limited(max_length=500), BeforeValidator(_listed)]
Area = Annotated[str, Limited(max_length=50_000), AfterValidator(_is_area)]
PerDistrict = Annotated[
    dict[Code, Annotated[int, Limited(ge=0, le=MOST_SITES)]],
    Limited(max_length=200),
    BeforeValidator(_named),
]


class SitingParameters(Parameters):
    """What is placed, how many of it, and where it may stand.

    Attributes
    ----------
    device : {"stations", "cameras", "poles"}
        5G sites with three sectors, cameras, or poles that carry both and sensors.
    budget : int
        Sites.
    by_year : tuple of int
        Sites of each year, one after the other, in place of ``budget``.
    first_year : int, optional
        The first of them; the year after the city's own date where left out.
    money : float, optional
        What may be spent in all, in 10,000 yuan, in place of a number of sites.
    money_by_year : tuple of float
        What each year may spend; what one leaves, the next has too.
    target_share : float, optional
        Percent of what is asked for that must be covered, with as few sites as can be.
    candidates : tuple of Source
        Where sites may stand; the usual sources of the device where left out.
    costs : mapping of Source to float
        What a site costs, in 10,000 yuan, in place of ours.
    forced, forbidden : tuple of str
        Codes of what carries a site (``host``) that must, or must not, be used.
    area, keep_out : str, optional
        Polygons as GeoJSON in which all, or no, sites stand.
    schools_m : float
        Stations: least distance to a school.
    spacing_m : float
        Least distance between new sites.
    district_least, district_most : mapping of str to int
        New sites of a town by its code; ``*`` for each town that is not named.
    roof_m : float
        Least height of a roof.
    indoor : bool
        Stations: people are to be covered indoors.
    task : VideoTask
        Cameras: what they must do.
    times : int
        Cameras: how many of them each place needs.
    focus : tuple of str
        Cameras: only these blind cells (H3, resolution 12); all where left out.
    sensitivity : bool
        Whether it is tried how many sites stay where range or demand is otherwise than was taken.
    seconds : float
        For a better bound and the exact method.
    scenario : str, optional
        Whose changes are laid over the layers.
    """

    device: Device
    budget: Annotated[int, Limited(ge=1, le=MOST_SITES)] = 30
    by_year: Annotated[
        tuple[Annotated[int, Limited(ge=0, le=MOST_SITES)], ...],
        Limited(max_length=MOST_YEARS),
        BeforeValidator(_listed),
    ] = ()
    first_year: Annotated[int | None, Limited(ge=1949, le=2100)] = None
    money: Annotated[float | None, Limited(gt=0, le=1e9)] = None
    money_by_year: Annotated[
        tuple[Annotated[float, Limited(ge=0, le=1e9)], ...],
        Limited(max_length=MOST_YEARS),
        BeforeValidator(_listed),
    ] = ()
    target_share: Annotated[float | None, Limited(gt=0, le=100)] = None
    candidates: tuple[Source, ...] = ()
    costs: Annotated[dict[Source, Annotated[float, Limited(gt=0, le=1e6)]], BeforeValidator(_named)] = (
        Limited(default_factory=dict)
    )
    forced: Codes = ()
    forbidden: Codes = ()
    area: Annotated[Area | None, BeforeValidator(_drawn)] = None
    keep_out: Annotated[Area | None, BeforeValidator(_drawn)] = None
    schools_m: Annotated[float, Limited(ge=0, le=1_000)] = 0.0
    spacing_m: Annotated[float, Limited(ge=0, le=5_000)] = 0.0
    district_least: PerDistrict = Limited(default_factory=dict)
    district_most: PerDistrict = Limited(default_factory=dict)
    roof_m: Annotated[float, Limited(ge=3, le=300)] = 24.0
    indoor: bool = False
    task: VideoTask = VideoTask.DETECT
    times: Annotated[int, Limited(ge=1, le=3)] = 1
    focus: Annotated[
        tuple[Annotated[str, Limited(pattern="^8c[0-9a-f]{13}$")], ...],
        Limited(max_length=5_000),
        BeforeValidator(_listed),
    ] = ()
    sensitivity: bool = False
    seconds: Annotated[float, Limited(ge=0, le=900)] = 20.0
    scenario: ScenarioReference = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where candidates are taken from."""
        return self.candidates or USUAL[self.device]

    @property
    def by_money(self) -> bool:
        """True where money is what a plan may spend."""
        return self.money is not None or bool(self.money_by_year)

    @property
    def phases(self) -> list[float]:
        """What each year may add, in sites or in money."""
        if self.money_by_year:
            return list(self.money_by_year)
        if self.money is not None:
            return [self.money]
        return [float(one) for one in self.by_year] or [float(self.budget)]

    def counted(self) -> dict[str, Any]:
        """Return the parameters that a plan of this device depends on, without those that others replace."""
        found = self.model_dump(mode="json")
        for name, devices in _OF_DEVICE.items():
            if self.device not in devices:
                found.pop(name, None)
        for name, others in _IN_PLACE_OF:
            if found.get(name):
                for other in others:
                    found.pop(other, None)
        if Source.ROOFS not in self.sources:
            found.pop("roof_m", None)
        idle = {name for name, value in found.items() if not value and name != "seconds"}
        return {name: value for name, value in found.items() if name not in idle}
