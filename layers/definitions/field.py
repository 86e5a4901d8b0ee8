"""One field of a layer."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import Field as Limited
from pydantic import StringConstraints, model_validator

from layers.definitions.code_lists import Name
from layers.definitions.words import Document, Flaw, Phrase, Words

Zoom = Annotated[int, Limited(ge=0, le=22)]
_PATTERN_LENGTH = 200


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
CODED = frozenset({FieldType.CODE, FieldType.CODES})


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
    unit: Annotated[str, StringConstraints(min_length=1, max_length=20)] | None = None
    range: tuple[float | None, float | None] | None = None
    codes: Name | None = None
    pattern: str | None = None
    length: Annotated[int, Limited(ge=1, le=100_000)] | None = None
    required: bool = False
    unique: bool = False
    standard: Phrase | None = None
    note: Words | None = None
    tile_from: Zoom | None = None
    searchable: bool = False

    @model_validator(mode="after")
    def _parts_fit_the_type(self) -> Field:
        self._check_codes()
        self._check_numbers()
        self._check_text()
        if self.type is FieldType.GEOMETRY and (self.tile_from is not None or self.unique):
            raise Flaw("a geometry field is never in tiles and never unique", "type")
        return self

    def _check_codes(self) -> None:
        if self.type in CODED and self.codes is None:
            raise Flaw(f"a field of type {self.type} names its code list as codes", "type")
        if self.type not in CODED and self.codes is not None:
            raise Flaw("a code list goes with the types code and codes only", "codes")

    def _check_numbers(self) -> None:
        if self.range is not None:
            if self.type not in NUMERIC:
                raise Flaw("a range goes with the types integer and number only", "range")
            low, high = self.range
            if low is not None and high is not None and low > high:
                raise Flaw(f"the range is upside down: {low} > {high}", "range")
        if self.unit is not None and self.type not in NUMERIC:
            raise Flaw("a unit goes with the types integer and number only", "unit")

    def _check_text(self) -> None:
        for part in ("length", "pattern"):
            if getattr(self, part) is not None and self.type is not FieldType.TEXT:
                raise Flaw(f"{part} goes with the type text only", part)
        if self.searchable and self.type is not FieldType.TEXT:
            raise Flaw("only fields of type text are searchable", "searchable")
        if self.pattern is None:
            return
        if len(self.pattern) > _PATTERN_LENGTH:
            raise Flaw(f"a pattern has at most {_PATTERN_LENGTH} characters", "pattern")
        try:
            re.compile(self.pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise Flaw(f"not a regular expression: {error}", "pattern") from error
