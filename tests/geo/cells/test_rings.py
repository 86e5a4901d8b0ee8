"""Neighbours from the digits of a cell's number against h3-py, which walks the grid, at every resolution."""

from __future__ import annotations

import h3
import numpy as np
import pytest
from h3.api import basic_int

from geo.cells import disk_positions, index, neighbours
from geo.errors import BadInput


def around_the_world(resolution: int, discs: int = 25) -> np.ndarray:
    """Return discs of cells anywhere, and around all pentagons, ascending."""
    draw = np.random.default_rng(resolution)
    lon = draw.uniform(-180, 180, discs)
    lat = np.degrees(np.arcsin(draw.uniform(-1, 1, discs)))
    middles = [*index(lon, lat, resolution).tolist(), *basic_int.get_pentagons(resolution)]
    return np.unique(
        np.array([cell for one in middles for cell in basic_int.grid_disk(one, 2)], dtype=np.uint64)
    )


@pytest.mark.parametrize("resolution", range(16))
def test_the_neighbours_are_those_of_h3_at_every_resolution_and_around_pentagons(resolution):
    cells = around_the_world(resolution)
    found = neighbours(cells)
    inside = set(cells.tolist())
    for cell, row in zip(cells.tolist(), found, strict=True):
        ours = sorted(cells[row[row >= 0]].tolist())
        assert ours == sorted(inside.intersection(basic_int.grid_disk(cell, 1)) - {cell}), h3.int_to_str(cell)


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_discs_reach_over_cells_that_are_not_in_the_set(k):
    cells = around_the_world(7, 4)[::2]
    start, other = disk_positions(cells, k)
    for at in range(0, len(cells), 7):
        theirs = set(basic_int.grid_disk(int(cells[at]), k)).intersection(cells.tolist())
        assert set(cells[other[start == at]].tolist()) == theirs


def test_cells_out_of_order_twice_or_of_two_resolutions_are_refused():
    cells = around_the_world(6, 2)
    for wrong in (
        cells[::-1],
        np.sort(np.concatenate([cells, cells[:1]])),
        np.append(cells, index([0], [0], 9)),
    ):
        with pytest.raises(BadInput):
            neighbours(wrong)


def test_no_cells_have_no_neighbours():
    assert neighbours(np.zeros(0, dtype=np.uint64)).shape == (0, 6)
