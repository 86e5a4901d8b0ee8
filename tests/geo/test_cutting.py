"""Shapes cut at a boundary: the same parts as by cutting every one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cutting import parts_inside


def star(random: np.random.Generator) -> shapely.Polygon:
    """Return a polygon with corners in and out, and a hole in some."""
    turn = np.linspace(0, 2 * np.pi, 14)[:-1]
    away = random.uniform(3, 9, 13)
    shape = shapely.Polygon(np.column_stack([away * np.cos(turn), away * np.sin(turn)]))
    return shape - shapely.Point(0, 0).buffer(random.uniform(0, 3))


@given(st.integers(0, 2**32 - 1), st.sampled_from(["area", "line"]))
@settings(max_examples=80, deadline=None)
def test_the_parts_are_those_of_cutting_every_shape(seed: int, sort: str) -> None:
    random = np.random.default_rng(seed)
    polygon, corner = star(random), random.uniform(-10, 10, (60, 2))
    if sort == "area":
        shapes = shapely.box(*corner.T, *(corner + random.uniform(0.1, 3, (60, 2))).T)
    else:
        shapes = shapely.linestrings(np.stack([corner, corner + random.uniform(-3, 3, (60, 2))], axis=1))
    given_before = shapely.to_wkb(shapes).tolist()
    found, expected = parts_inside(shapes, polygon), shapely.intersection(shapes, polygon)
    for measure in (shapely.area, shapely.length):
        assert measure(found) == pytest.approx(measure(expected), abs=1e-9)
    assert (shapely.is_empty(found) == shapely.is_empty(expected)).all()
    assert shapely.to_wkb(shapes).tolist() == given_before


def test_of_no_shapes_there_are_no_parts() -> None:
    assert len(parts_inside(np.array([], dtype=object), shapely.box(0, 0, 1, 1))) == 0
