"""Dates and times of devices, never after the city's today."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sample_gis.city import City


def now(city: City) -> datetime:
    """Return the city's present moment: the end of its as-of day, by its own clock."""
    start = datetime.combine(city.as_of, time(), ZoneInfo(city.profile.timezone))
    return start + timedelta(days=1, seconds=-1)


def before_now(city: City, seconds: NDArray[np.int64]) -> pd.Series:
    """Return moments that many seconds before the city's now, with time zone."""
    moment = pd.Timestamp(now(city)).tz_convert("UTC")
    return pd.Series(moment - pd.to_timedelta(np.asarray(seconds, dtype=np.int64), unit="s"))


def days_of(city: City, year: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.object_]:
    """Return a date in each year, the city's today where it would lie in the future."""
    first = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    days = first + random.integers(0, 365, len(year)).astype("timedelta64[D]")
    return np.asarray(np.minimum(days, np.datetime64(city.as_of, "D")).astype(object))
