"""Texts as they are compared: one width, one case, and Chinese names also as pinyin."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

_CHINESE = re.compile(r"[㐀-鿿]")
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


def is_chinese(text: str) -> bool:
    """Tell whether a text has Chinese characters."""
    return _CHINESE.search(text) is not None


@lru_cache(maxsize=4096)
def _spelling(word: str) -> tuple[str, str]:
    return (
        "".join(lazy_pinyin(word, errors="default")),
        "".join(lazy_pinyin(word, style=Style.FIRST_LETTER, errors="default")),
    )


def spell(text: str) -> tuple[str, str]:
    """Return pinyin without tones, and its initials, of a folded text; empty where there is none.

    Examples
    --------
    >>> spell("叶集区"), spell("a1")
    (('yejiqu', 'yjq'), ('', ''))
    """
    if len(text) > LONGEST_SPELLED or not is_chinese(text):
        return "", ""
    pinyin, initials = _spelling(text)
    return pinyin.replace(" ", ""), initials.replace(" ", "")
