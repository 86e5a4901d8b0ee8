"""What cameras see, where nobody looks, and why."""

from geo.cameras.assumed import Assumed, with_assumed
from geo.cameras.blind_spots import WEIGHTS, blind_cells, blind_spots, spread_people, trafficked
from geo.cameras.changes import Directions, best_azimuth, by_presets, reach, seen_probability, update
from geo.cameras.coverage import (
    Group,
    by_night,
    coverage,
    of_lines,
    of_places,
    roll_up,
    seen_counts,
    shares,
    stations,
    working,
)
from geo.cameras.explain import REASONS, Explanation, cause, explain, explain_all
from geo.cameras.optics import EDITIONS, pixel_density_range, pixels_per_metre, view_angle
from geo.cameras.samples import Samples, sample
from geo.cameras.terrain import Terrain
from geo.cameras.viewsheds import viewsheds
from geo.cameras.what_if import Difference, what_if

__all__ = [
    "EDITIONS", "REASONS", "WEIGHTS", "Assumed", "Difference", "Directions", "Explanation", "Group",
    "Samples", "Terrain",
    "best_azimuth", "blind_cells", "blind_spots", "by_night", "by_presets", "cause", "coverage", "explain",
    "explain_all",
    "of_lines", "of_places", "pixel_density_range", "pixels_per_metre", "reach", "roll_up", "sample",
    "seen_counts", "seen_probability", "shares", "spread_people", "stations", "trafficked", "update",
    "view_angle", "viewsheds", "what_if", "with_assumed", "working",
]  # fmt: skip
