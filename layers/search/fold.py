"""Texts as they are compared: one width, one case, and Chinese names also as pinyin."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC

_CHINESE = re.compile(r"[㐀-鿿]")
_RUNS = re.compile(r"([㐀-鿿]+)")
_SPACE = re.compile(r"\s+")

#: Longer texts are sentences, not names: nobody searches them by pinyin.
LONGEST_SPELLED = 48


def fold(text: str) -> str:
    """Return a text as it is compared: full-width forms narrowed, lower case, single spaces.

    Examples
    --------
    >>> fold(" Ｇ３１２  国道 ")
    'g312 国道'
    """
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text).lower()).strip()


def simplify(text: str) -> str:
    """Return a text with simplified characters in place of traditional ones.

    Examples
    --------
    >>> simplify("葉集區廣場"), simplify("叶集区"), simplify("g312")
    ('叶集区广场', '叶集区', 'g312')
    """
    return str(_converter().convert(text)) if is_chinese(text) else text


@cache
def _converter() -> OpenCC:
    from opencc import OpenCC  # noqa: PLC0415 - as below

    return OpenCC("t2s")


def is_chinese(text: str) -> bool:
    """Tell whether a text has Chinese characters."""
    return _CHINESE.search(text) is not None


@lru_cache(maxsize=65536)
def _syllables(run: str) -> tuple[str, ...]:
    # dictionaries of half a second: a process that spells no name need not read them
    from pypinyin import lazy_pinyin  # noqa: PLC0415

    return tuple(lazy_pinyin(run, errors="default"))


def spell(text: str) -> tuple[str, str]:
    """Return pinyin without tones, and its initials, of a folded text; empty where there is none.

    A city's names differ most in their numbers, so each run of Chinese characters is spelt once.

    Examples
    --------
    >>> spell("叶集区"), spell("312国道"), spell("a1")
    (('yejiqu', 'yjq'), ('312guodao', '312gd'), ('', ''))
    """
    if len(text) > LONGEST_SPELLED or not is_chinese(text):
        return "", ""
    pinyin: list[str] = []
    initials: list[str] = []
    for part in _RUNS.split(text.replace(" ", "")):
        if is_chinese(part):
            syllables = _syllables(part)
            pinyin += syllables
            initials += [syllable[:1] for syllable in syllables]
        else:
            pinyin.append(part)
            initials.append(part)
    return "".join(pinyin), "".join(initials)
