"""What a reader may do wrong, on purpose or not: always a 4xx in words, never a 5xx, never a dead service."""

import asyncio
import contextlib
import socket
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable

from api.errors import Busy, DatabaseUnavailable, TooSlow
from api.limits import Admission
from api.main import create_app
from api.service import Database
from layers.database import Addresses
from tests.api.conftest import settings_for

pytestmark = pytest.mark.postgis

ITEMS = "/ogc/collections/cameras/items"

BAD = [
    f"{ITEMS}?filter=" + "(" * 4000,
    f"{ITEMS}?filter=pg_sleep(3)%20IS%20NULL",
    f"{ITEMS}?filter=query_to_xml('select 1')",
    f"{ITEMS}?nothing=1",
    f"{ITEMS}?=",
    f"{ITEMS}?bbox=a,b,c,d",
    f"{ITEMS}?bbox=1,2,3,4,5",
    f"{ITEMS}?bbox=nan,nan,nan,nan",
    f"{ITEMS}?bbox=inf,-inf,1,1",
    f"{ITEMS}?bbox=116,32,115,31",
    f"{ITEMS}?bbox=1,2,3,4&bbox-crs=EPSG:4326",
    f"{ITEMS}?datetime=not-a-date",
    f"{ITEMS}?datetime=../..",
    f"{ITEMS}?datetime=2021-01-01T00:00:00Z/2020-01-01T00:00:00Z",
    f"{ITEMS}?datetime=0000-01-01T00:00:00Z",
    f"{ITEMS}?datetime=10000-01-01T00:00:00Z",
    f"{ITEMS}?offset=9223372036854775808",
    f"{ITEMS}?limit=-1",
    f"{ITEMS}?limit=0",
    f"{ITEMS}?limit=1e9",
    f"{ITEMS}?simplify=nan",
    f"{ITEMS}?sortby=%22name%22",
    f"{ITEMS}?name=a%00b",
    f"{ITEMS}?name=" + "x" * 5000,
    f"{ITEMS}?limit=1&limit=9",
    f"{ITEMS}?after=AAAA",
    f"{ITEMS}?after=%ff",
    f"{ITEMS}?crs=http://www.opengis.net/def/crs/EPSG/0/2154",
    f"{ITEMS}?f=xml",
    f"{ITEMS}/1?limit=1",
    f"{ITEMS}/99999999999999999999",
    f"{ITEMS}/1%00",
    "/ogc/collections?limit=1",
    "/ogc/collections/..%2f..%2fetc%2fpasswd",
    "/ogc/collections/a%22b/items",
    "/ogc/collections/" + "a" * 300,
    "/tiles/cameras/40/0/0.mvt",
    "/tiles/cameras/-1/0/0.mvt",
    "/tiles/cameras/2000/0/0.mvt",
    f"/tiles/cameras/12/{10**20}/0.mvt",
    "/tiles/cameras/0/1/0.mvt",
    "/tiles/cameras,cameras/12/1/1.mvt",
    "/tiles/" + ",".join(["cameras"] * 900) + "/12/1/1.mvt",
    "/tiles/cameras/12/1/1.png",
    "/search?q=%00",
    "/regions/%ed%a0%80",
    "/" + "a/" * 3000,
]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path[:60])
async def test_a_bad_request_is_a_problem_in_words(client, path):
    answer = await client.get(path, headers={"Accept-Language": "en"})
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert {"type", "title", "status", "detail", "code", "instance", "request_id"} <= document.keys()
    assert document["status"] == answer.status_code
    for inside in ("Traceback", "asyncpg", "SELECT", "city.", "psycopg"):
        assert inside not in answer.text


@pytest.mark.parametrize("bbox", ["115.8,31.8,115.8,31.8", "-180,-90,180,90", "179,-1,-179,1", "0,0,0,0"])
async def test_an_odd_box_is_a_box(client, bbox):
    assert (await client.get(ITEMS, params={"bbox": bbox})).status_code == 200


@pytest.mark.parametrize("value", ["\u202eabc", "a\u200bb", "\ufffd", "😀", "NULL", "true", "0"])
async def test_an_odd_text_is_a_text(client, value):
    answer = await client.get(ITEMS, params={"name": value})
    assert answer.status_code == 200
    assert answer.json()["numberReturned"] == 0


@pytest.mark.parametrize("examples", [5, pytest.param(40, marks=pytest.mark.soak)])
@pytest.mark.parametrize("address", ["/ogc/api", "/openapi.json"])
def test_nothing_that_the_descriptions_allow_or_forbid_breaks_the_service(live, address, examples):
    """Random requests made from our own descriptions: no 5xx, and only declared statuses and types."""
    # a stream has no end; tests/api/live asks it wrongly
    schema = schemathesis.openapi.from_url(f"{live}{address}").exclude(path="/events")
    checks = [
        schemathesis.checks.not_a_server_error,
        schemathesis.specs.openapi.checks.status_code_conformance,
        schemathesis.specs.openapi.checks.content_type_conformance,
    ]
    tried = 0

    def call(case: schemathesis.Case) -> None:
        nonlocal tried
        tried += 1
        case.call_and_validate(base_url=live, checks=checks)

    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in schemathesis.GenerationMode:
            strategy = operation.as_strategy(generation_mode=mode)
            modest = settings(
                max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck)
            )
            # an address without parameters cannot be asked for wrongly
            with contextlib.suppress(Unsatisfiable):
                modest(given(strategy)(call))()
    assert tried > 100


