"""Emerging hotspots: the history of each cell in one of 17 categories, by Esri's definitions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geo.cells.indexing import as_cells
from geo.errors import BadInput
from geo.hotspots.neighbours import check_k, k_rings
from geo.hotspots.significance import Method, benjamini_hochberg, sum_p, two_sided
from geo.hotspots.trends import mann_kendall

#: Share of steps from which a cell counts as always hot (or cold).
ALWAYS = 0.9


class Category(StrEnum):
    """Categories of Esri's Emerging Hot Spot Analysis."""

    NEW = "new_hot"
    CONSECUTIVE = "consecutive_hot"
    INTENSIFYING = "intensifying_hot"
    PERSISTENT = "persistent_hot"
    DIMINISHING = "diminishing_hot"
    SPORADIC = "sporadic_hot"
    OSCILLATING = "oscillating_hot"
    HISTORICAL = "historical_hot"
    NEW_COLD = "new_cold"
    CONSECUTIVE_COLD = "consecutive_cold"
    INTENSIFYING_COLD = "intensifying_cold"
    PERSISTENT_COLD = "persistent_cold"
    DIMINISHING_COLD = "diminishing_cold"
    SPORADIC_COLD = "sporadic_cold"
    OSCILLATING_COLD = "oscillating_cold"
    HISTORICAL_COLD = "historical_cold"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Wording:
    """How a category is called, and the rule that puts a cell into it."""

    zh: str
    en: str
    rule_zh: str
    rule_en: str


_KINDS: dict[str, Wording] = {
    "new": Wording(
        "新增", "New", "仅最近一步显著，此前从未", "significant in the last step only, never before",
    ),
    "consecutive": Wording(
        "连续", "Consecutive", "末段至少连续两步显著，此前从未，且不足 90%",
        "an unbroken run of at least two steps to the last, never before, below 90 %",
    ),
    "intensifying": Wording(
        "加强", "Intensifying", "至少 90% 的步显著且含最近一步，强度显著上升",
        "at least 90 % of the steps and the last, strength rising significantly",
    ),
    "persistent": Wording(
        "持续", "Persistent", "至少 90% 的步显著，强度无显著升降",
        "at least 90 % of the steps, strength neither rising nor falling",
    ),
    "diminishing": Wording(
        "逐渐减少", "Diminishing", "至少 90% 的步显著且含最近一步，强度显著下降",
        "at least 90 % of the steps and the last, strength falling significantly",
    ),
    "sporadic": Wording(
        "分散", "Sporadic", "最近一步显著，时有时无，不足 90%，从未反向显著",
        "the last step, on and off before, below 90 %, never the opposite",
    ),
    "oscillating": Wording(
        "振荡", "Oscillating", "最近一步显著，此前曾反向显著，不足 90%",
        "the last step, the opposite at some step before, below 90 %",
    ),
    "historical": Wording(
        "历史", "Historical", "最近一步不显著，此前至少 90% 的步显著",
        "not the last step, but at least 90 % of the steps",
    ),
}  # fmt: skip


def wording(category: Category) -> Wording:
    """Return name and rule of a category in Chinese and English.

    Examples
    --------
    >>> wording(Category.NEW).zh, wording(Category.HISTORICAL_COLD).en
    ('新增热点', 'Historical cold spot')
    """
    if category is Category.NONE:
        return Wording("无显著模式", "No pattern", "不符合任何一类", "meets no other rule")
    kind, side = category.value.rsplit("_", 1)
    found = _KINDS[kind]
    ending = ("热点", "hot spot") if side == "hot" else ("冷点", "cold spot")
    return Wording(found.zh + ending[0], f"{found.en} {ending[1]}", found.rule_zh, found.rule_en)


