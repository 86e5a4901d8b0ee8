"""Antenna patterns: the element of 3GPP TR 38.901, arrays of it, and measured cuts."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import BadInput

Floats = NDArray[np.float64]

#: Table 7.3-1: widths in degrees, limits of the attenuation in dB, gain of the element in dBi.
ELEMENT_WIDTH_DEG, ELEMENT_LIMIT_DB, ELEMENT_GAIN_DBI = 65.0, 30.0, 8.0
#: Least share of its peak that an array factor has anywhere: real arrays fill their nulls.
NULL_FILL = 1e-3
_ARRAY = re.compile(r"^(\d{1,2})x(\d{1,2})$")


@dataclass(frozen=True)
class Pattern:
    """Attenuation of an antenna as two cuts, and what its rows add.

    Attributes
    ----------
    gain_dbi : float
        Of one element of an array, or of the whole antenna.
    horizontal_db : ndarray
        Attenuation at even steps of a whole turn, clockwise from the main direction.
    vertical_db : ndarray
        The same turning down from the horizon along the main direction; three quarters on is the zenith.
    limit_db : float
        Greatest attenuation of both cuts together.
    rows : int
        Elements over each other; 1 for an antenna whose cuts say everything.
    spacing : float
        Between the rows, in wavelengths.
    name : str
    """

    gain_dbi: float
    horizontal_db: Floats
    vertical_db: Floats
    limit_db: float = float("inf")
    rows: int = 1
    spacing: float = 0.5
    name: str = ""

    @property
    def peak_dbi(self) -> float:
        """Greatest gain that the pattern can have."""
        return self.gain_dbi + 10 * float(np.log10(self.rows))

    @property
    def tilts_electrically(self) -> bool:
        """Whether the rows can be steered."""
        return self.rows > 1


def element(beamwidth_deg: float = ELEMENT_WIDTH_DEG, gain_dbi: float = ELEMENT_GAIN_DBI) -> Pattern:
    """Return the radiation pattern of one element (TR 38.901 V19.4.0, table 7.3-1).

    Parameters
    ----------
    beamwidth_deg : float
        Horizontal width at half power; 65 in the report.

    Examples
    --------
    >>> one = element()
    >>> float(one.horizontal_db[650]), float(one.horizontal_db[1800]), one.gain_dbi
    (12.0, 30.0, 8.0)
    """
    if not 0 < beamwidth_deg <= 360:
        raise BadInput(f"a beam cannot be {beamwidth_deg} degrees wide", beamwidth_deg=beamwidth_deg)
    angle = np.arange(3600) / 10
    away = np.minimum(angle, 360 - angle)
    across = np.minimum(12 * (away / beamwidth_deg) ** 2, ELEMENT_LIMIT_DB)
    upright = np.minimum(12 * (away / ELEMENT_WIDTH_DEG) ** 2, ELEMENT_LIMIT_DB)
    return Pattern(gain_dbi, across, upright, ELEMENT_LIMIT_DB, name="tr38901")


def array(rows: int, beamwidth_deg: float = ELEMENT_WIDTH_DEG, *, spacing: float = 0.5) -> Pattern:
    """Return a column of elements whose phases tilt the beam electrically.

    Parameters
    ----------
    rows : int
        Elements over each other, 1 to 32.
    spacing : float
        Between the rows, in wavelengths.

    Notes
    -----
    Array factor of TR 36.897 clause 7.1: weights exp(-j 2 pi (m-1) d cos(tilt)) / sqrt(M). The columns of a
    panel steer traffic beams; the synchronisation signal is taken as one beam as wide as the sector.

    Examples
    --------
    >>> round(array(8).peak_dbi, 2)
    17.03
    """
    if not 1 <= rows <= 32 or spacing <= 0:
        raise BadInput(f"an array of {rows} rows, {spacing} wavelengths apart, cannot be", rows=rows)
    one = element(beamwidth_deg)
    name = f"array of {rows} rows, {spacing:g} wavelengths apart"
    return Pattern(one.gain_dbi, one.horizontal_db, one.vertical_db, one.limit_db, rows, spacing, name)


def omnidirectional(gain_dbi: float = 0.0) -> Pattern:
    """Return a pattern that radiates alike in every direction.

    Examples
    --------
    >>> float(antenna_gain(omnidirectional(2.0), 123.0, -4.0))
    2.0
    """
    return Pattern(gain_dbi, np.zeros(360), np.zeros(360), name="omni")


def without_azimuth(pattern: Pattern) -> Pattern:
    """Return the pattern of an antenna whose azimuth nobody knows: its mean power in every direction.

    Examples
    --------
    >>> found = without_azimuth(element())
    >>> round(found.gain_dbi - element().gain_dbi, 1), float(found.horizontal_db.max())
    (-7.1, 0.0)
    """
    mean = 10 * float(np.log10((10 ** (-pattern.horizontal_db / 10)).mean()))
    return Pattern(
        pattern.gain_dbi + mean, np.zeros(360), pattern.vertical_db, pattern.limit_db, pattern.rows,
        pattern.spacing, f"{pattern.name}, azimuth unknown",
    )  # fmt: skip


def named(text: str, beamwidth_deg: float = ELEMENT_WIDTH_DEG) -> Pattern:
    """Return the pattern that a short name describes.

    Parameters
    ----------
    text : str
        ``omni``, ``tr38901`` (the element), or rows x columns such as ``8x8``.
    beamwidth_deg : float
        Horizontal width at half power.

    Raises
    ------
    BadInput
        For any other text.

    Examples
    --------
    >>> named("4x2").rows, named("tr38901").rows
    (4, 1)
    """
    word = text.strip().lower()
    if word in ("omni", "isotropic"):
        return omnidirectional()
    if word in ("tr38901", "3gpp", "element"):
        return element(beamwidth_deg)
    if found := _ARRAY.match(word):
        return array(int(found[1]), beamwidth_deg)
    raise BadInput(
        f"antenna pattern {text!r} is neither omni, tr38901, an array such as 8x8, nor a given file",
        pattern=text,
    )


def antenna_gain(
    pattern: Pattern,
    azimuth_off_deg: ArrayLike,
    below_horizon_deg: ArrayLike,
    *,
    mechanical_tilt_deg: ArrayLike = 0.0,
    electrical_tilt_deg: ArrayLike = 0.0,
) -> Floats:
    """Return the gain of an antenna towards a direction in dBi.

    Parameters
    ----------
    pattern : Pattern
    azimuth_off_deg : array_like
        Clockwise from the direction the antenna faces, in degrees.
    below_horizon_deg : array_like
        Angle below the horizon, in degrees; negative above it.
    mechanical_tilt_deg : array_like
        The antenna is turned about its horizontal axis: down ahead, up behind, not at its sides.
    electrical_tilt_deg : array_like
        The rows are steered down alike in every direction. An antenna with one row is turned as a whole cone:
        its vertical cut is shifted.

    Examples
    --------
    >>> float(antenna_gain(element(), 65.0, 0.0)), float(antenna_gain(element(), 0.0, 10.0).round(3))
    (-4.0, 7.716)
    >>> float(antenna_gain(array(8), 0.0, 6.0, electrical_tilt_deg=6.0).round(2))
    16.93
    """
    across, down = np.radians(azimuth_off_deg), np.radians(below_horizon_deg)
    turned = np.radians(mechanical_tilt_deg)
    forward, right, fall = np.cos(down) * np.cos(across), np.cos(down) * np.sin(across), np.sin(down)
    ahead = forward * np.cos(turned) + fall * np.sin(turned)
    below = fall * np.cos(turned) - forward * np.sin(turned)
    phi = np.degrees(np.arctan2(right, ahead))
    theta = np.degrees(np.arcsin(np.clip(below, -1, 1)))
    return vertical_and_horizontal(pattern, phi, theta, electrical_tilt_deg)


def vertical_and_horizontal(
    pattern: Pattern, phi_deg: ArrayLike, theta_deg: ArrayLike, electrical_tilt_deg: ArrayLike
) -> Floats:
    """Return the gain in the antenna's own angles: ``phi`` clockwise and ``theta`` down from its axis."""
    phi, theta = np.asarray(phi_deg, dtype=float), np.asarray(theta_deg, dtype=float)
    electrical = np.asarray(electrical_tilt_deg, dtype=float)
    upright, rows = vertical_cut(pattern, theta, electrical)
    loss = np.minimum(between(pattern.horizontal_db, phi) + upright, pattern.limit_db)
    return np.asarray(pattern.gain_dbi - loss + 10 * np.log10(rows))


