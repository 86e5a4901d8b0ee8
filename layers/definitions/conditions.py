"""What an amount can be asked of beside its own fields: other layers, near, around or by a way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field as Limited
from pydantic import StringConstraints, model_validator

from layers.definitions.code_lists import Name
from layers.definitions.words import Document, Flaw, Words

Filter = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Metres = Annotated[float, Limited(gt=0, le=50_000)]


class Others(Document):
    """Features of another layer: those in service on the day that pass a filter.

    Attributes
    ----------
    title : Words
        What they are, as the condition is printed: "emergency teams".
    """

    title: Words
    layer: Name
    where: Filter | None = None


class Inside(Others):
    """Only what lies inside the others' area: lengths, areas and shares are cut by it.

    Attributes
    ----------
    metres : float, optional
        Widens the area.
    radius : str, optional
        A field of the other layer with metres, that widens each by its own.
    """

    metres: Metres | None = None
    radius: Name | None = None

    @model_validator(mode="after")
    def _one_width(self) -> Inside:
        if self.metres is not None and self.radius is not None:
            raise Flaw("an area is widened by metres or by a field, not by both", "metres")
        return self


class Matched(Others):
    """Only features whose code stands in a field of the others."""

    key: Name


class Holding(Others):
    """Only polygons that hold at least so many of the others.

    Attributes
    ----------
    at_least : int
        How many.
    per_km2 : float, optional
        How many on each square kilometre, beside that.
    """

    at_least: Annotated[int, Limited(ge=1)] = 1
    per_km2: Annotated[float, Limited(gt=0)] | None = None


class ByRoad(Others):
    """Only features that one of the others reaches within some minutes by road."""

    minutes: Annotated[float, Limited(gt=0, le=60)]


class Along(Others):
    """Only stretches of lines within a distance along their own network of one of the others.

    Attributes
    ----------
    key : str
        Field of the other layer with the code of the thing that it stands on.
    among : tuple of str
        Layers of such things.
    alike : str
        Field that the line and the thing share: the network is that of one value of it.
    metres : float
        Along the network, both ways.
    """

    key: Name
    among: tuple[Name, ...]
    alike: Name
    metres: Metres


#: Keys of an amount that are conditions, in the order in which they are told.
CONDITIONS = ("inside", "matched", "holding", "by_road", "along")


class Conditions(Document):
    """The conditions of an amount."""

    inside: Inside | None = None
    matched: Matched | None = None
    holding: Holding | None = None
    by_road: ByRoad | None = None
    along: Along | None = None

    def conditions(self) -> Iterator[tuple[str, Others]]:
        """Yield those that it has, with their keys."""
        for key in CONDITIONS:
            found = getattr(self, key)
            if found is not None:
                yield key, found
