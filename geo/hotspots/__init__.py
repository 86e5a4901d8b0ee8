"""Incident hotspots: where counts are higher than chance explains, since when, and how sure that is."""

from geo.hotspots.background import background, dispersion, excess
from geo.hotspots.clusters import clusters
from geo.hotspots.cube import Step, cube, last_steps, local_time, profile
from geo.hotspots.emerging import Category, Wording, emerging, histories, run_start, wording
from geo.hotspots.getis_ord import getis_ord, getis_ord_weights
from geo.hotspots.kde import Raster, kde
from geo.hotspots.knox import near_repeats
from geo.hotspots.moran import Moran, local_moran, moran
from geo.hotspots.neighbours import edge_cells, k_rings
from geo.hotspots.own_counts import borne_out
from geo.hotspots.quality import pile_ups, repeats
from geo.hotspots.rates import deviation, empirical_bayes, expected
from geo.hotspots.roads import (
    AccidentRule,
    Condition,
    RoadNetwork,
    network_density,
    on_lixels,
    prone_stretches,
    road_hotspots,
    road_network,
)
from geo.hotspots.scan import scan
from geo.hotspots.significance import benjamini_hochberg, can_be_exact, confidence, sum_p, two_sided
from geo.hotspots.trends import mann_kendall

__all__ = [
    "AccidentRule",
    "Category",
    "Condition",
    "Moran",
    "Raster",
    "RoadNetwork",
    "Step",
    "Wording",
    "background",
    "benjamini_hochberg",
    "borne_out",
    "can_be_exact",
    "clusters",
    "confidence",
    "cube",
    "deviation",
    "dispersion",
    "edge_cells",
    "emerging",
    "empirical_bayes",
    "excess",
    "expected",
    "getis_ord",
    "getis_ord_weights",
    "histories",
    "k_rings",
    "kde",
    "last_steps",
    "local_moran",
    "local_time",
    "mann_kendall",
    "moran",
    "near_repeats",
    "network_density",
    "on_lixels",
    "pile_ups",
    "profile",
    "prone_stretches",
    "repeats",
    "road_hotspots",
    "road_network",
    "run_start",
    "scan",
    "sum_p",
    "two_sided",
    "wording",
]
