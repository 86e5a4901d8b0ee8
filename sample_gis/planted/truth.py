"""How planted things are written down: place, cause, words in both languages, what was changed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict

from geo.crs import transformer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sample_gis.city import City

RULES = Path(__file__).with_name("planted.yaml")


class Cause(BaseModel):
    """One kind of planted thing.

    Attributes
    ----------
    count : int
        How many to plant.
    zh, en : str
        What was done, with facts of the entry by their names in braces.
    expect_zh, expect_en : str
        What an analysis should find.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    count: int
    zh: str
    en: str
    expect_zh: str
    expect_en: str


@lru_cache(maxsize=1)
def read_causes() -> dict[str, dict[str, Cause]]:
    """Return the causes of each theme.

    Examples
    --------
    >>> read_causes()["camera_blind_spots"]["offline"].count
    3
    """
    rows = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return {
        theme: {name: Cause.model_validate(cause) for name, cause in causes.items()}
        for theme, causes in rows.items()
    }


def entry(
    city: City,
    theme: str,
    cause: str,
    *,
    at: tuple[float, float],
    radius_m: float,
    changed: Mapping[str, Any],
    **facts: Any,
) -> dict[str, Any]:
    """Return one planted thing as plain values that JSON can hold.

    Parameters
    ----------
    at : (float, float)
        Metres of the city's zone.
    radius_m : float
        How far around the place it holds.
    changed : mapping
        ``{"<layer> <code>": {field: [before, after]}}``; empty where it was found, not made.
    **facts
        Codes and numbers that the words of the cause name, and others.
    """
    words = read_causes()[theme][cause]
    to_degrees = transformer(city.profile.crs, 4490)
    lon, lat = to_degrees.transform(*at)
    known = {name: plain(value) for name, value in facts.items()}
    return {
        "cause": cause,
        "lon": round(lon, 6),
        "lat": round(lat, 6),
        "radius_m": plain(radius_m),
        **known,
        "description": {"zh": _filled(words.zh, known, "、"), "en": _filled(words.en, known, ", ")},
        "expect": {"zh": words.expect_zh, "en": words.expect_en},
        "changed": {key: plain(value) for key, value in changed.items()},
        "provenance": "synthetic",
    }


def _filled(words: str, facts: Mapping[str, Any], between: str) -> str:
    """Return words with the facts that they name; lists are written out."""
    shown = {
        name: between.join(map(str, value)) if isinstance(value, list) else value
        for name, value in facts.items()
    }
    return words.format(**shown)


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: numbers of Python, None for what is missing.

    Examples
    --------
    >>> plain({"a": [np.float64(0.5), np.nan]})
    {'a': [0.5, None]}
    """
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return None if np.isnan(value) else value
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def change(city: City, layer: str, row: int, changed: dict[str, Any], **values: Any) -> None:
    """Set fields of one row and note what they were before.

    Parameters
    ----------
    changed : dict
        Of `entry`; gets the change.
    """
    frame = city.layers[layer]
    noted = changed.setdefault(f"{layer} {frame.at[row, 'code']}", {})
    for name, value in values.items():
        noted[name] = [plain(frame.at[row, name]), plain(value)]
        frame.at[row, name] = value
