"""Which hot cells are so by their own counts: a neighbourhood's excess is told where it happened."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.cells import groups
from geo.hotspots.background import excess

Floats = NDArray[np.float64]

#: Level at which a place must exceed (or fall short of) what was expected of it by its own counts.
LEVEL = 0.05


def borne_out(
    cells: NDArray[np.uint64],
    side: NDArray[np.int8],
    hot: NDArray[np.int8],
    values: Floats,
    *,
    expected: Floats,
    spread: float,
) -> NDArray[np.bool_]:
    """Tell which cells have more (of cold ones less) than expected by themselves, and together clearly so.

    Parameters
    ----------
    cells : ndarray of uint64, shape (n,)
        Of one resolution, ascending.
    side : ndarray of int8, shape (n,)
        1 for a cell that the test of its neighbourhood calls hot, -1 cold, 0 neither.
    hot : ndarray of int8, shape (n, t)
        The bins of the test: 1 hot, -1 cold, 0 neither.
    values : ndarray of float64, shape (n, t)
        Counts of the cells themselves.
    expected : ndarray of float64, shape (n,)
        Over the whole period.
    spread : float
        As `geo.hotspots.dispersion`.

    Returns
    -------
    ndarray of bool, shape (n,)

    Notes
    -----
    Counts and expectation are those of the steps in which the cell is hot. The test of a neighbourhood lends
    each of its cells the excess of the others, so that an empty cell beside a busy one is hot too: that is no
    place to send anybody to. Cells that touch are one place; its sum is held against what was expected of it
    by the negative binomial law at `LEVEL`.

    Examples
    --------
    >>> import h3
    >>> cells = np.sort([h3.str_to_int(cell) for cell in h3.grid_disk("8940b48902bffff", 1)])
    >>> busy = np.arange(7) == 3
    >>> values = np.where(busy, 9.0, 0.0)[:, None]
    >>> hot = np.ones((7, 1), dtype=np.int8)
    >>> borne_out(cells, hot[:, 0], hot, values, expected=np.ones(7), spread=0.02).tolist() == busy.tolist()
    True
    """
    counted = (hot == side[:, None]) & (side != 0)[:, None]
    seen = np.where(counted, values, 0.0).sum(axis=1)
    base = expected * counted.mean(axis=1)
    found = np.zeros(len(cells), dtype=bool)
    for one in (1, -1):
        at = np.flatnonzero((side == one) & (one * (seen - base) > 0))
        if not len(at):
            continue
        member = groups(cells[at])
        sums = pd.DataFrame({"seen": seen[at], "base": base[at]}, index=member.index).groupby(
            member.to_numpy()
        )
        total = sums.transform("sum")
        z, p = excess(total["seen"], total["base"], spread)
        found[at] = (p <= LEVEL) & (one * z > 0)
    return found
