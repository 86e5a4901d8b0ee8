"""The rules that incidents are drawn by, read from ``classes.yaml`` and ``calendar.yaml``."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

HERE = Path(__file__).parent


class ClassRule(BaseModel):
    """How one class of incident behaves; see the head of ``classes.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float
    where: str
    hours: str
    weekend: float = 1.0
    holiday: float = 1.0
    rain: float = 1.0
    frost: float = 1.0
    heat: float = 1.0
    dry: float = 1.0
    hours_to: float
    limit: float
    by: str
    unit: str


class Rules(BaseModel):
    """All rules of the year."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hours: dict[str, list[float]]
    channels: dict[str, dict[str, float]]
    classes: dict[str, ClassRule]


class Quiet(BaseModel):
    """Weeks in which fewer incidents came."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    factor: float


@lru_cache(maxsize=1)
def read_rules() -> Rules:
    """Return the rules.

    Examples
    --------
    >>> read_rules().classes["0102"].unit
    '环卫管理处'
    """
    return Rules.model_validate(_read("classes.yaml"))


def days_of(year: int) -> NDArray[np.datetime64]:
    """Return the days of a year.

    Examples
    --------
    >>> len(days_of(2020))
    366
    """
    return np.arange(np.datetime64(f"{year}-01-01"), np.datetime64(f"{year + 1}-01-01"))


def is_holiday(days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Tell which days are public holidays; a year without a calendar has none.

    Examples
    --------
    >>> is_holiday(np.array(["2020-01-25", "2020-03-02"], dtype="datetime64[D]")).tolist()
    [True, False]
    """
    periods = _read("calendar.yaml").get(str(days[0])[:4], [])
    result = np.zeros(len(days), dtype=bool)
    for first, last in periods:
        result |= (days >= np.datetime64(first)) & (days <= np.datetime64(last))
    return result


def quiet_factor(days: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Return the factor of each day for weeks in which few people were about."""
    result = np.ones(len(days))
    for row in _read("calendar.yaml")["quiet"]:
        quiet = Quiet.model_validate(row)
        inside = (days >= np.datetime64(quiet.first)) & (days <= np.datetime64(quiet.last))
        result[inside] = quiet.factor
    return result


@lru_cache(maxsize=2)
def _read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return document
