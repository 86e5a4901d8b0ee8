"""One indicator: which amounts of a region make its value, and what a reader must know of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field as Limited
from pydantic import model_validator

from layers.definitions.code_lists import Name
from layers.definitions.conditions import CONDITIONS, Conditions, Filter
from layers.definitions.words import Document, Flaw, Phrase, Words

#: What is added up over the features of a layer in a region; ``spread`` takes a field by the share of the
#: feature's area that lies there, ``value`` the row of the region itself.
Measure = Literal["count", "sum", "spread", "length", "area", "hours", "value"]
#: Measures that are of the part of a feature that lies in a region.
MEASURED = ("spread", "length", "area")
TargetCount = Literal["all", "reached", "not_reached", "missed", "without_value"]


class Window(Document):
    """Days before the city's day, in its time zone; the day itself is day 0."""

    field: Name
    days: Annotated[int, Limited(ge=1, le=3660)]
    ends_days_ago: Annotated[int, Limited(ge=0, le=3660)] = 0


class Amount(Conditions):
    """An amount of a region, with conditions on other layers.

    Attributes
    ----------
    title : Words
        What is counted.
    layer, measure : str
        A layer, and what is added up over its features in the region: their number, a field, a field by area
        share, their length (km) or area (km²) inside the region, or the hours between two fields. ``value``
        is the ``field`` of the row that stands for the region itself.
    run, column : str
        In place of a layer: a column of the table by region of the newest good run of an analysis.
    parameters : mapping
        Parameters that the run must have.
    targets : str
        In place of both: how many targets of the view's region stand so.
    field, since : str
        What is added up; for hours the end, and ``since`` the beginning.
    where : str, optional
        CQL2 text over the fields of the layer.
    states : tuple of str
        Values of ``status`` that count.
    window : Window, optional
        Only features of these days.
    extent : str, optional
        Only what lies in the named extents of this kind.
    year : {"as_of"}, optional
        Of a layer with a field ``year``: the row of the city's year, or of the year before where that is not
        over.
    factor : float
        Multiplies the amount, to come from the unit of the layer to that of the indicator.
    """

    title: Words
    layer: Name | None = None
    measure: Measure = "count"
    field: Name | None = None
    since: Name | None = None
    where: Filter | None = None
    states: tuple[str, ...] = ("in_service",)
    window: Window | None = None
    extent: Name | None = None
    year: Literal["as_of"] | None = None
    run: Name | None = None
    column: Name | None = None
    parameters: dict[Name, str | int | float | bool] = {}
    targets: TargetCount | None = None
    factor: float = 1.0

    @model_validator(mode="after")
    def _has_one_source(self) -> Amount:
        given = [name for name in ("layer", "run", "targets") if getattr(self, name) is not None]
        if len(given) != 1:
            raise Flaw("an amount has one of layer, run, targets", *given[1:2])
        if self.run is not None and self.column is None:
            raise Flaw("an amount of a run names a column", "run")
        if self.run is None:
            for name in ("column", "parameters"):
                if getattr(self, name):
                    raise Flaw(f"{name} goes with run", name)
        if self.layer is None:
            for name in ("field", "since", "where", "window", "extent", "year", *CONDITIONS):
                if getattr(self, name) is not None:
                    raise Flaw(f"{name} goes with layer", name)
        elif self.measure in ("sum", "spread", "value", "hours") and self.field is None:
            raise Flaw(f"{self.measure} names a field", "measure")
        if (self.measure == "hours") != (self.since is not None):
            raise Flaw("hours, and only they, have since, the field of their beginning", "measure")
        if not self.states:
            raise Flaw("at least one state counts", "states")
        return self

    @model_validator(mode="after")
    def _conditions_fit(self) -> Amount:
        if self.extent is not None and self.inside is not None:
            raise Flaw("an amount is cut by a kind of extent or by a layer, not by both", "inside")
        if self.along is not None and self.measure != "length":
            raise Flaw("along goes with length", "along")
        if self.measure == "value" and any(self.conditions()):
            raise Flaw("a value is that of the region itself and has no conditions", "measure")
        return self


class Indicator(Document):
    """The definition of one indicator.

    Attributes
    ----------
    numerator, denominator : Amount
        Its parts; without a denominator the numerator is the value.
    per : float
        What the quotient is multiplied by: 100 for a percentage, 10 000 for "per 10,000 residents".
    better : {"higher", "lower", "neither"}
        Which way is good; ranking puts the worst first.
    missing : str, optional
        CQL2 text over the layer of the denominator (of the numerator, where there is none): features of which
        what counts is not known. Their share is told with the value.
    past : bool
        True where its value on an earlier day follows from what is stored; else only the present is told.
    """

    name: Name
    title: Words
    short_title: Words
    definition: Words
    unit: Words | None = None
    decimals: Annotated[int, Limited(ge=0, le=6)] = 1
    per: Annotated[float, Limited(gt=0)] = 1.0
    better: Literal["higher", "lower", "neither"] = "neither"
    numerator: Amount
    denominator: Amount | None = None
    missing: Filter | None = None
    past: bool = False
    source: Words
    rows: tuple[Phrase, ...] = ()

    @model_validator(mode="after")
    def _parts_fit(self) -> Indicator:
        if self.missing is not None and self.whole.layer is None:
            raise Flaw("missing is tested on a layer; the whole is none", "missing")
        if self.denominator is None and self.per != 1.0:
            raise Flaw("per goes with a denominator", "per")
        if self.past and any(one.run or one.by_road or one.along for _, one in self.amounts):
            raise Flaw("runs and ways are of the present: their past is what was kept", "past")
        return self

    @property
    def whole(self) -> Amount:
        """What the value is a part of: the denominator, or the numerator where there is none."""
        return self.denominator or self.numerator

    @property
    def amounts(self) -> tuple[tuple[str, Amount], ...]:
        """Its parts with the keys under which they stand in the document."""
        numerator = ("numerator", self.numerator)
        return (numerator,) if self.denominator is None else (numerator, ("denominator", self.denominator))
