"""The ground of every definition document: strict models, flaws with a place, texts in two languages."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]

#: Where something stands in a document: keys and positions from the top, ``("fields", 3, "range")``.
KeyPath = tuple[str | int, ...]


class Flaw(ValueError):
    """One thing that is wrong in a document, and where.

    Parameters
    ----------
    reason : str
        What is wrong and what is allowed.
    *path : str or int
        Keys and positions from where the flaw is raised; the loader makes a line number of them.

    Examples
    --------
    >>> Flaw("the range is upside down: 5 > 1", "range").path
    ('range',)
    """

    def __init__(self, reason: str, *path: str | int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path: KeyPath = path

    def below(self, *parents: str | int) -> Flaw:
        """Return the same flaw seen from further up."""
        return Flaw(self.reason, *parents, *self.path)


class Document(BaseModel):
    """A part of a definition document: unknown keys are errors, values do not change after reading."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=False, str_strip_whitespace=True, allow_inf_nan=False
    )


class Words(Document):
    """One text in Chinese and in English.

    Examples
    --------
    >>> Words(zh="摄像机", en="Cameras").in_language("en")
    'Cameras'
    """

    zh: Phrase
    en: Phrase

    def in_language(self, language: str) -> str:
        """Return the English text for ``"en"`` and the Chinese one for anything else."""
        return self.en if language == "en" else self.zh
