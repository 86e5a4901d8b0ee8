"""Sums that a change has made old are told at once with their moment; the new ones as soon as they are there.

Adding up takes long because somebody else holds the table.
"""

import asyncio
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from api.renewing import Renewals
from layers.city import CityCard, store_card
from layers.database import admin_connection, open_reading_pool, set_scope
from layers.definitions import Words
from layers.indicators.adding_up import Asking, Kept, Renewing
from layers.indicators.clock import Clock
from layers.indicators.compute import tell
from layers.indicators.keeping import keep_today
from layers.indicators.known import views_of
from layers.indicators.places import read_family
from tests.layers.little_city import ALL, COUNTY, fill, points

pytestmark = pytest.mark.postgis

DAY = date(2020, 12, 31)
CLOCK = Clock(DAY, DAY, ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def city(module_database, catalog):
    cameras = points(40).assign(name="机", online=[n % 3 > 0 for n in range(40)])
    fill(module_database, catalog, cameras=cameras)
    with admin_connection(module_database) as connection:
        words = Words(zh="叶集区", en="Yeji")
        store_card(connection, CityCard(name=words, region=COUNTY, sample=True, as_of=DAY))
    return module_database


@pytest.fixture
async def told(city, catalog):
    """Return a function that tells how many cameras are online, and since when that may be out of date."""
    pool = await open_reading_pool(city, size=4)
    renewals = Renewals(pool.acquire, 2)
    one = views_of(catalog).indicators["cameras_online"]
    kept = Kept()
    usual = Asking(ALL, catalog, CLOCK, COUNTY, kept, renewing=Renewing(renewals.begin, wait_seconds=0.2))

    async def ask(**more):
        async with pool.acquire() as connection:
            family = await read_family(connection, ALL, COUNTY)
            found = await tell(connection, replace(usual, **more), [one], [family.place])
        return found.figures[COUNTY]["cameras_online"].numerator.value, found.stale_since.get(one.name)

    ask.renewals, ask.kept, ask.pool = renewals, kept, pool
    yield ask
    await renewals.end()
    await pool.close()


def change(city):
    with admin_connection(city) as own, own.transaction():
        set_scope(own, ALL)
        own.execute("UPDATE city.cameras SET online = NOT online WHERE code = 'p0'")


@contextmanager
def nobody_adds_up(city):
    with admin_connection(city) as own, own.transaction():
        own.execute("LOCK TABLE city.cameras IN ACCESS EXCLUSIVE MODE")
        yield


async def until_current(told):
    async with asyncio.timeout(10):
        while (found := await told())[1] is not None:
            await asyncio.sleep(0.05)
    return found


async def test_an_old_sum_is_told_with_its_moment_and_the_new_one_comes_by_itself(city, told):
    before, since = await told()
    assert since is None
    began = datetime.now(UTC)
    change(city)
    with nobody_adds_up(city):
        for _ in range(2):
            value, since = await told()
            assert value == before
            assert since is not None
            assert began <= since <= datetime.now(UTC)
    now, since = await until_current(told)
    assert abs(now - before) == 1


async def test_a_sum_that_is_there_in_a_moment_is_waited_for(city, told):
    before, _ = await told()
    change(city)
    renewing = Renewing(told.renewals.begin, wait_seconds=10)
    now, since = await told(renewing=renewing)
    assert (abs(now - before), since) == (1, None)


async def test_many_who_are_told_the_old_one_have_it_added_up_once(city, told):
    await told()
    change(city)
    begun = []

    def begin(key, compute):
        task = told.renewals.begin(key, compute)
        begun.append(task)
        return task

    renewing = Renewing(begin, wait_seconds=0.2)
    with nobody_adds_up(city):
        found = await asyncio.gather(*(told(renewing=renewing) for _ in range(3)))
    assert len(found) == len(begun) == 3
    assert len({id(task) for task in begun}) == 1
    await until_current(told)


async def test_after_a_restart_the_sums_that_were_written_down_are_told_as_old(city, told):
    async with told.pool.acquire() as reading:
        with admin_connection(city) as own:
            await keep_today(reading, own, Kept())
    before, _ = await told()
    change(city)
    with nobody_adds_up(city):
        value, since = await told(kept=Kept())
        assert value == before
        assert since is not None
    await until_current(told)


async def test_who_takes_no_old_sums_waits_for_new_ones(city, told):
    before, _ = await told()
    change(city)
    now, since = await told(renewing=None)
    assert (abs(now - before), since) == (1, None)


async def test_a_sum_that_another_process_has_written_down_meanwhile_is_told(city, told):
    before, _ = await told()
    change(city)
    async with told.pool.acquire() as reading:
        with admin_connection(city) as own:
            await keep_today(reading, own, Kept())
    with nobody_adds_up(city):
        now, since = await told()
    assert (abs(now - before), since) == (1, None)


async def test_who_asks_first_waits_for_the_sum_and_who_leaves_does_not_end_it(city, told):
    with admin_connection(city) as own:
        own.execute("DELETE FROM onemap.indicator_sum")
    with nobody_adds_up(city):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await told()
        assert not told.kept.sums.found
    async with asyncio.timeout(10):
        while not told.kept.sums.found:
            await asyncio.sleep(0.02)
    with nobody_adds_up(city):
        _, since = await told()
    assert since is None
