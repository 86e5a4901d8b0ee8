"""Incident hotspots: where counts are higher than chance explains, since when, and how sure that is."""

from geo.hotspots.getis_ord import getis_ord, getis_ord_weights
from geo.hotspots.moran import Moran, local_moran, moran
from geo.hotspots.neighbours import edge_cells, k_rings
from geo.hotspots.rates import deviation, empirical_bayes, expected
from geo.hotspots.significance import benjamini_hochberg, can_be_exact, confidence, sum_p, two_sided

__all__ = [
    "Moran",
    "benjamini_hochberg",
    "can_be_exact",
    "confidence",
    "deviation",
    "edge_cells",
    "empirical_bayes",
    "expected",
    "getis_ord",
    "getis_ord_weights",
    "k_rings",
    "local_moran",
    "moran",
    "sum_p",
    "two_sided",
]
