"""Events over a real socket: told once over restarts, slow readers told to read anew, bounded, clean ends."""

import random
import socket
import threading

import httpx
import psycopg
import pytest

from api.live.hub import MOST_QUEUED, MOST_REPLAYED
from layers.database import admin_connection
from tests.api.conftest import serving, settings_for
from tests.api.live.sse import opened
from tests.api.small_city import CAMERAS
from tests.conftest import superuser_address
from tests.layers.little_city import one, working

pytestmark = pytest.mark.postgis

UPDATE = "UPDATE city.cameras SET source = %s WHERE id = %s"
UPDATE_ALL = "UPDATE city.cameras SET source = %s"
NUMBERS = "SELECT array_agg(seq) FROM onemap.layer_change WHERE xid = pg_current_xact_id()"


def edit(city, feature=1, source="edited"):
    with working(city) as connection:
        connection.execute(UPDATE, [source, feature])
        return one(connection, NUMBERS)


def test_an_edit_is_told_as_a_cloud_event_with_its_boxes_in_degrees(city, live):
    with opened(live) as stream:
        assert stream.next() == ("ready", {"resumed": False})
        (seq,) = edit(city)
        name, event = stream.next()
        with admin_connection(city) as connection:
            x = one(connection, "SELECT ST_X(geom) FROM city.cameras WHERE id = 1")
    assert name == event["type"] == "layer.changed"
    assert (event["specversion"], event["id"], event["subject"]) == ("1.0", str(seq), "cameras/1")
    assert event["time"].endswith("Z")
    data = event["data"]
    assert (data["layer"], data["op"], data["id"]) == ("cameras", "update", 1)
    assert data["bbox_old"] == data["bbox_new"]
    assert data["bbox_new"][0] == pytest.approx(x, abs=1e-6)


def test_a_table_of_several_layers_is_told_with_all_their_names(city, live):
    with opened(live, layers="communities") as stream:
        stream.next()
        with working(city) as connection:
            connection.execute("UPDATE city.regions SET source = 'new' WHERE code = '341504001'")
        data = stream.next()[1]["data"]
    assert data["layer"] == "regions"
    assert {"communities", "towns", "counties"} <= set(data["parts"])


def test_only_what_is_asked_for_is_told(city, live):
    with opened(live, layers="buildings,density") as other, opened(live, bbox="115,30,115.1,30.1") as away:
        other.next(), away.next()
        edit(city)
        with working(city) as connection:
            connection.execute("UPDATE city.buildings SET height_m = 9 WHERE code = 'JZ1'")
            connection.execute("UPDATE city.region_statistics SET unit = 'x'")
        assert other.next()[1]["data"]["layer"] == "buildings"
        # without a geometry nobody knows where: it is told to everybody
        assert away.next()[1]["data"]["layer"] == "region_statistics"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"layers": "nosuch"}, 404, "no-layer"),
        ({"layers": "cameras,,"}, 400, "bad-parameter"),
        ({"bbox": "1,2,3"}, 400, "bad-parameter"),
        ({"bbox": "nan,1,2,3"}, 400, "bad-parameter"),
        ({"layer": "cameras"}, 400, "unknown-parameter"),
    ],
)
def test_what_cannot_be_asked_for_is_a_problem_and_no_stream(live, query, status, code):
    answer = httpx.get(f"{live}/events", params=query, trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    "position", ["", "x", "1;2", "a;1:1:;;", "a;5:3:", "a;1:1:;1:2:;-1", "9" * 5000, "a;1:9:;1:9:;²"]
)
def test_a_position_that_says_nothing_is_answered_with_resync(live, position):
    headers = {"Last-Event-ID": position.encode()}
    with (
        httpx.Client(trust_env=False) as client,
        client.stream("GET", f"{live}/events", headers=headers) as answer,
    ):
        first = next(line for line in answer.iter_lines() if line.startswith("event"))
    assert first == ("event: resync" if position else "event: ready")


