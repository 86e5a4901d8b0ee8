"""Drawing before anybody asks: all of it, stopped and gone on with; archives of what was drawn."""

import time
from dataclasses import dataclass

import pytest
from pmtiles.reader import MmapSource, all_tiles

from geo.errors import BadInput, Unavailable
from tilecache.address import TileAddress, TileRange, TileSet, cover, mercator_box
from tilecache.archive import read_archive, write_archive
from tilecache.keeping import kept_layers, kept_seedings, places_of, purge
from tilecache.render import pack, unpacked
from tilecache.seeding import DONE, PAUSED, SeededLayer, Seeding, pause_all
from tilecache.staleness import Mark
from tilecache.store import TileStore

DEGREES = (115.6, 31.7, 115.68, 31.78)
BOX = mercator_box(DEGREES)
CAMERAS = TileSet("cameras", "g", "s", "cameras")
ZOOMS = range(10, 15)
EVERY = sum(cover(BOX, zoom).size for zoom in ZOOMS)


@dataclass
class Drawn:
    data: bytes
    snapshot: str = "100:100:"


class Database:
    def __init__(self):
        self.drawn = []
        self.away_after = None

    async def draw(self, address):
        if self.away_after is not None and len(self.drawn) >= self.away_after:
            raise Unavailable("away")
        self.drawn.append(address)
        return Drawn(b"%d/%d/%d" % address[1:] * 200)


@pytest.fixture
async def store(tmp_path):
    found = TileStore(tmp_path, 10**8, 10**9)
    found.start()
    found.journal.clock.verify()
    yield found
    await found.close()


@pytest.fixture
def database():
    return Database()


def seeding(store, database):
    return Seeding(store, store.journal, [SeededLayer(CAMERAS, BOX, ZOOMS, database.draw)])


async def run(store, database, **options):
    told = []
    store.journal.clock.verify()
    return await seeding(store, database).run(told.append, **options), told


async def test_every_tile_is_drawn_once_low_zooms_first(store, database):
    last, told = await run(store, database)
    assert (last.done, last.total, last.drawn, last.failed, last.state) == (EVERY, EVERY, EVERY, 0, DONE)
    assert [address.z for address in database.drawn] == sorted(address.z for address in database.drawn)
    assert len(set(database.drawn)) == EVERY
    assert told[-1] == last


async def test_what_is_fresh_is_not_drawn_again_and_what_is_stale_is_most_used_first(store, database):
    await run(store, database)
    hot = [TileAddress(CAMERAS, 14, cover(BOX, 14).x_min + n, cover(BOX, 14).y_min) for n in range(2)]
    await store._writer.drained()
    again = TileStore(store._folder, 10**8, 10**9)
    again.start()
    for times, address in enumerate(hot, start=1):
        assert again.look(address) is not None
        again.journal.add_used({address: times})
    again.journal.record([Mark("cameras", 200, frozenset({TileRange(14, 0, 2**14, 0, 2**14)}))], {})
    database.drawn.clear()
    again.journal.clock.verify()
    await seeding(again, database).run(lambda _: None)
    assert database.drawn[:2] == hot[::-1]
    assert len(database.drawn) == cover(BOX, 14).size
    await again.close()


async def test_a_seeding_that_was_killed_goes_on_where_it_was(store, database):
    first = seeding(store, database)
    first.begin()
    first._note(20, "running")
    last, _ = await run(store, database)
    assert (last.done, last.drawn) == (EVERY, EVERY - 20)
    assert kept_seedings(store.journal) == [("cameras:10-14", DONE, EVERY, EVERY)]


async def test_it_can_be_paused_from_outside_and_gone_on_with(store, database, monkeypatch):
    monkeypatch.setattr("tilecache.seeding._NOTE_EVERY", 0.0)

    async def draw(address):
        if len(database.drawn) == 10:
            assert pause_all(store.journal) == 1
        return await database.draw(address)

    paused = Seeding(store, store.journal, [SeededLayer(CAMERAS, BOX, ZOOMS, draw)])
    assert (await paused.run(lambda _: None)).state == PAUSED
    assert len(database.drawn) < 20
    last, _ = await run(store, database)
    assert last.state == DONE
    assert len(set(database.drawn)) == len(database.drawn) == EVERY


async def test_without_the_database_it_ends_with_the_reason(store, database):
    database.away_after = 5
    with pytest.raises(Unavailable, match="away"):
        await run(store, database)


async def test_an_archive_holds_what_was_drawn_also_for_others(store, database, tmp_path):
    await run(store, database)
    await store._writer.drained()
    kept = [
        (TileAddress(CAMERAS, *place), store.journal.read(TileAddress(CAMERAS, *place)))
        for place in places_of(store.journal, CAMERAS)
    ]
    path = tmp_path / "cameras.pmtiles"
    assert write_archive(path, kept, DEGREES, [{"id": "cameras", "fields": {}}]) == EVERY
    with path.open("rb") as file:
        theirs = {place for place, _ in all_tiles(MmapSource(file))}
    assert theirs == {tuple(address[1:]) for address in database.drawn}
    facts, tiles = read_archive(path)
    assert (facts.layer, facts.generation) == ("cameras", "g")
    for place, tile in tiles:
        assert unpacked(tile) == b"%d/%d/%d" % place * 200


async def test_nothing_makes_no_archive_and_another_file_is_none(tmp_path):
    empty = await pack(b"", "1:1:", 1.0, 1.0)
    with pytest.raises(BadInput, match="seed"):
        write_archive(tmp_path / "x.pmtiles", [(TileAddress(CAMERAS, 1, 0, 0), empty)], DEGREES, [])
    (tmp_path / "y.pmtiles").write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(BadInput, match=r"y\.pmtiles"):
        read_archive(tmp_path / "y.pmtiles")


async def test_what_is_purged_is_gone_from_disk_and_stale_in_memory(store, database):
    await run(store, database)
    await store._writer.drained()
    (row,) = kept_layers(store.journal)
    assert (row.layer, row.zooms, row.tiles, row.stale) == ("cameras", (10, 14), EVERY, 0)
    assert row.oldest <= time.time()
    assert purge(store.journal, ["pipes"]) == 0
    assert purge(store.journal, ["cameras"]) == EVERY
    assert kept_layers(store.journal) == []
    assert kept_seedings(store.journal) == []
    assert store.look(database.drawn[0]).stale_since is not None
