"""Landing page, conformance, collections, queryables, schemas and the description, as their standards ask."""

import jsonschema_rs
import pytest
from schemathesis.specs.openapi import definitions

from api.ogc.crs import CRS84, SUPPORTED
from api.ogc.schemas import queryable_names
from api.ogc.tile_matrix_sets import NAMES
from layers.definitions import GeometryFamily

pytestmark = pytest.mark.postgis


def by_relation(document):
    found = {}
    for link in document["links"]:
        found.setdefault(link["rel"], []).append(link)
    return found


async def test_the_landing_page_leads_to_everything(client):
    document = (await client.get("/ogc")).json()
    links = by_relation(document)
    for relation in ("self", "service-desc", "service-doc", "conformance", "data"):
        answer = await client.get(links[relation][0]["href"])
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == links[relation][0]["type"].split(";")[0]
    assert links["service-desc"][0]["type"] == "application/vnd.oai.openapi+json;version=3.0"


async def test_every_link_of_every_collection_leads_somewhere_of_its_type(client):
    document = (await client.get("/ogc/collections")).json()
    for collection in document["collections"][:6]:
        for link in collection["links"]:
            answer = await client.get(link["href"], headers={"Accept": "*/*"})
            assert answer.status_code == 200, link
            assert answer.headers["content-type"].split(";")[0] == link["type"].split(";")[0], link


async def test_every_layer_is_a_collection_with_what_the_standard_requires(client, catalog):
    document = (await client.get("/ogc/collections")).json()
    collections = {collection["id"]: collection for collection in document["collections"]}
    assert collections.keys() == catalog.layers.keys()
    assert document["crs"] == list(SUPPORTED)
    for name, collection in collections.items():
        links = by_relation(collection)
        assert links["items"][0]["type"] == "application/geo+json"
        assert "http://www.opengis.net/def/rel/ogc/1.0/queryables" in links
        assert collection["itemType"] == "feature"
        if catalog.layer(name).geometry is not GeometryFamily.NONE:
            # Part 2: CRS84 is always offered, and the system of storage is one of those offered
            assert collection["crs"][0] == CRS84
            assert collection["storageCrs"] in collection["crs"]
    west, south, east, north = collections["cameras"]["extent"]["spatial"]["bbox"][0]
    assert west < 115.85 < east and south < 31.8 < north


@pytest.mark.parametrize(("language", "title"), [("zh", "摄像机"), ("en", "Cameras")])
async def test_a_collection_speaks_the_readers_language(client, language, title):
    answer = await client.get("/ogc/collections/cameras", headers={"Accept-Language": language})
    assert answer.json()["title"] == title


async def test_every_queryable_is_a_filter_and_no_other_property_is(client, catalog):
    for name, definition in catalog.layers.items():
        document = (await client.get(f"/ogc/collections/{name}/queryables")).json()
        assert document["$id"].endswith(f"/ogc/collections/{name}/queryables")
        assert document["additionalProperties"] is False
        assert set(document["properties"]) - {"geometry"} == set(queryable_names(definition))
    for field in queryable_names(catalog.layer("cameras")):
        answer = await client.get("/ogc/collections/cameras/items", params={field: "true"})
        assert answer.status_code in (200, 400)
        assert answer.status_code == 200 or answer.json()["code"] == "bad-parameter", field
    answer = await client.get("/ogc/collections/cameras/items", params={"geom": "x"})
    assert answer.json()["code"] == "unknown-parameter"


async def test_a_schema_is_json_schema_and_the_features_fit_it(client):
    for name in ("cameras", "pipes", "buildings", "incidents", "region_statistics", "communities"):
        answer = await client.get(f"/ogc/collections/{name}/schema")
        assert answer.headers["content-type"] == "application/schema+json"
        schema = answer.json()
        jsonschema_rs.meta.validate(schema)
        validator = jsonschema_rs.Draft202012Validator(
            {**schema, "properties": {key: nullable(value) for key, value in schema["properties"].items()}}
        )
        items = (await client.get(f"/ogc/collections/{name}/items?limit=20")).json()["features"]
        assert items
        for item in items:
            validator.validate({"id": item["id"], **item["properties"]})


def nullable(schema):
    return {"anyOf": [schema, {"type": "null"}]}


async def test_the_description_is_valid_openapi_3_0_and_names_only_real_paths(client):
    document = (await client.get("/ogc/api")).json()
    assert document["openapi"].startswith("3.0")
    jsonschema_rs.validator_for(definitions.OPENAPI_30).validate(document)
    for path, methods in document["paths"].items():
        address = path.replace("{collectionId}", "cameras").replace("{featureId}", "1")
        for name, value in {"tileMatrixSetId": NAMES[0], "tileMatrix": 0, "tileRow": 0, "tileCol": 0}.items():
            address = address.replace(f"{{{name}}}", str(value))
        assert (await client.get(address)).status_code in (200, 204), path
        assert next(iter(methods)) == "get"
    writing = {"post", "put", "patch", "delete", "options"}
    written = {path for path, methods in document["paths"].items() if writing & set(methods)}
    assert {path.rsplit("/", 1)[1] for path in written} == {"items", "{featureId}"}
    limit = document["components"]["parameters"]["limit"]["schema"]
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 1000, 100)


async def test_the_whole_description_is_valid_openapi_3_1(client):
    document = (await client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    jsonschema_rs.validator_for(definitions.OPENAPI_31).validate(document)
    assert "/tiles/{layers}/{z}/{x}/{y}.mvt" in document["paths"]


async def test_the_declared_parameters_are_those_that_are_taken(client):
    document = (await client.get("/openapi.json")).json()
    values = {
        "name": "cameras",
        "feature": "1",
        "code": "341504",
        "layers": "cameras",
        "z": "12",
        "x": "1",
        "y": "1",
    }
    for path, methods in document["paths"].items():
        if "get" not in methods:
            continue
        address = path
        for name, value in values.items():
            address = address.replace(f"{{{name}}}", value)
        answer = await client.get(address, params={"surely-not": "1"})
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown-parameter"), path
        declared = {p["name"] for p in methods["get"].get("parameters", []) if p["in"] == "query"}
        assert declared - {"filters"} <= set(answer.json()["details"]["known"]), path


async def test_the_docs_page_is_whole_without_any_other_origin(client):
    page = await client.get("/docs", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert 'id="outside-matrix"' in page.text
    assert "<script" not in page.text
    assert "http://" not in page.text and "https://" not in page.text and "//cdn" not in page.text
    style = await client.get("/pages.css")
    assert style.headers["content-type"].startswith("text/css")


@pytest.mark.parametrize(
    "name", ["nothing", 'a"b', "a'b", "a" * 300, "cameras_history", "layer_change", "%00"]
)
@pytest.mark.parametrize("tail", ["", "/items", "/items/1", "/queryables", "/schema"])
async def test_a_collection_that_is_not_there_is_not_found(client, name, tail):
    answer = await client.get(f"/ogc/collections/{name}{tail}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "no-layer"
