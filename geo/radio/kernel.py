"""Lookup tables, and the compiled loop over pairs of a sector and a point.

A pair costs one square root, two divisions and three look-ups: the loss by the squared distance, the
horizontal and the vertical pattern by angles that need no trigonometry. All levels are powers: milliwatts, or
ratios of them.
"""

# ruff: noqa: PLR0917 - compiled functions take their arguments by place
from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import ndtr

from geo.radio.antenna import Pattern, between, vertical_cut
from geo.radio.line_of_sight import line_of_sight_probability
from geo.radio.path_loss import NEAREST_M, free_space, path_loss, rural_breakpoint_m, shadowing_db
from geo.radio.terrain import Heights, bullington

P = ParamSpec("P")
R = TypeVar("R")
Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int32]

#: Entries for each doubling of the squared distance, as a power of two.
_FINE = 6
_SHIFT = 23 - _FINE
_MASK = (1 << _SHIFT) - 1
_NEAREST_SQUARED = np.float32(NEAREST_M**2)
_FIRST_KEY = int(_NEAREST_SQUARED.view(np.int32)) >> _SHIFT
#: Entries of the pattern tables.
_ACROSS, _UPRIGHT = 4096, 8192
#: Side of the squares that share one list of candidates, as a share of the cut-off.
_SQUARES = 8
#: Columns of the loss table.
MEDIAN, SEEN, HIDDEN, PROBABILITY, SIGMA_SEEN, SIGMA_HIDDEN = range(6)
COLUMNS = 6
#: Rows of the copy that the loops over one square read.
_X, _Y, _SINE, _COSINE, _TILT_SINE, _TILT_COSINE, _HEAD = range(7)
_NEAR = 7
_ZERO, _ONE, _THREE, _LITTLE = np.float32(0), np.float32(1), np.float32(3), np.float32(1e-12)
_TURN, _FALL = np.float32(_ACROSS / 4), np.float32(_UPRIGHT / 2)


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile with numba, without the interpreter's lock, and keep the result on disk; types stay plain."""
    return cast("Callable[P, R]", numba.njit(cache=True, nogil=True, fastmath=True)(function))


class Tables(NamedTuple):
    """What the loop looks up.

    Attributes
    ----------
    loss : ndarray of float32, shape (classes, n, 6)
        By squared distance: gain (a ratio under 1) at the median, with and without line of sight; probability
        of line of sight; standard deviations of shadowing.
    across : ndarray of float32, shape (patterns, 4097)
    upright : ndarray of float32, shape (cuts, 8193, 2)
        Vertical pattern and array factor.
    floor : ndarray of float32, shape (patterns,)
        Least product of both patterns.
    """

    loss: Singles
    across: Singles
    upright: Singles
    floor: Singles


class Sectors(NamedTuple):
    """Sectors as arrays, those of one mast beside each other.

    Attributes
    ----------
    mast : ndarray of int32
        Number of the mast and loss class that a sector belongs to, ascending.
    power : ndarray of float32
        Milliwatts in one resource element, with the gain of one antenna element.
    over : ndarray
        Antenna above the user on level ground, in metres.
    ground : ndarray
        Height of the ground at the mast; 0 where there is no terrain.
    """

    x: Floats
    y: Floats
    over: Floats
    ground: Floats
    sine: Floats
    cosine: Floats
    tilt_sine: Floats
    tilt_cosine: Floats
    power: Singles
    loss: Integers
    across: Integers
    upright: Integers
    mast: Integers
    frequency_ghz: Floats


class Points(NamedTuple):
    """Points sorted by square, with the sectors that may reach each square."""

    x: Floats
    y: Floats
    ground: Floats
    order: NDArray[np.intp]
    square: NDArray[np.int64]
    first: NDArray[np.int64]
    candidates: Integers


class Ground(NamedTuple):
    """Rasters for the loop: what stands on the ground, and bare ground; empty ones are not used."""

    surface: Singles
    terrain: Singles
    west: float
    south: float
    step: float
    reach_squared: float


