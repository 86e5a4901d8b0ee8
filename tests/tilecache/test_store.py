"""Where a tile comes from, and what is said of it."""

import asyncio
import time
from dataclasses import dataclass

import pytest

from geo.errors import Unavailable
from tilecache.address import TileAddress, TileRange, TileSet
from tilecache.disk import DiskFailed
from tilecache.memory import Tile
from tilecache.staleness import EVERYTHING, Mark
from tilecache.statistics import Result
from tilecache.store import Freshness, TileStore

CAMERAS = TileSet("cameras", "g", "s", "cameras")
HERE = TileAddress(CAMERAS, 10, 1, 1)
BEFORE, AFTER = "100:100:", "101:101:"
CHANGE = Mark("cameras", 100, frozenset({TileRange(10, 0, 4, 0, 4)}))
SIZES = {"memory_bytes": 10**7, "disk_bytes": 10**8}


@dataclass
class Drawn:
    data: bytes
    snapshot: str


class Database:
    """Stands for drawing: counts, waits where told, is away where told."""

    def __init__(self):
        self.drawn = 0
        self.snapshot = BEFORE
        self.away = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def draw(self):
        snapshot = self.snapshot
        await self.gate.wait()
        if self.away:
            raise Unavailable("away")
        self.drawn += 1
        return Drawn(b"tile at %d" % self.drawn, snapshot)


@pytest.fixture(params=["memory", "disk"])
async def store(request, tmp_path):
    found = TileStore(tmp_path if request.param == "disk" else None, patience=0.05, **SIZES)
    found.start()
    found.journal.clock.verify()
    yield found
    await found.close()


def change(store, mark=CHANGE):
    store.journal.record([mark], {})


async def test_a_tile_is_drawn_once_and_then_answered_from_memory(store):
    database = Database()
    first = await store.get(HERE, database.draw)
    second = await store.get(HERE, database.draw)
    assert (first.result, second.result, database.drawn) == (Result.MISS, Result.HIT, 1)
    assert second.tile is first.tile and second.stale_since is None


async def test_five_hundred_misses_of_one_tile_are_one_query(store):
    database = Database()
    database.gate.clear()
    asked = [asyncio.create_task(store.get(HERE, database.draw)) for _ in range(500)]
    await asyncio.sleep(0.01)
    database.gate.set()
    results = [served.result for served in await asyncio.gather(*asked)]
    assert database.drawn == 1
    assert results.count(Result.COALESCED) == 499


async def test_after_a_change_a_tile_is_drawn_anew(store):
    database = Database()
    await store.get(HERE, database.draw)
    change(store)
    database.snapshot = AFTER
    served = await store.get(HERE, database.draw)
    assert (served.tile.body, served.stale_since) == (b"tile at 2", None)
    assert (await store.get(HERE, database.draw)).result is Result.HIT


async def test_a_tile_that_was_overtaken_while_it_was_drawn_is_drawn_again_for_the_next(store):
    database = Database()
    database.gate.clear()
    asked = asyncio.create_task(store.get(HERE, database.draw))
    await asyncio.sleep(0.01)
    change(store)
    database.gate.set()
    await asked
    database.snapshot = AFTER
    assert (await store.get(HERE, database.draw)).tile.body == b"tile at 2"


async def test_a_stale_tile_is_answered_where_drawing_takes_long_and_says_since_when(store):
    database = Database()
    await store.get(HERE, database.draw)
    change(store)
    database.gate.clear()
    database.snapshot = AFTER
    served = await store.get(HERE, database.draw)
    assert (served.result, served.reason) == (Result.STALE, "drawing-takes-long")
    assert served.stale_since <= time.time()
    database.gate.set()
    while (await store.get(HERE, database.draw)).result is Result.STALE:
        await asyncio.sleep(0.001)
    assert database.drawn == 2


async def test_a_layer_that_may_be_stale_is_answered_at_once_and_drawn_behind(store):
    database = Database()
    await store.get(HERE, database.draw)
    change(store)
    database.snapshot = AFTER
    policy = Freshness.STALE_WHILE_REVALIDATE
    served = await store.get(HERE, database.draw, policy)
    assert (served.result, served.reason) == (Result.STALE, "revalidating")
    while (await store.get(HERE, database.draw, policy)).result is Result.STALE:
        await asyncio.sleep(0.001)
    assert database.drawn == 2


