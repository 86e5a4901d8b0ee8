"""Method notes in words: `geo` and the kinds of runs write them in English, the map shows both languages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from api.problems import message_file


@cache
def _known() -> tuple[Mapping[str, str], Mapping[str, Mapping[str, str]]]:
    document = message_file("notes")
    return {one["en"]: one["zh"] for one in document["sentences"]}, document["facts"]


def told_note(note: Mapping[str, Any]) -> dict[str, Any]:
    """Return a method note with ``words``: its texts in zh and en, and titles of its facts.

    A sentence without Chinese stays English in both: a note is never shown without its limits.

    Examples
    --------
    >>> note = told_note({"method": "m", "source": "", "limits": [], "facts": {"counted": 3}})
    >>> note["words"]["facts"]["counted"]["zh"], note["words"]["zh"]["method"]
    ('计入要素', 'm')
    """
    sentences, facts = _known()
    english = {"method": note["method"], "source": note["source"], "limits": list(note["limits"])}
    chinese = {
        "method": sentences.get(note["method"], note["method"]),
        "source": sentences.get(note["source"], note["source"]),
        "limits": [sentences.get(limit, limit) for limit in note["limits"]],
    }
    titles = {
        name: facts.get(name) or dict.fromkeys(("zh", "en"), name.replace("_", " ")) for name in note["facts"]
    }
    return {**note, "words": {"zh": chinese, "en": english, "facts": titles}}
