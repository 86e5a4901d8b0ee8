"""Which resolution of a result a zoom shows: hexagons that can be seen, and not more of them than that."""

from __future__ import annotations

#: Coarsest zoom at which cells of a resolution are about 10 pixels or more across, at 30° north.
_FROM_ZOOM = {5: 0, 6: 8, 7: 9, 8: 11, 9: 12, 10: 13, 11: 15, 12: 16}

MIN_ZOOM, MAX_ZOOM = 6, 18


def resolution_at(zoom: int, finest: int, coarsest: int) -> int:
    """Return the resolution shown at a zoom.

    Examples
    --------
    >>> [resolution_at(zoom, finest=8, coarsest=5) for zoom in (7, 8, 9, 11, 16)]
    [5, 6, 7, 8, 8]
    """
    shown = max(resolution for resolution, start in _FROM_ZOOM.items() if zoom >= start)
    return max(coarsest, min(finest, shown))


def bands(finest: int, coarsest: int) -> list[tuple[int, int]]:
    """Return (smallest zoom, resolution) of a result, largest zoom first.

    Examples
    --------
    >>> bands(finest=8, coarsest=6)
    [(11, 8), (9, 7), (0, 6)]
    """
    found = [(0 if one == coarsest else _FROM_ZOOM[one], one) for one in range(coarsest, finest + 1)]
    return found[::-1]