NO_GROUND = Ground(np.zeros((0, 0), np.float32), np.zeros((0, 0), np.float32), 0.0, 0.0, 1.0, 0.0)


def ground_of(surface: Heights | None, terrain: Heights | None, reach_m: float) -> Ground:
    """Return rasters for the loop; both, where given, lie on one grid."""
    one = surface or terrain
    if one is None:
        return NO_GROUND
    empty = np.zeros((0, 0), np.float32)
    return Ground(
        empty if surface is None else np.ascontiguousarray(surface.values, dtype=np.float32),
        empty if terrain is None else np.ascontiguousarray(terrain.values, dtype=np.float32),
        one.west, one.south, one.step, reach_m**2,
    )  # fmt: skip


def squared_distances(cutoff_m: float) -> Floats:
    """Return the squared distances at which the loss is tabulated."""
    last = int(np.float32(cutoff_m**2).view(np.int32)) >> _SHIFT
    keys = (np.arange(_FIRST_KEY, last + 3, dtype=np.int64) << _SHIFT).astype(np.int32)
    return keys.view(np.float32).astype(float)


def loss_table(
    model: str, frequency_ghz: float, base_height_m: float, user_height_m: float, distances_m: Floats
) -> Singles:
    """Return the rows of one class of sectors.

    Parameters
    ----------
    model : str
        Of `geo.radio.path_loss`, or ``free_space``.
    distances_m : ndarray
        Roots of `squared_distances`.
    """
    table = np.empty((len(distances_m), COLUMNS), dtype=np.float32)
    if model == "free_space":
        slant = np.hypot(np.maximum(distances_m, 1.0), base_height_m - user_height_m)
        table[:, [MEDIAN, SEEN, HIDDEN]] = 10 ** (-free_space(slant, frequency_ghz)[:, None] / 10)
        table[:, PROBABILITY], table[:, SIGMA_SEEN], table[:, SIGMA_HIDDEN] = 1.0, 4.0, 4.0
        return table
    heights: dict[str, Any] = {"base_height_m": base_height_m, "user_height_m": user_height_m}
    seen = path_loss(model, distances_m, frequency_ghz, line_of_sight=True, **heights)
    hidden = path_loss(model, distances_m, frequency_ghz, line_of_sight=False, **heights)
    probability = line_of_sight_probability(model, distances_m, **heights)
    beyond = distances_m > rural_breakpoint_m(frequency_ghz, base_height_m, user_height_m)
    sigma_seen = shadowing_db(model, True, beyond_breakpoint=beyond)
    sigma_hidden = shadowing_db(model, np.zeros(len(distances_m), dtype=bool))
    median = median_loss(seen, hidden, probability, sigma_seen, sigma_hidden)
    for column, values in ((MEDIAN, median), (SEEN, seen), (HIDDEN, hidden)):
        table[:, column] = 10 ** (-values / 10)
    table[:, PROBABILITY] = probability
    table[:, SIGMA_SEEN], table[:, SIGMA_HIDDEN] = sigma_seen, sigma_hidden
    return table


def median_loss(
    seen: Floats, hidden: Floats, probability: Floats, sigma_seen: Floats, sigma_hidden: Floats
) -> Floats:
    """Return the loss that half of the places at a distance do not exceed, with or without line of sight.

    The mean of both losses in dB is the loss of nobody; the median is reached by half of the places.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> median_loss(100 * one, 120 * one, 0.5 * one, 4 * one, 4 * one).round(1).tolist()
    [110.0]
    """
    low, high = np.minimum(seen, hidden) - 1e-9, np.maximum(seen, hidden) + 1e-9
    for _ in range(34):
        middle = (low + high) / 2
        under = probability * ndtr((middle - seen) / sigma_seen)
        under = under + (1 - probability) * ndtr((middle - hidden) / sigma_hidden)
        low, high = np.where(under < 0.5, middle, low), np.where(under < 0.5, high, middle)
    return np.asarray((low + high) / 2)


