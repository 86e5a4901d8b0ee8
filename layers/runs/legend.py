"""Class breaks of a result and what else its legend says, for each resolution that is shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.cells import resolution_of
from layers.runs.kinds import Kind
from layers.runs.pictures import Picture, usual

CLASSES = 5
#: Ratio of the 95th percentile to the median from which a distribution has a long tail.
LONG_TAIL = 10.0


def summary(kind: Kind, cells: pd.DataFrame) -> dict[str, Any]:
    """Return what the legend needs, by resolution.

    Returns
    -------
    dict
        ``levels``: for each resolution its cells, how many hold nothing and how many have no value, the
        smallest and greatest value, and the upper bounds of the classes but the last. ``sums``: of every
        column at the finest resolution. ``pictures``: levels by the column of each other picture of the kind.
        Features have one level, without a resolution.
    """
    if kind.result == "features":
        numbers = [column.name for column in kind.columns if column.type == "number"]
        sums = {name: float(cells[name].sum()) for name in numbers if name != kind.shown}
        shown = cells[kind.shown].to_numpy(dtype=float)
        return {"levels": [_level(usual(kind), None, shown)], "sums": sums}
    resolutions = resolution_of(cells.index.to_numpy())
    finest = cells[resolutions == resolutions.max()] if len(cells) else cells
    sums = {name: float(finest[name].sum()) for name in kind.column_names if name != kind.shown}
    found = {"levels": _legend(usual(kind), cells, resolutions), "sums": sums}
    if kind.pictures:
        found["pictures"] = {one.column: _legend(one, cells, resolutions) for one in kind.pictures}
    return found


def breaks(values: NDArray[np.float64], classes: int = CLASSES) -> list[float]:
    """Return upper bounds of classes of the values that are not 0, rounded so that they can be read.

    Classes are quantiles. Where few cells hold nearly everything (the 95th percentile is more than
    `LONG_TAIL` times the median: a town in its fields) quantiles would put the whole town into one class;
    then each class is as many times greater than the one below, between the 10th and the 99th percentile.

    Examples
    --------
    >>> breaks(np.arange(1.0, 101.0))
    [21.0, 41.0, 60.0, 80.0]
    >>> breaks(np.array([0.0, 7.0, 7.0]))
    []
    >>> breaks(10.0 ** np.linspace(0, 4, 1001))
    [13.0, 67.0, 340.0, 1800.0]
    >>> breaks(np.arange(-120.0, -70.0))
    [-110.0, -100.0, -91.0, -81.0]
    """
    filled = values[np.isfinite(values) & (values != 0)]
    if not len(filled):
        return []
    low, middle, high, higher = np.quantile(filled, [0.1, 0.5, 0.95, 0.99])
    steps = np.arange(1, classes) / classes
    long_tail = filled.min() > 0 and high > LONG_TAIL * middle
    bounds = np.geomspace(low, higher, classes + 1)[1:-1] if long_tail else np.quantile(filled, steps)
    rounded = [float(f"{bound:.2g}") for bound in bounds]
    top = float(filled.max())
    return [bound for bound in dict.fromkeys(rounded) if bound < top]


def _legend(picture: Picture, cells: pd.DataFrame, resolutions: NDArray[np.integer]) -> list[dict[str, Any]]:
    values = cells[picture.column].to_numpy(dtype=float)
    return [_level(picture, int(one), values[resolutions == one]) for one in np.unique(resolutions)[::-1]]


def _level(picture: Picture, one: int | None, values: NDArray[np.float64]) -> dict[str, Any]:
    known = values[np.isfinite(values)]
    fixed = [bound for _, bound in picture.classes[:-1]]
    return {
        "resolution": one,
        "cells": len(values),
        "empty": int((known == 0).sum()),
        "no_data": int(len(values) - len(known)),
        "least": float(known.min()) if len(known) else None,
        "most": float(known.max()) if len(known) else None,
        "breaks": fixed or breaks(values),
        "in_class": _in_class(picture, known) if picture.classes else None,
    }


def _in_class(picture: Picture, known: NDArray[np.float64]) -> list[int]:
    """Count the values of each fixed class; a bound belongs to the class below it, and 0 to none."""
    bounds = [bound for _, bound in picture.classes[:-1]]
    place = np.searchsorted(bounds, known[known != 0], side="left")
    return [int(count) for count in np.bincount(place, minlength=len(picture.classes))]
