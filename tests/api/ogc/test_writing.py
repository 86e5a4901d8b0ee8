"""Features written over HTTP: checked as an import is, never over somebody else's change, told and kept."""

import asyncio
import json
from uuid import uuid4

import pytest

from layers.database import admin_connection
from layers.search.index import rebuild
from tests.api.small_city import CAMERAS

pytestmark = pytest.mark.postgis

CAMERA_ITEMS = "/ogc/collections/cameras/items"
BUILDING_ITEMS = "/ogc/collections/buildings/items"
ENGLISH = {"Accept-Language": "en"}
PATCH = {"Content-Type": "application/merge-patch+json", **ENGLISH}
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


def camera(**properties):
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [115.83, 31.8]},
        "properties": properties,
    }


async def send(client, method, path, body, **headers):
    content = body if isinstance(body, bytes | str) else json.dumps(body)
    known = {"Content-Type": "application/geo+json", **ENGLISH}
    return await client.request(method, path, content=content, headers={**known, **headers})


@pytest.fixture
async def made(client):
    """Give a new camera as it was answered, and its ETag."""
    answer = await send(client, "POST", CAMERA_ITEMS, camera(code=uuid4().hex, name="门口", height_m=4))
    assert answer.status_code == 201, answer.text
    yield answer
    now = await client.get(answer.headers["location"])
    if now.status_code == 200:
        await client.delete(answer.headers["location"], headers={"If-Match": now.headers["etag"]})


def database(city, query, *values):
    with admin_connection(city) as connection:
        return connection.execute(query, values).fetchall()


async def test_a_new_feature_has_an_address_a_region_and_an_etag(client, made):
    found = await client.get(made.headers["location"])
    assert found.status_code == 200
    feature = found.json()
    assert feature["geometry"]["coordinates"] == [115.83, 31.8]
    assert feature["properties"]["name"] == "门口"
    assert feature["properties"]["region_code"] == "341504001001"
    assert feature["properties"]["version"] == 1
    assert found.headers["etag"].startswith('"1.')
    assert made.json()["id"] == feature["id"]
    again = await client.get(made.headers["location"], headers={"If-None-Match": found.headers["etag"]})
    assert again.status_code == 304


async def test_a_merge_patch_changes_what_it_names_and_empties_what_is_null(client, made):
    path, tag = made.headers["location"], made.headers["etag"]
    body = json.dumps({"properties": {"height_m": None, "online": True}})
    changed = await client.patch(path, content=body, headers={**PATCH, "If-Match": tag})
    assert changed.status_code == 200, changed.text
    found = changed.json()["properties"]
    assert (found["height_m"], found["online"], found["name"], found["version"]) == (None, True, "门口", 2)
    assert changed.json()["geometry"]["coordinates"] == [115.83, 31.8]
    moved = await client.patch(
        path,
        content=json.dumps({"geometry": {"type": "Point", "coordinates": [115.95, 31.8]}}),
        headers={**PATCH, "If-Match": changed.headers["etag"]},
    )
    assert moved.json()["properties"]["region_code"] == "341504002"


async def test_a_replacement_empties_what_it_does_not_give(client, made):
    path = made.headers["location"]
    answer = await send(client, "PUT", path, camera(online=True), **{"If-Match": made.headers["etag"]})
    assert answer.status_code == 200, answer.text
    found = answer.json()["properties"]
    assert (found["name"], found["height_m"], found["code"], found["online"]) == (None, None, None, True)
    assert (found["status"], found["version"]) == ("in_service", 2)


async def test_what_was_read_can_be_sent_back_as_it_is(client, made):
    path = made.headers["location"]
    read = await client.get(path)
    answer = await send(client, "PUT", path, read.content, **{"If-Match": read.headers["etag"]})
    assert answer.status_code == 200, answer.text
    same = {"version", "updated_at"}
    before, after = read.json()["properties"], answer.json()["properties"]
    assert {k: v for k, v in before.items() if k not in same} == {
        k: v for k, v in after.items() if k not in same
    }


