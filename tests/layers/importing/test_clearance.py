"""How far corners of areas are apart is what GEOS finds, shape by shape."""

import numpy as np
import pytest
import shapely

from geo.crs import mercator
from layers.importing.clearance import clearances


def by_geos(areas):
    turned = shapely.transform(areas, mercator)
    return np.where(shapely.is_valid(turned), shapely.minimum_clearance(turned), np.nan)


@pytest.mark.parametrize("corners", [3, 4, 5, 8, 16, 17, 30])
@pytest.mark.parametrize("kind", ["stars", "scribbles"])
def test_rings_have_the_clearance_of_geos_and_invalid_ones_none(corners, kind):
    draw = np.random.default_rng(corners)
    if kind == "stars":
        angles = np.sort(draw.uniform(0, 2 * np.pi, (300, corners)), axis=1)
        offsets = draw.uniform(0.2, 1, (300, corners, 1)) * np.stack([np.cos(angles), np.sin(angles)], axis=2)
    else:
        offsets = draw.uniform(-1, 1, (300, corners, 2))
    sizes = 10 ** draw.uniform(-5, -1, (300, 1, 1))
    areas = shapely.polygons([116, 31.5] + sizes * offsets)
    found, wanted = clearances(areas), by_geos(areas)
    assert np.isnan(found).tolist() == np.isnan(wanted).tolist()
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    assert (~np.isnan(wanted)).any() if kind == "stars" or corners < 8 else np.isnan(wanted).any()


ODD = {
    "a corner twice": "POLYGON((0 0, 0 0, 1 0, 1 1, 0 0))",
    "a spike": "POLYGON((0 0, 1 0, 2 0, 1 0, 1 1, 0 1, 0 0))",
    "a corner on an edge": "POLYGON((0 0, 2 0, 2 2, 1 0, 0 2, 0 0))",
    "a ring of no area": "POLYGON((0 0, 1 1, 2 2, 0 0))",
    "a bow tie": "POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))",
    "a sliver": "POLYGON((0 0, 1 0, 1 0.000000001, 0 0))",
    "a hole": "POLYGON((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 1 8, 8.5 8, 8.5 1, 1 1))",
    "two parts": "MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)), ((1 1, 2 1, 2 2, 1 1)))",
    "nothing": "POLYGON EMPTY",
    "a line": "LINESTRING(0 0, 1 1)",
}


@pytest.mark.parametrize("wkt", ODD.values(), ids=ODD)
def test_odd_shapes_are_told_as_geos_tells_them(wkt):
    area = np.array([shapely.transform(shapely.from_wkt(wkt), lambda points: [116, 31] + points / 1000)])
    wanted = [np.nan] if wkt.startswith("LINE") else by_geos(area)
    np.testing.assert_allclose(clearances(area), wanted, rtol=1e-6)


def test_rows_without_geometry_have_none():
    assert np.isnan(clearances(np.array([None, shapely.box(0, 0, 1, 1)]))).tolist() == [True, False]
