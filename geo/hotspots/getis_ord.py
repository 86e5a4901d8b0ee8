"""Getis-Ord Gi*: where counts are higher or lower in a neighbourhood than chance explains."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from geo.cells import neighbours
from geo.cells.indexing import as_cells
from geo.compiled import compiled_parallel
from geo.errors import BadInput
from geo.hotspots.neighbours import check_k, edge_cells, k_rings
from geo.hotspots.significance import LEVELS, Method, sum_p, thresholds, two_sided


def getis_ord(
    counts: pd.Series,
    *,
    k: int = 1,
    cells: ArrayLike | None = None,
    q: float = 0.05,
    method: Method = "analytic",
) -> pd.DataFrame:
    """Return Gi* of counts or rates on H3 cells.

    Parameters
    ----------
    counts : Series
        Index: cells of one resolution (uint64), each once. Counts, rates, or standardised deviations.
    k : int
        Rings of cells that make the neighbourhood, the cell itself included.
    cells : array_like of uint64, optional
        The study area. Cells without a count are 0, which is a finding and changes mean and deviation; counts
        outside are left out and told in ``attrs["outside"]``. The cells of ``counts`` where left out.
    q : float
        False discovery rate of ``significant``.
    method : {"analytic", "permutation"}
        p from the normal law of z, or from the exact law of the sum under permutation. That holds for sparse
        counts too, but one cell alone, however high, is no cluster to it.

    Returns
    -------
    DataFrame
        Index ``cell`` (uint64, ascending). ``z``; ``p`` (two-sided, not corrected); ``significant`` (after
        Benjamini-Hochberg at q); ``confidence`` (0, ±90, ±95, ±99 per cent after the correction at 10, 5 and
        1 per cent, with the sign of z); ``neighbours`` (cells of the neighbourhood); ``edge`` (True where a
        part of the neighbourhood lies outside the study area).

    Raises
    ------
    BadInput
        For values that are not finite, a cell given twice, cells of several resolutions, or a bad k, q.

    Notes
    -----
    Ord and Getis 1995, equation 14 with binary weights: z = (Σx - x̄W) / (S √((nW - W²)/(n-1))). Where all
    values are equal, or the neighbourhood is the whole area, there is nothing to compare and z is 0.

    Examples
    --------
    >>> import h3
    >>> disk = np.sort([h3.str_to_int(cell) for cell in h3.grid_disk("8928308280fffff", 8)])
    >>> counts = pd.Series(1, index=disk)
    >>> counts[h3.str_to_int("8928308280fffff")] = 40
    >>> int(getis_ord(counts)["significant"].sum())
    7
    """
    check_k(k)
    area, values, outside = _in_area(counts, cells)
    if k == 1:
        around = neighbours(area)
        sums, sizes = _ring_sums(around, values)
        edge = sizes < 7
    else:
        rings = k_rings(area, k)
        sums, sizes = rings @ values, np.diff(rings.indptr).astype(np.int64)
        edge = edge_cells(area, k)
    z = _standardised(sums, sizes, values)
    p = two_sided(z) if method == "analytic" else sum_p(values, np.rint(sums), sizes)
    if not 0 < q < 1:
        raise BadInput(f"q is a share between 0 and 1, not {q}", q=q)
    own, *limits = thresholds(p, [q, *(share for share, _ in LEVELS)])
    marked = np.zeros(len(area), dtype=np.int8)
    for limit, (_, percent) in zip(reversed(limits), reversed(LEVELS), strict=True):
        marked[p <= limit] = percent
    result = pd.DataFrame(
        {
            "z": z,
            "p": p,
            "significant": p <= own,
            "confidence": np.where(z < 0, -marked, marked),
            "neighbours": sizes,
            "edge": edge,
        },
        index=pd.Index(area, name="cell"),
    )
    result.attrs["outside"] = outside
    return result


def getis_ord_weights(values: ArrayLike, neighbours: Any) -> NDArray[np.float64]:
    """Return z of Gi* for any adjacency.

    Parameters
    ----------
    values : array_like of float, shape (n,)
    neighbours : sparse matrix, shape (n, n)
        Weights, 0 for no neighbour. The diagonal is set: Gi* counts the place itself.

    Returns
    -------
    ndarray of float64, shape (n,)

    Raises
    ------
    BadInput
        For values that are not finite, a matrix of another size, or a place that is not its own neighbour.

    Notes
    -----
    Ord and Getis 1995, equation 14, weights of any size. Agrees with esda ``G_Local(star=True)`` for binary
    weights; not with its row-standardised form where the weights lack the diagonal.

    Examples
    --------
    >>> getis_ord_weights([1.0, 2.0, 9.0], csr_array([[1, 1, 0], [1, 1, 1], [0, 1, 1]])).round(3).tolist()
    [-1.405, 0.0, 0.843]
    """
    numbers = _finite(values)
    weights = csr_array(neighbours, dtype=np.float64)
    size = len(numbers)
    if weights.shape != (size, size):
        raise BadInput(f"{size} values and neighbours of {weights.shape}", values=size)
    if (weights.diagonal() == 0).any():
        lonely = int((weights.diagonal() == 0).sum())
        raise BadInput(f"{lonely} places are not their own neighbours: set the diagonal", places=lonely)
    total = np.asarray(weights.sum(axis=1)).ravel()
    squares = np.asarray(weights.multiply(weights).sum(axis=1)).ravel()
    deviation, mean = numbers.std(), numbers.mean()
    spread = size * squares - total**2
    scale = deviation * np.sqrt(np.maximum(spread, 0.0) / max(size - 1, 1))
    return _divided(weights @ numbers - mean * total, scale)


def _in_area(
    counts: pd.Series, cells: ArrayLike | None
) -> tuple[NDArray[np.uint64], NDArray[np.float64], float]:
    """Return the study area, its values, and the sum of what lies outside."""
    own = as_cells(counts.index.to_numpy())
    values = _finite(counts.to_numpy())
    order = np.argsort(own, kind="stable")
    own, values = own[order], values[order]
    if (own[1:] == own[:-1]).any():
        raise BadInput("a cell is given twice: add its counts up first")
    if cells is None:
        return own, values, 0.0
    area = as_cells(cells)
    if (area[1:] <= area[:-1]).any():
        area = np.unique(area)
    at = np.searchsorted(area, own)
    at[at == len(area)] = 0
    inside = area[at] == own if len(area) else np.zeros(len(own), dtype=bool)
    found = np.zeros(len(area))
    found[at[inside]] = values[inside]
    return area, found, float(values[~inside].sum())


def _finite(values: ArrayLike) -> NDArray[np.float64]:
    numbers = np.asarray(values, dtype=np.float64).ravel()
    if not np.isfinite(numbers).all():
        wrong = int((~np.isfinite(numbers)).sum())
        raise BadInput(f"{wrong} values are no numbers: leave their places out", wrong=wrong)
    return numbers


def _standardised(
    sums: NDArray[np.float64], sizes: NDArray[np.int64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    size = len(values)
    if not size:
        return np.zeros(0)
    deviation, mean = values.std(), values.mean()
    scales = np.array(
        [
            deviation * math.sqrt(max(size * w - w * w, 0) / max(size - 1, 1))
            for w in range(int(sizes.max()) + 1)
        ]
    )
    return _divided(sums - mean * sizes, scales[sizes])


def _divided(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.divide(above, below, out=np.zeros(len(above)), where=below > 0))


@compiled_parallel
def _ring_sums(
    around: NDArray[np.int32], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:  # pragma: no cover
    sums = np.empty(len(values))
    sizes = np.empty(len(values), dtype=np.int64)
    for i in numba.prange(len(values)):
        total, size = values[i], 1
        for j in range(6):
            if around[i, j] >= 0:
                total += values[around[i, j]]
                size += 1
        sums[i], sizes[i] = total, size
    return sums, sizes
