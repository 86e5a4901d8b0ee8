"""What incident hotspots are computed from: parameters, their check, and the layers a run reads."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import Field as Limited
from pydantic import StringConstraints

from geo.hotspots import Step
from layers.counts.incidents import Span
from layers.counts.keeping import RESOLUTION
from layers.definitions.loading import Catalog
from layers.runs.kinds import Wanted
from layers.runs.parameters import Parameters, bad

AREA_LAYERS = ("counties", "towns", "communities")


class Against(StrEnum):
    """What expected counts are fitted to."""

    INCIDENTS = "incidents"
    PEOPLE = "people"
    ROAD_LENGTH = "road_length"
    AREA = "area"
    MEAN = "mean"


class SmallCounts(StrEnum):
    """What becomes of small counts of classes that are marked sensitive."""

    HIDE = "hide"
    SHOW = "show"


class Scan(StrEnum):
    """Whether clusters in space and time are looked for beside, and against what."""

    OFF = "off"
    PERMUTATION = "permutation"
    POISSON = "poisson"


class Clusters(StrEnum):
    """Whether dense groups of points are looked for beside, whatever the grid."""

    OFF = "off"
    DBSCAN = "dbscan"
    HDBSCAN = "hdbscan"


class HotspotParameters(Parameters):
    """What hotspots are computed from.

    Attributes
    ----------
    classes : str
        Beginning of a class code: one class (0505), a group (05) or all (empty).
    against : {"incidents", "people", "road_length", "area", "mean"}
        What the expected counts are fitted to; "incidents" are those of the other classes, with road length
        and area. "mean" fits nothing: plain Gi* against the mean of all cells.
    step : {"hour", "day", "week", "month"}
        Length of a time step by the local clock.
    steps : int
        Steps that are looked at, the last one holding the latest incident.
    until : date, optional
        The last day that is looked at instead of that of the latest incident.
    resolution : int
        H3 resolution, 7 to 11.
    q : float
        False discovery rate.
    timezone : str, optional
        Whose midnight parts the days; the city's where left out.
    small_counts : {"hide", "show"}
        Counts below five of classes that are marked sensitive; with "show" the run is restricted.
    scan : {"off", "permutation", "poisson"}
        Kulldorff's scan over cells one resolution coarser: "permutation" finds what is neither always there
        nor everywhere, "poisson" what is more than the expected counts.
    clusters : {"off", "dbscan", "hdbscan"}
        Dense groups of points: ten within 100 m, or at whatever density they are.
    near_repeats : bool
        Knox's test: whether incidents follow each other within 200 m and 14 days more often than by chance.
    permutations, seed : int
        Random copies that the scan and Knox's test are held against, and what they are drawn from.
    """

    classes: Annotated[str, StringConstraints(max_length=8)] = ""
    against: Against = Against.PEOPLE
    step: Step = Step.MONTH
    steps: Annotated[int, Limited(ge=2, le=400)] = 12
    resolution: Annotated[int, Limited(ge=7, le=11)] = 10
    q: Annotated[float, Limited(gt=0, le=0.25)] = 0.05
    until: date | None = None
    timezone: Annotated[str | None, StringConstraints(max_length=48)] = None
    small_counts: SmallCounts = SmallCounts.HIDE
    scan: Scan = Scan.OFF
    clusters: Clusters = Clusters.OFF
    near_repeats: bool = False
    permutations: Annotated[int, Limited(ge=99, le=9999)] = 999
    seed: Annotated[int, Limited(ge=0, le=2**31 - 1)] = 1


def span(parameters: HotspotParameters) -> Span:
    """Return which incidents a run counts."""
    return Span(parameters.step, parameters.steps, parameters.until, parameters.timezone, parameters.classes)


def check(parameters: HotspotParameters, catalog: Catalog) -> None:
    """Raise `BadRunParameter` for a class that no incident can have, or a comparison with nothing."""
    if "incidents" not in catalog.layers:
        raise bad("classes", parameters.classes, "layer-with-geometry")
    if parameters.timezone is not None and parameters.timezone not in available_timezones():
        raise bad("timezone", parameters.timezone, "one-of", known="Asia/Shanghai, Asia/Urumqi, UTC …")
    codes = [code.code for code in catalog.code_lists["incident_class"].codes]
    if not any(code.startswith(parameters.classes) for code in codes):
        raise bad("classes", parameters.classes, "one-of", known=", ".join(codes))
    if parameters.against is Against.INCIDENTS and not parameters.classes:
        raise bad(
            "against",
            "incidents",
            "one-of",
            known="people, road_length, area, mean (incidents: with a class)",
        )


def wanted(parameters: HotspotParameters) -> list[Wanted]:
    """Return the layers that a run reads."""
    # the kept counts know no points, and no finer cells
    counted = (
        parameters.resolution <= RESOLUTION
        and parameters.clusters is Clusters.OFF
        and not parameters.near_repeats
    )
    fields = ("class_code", "occurred_at", "state", "repeat_of")
    found = [Wanted("incidents", fields, "incidents", kept=span(parameters) if counted else None)]
    if parameters.against is Against.PEOPLE:
        found.append(Wanted("population", ("cell", "residents"), "people"))
    if parameters.against in (Against.INCIDENTS, Against.ROAD_LENGTH):
        found.append(Wanted("roads", ("class",), "roads"))
    return found + [Wanted(layer, ("name",), layer, optional=True) for layer in AREA_LAYERS]
