"""How rasters are drawn; on its own, so that the command line starts without the raster libraries."""

from __future__ import annotations

from enum import StrEnum


class RasterStyle(StrEnum):
    """How a raster is drawn: heights in two ways, or how dense something is."""

    HILLSHADE = "hillshade"
    HEIGHTS = "heights"
    DENSITY = "density"
