"""Kept counts as what a time bar shows: steps of local time, cells by step, classes, hours by weekday."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.cells import parents
from geo.hotspots import Step, local_time
from geo.hotspots.cube import floor, steps_between
from layers.counts.keeping import RESOLUTION
from layers.counts.reading import Window

#: Sensitive incidents of one class in one cell below this are left out for who may not see them.
LEAST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Counted:
    """What happened in a window.

    Attributes
    ----------
    steps : ndarray of datetime64[us]
        Local beginnings; the first step may begin before the window.
    by_step : ndarray of int64
        Incidents of each step.
    cells : ndarray of uint64
        Cells with any incident, ascending.
    bins : ndarray of int64, shape (n, 3)
        Place of the cell, place of the step, incidents; only where there are any.
    regions : list of str
        By cell: the smallest region that most of its incidents lie in; empty outside of all.
    by_class : dict of str to int
        Most first.
    class_bins : ndarray of int64, shape (k, 3)
        Place of the class, place of the step, incidents.
    profile : ndarray of int64, shape (7, 24)
        By weekday, Monday first, and hour of the local day.
    left_out : int
        Incidents that are not in any of these numbers: too few of a sensitive class in one cell.
    """

    steps: NDArray[np.datetime64]
    by_step: NDArray[np.int64]
    cells: NDArray[np.uint64]
    bins: NDArray[np.int64]
    regions: list[str]
    by_class: dict[str, int]
    class_bins: NDArray[np.int64]
    profile: NDArray[np.int64]
    left_out: int


def local_hours(hours: NDArray[Any], timezone: str) -> NDArray[np.datetime64]:
    """Return hours since 1970 in UTC by the clock of a zone.

    Examples
    --------
    >>> local_hours(np.array([0]), "Asia/Shanghai").astype("datetime64[h]").astype(str).tolist()
    ['1970-01-01T08']
    """
    moments = pd.to_datetime(np.asarray(hours, dtype=np.int64) * 3600, unit="s", utc=True)
    return local_time(moments, timezone)


def steps_of(window: Window, step: Step, timezone: str) -> NDArray[np.datetime64]:
    """Return the local beginnings of the steps that a window touches.

    Examples
    --------
    >>> steps_of(Window(0, 24), Step.DAY, "Asia/Shanghai").astype("datetime64[D]").astype(str).tolist()
    ['1970-01-01', '1970-01-02']
    """
    first, last = local_hours(np.array([window.first, window.end - 1]), timezone)
    return steps_between(first, last, step)


def counted(
    frame: pd.DataFrame,
    window: Window,
    step: Step,
    timezone: str,
    *,
    resolution: int = RESOLUTION,
    hidden: Collection[str] = (),
) -> Counted:
    """Sort the counts of a window by step, cell, class and hour of the week.

    Parameters
    ----------
    frame : DataFrame
        Of `layers.counts.reading`.
    timezone : str
        Whose midnights part days; its offset is whole hours.
    resolution : int
        Of the cells; those of the kept counts are added up.
    hidden : collection of str
        Classes of which fewer than five in one cell are left out of all numbers, so that no difference of two
        of them tells.

    Examples
    --------
    >>> frame = pd.DataFrame({"hour": [0, 30], "cell": [0x8A41AED91D17FFF] * 2, "class": ["S01", "T01"],
    ...                       "region_code": "", "n": [2, 3]})
    >>> found = counted(frame, Window(0, 48), Step.DAY, "UTC", hidden={"S01"})
    >>> found.by_step.tolist(), found.by_class, found.left_out
    ([0, 3], {'T01': 3}, 2)
    """
    cells = parents(frame["cell"].to_numpy().astype(np.uint64), resolution)
    frame = frame.assign(cell=cells)
    small = np.zeros(len(frame), dtype=bool)
    if hidden and len(frame):
        together = frame.groupby(["cell", "class"])["n"].transform("sum")
        small = (frame["class"].isin(hidden) & (together < LEAST_SHOWN)).to_numpy()
    left_out = int(frame["n"][small].sum())
    frame = frame[~small]
    steps = steps_of(window, step, timezone)
    local = local_hours(frame["hour"].to_numpy(dtype=np.int64), timezone)
    at_step = np.searchsorted(steps, floor(local, step))
    known, at_cell = np.unique(frame["cell"].to_numpy(), return_inverse=True)
    n = frame["n"].to_numpy(dtype=np.int64)
    days = local.astype("datetime64[D]")
    weekday = (days.astype(np.int64) + 3) % 7
    hour = (local - days).astype("timedelta64[h]").astype(np.int64)
    classes = frame.groupby("class")["n"].sum().sort_values(ascending=False, kind="stable")
    at_class = classes.index.get_indexer(frame["class"])
    regions = frame.groupby(["cell", "region_code"])["n"].sum().sort_values(kind="stable")
    regions = regions.reset_index().drop_duplicates("cell", keep="last").sort_values("cell")
    return Counted(
        steps=steps,
        by_step=_added(at_step, n, len(steps)),
        cells=known.astype(np.uint64),
        bins=_bins(at_cell, at_step, n),
        regions=regions["region_code"].tolist(),
        by_class={str(code): int(total) for code, total in classes.items()},
        class_bins=_bins(at_class, at_step, n),
        profile=_added(weekday * 24 + hour, n, 168).reshape(7, 24),
        left_out=left_out,
    )


def _bins(row: NDArray[Any], step: NDArray[Any], n: NDArray[np.int64]) -> NDArray[np.int64]:
    summed = pd.DataFrame({"row": row, "step": step, "n": n}).groupby(["row", "step"])["n"].sum()
    return np.asarray(summed.reset_index(), dtype=np.int64)


def _added(at: NDArray[np.int64], n: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    return np.bincount(at, weights=n, minlength=size).astype(np.int64)
