"""Outlines of cells, and groups whose ids stay."""

import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cells import corners, groups, index, outline, parse, polygons
from geo.errors import BadInput

ORIGIN = "8940b48902bffff"


def ring(centre: str, size: int) -> np.ndarray:
    return parse(sorted(h3.grid_disk(centre, size)))


def away(steps: int) -> str:
    return sorted(h3.grid_ring(ORIGIN, steps))[0]


def test_outlines_have_the_corners_that_h3_gives() -> None:
    cell = polygons(parse([ORIGIN])).iloc[0]
    corners = {(round(lon, 9), round(lat, 9)) for lat, lon in h3.cell_to_boundary(ORIGIN)}
    assert {(round(x, 9), round(y, 9)) for x, y in cell.exterior.coords} == corners


def test_a_cell_over_the_antimeridian_stays_in_one_piece() -> None:
    west, _, east, _ = polygons(index([179.999], [10.0], 5)).iloc[0].bounds
    assert 179 < west < 180 < east < 181


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_two_cells_share_a_group_exactly_where_a_chain_of_neighbours_joins_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    disk = ring(ORIGIN, 5)
    chosen = np.sort(rng.choice(disk, 40, replace=False))
    found = groups(chosen)
    left, expected = {h3.int_to_str(c) for c in chosen.tolist()}, {}
    while left:
        todo, members = [left.pop()], []
        while todo:
            cell = todo.pop()
            members.append(cell)
            near = set(h3.grid_disk(cell, 1)) & left
            left -= near
            todo += near
        name = min(map(h3.str_to_int, members))
        expected.update({h3.str_to_int(cell): name for cell in members})
    assert {int(k): int(v) for k, v in found.items()} == expected


def test_a_group_that_grows_moves_or_shrinks_keeps_its_id() -> None:
    before = groups(ring(ORIGIN, 2))
    name = int(before.iloc[0])
    for later in (ring(ORIGIN, 3), ring(away(1), 2), before.index.to_numpy()[3:]):
        after = groups(later, before)
        assert after.nunique() == 1
        assert int(after.iloc[0]) == name


def test_of_two_parts_of_a_split_group_the_larger_keeps_the_id_and_no_id_is_given_twice() -> None:
    before = groups(np.union1d(ring(ORIGIN, 4), ring(away(6), 2)))
    parts = np.union1d(ring(ORIGIN, 2), ring(away(6), 1))
    after = groups(parts, before)
    assert after.nunique() == 2
    assert int(after[h3.str_to_int(ORIGIN)]) == int(before[h3.str_to_int(ORIGIN)])


def test_mixed_resolutions_and_doubles_are_refused_and_nothing_gives_nothing() -> None:
    with pytest.raises(BadInput, match="resolutions"):
        groups(np.concatenate([index([115.0], [31.0], 8), index([115.0], [31.0], 9)]))
    with pytest.raises(BadInput, match="twice"):
        groups(np.repeat(index([115.0], [31.0], 8), 2))
    assert groups(np.zeros(0, dtype=np.uint64)).empty
    assert isinstance(groups(ring(ORIGIN, 1), pd.Series(dtype=np.uint64)), pd.Series)


def test_corners_are_those_of_the_outlines_also_for_pentagons_and_over_the_antimeridian() -> None:
    cells = [ORIGIN, *h3.get_pentagons(9), h3.latlng_to_cell(10.0, 179.999, 9)]
    numbers = parse(cells)
    points, counts = corners(numbers)
    shapes = polygons(numbers).to_numpy()
    assert counts.tolist() == shapely.get_num_coordinates(shapes).tolist()
    assert set(counts.tolist()) != {7}
    assert np.array_equal(points, shapely.get_coordinates(shapes))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_the_outline_of_cells_holds_their_ground_and_no_other(seed: int) -> None:
    random = np.random.default_rng(seed)
    disk = ring("8928308280fffff", 5)
    cells = random.choice(disk, random.integers(1, len(disk)), replace=False)
    found, shapes = outline(cells), polygons(cells)
    assert found.is_valid
    assert found.symmetric_difference(shapes.union_all()).area < shapely.area(shapes).sum() * 1e-9
    assert len(found.geoms) == groups(cells).nunique()


def test_an_outline_of_many_corners_is_that_of_coarser_cells_in_the_same_place() -> None:
    cells = ring("8928308280fffff", 40)[::2]
    found, whole = outline(cells, most=200), polygons(cells).union_all()
    assert shapely.get_num_coordinates(found) <= 200 < shapely.get_num_coordinates(outline(cells, most=9**9))
    assert found.intersection(whole).area > 0.95 * whole.area
    assert found.area < 3 * whole.area


def test_the_outline_over_the_antimeridian_stays_in_one_piece_and_nothing_has_none() -> None:
    cells = ring(h3.latlng_to_cell(0.0, 180.0, 5), 3)
    found = outline(cells)
    assert (len(found.geoms), found.area) == (1, pytest.approx(shapely.area(polygons(cells)).sum()))
    assert outline(np.zeros(0, dtype=np.uint64)).is_empty
    with pytest.raises(BadInput, match="several resolutions"):
        outline([*ring("8928308280fffff", 0), *ring("8828308281fffff", 0)])


def test_no_cells_have_no_corners() -> None:
    points, counts = corners(np.zeros(0, dtype=np.uint64))
    assert (points.shape, counts.shape) == ((0, 2), (0,))
