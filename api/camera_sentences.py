"""The reasons of `geo.cameras.explain` as sentences in Chinese and English."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from api.problems import message_file


def _words() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = message_file("cameras")
    return found


def sentence(reason: str | None, facts: Mapping[str, Any], offline_days: int | None = None) -> dict[str, str]:
    """Return one reason in words, by language.

    Parameters
    ----------
    reason : str or None
        Of `geo.cameras.REASONS`, ``seen`` or ``none_near``; None is seen.
    facts : mapping
        Of the explanation, with ``camera`` and ``building`` as they are called.
    offline_days : int, optional
        Whole days since the camera went offline.

    Examples
    --------
    >>> sentence("too_far", {"camera": "SXJ1", "distance_m": 85.0, "limit_m": 60.2})["zh"]
    '摄像机 SXJ1 太远：相距 85 米，有效距离 60 米'
    """
    key = reason or "seen"
    if key == "offline" and offline_days:
        key = "offline_days"
    if key == "hidden_by_building" and math.isnan(facts["building_height_m"]):
        key = "hidden_by_building_of_unknown_height"
    told = {**facts, "days": offline_days}
    return {language: words[key].format(**told) for language, words in _words().items()}