def horizontal_table(pattern: Pattern) -> Singles:
    """Return the horizontal cut, as a ratio, over the angle that `pattern_gain` makes."""
    turn = np.arange(_ACROSS + 1) * (4 / _ACROSS)
    q = np.where(turn <= 2, turn - 1, 3 - turn)
    forward = np.where(turn <= 2, 1.0, -1.0) * (1 - np.abs(q))
    return (10 ** (-between(pattern.horizontal_db, np.degrees(np.arctan2(q, forward))) / 10)).astype(
        np.float32
    )


def vertical_table(pattern: Pattern, electrical_tilt_deg: float) -> Singles:
    """Return the vertical cut and the array factor, as ratios, over ``down / (|down| + level)``."""
    q = np.arange(_UPRIGHT + 1) * (2 / _UPRIGHT) - 1
    theta = np.degrees(np.arctan2(q, 1 - np.abs(q)))
    cut, rows = vertical_cut(pattern, theta, np.asarray(electrical_tilt_deg, dtype=float))
    return np.column_stack([10 ** (-cut / 10), rows]).astype(np.float32)


def sort_points(x: Floats, y: Floats, ground: Floats, sectors: Sectors, cutoff_m: float) -> Points:
    """Sort points into squares and list the sectors within the cut-off of each square."""
    side = cutoff_m / _SQUARES
    column, row = np.floor(x / side).astype(np.int64), np.floor(y / side).astype(np.int64)
    key = (row - row.min()) * (column.max() - column.min() + 1) + column - column.min()
    # Keys of two bytes are sorted by counting, in a fifth of the time.
    order = np.argsort(key.astype(np.uint16) if key.max() < 1 << 16 else key, kind="stable")
    _, starts = np.unique(key[order], return_index=True)
    middle = np.column_stack([(column[order[starts]] + 0.5) * side, (row[order[starts]] + 0.5) * side])
    tree = cKDTree(np.column_stack([sectors.x, sectors.y]))
    lists = tree.query_ball_point(middle, cutoff_m + side * math.sqrt(0.5), return_sorted=True)
    sizes = np.array([len(one) for one in lists], dtype=np.int64)
    candidates = np.concatenate([np.asarray(one, dtype=np.int32) for one in lists]).astype(np.int32)
    square = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(x))))
    return Points(
        x[order], y[order], ground[order], order, square, np.concatenate([[0], np.cumsum(sizes)]), candidates
    )


@compiled
def pattern_gain(sectors: Any, tables: Any, j: int, dx: float, dy: float, down: float) -> float:
    """Return the gain of sector ``j`` towards a vector from it; the element's peak is 1."""
    ahead = dx * sectors.sine[j] + dy * sectors.cosine[j]
    right = dx * sectors.cosine[j] - dy * sectors.sine[j]
    tilt_sine, tilt_cosine = sectors.tilt_sine[j], sectors.tilt_cosine[j]
    if tilt_sine != 0.0:
        ahead, down = ahead * tilt_cosine + down * tilt_sine, down * tilt_cosine - ahead * tilt_sine
    level = math.sqrt(ahead * ahead + right * right)
    q = right / (abs(ahead) + abs(right) + 1e-12)
    turn = (1.0 + q if ahead >= 0 else 3.0 - q) * (_ACROSS / 4)
    return looked_up(sectors, tables, j, turn, (down / (abs(down) + level + 1e-12) + 1.0) * (_UPRIGHT / 2))


@compiled
def looked_up(sectors: Any, tables: Any, j: int, turn: float, fall: float) -> float:
    """Return the gain at places in the horizontal and the vertical table of sector ``j``."""
    # Elements are taken one by one: a slice of a table would be counted by whoever holds it, for each pair.
    cut, at = sectors.across[j], min(int(turn), _ACROSS - 1)
    here = tables.across[cut, at]
    flat = here + (tables.across[cut, at + 1] - here) * (turn - at)
    cut, at = sectors.upright[j], min(int(fall), _UPRIGHT - 1)
    part = fall - at
    here, rows = tables.upright[cut, at, 0], tables.upright[cut, at, 1]
    steep = here + (tables.upright[cut, at + 1, 0] - here) * part
    gain: float = max(flat * steep, tables.floor[sectors.across[j]])
    gain *= rows + (tables.upright[cut, at + 1, 1] - rows) * part
    return gain