async def test_a_deleted_feature_is_gone_and_stays_in_history_log_and_audit(client, city):
    made = await send(client, "POST", CAMERA_ITEMS, camera(code="gone"))
    path, number = made.headers["location"], made.json()["id"]
    answer = await client.delete(path, headers={"If-Match": made.headers["etag"]})
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await client.get(path)).status_code == 404
    history = database(city, "SELECT code, op, actor FROM city.cameras_history WHERE id = %s", number)
    assert history == [("gone", "delete", "loopback")]
    log = database(
        city, "SELECT op FROM onemap.layer_change WHERE layer = 'cameras' AND feature_id = %s", number
    )
    assert log == [("insert",), ("delete",)]
    audit = database(
        city,
        "SELECT action, outcome, actor FROM onemap.audit WHERE (details ->> 'id')::int = %s ORDER BY id",
        number,
    )
    assert audit == [("feature.create", "done", "loopback"), ("feature.delete", "done", "loopback")]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_a_change_without_if_match_is_428_and_a_stale_one_412(client, city, made, method):
    path, kind = made.headers["location"], "application/merge-patch+json" if method == "PATCH" else None
    content = {"Content-Type": kind} if kind else {}
    needed = await send(client, method, path, camera(online=True), **content)
    assert (needed.status_code, needed.json()["code"]) == (428, "precondition-needed")
    for stale in ('"7.abc"', '"x"', "1", '""', '"01"'):
        answer = await send(client, method, path, camera(online=True), **content, **{"If-Match": stale})
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition-failed"), stale
    refusals = database(
        city,
        "SELECT count(*) FROM onemap.audit WHERE outcome = 'precondition-failed'"
        " AND (details ->> 'id')::bigint = %s",
        made.json()["id"],
    )
    assert refusals[0][0] >= 4


async def test_of_many_writers_with_the_same_etag_one_wins(client, made):
    path, tag = made.headers["location"], made.headers["etag"]

    async def write(height):
        body = json.dumps({"properties": {"height_m": height}})
        return await client.patch(path, content=body, headers={**PATCH, "If-Match": tag})

    answers = await asyncio.gather(*(write(height) for height in range(2, 12)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 9
    winner = next(answer for answer in answers if answer.status_code == 200).json()
    now = (await client.get(path)).json()
    assert now["properties"]["height_m"] == winner["properties"]["height_m"]
    assert now["properties"]["version"] == 2


async def test_the_same_idempotency_key_adds_one_feature(client):
    key = {"Idempotency-Key": str(uuid4())}
    first = await send(client, "POST", CAMERA_ITEMS, camera(), **key)
    second = await send(client, "POST", CAMERA_ITEMS, camera(), **key)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.headers["location"] == second.headers["location"]
    bad = await send(client, "POST", CAMERA_ITEMS, camera(), **{"Idempotency-Key": "x"})
    assert bad.status_code == 400


async def test_a_taken_key_is_a_conflict(client, made):
    code = made.json()["properties"]["code"]
    answer = await send(client, "POST", CAMERA_ITEMS, camera(code=code))
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def polygon(*ring):
    return {"type": "Polygon", "coordinates": [list(ring)]}


A, B, C, D = [115.85, 31.8], [115.86, 31.8], [115.86, 31.81], [115.85, 31.81]


def nested(depth):
    return '{"type":"Feature","geometry":' + '{"type":"GeometryCollection","geometries":[' * depth


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (polygon(A, C, B, D, A), "geometry-invalid"),
        (polygon(A, B, C, D), "ring-not-closed"),
        (polygon(A, B, A), "too-few-positions"),
        (polygon(), "too-few-positions"),
        ({"type": "Point", "coordinates": A}, "geometry-family"),
        ({"type": "Polygon", "coordinates": A}, "coordinates"),
        ({"type": "Polygon", "coordinates": [[A, B, "x", A]]}, "coordinates"),
        ({"type": "Polygon", "coordinates": [[A, B, [True, 1], A]]}, "coordinates"),
        ({"type": "Polygon", "coordinates": [[A, B, [115.8], A]]}, "coordinates"),
        ({"type": "Polygon"}, "coordinates"),
        ({"type": "Polygon", "coordinates": [], "crs": {"type": "name"}}, "coordinates"),
        ({"type": "GeometryCollection", "geometries": []}, "geometry-type"),
        ({"type": "Circle", "coordinates": A}, "geometry-type"),
        ("POINT (1 2)", "geometry-type"),
        (None, "geometry-missing"),
        (polygon([31.8, 115.85], [31.8, 115.86], [31.81, 115.86], [31.8, 115.85]), "axes-swapped"),
        (polygon([116, 89], [116.1, 89], [116.1, 89.1], [116, 89]), "outside-envelope"),
        (polygon(*([A] * 10_001)), "too-many-vertices"),
    ],
)
async def test_a_geometry_that_does_not_fit_is_refused_with_the_reason(client, geometry, reason):
    body = {"type": "Feature", "geometry": geometry, "properties": {}}
    answer = await send(client, "POST", BUILDING_ITEMS, body)
    found = answer.json()
    assert (answer.status_code, found["code"]) == (400, "feature-refused")
    assert (found["details"]["field"], found["details"]["reason"]) == ("geometry", reason)
    assert "geometry" in found["detail"]
    assert "{" not in found["detail"]


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        (camera(nosuch=1), "nosuch", "unknown-field"),
        (camera(height_m="high"), "height_m", "type"),
        (camera(height_m=9999), "height_m", "range"),
        (camera(height_m=True), "height_m", "type"),
        (camera(kind="nosuch"), "kind", "code"),
        (camera(status="broken"), "status", "code"),
        (camera(name={"a": 1}), "name", "type"),
        (camera(name=["a"]), "name", "type"),
        (camera(name="a\x00b"), "name", "text"),
        (camera(code="x" * 200), "code", "length"),
        (camera(valid_from="2020-02-01", valid_to="2020-01-01"), "valid_to", "period"),
        ({**camera(), "crs": {"type": "name"}}, "crs", "unknown-member"),
        ({**camera(), "type": "FeatureCollection"}, "type", "feature"),
        ({**camera(), "properties": [1]}, "properties", "feature"),
        ([camera()], None, "feature"),
        (b'{"type":"Feature","geometry":{"type":"Point","coordinates":[NaN,1]}}', None, "feature"),
        (b"\xff\xfe", None, "feature"),
        (b"", None, "feature"),
        (nested(2000), None, "feature"),
        (nested(2) + "]}" * 2 + ',"properties":{}}', "geometry", "geometry-type"),
    ],
)
async def test_a_feature_that_does_not_fit_is_refused_with_field_and_reason(
    client, city, body, field, reason
):
    count = "SELECT count(*) FROM city.cameras"
    before = database(city, count)
    answer = await send(client, "POST", CAMERA_ITEMS, body)
    found = answer.json()
    assert (answer.status_code, found["code"]) == (400, "feature-refused"), found
    assert (found["details"]["field"], found["details"]["reason"]) == (field, reason)
    for name in ("{value}", "{allowed}", "{expected}", "{field}"):
        assert name not in found["detail"]
    assert database(city, count) == before


