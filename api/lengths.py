"""Lengths in words, as the map says them (`web/src/words/lengths.ts`)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

_UNITS = {"zh": ("米", "公里"), "en": ("m", "km")}


def length_text(metres: float, language: str) -> str:
    """Return whole metres; from 1,000 m on kilometres, and under 1 m metres, with a decimal that is not 0.

    Examples
    --------
    >>> length_text(950.4, "zh"), length_text(2000.0, "en"), length_text(2173.0, "zh")
    ('950 米', '2 km', '2.2 公里')
    """
    small, large = _UNITS[language]
    kilometres = math.floor(metres + 0.5) >= 1000
    if kilometres or metres < 1:
        tenths = math.floor(metres / 100 + 0.5) if kilometres else math.floor(metres * 10 + 0.5)
    else:
        tenths = math.floor(metres + 0.5) * 10
    decimal = f".{tenths % 10}" if tenths % 10 else ""
    return f"{tenths // 10:,}{decimal} {large if kilometres else small}"


def with_lengths(facts: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return facts and, without the ending, a text for each known length whose name ends in ``_m``.

    Examples
    --------
    >>> with_lengths({"distance_m": 1340.0, "rank": 2}, "en")["distance"]
    '1.3 km'
    """
    known = {
        name.removesuffix("_m"): length_text(value, language)
        for name, value in facts.items()
        if name.endswith("_m") and isinstance(value, int | float) and math.isfinite(value)
    }
    return known | dict(facts)
