"""With the database away the service starts, says so, and answers what it can."""

import socket

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.api.live.sse import opened
from tests.serving import start_answering

END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


async def test_the_process_is_alive_and_not_ready(without_database):
    assert (await without_database.get("/healthz")).status_code == 200
    ready = await without_database.get("/readyz")
    assert ready.status_code == 503
    assert ready.headers["retry-after"].isdigit()


@pytest.mark.parametrize(
    "path",
    [
        "/tiles/cameras/12/3367/1660.mvt",
        "/ogc/collections/cameras/items",
        "/ogc/collections/cameras/items/1",
        "/search?q=x",
        "/regions/341504",
        "/city",
    ],
)
@pytest.mark.parametrize(("language", "title"), [("zh", "数据库不可用"), ("en", "Database not available")])
async def test_what_needs_the_database_is_a_problem_that_says_when_to_try_again(
    without_database, path, language, title
):
    answer = await without_database.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["title"] == title
    assert "/nonexistent" not in answer.text


@pytest.mark.parametrize(
    "path", ["/layers", "/ogc", "/ogc/collections", "/tiles/cameras.json", "/docs", "/ogc/api"]
)
async def test_what_comes_from_files_is_answered_all_the_same(without_database, path):
    assert (await without_database.get(path)).status_code == 200


async def test_a_bad_request_is_bad_whether_or_not_the_database_is_there(without_database):
    assert (await without_database.get("/tiles/cameras/1/2/0.mvt")).status_code == 404
    assert (await without_database.get("/tiles/nothing/1/0/0.mvt")).status_code == 404
    assert (await without_database.get("/ogc/collections/cameras/items?limit=0")).status_code == 400


@pytest.mark.postgis
def test_a_service_that_is_told_to_stop_ends_while_its_database_is_dead_and_a_page_is_open(
    database, server, tmp_path
):
    with socket.create_server(("127.0.0.1", 0)) as claim:
        port = claim.getsockname()[1]
        process = start_answering(claim, database, tmp_path / "home")
    try:
        with opened(f"http://127.0.0.1:{port}") as stream:
            assert stream.next()[0] == "ready"
            name = conninfo_to_dict(database.admin)["dbname"]
            with psycopg.connect(server.cluster.superuser_address(), autocommit=True) as owner:
                owner.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
                owner.execute(END, [name])
            process.terminate()
            assert process.wait(15) == 0
            with pytest.raises(StopIteration):
                stream.next()
    finally:
        process.kill()