async def test_heights_are_dropped_as_an_import_drops_them(client):
    body = camera()
    body["geometry"]["coordinates"].append(31.5)
    answer = await send(client, "POST", CAMERA_ITEMS, body)
    assert answer.json()["geometry"]["coordinates"] == [115.83, 31.8]


@pytest.mark.parametrize(
    ("uri", "coordinates"),
    [
        (f"{EPSG}4490", [31.8, 115.83]),
        (f"{EPSG}3857", [12894136.5, 3737921.9]),
        (f"{EPSG}4548", [3519823.5, 389229.8]),
    ],
)
async def test_coordinates_may_be_sent_in_every_system_that_is_offered(client, uri, coordinates):
    from pyproj import Transformer

    body = camera()
    body["geometry"]["coordinates"] = coordinates
    answer = await send(client, "POST", CAMERA_ITEMS, body, **{"Content-Crs": f"<{uri}>"})
    assert answer.status_code == 201, answer.text
    epsg = int(uri.rsplit("/", 1)[1])
    expected = Transformer.from_crs(epsg, 4326).transform(*coordinates)[::-1]
    assert answer.json()["geometry"]["coordinates"] == pytest.approx(expected, abs=1e-6)
    unknown = await send(client, "POST", CAMERA_ITEMS, body, **{"Content-Crs": f"<{EPSG}2000>"})
    assert unknown.status_code == 400


async def test_too_much_is_413_and_another_media_type_415(client, made):
    large = await send(client, "POST", CAMERA_ITEMS, camera(name="x" * 1_000_001))
    assert (large.status_code, large.json()["code"]) == (413, "too-large")
    for method, kind in (("POST", "text/plain"), ("PUT", "application/merge-patch+json"), ("PATCH", "x")):
        path = CAMERA_ITEMS if method == "POST" else made.headers["location"]
        answer = await send(client, method, path, camera(), **{"Content-Type": kind, "If-Match": "*"})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


