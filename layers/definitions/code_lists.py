"""Coded values as data: each list with its standard and edition, never in code."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints, model_validator

from layers.definitions.words import Document, Flaw, Phrase, Words

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
CodeText = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,47}$")]


class Code(Document):
    """One value of a code list.

    Attributes
    ----------
    sensitive : bool
        Small counts of it could point to persons: results hide them.
    """

    code: CodeText
    title: Words
    parent: CodeText | None = None
    sensitive: bool = False


class CodeList(Document):
    """A closed list of values that a field may take.

    Attributes
    ----------
    standard : str, optional
        Number and edition of the standard that the list is from, e.g. ``IEC 62676-4:2014``; None where the
        list is our own.
    """

    name: Name
    title: Words
    standard: Phrase | None = None
    note: Words | None = None
    codes: tuple[Code, ...]

    @model_validator(mode="after")
    def _codes_are_unique_and_parents_exist(self) -> CodeList:
        if not self.codes:
            raise Flaw("a code list needs at least one code", "codes")
        seen: set[str] = set()
        for row, code in enumerate(self.codes):
            if code.code in seen:
                raise Flaw(f"code {code.code!r} stands twice; each code stands once", "codes", row, "code")
            seen.add(code.code)
        for row, code in enumerate(self.codes):
            if code.parent is not None and (code.parent not in seen or code.parent == code.code):
                raise Flaw(f"parent {code.parent!r} is not another code of this list", "codes", row, "parent")
        return self

    @property
    def values(self) -> tuple[str, ...]:
        """The codes in their order."""
        return tuple(code.code for code in self.codes)
