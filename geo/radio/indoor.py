"""Loss from outdoors to indoors: 3GPP TR 38.901, clause 7.4.3.1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import BadInput

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BuildingClass:
    """How a kind of building lets radio in.

    Attributes
    ----------
    materials : tuple of (share, loss at 0 Hz, loss per GHz)
        Of the outer wall, tables 7.4.3-1 and 7.4.3-2.
    sigma_db : float
        Standard deviation of the penetration loss.
    """

    materials: tuple[tuple[float, float, float], ...]
    sigma_db: float


_GLASS, _COATED, _CONCRETE, _PLYWOOD = (2.0, 0.2), (25.4, 0.11), (5.0, 4.0), (1.03, 0.17)
#: Table 7.4.3-2 of V19.4.0. Releases before 18 had 23 + 0.3 f for coated glass.
BUILDING_CLASSES: dict[str, BuildingClass] = {
    "low_loss": BuildingClass(((0.3, *_GLASS), (0.7, *_CONCRETE)), 4.4),
    "high_loss": BuildingClass(((0.7, *_COATED), (0.3, *_CONCRETE)), 6.5),
    "low_loss_a": BuildingClass(((0.3, *_GLASS), (0.7, *_PLYWOOD)), 4.4),
}
#: Extra loss of a wall that is not met at right angles.
_OBLIQUE_DB = 5.0
#: Loss of each metre inside.
_INSIDE_DB_M = 0.5

#: Uses of buildings that have coated glass, the ``high_loss`` of table 7.4.3-2; others have plain windows.
#: Ours: the report leaves the mix to the user. Dwellings over shops count as dwellings.
HIGH_LOSS_USES = ("office", "commercial", "hotel", "hospital", "transport")


def penetration_loss(building: str, frequency_ghz: ArrayLike, depth_m: ArrayLike = 0.0) -> Floats:
    """Return the median loss through the wall and inside, in dB.

    Parameters
    ----------
    building : {"low_loss", "high_loss", "low_loss_a", "below_6ghz"}
        ``below_6ghz`` is the single value of table 7.4.3-3 for comparison with TR 36.873.
    frequency_ghz : array_like
        Carrier frequency.
    depth_m : array_like
        Way inside the building, d_2D-in; the report draws it evenly up to 25 m (``rma``: 10 m).

    Raises
    ------
    BadInput
        For another class or a negative depth.

    Examples
    --------
    >>> float(penetration_loss("low_loss", 3.5).round(2)), float(penetration_loss("high_loss", 3.5).round(2))
    (12.7, 27.5)
    """
    frequency, depth = np.asarray(frequency_ghz, dtype=float), np.asarray(depth_m, dtype=float)
    if (depth < 0).any():
        raise BadInput("the way inside a building cannot be negative")
    if building == "below_6ghz":
        return np.asarray(20.0 + _INSIDE_DB_M * depth + 0 * frequency)
    if building not in BUILDING_CLASSES:
        known = [*BUILDING_CLASSES, "below_6ghz"]
        raise BadInput(f"there is no building class {building!r}: use {', '.join(known)}", building=building)
    wall = sum(
        share * 10 ** (-(fixed + slope * frequency) / 10)
        for share, fixed, slope in BUILDING_CLASSES[building].materials
    )
    return np.asarray(_OBLIQUE_DB - 10 * np.log10(wall) + _INSIDE_DB_M * depth)


def penetration_sigma_db(building: str) -> float:
    """Return the standard deviation of the penetration loss in dB.

    Examples
    --------
    >>> penetration_sigma_db("high_loss")
    6.5
    """
    return 0.0 if building == "below_6ghz" else BUILDING_CLASSES[building].sigma_db
