"""Tiles on disk: what is stale, also where writing and marking meet; quota; MBTiles for others."""

import sqlite3
import time

import pytest

from tilecache.address import TileAddress, TileRange, TileSet
from tilecache.disk import Disk, DiskFailed
from tilecache.memory import Tile
from tilecache.quota import Quota, sizes
from tilecache.staleness import EVERYTHING, Mark

CAMERAS = TileSet("cameras", "g", "s", "cameras")
OF_A_REGION = TileSet("cameras", "g", "r", "cameras", by_region=True)
PIPES = TileSet("pipes", "g", "s", "pipes")
FIXED = TileSet("density", "12", "s", "")
BEFORE, AFTER = "100:100:", "101:101:"
HERE = Mark("cameras", 100, frozenset({TileRange(10, 0, 4, 0, 4)}))
ALL = Mark("cameras", 100, None)


def tile(snapshot=BEFORE, size=100, drawn_at=1.0):
    return Tile(b"x" * size, True, "d", snapshot, drawn_at, 1.0, size)


def at(x=1, tiles=CAMERAS, zoom=10):
    return TileAddress(tiles, zoom, x, 1)


@pytest.fixture
def disk(tmp_path):
    opened = Disk(tmp_path / "tiles")
    yield opened
    opened.close()


@pytest.fixture
def other(disk, tmp_path):
    opened = Disk(tmp_path / "tiles")
    yield opened
    opened.close()


def test_a_tile_is_read_as_it_was_written_also_by_another_process(disk, other):
    assert disk.read(at()) is None
    disk.write([(at(), tile(), time.monotonic())])
    assert other.read(at()) == disk.read(at()) == tile()
    assert other.read(at(tiles=PIPES)) is None


@pytest.mark.parametrize("mark", [HERE, ALL, EVERYTHING])
def test_a_mark_makes_tiles_stale_and_deletes_none(disk, other, mark):
    disk.write([(at(), tile(), time.monotonic())])
    other.record([mark], {})
    assert disk.read(at()).stale_since is not None
    assert disk.read(at()).body == tile().body


def test_a_mark_spares_other_places_other_tables_and_what_never_changes(disk):
    spared = [at(x=5), at(tiles=PIPES), at(zoom=11)]
    disk.write([(address, tile(), time.monotonic()) for address in [*spared, at(tiles=FIXED)]])
    disk.record([HERE], {})
    assert [disk.read(address).stale_since for address in spared] == [None] * 3
    disk.record([EVERYTHING], {})
    assert disk.read(at(tiles=FIXED)).stale_since is None


def test_a_range_spares_a_tile_that_shows_the_change(disk):
    disk.write([(at(), tile(AFTER), time.monotonic())])
    disk.record([HERE], {})
    assert disk.read(at()).stale_since is None


@pytest.mark.parametrize("mark", [HERE, ALL])
def test_a_tile_drawn_before_a_change_and_written_after_its_mark_is_stale(disk, other, mark):
    began = time.monotonic()
    other.record([mark], {})
    disk.write([(at(), tile(BEFORE), began), (at(x=2), tile(AFTER), began)])
    assert disk.read(at()).stale_since is not None
    assert disk.read(at(x=2)).stale_since is None


def test_a_tile_that_took_longer_than_marks_are_remembered_is_stale(disk):
    disk.write([(at(), tile(AFTER), time.monotonic() - 1e6)])
    assert disk.read(at()).stale_since is not None


def test_a_tile_drawn_anew_is_fresh_and_an_older_drawing_does_not_replace_it(disk):
    disk.write([(at(), tile(), time.monotonic())])
    disk.record([ALL], {})
    disk.write([(at(), tile(AFTER, drawn_at=9.0), time.monotonic())])
    disk.write([(at(), tile(BEFORE, drawn_at=8.0), time.monotonic())])
    assert disk.read(at()) == tile(AFTER, drawn_at=9.0)


