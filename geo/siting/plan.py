"""What a siting model answers: which candidates, in which order, and how good that certainly is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo.notes import MethodNote

#: Relative gap under which an answer counts as proven.
PROVEN = 1e-6


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a computation is: its best answer so far and what no answer can exceed.

    Attributes
    ----------
    covered : float
        Of the best plan so far.
    bound : float
        No plan covers more (of `p_median` and `set_cover`: none costs less).
    seconds : float
        Since the start.
    """

    covered: float
    bound: float
    seconds: float


#: Told the standing now and then; False ends the computation with the best plan so far.
Watch = Callable[[Standing], bool]


@dataclass(frozen=True, slots=True)
class Plan:
    """Chosen candidates, ranked.

    Attributes
    ----------
    chosen : ndarray of int64
        Rows of the candidates, those first that add most to the ones before them; existing ones are not
        among them. With phases, those of an earlier phase come first.
    gains : ndarray of float64
        What each adds to the existing sites and to those before it in ``chosen``.
    covered : float
        What all of them add: weight of demand beyond what the existing sites cover. Of `p_median` the total
        weighted distance, of `set_cover` the total cost: there less is better.
    bound : float
        Proven: no plan within the same rules has more (there: less).
    gap : float
        How far ``covered`` may at most be from the best, as a share of the bound (there: of ``covered``).
    method : str
        What found ``chosen``.
    bound_method : str
        What proves ``bound``.
    seconds : float
        It took so long.
    already : float
        Weight that existing sites cover.
    total : float
        Weight of all demand.
    cost : float
        Of the chosen ones.
    phase : ndarray of int64, optional
        Phase of each chosen one, from 0.
    covered_by_phase : ndarray of float64, optional
        What stands after each phase covers beyond the existing sites.
    note : MethodNote
    """

    chosen: NDArray[np.int64]
    gains: NDArray[np.float64]
    covered: float
    bound: float
    gap: float
    method: str
    bound_method: str
    seconds: float
    already: float = 0.0
    total: float = 0.0
    cost: float = 0.0
    phase: NDArray[np.int64] | None = None
    covered_by_phase: NDArray[np.float64] | None = None
    note: MethodNote = field(default_factory=lambda: MethodNote(""))

    @property
    def proven(self) -> bool:
        """True where no better plan exists."""
        return self.gap <= PROVEN

    @property
    def curve(self) -> NDArray[np.float64]:
        """Covered weight after each of the chosen ones, existing sites included."""
        return self.already + np.cumsum(self.gains)

    @property
    def elbow(self) -> int:
        """How many sites there are where the curve bends most: see `elbow_of`."""
        return elbow_of(self.gains)

    @property
    def proof(self) -> str:
        """The proof in one line, for logs and the command line."""
        return (
            f"{self.method}: {self.covered:.6g}, bound {self.bound:.6g} ({self.bound_method}), "
            f"gap {self.gap:.2%}, {self.seconds:.2f} s"
        )


def elbow_of(gains: NDArray[np.float64]) -> int:
    """Return after how many sites the cumulative curve lies highest above its chord.

    Parameters
    ----------
    gains : ndarray of float64
        Marginal gains in their order.

    Returns
    -------
    int
        0 where there is nothing to bend: fewer than three sites, or all of the same gain.

    Notes
    -----
    The knee of Satopää et al. 2011 (Kneedle) without smoothing.

    Examples
    --------
    >>> elbow_of(np.array([10.0, 8.0, 1.0, 0.5, 0.5]))
    2
    >>> elbow_of(np.full(4, 3.0))
    0
    """
    if len(gains) < 3 or gains.sum() <= 0:
        return 0
    height = np.cumsum(gains) / gains.sum() - np.arange(1, len(gains) + 1) / len(gains)
    return int(np.argmax(height)) + 1 if height.max() > 1e-9 else 0


def gap_of(covered: float, bound: float) -> float:
    """Return how far a plan may be from the best, as a share of the bound.

    Examples
    --------
    >>> gap_of(95.0, 100.0), gap_of(0.0, 0.0)
    (0.05, 0.0)
    """
    return max(0.0, (bound - covered) / bound) if bound > 0 else 0.0
