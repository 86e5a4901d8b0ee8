from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sample_gis.networks.laying import beside, cut, meeting_points


def _crossing() -> SimpleNamespace:
    """Return two streets that cross: four legs of 100 m from the origin."""
    ends = [(100.0, 0.0), (0.0, 100.0), (-100.0, 0.0), (0.0, -100.0)]
    lines = np.array([shapely.LineString([(0, 0), end]) for end in ends], dtype=object)
    return SimpleNamespace(
        lines=lines,
        length_m=shapely.length(lines),
        start=np.zeros(4, dtype=np.int64),
        end=np.arange(1, 5),
        xy=np.array([(0.0, 0.0), *ends]),
    )


def test_lines_on_the_north_and_east_sides_meet_in_the_north_east_corner() -> None:
    streets = _crossing()
    points = meeting_points(streets, np.arange(4), np.full(4, 6.0))
    assert points[0] == pytest.approx([6.0, 6.0], abs=0.3)


def test_lines_on_the_other_side_meet_in_the_south_west_corner() -> None:
    streets = _crossing()
    points = meeting_points(streets, np.arange(4), np.full(4, -4.0))
    assert points[0] == pytest.approx([-4.0, -4.0], abs=0.3)


def test_a_line_keeps_its_distance_between_the_bends() -> None:
    streets = _crossing()
    offset = np.full(4, 6.0)
    points = meeting_points(streets, np.arange(4), offset)
    lines = beside(streets, np.arange(4), offset, points)
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    assert shapely.distance(middle, streets.lines) == pytest.approx(6.0, abs=0.05)


def test_lines_end_exactly_where_they_meet() -> None:
    streets = _crossing()
    offset = np.full(4, 3.0)
    points = meeting_points(streets, np.arange(4), offset)
    lines = beside(streets, np.arange(4), offset, points)
    starts = shapely.get_coordinates(shapely.get_point(lines, 0))
    assert (starts == points[0]).all()


@given(st.lists(st.floats(1.0, 99.0), min_size=0, max_size=6, unique=True))
@settings(max_examples=40, deadline=None)
def test_pieces_of_a_cut_line_add_up_to_it_and_follow_each_other(ways: list[float]) -> None:
    line = np.array([shapely.LineString([(0, 0), (40, 0), (40, 60)])], dtype=object)
    distinct = np.unique(np.round(ways, 1))
    pieces = cut(line, np.zeros(len(distinct), dtype=np.int64), distinct)
    assert len(pieces.geometry) == len(distinct) + 1
    # A corner within 5 cm of a cut gives way to it.
    assert shapely.length(pieces.geometry).sum() == pytest.approx(100.0, abs=0.11)
    for before, after in zip(pieces.geometry[:-1], pieces.geometry[1:], strict=True):
        assert before.coords[-1] == after.coords[0]
    assert pieces.first.tolist() == [True] + [False] * len(distinct)
    assert pieces.last.tolist() == [False] * len(distinct) + [True]


def test_each_line_is_cut_at_its_own_fittings_only() -> None:
    lines = np.array([shapely.LineString([(0, y), (10, y)]) for y in (0, 5)], dtype=object)
    pieces = cut(lines, np.array([1]), np.array([4.0]))
    assert pieces.line.tolist() == [0, 1, 1]
    assert shapely.length(pieces.geometry).tolist() == [10.0, 4.0, 6.0]
    assert pieces.at.tolist() == [[4.0, 5.0]]
