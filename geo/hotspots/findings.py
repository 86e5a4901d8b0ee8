"""Each hotspot as data: where, what category, how many against how many, since when, at which hours."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.cells import groups, parents, polygons, resolution_of, to_text
from geo.hotspots.cube import profile
from geo.hotspots.emerging import Category

#: Classes and hours that a hotspot names.
MOST_CLASSES, MOST_HOURS = 3, 3


@dataclass(frozen=True, slots=True)
class Above:
    """What the cell one resolution up says by itself.

    Attributes
    ----------
    category : str
        One of `geo.hotspots.Category`.
    n, expected : float
        Incidents in it over the period, and how many were expected there.
    """

    category: str
    n: int
    expected: float


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A connected group of hot cells.

    Attributes
    ----------
    cell : str
        Text of its strongest cell.
    resolution : int
        Of its cells.
    cells : int
        How many cells it has.
    edge : bool
        True where some of them lie on the edge of the study area: there the test sees less.
    outline : list of list of (lon, lat)
        Rings about its cells, degrees; a hole is a ring too.
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
    series : tuple of int
        Incidents in its cells, step by step.
    hot_steps : tuple of int
        By step 1 where some of its cells is hot.
    coarser : bool, optional
        True where a cell above it is significant one resolution up too; None where nobody looked.
    above : Above, optional
        The cell one resolution up from its strongest cell.
    """

    cell: str
    resolution: int
    cells: int
    edge: bool
    outline: list[list[tuple[float, float]]]
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
    series: tuple[int, ...]
    hot_steps: tuple[int, ...]
    coarser: bool | None = None
    above: Above | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the hotspot as a JSON object."""
        return asdict(self)


def hotspots(
    table: pd.DataFrame,
    hot: NDArray[np.int8],
    counts: pd.DataFrame,
    events: pd.DataFrame,
    *,
    coarser: pd.DataFrame | None = None,
) -> list[Hotspot]:
    """Return the hotspots of a result, the strongest first.

    Parameters
    ----------
    table : DataFrame
        Index ``cell``, ascending: the columns of `histories`, and ``n``, ``expected`` and ``edge``.
    hot : ndarray of int8, shape (n, t)
        The bins: 1 hot.
    counts : DataFrame
        Same index, one column a step named by its local beginning: incidents.
    events : DataFrame
        ``cell`` (uint64), ``class`` (text) and ``local`` (naive local time) of each incident counted.
    coarser : DataFrame, optional
        The result one resolution up: ``category``, ``n``, ``expected``, and ``whole`` above 0 where a cell is
        significant over the whole period.

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
        one = _hotspot(table.iloc[top], table.iloc[at], hot[top] > 0, pd.DatetimeIndex(counts.columns), own)
        series = counts.to_numpy()[at].sum(axis=0)
        one = replace(
            one,
            series=tuple(int(n) for n in series),
            hot_steps=tuple(int(any_hot) for any_hot in (hot[at] > 0).any(axis=0)),
        )
        found.append(
            one if coarser is None else _beside(one, table.index[top], rows.index.to_numpy(), coarser)
        )
    return sorted(found, key=lambda one: (one.expected - one.n, one.cell))


def _beside(one: Hotspot, top: int, cells: NDArray[np.uint64], coarser: pd.DataFrame) -> Hotspot:
    """Return a hotspot with what the grid one resolution up says of its place."""
    above = parents(cells, one.resolution - 1)
    cell = coarser.loc[parents(np.array([top], dtype=np.uint64), one.resolution - 1)[0]]
    return replace(
        one,
        coarser=bool((coarser["whole"].reindex(np.unique(above)) > 0).any()),
        above=Above(Category(cell["category"]).value, int(cell["n"]), round(float(cell["expected"]), 2)),
    )


def outline(cells: NDArray[np.uint64]) -> list[list[tuple[float, float]]]:
    """Return the rings about some cells, in degrees with five decimals (a metre)."""
    whole = shapely.union_all(polygons(cells).to_numpy(), grid_size=1e-7)
    rings = [ring for part in shapely.get_parts(whole) for ring in (part.exterior, *part.interiors)]
    return [[(round(x, 5), round(y, 5)) for x, y in ring.coords] for ring in rings]


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
    here = np.array([top.name], dtype=np.uint64)
    return Hotspot(
        cell=str(to_text(here)[0]),
        resolution=int(resolution_of(here)[0]),
        cells=len(cells),
        edge=bool(cells["edge"].any()),
        outline=outline(cells.index.to_numpy()),
        category=Category(top["category"]).value,
        n=int(cells["n"].sum()),
        expected=round(float(cells["expected"].sum()), 2),
        z=round(float(top["last_z"]), 3),
        p=float(top["last_p"]),
        trend_z=round(float(top["trend_z"]), 3),
        trend_p=float(top["trend_p"]),
        share_hot=round(float(top["share_hot"]), 4),
        since=beginning(steps[first]),
        until=beginning(steps[last]),
        classes=tuple((str(code), int(n)) for code, n in classes.head(MOST_CLASSES).items()),
        hours=tuple((int(hour), int(n)) for hour, n in hours.head(MOST_HOURS).items() if n),
        series=(),
        hot_steps=(),
    )


def beginning(start: pd.Timestamp) -> str:
    """Return the beginning of a step as text; that of an hour with its time.

    Examples
    --------
    >>> beginning(pd.Timestamp("2020-12-01")), beginning(pd.Timestamp("2020-12-01T09:00"))
    ('2020-12-01', '2020-12-01 09:00')
    """
    return str(start.date() if start == start.normalize() else start.isoformat(" ", "minutes"))
