"""Identifiers of devices, unique over all device layers.

The 20 digits follow annex D of GB/T 28181: eight for the place (county and unit of access), two for the
trade, three for the type of device, one for the network and six for the number. The standard is for video;
sensors and vehicles use its types for other peripherals so that one register can hold all devices.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

IP_CAMERA = 132
VEHICLE_UNIT = 138
OTHER_DEVICE = 139

#: Digit of the network: police video network, government network, internet, access of social resources.
VIDEO_NETWORK, GOVERNMENT_NETWORK, INTERNET, SOCIAL_NETWORK = 0, 6, 7, 8

#: Trade digits by department (annex D, table D.2); what is not named there is "other".
_TRADE = {
    "public_security": 0, "transport": 4, "urban_management": 8, "ecology": 9, "education": 11,
    "agriculture": 40, "water": 54, "enterprise": 42, "social": 52,
}  # fmt: skip
_OTHER_TRADE = 3


def device_ids(
    county: str, access: ArrayLike, department: NDArray[np.object_], device_type: int, network: ArrayLike
) -> NDArray[np.object_]:
    """Return 20-digit identifiers, numbered within one call.

    Parameters
    ----------
    county : str
        6-digit code of the county.
    access : array of int
        Unit of access, 0 to 99.
    department : ndarray of str
        Codes of the list ``departments``; they give the trade digits.
    device_type : int
        Three digits, e.g. `IP_CAMERA`.
    network : int or array of int
        One digit.

    Examples
    --------
    >>> device_ids("341504", [1], np.array(["education"], dtype=object), IP_CAMERA, VIDEO_NETWORK).tolist()
    ['34150401111320000001']
    """
    units = np.asarray(access)
    networks = np.broadcast_to(np.asarray(network), units.shape)
    found = [
        f"{county}{unit:02d}{_TRADE.get(name, _OTHER_TRADE):02d}{device_type:03d}{digit:d}{number:06d}"
        for number, (unit, name, digit) in enumerate(
            zip(units.tolist(), department.tolist(), networks.tolist(), strict=True), start=1
        )
    ]
    return np.array(found, dtype=object)
