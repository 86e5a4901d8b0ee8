"""Events to cells and steps of local time: the cube that trends and emerging hotspots are read from."""

from __future__ import annotations

from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geo.cells.indexing import as_cells
from geo.errors import BadInput

#: Cells times steps of a cube.
MOST_BINS = 60_000_000


class Step(StrEnum):
    """Length of a time step, by the wall clock of the city."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_CODES = {Step.HOUR: "h", Step.DAY: "D", Step.WEEK: "W", Step.MONTH: "M"}
#: numpy's weeks begin on the Thursday of 1 January 1970; ours on Monday.
_MONDAY = np.timedelta64(3, "D")


def local_time(times: ArrayLike, timezone: str) -> NDArray[np.datetime64]:
    """Return moments as wall-clock time of a zone, without zone.

    Parameters
    ----------
    times : array_like
        Moments with a zone, or naive ones that are taken as local already. Missing ones stay missing.
    timezone : str
        Name of the IANA database, such as ``Asia/Shanghai``.

    Returns
    -------
    ndarray of datetime64[us]

    Raises
    ------
    BadInput
        For a zone that is not known.

    Examples
    --------
    >>> local_time(["2020-12-31T16:30:00Z"], "Asia/Shanghai").astype("datetime64[h]").tolist()
    [datetime.datetime(2021, 1, 1, 0, 0)]
    """
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadInput(f"there is no time zone {timezone!r}", timezone=timezone) from error
    given = times if isinstance(times, pd.Series) else np.asarray(times)
    moments = pd.DatetimeIndex(pd.to_datetime(pd.Index(given)))
    if moments.tz is not None:
        moments = moments.tz_convert(zone).tz_localize(None)
    return np.asarray(moments.to_numpy().astype("datetime64[us]"))


def floor(local: NDArray[np.datetime64], step: Step) -> NDArray[np.datetime64]:
    """Return the beginning of the step that each local time lies in.

    Examples
    --------
    >>> thursday = np.array(["2020-12-31T16:30"], dtype="datetime64[us]")
    >>> floor(thursday, Step.WEEK).astype("datetime64[D]").tolist()
    [datetime.date(2020, 12, 28)]
    """
    if step is Step.WEEK:
        return np.asarray(
            (local.astype("datetime64[D]") + _MONDAY).astype("datetime64[W]").astype("datetime64[D]")
            - _MONDAY
        ).astype("datetime64[us]")
    return np.asarray(local.astype(f"datetime64[{_CODES[step]}]").astype("datetime64[us]"))


def steps_between(start: np.datetime64, end: np.datetime64, step: Step) -> NDArray[np.datetime64]:
    """Return the beginnings of all steps from the one that holds ``start`` to the one that holds ``end``."""
    first, last = floor(np.array([start, end], dtype="datetime64[us]"), step)
    if step is Step.WEEK:
        return np.arange(first.astype("datetime64[D]"), last.astype("datetime64[D]") + 1, 7).astype(
            "datetime64[us]"
        )
    code = f"datetime64[{_CODES[step]}]"
    return np.arange(first.astype(code), last.astype(code) + 1).astype("datetime64[us]")


def last_steps(
    latest: np.datetime64, step: Step, steps: int
) -> tuple[np.datetime64, np.datetime64, np.datetime64]:
    """Return the beginnings of the first and the last of so many steps, and the end of the last.

    Parameters
    ----------
    latest : datetime64
        Local time that the last step holds.

    Examples
    --------
    >>> first, last, end = last_steps(np.datetime64("2020-12-31T16:30"), Step.MONTH, 3)
    >>> [str(one)[:10] for one in (first, last, end)]
    ['2020-10-01', '2020-12-01', '2021-01-01']
    """
    last = floor(np.array([latest], dtype="datetime64[us]"), step)[0]
    if step is Step.MONTH:
        month = last.astype("datetime64[M]")
        first, end = ((month + by).astype("datetime64[us]") for by in (1 - steps, 1))
        return first, last, end
    length = np.timedelta64({Step.HOUR: 1, Step.DAY: 24, Step.WEEK: 168}[step], "h")
    return last - (steps - 1) * length, last, last + length


def cube(
    cells: ArrayLike,
    times: ArrayLike,
    *,
    step: Step = Step.WEEK,
    timezone: str = "Asia/Shanghai",
    area: ArrayLike | None = None,
    start: np.datetime64 | None = None,
    end: np.datetime64 | None = None,
) -> pd.DataFrame:
    """Count events by cell and step of local time.

    Parameters
    ----------
    cells : array_like of uint64, shape (n,)
        The cell of each event.
    times : array_like, shape (n,)
        When it happened, as `local_time` takes it. An event without a time is left out and told.
    step : Step
        Weeks begin on Monday.
    timezone : str
        Whose midnight parts the days.
    area : array_like of uint64, optional
        The study area: its cells without events are rows of zeros. The cells of the events where left out.
    start, end : datetime64, optional
        Local time of the first and the last step; those of the events where left out. Give them: steps
        without any event are findings too.

    Returns
    -------
    DataFrame
        Index ``cell`` (uint64, ascending), columns: beginnings of the steps (naive local time), counts as
        float64. ``attrs["left_out"]``: events without a time, outside the area, or outside the period.

    Raises
    ------
    BadInput
        For two lengths, an unknown zone, no events and no period, or more bins than fit.

    Examples
    --------
    >>> from geo.cells import index
    >>> at = index([115.88, 115.88], [31.74, 31.74], 9)
    >>> cube(at, ["2020-12-30T15:00Z", "2020-12-30T17:00Z"], step=Step.DAY).to_numpy().tolist()
    [[1.0, 1.0]]
    """
    of = as_cells(cells)
    local = local_time(times, timezone)
    if len(of) != len(local):
        raise BadInput(f"{len(of)} cells and {len(local)} times", cells=len(of), times=len(local))
    known = ~np.isnat(local)
    if (start is None or end is None) and not known.any():
        raise BadInput("without events a cube needs its first and last time")
    columns = steps_between(
        local[known].min() if start is None else start, local[known].max() if end is None else end, step
    )
    rows = np.unique(of if area is None else as_cells(area))
    if len(rows) * len(columns) > MOST_BINS:
        raise BadInput(
            f"{len(rows)} cells and {len(columns)} steps are more than {MOST_BINS} bins: take longer steps",
            cells=len(rows), steps=len(columns), most=MOST_BINS,
        )  # fmt: skip
    row, column = np.searchsorted(rows, of), np.searchsorted(columns, floor(local, step))
    inside = known & (row < len(rows)) & (column < len(columns))
    row, column = np.where(inside, row, 0), np.where(inside, column, 0)
    if inside.any():
        inside &= (rows[row] == of) & (columns[column] == floor(local, step))
    bins = row[inside] * len(columns) + column[inside]
    counts = np.bincount(bins, minlength=len(rows) * len(columns)).reshape(len(rows), len(columns))
    result = pd.DataFrame(
        counts.astype(np.float64),
        index=pd.Index(rows, name="cell"),
        columns=pd.DatetimeIndex(columns, name="step"),
    )
    result.attrs["left_out"] = int((~inside).sum())
    return result


def profile(times: ArrayLike, timezone: str = "Asia/Shanghai") -> pd.DataFrame:
    """Count events by day of the week and hour of the day in local time.

    Returns
    -------
    DataFrame
        Index ``weekday`` (0 is Monday), columns ``hour`` 0 to 23; counts.

    Examples
    --------
    >>> int(profile(["2020-12-31T16:30:00Z"]).loc[4, 0])
    1
    """
    local = local_time(times, timezone)
    local = local[~np.isnat(local)]
    days = local.astype("datetime64[D]")
    weekday = (days.astype(np.int64) + 3) % 7
    hour = (local - days).astype("timedelta64[h]").astype(np.int64)
    counts = np.bincount(weekday * 24 + hour, minlength=168).reshape(7, 24)
    return pd.DataFrame(
        counts, index=pd.RangeIndex(7, name="weekday"), columns=pd.RangeIndex(24, name="hour")
    )
