"""Tiles of a box, against morecantile."""

import math

import morecantile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilecache.address import GREATEST_ZOOM, HALF, TileSet, cover, covers, tile_box

TMS = morecantile.tms.get("WebMercatorQuad")
EDGE = 64 / 4096

inside = st.floats(-HALF, HALF, allow_subnormal=False)


@st.composite
def boxes(draw):
    west, south = draw(inside), draw(inside)
    width = draw(st.sampled_from([0.0, 1.0, 200.0, 5_000.0, 1e6]))
    return west, south, min(west + width, HALF), min(south + width, HALF)


@given(boxes(), st.integers(0, GREATEST_ZOOM))
def test_every_tile_that_the_box_touches_is_covered(box, zoom):
    west, south, east, north = box
    area = cover(box, zoom)
    for x, y in ((west, south), (east, north), (west, north)):
        tile = TMS._tile(x, y, zoom)
        last = 2**zoom - 1
        assert area.holds(zoom, min(max(tile.x, 0), last), min(max(tile.y, 0), last))


@given(boxes(), st.integers(0, 16), st.data())
def test_a_tile_is_covered_where_its_buffered_box_meets_the_box_and_no_tile_far_from_it(box, zoom, data):
    area = cover(box, zoom)
    count = 2**zoom
    x = min(max(data.draw(st.integers(area.x_min - 2, area.x_max + 2)), 0), count - 1)
    y = min(max(data.draw(st.integers(area.y_min - 2, area.y_max + 2)), 0), count - 1)
    bounds = TMS.xy_bounds(morecantile.Tile(x, y, zoom))
    width = (bounds.right - bounds.left) * EDGE

    def meets(margin):
        return (
            bounds.left - margin <= box[2]
            and bounds.right + margin >= box[0]
            and bounds.bottom - margin <= box[3]
            and bounds.top + margin >= box[1]
        )

    if meets(width):
        assert area.holds(zoom, x, y)
    if not meets(width * 1.1 + 1e-6):
        assert not area.holds(zoom, x, y)


@given(st.integers(0, GREATEST_ZOOM), st.data())
def test_the_box_of_a_tile_is_that_of_morecantile(zoom, data):
    x, y = (data.draw(st.integers(0, 2**zoom - 1)) for _ in range(2))
    bounds = TMS.xy_bounds(morecantile.Tile(x, y, zoom))
    assert all(
        math.isclose(mine, theirs, abs_tol=1e-6)
        for mine, theirs in zip(tile_box(zoom, x, y), bounds, strict=True)
    )


def test_a_box_beside_the_matrix_has_no_tiles():
    assert cover((HALF * 1.5, 0, HALF * 1.6, 1), 3) is None
    assert covers(((HALF * 1.5, 0, HALF * 1.6, 1),)) == frozenset()


def test_a_point_has_a_tile_or_few_at_each_zoom():
    found = covers(((12_900_000.0, 3_700_000.0, 12_900_000.0, 3_700_000.0),))
    assert {area.z for area in found} == set(range(GREATEST_ZOOM + 1))
    assert all(area.size <= 4 for area in found)


@pytest.mark.parametrize("other", [("b", "1", "s"), ("a", "2", "s"), ("a", "1", "t")])
def test_tile_sets_differ_by_layer_generation_and_scope(other):
    one = TileSet("a", "1", "s", "a")
    assert one == TileSet("a", "1", "s", "a") and hash(one) == hash(TileSet("a", "1", "s", "a"))
    assert one != TileSet(*other, "a")
