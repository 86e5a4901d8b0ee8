"""Where the next sites should stand, and a proof of how good the answer is."""

from geo.siting.candidates import Exclusion, exclude, grid
from geo.siting.cover_matrix import from_rows, within
from geo.siting.coverage import max_coverage
from geo.siting.moving import Moving
from geo.siting.p_median import p_median
from geo.siting.phases import phased
from geo.siting.plan import Plan, Standing, Watch, elbow_of, gap_of
from geo.siting.rules import Districts, Rules, Spacing
from geo.siting.set_cover import ShareTooHigh, set_cover
from geo.siting.sharing import has_near, length_near, mergeable

__all__ = [
    "Districts",
    "Exclusion",
    "Moving",
    "Plan",
    "Rules",
    "ShareTooHigh",
    "Spacing",
    "Standing",
    "Watch",
    "elbow_of",
    "exclude",
    "from_rows",
    "gap_of",
    "grid",
    "has_near",
    "length_near",
    "max_coverage",
    "mergeable",
    "p_median",
    "phased",
    "set_cover",
    "within",
]
