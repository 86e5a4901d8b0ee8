"""The kinds about cameras: what each sees, how much is seen, where nobody looks."""

from layers.runs.cameras.blind_spots import CAMERA_BLIND_SPOTS
from layers.runs.cameras.coverage import CAMERA_COVERAGE
from layers.runs.cameras.viewsheds import CAMERA_VIEWSHEDS

__all__ = ["CAMERA_BLIND_SPOTS", "CAMERA_COVERAGE", "CAMERA_VIEWSHEDS"]
