"""Path loss of 3GPP TR 38.901, clause 7.4.1, and of free space."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import BadInput

Floats = NDArray[np.float64]

#: What is computed here, as every result prints it.
RELEASE = "3GPP TR 38.901 V19.4.0 (Release 19), clause 7.4"
#: The report's own speed of light (table 7.4.1-1, notes 1 and 5), not 299,792,458 m/s: 0.006 dB at most.
LIGHT_M_S = 3.0e8
#: Least horizontal distance that the models are defined for; what is nearer is taken to be there.
NEAREST_M = 10.0
MODELS = ("uma", "umi", "rma", "sma")


def path_loss(
    model: str,
    distance_2d_m: ArrayLike,
    frequency_ghz: ArrayLike,
    *,
    base_height_m: ArrayLike,
    user_height_m: ArrayLike = 1.5,
    line_of_sight: ArrayLike,
    building_height_m: float | None = None,
    street_width_m: float | None = None,
) -> Floats:
    """Return the median path loss between a base station and a user out of doors.

    Parameters
    ----------
    model : {"uma", "umi", "rma", "sma"}
        Urban macro, urban micro (street canyon), rural macro, suburban macro.
    distance_2d_m : array_like
        Horizontal distance in metres; under 10 m the loss at 10 m is given.
    frequency_ghz : array_like
        Carrier frequency.
    base_height_m, user_height_m : array_like
        Antenna heights above ground in metres.
    line_of_sight : array_like of bool
        Which of the two formulas holds.
    building_height_m, street_width_m : float, optional
        Averages that ``rma`` (5 m and 20 m where left out) and ``sma`` (10 m and 10 m) use.

    Returns
    -------
    ndarray
        Decibels; the arguments broadcast.

    Raises
    ------
    BadInput
        For another model; distances, heights or frequencies that are no positive numbers; antennas at or
        under the effective environment height of 1 m.

    Notes
    -----
    TR 38.901 V19.4.0 table 7.4.1-1. The effective environment height is 1 m, which the report gives for
    users under 13 m; for taller ones it is random there and 1 m here. Frequencies of 0.5 to 100 GHz
    (``rma`` to 30) and distances to 5 km (``rma`` with line of sight to 10 km) are the report's;
    beyond them the formulas go on unchanged. The models contain the clutter of their surroundings: add none.

    Examples
    --------
    >>> float(path_loss("uma", 500, 3.5, base_height_m=25, line_of_sight=False).round(2))
    129.92
    """
    known: dict[str, Callable[..., tuple[Floats, Floats]]] = {
        "uma": _uma,
        "umi": _umi,
        "rma": _rma,
        "sma": _sma,
    }
    if model not in known:
        raise BadInput(f"there is no model {model!r}: use {', '.join(MODELS)}", model=model)
    distance = checked_distances(distance_2d_m)
    frequency, base, user = (
        np.asarray(one, dtype=float) for one in (frequency_ghz, base_height_m, user_height_m)
    )
    if not (np.isfinite(frequency) & (frequency > 0)).all():
        raise BadInput("frequencies must be positive numbers of GHz")
    least = 1.0 if model in ("uma", "umi") else 0.0
    for name, height in (("base_height_m", base), ("user_height_m", user)):
        if not (np.isfinite(height) & (height > least)).all():
            raise BadInput(f"{name} must be above {least:g} m in model {model}", parameter=name)
    if model in ("uma", "umi"):
        pair = known[model](np.maximum(distance, NEAREST_M), frequency, base, user)
    else:
        usual = (5.0, 20.0) if model == "rma" else (10.0, 10.0)
        buildings = usual[0] if building_height_m is None else building_height_m
        street = usual[1] if street_width_m is None else street_width_m
        far = np.maximum(distance, NEAREST_M)
        pair = known[model](far, frequency, base, user, height=buildings, width=street)
    return np.where(np.asarray(line_of_sight, dtype=bool), pair[0], pair[1])


def checked_distances(distance_m: ArrayLike) -> Floats:
    """Return distances in metres as numbers.

    Raises
    ------
    BadInput
        Where one is negative, endless or missing.

    Examples
    --------
    >>> checked_distances([0, 250]).tolist()
    [0.0, 250.0]
    """
    distance = np.asarray(distance_m, dtype=float)
    if not (np.isfinite(distance) & (distance >= 0)).all():
        raise BadInput("distances must be numbers of metres, none negative")
    return distance


def free_space(distance_m: ArrayLike, frequency_ghz: ArrayLike) -> Floats:
    """Return the free-space loss in dB over a distance in metres (ITU-R P.525-4, equation 4).

    Examples
    --------
    >>> float(free_space(1000, 2.0).round(2))
    98.47
    """
    distance = np.asarray(distance_m, dtype=float)
    frequency = np.asarray(frequency_ghz, dtype=float)
    if not ((distance > 0).all() and (frequency > 0).all()):
        raise BadInput("free space needs positive distances and frequencies")
    return np.asarray(20 * np.log10(4 * math.pi * distance * frequency * 1e9 / 299_792_458.0))


def shadowing_db(model: str, line_of_sight: ArrayLike, *, beyond_breakpoint: ArrayLike = False) -> Floats:
    """Return the standard deviation of shadow fading in dB (table 7.4.1-1).

    Parameters
    ----------
    model : {"uma", "umi", "rma", "sma"}
    line_of_sight : array_like of bool
    beyond_breakpoint : array_like of bool
        ``rma`` and ``sma`` with line of sight have 6 dB beyond their breakpoint, 4 dB before it.

    Examples
    --------
    >>> shadowing_db("uma", [True, False]).tolist(), float(shadowing_db("rma", True, beyond_breakpoint=True))
    ([4.0, 6.0], 6.0)
    """
    table = {"uma": (4.0, 4.0, 6.0), "umi": (4.0, 4.0, 7.82), "rma": (4.0, 6.0, 8.0), "sma": (4.0, 6.0, 8.0)}
    if model not in table:
        raise BadInput(f"there is no model {model!r}: use {', '.join(MODELS)}", model=model)
    near, far, hidden = table[model]
    seen = np.where(np.asarray(beyond_breakpoint, dtype=bool), far, near)
    return np.where(np.asarray(line_of_sight, dtype=bool), seen, hidden)


def _slant(distance: Floats, base: Floats, user: Floats) -> Floats:
    return np.asarray(np.hypot(distance, base - user))


def _breakpoint(frequency: Floats, base: Floats, user: Floats) -> Floats:
    """Breakpoint of table 7.4.1-1, note 1, with an environment height of 1 m."""
    return np.asarray(4 * (base - 1) * (user - 1) * frequency * 1e9 / LIGHT_M_S)


def _uma(distance: Floats, frequency: Floats, base: Floats, user: Floats) -> tuple[Floats, Floats]:
    lg = np.log10(_slant(distance, base, user))
    bend = _breakpoint(frequency, base, user)
    tone = 20 * np.log10(frequency)
    far = 28 + 40 * lg + tone - 9 * np.log10(bend**2 + (base - user) ** 2)
    seen = np.where(distance <= bend, 28 + 22 * lg + tone, far)
    return seen, np.maximum(seen, 13.54 + 39.08 * lg + tone - 0.6 * (user - 1.5))


def _umi(distance: Floats, frequency: Floats, base: Floats, user: Floats) -> tuple[Floats, Floats]:
    lg = np.log10(_slant(distance, base, user))
    bend = _breakpoint(frequency, base, user)
    tone = 20 * np.log10(frequency)
    far = 32.4 + 40 * lg + tone - 9.5 * np.log10(bend**2 + (base - user) ** 2)
    seen = np.where(distance <= bend, 32.4 + 21 * lg + tone, far)
    hidden = 35.3 * lg + 22.4 + 21.3 * np.log10(frequency) - 0.3 * (user - 1.5)
    return seen, np.maximum(seen, hidden)


def rural_breakpoint_m(
    frequency_ghz: ArrayLike, base_height_m: ArrayLike, user_height_m: ArrayLike
) -> Floats:
    """Return the breakpoint of ``rma`` and ``sma`` in metres (table 7.4.1-1, note 5).

    Examples
    --------
    >>> round(float(rural_breakpoint_m(0.7, 35, 1.5)))
    770
    """
    product = np.asarray(base_height_m, dtype=float) * np.asarray(user_height_m, dtype=float)
    return np.asarray(2 * math.pi * product * np.asarray(frequency_ghz, dtype=float) * 1e9 / LIGHT_M_S)


def _rma(
    distance: Floats, frequency: Floats, base: Floats, user: Floats, *, height: float, width: float
) -> tuple[Floats, Floats]:
    seen, hidden = _sma(distance, frequency, base, user, height=height, width=width)
    return seen, np.maximum(seen, hidden)


def _sma(
    distance: Floats, frequency: Floats, base: Floats, user: Floats, *, height: float, width: float
) -> tuple[Floats, Floats]:
    tall = height**1.72

    def near(metres: Floats) -> Floats:
        wave = 20 * np.log10(40 * math.pi * metres * frequency / 3)
        bent = min(0.03 * tall, 10) * np.log10(metres) - min(0.044 * tall, 14.77)
        return np.asarray(wave + bent + 0.002 * math.log10(height) * metres)

    slant = _slant(distance, base, user)
    bend = rural_breakpoint_m(frequency, base, user)
    seen = np.where(distance <= bend, near(slant), near(bend) + 40 * np.log10(slant / bend))
    hidden = (
        161.04 - 7.1 * math.log10(width) + 7.5 * math.log10(height)
        - (24.37 - 3.7 * (height / base) ** 2) * np.log10(base)
        + (43.42 - 3.1 * np.log10(base)) * (np.log10(slant) - 3)
        + 20 * np.log10(frequency)
        - (3.2 * np.log10(11.75 * user) ** 2 - 4.97)
    )  # fmt: skip
    return seen, np.asarray(hidden)