def test_regions_make_stale_what_they_cut(disk):
    disk.write([(address, tile(), time.monotonic()) for address in (at(), at(tiles=OF_A_REGION))])
    disk.record([Mark("regions", 100, None, regions=True)], {})
    assert disk.read(at()).stale_since is None
    assert disk.read(at(tiles=OF_A_REGION)).stale_since is not None


def test_one_mark_is_told_once_whoever_tells_it(disk, other):
    disk.record([HERE], {"place": "1"})
    other.record([HERE, ALL], {"place": "2"})
    assert disk.clock.tick == other.clock.tick == 1
    assert disk.marks_after(0) == (1, [HERE])
    assert disk.state("place") == "2"


def test_who_missed_marks_that_are_forgotten_hears_that_everything_is_stale(disk):
    for xid in range(100, 104):
        disk.record([Mark("cameras", xid, None)], {})
    with disk.transaction() as write:
        write.execute("DELETE FROM mark WHERE tick <= 2")
    assert disk.marks_after(2)[1] == [Mark("cameras", 102, None), Mark("cameras", 103, None)]
    assert disk.marks_after(1) == (4, [EVERYTHING])
    with disk.transaction() as write:
        write.execute("DELETE FROM mark")
    assert disk.marks_after(1) == (4, [EVERYTHING])


def test_a_mark_reaches_tiles_written_after_all_marks_are_forgotten(disk):
    disk.record([ALL], {})
    with disk.transaction() as write:
        write.execute("DELETE FROM mark")
    disk.write([(at(), tile(AFTER), time.monotonic())])
    assert disk.read(at()).stale_since is None
    disk.record([Mark("cameras", 200, None)], {})
    assert disk.read(at()).stale_since is not None


def test_the_number_of_the_clock_grows_over_a_deleted_file(tmp_path):
    first = Disk(tmp_path)
    first.record([HERE], {})
    first.close()
    for path in tmp_path.glob("tiles.mbtiles*"):
        path.unlink()
    second = Disk(tmp_path)
    second.record([HERE], {})
    assert second.marks_after(1) == (2, [HERE])
    second.close()


def test_a_file_that_is_no_database_is_an_error_that_names_it(tmp_path):
    (tmp_path / "tiles.mbtiles").write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(DiskFailed, match=r"tiles\.mbtiles"):
        Disk(tmp_path)


def test_nobody_else_may_read_the_file(disk):
    assert disk.path.parent.stat().st_mode & 0o077 == 0


def test_others_read_it_as_mbtiles(disk):
    disk.write([(TileAddress(CAMERAS, 2, 1, 0), tile(), time.monotonic())])
    with sqlite3.connect(disk.path) as plain:
        rows = plain.execute("SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles").fetchall()
        names = dict(plain.execute("SELECT name, value FROM metadata").fetchall())
    # MBTiles 1.3 counts rows from the south
    assert rows == [(2, 1, 3, tile().body)]
    assert names["format"] == "pbf" and names["name"]


def test_over_the_quota_the_least_recently_used_leave_and_low_zooms_last(disk):
    quota = Quota(limit=10_000)
    disk.write([(at(zoom=3), tile(size=500), 0.0)])
    for x in range(30):
        disk.write([(at(x=x), tile(size=200), 0.0), (at(x=x, tiles=PIPES), tile(size=200), 0.0)])
    disk.add_used({at(x=0): 3})
    quota.enforce(disk)
    held = {layer: size for layer, size, _ in sizes(disk)}
    assert sum(held.values()) <= 10_000
    assert all(size <= 5_000 for size in held.values())
    assert disk.read(at(zoom=3)) and disk.read(at(x=0)) and disk.read(at(x=29))
    assert disk.read(at(x=1)) is None
    bodies = disk.query("SELECT id FROM tile_body ORDER BY id")
    assert bodies == disk.query("SELECT id FROM tile ORDER BY id")
