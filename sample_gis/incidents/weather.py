"""Synthetic weather of the year: rain, temperature and snow by day, in the manner of the Jianghuai hills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sample_gis.incidents.rules import days_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City

# Share of wet days and mean rain of a wet day (mm) by month: the plum rains of June and July stand out.
WET_SHARE = (0.27, 0.30, 0.33, 0.32, 0.33, 0.43, 0.46, 0.35, 0.29, 0.25, 0.23, 0.20)
WET_MM = (5.5, 6.5, 8.0, 9.5, 11.5, 19.0, 23.0, 14.0, 10.0, 8.5, 7.0, 4.5)
MEAN_C = (2.6, 5.2, 10.3, 16.4, 21.6, 25.3, 28.2, 27.6, 23.0, 17.1, 10.6, 4.7)


@dataclass(frozen=True)
class Weather:
    """One row a day.

    Attributes
    ----------
    rain_mm : ndarray of float
        Synthetic; not a record of any station.
    mean_c : ndarray of float
        Mean temperature.
    """

    days: NDArray[np.datetime64]
    rain_mm: NDArray[np.float64]
    mean_c: NDArray[np.float64]

    @property
    def frost(self) -> NDArray[np.bool_]:
        """Days with frost in the morning."""
        return np.asarray(self.mean_c < 1.5)

    @property
    def heat(self) -> NDArray[np.bool_]:
        """Hot days."""
        return np.asarray(self.mean_c > 28.5)

    @property
    def dry(self) -> NDArray[np.bool_]:
        """Days with hardly any rain in the week before."""
        padded = np.concatenate([np.full(6, 2.0), self.rain_mm])
        return np.asarray(np.convolve(padded, np.ones(7), mode="valid") < 1.0)


def weather_of(city: City) -> Weather:
    """Return the weather of the city's year."""
    random = city.random("weather")
    days = days_of(city.as_of.year)
    month = days.astype("datetime64[M]").astype(int) % 12
    wet_share: NDArray[np.float64] = np.array(WET_SHARE, dtype=np.float64)[month]
    amount: NDArray[np.float64] = np.array(WET_MM, dtype=np.float64)[month]
    draw = random.random(len(days))
    wet = np.zeros(len(days), dtype=bool)
    for day in range(len(days)):
        # Wet days follow wet days: a two-state chain with the month's share of wet days.
        stay = 0.35 + 0.65 * wet_share[day] if day and wet[day - 1] else 0.65 * wet_share[day]
        wet[day] = draw[day] < stay
    rain: NDArray[np.float64] = np.where(wet, random.gamma(0.75, amount / 0.75), 0.0)
    drift = np.zeros(len(days))
    shocks = random.normal(0, 1.7, len(days))
    for day in range(1, len(days)):
        drift[day] = 0.72 * drift[day - 1] + shocks[day]
    middle = np.array(MEAN_C)
    fraction = np.arange(len(days)) / len(days) * 12 - 0.5
    seasonal: NDArray[np.float64] = np.interp(
        fraction, np.arange(-1, 13), np.concatenate([middle[-1:], middle, middle[:1]])
    )
    mean = np.round(seasonal + drift - 0.8 * wet, 1)
    return Weather(days, np.round(rain, 1), mean)
