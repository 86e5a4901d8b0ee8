"""Which projected system to measure in: the 3-degree Gauss-Krüger zones of CGCS2000."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from geo.errors import BadInput

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

#: WGS 84 and CGCS2000 in longitude and latitude, treated as equal at city scale.
GEOGRAPHIC = (4326, 4490)
#: EPSG code of "CGCS2000 / 3-degree Gauss-Kruger CM 75E"; the codes go on by one per 3 degrees to CM 135E.
_FIRST_CENTRAL_MERIDIAN_CODE, _FIRST, _LAST = 4534, 75, 135


def gauss_kruger(lon: float) -> int:
    """Return the EPSG code of the 3-degree Gauss-Krüger zone of CGCS2000 around a longitude.

    Parameters
    ----------
    lon : float
        Degrees east, 73.5 to 136.5.

    Returns
    -------
    int
        Code of the system without a zone number in its eastings (4534 to 4554).

    Raises
    ------
    BadInput
        Outside the zones that CGCS2000 defines.

    Notes
    -----
    GB/T 17278-2009: 3-degree zones are numbered from 1 around 3° E; zone n lies around 3n degrees.

    Examples
    --------
    >>> gauss_kruger(115.88), gauss_kruger(114.9)
    (4548, 4547)
    """
    meridian = 3 * math.floor(lon / 3 + 0.5) if math.isfinite(lon) else -1
    if not _FIRST <= meridian <= _LAST:
        raise BadInput(f"longitude {lon} lies in no 3-degree zone of CGCS2000", lon=lon)
    return _FIRST_CENTRAL_MERIDIAN_CODE + (meridian - _FIRST) // 3


def metric_crs(frame: GeoDataFrame) -> int:
    """Return the EPSG code of a projected system in metres that suits a frame.

    A frame that is already projected in metres keeps its own system; one in degrees gets its 3-degree
    Gauss-Krüger zone inside China and its UTM zone elsewhere. EPSG:3857 is never kept: its metres are not
    metres on the ground.

    Raises
    ------
    BadInput
        Where the frame has no CRS or no coordinates.
    """
    if frame.crs is None:
        raise BadInput("the frame has no CRS: set it before measuring")
    code = frame.crs.to_epsg()
    if frame.crs.is_projected and code != 3857:
        units = {axis.unit_name for axis in frame.crs.axis_info}
        if units == {"metre"} and code is not None:
            return int(code)
    west, south, east, north = frame.to_crs(4326).total_bounds
    if not all(map(math.isfinite, (west, south, east, north))):
        raise BadInput("the frame holds no coordinates, so no zone can be chosen")
    lon, lat = (west + east) / 2, (south + north) / 2
    if 73.5 <= lon < 136.5 and 3 <= lat <= 54:
        return gauss_kruger(lon)
    return (32600 if lat >= 0 else 32700) + min(int((lon + 180) // 6) + 1, 60)
