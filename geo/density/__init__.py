"""How much there is of something per cell and per area, and in proportion to what."""

from geo.density.amounts import in_areas, in_cells
from geo.density.exposure import AGAINST, Against, area_km2, areas_km2, lengths_km, ratio
from geo.density.shares import Shares, shares_in_areas, shares_in_cells

__all__ = [
    "AGAINST",
    "Against",
    "Shares",
    "area_km2",
    "areas_km2",
    "in_areas",
    "in_cells",
    "lengths_km",
    "ratio",
    "shares_in_areas",
    "shares_in_cells",
]
