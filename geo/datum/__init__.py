"""Datums of Chinese web maps: from and to WGS 84, and which one a layer is in."""

from geo.datum.shift import DATUMS, from_wgs84, to_wgs84

__all__ = ["DATUMS", "from_wgs84", "to_wgs84"]
