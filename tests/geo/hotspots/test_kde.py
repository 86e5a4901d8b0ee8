"""Kernel density against SciPy 1.17's exact one and against what must add up."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from geo.errors import BadInput
from geo.hotspots import kde


def frame(seed: int, size: int) -> gpd.GeoDataFrame:
    x, y = np.random.default_rng(seed).normal(0, 800, (2, size))
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(500_000 + x, 3_500_000 + y), crs=4548)


def test_the_raster_is_the_sum_of_the_kernels():
    events = frame(1, 60)
    found = kde(events, bandwidth_m=200, pixel_m=25)
    rows, columns = found.values.shape
    x = found.west + (np.arange(columns) + 0.5) * found.pixel_m
    y = found.north - (np.arange(rows) + 0.5) * found.pixel_m
    grid = np.dstack(np.meshgrid(x, y))
    exact = sum(
        multivariate_normal([point.x, point.y], 200.0**2 * np.eye(2)).pdf(grid) for point in events.geometry
    )
    assert found.values == pytest.approx(exact * 1e6, abs=0.01 * exact.max() * 1e6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1_000), st.integers(1, 80), st.floats(50, 400))
def test_it_adds_up_to_the_events(seed, size, bandwidth):
    found = kde(frame(seed, size), bandwidth_m=bandwidth)
    assert found.values.sum() * (found.pixel_m / 1000) ** 2 == pytest.approx(size, rel=1e-9)


def test_weights_count_events():
    events = frame(3, 5)
    twice = kde(events, bandwidth_m=100, weights=[2.0] * 5)
    assert twice.values == pytest.approx(2 * kde(events, bandwidth_m=100).values)


def test_the_rule_of_thumb_is_that_of_the_normal_law_for_normal_events():
    found = kde(frame(4, 4_000))
    assert found.pixel_m * 4 == pytest.approx(800 * 4_000 ** (-1 / 6), rel=0.05)


def test_one_event_alone_has_a_picture_too():
    assert kde(frame(5, 1)).values.max() > 0


@pytest.mark.parametrize(
    "options", [{"bandwidth_m": 0}, {"bandwidth_m": 100, "pixel_m": -1}, {"pixel_m": 1e-3}]
)
def test_impossible_rasters_are_refused(options):
    with pytest.raises(BadInput):
        kde(frame(1, 9), **options)


def test_no_events_are_refused():
    with pytest.raises(BadInput):
        kde(frame(1, 0))
