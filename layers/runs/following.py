"""How a kind follows the change log: which cells a change touches, and what they are now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.features.changes import Change

if TYPE_CHECKING:
    from layers.runs.kinds import Inputs


@dataclass(frozen=True, slots=True)
class Redone:
    """Cells that were computed again.

    Attributes
    ----------
    cells : DataFrame
        As `Outcome.cells`: those of every level that a change may have touched.
    gone : ndarray of uint64
        Cells that are no part of the result any more.
    """

    cells: pd.DataFrame
    gone: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Live:
    """How a kind follows the change log cell by cell. Cells are computed again, never added to.

    Attributes
    ----------
    prepare : callable
        (parameters, inputs) to whatever the others need of the layers that only sort results; called once.
    touched : callable
        (parameters, changes by the role of their layer, only roles with any) to the cells of the finest level
        that have to be computed again, or None where everything has to.
    recompute : callable
        (parameters, prepared, cells, inputs around those cells, stored) to what the cells are now, or None
        where everything has to be computed again. ``stored(ancestors)`` gives all cells of the result that
        lie in some coarser ones, themselves too, as they are kept before this.
    areas : callable
        (parameters, inputs) to `Outcome.areas`.
    """

    prepare: Callable[[Any, Inputs], Any]
    touched: Callable[[Any, Mapping[str, Sequence[Change]]], NDArray[np.uint64] | None]
    recompute: Callable[
        [Any, Any, NDArray[np.uint64], Inputs, Callable[[NDArray[np.uint64]], pd.DataFrame]], Redone | None
    ]
    areas: Callable[[Any, Inputs], pd.DataFrame]
