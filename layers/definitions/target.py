"""What plans ask for: values of indicators for a region and a year, each with the words of the plan."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field as Limited
from pydantic import StringConstraints, model_validator

from layers.definitions.code_lists import Name
from layers.definitions.words import Document, Flaw, Phrase, Words

RegionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6,12}$")]


class Target(Document):
    """One planned value: a target, never the present state.

    Attributes
    ----------
    indicator : str, optional
        What it is a value of; None where no indicator tells it yet: then ``title`` says what is planned.
    comparison : {"at_least", "above", "at_most"}
        How the plan writes it: ≥, >, ≤.
    parts : bool
        True where it holds for every part of the region too, as a rate may; a number of the whole does not.
    place : str
        Where in the plan it stands: page, table or box.
    quote : str
        The plan's own words.
    counting_unit : Words, optional
        What the plan counts; None where it does not say.
    """

    indicator: Name | None = None
    title: Words | None = None
    year: Annotated[int, Limited(ge=2000, le=2100)]
    value: float
    comparison: Literal["at_least", "above", "at_most"] = "at_least"
    parts: bool = False
    place: Phrase
    quote: Phrase
    counting_unit: Words | None = None

    @model_validator(mode="after")
    def _is_of_something(self) -> Target:
        if (self.indicator is None) == (self.title is None):
            raise Flaw("a target names an indicator, or has a title where none tells it", "indicator")
        return self

    def is_met(self, value: float) -> bool:
        """Tell whether a value is what the plan asks for.

        Examples
        --------
        >>> words = dict(place="Table 2-1", quote=">90%")
        >>> target = Target(indicator="x", year=2023, value=90, comparison="above", **words)
        >>> target.is_met(90.0), target.is_met(90.1)
        (False, True)
        """
        if self.comparison == "above":
            return value > self.value
        return value >= self.value if self.comparison == "at_least" else value <= self.value


class Plan(Document):
    """One plan with its targets.

    Attributes
    ----------
    region : str
        Code of the region whose plan it is.
    issued : str
        Number and date.
    """

    name: Name
    title: Words
    short_title: Words
    region: RegionCode
    issued: Phrase
    issued_on: date
    targets: tuple[Target, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Plan:
        if not self.targets:
            raise Flaw("a plan has at least one target", "targets")
        seen: set[tuple[str, int]] = set()
        for row, target in enumerate(self.targets):
            about = target.indicator or (target.title.en if target.title else "")
            key = (about, target.year)
            if key in seen:
                raise Flaw(f"{about} of {target.year} stands twice", "targets", row, "year")
            seen.add(key)
        return self
