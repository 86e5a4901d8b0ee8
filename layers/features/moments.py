"""A moment that layers are read as of: up to when records count, and when a feature had to be valid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Moment:
    """What "as of" means for one read.

    Attributes
    ----------
    recorded : datetime, optional
        Versions of features that were known then; None for those that are known now.
    valid : datetime
        When a feature had to be valid.
    day : date
        Day of `valid` in the city's time zone.
    """

    recorded: datetime | None
    valid: datetime
    day: date

    @classmethod
    def of(cls, at: datetime, timezone: ZoneInfo, stands_on: date | None = None) -> Moment:
        """Return the moment of a time.

        Parameters
        ----------
        at : datetime
            With a time zone.
        timezone : ZoneInfo
            The city's.
        stands_on : date, optional
            The day on which the city's clock stands. All that has been recorded was recorded on this day,
            whatever other clocks say.

        Examples
        --------
        >>> from datetime import UTC
        >>> zone = ZoneInfo("Asia/Shanghai")
        >>> Moment.of(datetime(2020, 12, 30, 20, tzinfo=UTC), zone, date(2020, 12, 31)).recorded is None
        True
        >>> Moment.of(datetime(2020, 12, 30, 15, tzinfo=UTC), zone, date(2020, 12, 31)).day
        datetime.date(2020, 12, 30)
        """
        day = at.astimezone(timezone).date()
        return cls(None if stands_on is not None and day >= stands_on else at, at, day)

    @classmethod
    def end_of(cls, day: date, timezone: ZoneInfo, stands_on: date | None = None) -> Moment:
        """Return the last moment of a day.

        Examples
        --------
        >>> Moment.end_of(date(2020, 6, 30), ZoneInfo("Asia/Shanghai")).valid.isoformat()
        '2020-06-30T23:59:59.999999+08:00'
        """
        start = datetime(day.year, day.month, day.day, tzinfo=timezone)
        return cls.of(start + timedelta(days=1, microseconds=-1), timezone, stands_on)

    @property
    def arguments(self) -> tuple[datetime | None, datetime, date]:
        """What read functions take of it."""
        return self.recorded, self.valid, self.day
