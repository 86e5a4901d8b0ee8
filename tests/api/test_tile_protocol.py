"""Tiles over a bare connection: what is answered early is what would have been answered anyway."""

import json
import socket
import threading
import time
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import morecantile
import psycopg
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from api.tile_requests import read_headers
from tests.api.conftest import serving, settings_for

pytestmark = pytest.mark.postgis

_TILE = morecantile.tms.get("WebMercatorQuad").tile(115.8505, 31.8005, 14)
PATH = f"/tiles/cameras,buildings,pipes/{_TILE.z}/{_TILE.x}/{_TILE.y}.mvt"
#: Told anew each time, or by the clock.
_OWN = {"x-request-id", "date", "age"}


class Reader:
    """A connection that sends bytes as they are and reads whole answers."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.host = parts.netloc
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=20)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def request(self, *lines: str, path: str = PATH, method: str = "GET") -> bytes:
        return "\r\n".join((f"{method} {path} HTTP/1.1", f"Host: {self.host}", *lines, "", "")).encode()

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        status = int(self._file.readline().split()[1])
        headers = {}
        while line := self._file.readline().decode().strip():
            name, _, value = line.partition(": ")
            assert name not in headers
            headers[name] = value
        return status, headers, self._file.read(int(headers.get("content-length", 0)))

    def ask(self, *lines: str, path: str = PATH) -> tuple[int, dict[str, str], bytes]:
        self.send(self.request(*lines, path=path))
        return self.answer()


@pytest.fixture
def reader(live):
    with Reader(live) as found:
        # drawn at the first request, and known to be current when the log has been read
        until = time.monotonic() + 60
        while found.ask()[1]["cache-status"] != "onemap; hit":
            assert time.monotonic() < until
        yield found


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("Accept-Encoding: gzip, deflate, br",),
        ("accept-encoding:gzip;q=0",),
        ("Accept: */*", "User-Agent: x", "Sec-Fetch-Site: same-origin", "Cookie: a=b"),
    ],
)
def test_an_early_answer_is_the_answer_of_the_app(reader, live, lines):
    early = reader.ask(*lines)
    with Reader(live) as other:
        # this header is nothing that is answered early, and changes nothing
        whole = other.ask(*lines, "TE: trailers")
    assert early[0] == whole[0] == 200
    assert early[2] == whole[2]
    assert early[1]["cache-status"] == "onemap; hit"
    kept = [{name: value for name, value in one[1].items() if name not in _OWN} for one in (early, whole)]
    assert kept[0] == kept[1]
    assert early[1].keys() == whole[1].keys()


def test_who_has_the_tile_is_told_so_and_asks_on(reader):
    etag = reader.ask()[1]["etag"]
    assert reader.ask(f"If-None-Match: {etag}")[::2] == (304, b"")
    assert reader.ask(f'If-None-Match: "other", W/{etag}')[::2] == (304, b"")
    assert reader.ask('If-None-Match: "other"')[0] == 200


def test_a_request_has_the_name_that_it_gives_or_one_of_its_own(reader):
    assert reader.ask("X-Request-Id: of-the-wall-17")[1]["x-request-id"] == "of-the-wall-17"
    named = {reader.ask("X-Request-Id: {}")[1]["x-request-id"] for _ in range(3)}
    assert len(named) == 3
    assert all(len(one) == 32 for one in named)


@pytest.mark.parametrize("cut", [1, 5, 17, 40, -3, -1])
def test_a_request_in_two_parts_is_one_request(reader, cut):
    whole = reader.ask()
    data = reader.request()
    reader.send(data[:cut])
    # the second part looks like a request where the first one is not known
    reader.send(data[cut:])
    assert reader.answer()[::2] == whole[::2]
    assert reader.ask()[::2] == whole[::2]


def test_requests_that_come_together_are_answered_in_their_order(reader):
    nothing = reader.request(path="/healthz")
    reader.send(reader.request() + nothing + reader.request() + reader.request())
    assert [reader.answer()[1]["content-type"].split("/")[1][:4] for _ in range(4)] == [
        "vnd.", "json", "vnd.", "vnd.",
    ]  # fmt: skip


def test_a_tile_waits_for_the_answer_before_it(reader):
    reader.send(reader.request(path="/openapi.json"))
    reader.send(reader.request())
    assert reader.answer()[1]["content-type"].startswith("application/json")
    assert reader.answer()[1]["cache-status"] == "onemap; hit"


def test_the_second_half_of_a_body_is_no_request(reader):
    inside = reader.request()
    reader.send(reader.request(f"Content-Length: {len(inside)}", path="/runs", method="POST"))
    reader.send(inside)
    status, headers, _ = reader.answer()
    assert status in {400, 415, 422}
    assert headers["content-type"].startswith("application/problem+json")
    assert reader.ask()[0] == 200


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (("Host: 127.0.0.1",), {200, 400}),
        (("X-A: b\r\n folded",), {200, 400}),
        (("X-A: \x00",), {400}),
        (("Bad Name: b",), {400}),
        (("Transfer-Encoding: nonsense",), {400}),
        (("Content-Length: 3", "Content-Length: 4"), {400}),
    ],
)
def test_what_is_not_written_as_usual_is_left_to_the_server(live, reader, lines, status):
    with Reader(live) as other:
        other.send(other.request(*lines))
        assert other.answer()[0] in status
    assert reader.ask()[0] == 200


def test_an_unknown_host_gets_no_tile(live, reader):
    with Reader(live) as other:
        other.host = "elsewhere.example"
        status, headers, _ = other.ask()
    assert (status, headers["content-type"]) == (421, "application/problem+json")


def test_a_connection_that_shall_end_ends(live, reader):
    with Reader(live) as other:
        assert other.ask("Connection: close")[0] == 200
        assert other._file.read() == b""


def test_a_reader_who_asks_and_does_not_read_gets_all_answers_in_the_end(live, reader):
    whole = reader.ask()[2]
    with Reader(live) as other:
        number = max(200, 6_000_000 // max(1, len(whole)))
        for _ in range(number):
            other.send(other.request())
        assert all(other.answer()[2] == whole for _ in range(number))


@given(st.lists(st.binary(max_size=40).filter(lambda line: b"\r\n" not in line), max_size=6))
@example([b"host: a", b"HOST: b"])
@example([b"connection: upgrade"])
def test_header_lines_of_any_kind_are_read_or_left(lines):
    found = read_headers(b"".join(line + b"\r\n" for line in lines))
    assert found is None or isinstance(found.host, str)


@pytest.fixture
def held(city):
    """Return what holds the cameras, so that drawing their tiles waits."""
    with psycopg.connect(city.admin) as connection:
        connection.execute("SET ROLE onemap_owner")

        @contextmanager
        def holding():
            connection.execute("LOCK TABLE city.cameras IN ACCESS EXCLUSIVE MODE")
            yield
            connection.rollback()
            connection.execute("SET ROLE onemap_owner")

        yield holding


def never_asked_for(number: int) -> str:
    return f"/tiles/cameras/16/{_TILE.x * 4 + number}/{_TILE.y * 4}.mvt"


WAITING = "SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'city.cameras'::regclass"


def drawing(city, wanted: int) -> None:
    """Wait until so many queries wait for the cameras."""
    until = time.monotonic() + 10
    with psycopg.connect(city.admin, autocommit=True) as connection:
        while len(connection.execute(WAITING).fetchall()) != wanted:
            assert time.monotonic() < until
            time.sleep(0.02)


def test_what_comes_while_a_tile_is_drawn_is_answered_after_it(live, city, held):
    with Reader(live) as reader:
        with held():
            reader.send(reader.request(path=never_asked_for(0)))
            drawing(city, 1)
            reader.send(reader.request(path="/healthz"))
            reader.send(reader.request(path=never_asked_for(0)))
        answers = [reader.answer()[1] for _ in range(3)]
    told = [
        (one.get("cache-status", "").split("; ")[-1], one.get("content-type", "")[:16]) for one in answers
    ]
    assert told[0][0] == "stored"
    assert told[1] == ("", "application/json")
    assert told[2][0] == "hit"


def test_the_query_of_a_reader_who_leaves_ends(live, city, held):
    with held():
        with Reader(live) as reader:
            reader.send(reader.request(path=never_asked_for(1)))
            drawing(city, 1)
        drawing(city, 0)


def test_a_tile_that_cannot_be_drawn_is_a_problem_in_the_language_of_the_reader(live, city, held):
    lines = ("Accept-Language: en", "X-Request-Id: of-the-wall-17")
    with Reader(live) as reader, held():
        reader.send(reader.request(*lines, path=never_asked_for(2)))
        drawing(city, 1)
        with psycopg.connect(city.application, autocommit=True) as own:
            (pid,) = own.execute(WAITING).fetchone()
            own.execute("SELECT pg_terminate_backend(%s)", [pid])
        status, headers, body = reader.answer()
    assert status == 503
    assert headers["content-type"] == "application/problem+json"
    assert (headers["content-language"], headers["x-request-id"]) == ("en", "of-the-wall-17")
    assert json.loads(body)["request_id"] == "of-the-wall-17"


def test_a_server_that_is_told_to_stop_finishes_the_tile_and_ends_the_connection(city, catalog, held):
    with ExitStack() as readers, ExitStack() as holding:
        with serving(settings_for(city), catalog) as address:
            reader = readers.enter_context(Reader(address))
            holding.enter_context(held())
            reader.send(reader.request(path=never_asked_for(3)))
            drawing(city, 1)
            threading.Timer(0.3, holding.close).start()
        assert reader.answer()[1]["cache-status"].endswith("stored")
        assert reader._file.read() == b""