def test_nothing_is_lost_or_told_twice_over_cut_connections_and_restarts_of_the_service(city, catalog):
    committed, lock = set(), threading.Lock()

    def write(number):
        draw = random.Random(number)  # noqa: S311 - no secret
        for turn in range(40):
            with working(city) as connection:
                for _ in range(draw.randint(1, 4)):
                    connection.execute(UPDATE, [f"{number}.{turn}", draw.randint(1, 80) + 80 * number])
                numbers = one(connection, NUMBERS)
                if draw.random() < 0.2:
                    connection.execute("ROLLBACK")
                    connection.execute("BEGIN")
                else:
                    with lock:
                        committed.update(numbers)

    draw = random.Random(5)  # noqa: S311 - no secret
    told, last_id = [], ""
    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for life in range(4):
        with serving(settings_for(city), catalog) as address:
            for connection in range(3):
                with opened(address, last_id) as stream:
                    assert stream.next() == ("ready", {"resumed": bool(last_id)})
                    last_id = stream.last_id
                    if life == connection == 0:
                        for writer in writers:
                            writer.start()
                    for _ in range(draw.randint(1, 20)):
                        told.append(int(stream.until("layer.changed")["id"]))
                        last_id = stream.last_id
    for writer in writers:
        writer.join()
    with serving(settings_for(city), catalog) as address, opened(address, last_id) as stream:
        (final,) = edit(city, 249)
        while told[-1] != final:
            told.append(int(stream.until("layer.changed")["id"]))
    assert len(told) == len(set(told))
    assert set(told) == committed | {final}


def test_who_is_too_far_behind_reads_everything_anew(city, catalog):
    with serving(settings_for(city), catalog) as address, opened(address) as stream:
        stream.next()
    for turn in range(MOST_REPLAYED // CAMERAS + 1):
        with working(city) as connection:
            connection.execute(UPDATE_ALL, [f"round {turn}"])
    with serving(settings_for(city), catalog) as address, opened(address, stream.last_id) as again:
        assert again.next() == ("resync", {"reason": "behind"})
        edit(city)
        assert again.next()[0] == "layer.changed"


def test_a_reader_that_takes_nothing_is_told_to_read_anew_and_keeps_no_other_waiting(city, live):
    host, port = live.removeprefix("http://").split(":")
    with socket.socket() as slow, opened(live) as quick:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect((host, int(port)))
        slow.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        had = b""
        while b"event: ready" not in had:
            had += slow.recv(4096)
        quick.next()
        rounds = 12 * MOST_QUEUED // CAMERAS
        for turn in range(rounds):
            with working(city) as connection:
                connection.execute(UPDATE_ALL, [f"flood {turn}"])
            for _ in range(CAMERAS):
                assert quick.next()[0] == "layer.changed"
        (final,) = edit(city, 3)
        assert quick.next()[1]["id"] == str(final)
        slow.settimeout(20)
        while f'"id":"{final}"'.encode() not in had and b'"reason":"overflow"' not in had:
            had = had[-200:] + slow.recv(1 << 20)
        assert b'"reason":"overflow"' in had
        (final,) = edit(city, 3)
        while f'"id":"{final}"'.encode() not in had:
            had = had[-200:] + slow.recv(1 << 20)


def test_streams_are_limited_for_each_client_and_a_closed_one_makes_room(city, catalog):
    with serving(settings_for(city, event_streams_each=2), catalog) as address:
        with opened(address), opened(address):
            refused = httpx.get(f"{address}/events", trust_env=False)
            assert (refused.status_code, refused.json()["code"]) == (503, "too-many-streams")
            assert refused.headers["retry-after"]

        def room():
            with httpx.Client(trust_env=False) as client, client.stream("GET", f"{address}/events") as one:
                return one.status_code == 200

        assert any(room() for _ in range(200))


def test_streams_end_cleanly_when_the_service_does(city, catalog):
    with serving(settings_for(city), catalog) as address:
        stack = opened(address)
        stream = stack.__enter__()
        stream.next()
    # the service has stopped, and a chunked answer that was cut would raise here
    with pytest.raises(StopIteration):
        stream.next()
    stack.__exit__(None, None, None)


def test_readers_stay_connected_while_the_database_is_away(city, server, live):
    with opened(live) as stream:
        stream.next()
        edit(city, 4)
        assert stream.next()[1]["data"]["id"] == 4
        with psycopg.connect(superuser_address(server.cluster, city), autocommit=True) as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
        assert ended
        edit(city, 5)
        assert stream.next()[1]["data"]["id"] == 5


def test_a_stream_of_a_service_without_a_database_waits(catalog):
    with serving(settings_for(None), catalog) as address, opened(address) as stream:
        assert next(stream.lines) == "retry: 2000"
