"""The one clock of all indicators: the city's day in the city's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Clock:
    """The city's day: "today" of every indicator.

    Attributes
    ----------
    day : date
        The day that is told of.
    today : date
        The city's own day: that of its card, or the calendar's in a live city.
    timezone : ZoneInfo
        In which a day is a day.
    """

    day: date
    today: date
    timezone: ZoneInfo

    @property
    def end(self) -> datetime:
        """The last moment of the day."""
        return datetime(self.day.year, self.day.month, self.day.day, 23, 59, 59, 999_999, self.timezone)

    def on(self, day: date) -> Clock:
        """Return the clock of another day."""
        return Clock(day, self.today, self.timezone)
