"""Coordinates in a search: decimal or in degrees, minutes and seconds, in any order and datum."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pyproj

from geo.datum import to_wgs84
from layers.search.fold import fold

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
Notation = Literal["decimal", "minutes", "gauss_kruger"]

#: What a datum is called, folded; the maps that use it stand for it.
_DATUMS: tuple[tuple[str, Datum], ...] = (
    (r"gcj[\s_-]*0?2|火星坐标|高德|腾讯|国测局", "gcj02"),
    (r"bd[\s_-]*0?9|百度", "bd09"),
    (r"cgcs[\s_-]*2000|epsg:4490|国家2000|2000国家大地坐标系?", "cgcs2000"),
    (r"wgs[\s_-]*(?:19)?84|epsg:4326|gps", "wgs84"),
)
_NOISE = re.compile(r"坐标系?|经纬度|lon(?:gitude)?|lng|lat(?:itude)?|经度|纬度|[()（）\[\]{}:：=]")
_NUMBER = r"(?:\d{1,9}(?:\.\d{0,12})?|\.\d{1,12})"
_ANGLE = re.compile(
    rf"""\s*(?P<before>[nsew]|东经|西经|北纬|南纬)?\s*
    (?P<sign>[+-]?)(?P<degrees>{_NUMBER})\s*(?:[°º度]|(?=\s*\d+\s*['′分])|\b)?\s*
    (?:(?P<minutes>{_NUMBER})\s*['′’分]\s*)?
    (?:(?P<seconds>{_NUMBER})\s*(?:"|″|”|''|′′|秒)\s*)?
    (?(before)|(?P<after>[nsew])?)\s*""",
    re.VERBOSE,
)
_SIDES = {
    "n": ("lat", 1), "s": ("lat", -1), "e": ("lon", 1), "w": ("lon", -1),
    "北纬": ("lat", 1), "南纬": ("lat", -1), "东经": ("lon", 1), "西经": ("lon", -1),
}  # fmt: skip
_LONGEST = 64
_SIXTY = 60


@dataclass(frozen=True, slots=True)
class Coordinates:
    """A place that a text gives as numbers.

    Attributes
    ----------
    lon, lat : float
        Degrees, WGS 84.
    notation : {"decimal", "minutes", "gauss_kruger"}
    datum : str
        What the numbers were taken for.
    datum_named : bool
        False where no datum stood there, and WGS 84 was taken.
    longitude_first : bool
        The order in which they stood.
    order_certain : bool
        False where both numbers could be either, and longitude was taken to stand first.
    """

    lon: float
    lat: float
    notation: Notation
    datum: Datum
    datum_named: bool
    longitude_first: bool
    order_certain: bool


@dataclass(frozen=True, slots=True)
class _Angle:
    value: float
    side: str | None
    in_minutes: bool


def read_coordinates(text: str) -> Coordinates | None:
    """Return the place that a text gives as numbers; None where it is something else.

    Parameters
    ----------
    text : str
        Two angles, or easting and northing of a Gauss-Krüger zone with its prefix (CGCS2000, 3°), in any
        order; with the name of a datum or without.

    Examples
    --------
    >>> found = read_coordinates("北纬31°49′48″ 东经115°55′12″")
    >>> round(found.lon, 6), round(found.lat, 6), found.notation, found.longitude_first
    (115.92, 31.83, 'minutes', False)
    >>> read_coordinates("高德 115.9254,31.8279").datum
    'gcj02'
    >>> read_coordinates("幸福路 12号") is None
    True
    """
    if len(text) > _LONGEST:
        return None
    rest, datum = _without_datum(fold(text))
    rest = _NOISE.sub(" ", rest).strip()
    plane = _gauss_kruger(rest)
    if plane is not None:
        return plane if datum in (None, "cgcs2000") else None
    angles = _two_angles(rest)
    if angles is None:
        return None
    ordered = _in_order(*angles)
    if ordered is None:
        return None
    lon, lat, first, certain = ordered
    used: Datum = datum or "wgs84"
    if used in ("gcj02", "bd09"):
        shifted = to_wgs84([lon], [lat], used)
        lon, lat = float(shifted[0][0]), float(shifted[1][0])
    notation: Notation = "minutes" if any(one.in_minutes for one in angles) else "decimal"
    return Coordinates(lon, lat, notation, used, datum is not None, first, certain)


def _without_datum(text: str) -> tuple[str, Datum | None]:
    for pattern, datum in _DATUMS:
        found = re.search(pattern, text)
        if found:
            return f"{text[: found.start()]} {text[found.end() :]}", datum
    return text, None


def _two_angles(text: str) -> tuple[_Angle, _Angle] | None:
    """Return the two angles that make up the whole text."""
    first = _ANGLE.match(text)
    if first is None:
        return None
    between = re.compile(r"[,;/、，；\s]*").match(text, first.end())
    at = first.end() if between is None else between.end()
    separated = at > first.end() or text[first.end() - 1 : first.end()].isspace()
    second = _ANGLE.fullmatch(text, at)
    if second is None or not (separated or first["after"] or second["before"] or first["minutes"]):
        return None
    angles = [_angle(one) for one in (first, second)]
    return (angles[0], angles[1]) if angles[0] is not None and angles[1] is not None else None


def _angle(found: re.Match[str]) -> _Angle | None:
    degrees, minutes, seconds = (float(found[name] or 0) for name in ("degrees", "minutes", "seconds"))
    if minutes >= _SIXTY or seconds >= _SIXTY or (found["minutes"] and "." in found["degrees"]):
        return None
    if found["before"] and found["after"]:
        return None
    side = found["before"] or found["after"]
    value = degrees + minutes / 60 + seconds / 3600
    if found["sign"] == "-":
        value = -value
    if side is not None:
        axis, sign = _SIDES[side]
        return _Angle(value * sign, axis, found["minutes"] is not None)
    return _Angle(value, None, found["minutes"] is not None)


def _in_order(first: _Angle, second: _Angle) -> tuple[float, float, bool, bool] | None:
    """Return longitude, latitude, whether longitude stood first, and whether that is certain."""
    sides = (first.side, second.side)
    if sides[0] is not None and sides[0] == sides[1]:
        return None
    if sides != (None, None):
        lon_first = sides[0] == "lon" or sides[1] == "lat"
        certain = True
    else:
        could = [_fits(first.value, second.value), _fits(second.value, first.value)]
        lon_first = could[0] or not could[1]
        # in China every longitude is beyond every latitude
        in_china = [_in_china(first.value, second.value), _in_china(second.value, first.value)]
        if in_china[0] != in_china[1]:
            lon_first = in_china[0]
        certain = could[0] != could[1] or in_china[0] != in_china[1]
    lon, lat = (first.value, second.value) if lon_first else (second.value, first.value)
    return (lon, lat, lon_first, certain) if _fits(lon, lat) else None


def _fits(lon: float, lat: float) -> bool:
    return abs(lon) <= 180 and abs(lat) <= 85 and not math.isnan(lon + lat)


def _in_china(lon: float, lat: float) -> bool:
    return 73 <= lon <= 136 and 3 <= lat <= 54


def _gauss_kruger(text: str) -> Coordinates | None:
    """Return a place of a 3-degree zone: a northing, and an easting of eight digits with the zone first."""
    numbers = re.findall(_NUMBER, text)
    if len(numbers) != 2 or re.sub(rf"{_NUMBER}|[\s,;/、xyem米]", "", text):
        return None
    for first, (easting, northing) in enumerate(_both_ways(float(numbers[0]), float(numbers[1]))):
        zone, east = divmod(easting, 1_000_000)
        if 25 <= zone <= 45 and 100_000 <= east < 900_000 and 300_000 <= northing < 6_000_000:
            system = pyproj.CRS.from_epsg(4513 + int(zone) - 25)
            lon, lat = pyproj.Transformer.from_crs(system, 4326, always_xy=True).transform(easting, northing)
            return Coordinates(lon, lat, "gauss_kruger", "cgcs2000", True, first == 0, True)
    return None


def _both_ways(first: float, second: float) -> Iterator[tuple[float, float]]:
    yield first, second
    yield second, first