@compiled
def entry(squared: Any) -> Any:
    """Return the row of the loss table that a squared distance lies after, and how far to the next."""
    bits = np.float32(max(squared, _NEAREST_SQUARED)).view(np.int32)
    return (bits >> _SHIFT) - _FIRST_KEY, (bits & _MASK) * (1.0 / (1 << _SHIFT))


@compiled
def is_seen(points: Any, sectors: Any, ground: Any, i: int, j: int, user_height: float) -> bool:
    """Tell whether nothing on the surface rises over the line from a user to an antenna."""
    rows, columns = ground.surface.shape
    east, north = sectors.x[j] - points.x[i], sectors.y[j] - points.y[i]
    foot = points.ground[i] + user_height
    rise = sectors.ground[j] + user_height + sectors.over[j] - foot
    count = int(math.sqrt(east * east + north * north) / ground.step)
    for k in range(1, count - 1):
        part = k / count
        column = int((points.x[i] + east * part - ground.west) / ground.step)
        row = int((points.y[i] + north * part - ground.south) / ground.step)
        inside = 0 <= row < rows and 0 <= column < columns
        if inside and ground.surface[row, column] > foot + rise * part:
            return False
    return True


@compiled
def over_terrain(points: Any, sectors: Any, ground: Any, i: int, j: int, user_height: float) -> float:
    """Return the gain, a ratio of at most 1, of the way over bare ground between an antenna and a user."""
    rows, columns = ground.terrain.shape
    east, north = points.x[i] - sectors.x[j], points.y[i] - sectors.y[j]
    length = math.sqrt(east * east + north * north)
    count = int(length / ground.step)
    if count < 2:
        return 1.0
    distance, height = np.empty(count + 1), np.empty(count + 1)
    for k in range(count + 1):
        part = k / count
        column = int((sectors.x[j] + east * part - ground.west) / ground.step)
        row = int((sectors.y[j] + north * part - ground.south) / ground.step)
        distance[k] = length * part
        height[k] = ground.terrain[min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)]
    start = height[0] + sectors.over[j] + user_height
    loss = bullington(distance, height, start, height[count] + user_height, sectors.frequency_ghz[j])
    return float(10.0 ** (-loss / 10))


@compiled
def _take(sectors: Any, candidates: Any, near: Any, x: float, y: float) -> None:
    """Copy what the loops need of some sectors beside each other, as they lie from (x, y)."""
    for k in range(len(candidates)):
        j = candidates[k]
        near[_X, k], near[_Y, k] = sectors.x[j] - x, sectors.y[j] - y
        near[_SINE, k], near[_COSINE, k] = sectors.sine[j], sectors.cosine[j]
        near[_TILT_SINE, k], near[_TILT_COSINE, k] = sectors.tilt_sine[j], sectors.tilt_cosine[j]
        near[_HEAD, k] = sectors.over[j] + sectors.ground[j]


# Each of the next three fills one array from a few others and branches nowhere, so that the compiler computes
# eight sectors at a time; single precision is a tenth of a millimetre in 4 km.
@compiled
def _squares(near: Any, x: Any, y: Any, out: Any) -> None:
    for k in range(len(out)):
        dx, dy = x - near[_X, k], y - near[_Y, k]
        out[k] = dx * dx + dy * dy


@compiled
def _turns(near: Any, x: Any, y: Any, ground: Any, out: Any) -> None:
    for k in range(len(out)):
        dx, dy = x - near[_X, k], y - near[_Y, k]
        ahead = dx * near[_SINE, k] + dy * near[_COSINE, k]
        right = dx * near[_COSINE, k] - dy * near[_SINE, k]
        ahead = ahead * near[_TILT_COSINE, k] + (near[_HEAD, k] - ground) * near[_TILT_SINE, k]
        # A quarter of the turn for each side of a square about the mast: an angle without a tangent.
        q = right / (abs(ahead) + abs(right) + _LITTLE)
        out[k] = (_ONE + q if ahead >= 0 else _THREE - q) * _TURN