def raw(live: str, request: bytes) -> bytes:
    """Send bytes that no client would make."""
    place = urlsplit(live)
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(65536):
            received += part
    return received


@pytest.mark.parametrize(
    "line",
    [
        b"GET /ogc/collections/\xff\xfe/items HTTP/1.1",
        b"GET /ogc/collections/%ff%fe HTTP/1.1",
        b"GET /search?q=%ff%fe%00 HTTP/1.1",
        b"GET //ogc/ HTTP/1.1",
        b"GET /tiles/%2e%2e/%2e%2e/1/0/0.mvt HTTP/1.1",
        b"GET * HTTP/1.1",
        b"BREW /ogc HTTP/1.1",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1",
        b"nonsense",
    ],
    ids=lambda line: repr(line[:40]),
)
def test_bytes_that_are_no_request_hurt_nobody(live, line):
    answer = raw(live, line + b"\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    assert not answer.startswith(b"HTTP/1.1 5")
    assert httpx.get(f"{live}/healthz").status_code == 200


def test_readers_who_leave_in_the_middle_hurt_nobody(live):
    place = urlsplit(live)
    for _ in range(40):
        with socket.create_connection((place.hostname, place.port)) as connection:
            connection.sendall(
                b"GET /ogc/collections/cameras/items?limit=1000 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
            )
    answers = [httpx.get(f"{live}{ITEMS}?limit=1").status_code for _ in range(20)]
    assert set(answers) == {200}


async def test_many_at_once_are_all_served(client):
    paths = [ITEMS, "/tiles/cameras/12/3364/1663.mvt", "/search?q=路", "/readyz", "/regions/341504"] * 20
    answers = await asyncio.gather(*(client.get(path) for path in paths))
    assert {answer.status_code for answer in answers} <= {200, 204}


async def test_beyond_the_queue_a_reader_is_told_at_once_to_come_again():
    admission = Admission(working=1, waiting=1)
    release = asyncio.Event()

    async def work() -> str:
        try:
            async with admission.turn():
                await release.wait()
                return "served"
        except Busy:
            return "busy"

    first, second = asyncio.create_task(work()), asyncio.create_task(work())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await asyncio.wait_for(work(), 1) == "busy"
    release.set()
    assert [await first, await second] == ["served", "served"]
    assert await work() == "served"


async def test_a_reader_who_gives_up_waiting_frees_the_place():
    admission = Admission(working=1, waiting=1)
    async with admission.turn():
        waiting = asyncio.create_task(admission.turn().__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        late = asyncio.create_task(admission.turn().__aenter__())
        await asyncio.sleep(0)
        assert not late.done()
    await asyncio.wait_for(late, 1)


async def test_connections_that_are_cut_are_made_again(client, city):
    assert (await client.get("/readyz")).status_code == 200
    connection = await asyncpg.connect(city.application)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
    )
    await connection.close()
    statuses = [(await client.get(f"{ITEMS}?limit=1")).status_code for _ in range(12)]
    assert set(statuses) <= {200, 503}
    assert statuses[-1] == 200


async def test_a_server_that_does_not_answer_is_not_waited_for(city):
    database = Database(Addresses(city.application, city.admin), size=1)
    with pytest.raises(DatabaseUnavailable):
        async with database.connection(seconds=0.2) as connection:
            await connection.execute("SELECT pg_sleep(4)")
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT 1") == 1
    await database.close()


async def test_a_statement_over_its_time_is_too_slow_and_not_unavailable(city):
    database = Database(Addresses(city.application, city.admin), size=1)
    with pytest.raises(TooSlow):
        async with database.connection() as connection:
            await connection.execute("SET statement_timeout = 50")
            await connection.execute("SELECT pg_sleep(4)")
    await database.close()


async def test_a_mistake_of_ours_does_not_pass_for_a_database_that_is_away(city):
    database = Database(Addresses(city.application, city.admin), size=1)
    for statement, values in (("SELECT $1::int", ["text"]), ("SELECT nothing", [])):
        with pytest.raises((asyncpg.DataError, asyncpg.UndefinedColumnError)):
            async with database.connection() as connection:
                await connection.fetchval(statement, *values)
    await database.close()


async def test_the_service_reads_as_the_application_and_never_as_an_owner(client, city, catalog):
    app = create_app(settings_for(city), catalog)
    async with app.router.lifespan_context(app), app.state.service.database.connection() as connection:
        row = await connection.fetchrow(
            "SELECT current_user::text AS name, rolsuper, rolbypassrls,"
            " EXISTS (SELECT FROM pg_class WHERE relowner = r.oid) AS owns,"
            " current_setting('default_transaction_read_only') AS read_only"
            " FROM pg_roles AS r WHERE rolname = current_user"
        )
    assert dict(row) == {
        "name": "onemap_app", "rolsuper": False, "rolbypassrls": False, "owns": False, "read_only": "on"
    }  # fmt: skip
