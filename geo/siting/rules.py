"""What a plan has to keep to: forced and forbidden candidates, spacing, groups, districts."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from geo.errors import BadInput

#: Stands for "as many as you like".
NO_LIMIT = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Districts:
    """How many sites each district gets at least and at most.

    Attributes
    ----------
    labels : sequence
        District of each candidate; None for none.
    least, most : mapping
        By district; one that is not named has no limit.
    """

    labels: Sequence[Hashable]
    least: Mapping[Any, int] = field(default_factory=dict)
    most: Mapping[Any, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spacing:
    """No two chosen candidates nearer than this.

    Attributes
    ----------
    at : array_like of float, shape (n, 2)
        Where candidates are, in metres.
    metres : float
        Least distance. Candidates of a group (`Rules.groups`) do not keep it among themselves.
    """

    at: ArrayLike
    metres: float


@dataclass(frozen=True, slots=True)
class Rules:
    """What a plan has to keep to, beside its budget.

    Attributes
    ----------
    forced, forbidden : sequence of int
        Candidates that must, or must not, be chosen.
    spacing : Spacing, optional
    groups : sequence, optional
        Label of each candidate: at most ``of_group`` of a group are chosen (the directions of one camera, the
        settings of one site); None for a candidate that stands alone.
    of_group : int
    districts : Districts, optional
    forced_groups : collection
        Labels of groups of which at least one candidate must be chosen, whichever of them.
    """

    forced: Sequence[int] = ()
    forbidden: Sequence[int] = ()
    spacing: Spacing | None = None
    groups: Sequence[Hashable] | None = None
    of_group: int = 1
    districts: Districts | None = None
    forced_groups: Collection[Hashable] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """`Rules` as arrays.

    Attributes
    ----------
    allowed, forced : ndarray of bool, shape (n,)
    labels : ndarray of int64, shape (p, n)
        One row a partition of the candidates: groups, districts; -1: no part of it.
    least, most : ndarray of int64, shape (p, l)
        By label.
    near : csr_array, shape (n, n)
        Pairs that are too near each other.
    """

    allowed: NDArray[np.bool_]
    forced: NDArray[np.bool_]
    labels: NDArray[np.int64]
    least: NDArray[np.int64]
    most: NDArray[np.int64]
    near: scipy.sparse.csr_array


def limits_of(rules: Rules, count: int, standing: NDArray[np.int64]) -> Limits:
    """Check rules for ``count`` candidates, those standing already not among what can be chosen.

    Raises
    ------
    BadInput
        Where lengths do not fit, a candidate is both forced and forbidden, or forced ones break the rules.
    """
    allowed, forced = np.ones(count, dtype=bool), np.zeros(count, dtype=bool)
    allowed[rows_of(rules.forbidden, count, "forbidden")] = False
    forced[rows_of(rules.forced, count, "forced")] = True
    if (both := np.flatnonzero(forced & ~allowed)).size:
        raise BadInput(f"candidate {both[0]} is both forced and forbidden", candidate=int(both[0]))
    allowed[standing] = False
    forced[standing] = False
    parts: list[tuple[NDArray[np.int64], list[int], list[int]]] = []
    if rules.groups is not None or rules.forced_groups:
        labels, names = _coded(rules.groups or [None] * count, count, "groups")
        if missing := set(rules.forced_groups) - set(names):
            raise BadInput(f"no candidate is in group {min(map(str, missing))}", group=min(map(str, missing)))
        once = [int(name in rules.forced_groups) for name in names]
        parts.append((labels, once, [rules.of_group] * len(names)))
    if rules.districts is not None:
        labels, names = _coded(rules.districts.labels, count, "districts")
        if unknown := [one for one, least in rules.districts.least.items() if least > 0 and one not in names]:
            raise BadInput(f"no candidate lies in district {unknown[0]!r}", district=str(unknown[0]))
        least = [rules.districts.least.get(name, 0) for name in names]
        most = [rules.districts.most.get(name, NO_LIMIT) for name in names]
        parts.append((labels, least, most))
    width = max([len(least) for _, least, _ in parts], default=0)
    limits = Limits(
        allowed,
        forced,
        np.array([labels for labels, _, _ in parts], dtype=np.int64).reshape(len(parts), count),
        _padded([least for _, least, _ in parts], width, 0),
        _padded([most for _, _, most in parts], width, NO_LIMIT),
        _too_near(rules.spacing, rules.groups, count),
    )
    limits.near.sort_indices()
    _check_forced(limits)
    return limits


def rows_of(rows: Sequence[int], count: int, name: str) -> NDArray[np.int64]:
    """Return rows of candidates as an array, or raise `BadInput` for one that is not there."""
    found = np.unique(np.asarray(rows, dtype=np.int64))
    if len(found) and (found[0] < 0 or found[-1] >= count):
        raise BadInput(f"{name} names a candidate that is not there: there are {count}", candidates=count)
    return found


def cliques(near: scipy.sparse.csr_array) -> list[list[int]]:
    """Return sets of candidates that are all too near each other, so that every such pair is in one.

    At most one of a set can be chosen: one inequality for a set cuts deeper than one for each pair.

    Examples
    --------
    >>> triangle = scipy.sparse.csr_array(np.array([[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 1], [0, 0, 1, 0]]))
    >>> cliques(triangle)
    [[0, 1, 2], [2, 3]]
    """
    beside = [
        set(near.indices[near.indptr[one] : near.indptr[one + 1]].tolist()) for one in range(near.shape[0])
    ]
    done: set[tuple[int, int]] = set()
    found = []
    for first, others in enumerate(beside):
        for second in sorted(one for one in others if one > first):
            if (first, second) in done:
                continue
            clique, common = [first, second], others & beside[second]
            while common:
                nearest = min(common)
                clique.append(nearest)
                common = common & beside[nearest]
            clique.sort()
            done.update((one, other) for at, one in enumerate(clique) for other in clique[at + 1 :])
            found.append(clique)
    return found


def _coded(labels: Sequence[Hashable], count: int, name: str) -> tuple[NDArray[np.int64], list[Hashable]]:
    if len(labels) != count:
        raise BadInput(f"{name} has {len(labels)} labels for {count} candidates", labels=len(labels))
    names: dict[Hashable, int] = {}
    codes = [-1 if one is None else names.setdefault(one, len(names)) for one in labels]
    return np.array(codes, dtype=np.int64), list(names)


def _padded(rows: Sequence[Any], width: int, value: int) -> NDArray[np.int64]:
    found = np.full((len(rows), width), value, dtype=np.int64)
    for at, row in enumerate(rows):
        found[at, : len(row)] = row
    return found


def _too_near(
    spacing: Spacing | None, groups: Sequence[Hashable] | None, count: int
) -> scipy.sparse.csr_array:
    if spacing is None or spacing.metres <= 0:
        return scipy.sparse.csr_array((count, count), dtype=np.int8)
    at = np.asarray(spacing.at, dtype=float)
    if at.shape != (count, 2) or not np.isfinite(at).all():
        raise BadInput(f"spacing needs x and y of each of the {count} candidates", candidates=count)
    pairs = cKDTree(at).query_pairs(spacing.metres * (1 - 1e-12), output_type="ndarray")
    if groups is not None:
        labels = _coded(groups, count, "groups")[0]
        same = (labels[pairs[:, 0]] == labels[pairs[:, 1]]) & (labels[pairs[:, 0]] >= 0)
        pairs = pairs[~same]
    both = np.concatenate([pairs, pairs[:, ::-1]])
    ones = np.ones(len(both), dtype=np.int8)
    return scipy.sparse.csr_array((ones, (both[:, 0], both[:, 1])), shape=(count, count))


def _check_forced(limits: Limits) -> None:
    forced = np.flatnonzero(limits.forced)
    if limits.near[forced][:, forced].nnz:
        raise BadInput("two forced candidates are nearer to each other than the spacing allows")
    for labels, most in zip(limits.labels, limits.most, strict=True):
        held = labels[forced]
        if (np.bincount(held[held >= 0], minlength=len(most)) > most).any():
            raise BadInput("more candidates of one group or district are forced than it may have")
