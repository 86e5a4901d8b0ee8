"""The compiled loop over pairs of a sector and a point.

A pair costs one square root, two divisions and three look-ups: the loss by the squared distance, the
horizontal and the vertical pattern by angles that need no trigonometry.
"""

# ruff: noqa: PLR0917 - compiled functions take their arguments by place
from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.compiled import compiled_fast as compiled
from geo.radio.surface import NO_OBSTACLES, Obstacles, Surface, in_the_way
from geo.radio.tables import ACROSS, HIDDEN, MEDIAN, SEEN, UPRIGHT, Tables, entry, looked_up
from geo.radio.terrain import Heights, bullington

R = TypeVar("R")
Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int32]

#: Side of the squares that share one list of candidates, as a share of the cut-off.
_SQUARES = 8
#: Rows of the copy that the loops over one square read.
_X, _Y, _SINE, _COSINE, _TILT_SINE, _TILT_COSINE, _HEAD = range(7)
_NEAR = 7
_ZERO, _ONE, _THREE, _LITTLE = np.float32(0), np.float32(1), np.float32(3), np.float32(1e-12)
_TURN, _FALL = np.float32(ACROSS / 4), np.float32(UPRIGHT / 2)


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
    """What lies between, for the loop.

    Attributes
    ----------
    past_buildings : bool
        Whether ``obstacles`` decide line of sight; the model's probability does otherwise.
    terrain : ndarray of float32
        Raster of bare ground; an empty one is not used.
    """

    obstacles: Obstacles
    past_buildings: bool
    terrain: Singles
    west: float
    south: float
    step: float


NO_GROUND = Ground(NO_OBSTACLES, False, np.zeros((0, 0), np.float32), 0.0, 0.0, 1.0)


def ground_of(surface: Surface | None, terrain: Heights | None) -> Ground:
    """Return what the loop needs of the buildings and the ground, each where it is given."""
    found = NO_GROUND
    if terrain is not None:
        raster = np.ascontiguousarray(terrain.values, dtype=np.float32)
        found = found._replace(terrain=raster, west=float(terrain.west), south=float(terrain.south))
        found = found._replace(step=float(terrain.step))
    if surface is not None:
        found = found._replace(obstacles=surface.standing_on(terrain), past_buildings=True)
    return found


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
def is_seen(points: Any, sectors: Any, ground: Any, i: int, j: int, user_height: float) -> bool:
    """Tell whether no building stands between a user and an antenna."""
    foot = points.ground[i] + user_height
    head = sectors.ground[j] + user_height + sectors.over[j]
    building, _, _ = in_the_way(
        ground.obstacles, points.x[i], points.y[i], foot, sectors.x[j], sectors.y[j], head, False
    )
    return bool(building < 0)


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
    tables: Tables,
    ground: Any,
    cutoff_squared: float,
    user_height: float,
    start: int,
    end: int,
) -> tuple[Any, Any, Any]:
    """Return for points ``start`` to ``end`` the best sector (-1: none), its power and all power, in mW."""
    best = np.full(end - start, -1, np.int32)
    best_power, total = np.zeros(end - start, np.float32), np.zeros(end - start, np.float32)
    by_sight, by_terrain = ground.past_buildings, ground.terrain.size > 0
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
                if by_sight:
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
