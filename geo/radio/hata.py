"""Median path loss of Okumura and Hata, for carriers under those of 3GPP TR 38.901."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import BadInput
from geo.radio.path_loss import checked_distances, free_space

Floats = NDArray[np.float64]

SOURCE = (
    "Okumura-Hata: M. Hata, IEEE Trans. VT-29 (1980) 317; nearer than 1 km, beyond 20 km, antennas under "
    "30 m and its deviation as in Report ITU-R SM.2028-2, clause 6.1"
)
#: A small or medium city, its suburbs (villages with trees), open land.
HATA_MODELS = ("hata_urban", "hata_suburban", "hata_open")
#: Frequencies that Hata fitted.
LOWEST_MHZ, HIGHEST_MHZ = 150.0, 1500.0
#: Up to the first distance the loss is that of free space, from the second it is Hata's.
_FREE_M, _HATA_M = 40.0, 100.0
#: Hata's distances end here; the exponent grows beyond.
_FAR_KM = 20.0
#: Base antennas that Hata fitted begin at this height.
_LEAST_BASE_M = 30.0
#: Standard deviation above the roofs by distance.
_SIGMA_AT_M, _SIGMA_DB = (40.0, 100.0, 200.0, 600.0), (3.5, 12.0, 12.0, 9.0)


def hata_loss(
    model: str,
    distance_2d_m: ArrayLike,
    frequency_ghz: ArrayLike,
    *,
    base_height_m: ArrayLike,
    user_height_m: ArrayLike = 1.5,
) -> Floats:
    """Return the median path loss between a base station and a user out of doors.

    Parameters
    ----------
    model : {"hata_urban", "hata_suburban", "hata_open"}
        What surrounds the user.
    distance_2d_m : array_like
        Horizontal distance in metres, to 100 km.
    frequency_ghz : array_like
        Carrier frequency, 0.15 to 1.5.
    base_height_m, user_height_m : array_like
        Antenna heights above ground in metres: 30 to 200, and 1 to 10.

    Returns
    -------
    ndarray
        Decibels; the arguments broadcast.

    Raises
    ------
    BadInput
        For another model, and for distances, heights or frequencies that are no positive numbers.

    Notes
    -----
    M. Hata, Empirical formula for propagation loss in land mobile radio services, IEEE Transactions on
    Vehicular Technology VT-29 (1980), with the exponent beyond 20 km, the passage to free space nearer than
    100 m and the term for lower base antennas of Report ITU-R SM.2028-2, clause 6.1. That report rounds two
    of Hata's constants, which makes 0.1 to 0.2 dB; here they are Hata's. Quasi-smooth terrain: hills are
    added by diffraction. It holds an average clutter and knows no line of sight.

    Examples
    --------
    >>> float(hata_loss("hata_urban", 1000, 0.9, base_height_m=30).round(2))
    126.4
    """
    if model not in HATA_MODELS:
        raise BadInput(f"there is no model {model!r}: use {', '.join(HATA_MODELS)}", model=model)
    distance = checked_distances(distance_2d_m)
    ghz, base, user = (np.asarray(one, dtype=float) for one in (frequency_ghz, base_height_m, user_height_m))
    for name, value in (("frequency_ghz", ghz), ("base_height_m", base), ("user_height_m", user)):
        if not (np.isfinite(value) & (value > 0)).all():
            raise BadInput(f"{name} must be a positive number", parameter=name)
    near = free_space(np.hypot(np.maximum(distance, 1.0), base - user), ghz)
    at_free = free_space(np.hypot(_FREE_M, base - user), ghz)
    part = np.clip(np.log(np.maximum(distance, 1.0) / _FREE_M) / np.log(_HATA_M / _FREE_M), 0.0, 1.0)
    between = at_free + part * (_fitted(model, np.asarray(_HATA_M), ghz, base, user) - at_free)
    fitted = _fitted(model, np.maximum(distance, _HATA_M), ghz, base, user)
    loss = np.where(distance <= _FREE_M, near, np.where(distance < _HATA_M, between, fitted))
    # Open land near a high mast: no loss is less than that of free space.
    return np.asarray(np.maximum(loss, near))


def hata_sigma_db(distance_2d_m: ArrayLike) -> Floats:
    """Return the standard deviation around the median in dB, by distance (SM.2028-2, above the roofs).

    Examples
    --------
    >>> hata_sigma_db([10, 150, 5000]).tolist()
    [3.5, 12.0, 9.0]
    """
    return np.asarray(np.interp(np.asarray(distance_2d_m, dtype=float), _SIGMA_AT_M, _SIGMA_DB))


def _fitted(model: str, distance: Floats, ghz: Floats, base: Floats, user: Floats) -> Floats:
    f, d = np.log10(ghz * 1e3), distance / 1e3
    high = np.log10(np.maximum(base, _LEAST_BASE_M))
    low = np.maximum(user, 1.0)
    of_user = (1.1 * f - 0.7) * np.minimum(low, 10) - (1.56 * f - 0.8)
    of_user = of_user + np.maximum(20 * np.log10(low / 10), 0)
    of_base = np.minimum(20 * np.log10(base / _LEAST_BASE_M), 0)
    beyond = np.log10(np.maximum(d / _FAR_KM, 1.0)) ** 0.8
    exponent = 1 + (0.14 + 1.87e-4 * ghz * 1e3 + 1.07e-3 * base) * beyond
    lg = np.log10(d)
    way = (44.9 - 6.55 * high) * np.sign(lg) * np.abs(lg) ** exponent
    urban = 69.55 + 26.16 * f - 13.82 * high + way - of_user - of_base
    if model == "hata_suburban":
        return np.asarray(urban - 2 * (f - np.log10(28)) ** 2 - 5.4)
    if model == "hata_open":
        return np.asarray(urban - 4.78 * f**2 + 18.33 * f - 40.94)
    return np.asarray(urban)
