"""What every answer carries, and what is turned away at the door."""

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.main import create_app
from api.settings import Settings

PAGES = ["/ogc", "/healthz", "/nothing-here", "/docs", "/ogc?f=xml", "/ogc?f=html"]


@pytest.mark.parametrize("path", PAGES)
async def test_every_answer_has_security_headers_and_a_request_id(without_database, path):
    headers = (await without_database.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'self'")
    assert "unsafe-eval" not in policy and "http" not in policy
    assert len(headers["x-request-id"]) == 32


async def test_a_request_id_of_the_reader_is_kept_where_it_is_plain(without_database):
    kept = await without_database.get("/nothing", headers={"X-Request-ID": "abc-123-def"})
    assert kept.headers["x-request-id"] == kept.json()["request_id"] == "abc-123-def"
    replaced = await without_database.get("/nothing", headers={"X-Request-ID": "<script>alert(1)</script>"})
    assert "script" not in replaced.headers["x-request-id"]


async def test_an_address_longer_than_8_kilobytes_is_turned_away(without_database):
    answer = await without_database.get("/ogc?" + "x" * 9000)
    assert answer.status_code == 414
    assert answer.json()["code"] == "address-too-long"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("[::1]:8000", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("", 421),
        ("city.example", 200),
    ],
)
async def test_a_page_of_another_site_cannot_name_itself_as_our_host(catalog, host, status):
    app = create_app(Settings(hosts=("city.example",)), catalog)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.get("/healthz", headers={"Host": host})
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, False),
        ({"Origin": "http://127.0.0.1"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1"}, False),
        ({"Origin": "https://evil.example"}, True),
        ({"Origin": "http://127.0.0.1:9"}, True),
        ({"Origin": "null"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, True),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:9"}, True),
    ],
)
async def test_a_page_of_another_site_changes_nothing(catalog, headers, refused):
    transport = httpx.ASGITransport(app=create_app(Settings(), catalog))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        written = await client.post("/runs", content=b"{", headers=headers)
        read = await client.get("/healthz", headers=headers)
    assert (written.status_code == 403 and written.json()["code"] == "cross-site") is refused
    assert read.status_code == 200


async def test_beyond_loopback_nothing_of_a_layer_is_served_without_accounts(catalog):
    app = create_app(Settings(host="192.0.2.1", hosts=("192.0.2.1",)), catalog)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://192.0.2.1") as client:
        for path in (
            "/layers",
            "/ogc/collections",
            "/tiles/water/12/0/0.mvt",
            "/search?q=x",
            "/tiles/water.json",
        ):
            answer = await client.get(path)
            assert answer.status_code == 403, path
            assert answer.json()["code"] == "needs-loopback"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/ogc/collections", "/layers", "/tiles/water/12/0/0.mvt"])
async def test_a_method_that_is_not_there_is_a_problem_with_those_that_are(without_database, method, path):
    answer = await without_database.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("accept", ["q=x", "x" * 10_000, ";;;,,,", "text/html;q=x", "*/*;q=0.1"])
@pytest.mark.parametrize("header", ["Accept", "Accept-Encoding", "Accept-Language", "If-None-Match"])
async def test_unreadable_headers_count_as_nothing_said(without_database, header, accept):
    answer = await without_database.get("/ogc", headers={header: accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"


async def test_a_reader_who_takes_neither_json_nor_html_is_told_what_there_is(without_database):
    answer = await without_database.get("/ogc", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert answer.json()["details"]["accepted"] == ["application/json", "text/html"]


async def test_json_is_compressed_for_those_who_take_it(without_database):
    packed = await without_database.get("/layers", headers={"Accept-Encoding": "gzip"})
    plain = await without_database.get("/layers", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()


async def test_an_answer_is_not_sent_again_to_a_reader_who_has_it(without_database):
    first = await without_database.get("/layers")
    again = await without_database.get("/layers", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    other = await without_database.get("/layers", headers={"If-None-Match": '"older"'})
    assert other.status_code == 200


async def test_a_crash_is_a_problem_with_headers_and_nothing_of_our_inside(catalog):
    app = create_app(Settings(), catalog)

    async def crash(_request: Request) -> Response:
        raise RuntimeError("SELECT * FROM city.cameras")

    app.router.routes.insert(0, Route("/crash", crash))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.get("/crash", headers={"Accept-Language": "en"})
    assert answer.status_code == 500
    assert answer.json()["title"] == "Internal error"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "SELECT" not in answer.text and "RuntimeError" not in answer.text
