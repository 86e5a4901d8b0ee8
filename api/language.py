"""The language of an answer: Chinese, or English where the reader prefers it."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, get_args

from starlette.requests import Request

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@lru_cache(maxsize=256)
def preferred_language(accepted: str) -> Language:
    """Choose from an ``Accept-Language`` header; what cannot be read counts as nothing said.

    Examples
    --------
    >>> preferred_language("en-GB,en;q=0.9,zh;q=0.1"), preferred_language("fr, *;q=0.1")
    ('en', 'zh')
    """
    weights: dict[Language, float] = {"zh": 0.0, "en": 0.0}
    for part in accepted[:1000].split(","):
        tag, _, rest = part.strip().partition(";")
        language = tag.strip().lower().split("-")[0]
        for known in LANGUAGES:
            if language == known:
                weights[known] = max(weights[known], _weight(rest))
    return "en" if weights["en"] > weights["zh"] else "zh"


def _weight(rest: str) -> float:
    name, _, value = rest.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0


def language_of(request: Request) -> Language:
    """Return the language that a request asks for."""
    return preferred_language(request.headers.get("accept-language", ""))
