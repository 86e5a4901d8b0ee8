"""What `layers.runs.siting.explaining` finds as sentences in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.lengths import with_lengths
from api.problems import message_file

#: Names in one sentence.
_NAMED = 3


def sentences(told: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return who gains, what stands in the way and what overlaps, each in both languages.

    Examples
    --------
    >>> told = {"people": {"reached": 900.0, "already": 300.0, "gained": 600.0}, "towns": [], "places": [],
    ...     "obstacles": [], "overlap": []}
    >>> [one["en"] for one in sentences(told)][1]
    'No other site of the plan reaches the same.'
    """
    found: list[tuple[str, dict[str, Any]]] = [
        (key, dict(told[key])) for key in ("people", "ground") if key in told
    ]
    if told["towns"]:
        found.append(("most", {"name": told["towns"][0]["name"]}))
    won = [one["name"] for one in told["places"] if one["after"] and not one["before"]]
    if won:
        found.append(("places", {"count": len(won), "names": won}))
    if told["obstacles"]:
        first = told["obstacles"][0]
        key = "obstacle" if first["height_m"] is not None else "obstacle_of_unknown_height"
        found.append((key, {**first, "building": first["name"] or first["code"] or first["id"]}))
    found.append(("overlap", dict(told["overlap"][0])) if told["overlap"] else ("alone", {}))
    return [{language: _said(key, facts, language) for language in ("zh", "en")} for key, facts in found]


def _said(key: str, facts: Mapping[str, Any], language: str) -> str:
    words: Mapping[str, Mapping[str, str]] = message_file("siting")
    plain = dict(facts)
    if "names" in plain:
        more = "…" if len(plain["names"]) > _NAMED else ""
        plain["names"] = ("、" if language == "zh" else ", ").join(plain["names"][:_NAMED]) + more
    return words[key][language].format(**with_lengths(plain, language))
