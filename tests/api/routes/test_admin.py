"""Layers added to a running service by their document."""

import httpx
import pytest

from api.main import create_app
from layers.database import admin_connection
from tests.api.conftest import settings_for
from tests.layers.little_city import fill, points

pytestmark = pytest.mark.postgis

BENCHES = """
name: benches
title: {zh: 座椅, en: Benches}
description: {zh: 公共座椅, en: Benches in public places}
geometry: point
classification: internal
owner: {zh: 城管局, en: Urban management}
source: tests
licence: Apache-2.0
zoom: {min: 10, max: 16}
style: {group: governance, order: 900, symbol: {radius: [[10, 2]]}}
fields:
  - {name: seats, title: {zh: 座位, en: Seats}, type: integer, range: [1, 20], tile_from: 12}
"""


@pytest.fixture
async def served(database, catalog):
    """Give a client of a service that may change tables, and the addresses of its database."""
    app = create_app(settings_for(database, database_admin_url=database.admin), catalog)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            yield client, database


async def test_a_posted_layer_is_a_collection_with_tiles_at_once(served):
    client, database = served
    made = await client.post("/admin/layers", content=BENCHES.encode())
    assert made.status_code == 201, made.text
    assert made.json()["name"] == "benches"
    assert (await client.get(made.headers["location"])).json()["title"] == "座椅"
    assert "benches" in {layer["name"] for layer in (await client.get("/layers")).json()["layers"]}
    catalog = client._transport.app.state.service.catalog
    fill(database, catalog, benches=points(4).assign(seats=3))
    items = (await client.get("/ogc/collections/benches/items")).json()
    assert [one["properties"]["seats"] for one in items["features"]] == [3, 3, 3, 3]
    with admin_connection(database) as connection:
        row = connection.execute("SELECT action, layer, outcome FROM onemap.audit").fetchone()
    assert row == ("add-layer", "benches", "done")


async def test_a_field_may_come_later_and_none_may_go(served):
    client, _ = served
    assert (await client.post("/admin/layers", content=BENCHES.encode())).status_code == 201
    wider = BENCHES + "  - {name: wood, title: {zh: 木质, en: Wood}, type: boolean}\n"
    assert (await client.post("/admin/layers", content=wider.encode())).status_code == 201
    refused = await client.post("/admin/layers", content=BENCHES.encode())
    assert (refused.status_code, refused.json()["code"]) == (403, "schema-refused")
    fields = next(
        layer["fields"]
        for layer in (await client.get("/layers")).json()["layers"]
        if layer["name"] == "benches"
    )
    assert [field["name"] for field in fields] == ["seats", "wood"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad-definition"),
        (b"name: [", 400, "bad-definition"),
        (BENCHES.replace("type: integer", "type: integr").encode(), 400, "bad-definition"),
        (BENCHES.replace("name: benches", "name: cameras").encode(), 409, "conflict"),
        (b"\xff\xfe\x00", 400, "bad-parameter"),
        (b"x" * 200_001, 413, "too-large"),
    ],
)
async def test_a_document_that_is_no_layer_is_refused_with_its_reason(served, body, status, code):
    client, _ = served
    answer = await client.post("/admin/layers", content=body, headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_the_line_of_a_flaw_is_named(served):
    client, _ = served
    flawed = BENCHES.replace("range: [1, 20]", "range: [20, 1]")
    problem = (await client.post("/admin/layers", content=flawed.encode())).json()
    assert (
        problem["details"]["line"]
        == flawed.splitlines().index(next(line for line in flawed.splitlines() if "range" in line)) + 1
    )


async def test_without_the_administrators_address_it_says_what_to_set(client):
    answer = await client.post("/admin/layers", content=BENCHES.encode())
    assert (answer.status_code, answer.json()["code"]) == (403, "needs-administrator")
    assert "ONEMAP_DATABASE_ADMIN_URL" in answer.json()["detail"]


VIEW = """
name: benches_view
title: {zh: 座椅一张图, en: Cameras and nothing else}
short_title: {zh: 座椅, en: Benches}
description: {zh: 只为测试, en: For a test}
group: governance
order: 15
layers: [cameras]
indicators: [cameras_online]
ranking: cameras_online
"""


async def test_a_posted_view_opens_at_once_is_replaced_and_removed_and_other_processes_see_it(
    served, catalog
):
    client, database = served
    made = await client.post("/admin/views", content=VIEW.encode())
    assert made.status_code == 201, made.text
    other = create_app(settings_for(database), catalog)
    async with other.router.lifespan_context(other):
        transport = httpx.ASGITransport(app=other, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as second:
            for reader in (client, second):
                names = [one["name"] for one in (await reader.get("/views")).json()["views"]]
                assert names[:2] == ["overview", "benches_view"]
                assert (await reader.get("/views/benches_view")).status_code == 200
            changed = VIEW.replace("座椅一张图", "长椅一张图")
            assert (await client.post("/admin/views", content=changed.encode())).status_code == 201
            assert (await second.get("/views/benches_view")).json()["title"]["zh"] == "长椅一张图"
            assert (await client.delete("/admin/views/benches_view")).status_code == 204
            assert (await second.get("/views/benches_view")).status_code == 404
    assert (await client.delete("/admin/views/benches_view")).status_code == 404
    with admin_connection(database) as connection:
        rows = connection.execute(
            "SELECT action, details ->> 'view' FROM onemap.audit ORDER BY id"
        ).fetchall()
    assert rows == [(one, "benches_view") for one in ("put-view", "put-view", "remove-view")]


async def test_a_view_of_the_files_is_hidden_until_it_is_put_again(served):
    client, _ = served
    assert (await client.delete("/admin/views/video")).status_code == 204
    assert (await client.get("/views/video")).status_code == 404
    assert (await client.delete("/admin/views/video")).status_code == 404
    assert (
        await client.post("/admin/views", content=VIEW.replace("benches_view", "video").encode())
    ).status_code == 201
    assert (await client.get("/views/video")).json()["short_title"]["zh"] == "座椅"


UNUSABLE = (
    ("[cameras]", "[camera]", "layer"),
    ("[cameras_online]", "[cameras_onlin]", "indicator"),
    ("ranking: cameras_online", "ranking: residents", "ranking"),
    ("order: 15", "order: 15\ncolour: red", "colour"),
    ("[cameras]", "&a [cameras, *a]", "alias"),
    ("group: governance", "group: nothing", "group"),
)


async def test_a_view_that_cannot_be_used_is_refused_as_a_file_is(served):
    client, _ = served
    for old, new, told in UNUSABLE:
        refused = await client.post("/admin/views", content=VIEW.replace(old, new).encode())
        assert refused.status_code == 400, refused.text
        assert refused.json()["code"] == "bad-definition"
        assert told in refused.text, refused.text
    assert (await client.get("/views/benches_view")).status_code == 404
