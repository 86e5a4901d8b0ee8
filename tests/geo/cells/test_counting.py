"""Counting on the lattice of a face gives what indexing point by point gives (h3ronpy 0.22, h3-py 4)."""

from __future__ import annotations

import h3
import numpy as np
import pytest

from geo.cells import centres, corners, count, index
from geo.cells.counting import _on_lattice
from geo.errors import BadInput

RNG = np.random.default_rng(8)
#: Inland, over an edge of two faces, about a corner of the icosahedron, over the date line, by the pole.
PENTAGON = h3.cell_to_latlng(h3.get_pentagons(0)[3])
PLACES = [(115.9, 31.8), (121.5, 31.2), (PENTAGON[1], PENTAGON[0]), (179.99, -17.0), (12.0, 89.2)]


def about(place, spread, size=60_000):
    lon = place[0] + RNG.normal(0, spread, size) / max(np.cos(np.radians(place[1])), 0.02)
    return (lon + 180) % 360 - 180, np.clip(place[1] + RNG.normal(0, spread, size), -90, 90)


def plain(lon, lat, resolution):
    return np.unique(index(lon, lat, resolution), return_counts=True)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("resolution", "spread"), [(4, 8.0), (7, 0.5), (10, 0.05), (13, 0.002), (15, 0.0004)]
)
def test_counts_are_those_of_indexing_each_point(place, resolution, spread):
    lon, lat = about(place, spread)
    cells, counts = count(lon, lat, resolution)
    expected, numbers = plain(lon, lat, resolution)
    assert cells.tolist() == expected.tolist()
    assert counts.tolist() == numbers.tolist()


def test_in_a_city_nearly_all_points_are_counted_on_the_lattice(monkeypatch):
    asked = []

    def indexed(lon, lat, resolution):
        asked.append(len(lon))
        return index(lon, lat, resolution)

    monkeypatch.setattr("geo.cells.counting.index", indexed)
    lon, lat = about((115.9, 31.8), 0.01, 200_000)
    cells, _ = _on_lattice(lon, lat, 10)
    assert len(cells) <= asked[0] < len(cells) + 100


@pytest.mark.parametrize("resolution", [9, 10])
def test_points_on_edges_and_corners_of_cells_are_the_librarys_to_decide(resolution):
    lon, lat = about((115.9, 31.8), 0.02, 3_000)
    cells = np.unique(index(lon, lat, resolution))
    points, _ = corners(cells)
    middles = (points[1:] + points[:-1]) / 2
    lon, lat = centres(cells)
    east = np.tile(np.concatenate([points[:, 0], middles[:, 0], lon]), 60_000 // len(cells))
    north = np.tile(np.concatenate([points[:, 1], middles[:, 1], lat]), 60_000 // len(cells))
    found, counts = count(east, north, resolution)
    expected, numbers = plain(east, north, resolution)
    assert found.tolist() == expected.tolist()
    assert counts.tolist() == numbers.tolist()


def test_points_all_over_the_world_are_counted_one_by_one():
    lon, lat = RNG.uniform(-180, 180, 60_000), np.degrees(np.arcsin(RNG.uniform(-1, 1, 60_000)))
    assert _on_lattice(lon, lat, 10) is None
    cells, counts = count(lon, lat, 10)
    assert counts.sum() == 60_000
    assert cells.tolist() == plain(lon, lat, 10)[0].tolist()


def test_a_point_that_is_none_is_refused_among_many():
    lon, lat = about((115.9, 31.8), 0.01)
    lat[41_234] = np.nan
    with pytest.raises(BadInput, match="41234"):
        count(lon, lat, 10)