@compiled
def _falls(near: Any, x: Any, y: Any, ground: Any, out: Any) -> None:
    for k in range(len(out)):
        dx, dy = x - near[_X, k], y - near[_Y, k]
        down = near[_HEAD, k] - ground
        ahead = dx * near[_SINE, k] + dy * near[_COSINE, k]
        slant = dx * dx + dy * dy + down * down
        down = down * near[_TILT_COSINE, k] - ahead * near[_TILT_SINE, k]
        level = np.sqrt(max(slant - down * down, _ZERO))
        out[k] = (down / (abs(down) + level + _LITTLE) + _ONE) * _FALL


@compiled
def strongest(
    points: Any,
    sectors: Any,
    tables: Any,
    ground: Any,
    cutoff_squared: float,
    user_height: float,
    start: int,
    end: int,
) -> tuple[Any, Any, Any]:
    """Return for points ``start`` to ``end`` the best sector (-1: none), its power and all power, in mW."""
    best = np.full(end - start, -1, np.int32)
    best_power, total = np.zeros(end - start, np.float32), np.zeros(end - start, np.float32)
    by_sight, by_terrain = ground.surface.size > 0, ground.terrain.size > 0
    most_of_all = np.max(np.diff(points.first)) if len(points.first) > 1 else 0
    near = np.empty((_NEAR, most_of_all), np.float32)
    buffers = np.empty((3, most_of_all), np.float32)
    square, count, origin_x, origin_y = -1, 0, 0.0, 0.0
    candidates = points.candidates
    for i in range(start, end):
        if points.square[i] != square:
            square, origin_x, origin_y = points.square[i], points.x[i], points.y[i]
            candidates = points.candidates[points.first[square] : points.first[square + 1]]
            count = len(candidates)
            _take(sectors, candidates, near, origin_x, origin_y)
        x, y, level = np.float32(points.x[i] - origin_x), np.float32(points.y[i] - origin_y), points.ground[i]
        squared, turn, fall = buffers[0, :count], buffers[1, :count], buffers[2, :count]
        _squares(near, x, y, squared)
        _turns(near, x, y, np.float32(level), turn)
        _falls(near, x, y, np.float32(level), fall)
        most, every, who, last = 0.0, 0.0, -1, -1
        column, hill = MEDIAN, 1.0
        for k in range(count):
            if squared[k] > cutoff_squared:
                continue
            j = candidates[k]
            if (by_sight or by_terrain) and sectors.mast[j] != last:
                last, column = sectors.mast[j], MEDIAN
                if by_sight and squared[k] < ground.reach_squared:
                    column = SEEN if is_seen(points, sectors, ground, i, j, user_height) else HIDDEN
                if by_terrain:
                    hill = over_terrain(points, sectors, ground, i, j, user_height)
            at, part = entry(squared[k])
            kind = sectors.loss[j]
            gone = tables.loss[kind, at, column]
            gone += (tables.loss[kind, at + 1, column] - gone) * part
            here = sectors.power[j] * gone * hill * looked_up(sectors, tables, j, turn[k], fall[k])
            every += here
            if here > most:
                most, who = here, j
        best[i - start], best_power[i - start], total[i - start] = who, most, every
    return best, best_power, total


def on_all_cores(function: Callable[..., R], points: Points, *arguments: Any) -> list[R]:
    """Call a compiled loop for parts of the points on all cores, and return its results in order."""
    count = len(points.x)
    parts = max(1, min(4 * (cpu_count() or 1), count // 2000))
    # Neighbouring points cost about the same: small shares level the load.
    bounds = np.linspace(0, count, parts + 1).astype(int).tolist()
    pairs = list(itertools.pairwise(bounds))
    if parts == 1:
        return [function(points, *arguments, *pairs[0])]
    with ThreadPoolExecutor(cpu_count() or 1) as threads:
        return list(threads.map(lambda pair: function(points, *arguments, *pair), pairs))
