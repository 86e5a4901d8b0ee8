"""Sums by cell and by area against brute force over every pair, and against closed forms."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cells import Containment, cover, polygons, rollup, to_text
from geo.density import (
    area_km2,
    areas_km2,
    in_areas,
    in_cells,
    lengths_km,
    ratio,
    shares_in_areas,
    shares_in_cells,
)
from geo.errors import BadInput

LON, LAT = 115.88, 31.74
ZONE = 4548
near = st.floats(-0.02, 0.02)


def frame(*shapes, crs=4326, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def metres(*shapes):
    return gpd.GeoSeries(list(shapes), crs=4326).to_crs(ZONE)


def brute_force(shape, resolution):
    """Share of one line or polygon in every cell around it, by cutting it with each."""
    box = shapely.box(*shape.buffer(0.05).bounds)
    cells = [h3.str_to_int(cell) for cell in h3.geo_to_cells(box, resolution)]
    outlines = polygons(np.array(cells, dtype=np.uint64)).to_crs(ZONE)
    own = metres(shape).iloc[0]
    cut = outlines.intersection(own)
    part = cut.length if own.geom_type.endswith("LineString") else cut.area
    whole = own.length if own.geom_type.endswith("LineString") else own.area
    share = part / whole
    return share[share > 1e-12]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(near, near), min_size=2, max_size=6, unique=True), st.integers(7, 10))
def test_a_line_is_shared_out_by_the_length_in_each_cell(corners, resolution):
    line = shapely.LineString([(LON + x, LAT + y) for x, y in corners])
    if metres(line).length.iloc[0] < 1 or not line.is_simple:
        return  # shapely counts a way back only once; the test below holds what we do
    found = shares_in_cells(frame(line), resolution)
    own = pd.Series(found.share, index=found.zone).groupby(level=0).sum()
    expected = brute_force(line, resolution)
    shared = pd.concat([own, expected], axis=1).fillna(0)
    assert (shared[0] - shared[1]).abs().max() < 1e-6
    assert found.share.sum() == pytest.approx(1, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(near, near), min_size=3, max_size=8, unique=True), st.integers(7, 10))
def test_a_polygon_is_shared_out_by_the_area_in_each_cell(corners, resolution):
    polygon = shapely.MultiPoint([(LON + x, LAT + y) for x, y in corners]).convex_hull
    if polygon.geom_type != "Polygon" or metres(polygon).area.iloc[0] < 100:
        return
    found = shares_in_cells(frame(polygon), resolution)
    own = pd.Series(found.share, index=found.zone)
    shared = pd.concat([own, brute_force(polygon, resolution)], axis=1).fillna(0)
    assert (shared[0] - shared[1]).abs().max() < 1e-6
    assert found.share.sum() == pytest.approx(1, abs=1e-9)


def test_a_way_back_along_the_same_line_is_a_way_too():
    there = shapely.LineString([(LON, LAT), (LON + 0.02, LAT), (LON, LAT)])
    half = shapely.box(LON - 0.01, LAT - 0.01, LON + 0.01, LAT + 0.01)
    assert in_cells(frame(there), 9)["n"].sum() == pytest.approx(1)
    assert in_areas(frame(there), frame(half))["n"].tolist() == pytest.approx([0.5], rel=1e-4)


def test_a_polygon_with_a_hole_gives_nothing_to_cells_in_the_hole():
    outer = shapely.Point(LON, LAT).buffer(0.03)
    polygon = outer.difference(shapely.Point(LON, LAT).buffer(0.015))
    found = in_cells(frame(polygon), 9)
    middle = h3.str_to_int(h3.latlng_to_cell(LAT, LON, 9))
    assert middle not in found.index
    assert found["n"].sum() == pytest.approx(1)


@pytest.mark.parametrize("resolution", [5, 8, 12])
def test_points_count_in_the_cell_that_h3_gives(resolution):
    random = np.random.default_rng(5)
    lon, lat = LON + random.normal(0, 0.05, 500), LAT + random.normal(0, 0.05, 500)
    found = in_cells(frame(*shapely.points(lon, lat)), resolution)
    expected = pd.Series([h3.latlng_to_cell(y, x, resolution) for x, y in zip(lon, lat, strict=True)])
    own = pd.Series(found["n"].to_numpy(), index=to_text(found.index.to_numpy()))
    pd.testing.assert_series_equal(
        own.sort_index(), expected.value_counts().sort_index().astype(float), check_names=False
    )


def mixed(size=60, seed=3):
    random = np.random.default_rng(seed)
    at = np.column_stack([LON + random.normal(0, 0.04, size), LAT + random.normal(0, 0.04, size)])
    shapes = []
    for number, (x, y) in enumerate(at):
        match number % 4:
            case 0:
                shapes.append(shapely.Point(x, y))
            case 1:
                shapes.append(shapely.LineString([(x, y), (x + 0.01, y + 0.004), (x + 0.02, y)]))
            case 2:
                shapes.append(shapely.Point(x, y).buffer(0.004))
            case _:
                shapes.append(shapely.MultiPoint([(x, y), (x + 0.01, y)]))
    return frame(*shapes, weight=random.integers(0, 9, size).astype(float))


def test_sums_are_the_same_at_every_resolution_and_equal_the_features():
    features = mixed()
    finest = in_cells(features, 11, weight="weight")
    for resolution in range(11, 4, -1):
        level = rollup(finest, resolution)
        assert level["n"].sum() == pytest.approx(len(features))
        assert level["value"].sum() == pytest.approx(features["weight"].sum())


def test_a_tiling_of_regions_and_what_lies_outside_make_up_the_whole():
    features = mixed()
    west, south, east, north = features.total_bounds
    cut = [west - 0.01, LON - 0.01, LON + 0.02, east + 0.01]
    tiles = frame(*(shapely.box(a, south - 1, b, north + 1) for a, b in pairwise(cut)))
    found = in_areas(features, tiles, weight="weight")
    assert found["n"].sum() == pytest.approx(len(features), rel=1e-6)
    assert found["value"].sum() == pytest.approx(features["weight"].sum(), rel=1e-6)


def test_a_point_on_a_common_boundary_counts_once_in_a_tiling_and_twice_in_overlapping_areas():
    boxes = frame(shapely.box(115, 31, 116, 32), shapely.box(116, 31, 117, 32))
    point = frame(shapely.Point(116, 31.5))
    assert in_areas(point, boxes)["n"].tolist() == [1, 0]
    assert in_areas(point, boxes, overlapping=True)["n"].tolist() == [1, 1]


def test_within_takes_points_inside_and_the_shares_inside_of_lines():
    box = shapely.box(LON, LAT, LON + 0.1, LAT + 0.1)
    line = shapely.LineString([(LON - 0.03, LAT + 0.05), (LON + 0.01, LAT + 0.05)])
    features = frame(shapely.Point(LON + 0.01, LAT + 0.01), shapely.Point(LON - 0.01, LAT), line)
    found = in_cells(features, 9, within=box)
    assert found["n"].sum() == pytest.approx(1.25, rel=1e-4)
    shares = shares_in_areas(features, frame(box))
    assert sorted(shares.share.round(4).tolist()) == [0.25, 1.0]


def test_a_line_along_the_edge_of_cells_is_not_counted_twice():
    outline = polygons(np.array([h3.str_to_int(h3.latlng_to_cell(LAT, LON, 8))], dtype=np.uint64))
    edge = shapely.LineString(shapely.get_coordinates(outline.iloc[0])[:2])
    assert in_cells(frame(edge), 8)["n"].sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "shape",
    [
        shapely.LineString([(LON, LAT), (LON, LAT)]),
        shapely.Polygon([(LON, LAT), (LON + 0.001, LAT), (LON, LAT)]),
    ],
)
def test_a_shape_without_length_or_area_counts_where_it_begins(shape):
    found = in_cells(frame(shape), 9)
    assert found["n"].tolist() == [1]
    assert found.index[0] == h3.str_to_int(h3.latlng_to_cell(LAT, LON, 9))


def test_features_without_a_weight_are_counted_and_told():
    features = frame(shapely.Point(LON, LAT), shapely.Point(LON, LAT), hurt=[2.0, np.nan])
    found = in_cells(features, 8, weight="hurt")
    assert found.iloc[0].tolist() == [2, 2]
    assert found.attrs["missing"] == 1


@pytest.mark.parametrize("weight", ["nothing", "name", "flag"])
def test_a_weight_must_be_a_numeric_column(weight):
    features = frame(shapely.Point(LON, LAT), name=["a"], flag=[True])
    with pytest.raises(BadInput):
        in_cells(features, 8, weight=weight)


@pytest.mark.parametrize("resolution", [-1, 16, 8.0, True])
def test_a_resolution_out_of_range_is_refused(resolution):
    with pytest.raises(BadInput):
        in_cells(frame(shapely.Point(LON, LAT)), resolution)


def test_nothing_gives_nothing():
    empty = gpd.GeoDataFrame({"weight": pd.Series(dtype=float)}, geometry=[], crs=4326)
    assert in_cells(empty, 8, weight="weight").empty
    assert in_areas(empty, frame(shapely.box(0, 0, 1, 1)))["n"].tolist() == [0]


def test_a_frame_without_a_crs_is_refused():
    with pytest.raises(BadInput):
        in_cells(gpd.GeoDataFrame(geometry=[shapely.Point(LON, LAT)]), 8)


def test_cut_areas_of_cells_add_up_to_the_polygon():
    polygon = shapely.box(LON, LAT, LON + 0.05, LAT + 0.04)
    cells = cover(polygon, 9, Containment.INTERSECTS)
    assert area_km2(cells, polygon).sum() == pytest.approx(areas_km2(frame(polygon)).iloc[0], rel=2e-3)
    whole = area_km2(cells)
    assert whole.iloc[0] == pytest.approx(h3.cell_area(h3.int_to_str(int(cells[0])), "km^2"), rel=1e-6)


def test_road_length_by_cell_adds_up_to_the_roads():
    roads = mixed().iloc[1::4].copy()
    roads["km"] = lengths_km(roads)
    assert in_cells(roads, 9, weight="km")["value"].sum() == pytest.approx(roads["km"].sum())


def test_a_density_against_nothing_is_missing_not_zero():
    value, base = pd.Series([3.0, 0.0, 2.0]), pd.Series([2.0, 5.0, 0.0])
    found = ratio(value, base)
    assert found.tolist()[:2] == [1.5, 0.0]
    assert np.isnan(found.iloc[2])
