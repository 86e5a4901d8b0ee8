"""Pinyin of place names, with the readings that places have of their own."""

from __future__ import annotations

import re

from pypinyin import lazy_pinyin

# Readings in names of places of the region that dictionaries give otherwise.
READINGS = {
    "六安": ["lu", "an"],
    "亳州": ["bo", "zhou"],
    "叶集": ["ye", "ji"],
    "圩": ["wei"],
    "郢": ["ying"],
    "堰": ["yan"],
    "畈": ["fan"],
}
_SPLIT = re.compile("(" + "|".join(sorted(READINGS, key=lambda text: (-len(text), text))) + ")")


def syllables(name: str) -> list[str]:
    """Return the syllables of a name without tones; what is no Chinese character stays as it is.

    Examples
    --------
    >>> syllables("六安市")
    ['lu', 'an', 'shi']
    """
    result: list[str] = []
    for part in _SPLIT.split(name):
        result += READINGS[part] if part in READINGS else lazy_pinyin(part)
    return [syllable.strip().lower() for syllable in result if syllable.strip()]


def pinyin(name: str) -> str:
    """Return a name's syllables with spaces between them.

    Examples
    --------
    >>> pinyin("史河街道")
    'shi he jie dao'
    """
    return " ".join(syllables(name))


def initials(name: str) -> str:
    """Return the first letters of a name's syllables.

    Examples
    --------
    >>> initials("史河街道")
    'shjd'
    """
    return "".join(syllable[0] for syllable in syllables(name))
