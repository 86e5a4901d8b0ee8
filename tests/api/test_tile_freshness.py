"""Tiles while the city changes and while its database dies, in two services that share one disk."""

import asyncio
import contextlib
import random
import threading
from datetime import date

import httpx
import mapbox_vector_tile
import morecantile
import pytest
from shapely import normalize
from shapely.geometry import shape

from api.dependencies import reader_of
from api.main import create_app
from layers.database import admin_connection
from layers.features.changes import Snapshot
from layers.schema.migrating import migrate
from tests.api.conftest import ORIGIN, settings_for
from tests.layers.little_city import EAST, NORTH, SOUTH, WEST, fill, one, points, squares, working
from tests.serving import kill
from tilecache.address import TileAddress
from tilecache.render import unpacked
from tilecache.statistics import Result

pytestmark = pytest.mark.postgis

TMS = morecantile.tms.get("WebMercatorQuad")
LAYERS = ("cameras", "buildings")
ZOOMS = (13, 15, 16)
PLACES = {
    "cameras": "ST_SetSRID(ST_MakePoint({x}, {y}), 4326)",
    "buildings": "ST_SetSRID(ST_MakeEnvelope({x}, {y}, {x} + 0.0005, {y} + 0.0005), 4326)",
}


@contextlib.asynccontextmanager
async def services(addresses, catalog, home, number):
    """Give some services on one database and one disk, each with a client."""
    async with contextlib.AsyncExitStack() as stack:
        found = []
        for _ in range(number):
            app = create_app(settings_for(addresses, home=home, tile_disk_mb=100), catalog)
            app.state.service.tiles.patience = 10.0
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            client = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=ORIGIN))
            found.append((app.state.service, client))
        yield found


async def until(test):
    async with asyncio.timeout(60):
        while not test():
            await asyncio.sleep(0.002)


async def told(running, addresses):
    """Wait until every service has seen all that is committed now."""
    with working(addresses) as connection:
        now = Snapshot.parse(one(connection, "SELECT pg_current_snapshot()::text"))

    def all_of_it(service):
        seen = service.feed.position
        return seen is not None and Snapshot.parse(seen.snapshot).xmin >= now.xmax

    await until(lambda: all(all_of_it(service) for service, _ in running))


def path_of(layer, tile):
    return f"/tiles/{layer}/{tile.z}/{tile.x}/{tile.y}.mvt"


def tiles_of(zooms=ZOOMS):
    return [tile for zoom in zooms for tile in TMS.tiles(WEST, SOUTH, EAST, NORTH, zooms=[zoom])]


def shown(data):
    """Return a decoded tile in a form that can be compared: rings may begin at any corner."""
    return {
        name: sorted(
            ((f["id"], normalize(shape(f["geometry"])), f["properties"]) for f in layer["features"]),
            key=lambda f: f[0],
        )
        for name, layer in mapbox_vector_tile.decode(data).items()
    }


def drawn_directly(connection, definition, z, x, y):
    """Return the tile by a plain query of the owner."""
    names = [
        field.name for field in definition.fields if field.tile_from is not None and field.tile_from <= z
    ]
    columns = ", ".join(f'"{name}"' for name in ("code", "status", *names))
    statement = f"""
        SELECT ST_AsMVT(q, '{definition.name}', 4096, 'geom', 'id') FROM (
            SELECT id, ST_AsMVTGeom(geom_3857, ST_TileEnvelope({z}, {x}, {y}), 4096, 64, true) AS geom,
                {columns}
            FROM city.{definition.table}
            WHERE geom_3857 && ST_TileEnvelope({z}, {x}, {y}, margin => 64.0 / 4096)) AS q"""  # noqa: S608
    return bytes(one(connection, statement))


class Writers:
    """Threads that insert, move and delete features, and take some of it back."""

    def __init__(self, addresses, number, edits):
        self._addresses, self._edits = addresses, edits
        self._threads = [threading.Thread(target=self._write, args=(n,)) for n in range(number)]
        self.committed = self.undone = 0

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        for thread in self._threads:
            thread.join()

    @property
    def busy(self):
        return any(thread.is_alive() for thread in self._threads)

    def _write(self, number):
        draw = random.Random(number)  # noqa: S311 - no secret
        for edit in range(self._edits):
            with working(self._addresses) as connection:
                for step in range(draw.randint(1, 4)):
                    self._edit(connection, draw, f"w{number}.{edit}.{step}")
                if draw.random() < 0.2:
                    connection.execute("ROLLBACK")
                    connection.execute("BEGIN")
                    self.undone += 1
                else:
                    self.committed += 1

    @staticmethod
    def _edit(connection, draw, code):
        layer = draw.choice(LAYERS)
        x, y = draw.uniform(WEST, EAST), draw.uniform(SOUTH, NORTH)
        place = PLACES[layer].format(x=x, y=y)
        # one row that no other writer holds: a wait would only make the test slower
        row = f"(SELECT id FROM city.{layer} ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED)"  # noqa: S608
        match draw.randrange(4):
            case 0:
                statement = f"UPDATE city.{layer} SET geom = {place} WHERE id = {row}"  # noqa: S608
            case 1:
                statement = f"UPDATE city.{layer} SET status = 'fault' WHERE id = {row}"  # noqa: S608
            case 2:
                statement = f"DELETE FROM city.{layer} WHERE id = {row}"  # noqa: S608
            case _:
                columns = "code, geom, status, source, provenance"
                values = f"'{code}', {place}, 'in_service', 'tests', 'synthetic'"
                statement = f"INSERT INTO city.{layer} ({columns}) VALUES ({values})"  # noqa: S608
        connection.execute(statement.encode())


