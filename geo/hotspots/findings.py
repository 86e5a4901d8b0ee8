"""Each hotspot as data: where, what category, how many against how many, since when, at which hours."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.cells import groups, parents, resolution_of, to_text
from geo.hotspots.cube import profile
from geo.hotspots.emerging import Category

#: Classes and hours that a hotspot names.
MOST_CLASSES, MOST_HOURS = 3, 3


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A connected group of hot cells.

    Attributes
    ----------
    cell : str
        Text of its strongest cell.
    cells : int
        How many cells it has.
    category : str
        Of the strongest cell, one of `geo.hotspots.Category`.
    n, expected : float
        Incidents in its cells over the period, and how many were expected there.
    z, p : float
        Of the last step in the strongest cell; p two-sided, before correction.
    trend_z, trend_p : float
        Mann-Kendall of the strongest cell.
    share_hot : float
        Share of the steps in which the strongest cell was hot.
    since : str
        Local date on which its first hot step of the run to the last began; of the first hot step at all
        where the last is not hot.
    until : str
        Local date on which its last hot step began.
    classes : tuple of (class, count)
        Most frequent first.
    hours : tuple of (hour, count)
        Most frequent first, hour of the local day.
    coarser : bool
        True where a cell above it is significant one resolution up too.
    """

    cell: str
    cells: int
    category: str
    n: int
    expected: float
    z: float
    p: float
    trend_z: float
    trend_p: float
    share_hot: float
    since: str
    until: str
    classes: tuple[tuple[str, int], ...]
    hours: tuple[tuple[int, int], ...]
    coarser: bool

    def as_json(self) -> dict[str, Any]:
        """Return the hotspot as a JSON object."""
        return asdict(self)


def hotspots(
    table: pd.DataFrame,
    hot: NDArray[np.int8],
    steps: pd.DatetimeIndex,
    events: pd.DataFrame,
    *,
    coarser: set[int],
) -> list[Hotspot]:
    """Return the hotspots of a result, the strongest first.

    Parameters
    ----------
    table : DataFrame
        Index ``cell``, ascending: the columns of `histories`, and ``n`` and ``expected`` of each cell.
    hot : ndarray of int8, shape (n, t)
        The bins: 1 hot.
    steps : DatetimeIndex
        Local beginnings of the steps.
    events : DataFrame
        ``cell`` (uint64), ``class`` (text) and ``local`` (naive local time) of each incident counted.
    coarser : set of int
        Parent cells that are significant one resolution up.

    Returns
    -------
    list of Hotspot
        Groups of cells that touch and whose category is a hot one.
    """
    is_hot = table["category"].map(lambda one: Category(one).value.endswith("_hot")).to_numpy()
    if not is_hot.any():
        return []
    member = groups(table.index.to_numpy()[is_hot])
    by_cell = events.groupby("cell").indices
    found = []
    for _, rows in member.groupby(member):
        at = np.searchsorted(table.index.to_numpy(), rows.index.to_numpy())
        strength = np.where(hot[at, -1] > 0, table["last_z"].to_numpy()[at], 0) + hot[at].clip(0).sum(axis=1)
        top = int(at[int(strength.argmax())])
        inside = [by_cell[cell] for cell in rows.index if cell in by_cell]
        own = events.iloc[np.concatenate(inside)] if inside else events.iloc[:0]
        one = _hotspot(table.iloc[top], table.iloc[at], hot[top] > 0, steps, own)
        above = parents(rows.index.to_numpy(), int(resolution_of(rows.index.to_numpy())[0]) - 1)
        found.append(replace(one, coarser=not coarser.isdisjoint(above.tolist())))
    return sorted(found, key=lambda one: (one.expected - one.n, one.cell))


def _hotspot(
    top: pd.Series,
    cells: pd.DataFrame,
    hot: NDArray[np.bool_],
    steps: pd.DatetimeIndex,
    events: pd.DataFrame,
) -> Hotspot:
    first = int(top["hot_since"]) if top["hot_since"] >= 0 else int(hot.argmax())
    last = len(hot) - 1 - int(hot[::-1].argmax())
    classes = events["class"].value_counts(sort=True)
    hours = profile(events["local"]).sum().sort_values(ascending=False, kind="stable")
    cell = int(top.name)
    here = np.array([cell], dtype=np.uint64)

    return Hotspot(
        cell=str(to_text(here)[0]),
        cells=len(cells),
        category=Category(top["category"]).value,
        n=int(cells["n"].sum()),
        expected=round(float(cells["expected"].sum()), 2),
        z=round(float(top["last_z"]), 3),
        p=float(top["last_p"]),
        trend_z=round(float(top["trend_z"]), 3),
        trend_p=float(top["trend_p"]),
        share_hot=round(float(top["share_hot"]), 4),
        since=steps[first].date().isoformat(),
        until=steps[last].date().isoformat(),
        classes=tuple((str(code), int(n)) for code, n in classes.head(MOST_CLASSES).items()),
        hours=tuple((int(hour), int(n)) for hour, n in hours.head(MOST_HOURS).items() if n),
        coarser=False,
    )
