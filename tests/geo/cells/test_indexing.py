"""Cells of points: h3ronpy against the reference library h3-py 4.5."""

import h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cells import area_m2, centres, children, count, index, parents, parse, resolution_of, to_text
from geo.errors import BadInput

RNG = np.random.default_rng(20261124)


@pytest.mark.parametrize("resolution", [0, 5, 9, 12, 15])
def test_random_points_get_the_same_cell_as_h3_gives(resolution: int) -> None:
    lon, lat = RNG.uniform(-180, 180, 3000), np.degrees(np.arcsin(RNG.uniform(-1, 1, 3000)))
    expected = [h3.latlng_to_cell(y, x, resolution) for x, y in zip(lon, lat, strict=True)]
    cells = index(lon, lat, resolution)
    assert cells.dtype == np.uint64
    assert to_text(cells).tolist() == expected
    assert (resolution_of(cells) == resolution).all()


def test_more_points_than_one_chunk_keep_their_order() -> None:
    lon, lat = RNG.uniform(115, 117, 1_000_007), RNG.uniform(31, 32, 1_000_007)
    cells = index(lon, lat, 9)
    at = RNG.integers(0, len(lon), 500)
    assert to_text(cells[at]).tolist() == [h3.latlng_to_cell(lat[k], lon[k], 9) for k in at]


@pytest.mark.parametrize("coarse", [0, 3, 8, 10])
def test_parents_are_those_of_h3(coarse: int) -> None:
    cells = index(RNG.uniform(-180, 180, 1000), RNG.uniform(-89, 89, 1000), 10)
    assert to_text(parents(cells, coarse)).tolist() == [h3.cell_to_parent(c, coarse) for c in to_text(cells)]


def test_areas_are_those_of_h3_and_are_not_equal_between_places() -> None:
    cells = index([115.88, 87.6, 126.6], [31.74, 43.8, 45.8], 8)
    areas = area_m2(cells)
    assert areas == pytest.approx([h3.cell_area(c, "m^2") for c in to_text(cells)], rel=1e-6)
    assert areas.max() / areas.min() > 1.2


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), max_size=60), st.integers(0, 15))
@settings(max_examples=50, deadline=None)
def test_counts_add_up_to_the_points_and_match_a_plain_count(points: list, resolution: int) -> None:
    lon, lat = [p[0] for p in points], [p[1] for p in points]
    cells, counts = count(lon, lat, resolution)
    plain = np.unique(index(lon, lat, resolution), return_counts=True)
    assert counts.sum() == len(points)
    assert cells.tolist() == plain[0].tolist()
    assert counts.tolist() == plain[1].tolist()


def test_text_and_number_are_inverse() -> None:
    cells = index(RNG.uniform(-180, 180, 200), RNG.uniform(-89, 89, 200), 11)
    assert parse(to_text(cells)).tolist() == cells.tolist()


@pytest.mark.parametrize("resolution", [-1, 16, 9.5, True, "9"])
def test_a_resolution_out_of_range_is_refused(resolution: object) -> None:
    with pytest.raises(BadInput, match="resolution"):
        index([115.0], [31.0], resolution)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lon", "lat"),
    [([np.nan], [31]), ([np.inf], [31]), ([500000.0], [3500000.0]), ([31.0], [115.0]), ([1, 2], [3])],
)
def test_coordinates_that_are_no_degrees_are_refused_with_their_row(lon: list, lat: list) -> None:
    with pytest.raises(BadInput):
        index(lon, lat, 9)


@pytest.mark.parametrize("texts", [["zz"], ["0"], ["ffffffffffffffffff"], ["8928308280fffff", ""]])
def test_a_text_that_is_no_cell_is_refused(texts: list[str]) -> None:
    with pytest.raises(BadInput):
        parse(texts)


def test_a_parent_finer_than_the_cell_is_refused() -> None:
    with pytest.raises(BadInput, match="coarser"):
        parents(index([115.0], [31.0], 5), 7)


@pytest.mark.parametrize("resolution", [0, 5, 8])
def test_children_are_those_of_h3_also_of_pentagons(resolution: int) -> None:
    texts = [h3.latlng_to_cell(31.74, 115.88, resolution), *h3.get_pentagons(resolution)]
    expected = sorted(child for text in texts for child in h3.cell_to_children(text))
    assert sorted(to_text(children(parse(texts))).tolist()) == expected


def test_the_finest_cells_have_no_children() -> None:
    with pytest.raises(BadInput):
        children(index([115.88], [31.74], 15))


def test_centres_are_those_of_h3() -> None:
    cells = index(RNG.uniform(-180, 180, 300), RNG.uniform(-89, 89, 300), 9)
    lon, lat = centres(cells)
    expected = np.array([h3.cell_to_latlng(c) for c in to_text(cells)])
    assert lat == pytest.approx(expected[:, 0], abs=1e-9)
    assert lon == pytest.approx(expected[:, 1], abs=1e-9)
