"""Lookup tables of path loss by squared distance and of antennas by direction, and reading them in a loop.

Looking up needs no logarithm and no trigonometry: bits of the squared distance number its row, and angles are
taken round a square. All levels are powers: milliwatts, or ratios of them.
"""

# ruff: noqa: PLR0917 - compiled functions take their arguments by place
from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.compiled import compiled_fast as compiled
from geo.radio.antenna import Pattern, between, vertical_cut
from geo.radio.path_loss import NEAREST_M
from geo.radio.states import states_of

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

#: Entries for each doubling of the squared distance, as a power of two.
_FINE = 6
_SHIFT = 23 - _FINE
_MASK = (1 << _SHIFT) - 1
_NEAREST_SQUARED = np.float32(NEAREST_M**2)
_FIRST_KEY = int(_NEAREST_SQUARED.view(np.int32)) >> _SHIFT
#: Entries of the pattern tables.
ACROSS, UPRIGHT = 4096, 8192
#: Columns of the loss table.
MEDIAN, SEEN, HIDDEN, PROBABILITY, SIGMA_SEEN, SIGMA_HIDDEN = range(6)
COLUMNS = 6


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
        Of `geo.radio.states`.
    distances_m : ndarray
        Roots of `squared_distances`.
    """
    table = np.empty((len(distances_m), COLUMNS), dtype=np.float32)
    at = states_of(model, distances_m, frequency_ghz, base_height_m, user_height_m)
    for column, values in ((MEDIAN, at.median), (SEEN, at.seen), (HIDDEN, at.hidden)):
        table[:, column] = 10 ** (-values / 10)
    # A model without a line of sight has one state.
    table[:, PROBABILITY] = np.nan_to_num(at.chance, nan=1.0)
    table[:, SIGMA_SEEN], table[:, SIGMA_HIDDEN] = at.sigma_seen, at.sigma_hidden
    return table


def horizontal_table(pattern: Pattern) -> Singles:
    """Return the horizontal cut, as a ratio, over the angle that `pattern_gain` makes."""
    turn = np.arange(ACROSS + 1) * (4 / ACROSS)
    q = np.where(turn <= 2, turn - 1, 3 - turn)
    forward = np.where(turn <= 2, 1.0, -1.0) * (1 - np.abs(q))
    return (10 ** (-between(pattern.horizontal_db, np.degrees(np.arctan2(q, forward))) / 10)).astype(
        np.float32
    )


def vertical_table(pattern: Pattern, electrical_tilt_deg: float) -> Singles:
    """Return the vertical cut and the array factor, as ratios, over ``down / (|down| + level)``."""
    q = np.arange(UPRIGHT + 1) * (2 / UPRIGHT) - 1
    theta = np.degrees(np.arctan2(q, 1 - np.abs(q)))
    cut, rows = vertical_cut(pattern, theta, np.asarray(electrical_tilt_deg, dtype=float))
    return np.column_stack([10 ** (-cut / 10), rows]).astype(np.float32)


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
    turn = (1.0 + q if ahead >= 0 else 3.0 - q) * (ACROSS / 4)
    return looked_up(sectors, tables, j, turn, (down / (abs(down) + level + 1e-12) + 1.0) * (UPRIGHT / 2))


@compiled
def looked_up(sectors: Any, tables: Any, j: int, turn: float, fall: float) -> float:
    """Return the gain at places in the horizontal and the vertical table of sector ``j``."""
    # Elements are taken one by one: a slice of a table would be counted by whoever holds it, for each pair.
    cut, at = sectors.across[j], min(int(turn), ACROSS - 1)
    here = tables.across[cut, at]
    flat = here + (tables.across[cut, at + 1] - here) * (turn - at)
    cut, at = sectors.upright[j], min(int(fall), UPRIGHT - 1)
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
