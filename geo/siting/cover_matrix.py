"""Which candidate covers which demand, as a sparse matrix."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import scipy.sparse
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from geo.errors import BadInput


def within(candidates: ArrayLike, demand: ArrayLike, metres: float) -> scipy.sparse.csr_array:
    """Return the demand within a distance of each candidate.

    Parameters
    ----------
    candidates, demand : array_like of float, shape (n, 2) and (m, 2)
        In one metric system.

    Returns
    -------
    csr_array of float64, shape (n, m)
        1 where a candidate covers.

    Examples
    --------
    >>> within([[0, 0]], [[3, 4], [30, 40]], 5).toarray()
    array([[1., 0.]])
    """
    sites, places = np.asarray(candidates, dtype=float), np.asarray(demand, dtype=float)
    if not (np.isfinite(sites).all() and np.isfinite(places).all()) or not metres > 0:
        raise BadInput("a cover by distance needs places with x and y and a distance above 0", metres=metres)
    found = cKDTree(sites).sparse_distance_matrix(cKDTree(places), metres, output_type="coo_matrix")
    ones = np.ones(found.nnz)
    return scipy.sparse.csr_array((ones, (found.row, found.col)), shape=(len(sites), len(places)))


def from_rows(
    rows: Iterable[tuple[NDArray[np.int64], NDArray[np.float64]]], demands: int, *, least: float = 0.0
) -> scipy.sparse.csr_array:
    """Return a matrix of the demand that each candidate reaches and how probably.

    Parameters
    ----------
    rows : iterable of (demand, probability)
        One pair of arrays a candidate.
    demands : int
    least : float
        Probabilities of no more than this are left out.

    Examples
    --------
    >>> from_rows([(np.array([2, 0]), np.array([1.0, 0.5]))], 3).toarray()
    array([[0.5, 0. , 1. ]])
    """
    columns, values, ends = [], [], [0]
    for demand, probability in rows:
        kept = probability > least
        columns.append(demand[kept])
        values.append(probability[kept])
        ends.append(ends[-1] + int(kept.sum()))
    if not columns:
        return scipy.sparse.csr_array((0, demands))
    found = scipy.sparse.csr_array(
        (np.concatenate(values), np.concatenate(columns), np.array(ends)), shape=(len(columns), demands)
    )
    found.sort_indices()
    return found
