"""The change log followed by a process: told once, and on from where it was when the database returns."""

import asyncio

import psycopg
import pytest

from api.live.follower import Feed
from layers.database import connect_application, scoped
from tests.conftest import superuser_address
from tests.layers.little_city import ALL, fill, points, working

pytestmark = pytest.mark.postgis

UPDATE = "UPDATE city.cameras SET source = %s WHERE code = %s"


@pytest.fixture(scope="module")
def city(module_database, catalog):
    fill(module_database, catalog, cameras=points(50))
    return module_database


class Told:
    """A listener that remembers, and can be waited for."""

    def __init__(self):
        self.seen = []
        self._more = asyncio.Event()

    def __call__(self, seen):
        self.seen.append(seen)
        self._more.set()

    @property
    def changes(self):
        return [change for seen in self.seen for change in seen.changes]

    async def until(self, test):
        async with asyncio.timeout(20):
            while not test():
                self._more.clear()
                await self._more.wait()


class Keeper:
    """Keeps nothing, and remembers how often the log was lost."""

    def __init__(self):
        self.lost = 0

    def since(self, connection, database):
        return None

    def take(self, seen):
        pass

    def lose(self):
        self.lost += 1


@pytest.fixture
def keeper():
    return Keeper()


@pytest.fixture
async def feed(city, keeper):
    made = Feed(city, keeper)
    made.told = Told()
    made.subscribe(made.told)
    made.start()
    await made.told.until(lambda: made.told.seen)
    yield made
    await made.stop()


def edit(city, source, code="p1"):
    with working(city) as connection:
        connection.execute(UPDATE, [source, code])


async def test_a_change_is_told_once_with_its_regions_and_its_time(city, feed):
    told = feed.told
    edit(city, "one")
    await told.until(lambda: told.changes)
    count = len(told.seen)
    await told.until(lambda: len(told.seen) > count + 3)
    (change,) = told.changes
    assert (change.layer, change.op) == ("cameras", "update")
    assert change.regions_after == change.regions_before != ()
    assert change.at is not None
    assert feed.position.snapshot == told.seen[-1].snapshot


async def test_the_first_read_has_a_gap_before_it_and_the_next_ones_have_none(feed):
    told = feed.told
    await told.until(lambda: len(told.seen) > 2)
    assert [seen.gap for seen in told.seen[:3]] == [True, False, False]


async def test_a_listener_that_fails_keeps_no_other_from_being_told(city, feed):
    def fails(seen):
        raise RuntimeError("mine")

    feed.subscribe(fails)
    second = Told()
    end = feed.subscribe(second)
    edit(city, "two")
    await second.until(lambda: second.changes)
    end()
    edit(city, "three")
    told = feed.told
    await told.until(lambda: len(told.changes) == 2)
    assert len(second.changes) == 1


async def test_what_was_committed_while_the_connection_was_cut_is_told_when_it_is_back(
    city, server, feed, keeper
):
    told = feed.told
    edit(city, "before", "p2")
    await told.until(lambda: len(told.changes) == 1)
    with psycopg.connect(superuser_address(server.cluster, city), autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'onemap change log' AND datname = current_database()"
        ).fetchall()
    assert len(ended) == 1 and not keeper.lost
    with connect_application(city) as other, scoped(other, ALL):
        for number in range(5):
            other.execute(UPDATE, ["while away", f"p{number}"])
    await told.until(lambda: len(told.changes) == 6)
    assert len({change.seq for change in told.changes}) == 6
    assert [seen.gap for seen in told.seen].count(True) == 1
    assert keeper.lost, "kept tiles were called old meanwhile"
