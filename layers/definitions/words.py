"""A text in the product's two languages, Chinese first."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]


class Document(BaseModel):
    """A part of a definition document: unknown keys are errors, values do not change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, str_strip_whitespace=True)


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
