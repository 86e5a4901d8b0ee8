"""Visibility polygons against CGAL 5 (pyvispoly 0.3), which computes them exactly, on random scenes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import pyvispoly
import shapely

from geo.cameras import viewsheds
from tests.geo.cameras.scenes import X, Y, buildings, cameras, town

RADIUS = 100.0


def cgal(eye: tuple[float, float], shapes: list[shapely.Polygon]) -> shapely.Polygon:
    """Return what is seen from a point in a square arena of which the shapes are cut out."""
    arena = shapely.box(eye[0] - 150, eye[1] - 150, eye[0] + 150, eye[1] + 150)
    free = arena.difference(shapely.union_all(shapes))
    parts = [part for part in shapely.get_parts(free) if part.contains(shapely.Point(eye))]
    outer = shapely.orient_polygons(parts[0])
    point = pyvispoly.Point
    with_holes = pyvispoly.PolygonWithHoles(
        [point(*at) for at in outer.exterior.coords[:-1]],
        [[point(*at) for at in hole.coords[:-1]] for hole in outer.interiors],
    )
    seen = pyvispoly.VisibilityPolygonCalculator(with_holes).compute_visibility_polygon(point(*eye))
    return shapely.Polygon([(at.x(), at.y()) for at in seen.boundary()])


def chords() -> shapely.Polygon:
    """Return the disc as it is drawn: with a corner each degree, from the axis on."""
    turn = np.radians(90 - np.arange(-180, 180, 1.0))
    return shapely.Polygon(np.column_stack([RADIUS * np.cos(turn), RADIUS * np.sin(turn)]))


@pytest.mark.parametrize("seed", range(12))
def test_all_round_views_have_the_area_that_cgal_finds(seed: int) -> None:
    shapes = town(seed, 60, apart=seed % 2 == 0)  # odd scenes overlap
    camera = cameras(view_angle_deg=360.0, range_m=RADIUS, pixels_horizontal=100_000)
    ours = viewsheds(camera, buildings(*shapes)).geometry.iloc[0]
    theirs = cgal((0.0, 0.0), shapes).intersection(chords())
    assert ours.area == pytest.approx(theirs.area, rel=1e-6)
    moved = shapely.transform(ours, lambda at: at - [X, Y])
    assert moved.symmetric_difference(theirs).area < 1e-6 * theirs.area


@pytest.mark.parametrize("seed", range(100, 106))
def test_wedges_have_the_area_that_cgal_finds(seed: int) -> None:
    shapes = town(seed, 60)
    azimuth = 37.0 * (seed - 99)
    camera = cameras(azimuth_deg=azimuth, view_angle_deg=70.0, pixels_horizontal=3500)
    found = viewsheds(camera, buildings(*shapes))
    far = float(found["range_m"].iloc[0])
    edges = [math.radians(90 - azimuth + side * 35) for side in (1, -1)]
    corner = far / math.cos(math.radians(35))
    wedge = shapely.Polygon([(0, 0), *((corner * math.cos(a), corner * math.sin(a)) for a in edges)])
    theirs = cgal((0.0, 0.0), shapes).intersection(wedge)
    assert float(found["area_m2"].iloc[0]) == pytest.approx(theirs.area, rel=1e-6)
