"""The course of an incident: how it comes in, and when each step is done, up to the city's clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sample_gis.incidents.rules import Rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Median minutes from the event to the report, and the deviation of its log, by channel.
DELAYS: dict[str, tuple[float, float]] = {
    "sensor": (1.0, 0.5),
    "video": (2.0, 0.7),
    "110": (5.0, 0.9),
    "119": (4.0, 0.8),
    "122": (6.0, 0.9),
    "patrol": (12.0, 0.8),
    "digital_urban_management": (20.0, 1.0),
    "grid_worker": (90.0, 1.2),
    "neighbour_chief": (110.0, 1.2),
}
OTHER_DELAY = (45.0, 1.4)
# People remember the half hour, machines the second: share of reports whose event time is rounded, by step.
ROUNDED_BY_PEOPLE = ((3600, 0.20), (1800, 0.35), (300, 0.75))
EXACT = ("sensor", "video")
REJECTED, VOID, STUCK = 0.030, 0.004, 0.010
URGENT_LIMIT_H = 12.0
OPENS, SHUTS = 8, 18


@dataclass(frozen=True)
class Course:
    """The steps of incidents, one row each; NaT where a step has not been reached.

    Attributes
    ----------
    times : DataFrame
        ``occurred_at`` … ``closed_at`` and ``deadline_at``, local time without zone.
    state : ndarray of str
    """

    times: pd.DataFrame
    state: NDArray[np.object_]


def channels_of(
    rules: Rules, classes: NDArray[np.object_], random: np.random.Generator
) -> NDArray[np.object_]:
    """Draw the channel of each incident from the mix of its class."""
    result = np.empty(len(classes), dtype=object)
    for name in sorted(rules.channels):
        own = [code for code, rule in rules.classes.items() if rule.by == name]
        rows = np.flatnonzero(np.isin(classes, own))
        mix = rules.channels[name]
        edges = np.cumsum(list(mix.values()))
        drawn = np.searchsorted(edges, random.random(len(rows)) * edges[-1], side="right")
        result[rows] = np.array(list(mix), dtype=object)[drawn]
    return result


def run(
    rules: Rules,
    classes: NDArray[np.object_],
    channels: NDArray[np.object_],
    happened: NDArray[np.datetime64],
    *,
    now: np.datetime64,
    random: np.random.Generator,
) -> Course:
    """Return the course of incidents up to the city's clock.

    Parameters
    ----------
    happened : ndarray of datetime64[s]
        When each incident happened; before ``now``.
    now : datetime64
        End of the city's as-of date: later steps have not been done.
    """
    count = len(classes)
    kinds, member = np.unique(classes, return_inverse=True)
    hours_to = np.array([rules.classes[kind].hours_to for kind in kinds])[member]
    limit = np.array([rules.classes[kind].limit for kind in kinds])[member]
    medians = np.array([DELAYS.get(channel, OTHER_DELAY)[0] for channel in channels])
    spread = np.array([DELAYS.get(channel, OTHER_DELAY)[1] for channel in channels])
    # The first report cannot lie behind the clock: what is not reported yet is not in the record.
    reported = np.minimum(happened + _minutes(medians * np.exp(random.normal(0, spread))), now)
    occurred = _rounded(happened, channels, random)
    filed = reported + _hours(0.30 * np.exp(random.normal(0, 0.8, count)))
    filed = np.where(limit > URGENT_LIMIT_H, _in_office(filed, random), filed)
    dispatched = filed + _hours(0.25 * np.exp(random.normal(0, 0.9, count)))
    handled = dispatched + _hours(hours_to * np.exp(random.normal(0, 0.75, count)))
    # Looking at the result and closing take their share of the time that the class is given.
    verified = handled + _hours(0.10 * limit * np.exp(random.normal(0, 0.7, count)))
    closed = verified + _hours(0.06 * limit * np.exp(random.normal(0, 0.8, count)))
    steps = np.column_stack([filed, dispatched, handled, verified, closed])
    fate = random.random(count)
    ended = fate < REJECTED + VOID
    stuck = (fate >= REJECTED + VOID) & (fate < REJECTED + VOID + STUCK)
    missing = steps > now
    missing[ended] = True
    missing[stuck, 2:] = True
    missing = np.logical_or.accumulate(missing, axis=1)
    reached = (~missing).sum(axis=1)
    steps[missing] = np.datetime64("NaT")
    deadline = np.where(missing[:, 0], np.datetime64("NaT"), filed + _hours(limit))
    names = np.array(["reported", "filed", "dispatched", "handled", "verified", "closed"], dtype=object)
    state = names[reached]
    # Two hours after it was sent out, somebody is at it.
    at_it = (state == "dispatched") & (now - dispatched > np.timedelta64(2, "h"))
    state = np.where(at_it, "handling", state)
    state = np.where(fate < REJECTED, "rejected", np.where(ended, "void", state))
    columns = ["filed_at", "dispatched_at", "handled_at", "verified_at", "closed_at"]
    times = pd.DataFrame({"occurred_at": occurred, "reported_at": reported})
    for place, name in enumerate(columns):
        times[name] = steps[:, place]
    times["deadline_at"] = deadline
    return Course(times, state)


def _minutes(amount: NDArray[np.float64]) -> NDArray[np.timedelta64]:
    return np.rint(amount * 60).astype("timedelta64[s]")


def _hours(amount: NDArray[np.float64]) -> NDArray[np.timedelta64]:
    return np.rint(amount * 3600).astype("timedelta64[s]")


def _rounded(
    happened: NDArray[np.datetime64], channels: NDArray[np.object_], random: np.random.Generator
) -> NDArray[np.datetime64]:
    """Round the times that people tell down to the hour, the half hour or five minutes."""
    seconds = happened.astype("datetime64[s]").astype(np.int64)
    draw = np.where(np.isin(channels, EXACT), 1.0, random.random(len(happened)))
    # Local time: the whole hours of the zone are whole hours here too.
    step = np.full(len(happened), 1, dtype=np.int64)
    for size, share in reversed(ROUNDED_BY_PEOPLE):
        step = np.where(draw < share, size, step)
    return (seconds // step * step).astype("datetime64[s]")


def _in_office(times: NDArray[Any], random: np.random.Generator) -> NDArray[np.datetime64]:
    """Move times outside office hours to the next morning."""
    day = times.astype("datetime64[D]")
    hour = (times - day).astype("timedelta64[s]").astype(np.int64) / 3600
    morning = np.where(hour >= SHUTS, day + np.timedelta64(1, "D"), day).astype("datetime64[s]")
    opened = morning + np.timedelta64(OPENS, "h") + _hours(random.exponential(0.7, len(times)))
    return np.where((hour < OPENS) | (hour >= SHUTS), opened, times)
