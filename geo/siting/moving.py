"""What one site adds where it is put, while a planner drags it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.siting.rules import Rules
from geo.siting.task import task_of


class Moving:
    """Gains of one site beside all others of a plan, each told in the time of its own demand.

    Parameters
    ----------
    covers, weights, fixed, times
        As in `geo.siting.max_coverage`.
    others : sequence of int
        Rows of the sites that stay where they are.

    Examples
    --------
    >>> import scipy.sparse
    >>> reach = scipy.sparse.csr_array(np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1.0]]))
    >>> beside = Moving(reach, [5, 1, 4, 3], others=[0])
    >>> beside.gain_of(1), beside.gain_at([2, 3])
    (4.0, 7.0)
    """

    def __init__(
        self, covers: Any, weights: ArrayLike, *, others: Any, fixed: Any = None, times: int = 1
    ) -> None:
        task = task_of(covers, weights, np.inf, fixed=fixed, rules=Rules(), times=times)
        self._covers = task.covers
        self._left = task.left_by(np.asarray(others, dtype=np.int64))

    @property
    def left(self) -> NDArray[np.float64]:
        """What one more sure site adds at each demand."""
        return self._left

    def gain_of(self, candidate: int) -> float:
        """Return what a candidate adds."""
        start, end = self._covers.indptr[candidate : candidate + 2]
        return float(self._left[self._covers.indices[start:end]] @ self._covers.data[start:end])

    def gain_at(self, demand: ArrayLike, probability: ArrayLike = 1.0) -> float:
        """Return what a site adds that reaches some demand, each with a probability."""
        return float((self._left[np.asarray(demand, dtype=np.int64)] * np.asarray(probability)).sum())
