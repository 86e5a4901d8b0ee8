"""Method notes in words: `geo` and the kinds of runs write them in English, the map shows both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from api.problems import message_file

_NAME = re.compile(r"\\\{(\w+)\\\}")


@cache
def _known() -> tuple[tuple[tuple[re.Pattern[str], str], ...], Mapping[str, Mapping[str, str]]]:
    document = message_file("notes")
    sentences = tuple((_pattern(one["en"]), one["zh"]) for one in document["sentences"])
    return sentences, document["facts"]


def _pattern(sentence: str) -> re.Pattern[str]:
    """Return what a sentence looks like once its names are filled in."""
    return re.compile(_NAME.sub(r"(?P<\1>.+?)", re.escape(sentence)))


@cache
def chinese(sentence: str) -> str | None:
    """Return a sentence of a method note in Chinese, or None where nobody has written it.

    Examples
    --------
    >>> chinese("Of the bins called hot, 5% are expected to be called so by chance (FDR).")
    '判为热的时空格中，预期 5% 系偶然（FDR 5%）。'
    """
    for pattern, words in _known()[0]:
        if found := pattern.fullmatch(sentence):
            return words.format(**found.groupdict())
    return None


def told_note(note: Mapping[str, Any]) -> dict[str, Any]:
    """Return a method note with ``words``: its texts in zh and en, and titles of its facts.

    A sentence without Chinese stays English in both: a note is never shown without its limits.

    Examples
    --------
    >>> note = told_note({"method": "m", "source": "", "limits": [], "facts": {"counted": 3}})
    >>> note["words"]["facts"]["counted"]["zh"], note["words"]["zh"]["method"]
    ('计入要素', 'm')
    """
    facts = _known()[1]
    english = {"method": note["method"], "source": note["source"], "limits": list(note["limits"])}
    in_chinese = {
        "method": chinese(note["method"]) or note["method"],
        "source": note["source"] and (chinese(note["source"]) or note["source"]),
        "limits": [chinese(limit) or limit for limit in note["limits"]],
    }
    titles = {
        name: facts.get(name) or dict.fromkeys(("zh", "en"), name.replace("_", " ")) for name in note["facts"]
    }
    return {**note, "words": {"zh": in_chinese, "en": english, "facts": titles}}
