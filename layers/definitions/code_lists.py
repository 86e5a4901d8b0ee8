"""Coded values as data: each list with its standard and edition, never in code."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints, model_validator

from layers.definitions.words import Document, Words

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
CodeText = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,47}$")]


class Code(Document):
    """One value of a code list."""

    code: CodeText
    title: Words
    parent: CodeText | None = None


class CodeList(Document):
    """A closed list of values that a field may take.

    Attributes
    ----------
    standard : str, optional
        Number and edition of the standard that the list is from, e.g. ``GB/T 30428.2-2013``; None where the
        list is our own.
    """

    name: Name
    title: Words
    standard: str | None = None
    note: Words | None = None
    codes: tuple[Code, ...]

    @model_validator(mode="after")
    def _codes_are_unique_and_parents_exist(self) -> CodeList:
        known = [code.code for code in self.codes]
        twice = sorted({code for code in known if known.count(code) > 1})
        if not known or twice:
            raise ValueError(f"codes are empty or stand twice: {', '.join(twice)}")
        lost = sorted({c.parent for c in self.codes if c.parent is not None and c.parent not in known})
        if lost:
            raise ValueError(f"these parents are not in the list: {', '.join(lost)}")
        return self
