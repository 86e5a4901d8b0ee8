"""Geometries as a layer stores them, and the names of what is wrong with others."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.definitions import GeometryFamily
from layers.importing.geometry import prepare

POINT, LINE, POLYGON, ANY = (
    GeometryFamily.POINT, GeometryFamily.LINE, GeometryFamily.POLYGON, GeometryFamily.ANY,
)  # fmt: skip
SQUARE = shapely.box(116, 31, 116.01, 31.01)
BOW_TIE = shapely.Polygon([(116, 31), (116.01, 31.01), (116.01, 31), (116, 31.01)])
#: The hole touches the outer ring along a line: invalid, but its area is not in doubt.
NOTCHED = shapely.Polygon(
    [(0, 0), (4, 0), (4, 4), (0, 4)], [[(0, 1), (1, 1), (1, 2), (0, 2)]]
)  # fmt: skip


def prepared(shape, family):
    made = prepare(np.array([shape, None], dtype=object)[:1], family)
    return made.geometries[0], made.reasons[0], made.repaired


@pytest.mark.parametrize(
    ("shape", "family", "reason"),
    [
        (None, POINT, "geometry-missing"),
        (float("nan"), POINT, "geometry-missing"),
        ("POINT (1 1)", POINT, "geometry-missing"),
        (shapely.Point(), POINT, "geometry-empty"),
        (shapely.Polygon(), POLYGON, "geometry-empty"),
        (shapely.Point(np.nan, 31), POINT, "coordinates-not-finite"),
        (shapely.Point(116, np.inf), POINT, "coordinates-not-finite"),
        (shapely.LineString([(116, 31), (np.nan, 31)]), LINE, "coordinates-not-finite"),
        (shapely.Point(31.86, 115.93), POINT, "axes-swapped"),
        (shapely.Point(-33.9, -118.2), POINT, "axes-swapped"),
        (shapely.box(31, 116, 31.01, 116.01), POLYGON, "axes-swapped"),
        (shapely.box(31, 84, 31.01, 116.01), POLYGON, "axes-swapped"),
        (shapely.LineString([(116, 31), (31, 116)]), LINE, "outside-envelope"),
        (shapely.Point(0, 90), POINT, "outside-envelope"),
        (shapely.Point(116, 90), POINT, "outside-envelope"),
        (shapely.Point(116, -85.07), POINT, "outside-envelope"),
        (shapely.Point(431_000, 3_514_000), POINT, "outside-envelope"),
        (shapely.Point(180.001, 0), POINT, "outside-envelope"),
        (SQUARE, POINT, "geometry-family"),
        (SQUARE, LINE, "geometry-family"),
        (shapely.Point(116, 31), POLYGON, "geometry-family"),
        (shapely.MultiPoint([(116, 31), (116, 32)]), POINT, "geometry-family"),
        (shapely.GeometryCollection([SQUARE]), ANY, "geometry-family"),
        (BOW_TIE, POLYGON, "geometry-invalid"),
        (shapely.Polygon([(116, 31), (116.01, 31), (116.02, 31)]), POLYGON, "geometry-invalid"),
        (shapely.LineString([(116, 31), (116, 31)]), LINE, "geometry-invalid"),
    ],
)
def test_a_flaw_has_its_name(shape, family, reason):
    assert prepared(shape, family)[1] == reason


@pytest.mark.parametrize(
    ("shape", "family"),
    [
        (shapely.Point(116, 31), POINT),
        (shapely.Point(0, 0), POINT),
        (shapely.Point(-180, 85.06), POINT),
        (shapely.LineString([(116, 31), (116.1, 31)]), LINE),
        (shapely.MultiLineString([[(116, 31), (116.1, 31)]]), LINE),
        (SQUARE, POLYGON),
        (shapely.MultiPolygon([SQUARE]), POLYGON),
        (shapely.MultiPoint([(116, 31), (116, 32)]), ANY),
    ],
)
def test_a_sound_geometry_stays_as_it_is(shape, family):
    made, reason, repaired = prepared(shape, family)
    assert (reason, repaired) == ("", 0)
    assert made.equals_exact(shape)


def test_heights_are_dropped():
    assert prepared(shapely.Point(116, 31, 40), POINT)[0].wkt == "POINT (116 31)"
    assert not prepared(shapely.force_3d(SQUARE, 5), POLYGON)[0].has_z


def test_a_multi_point_of_one_becomes_a_point():
    assert prepared(shapely.MultiPoint([(116, 31)]), POINT)[0].equals(shapely.Point(116, 31))


def test_a_repair_that_keeps_the_area_is_taken_and_counted():
    assert not NOTCHED.is_valid
    made, reason, repaired = prepared(NOTCHED, POLYGON)
    assert (reason, repaired) == ("", 1)
    assert made.is_valid
    assert made.area == pytest.approx(15)


def test_a_second_geometry_may_be_missing():
    made = prepare(np.array([None, SQUARE], dtype=object), ANY, needed=False)
    assert made.reasons.tolist() == ["", ""]


def test_each_row_keeps_its_place():
    shapes = np.array([SQUARE, None, BOW_TIE, NOTCHED, SQUARE], dtype=object)
    made = prepare(shapes, POLYGON)
    assert made.reasons.tolist() == ["", "geometry-missing", "geometry-invalid", "", ""]
    assert shapes[3] is NOTCHED, "what was handed in is not changed"


longitudes = st.floats(100, 120).map(lambda x: round(x, 3))
latitudes = st.floats(20, 40).map(lambda y: round(y, 3))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(longitudes, latitudes), min_size=3, max_size=7))
def test_whatever_is_drawn_ends_valid_or_refused(corners):
    made, reason, _ = prepared(shapely.Polygon(corners), POLYGON)
    assert reason in ("", "geometry-invalid")
    if not reason:
        assert made.is_valid
        assert made.geom_type in ("Polygon", "MultiPolygon")
