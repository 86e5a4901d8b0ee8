"""Ways from one reference system into another, found once."""

from __future__ import annotations

from functools import lru_cache

import pyproj


@lru_cache(maxsize=64)
def transformer(source: int | str | pyproj.CRS, target: int | str | pyproj.CRS) -> pyproj.Transformer:
    """Return the way from one system into another, east or longitude first.

    PROJ looks through its database for the best operation, which takes some tenth of a second; what it found
    is kept for the process. It may be shared between threads.

    Examples
    --------
    >>> east, north = transformer(4490, 4548).transform(117.0, 31.0)
    >>> round(east, 3)  # on the central meridian
    500000.0
    """
    return pyproj.Transformer.from_crs(source, target, always_xy=True)