async def test_without_the_database_what_was_ever_drawn_is_answered_as_stale(store):
    database = Database()
    await store.get(HERE, database.draw)
    change(store, EVERYTHING)
    database.away = True
    for _ in range(3):
        served = await store.get(HERE, database.draw)
        assert (served.result, served.reason) == (Result.STALE, "unavailable")
    with pytest.raises(Unavailable):
        await store.get(HERE._replace(x=2), database.draw)
    assert store.statistics.total(Result.ERROR) == 1


async def test_while_nobody_follows_the_log_no_old_tile_counts_as_fresh(store):
    database = Database()
    served = await store.get(HERE, database.draw)
    served.tile.drawn_at -= 60
    store.journal.clock._moments[0] -= 60
    assert not store.is_current(HERE, served.tile)
    database.away = True
    old = await store.get(HERE, database.draw)
    assert old.result is Result.STALE
    assert 50 < time.time() - old.stale_since < 70


async def test_what_never_changes_is_fresh_whatever_happens(store):
    fixed = TileAddress(TileSet("density", "7", "s", ""), 10, 1, 1)
    database = Database()
    await store.get(fixed, database.draw)
    change(store, EVERYTHING)
    store.journal.clock._moments[0] = 0
    assert (await store.get(fixed, database.draw)).result is Result.HIT


@pytest.fixture
async def two(tmp_path):
    stores = [TileStore(tmp_path, patience=5, **SIZES) for _ in range(2)]
    for store in stores:
        store.start()
    stores[0].journal.clock.verify()
    yield stores
    for store in stores:
        await store.close()


async def test_what_one_process_has_drawn_another_one_answers(two):
    database = Database()
    await two[0].get(HERE, database.draw)
    while two[1].look(HERE) is None:
        await asyncio.sleep(0.001)
    assert (await two[1].get(HERE, database.draw)).result is Result.HIT
    assert database.drawn == 1


async def test_a_change_that_one_process_has_seen_is_never_answered_old_by_another(two):
    database = Database()
    for number in range(50):
        served = [await store.get(HERE, database.draw) for store in two]
        assert {one.stale_since for one in served} == {None}
        database.snapshot = f"{101 + number}:{101 + number}:"
        change(two[number % 2], Mark("cameras", 100 + number, CHANGE.ranges))
        before = database.drawn
        assert (await two[1 - number % 2].get(HERE, database.draw)).tile.body == b"tile at %d" % (before + 1)


async def test_after_a_restart_what_was_drawn_is_still_there(tmp_path):
    database = Database()
    first = TileStore(tmp_path, **SIZES)
    first.start()
    await first.get(HERE, database.draw)
    await first.close()
    second = TileStore(tmp_path, **SIZES)
    second.start()
    database.away = True
    assert (await second.get(HERE, database.draw)).tile.body == b"tile at 1"
    await second.close()


async def test_a_disk_that_fails_is_done_without_and_nothing_old_passes_for_fresh(tmp_path):
    store = TileStore(tmp_path, **SIZES)
    store.start()
    store.journal.clock.verify()
    database = Database()
    await store.get(HERE, database.draw)
    store.lose_disk(DiskFailed("full"))
    store.journal.clock.verify()
    assert not store.is_current(HERE, store.look(HERE))
    assert (await store.get(HERE, database.draw)).tile.body == b"tile at 2"
    store._disk_again_at = 0
    store.maintain()
    store.journal.clock.verify()
    assert store.look(HERE).stale_since is not None
    assert (await store.get(HERE, database.draw)).tile.body == b"tile at 3"
    await store.close()


async def test_use_is_counted_on_disk(tmp_path):
    store = TileStore(tmp_path, **SIZES)
    store.start()
    store.journal.clock.verify()
    database = Database()
    for _ in range(3):
        await store.get(HERE, database.draw)
    await store.close()
    again = TileStore(tmp_path, **SIZES)
    again.start()
    assert again.journal.query("SELECT hits FROM tile") == [(3,)]
    await again.close()


def test_a_tile_weighs_its_bytes():
    light, heavy = (Tile(b"x" * size, False, "d", BEFORE, 0, 1, size) for size in (1, 1001))
    assert heavy.weight - light.weight == 1000


async def test_every_tile_is_old_at_once_when_the_log_is_lost_and_fresh_again_when_it_is_back(store):
    database = Database()
    await store.get(HERE, database.draw)
    store.journal.clock.doubt()
    database.away = True
    old = await store.get(HERE, database.draw)
    assert (old.result, old.reason) == (Result.STALE, "unavailable")
    assert old.stale_since == pytest.approx(old.tile.drawn_at, abs=1)
    store.journal.clock.verify()
    assert (await store.get(HERE, database.draw)).result is Result.HIT