async def test_a_feature_is_changed_only_through_a_layer_that_shows_it(client, city):
    (town,) = database(city, "SELECT id FROM city.regions WHERE code = '341504001'")[0]
    body = json.dumps({"properties": {"short_name": "新"}})
    headers = {**PATCH, "If-Match": "*"}
    other = await client.patch(f"/ogc/collections/communities/items/{town}", content=body, headers=headers)
    assert (other.status_code, other.json()["code"]) == (404, "no-feature")
    own = await client.patch(f"/ogc/collections/towns/items/{town}", content=body, headers=headers)
    assert own.status_code == 200, own.text
    out = json.dumps({"properties": {"level": "county"}})
    answer = await client.patch(f"/ogc/collections/towns/items/{town}", content=out, headers=headers)
    assert (answer.status_code, answer.json()["details"]["reason"]) == (400, "filter")


@pytest.mark.parametrize(("number", "status"), [("999999", 404), ("x", 404), ("0", 404), ("9" * 30, 404)])
async def test_a_feature_that_is_not_there_cannot_be_changed(client, number, status):
    for method in ("PUT", "PATCH", "DELETE"):
        kind = "application/merge-patch+json" if method == "PATCH" else "application/geo+json"
        answer = await send(
            client, method, f"{CAMERA_ITEMS}/{number}", camera(online=True),
            **{"Content-Type": kind, "If-Match": "*"},
        )  # fmt: skip
        assert answer.status_code == status


async def test_a_change_of_nothing_is_refused(client, made):
    headers = {**PATCH, "If-Match": made.headers["etag"]}
    answer = await client.patch(made.headers["location"], content="{}", headers=headers)
    assert answer.json()["details"]["reason"] == "nothing-to-change"


async def test_what_can_be_done_is_said(client, made):
    many = await client.options(CAMERA_ITEMS)
    assert "POST" in many.headers["allow"]
    one = await client.options(made.headers["location"])
    assert {"PUT", "PATCH", "DELETE"} <= set(one.headers["allow"].split(", "))
    classes = (await client.get("/ogc/conformance")).json()["conformsTo"]
    assert any(name.endswith("features-4/1.0/conf/create-replace-delete") for name in classes)


async def test_reading_goes_on_as_before(client):
    page = (await client.get(CAMERA_ITEMS, params={"limit": 1000})).json()
    assert len(page["features"]) >= CAMERAS


async def test_without_a_database_a_write_is_503(without_database):
    answer = await send(without_database, "POST", CAMERA_ITEMS, camera())
    assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")


async def found(client, text):
    answer = await client.get("/search", params={"q": text})
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize(
    ("name", "typed"), [("百花巷口", "百花巷"), ("百花巷口", "bhxk"), ("Ｇ３５ 口", "g35")]
)
async def test_the_search_finds_an_edit_at_once(client, name, typed):
    code = uuid4().hex
    assert code not in await found(client, typed)
    made = await send(client, "POST", CAMERA_ITEMS, camera(code=code, name=name))
    assert code in await found(client, typed)
    assert code in await found(client, code)
    path = made.headers["location"]
    body = json.dumps({"properties": {"name": "改了名"}})
    changed = await client.patch(path, content=body, headers={**PATCH, "If-Match": made.headers["etag"]})
    assert code not in await found(client, typed)
    assert code in await found(client, "gaileming")
    await client.delete(path, headers={"If-Match": changed.headers["etag"]})
    assert code not in await found(client, "gaileming")
    assert code not in await found(client, code)


async def test_entries_of_edits_are_those_of_a_load(client, city, catalog):
    bodies = [camera(code=uuid4().hex, name=name) for name in ("门口", " Ｇ３５  口", "Gate 7", None, "É㎡")]
    answers = [await send(client, "POST", CAMERA_ITEMS, body) for body in bodies]
    codes = [body["properties"]["code"] for body in bodies]
    query = "SELECT * FROM onemap.search_entry WHERE code = ANY (%s) ORDER BY feature_id"
    kept = database(city, query, codes)
    assert len(kept) == len(codes)
    with admin_connection(city) as connection:
        rebuild(connection, catalog, ["cameras"])
    assert database(city, query, codes) == kept
    for answer in answers:
        await client.delete(answer.headers["location"], headers={"If-Match": answer.headers["etag"]})
