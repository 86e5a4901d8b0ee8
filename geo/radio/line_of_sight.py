"""Line of sight as a probability of 3GPP TR 38.901; from buildings that stand there it is in `surface`."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import BadInput
from geo.radio.path_loss import MODELS

Floats = NDArray[np.float64]

#: Clutter of table 7.4.2-1 for suburban macro: share of ground and height of each kind.
_COMMERCIAL, _RESIDENTIAL, _VEGETATION_M = (0.02, 20.0), (0.18, 8.0), 15.0
VEGETATION: dict[str, float] = {"none": 0.0, "sparse": 0.1, "dense": 0.2}
_CLUTTER_M = 30.0


def line_of_sight_probability(
    model: str,
    distance_2d_m: ArrayLike,
    *,
    user_height_m: ArrayLike = 1.5,
    base_height_m: ArrayLike = 30.0,
    vegetation: str = "sparse",
) -> Floats:
    """Return the probability of line of sight to a user out of doors.

    Parameters
    ----------
    model : {"uma", "umi", "rma", "sma"}
    distance_2d_m : array_like
        Horizontal distance in metres.
    user_height_m : array_like
        Raises the probability above 13 m in ``uma``; up to 23 m. Used by ``sma`` too.
    base_height_m : array_like
        Used by ``sma`` only.
    vegetation : {"none", "sparse", "dense"}
        Of ``sma``.

    Raises
    ------
    BadInput
        For another model or vegetation, or a negative distance.

    Notes
    -----
    TR 38.901 V19.4.0 table 7.4.2-1.

    Examples
    --------
    >>> float(line_of_sight_probability("uma", 500).round(4))
    0.0363
    """
    distance = np.asarray(distance_2d_m, dtype=float)
    user = np.asarray(user_height_m, dtype=float)
    if not (distance >= 0).all():
        raise BadInput("distances must be numbers of metres, none negative")
    if model == "rma":
        return np.asarray(np.exp(-np.maximum(distance - 10, 0) / 1000))
    if model == "sma":
        if vegetation not in VEGETATION:
            raise BadInput(f"there is no vegetation {vegetation!r}: use {', '.join(VEGETATION)}")
        return _suburban(distance, user, np.asarray(base_height_m, dtype=float), VEGETATION[vegetation])
    if model not in MODELS:
        raise BadInput(f"there is no model {model!r}: use {', '.join(MODELS)}", model=model)
    far = np.maximum(distance, 18)
    scale = 63.0 if model == "uma" else 36.0
    probability = 18 / far + np.exp(-far / scale) * (1 - 18 / far)
    if model == "uma":
        tall = np.clip((user - 13) / 10, 0, 1) ** 1.5
        raised = 1 + tall * 1.25 * (far / 100) ** 3 * np.exp(-far / 150)
        probability = np.where(distance <= 18, 1.0, probability * raised)
    return np.asarray(np.minimum(probability + 0 * user, 1.0))


def _suburban(distance: Floats, user: Floats, base: Floats, vegetation: float) -> Floats:
    over = base - user
    if (over <= 0).any():
        raise BadInput("the base antenna must stand above the user")
    rate = np.zeros(np.broadcast_shapes(user.shape, base.shape))
    for share, height in (_COMMERCIAL, _RESIDENTIAL, (vegetation, _VEGETATION_M)):
        rate = rate - np.log(1 - share) / _CLUTTER_M * np.maximum(height - user, 0) / over
    return np.where(distance <= 10, 1.0, np.exp(-distance * rate))
