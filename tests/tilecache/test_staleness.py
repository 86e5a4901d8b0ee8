"""What a change makes stale."""

from itertools import product

import h3
import numpy as np
import pytest
from pyproj import Transformer

from layers.features.changes import Change
from layers.runs.zooms import MAX_ZOOM, MIN_ZOOM, resolution_at
from layers.schema.names import REGIONS
from tilecache.address import TileAddress, TileSet, cover
from tilecache.staleness import EVERYTHING, MOST_CHANGES, marks_of

CAMERAS = TileSet("cameras", "g", "s", "cameras")
OF_A_REGION = TileSet("cameras", "g", "r", "cameras", by_region=True)
PART = TileSet("towns", "g", "s", "regions")
FIXED = TileSet("density", "12", "s", "")
LIVE = TileSet("density", "13", "s", "density")
HERE = (12_900_000.0, 3_700_000.0, 12_900_010.0, 3_700_010.0)
THERE = (12_950_000.0, 3_750_000.0, 12_950_010.0, 3_750_010.0)
BEFORE, AFTER = "100:100:", "101:101:"


def change(layer="cameras", before=None, after=HERE, xid=100, feature=1, seq=1):
    return Change(seq, xid, layer, "update", feature, before, after)


def tile_at(box, zoom, tiles=CAMERAS):
    area = cover(box, zoom)
    return TileAddress(tiles, zoom, area.x_min, area.y_min)


def stale(address, snapshot, *changes):
    return any(mark.touches(address, snapshot) for mark in marks_of(changes))


def test_a_tile_is_stale_where_the_feature_was_and_where_it_is():
    moved = change(before=HERE, after=THERE)
    assert stale(tile_at(HERE, 16), BEFORE, moved)
    assert stale(tile_at(THERE, 16), BEFORE, moved)
    between = tuple((a + b) / 2 for a, b in zip(HERE, THERE, strict=True))
    assert not stale(tile_at(between, 16), BEFORE, moved)


def test_a_tile_that_shows_the_change_already_is_fresh():
    assert not stale(tile_at(HERE, 16), AFTER, change())


def test_a_change_of_another_layer_is_none():
    assert not stale(tile_at(HERE, 16), BEFORE, change(layer="pipes"))


def test_a_part_is_stale_with_its_whole():
    assert stale(tile_at(HERE, 10, PART), BEFORE, change(layer=REGIONS))


def test_a_change_of_a_region_matters_where_regions_cut():
    changed = change(layer=REGIONS, after=THERE)
    assert stale(tile_at(HERE, 16, OF_A_REGION), BEFORE, changed)
    assert not stale(tile_at(HERE, 16), BEFORE, changed)


def test_a_change_over_a_whole_city_or_of_very_many_features_makes_every_tile_of_the_table_stale():
    city = (12_900_000.0, 3_700_000.0, 12_950_000.0, 3_750_000.0)
    assert [mark.ranges for mark in marks_of([change(after=city, feature=None)])] == [None]
    many = [change(seq=number) for number in range(MOST_CHANGES + 1)]
    assert [mark.ranges for mark in marks_of(many)] == [None]


@pytest.mark.parametrize("latitude", [18.0, 32.0, 53.0])
def test_a_changed_cell_of_a_live_result_makes_stale_every_tile_that_shows_it_or_a_coarser_one(latitude):
    drawn = {zoom: resolution_at(zoom, finest=12, coarsest=5) for zoom in range(MIN_ZOOM, MAX_ZOOM + 1)}
    for place in np.random.default_rng(1).uniform(0, 1, (40, 2)).tolist():
        cell = h3.latlng_to_cell(latitude + place[0], 115 + place[1], 12)
        box = box_of(cell)
        changed = Change(1, 100, "density", "update", None, None, box, details={"run": 13, "live": True})
        (mark,) = marks_of([changed])
        for zoom, resolution in drawn.items():
            shown = cover(box_of(h3.cell_to_parent(cell, resolution)), zoom)
            for x, y in product(range(shown.x_min, shown.x_max + 1), range(shown.y_min, shown.y_max + 1)):
                assert mark.touches(TileAddress(LIVE, zoom, x, y), BEFORE), (zoom, resolution)
                assert not mark.touches(TileAddress(LIVE, zoom, x, y), AFTER)
                assert not mark.touches(TileAddress(FIXED, zoom, x, y), BEFORE)
        assert not mark.touches(TileAddress(LIVE, 18, shown.x_max + 2, shown.y_max), BEFORE)


def box_of(cell):
    latitudes, longitudes = zip(*h3.cell_to_boundary(cell), strict=True)
    x, y = Transformer.from_crs(4326, 3857, always_xy=True).transform(longitudes, latitudes)
    return min(x), min(y), max(x), max(y)


def test_what_has_no_geometry_makes_nothing_stale():
    assert list(marks_of([change(after=None)])) == []


def test_changes_of_one_transaction_are_one_mark():
    marks = list(marks_of([change(seq=1), change(seq=2), change(seq=3, xid=101)]))
    assert [mark.xid for mark in marks] == [100, 101]


def test_losing_the_place_makes_all_stale_but_what_never_changes():
    for tiles in (CAMERAS, OF_A_REGION, PART):
        assert EVERYTHING.touches(tile_at(HERE, 3, tiles), AFTER)
    assert not EVERYTHING.touches(tile_at(HERE, 3, FIXED), AFTER)