async def read_on(client, draw, writers):
    """Fetch tiles at random as long as somebody writes."""
    places = tiles_of()
    while writers.busy:
        answer = await client.get(path_of(draw.choice(LAYERS), draw.choice(places)))
        assert answer.status_code in (200, 204)
        await asyncio.sleep(0)


async def change_at_random(addresses, catalog, home, *, writers, edits):
    """Let writers and readers work, and compare every kept tile that counts as fresh with the database."""
    with admin_connection(addresses) as owner:
        async with services(addresses, catalog, home, 2) as running:
            await told(running, addresses)
            with Writers(addresses, writers, edits) as at_work:
                readers = [
                    read_on(client, random.Random(n), at_work)  # noqa: S311 - no secret
                    for n, (_, client) in enumerate([*running, *running])
                ]
                await asyncio.gather(*readers)
            assert at_work.committed > writers * edits / 2
            assert at_work.undone > 0
            await told(running, addresses)
            compared = 0
            for service, client in running:
                plans = {layer: service.plans.plan(service, reader_of(service), layer)[0] for layer in LAYERS}
                for layer, planned in plans.items():
                    for tile in tiles_of(zoom for zoom in ZOOMS if zoom in planned.zooms):
                        address = TileAddress(planned.tiles, *(tile.z, tile.x, tile.y))
                        direct = shown(drawn_directly(owner, planned.definition, *address[1:]))
                        kept = service.tiles.look(address)
                        if kept is not None and service.tiles.is_current(address, kept):
                            assert shown(unpacked(kept)) == direct
                            compared += 1
                        answer = await client.get(path_of(layer, tile))
                        assert shown(answer.content) == direct
                        assert "ttl" not in answer.headers["cache-status"]
            assert compared > 0


@pytest.fixture
def city(database, catalog):
    fill(database, catalog, cameras=points(400), buildings=squares(400, size=0.0005))
    return database


async def test_after_random_changes_by_several_writers_every_fresh_tile_equals_the_database(
    city, catalog, tmp_path
):
    await change_at_random(city, catalog, tmp_path, writers=3, edits=40)


@pytest.mark.soak
async def test_after_thousands_of_changes_every_fresh_tile_equals_the_database(city, catalog, tmp_path):
    await change_at_random(city, catalog, tmp_path, writers=4, edits=1500)


async def test_what_one_service_has_told_no_other_one_answers_old(city, catalog, tmp_path):
    draw = random.Random(1)  # noqa: S311 - no secret
    async with services(city, catalog, tmp_path, 2) as running:
        await told(running, city)
        for number in range(20):
            (first, _), (_, other_client) = running if number % 2 else running[::-1]
            x, y = draw.uniform(WEST, EAST), draw.uniform(SOUTH, NORTH)
            path = path_of("cameras", TMS.tile(x, y, 15))
            for _, client in running:
                await client.get(path)
            heard = set()
            stop = first.feed.subscribe(lambda seen, heard=heard: heard.update(c.xid for c in seen.changes))
            with working(city) as connection:
                place = PLACES["cameras"].format(x=x, y=y)
                connection.execute(f"UPDATE city.cameras SET geom = {place} WHERE code = 'p7'".encode())  # noqa: S608
                moved = one(connection, "SELECT id FROM city.cameras WHERE code = 'p7'")
                changed = one(connection, "SELECT pg_current_xact_id()::text::bigint")
            await until(lambda heard=heard, changed=changed: changed in heard)
            stop()
            answer = await other_client.get(path)
            assert moved in [feature[0] for feature in shown(answer.content)["cameras"]]


