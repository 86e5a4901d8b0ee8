"""One field of a layer."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import field_validator, model_validator

from layers.definitions.code_lists import Name
from layers.definitions.words import Document, Words


class FieldType(StrEnum):
    """What a field holds; ``code`` and ``codes`` take their values from a code list."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    CODE = "code"
    CODES = "codes"
    GEOMETRY = "geometry"


NUMERIC = frozenset({FieldType.INTEGER, FieldType.NUMBER})


class Field(Document):
    """One field: its type, unit, range and meaning.

    Attributes
    ----------
    unit : str, optional
        Unit as printed (``m``, ``mm``, ``°``, ``dBm``); a number without a unit is a count or a share.
    range : (float or None, float or None), optional
        Smallest and largest allowed value, both inclusive; None leaves a side open.
    codes : str, optional
        Name of the code list, for types ``code`` and ``codes``.
    pattern : str, optional
        Regular expression that the whole text must match.
    length : int, optional
        Greatest number of characters of a text.
    standard : str, optional
        Standard and edition that defines the field.
    tile_from : int, optional
        Smallest zoom at which tiles carry the field; None keeps it out of tiles.
    searchable : bool
        True where ``/search`` looks into the field.
    """

    name: Name
    title: Words
    type: FieldType
    unit: str | None = None
    range: tuple[float | None, float | None] | None = None
    codes: Name | None = None
    pattern: str | None = None
    length: Annotated[int, "characters"] | None = None
    required: bool = False
    unique: bool = False
    standard: str | None = None
    note: Words | None = None
    tile_from: int | None = None
    searchable: bool = False

    @field_validator("pattern")
    @classmethod
    def _pattern_compiles(cls, value: str | None) -> str | None:
        if value is not None:
            re.compile(value)
        return value

    @model_validator(mode="after")
    def _parts_fit_the_type(self) -> Field:
        if (self.type in (FieldType.CODE, FieldType.CODES)) != (self.codes is not None):
            raise ValueError("a code list goes with the types code and codes, and only with them")
        if self.range is not None:
            if self.type not in NUMERIC:
                raise ValueError("a range goes with the types integer and number")
            low, high = self.range
            if low is not None and high is not None and low > high:
                raise ValueError(f"the range is upside down: {low} > {high}")
        if (self.length is not None or self.pattern is not None) and self.type is not FieldType.TEXT:
            raise ValueError("length and pattern go with the type text")
        if self.unit is not None and self.type not in NUMERIC:
            raise ValueError("a unit goes with the types integer and number")
        return self
