"""What an analysis registers to become a kind of run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geo.notes import MethodNote
from layers.city import TIMEZONE
from layers.counts.incidents import KeptIncidents, Span
from layers.definitions.loading import Catalog
from layers.definitions.words import Words
from layers.runs.errors import NoKind
from layers.runs.following import Live
from layers.runs.parameters import Parameters
from layers.runs.pictures import Picture
from layers.runs.subjects import SubjectPart
from layers.scenarios.naming import told

#: Told (share done, 0 to 1) by a computation.
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One layer that an analysis reads.

    Attributes
    ----------
    layer : str
        Name in the catalogue.
    fields : tuple of str
        Fields to read beside the geometry.
    role : str
        Name under which the computation finds the frame.
    optional : bool
        True for regions and extents that only sort results: they are left out where the run's class is below
        theirs, and do not make a run out of date.
    margin_m : float
        How far outside the run's region features count for it.
    states : tuple of str
        Values of ``status`` that are read; with more than one the frame has a column ``status``.
    placed : bool
        True for columns ``region_code`` and ``region_codes`` too, the regions that a feature is counted in;
        of layers whose features may cross boundaries.
    kept : Span, optional
        Of incidents: what is counted of them. Where the kept counts tell it too, `Inputs.kept` has them and
        no feature is read.
    """

    layer: str
    fields: tuple[str, ...]
    role: str
    optional: bool = False
    margin_m: float = 0.0
    states: tuple[str, ...] = ("in_service",)
    placed: bool = False
    kept: Span | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a computation gets.

    Attributes
    ----------
    frames : mapping of str to GeoDataFrame
        By role, EPSG:4326, index: feature ids.
    region : polygon or None
        Outline of the run's region in degrees; None for the whole city.
    prefix : str
        Code prefix of the region; empty for the whole city.
    city : polygon or None
        Outline of the city's own region where its card names one.
    city_prefix : str
        Code prefix of that region: neighbours may be loaded beside it.
    left_out : mapping of str to int
        By role: features that are not in service or not valid at the city's date.
    previous : GeoDataFrame or None
        Features of the published result of the same kind, region and subject (index: their ids), for a kind
        of features whose ids stay over runs.
    previous_groups : Series or None
        Cells of that result and the group that each belonged to, for a kind of cells whose groups keep their
        ids.
    documents : mapping of str to Any
        Of the city's settings, those that the kind asked for and that are there.
    timezone : str
        Whose clock the city goes by.
    kept : KeptIncidents, optional
        What was asked for as counts and was found among the kept ones; its role has no frame then.
    """

    frames: Mapping[str, gpd.GeoDataFrame]
    region: BaseGeometry | None = None
    prefix: str = ""
    city: BaseGeometry | None = None
    city_prefix: str = ""
    left_out: Mapping[str, int] = field(default_factory=dict)
    previous: gpd.GeoDataFrame | None = None
    previous_groups: pd.Series | None = None
    documents: Mapping[str, Any] = field(default_factory=dict)
    timezone: str = TIMEZONE
    kept: KeptIncidents | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a computation gives back.

    Attributes
    ----------
    cells : DataFrame
        Index ``cell`` (uint64) of every resolution that is shown; the kind's columns, missing as NaN. Of a
        kind whose result is features: a GeoDataFrame in degrees, indexed by their ids (text), same columns.
    areas : DataFrame
        ``layer``, ``code``, ``name`` and the kind's columns of areas.
    note : MethodNote
        How it was computed.
    units : mapping of str to str
        Units of columns that depend on the parameters.
    findings : sequence of mapping
        What was found, one by one, as JSON objects with reasons and titles as data; kept with the run.
    parts : mapping of str to bytes
        Documents that are kept beside the result and asked for by name.
    """

    cells: pd.DataFrame
    areas: pd.DataFrame
    note: MethodNote
    units: Mapping[str, str]
    findings: Sequence[Mapping[str, Any]] = ()
    parts: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a result: a number, or a text of a result that is features.

    Attributes
    ----------
    amount : bool
        Whether values of regions side by side add up to that of all of them: counts, areas and lengths do,
        densities, shares, levels and ranks never do.
    words : tuple of Words
        What the whole numbers from 0 on stand for, where they are codes.
    """

    name: str
    title: Words
    decimals: int = 2
    type: Literal["number", "text"] = "number"
    amount: bool = False
    words: tuple[Words, ...] = ()

    def text(self, value: float) -> str:
        """Return a value as a person reads it, in Chinese and English where it is a code."""
        if self.words and value == int(value) and 0 <= value < len(self.words):
            word = self.words[int(value)]
            return f"{word.zh} {word.en}"
        return f"{value:.{self.decimals}f}"


#: What 0 and 1 of a column stand for that tells yes or no.
NO_YES = (Words(zh="否", en="no"), Words(zh="是", en="yes"))


@dataclass(frozen=True, slots=True)
class Wording:
    """What a result is called where that depends on its parameters.

    Attributes
    ----------
    columns : mapping of str to Words or None
        Titles in place of those of the columns; None for one that says the same as another and is not listed.
    counted : Words, optional
        What stands after the number of features, where cells count them by shares.
    classes : tuple of (Words, float)
        In place of the fixed classes of the kind.
    """

    columns: Mapping[str, Words | None] = field(default_factory=dict)
    counted: Words | None = None
    classes: tuple[tuple[Words, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Ramp:
    """Colours from little to much for the dark and the light map."""

    dark: tuple[str, ...]
    light: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """How a form asks for one parameter.

    Attributes
    ----------
    title, note : Words
        The parameter in words, and what helps to choose.
    options : mapping of str to Words
        Titles of the values of an enumeration.
    choose : {"layer", "field"}, optional
        For a text that names a layer with geometry, or a numeric field of the layer in parameter `of`.
    of : str, optional
        The parameter that names the layer.
    unit : str, optional
        Of a number.
    """

    title: Words
    note: Words | None = None
    options: Mapping[str, Words] = field(default_factory=dict)
    choose: Literal["layer", "field"] | None = None
    of: str | None = None
    unit: str | None = None


#: How a kind that can be made over a scenario asks for one, and how its result says so.
SCENARIO_ASKED = Asked(
    Words(zh="方案", en="Scenario"),
    Words(
        zh="方案名，可带版本，如 东区@3；不填为现状。方案的结果不替换现状结果",
        en="Its name, perhaps with a version, as east@3; reality where left out. It never replaces reality",
    ),
)
SCENARIO_PART = SubjectPart("scenario", prefix="scenario", told=told)


@dataclass(frozen=True)
class Kind:
    """One kind of analysis.

    Attributes
    ----------
    name : str
        Also the name of its result layer.
    parameters : type
        Model that checks the parameters by themselves.
    check : callable
        Checks them against the catalogue; raises `BadRunParameter`.
    wanted : callable
        The layers that a run reads.
    compute : callable
        Pure: frames in, cells out. Runs in a process of its own.
    columns : tuple of Column
        Values of a cell or feature; ``shown`` is the number that colours it.
    legend : {"quantiles"}
        How class breaks are found: see `layers.runs.legend.breaks`.
    classes : tuple of (Words, float)
        Fixed classes in place of found ones: the title of each and its upper bound, in the order of the ramp;
        the bound of the last is infinite.
    result : {"cells", "features"}
        What its table holds: cells at several resolutions, or shapes of any sort with ids of their own.
    area_columns : tuple of Column
        Values by region and extent; those of a cell where left out.
    follows : bool
        True where `compute` needs the features of the result before, or the groups of its cells, so that ids
        stay.
    class_names : tuple of str
        How findings name the fixed classes, in their order; the first stands for all others.
    zero_title : Words, optional
        What a value of 0 means, where it is a class with a name.
    pictures : tuple of Picture
        Other columns that can colour the map in place of ``shown``, which is then called ``shown_title``.
    asks : mapping of str to Asked
        Words for the parameters, by name.
    subject : tuple of SubjectPart
        The parameters that say what a result shows: those with other values are published beside it, not in
        its place.
    wording : callable
        (parameters as JSON, catalogue) to the names that depend on them.
    documents : tuple of str
        Keys of the city's settings that a run reads beside the layers.
    restricts : callable
        Tells whether parameters make a run restricted whatever it reads; its requester must be allowed that.
    live : Live, optional
        How its results follow the change log; None where they do not.
    keeps_best : bool
        True where a run that is called off while it seeks a better answer keeps the best one so far.
    shape : {"cells", "areas", "lines", "points"}
        What is drawn: the legend shows its like.
    megabytes, seconds : int
        Limits of the process.
    """

    name: str
    title: Words
    description: Words
    parameters: type[Parameters]
    check: Callable[[Any, Catalog], None]
    wanted: Callable[[Any], Sequence[Wanted]]
    compute: Callable[[Any, Inputs, Progress], Outcome]
    columns: tuple[Column, ...]
    shown: str
    ramp: Ramp
    legend: Literal["quantiles"] = "quantiles"
    classes: tuple[tuple[Words, float], ...] = ()
    class_names: tuple[str, ...] = ()
    zero_title: Words | None = None
    pictures: tuple[Picture, ...] = ()
    shown_title: Words | None = None
    result: Literal["cells", "features"] = "cells"
    area_columns: tuple[Column, ...] = ()
    follows: bool = False
    asks: Mapping[str, Asked] = field(default_factory=dict)
    subject: tuple[SubjectPart, ...] = ()
    wording: Callable[[Mapping[str, Any], Catalog], Wording] = lambda parameters, catalog: Wording()
    documents: tuple[str, ...] = ()
    restricts: Callable[[Any], bool] = lambda parameters: False
    live: Live | None = None
    keeps_best: bool = False
    shape: Literal["cells", "areas", "lines", "points"] = "cells"
    megabytes: int = 6144
    seconds: int = 1800

    @property
    def column_names(self) -> list[str]:
        """Names of the value columns in their order."""
        return [column.name for column in self.columns]

    @property
    def of_areas(self) -> tuple[Column, ...]:
        """Columns of the table by region and extent."""
        return self.area_columns or self.columns


def as_worded(kind: Kind, parameters: Mapping[str, Any], catalog: Catalog) -> Kind:
    """Return a kind with the classes that its parameters give it."""
    classes = kind.wording(parameters, catalog).classes
    return replace(kind, classes=classes) if classes else kind


def kinds() -> dict[str, Kind]:
    """Return every kind by name."""
    # Kinds import this module for their base.
    from layers.runs.accidents import ACCIDENT_SEGMENTS  # noqa: PLC0415
    from layers.runs.cameras import CAMERA_BLIND_SPOTS, CAMERA_COVERAGE, CAMERA_VIEWSHEDS  # noqa: PLC0415
    from layers.runs.density import DENSITY  # noqa: PLC0415
    from layers.runs.hotspots import INCIDENT_HOTSPOTS  # noqa: PLC0415
    from layers.runs.radio import RADIO_COVERAGE  # noqa: PLC0415
    from layers.runs.radio_gaps import RADIO_GAPS  # noqa: PLC0415
    from layers.runs.risk import RISK_CELLS  # noqa: PLC0415
    from layers.runs.siting import SITE_PLAN  # noqa: PLC0415

    of_cameras = (CAMERA_VIEWSHEDS, CAMERA_COVERAGE, CAMERA_BLIND_SPOTS)
    of_incidents = (INCIDENT_HOTSPOTS, ACCIDENT_SEGMENTS)
    of_radio = (RADIO_COVERAGE, RADIO_GAPS)
    return {
        kind.name: kind for kind in (DENSITY, *of_cameras, *of_radio, *of_incidents, RISK_CELLS, SITE_PLAN)
    }


def kind_named(name: str) -> Kind:
    """Return a kind, or raise `NoKind`."""
    known = kinds()
    if name not in known:
        raise NoKind(
            f"there is no analysis {name[:48]!r}; there are: {', '.join(known)}",
            kind=name[:48],
            known=sorted(known),
        )
    return known[name]