async def test_a_late_correction_is_in_every_kept_tile_of_the_earlier_days_and_all_other_ones_stay(
    database, catalog, tmp_path
):
    fill(database, catalog, cameras=points(60).assign(installed_on=[date(2010, 1, 1), date(2018, 5, 1)] * 30))
    x, y = WEST + 0.01, SOUTH + 0.01
    here, far = TMS.tile(x, y, 15), TMS.tile(EAST - 0.01, NORTH - 0.01, 15)

    def paths(tile):
        return [
            path_of("cameras", tile) + f"?as_of={day}" for day in ("2018-04-30", "2018-05-01", "2020-12-30")
        ]

    async with services(database, catalog, tmp_path, 2) as running:

        async def codes(path):
            """Return what each service shows, and whether it had that kept."""
            answers = [await client.get(path) for _, client in running]
            drawn = [shown(answer.content).get("cameras", []) for answer in answers]
            found = [{properties["code"] for _, _, properties in features} for features in drawn]
            assert found[0] == found[1]
            return found[0], [answer.headers["cache-status"] for answer in answers]

        await told(running, database)
        before = {path: (await codes(path))[0] for path in (*paths(here), *paths(far))}
        for path, drawn in before.items():
            assert await codes(path) == (drawn, ["onemap; hit"] * 2)

        # a camera that stood there all the time is written down today
        place = PLACES["cameras"].format(x=x, y=y)
        for undone in (True, False):
            with working(database) as connection:
                values = f"'late', {place}, 'tests', 'synthetic', '2018-05-01'"
                columns = "code, geom, source, provenance, installed_on"
                connection.execute(f"INSERT INTO city.cameras ({columns}) VALUES ({values})".encode())  # noqa: S608
                if undone:
                    connection.execute("ROLLBACK")
                    connection.execute("BEGIN")
            await told(running, database)
            more = set() if undone else {"late"}
            for path, day in zip(paths(here), (set(), more, more), strict=True):
                assert (await codes(path))[0] == before[path] | day
        for path in paths(far):
            assert await codes(path) == (before[path], ["onemap; hit"] * 2)

        # what is done to it today changes none of these days
        for statement in (
            "UPDATE city.cameras SET geom = ST_Translate(geom, 0.06, 0.06)",
            "DELETE FROM city.cameras",
        ):
            with working(database) as connection:
                connection.execute(f"{statement} WHERE code = 'late'".encode())
            await told(running, database)
            for path in paths(here):
                was = before[path] if path == paths(here)[0] else before[path] | {"late"}
                assert (await codes(path))[0] == was
            assert "late" not in (await codes(path_of("cameras", here)))[0]


async def test_five_hundred_readers_who_miss_one_tile_at_once_cost_one_query(city, catalog, tmp_path):
    async with services(city, catalog, tmp_path, 1) as [(service, client)]:
        path = path_of("buildings", TMS.tile((WEST + EAST) / 2, (SOUTH + NORTH) / 2, 14))
        answers = await asyncio.gather(*(client.get(path) for _ in range(500)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
        assert sum(service.tiles.statistics.drawn.values()) == 1
        assert service.tiles.statistics.total(Result.COALESCED) == 499


async def test_with_the_database_killed_under_load_all_drawn_tiles_are_answered_until_it_is_back(
    own_cluster, catalog, tmp_path
):
    addresses = await asyncio.to_thread(own_cluster.start)
    await asyncio.to_thread(migrate, addresses)
    fill(addresses, catalog, cameras=points(400))
    async with services(addresses, catalog, tmp_path / "home", 1) as [(_, client)]:
        paths = [path_of("cameras", tile) for tile in tiles_of()]
        etags = {path: (await client.get(path)).headers["etag"] for path in paths}
        statuses, killed = set(), asyncio.Event()

        async def load():
            while not killed.is_set():
                answers = await asyncio.gather(*map(client.get, paths))
                statuses.update(answer.status_code for answer in answers)

        loading = asyncio.create_task(load())
        await asyncio.to_thread(kill, own_cluster)

        async def marked_stale():
            answer = await client.get(paths[0])
            statuses.add(answer.status_code)
            return "x-tile-stale-seconds" in answer.headers

        async with asyncio.timeout(30):
            while not await marked_stale():
                await asyncio.sleep(0.05)
        killed.set()
        await loading
        assert statuses <= {200, 204}
        for path, etag in etags.items():
            old = await client.get(path)
            # A tile that was drawn just before counts as fresh a moment longer than the others.
            async with asyncio.timeout(30):
                while "ttl=-" not in old.headers["cache-status"]:
                    await asyncio.sleep(0.05)
                    old = await client.get(path)
            assert old.status_code in (200, 204)
            assert old.headers["etag"] == etag
            again = await client.get(path, headers={"If-None-Match": etag})
            assert again.status_code == 304 and again.headers["x-tile-stale-seconds"].isdigit()
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503
        missing = await client.get(path_of("cameras", TMS.tile(0, 0, 14)))
        assert missing.status_code == 503 and int(missing.headers["retry-after"]) > 0
        await asyncio.to_thread(own_cluster.start)
        async with asyncio.timeout(30):
            while (await client.get("/readyz")).status_code != 200 or await marked_stale():
                await asyncio.sleep(0.05)
        with working(addresses) as connection:
            connection.execute(b"DELETE FROM city.cameras")
        async with asyncio.timeout(30):
            while (await client.get(paths[0])).status_code != 204:
                await asyncio.sleep(0.05)