def vertical_cut(pattern: Pattern, theta_deg: Floats, electrical_tilt_deg: Floats) -> tuple[Floats, Floats]:
    """Return the vertical attenuation in dB and the array factor as a ratio of power."""
    if not pattern.tilts_electrically:
        shifted = theta_deg - electrical_tilt_deg
        return between(pattern.vertical_db, shifted), np.ones(np.broadcast(shifted).shape)
    return between(pattern.vertical_db, theta_deg), array_factor(
        pattern.rows, pattern.spacing, theta_deg, electrical_tilt_deg
    )


def array_factor(rows: int, spacing: float, theta_deg: ArrayLike, tilt_deg: ArrayLike) -> Floats:
    """Return what a column of rows adds, as a ratio of power: ``rows`` along the beam.

    Examples
    --------
    >>> float(array_factor(8, 0.5, 6.0, 6.0))
    8.0
    """
    step = np.pi * spacing * (np.sin(np.radians(theta_deg)) - np.sin(np.radians(tilt_deg)))
    under = np.sin(step)
    flat = np.abs(under) < 1e-9
    power = np.divide(np.sin(rows * step), under, out=np.full(np.shape(step), float(rows)), where=~flat) ** 2
    return np.asarray(np.maximum(power / rows, NULL_FILL * rows))


def between(cut_db: Floats, angle_deg: ArrayLike) -> Floats:
    """Return a cut between its values, linearly in dB.

    Examples
    --------
    >>> float(between(np.arange(360.0), -0.5))
    179.5
    """
    count = len(cut_db)
    step = (np.asarray(angle_deg, dtype=float) % 360) * (count / 360)
    low = np.floor(step).astype(int) % count
    part = step - np.floor(step)
    return np.asarray(cut_db[low] * (1 - part) + cut_db[(low + 1) % count] * part)
