"""The reference systems that features can be asked for in, with the order of their axes.

CGCS2000 (EPSG:4490) and WGS 84 (EPSG:4326) are treated as equal at city scale. In EPSG's definition of both,
and of the Gauss-Krüger zones, the first axis points north; OGC API asks for coordinates in that order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from api.errors import BadParameter
from geo.crs import transformer

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class ReferenceSystem:
    """One reference system.

    Attributes
    ----------
    uri : str
        How requests and ``Content-Crs`` name it.
    epsg : int
        Its EPSG code; CRS84 is 4326 with the axes swapped.
    north_first : bool
        True where the first coordinate is latitude or northing.
    """

    uri: str
    epsg: int
    north_first: bool


def _epsg(code: int, *, north_first: bool) -> ReferenceSystem:
    return ReferenceSystem(f"http://www.opengis.net/def/crs/EPSG/0/{code}", code, north_first)


DEFAULT = ReferenceSystem(CRS84, 4326, north_first=False)
SUPPORTED: dict[str, ReferenceSystem] = {
    system.uri: system
    for system in (
        DEFAULT,
        _epsg(4326, north_first=True),
        _epsg(4490, north_first=True),
        _epsg(3857, north_first=False),
        _epsg(4547, north_first=True),
        _epsg(4548, north_first=True),
        _epsg(4526, north_first=True),
        _epsg(4527, north_first=True),
    )
}


def parse_crs(text: str | None, parameter: str) -> ReferenceSystem:
    """Return the reference system of a URI, or CRS84 where none is given.

    Raises
    ------
    BadParameter
        Where it is not among the supported ones (Part 2, requirements 7 and 10: status 400).

    Examples
    --------
    >>> parse_crs("http://www.opengis.net/def/crs/EPSG/0/4490", "crs").north_first
    True
    """
    if text is None:
        return DEFAULT
    # a safe CURIE such as [EPSG:4326] is not asked for by Part 2 and not offered
    system = SUPPORTED.get(text)
    if system is None:
        raise BadParameter(
            f"{parameter} is not a supported reference system",
            parameter=parameter, value=text, expected="crs", known=sorted(SUPPORTED),
        )  # fmt: skip
    return system


def box_in_degrees(box: Box, system: ReferenceSystem) -> Box:
    """Turn a box to longitude and latitude.

    Parameters
    ----------
    box : tuple of 4 floats
        Smallest, then greatest coordinates in the order of the system's own axes.
    system : ReferenceSystem
        System of the box.

    Returns
    -------
    tuple of 4 floats
        West, south, east, north in degrees: the envelope of the turned box, whose sides are curves; west is
        greater than east where a geographic box crosses the antimeridian.

    Raises
    ------
    BadParameter
        Where the box lies outside what the system can express.

    Examples
    --------
    >>> box_in_degrees((31.8, 115.8, 31.9, 115.9), SUPPORTED["http://www.opengis.net/def/crs/EPSG/0/4326"])
    (115.8, 31.8, 115.9, 31.9)
    """
    first_low, second_low, first_high, second_high = box
    if system.north_first:
        first_low, second_low, first_high, second_high = second_low, first_low, second_high, first_high
    if system.epsg in (4326, 4490):
        return first_low, second_low, first_high, second_high
    to_degrees = transformer(system.epsg, 4326)
    turned = to_degrees.transform_bounds(first_low, second_low, first_high, second_high, densify_pts=21)
    if not np.isfinite(turned).all():
        raise BadParameter(
            "the bbox cannot be turned to degrees", parameter="bbox", value=str(box), expected="bbox-crs"
        )
    west, south, east, north = (float(value) for value in turned)
    return west, south, east, north
