"""Pages, single features, tiles and extents, as the service reads them."""

from datetime import UTC, datetime

import geopandas as gpd
import mapbox_vector_tile
import morecantile
import numpy as np
import orjson
import pandas as pd
import pyproj
import pytest
import shapely

from geo.errors import BadInput, NotFound
from layers.features.reading import Query, extent_of, read_item, read_items, read_tile
from layers.features.statements import DECIMALS, PROPERTIES
from layers.scope import LayerScope
from tests.layers.little_city import COUNTY, EAST_TOWN, SOUTH, WEST, WEST_TOWN, fill, points, reading, squares

pytestmark = pytest.mark.postgis


def incidents(count):
    when = pd.date_range("2020-01-01", periods=count, freq="D", tz="UTC")
    return points(count, code="i").assign(
        class_code="0101", channel="12345", occurred_at=when.to_series().to_numpy()
    )


@pytest.fixture(scope="module")
def city(module_database, catalog):
    cameras = points(1000).assign(
        height_m=np.arange(1000) % 7 + 0.5, online=[True, False, None, True] * 250,
        installed_on=["2019-05-01", None] * 500,
        pixels_horizontal=[1920, 3840] * 500,
    )  # fmt: skip
    lines = [shapely.LineString([(115.62, 31.72), (115.66, 31.72)])]
    pipes = gpd.GeoDataFrame({"code": ["both"], "medium": "water"}, geometry=lines, crs=4326)
    departments = [one.code for one in catalog.code_lists["departments"].codes][:2]
    cameras["using_departments"] = [departments[:1], departments] * 500
    incident = catalog.layer("incidents")
    lists = {
        field.name: catalog.code_lists[field.codes].codes[0].code for field in incident.fields if field.codes
    }
    happened = incidents(100).assign(class_code=lists["class_code"], channel=lists["channel"])
    fill(module_database, catalog, cameras=cameras, pipes=pipes, buildings=squares(50), incidents=happened)
    return module_database


@pytest.fixture
async def connection(city):
    async with reading(city) as found:
        yield found


@pytest.fixture
def layer(catalog):
    return catalog.layer("cameras")


ALL_CAMERAS = LayerScope("cameras", True)
WEST_CAMERAS = LayerScope("cameras", False, (WEST_TOWN,))


async def features(connection, layer, scope=ALL_CAMERAS, **query):
    page = await read_items(connection, layer, scope, Query(**{"limit": 10_000, **query}))
    return [orjson.loads(one) for one in page.features]


async def test_a_feature_has_all_its_fields_and_empty_ones_are_null(connection, layer):
    made = (await features(connection, layer, equals={"code": "p0"}))[0]
    assert made["type"] == "Feature"
    assert isinstance(made["id"], int)
    assert made["geometry"]["type"] == "Point"
    assert set(made["properties"]) == {
        *PROPERTIES, *layer.field_names,
    }  # fmt: skip
    assert made["properties"]["height_m"] == 0.5
    assert made["properties"]["online"] is True
    assert made["properties"]["installed_on"] == "2019-05-01"
    assert made["properties"]["place"] is None
    assert isinstance(made["properties"]["using_departments"], list)


async def test_pages_follow_their_cursor_to_the_end(connection, layer):
    ids, after = [], None
    for _ in range(20):
        page = await read_items(connection, layer, ALL_CAMERAS, Query(limit=300, after=after))
        ids += [orjson.loads(one)["id"] for one in page.features]
        after = page.next_after
        if after is None:
            break
    assert len(ids) == len(set(ids)) == 1000
    assert after is None


async def test_a_page_that_ends_exactly_has_no_next(connection, layer):
    assert (await read_items(connection, layer, ALL_CAMERAS, Query(limit=1000))).next_after is None
    assert (await read_items(connection, layer, ALL_CAMERAS, Query(limit=999))).next_after is not None


