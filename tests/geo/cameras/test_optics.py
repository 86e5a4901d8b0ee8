"""Pixel density and the edges of the picture against published tables and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from geo.cameras import EDITIONS, pixel_density_range, pixels_per_metre, view_angle
from geo.cameras.optics import far_limit, near_limit, vertical_angle
from geo.errors import BadInput

TASKS = ("detect", "observe", "recognise", "identify")


@pytest.mark.parametrize(
    ("pixels", "view", "metres"),
    [(1920, 90, (38.40, 15.48, 7.68, 3.84)), (3840, 60, (133.02, 53.64, 26.60, 13.30))],
)
def test_distances_are_those_of_the_published_tables(
    pixels: int, view: float, metres: tuple[float, ...]
) -> None:
    # Calculators after IEC 62676-4:2014, table of 25, 62, 125 and 250 px/m.
    found = [float(pixel_density_range(pixels, view, task)) for task in TASKS]
    assert found == pytest.approx(metres, abs=0.006)


def test_a_panoramic_view_spreads_its_pixels_over_the_circle() -> None:
    assert float(pixel_density_range(4000, 360, "detect")) == pytest.approx(4000 / (2 * math.pi * 25))


def test_each_edition_has_its_own_levels_and_names_them() -> None:
    assert pixels_per_metre("monitor") == 12.5
    assert pixels_per_metre("discern") == pixels_per_metre("discern", "2025") == 80
    assert list(EDITIONS) == ["2014", "2025"]
    with pytest.raises(BadInput, match="detect"):
        pixels_per_metre("discern", "2014")
    with pytest.raises(BadInput, match="2025"):
        pixels_per_metre("detect", "1999")


def test_what_is_unknown_stays_unknown() -> None:
    found = pixel_density_range([np.nan, 1920, 1920], [90, np.nan, 0], "detect")
    assert np.isnan(found).all()


def test_a_lens_and_its_sensor_give_the_view_angle() -> None:
    # As wide as twice the focal length: 90 degrees.
    assert float(view_angle(4.0, 8.0)) == pytest.approx(90.0)
    assert float(vertical_angle(90.0, 1.0)) == pytest.approx(90.0)


def test_the_picture_meets_the_target_where_its_edges_do() -> None:
    near = float(near_limit(6.0, 20.0, 40.0, 1.6))
    far = float(far_limit(6.0, 30.0, 40.0, 1.6))
    assert near == pytest.approx(4.4 / math.tan(math.radians(40)))
    assert far == pytest.approx(4.4 / math.tan(math.radians(10)))


@pytest.mark.parametrize(
    ("height", "tilt", "near", "far"),
    [
        (
            6.0,
            80.0,
            0.0,
            4.4 / math.tan(math.radians(60)),
        ),  # nearly straight down: the foot is in the picture
        (6.0, 5.0, 4.4 / math.tan(math.radians(25)), math.inf),
        (6.0, -30.0, math.inf, math.inf),  # the whole picture over the heads
        (1.0, 10.0, 0.0, math.inf),  # lower than the target
        (6.0, math.nan, 0.0, math.inf),
        (math.nan, 10.0, 0.0, math.inf),
    ],
)
def test_limits_of_odd_mountings(height: float, tilt: float, near: float, far: float) -> None:
    assert float(near_limit(height, tilt, 40.0, 1.6)) == pytest.approx(near)
    assert float(far_limit(height, tilt, 40.0, 1.6)) == pytest.approx(far)
