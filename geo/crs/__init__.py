"""Coordinate reference systems: the 3-degree zones, web mercator, and a metric system for a frame."""

from geo.crs.convergence import convergence_deg
from geo.crs.mercator import mercator, mercator_to_degrees
from geo.crs.projections import GEOGRAPHIC, gauss_kruger, metric_crs
from geo.crs.transforming import in_system, transformer

__all__ = [
    "GEOGRAPHIC",
    "convergence_deg",
    "gauss_kruger",
    "in_system",
    "mercator",
    "mercator_to_degrees",
    "metric_crs",
    "transformer",
]
