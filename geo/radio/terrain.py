"""Diffraction over terrain: the Bullington construction of ITU-R P.526 on a profile of bare ground."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.compiled import compiled_unlocked as compiled
from geo.errors import BadInput

Floats = NDArray[np.float64]

SOURCE = "ITU-R P.526-15, clauses 4.1 and 4.5.1 (Bullington), median effective earth radius 8500 km"
#: Effective earth radius in km (P.526, k = 4/3).
EARTH_KM = 8500.0


@dataclass(frozen=True, slots=True)
class Heights:
    """A raster of heights in metres on a projected grid; row 0 is the southernmost.

    Attributes
    ----------
    values : ndarray of float32, shape (rows, columns)
    west, south : float
        Corner of the first cell, in metres of the CRS of the analysis.
    step : float
        Side of a cell in metres.
    """

    values: NDArray[np.float32]
    west: float
    south: float
    step: float

    def at(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Return the height of the cell under each point; that of the nearest edge cell outside.

        Examples
        --------
        >>> Heights(np.array([[1.0, 2.0]], dtype=np.float32), 0, 0, 10).at([5, 15, 99], [5, 5, 5]).tolist()
        [1.0, 2.0, 2.0]
        """
        rows, columns = self.values.shape
        column = np.clip(((np.asarray(x, dtype=float) - self.west) // self.step).astype(int), 0, columns - 1)
        row = np.clip(((np.asarray(y, dtype=float) - self.south) // self.step).astype(int), 0, rows - 1)
        return np.asarray(self.values[row, column], dtype=float)


def knife_edge(v: ArrayLike) -> Floats:
    """Return the loss in dB over one knife edge of parameter ``v`` (P.526-15 equation 31).

    Examples
    --------
    >>> float(knife_edge(0.0).round(2)), float(knife_edge(-1.0))
    (6.03, 0.0)
    """
    parameter = np.asarray(v, dtype=float)
    over = parameter - 0.1
    loss = 6.9 + 20 * np.log10(np.sqrt(over**2 + 1) + over)
    return np.where(parameter > -0.78, loss, 0.0)


def diffraction_loss(
    distance_m: ArrayLike,
    height_m: ArrayLike,
    frequency_ghz: float,
    *,
    base_height_m: float,
    user_height_m: float = 1.5,
) -> float:
    """Return the diffraction loss over a profile of bare ground in dB.

    Parameters
    ----------
    distance_m : array_like, ascending
        From the base station (0) to the user.
    height_m : array_like
        Of the ground above one datum; without buildings or trees, which the path-loss models hold already.
    frequency_ghz : float
    base_height_m, user_height_m : float
        Above the ground at their ends.

    Raises
    ------
    BadInput
        For fewer than two points, two lengths, distances that do not ascend from 0, or values that are no
        numbers.

    Examples
    --------
    >>> ground = np.zeros(101)
    >>> round(diffraction_loss(np.arange(101) * 20.0, ground, 3.5, base_height_m=30), 1)
    0.0
    >>> ground[50] = 80.0
    >>> round(diffraction_loss(np.arange(101) * 20.0, ground, 3.5, base_height_m=30), 1)
    45.7
    """
    distance, ground = np.asarray(distance_m, dtype=float), np.asarray(height_m, dtype=float)
    if len(distance) < 2 or len(distance) != len(ground):
        raise BadInput(f"a profile of {len(distance)} distances and {len(ground)} heights cannot be used")
    if distance[0] != 0 or (np.diff(distance) <= 0).any() or not np.isfinite(ground).all():
        raise BadInput("the profile must start at 0, ascend and hold a height everywhere")
    if frequency_ghz <= 0:
        raise BadInput("the frequency must be positive")
    return float(
        bullington(distance, ground, ground[0] + base_height_m, ground[-1] + user_height_m, frequency_ghz)
    )


@compiled
def bullington(distance: Floats, ground: Floats, start: float, end: float, frequency_ghz: float) -> float:
    """Return the loss of `diffraction_loss`, unchecked; ``start`` and ``end`` are above the datum."""
    whole = distance[-1] / 1000
    wave = 0.299792458 / frequency_ghz
    bulge = 500 / EARTH_KM
    steepest, back, nearest = -1e30, -1e30, -1e30
    for at in range(1, len(distance) - 1):
        way = distance[at] / 1000
        top = ground[at] + bulge * way * (whole - way)
        steepest = max(steepest, (top - start) / way)
        back = max(back, (top - end) / (whole - way))
        line = (start * (whole - way) + end * way) / whole
        nearest = max(nearest, (top - line) * math.sqrt(0.002 * whole / (wave * way * (whole - way))))
    if steepest == -1e30:
        return 0.0
    v = nearest
    if steepest >= (end - start) / whole:
        meet = (end - start + back * whole) / (steepest + back)
        line = (start * (whole - meet) + end * meet) / whole
        v = (start + steepest * meet - line) * math.sqrt(0.002 * whole / (wave * meet * (whole - meet)))
    if v <= -0.78:
        return 0.0
    edge = 6.9 + 20 * math.log10(math.sqrt((v - 0.1) ** 2 + 1) + v - 0.1)
    return over_path(max(edge, 0.0), whole)


@compiled
def over_path(edge_db: float, kilometres: float) -> float:
    """Return the loss of a path over one edge of so much (P.526-15, clause 4.5.1)."""
    return float(edge_db + (1 - math.exp(-edge_db / 6)) * (10 + 0.02 * kilometres))


def cuts_sight(loss_db: float, distance_m: float) -> bool:
    """Return whether ground stands in the line of sight of a path that loses so much over terrain.

    It does from grazing incidence on: 6 dB over the edge, and what the recommendation adds for the path. Less
    is lost over ground close under a clear line.

    Parameters
    ----------
    loss_db : float
        Of `diffraction_loss`.

    Examples
    --------
    >>> cuts_sight(12.0, 2000), cuts_sight(13.0, 2000)
    (False, True)
    """
    return loss_db >= over_path(float(knife_edge(0.0)), distance_m / 1000)