def space_time_z(
    values: NDArray[np.float64], rings: csr_array, steps_back: int = 1
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return Gi* of every bin of a cube among its neighbours in space and time.

    Parameters
    ----------
    values : ndarray of float64, shape (n, t)
    rings : csr_array of ones, shape (n, n)
        Neighbours in space, the cell itself included.
    steps_back : int
        Earlier steps that belong to the neighbourhood of a bin; the first steps have fewer.

    Returns
    -------
    z : ndarray of float64, shape (n, t)
        Against mean and deviation of the whole cube.
    sums : ndarray of float64, shape (n, t)
        Sum of each neighbourhood.
    sizes : ndarray of int64, shape (n, t)
        Bins of each neighbourhood.
    """
    cells, steps = values.shape
    in_space = rings @ values
    sums = in_space.copy()
    for back in range(1, steps_back + 1):
        sums[:, back:] += in_space[:, : steps - back]
    sizes = np.diff(rings.indptr).astype(np.int64)[:, None] * np.minimum(np.arange(steps) + 1, steps_back + 1)
    bins = cells * steps
    spread = values.std() * np.sqrt(np.maximum(sizes * bins - sizes.astype(float) ** 2, 0) / max(bins - 1, 1))
    z = np.divide(sums - values.mean() * sizes, spread, out=np.zeros_like(sums), where=spread > 0)
    return z, sums, sizes


def emerging(
    cube: pd.DataFrame,
    *,
    k: int = 1,
    steps_back: int = 1,
    q: float = 0.05,
    method: Method = "analytic",
) -> pd.DataFrame:
    """Return the category of each cell's history.

    Parameters
    ----------
    cube : DataFrame
        Index: cells of one resolution (uint64), each once. One column a step, in the order of time: counts,
        or standardised deviations from what was expected. Zeros are values: give the whole study area.
    k : int
        Rings of cells that are neighbours in space.
    steps_back : int
        Earlier steps that are neighbours in time.
    q : float
        False discovery rate over all bins of the cube, and level of the trend.
    method : {"analytic", "permutation"}
        As `geo.hotspots.getis_ord`: permutation holds for sparse counts, but one bin alone, however high, is
        no cluster to it.

    Returns
    -------
    DataFrame
        Index ``cell`` (ascending). ``category``; ``trend_z``, ``trend_p`` (Mann-Kendall of the bins' z);
        ``share_hot``, ``share_cold`` (of the steps); ``last_z``, ``last_p``; ``hot_since`` (position of the
        first step of the unbroken hot run to the last; -1 where the last is not hot). ``attrs["hot"]`` holds
        the bins: 1 hot, -1 cold, 0 neither, int8, shape (n, t).

    Raises
    ------
    BadInput
        For fewer than two steps, values that are no numbers, a cell given twice, or a bad k, steps_back, q.

    Notes
    -----
    Esri, "How Emerging Hot Spot Analysis works" (ArcGIS Pro): Gi* with neighbours in space and time against
    the whole cube, FDR, Mann-Kendall of the z-scores, categories with a threshold of 90 per cent. Where a
    cell was hot for 90 per cent but is not in the last step, it is historical. Esri asks for ten steps; with
    fewer the trend is rough.

    Examples
    --------
    >>> import h3
    >>> area = np.sort([h3.str_to_int(cell) for cell in h3.grid_disk("8940b48902bffff", 6)])
    >>> counts = pd.DataFrame(np.random.default_rng(1).poisson(5.0, (127, 12)), index=area)
    >>> counts.loc[h3.str_to_int("8940b48902bffff"), 11] = 90
    >>> str(emerging(counts).loc[h3.str_to_int("8940b48902bffff"), "category"])
    'new_hot'
    """
    check_k(k)
    values, cells = _checked(cube, steps_back)
    z, sums, sizes = space_time_z(values, k_rings(cells, k), steps_back)
    if method == "analytic":
        p = two_sided(z)
    else:
        p = sum_p(values.ravel(), sums.ravel(), sizes.ravel()).reshape(values.shape)
    return histories(cells, z, p, q)


def histories(
    cells: NDArray[np.uint64], z: NDArray[np.float64], p: NDArray[np.float64], q: float = 0.05
) -> pd.DataFrame:
    """Return the categories of cells whose bins were tested already, by whatever statistic.

    Parameters
    ----------
    cells : ndarray of uint64, shape (n,)
    z, p : ndarray of float64, shape (n, t)
        Strength and significance of each bin.
    q : float
        As `emerging`.

    Returns
    -------
    DataFrame
        As `emerging`, in the order of the cells.
    """
    rejected = benjamini_hochberg(p, q)
    hot = np.where(rejected, np.sign(z), 0).astype(np.int8)
    trend = mann_kendall(z)
    rising = np.where(trend["p"].to_numpy() <= q, np.sign(trend["z"].to_numpy()), 0)
    warm, cold = categories(hot, rising), categories(-hot, -rising, cold=True)
    result = pd.DataFrame(
        {
            "category": np.where(warm != Category.NONE, warm, cold),
            "trend_z": trend["z"].to_numpy(),
            "trend_p": trend["p"].to_numpy(),
            "share_hot": (hot > 0).mean(axis=1),
            "share_cold": (hot < 0).mean(axis=1),
            "last_z": z[:, -1],
            "last_p": p[:, -1],
            "hot_since": run_start(hot > 0),
        },
        index=pd.Index(cells, name="cell"),
    )
    result.attrs["hot"] = hot
    return result


def categories(
    hot: NDArray[np.int8], rising: NDArray[np.float64], *, cold: bool = False
) -> NDArray[np.object_]:
    """Return the category of each history.

    Parameters
    ----------
    hot : ndarray of int8, shape (n, t)
        1 significant, -1 significantly the opposite, 0 neither.
    rising : ndarray, shape (n,)
        1 where the strength rises significantly, -1 where it falls, else 0.
    cold : bool
        True to name the cold counterparts: give ``-hot`` and ``-rising`` then, for the strength of a cold
        spot rises when its z falls.

    Examples
    --------
    >>> history = [[0, 0, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [-1, 1, 0, 1], [1, 1, 1, 1]]
    >>> [str(one) for one in categories(np.array(history, dtype=np.int8), np.zeros(5))]
    ['new_hot', 'consecutive_hot', 'sporadic_hot', 'oscillating_hot', 'persistent_hot']
    """
    is_hot = hot > 0
    steps = hot.shape[1]
    share = is_hot.mean(axis=1)
    last = is_hot[:, -1]
    always = share >= ALWAYS
    start = run_start(is_hot)
    run = np.where(start >= 0, steps - start, 0)
    only_run = last & (is_hot.sum(axis=1) == run)
    opposite = (hot < 0).any(axis=1)
    rules = [
        ("new", last & (is_hot.sum(axis=1) == 1)),
        ("intensifying", always & last & (rising > 0)),
        ("diminishing", always & last & (rising < 0)),
        ("persistent", always & last),
        ("historical", always & ~last),
        ("consecutive", only_run & (run >= 2)),
        ("oscillating", last & opposite),
        ("sporadic", last),
    ]
    side = "cold" if cold else "hot"
    names = [Category.NONE] + [Category(f"{name}_{side}") for name, _ in rules]
    met = np.column_stack([rule for _, rule in rules])
    first = np.where(met.any(axis=1), met.argmax(axis=1) + 1, 0)
    return np.fromiter((names[one] for one in first), dtype=object, count=len(first))


def run_start(hot: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the first step of the unbroken run to the last step; -1 where the last step is not in one.

    Examples
    --------
    >>> run_start(np.array([[True, False, True, True], [True, True, True, False]])).tolist()
    [2, -1]
    """
    steps = hot.shape[1]
    cool = ~hot[:, ::-1]
    run = np.where(cool.any(axis=1), cool.argmax(axis=1), steps)
    return np.asarray(np.where(run > 0, steps - run, -1), dtype=np.int64)


def _checked(cube: pd.DataFrame, steps_back: int) -> tuple[NDArray[np.float64], NDArray[np.uint64]]:
    cells = as_cells(cube.index.to_numpy())
    values = cube.to_numpy(dtype=np.float64)
    if values.shape[1] < 2:
        raise BadInput(f"a history needs at least two steps, not {values.shape[1]}", steps=values.shape[1])
    if not 0 <= steps_back < values.shape[1]:
        raise BadInput(f"steps_back is 0 to {values.shape[1] - 1}, not {steps_back}", steps_back=steps_back)
    if not np.isfinite(values).all():
        raise BadInput("the cube has values that are no numbers")
    order = np.argsort(cells, kind="stable")
    return values[order], cells[order]
