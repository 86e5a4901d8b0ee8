"""Views while sums are added up anew, or the database is away: old figures that say so, never others."""

import asyncio
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from layers.city import CityCard, store_card
from layers.database import Addresses, admin_connection, set_scope
from layers.definitions import Words
from layers.scope import Scope
from tests.api.conftest import NOWHERE

pytestmark = pytest.mark.postgis

PATHS = ("/views/video/341504", "/regions/341504/card")


@pytest.fixture(scope="module")
def dated(city):
    card = CityCard(name=Words(zh="叶集区", en="Yeji"), region="341504", sample=True, as_of="2020-12-31")
    with admin_connection(city) as connection:
        store_card(connection, card)
    return city


@contextmanager
def changed_and_held(city):
    """Change a camera and hold the table, so that nobody can add it up."""
    with admin_connection(city) as own:
        with own.transaction():
            set_scope(own, Scope.everything("tests"))
            own.execute(
                "UPDATE city.cameras SET name = name || '号' WHERE id = (SELECT min(id) FROM city.cameras)"
            )
        with own.transaction():
            own.execute("LOCK TABLE city.cameras IN ACCESS EXCLUSIVE MODE")
            yield


async def current(client, path):
    async with asyncio.timeout(15):
        while (document := (await client.get(path)).json())["stale_since"] is not None:
            await asyncio.sleep(0.05)
    return document


@pytest.mark.parametrize("path", PATHS)
async def test_old_figures_say_since_when_they_may_be_out_of_date_until_the_new_ones_are_there(
    client, dated, path
):
    before = await current(client, path)
    with changed_and_held(dated):
        document = (await client.get(path)).json()
        assert document["stale_reason"] == "adding-up-takes-long"
        since = datetime.fromisoformat(document["stale_since"])
        assert abs((datetime.now(UTC) - since).total_seconds()) < 60
        told = document.get("indicators", []) + document.get("more", [])
        assert {one["name"] for one in told if one["stale_since"]} >= {"cameras_online"} if told else True
        assert not told or any(one["stale_since"] is None for one in told), "only what comes from cameras"
    assert await current(client, path) == before


@pytest.mark.parametrize("path", PATHS)
async def test_with_the_database_away_the_last_figures_are_told_with_their_moment(client, dated, path):
    before = await current(client, path)
    service = client._transport.app.state.service
    database = service.database
    there = database.addresses
    await database.close()
    database.addresses = Addresses(NOWHERE, NOWHERE)
    try:
        answer = await client.get(path)
        assert answer.status_code == 200
        document = answer.json()
        assert document["stale_reason"] == "database-unavailable"
        since = datetime.fromisoformat(document["stale_since"])
        assert since.utcoffset().total_seconds() == 8 * 3600, "in the city's own time"
        assert abs((datetime.now(UTC) - since).total_seconds()) < 60
        kept = {key: value for key, value in document.items() if not key.startswith("stale_")}
        assert kept == {key: value for key, value in before.items() if not key.startswith("stale_")}
        assert (await client.get("/views/video/341504001")).status_code == 503, "nobody was told that"
        assert (await client.get("/views/video/341504/report.html")).status_code == 503
    finally:
        database.addresses = there
    assert (await client.get(path)).json()["stale_since"] is None
