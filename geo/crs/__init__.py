"""Coordinate reference systems: the 3-degree zones, and a metric system for a frame."""

from geo.crs.convergence import convergence_deg
from geo.crs.projections import GEOGRAPHIC, gauss_kruger, metric_crs

__all__ = ["GEOGRAPHIC", "convergence_deg", "gauss_kruger", "metric_crs"]