@pytest.mark.parametrize(
    "box", [None, (115.62, 31.72, 115.625, 31.725), (115.6, 31.7, 115.66, 31.76), (0, 0, 1, 1)]
)
@pytest.mark.parametrize(
    "equals",
    [
        {}, {"height_m": "2.5"}, {"online": "true"}, {"online": "false", "height_m": "0.5"},
        {"status": "in_service"},
        {"pixels_horizontal": "3840"}, {"installed_on": "2019-05-01"}, {"code": "p7"}, {"status": "removed"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("scope", [ALL_CAMERAS, WEST_CAMERAS], ids=["all", "west"])
async def test_box_filter_and_scope_give_what_plain_python_gives(connection, layer, box, equals, scope):
    def fits(feature):
        properties = feature["properties"]
        if scope is WEST_CAMERAS and not properties["region_code"].startswith(WEST_TOWN):
            return False
        if box is not None and not shapely.box(*box).intersects(shapely.geometry.shape(feature["geometry"])):
            return False
        return all(
            orjson.dumps(properties[name]).decode().strip('"') == value for name, value in equals.items()
        )

    everything = await features(connection, layer)
    wanted = [feature["id"] for feature in everything if fits(feature)]
    assert [
        feature["id"] for feature in await features(connection, layer, scope, box=box, equals=equals)
    ] == wanted


async def test_a_filtered_page_is_full_and_goes_on(connection, layer):
    for box in (None, (115.6, 31.7, 115.64, 31.74)):
        query = Query(limit=5, equals={"online": "true"}, box=box)
        first = await read_items(connection, layer, ALL_CAMERAS, query)
        second = await read_items(
            connection,
            layer,
            ALL_CAMERAS,
            Query(limit=5, equals={"online": "true"}, box=box, after=first.next_after),
        )
        ids = [orjson.loads(one)["id"] for one in [*first.features, *second.features]]
        assert len(ids) == 10
        assert ids == sorted(set(ids))


async def test_a_list_field_is_filtered_by_one_of_its_values(connection, layer):
    values = await features(connection, layer, limit=2)
    departments = max((one["properties"]["using_departments"] for one in values), key=len)
    assert len(await features(connection, layer, equals={"using_departments": departments[0]})) == 1000
    assert len(await features(connection, layer, equals={"using_departments": departments[1]})) == 500


@pytest.mark.parametrize(
    ("equals", "field"),
    [
        ({"nosuch": "1"}, "nosuch"), ({"height_m": "high"}, "height_m"), ({"height_m": "nan"}, "height_m"),
        ({"online": "yes"}, "online"), ({"pixels_horizontal": "1.5"}, "pixels_horizontal"),
        ({"pixels_horizontal": "9" * 30}, "pixels_horizontal"),
        ({"installed_on": "tomorrow"}, "installed_on"), ({"code": "a\x00"}, "code"),
        ({"code": "\ud800"}, "code"), ({"code": "x" * 2000}, "code"), ({"geom": "x"}, "geom"),
        ({"id": "1"}, "id"), ({'code"; --': "x"}, 'code"; --'),
    ],
)  # fmt: skip
async def test_a_filter_that_does_not_fit_names_its_field(connection, layer, equals, field):
    with pytest.raises(BadInput) as refused:
        await read_items(connection, layer, ALL_CAMERAS, Query(equals=equals))
    assert refused.value.details["field"] == field


@pytest.mark.parametrize(
    ("since", "until", "count"),
    [
        (None, None, 100), ("2020-01-11", None, 90), (None, "2020-01-10", 10),
        ("2020-01-05", "2020-01-05", 1),
        ("2020-02-01T12:00:00", "2020-02-01T13:00:00", 0), ("2021-01-01", None, 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("equals", [{}, {"status": "in_service"}], ids=["plain", "filtered"])
async def test_time_is_read_from_the_field_that_the_layer_names(
    connection, catalog, since, until, count, equals
):
    def moment(text):
        return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)

    found = await features(
        connection, catalog.layer("incidents"), LayerScope("incidents", True),
        time=(moment(since), moment(until)), equals=equals,
    )  # fmt: skip
    assert len(found) == count


@pytest.mark.parametrize("epsg", sorted(DECIMALS))
async def test_coordinates_come_in_every_system(connection, layer, epsg):
    plain = shapely.geometry.shape((await features(connection, layer, limit=1))[0]["geometry"])
    turned = shapely.geometry.shape((await features(connection, layer, limit=1, epsg=epsg))[0]["geometry"])
    wanted = pyproj.Transformer.from_crs(4326, epsg, always_xy=True).transform(plain.x, plain.y)
    assert (turned.x, turned.y) == pytest.approx(wanted, abs=1e-6 if epsg in (4326, 4490) else 0.05)
    flipped = shapely.geometry.shape(
        (await features(connection, layer, limit=1, epsg=epsg, latitude_first=True))[0]["geometry"]
    )
    assert (flipped.y, flipped.x) == (turned.x, turned.y)


async def test_another_system_is_refused(connection, layer):
    with pytest.raises(BadInput, match="EPSG:32650"):
        await read_items(connection, layer, ALL_CAMERAS, Query(epsg=32650))


async def test_one_feature_is_found_or_said_to_be_missing(connection, layer):
    for feature in await features(connection, layer, limit=20):
        assert orjson.loads(await read_item(connection, layer, ALL_CAMERAS, feature["id"])) == feature
        inside = feature["properties"]["region_code"].startswith(WEST_TOWN)
        if inside:
            await read_item(connection, layer, WEST_CAMERAS, feature["id"])
        else:
            with pytest.raises(NotFound):
                await read_item(connection, layer, WEST_CAMERAS, feature["id"])
    with pytest.raises(NotFound, match="no feature 999999"):
        await read_item(connection, layer, ALL_CAMERAS, 999_999)


async def test_a_filter_does_not_show_what_is_clipped(connection, catalog):
    scope = LayerScope("pipes", False, (EAST_TOWN,))
    made = await features(connection, catalog.layer("pipes"), scope, equals={"code": "both"})
    assert shapely.geometry.shape(made[0]["geometry"]).bounds == pytest.approx((115.64, 31.72, 115.66, 31.72))


async def test_a_tile_is_bytes_with_its_snapshot(connection, catalog):
    x, y, z = morecantile.tms.get("WebMercatorQuad").tile(115.63, 31.73, 13)
    tile = await read_tile(connection, catalog.layer("buildings"), LayerScope("buildings", True), z, x, y)
    decoded = mapbox_vector_tile.decode(tile.data)
    assert list(decoded) == ["buildings"]
    assert decoded["buildings"]["extent"] == 4096
    low, high, *_ = tile.snapshot.split(":")
    assert int(low) <= int(high)
    empty = await read_tile(connection, catalog.layer("buildings"), LayerScope("buildings", True), 8, 0, 0)
    assert empty.data == b""


async def test_the_extent_is_kept_and_cut_to_the_scope(connection, catalog, layer):
    whole = await extent_of(connection, layer, ALL_CAMERAS)
    inside = shapely.box(*whole)
    assert all(
        inside.buffer(1e-7).contains(shapely.geometry.shape(one["geometry"]))
        for one in await features(connection, layer)
    )
    west = await extent_of(connection, layer, WEST_CAMERAS)
    assert west[:2] == pytest.approx((WEST, SOUTH), abs=1e-3)
    assert west[2] == pytest.approx(WEST + 0.04)
    assert await extent_of(connection, layer, LayerScope("cameras", False, ("999999",))) is None
    assert await extent_of(connection, catalog.layer("towers"), LayerScope("towers", True)) is None
    assert (
        await extent_of(connection, catalog.layer("counties"), LayerScope("counties", False, (COUNTY,)))
        is not None
    )


async def test_a_reader_in_a_transaction_gone_by_leaves_no_scope_behind(connection, layer):
    await features(connection, layer, equals={"code": "p0"})
    with pytest.raises(Exception, match="no scope is set"):
        await connection.fetch("SELECT count(*) FROM city.cameras")
