"""Tiles of registered rasters, also by WMTS 1.0.0, which GDAL and OWSLib read."""

import morecantile
import numpy as np
import pytest
import rasterio
from lxml import etree
from owslib.wmts import WebMapTileService

from layers.definitions.words import Words
from layers.raster_style import RasterStyle
from layers.rasters import register, tags_of
from tests.api.conftest import _client, serving, settings_for

pytestmark = pytest.mark.postgis

LON, LAT = 115.85, 31.80
MERCATOR = morecantile.tms.get("WebMercatorQuad")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return a home with one raster: a cone of heights around (LON, LAT)."""
    place = tmp_path_factory.mktemp("home")
    side = 0.0005
    rows, columns = np.mgrid[-100:100, -100:100]
    cone = (400 - 3 * np.hypot(rows, columns)).astype(np.float32)
    source = place / "cone.tif"
    with rasterio.open(
        source, "w", driver="GTiff", width=200, height=200, count=1, dtype="float32", crs="EPSG:4326",
        transform=rasterio.transform.from_origin(LON - 100 * side, LAT + 100 * side, side, side),
    ) as made:  # fmt: skip
        made.write(cone, 1)
    tags = tags_of(Words(zh="圆锥", en="Cone"), RasterStyle.HILLSHADE, "tests")
    register(source, place / "rasters", "cone", tags)
    tags = tags_of(Words(zh="高程", en="Heights"), RasterStyle.HEIGHTS, "tests")
    register(source, place / "rasters", "cone_heights", tags)
    return place


@pytest.fixture
async def here(city, catalog, home):
    async for found in _client(settings_for(city, home=home), catalog):
        yield found


@pytest.fixture(scope="module")
def address(city, catalog, home):
    with serving(settings_for(city, home=home), catalog) as found:
        yield found


def pixels(body):
    with rasterio.MemoryFile(body) as file, file.open(driver="PNG") as image:
        return image.read()


async def test_the_list_names_every_raster_with_its_place(here):
    listed = {one["name"]: one for one in (await here.get("/rasters")).json()["rasters"]}
    assert listed.keys() == {"cone", "cone_heights"}
    assert listed["cone"]["title"] == {"zh": "圆锥", "en": "Cone"}
    assert listed["cone"]["bbox"] == pytest.approx([115.80, 31.75, 115.90, 31.85])


async def test_slopes_towards_the_north_west_are_light_and_those_away_dark(here):
    async def at(lon, lat):
        tile = MERCATOR.tile(lon, lat, 12)
        answer = await here.get(f"/raster/cone/{tile.z}/{tile.x}/{tile.y}.png")
        assert answer.headers["content-type"] == "image/png"
        bounds = MERCATOR.bounds(tile)
        column = int((lon - bounds.left) / (bounds.right - bounds.left) * 256)
        row = int((bounds.top - lat) / (bounds.top - bounds.bottom) * 256)
        tone, opacity = pixels(answer.content)[:, row, column]
        return int(tone), int(opacity)

    tone, opacity = await at(LON - 0.02, LAT + 0.02)
    assert tone == 255 and opacity > 20
    tone, opacity = await at(LON + 0.02, LAT - 0.02)
    assert tone == 0 and opacity > 20


async def test_heights_are_coloured_from_low_to_high(here):
    tile = MERCATOR.tile(LON, LAT, 10)
    red, _green, blue, opacity = pixels(
        (await here.get(f"/raster/cone_heights/{tile.z}/{tile.x}/{tile.y}.png")).content
    )
    assert 0 < (opacity > 0).mean() < 1  # nothing is drawn beside the raster
    drawn = opacity > 0
    # the top of the cone is the lightest place, with the colour of the highest step
    assert (int(red[drawn].max()), int(blue[drawn].max())) == pytest.approx((240, 230), abs=4)


async def test_a_tile_is_revalidated_without_being_sent_again(here):
    tile = MERCATOR.tile(LON, LAT, 12)
    first = await here.get(f"/raster/cone/{tile.z}/{tile.x}/{tile.y}.png")
    again = await here.get(
        f"/raster/cone/{tile.z}/{tile.x}/{tile.y}.png", headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_beside_the_raster_there_is_nothing(here):
    assert (await here.get("/raster/cone/12/0/0.png")).status_code == 204
    clear = await here.get("/wmts/1.0.0/cone/default/WebMercatorQuad/12/0/0.png")
    assert clear.status_code == 200
    assert not pixels(clear.content).any()


@pytest.mark.parametrize(
    ("tail", "status", "code"),
    [
        ("/raster/nothing/0/0/0.png", 404, "no-raster"),
        ("/raster/..%2Fcone/0/0/0.png", 404, "no-raster"),
        ("/raster/cone/23/0/0.png", 404, "outside-matrix"),
        ("/raster/cone/1/0/9.png", 404, "outside-matrix"),
        ("/raster/cone/1/0/0.png?url=file:///etc/passwd", 400, "unknown-parameter"),
        ("/wmts", 400, "bad-parameter"),
        ("/wmts?REQUEST=GetMap", 400, "bad-parameter"),
        ("/wmts?REQUEST=GetTile&LAYER=cone", 400, "bad-parameter"),
        ("/wmts?REQUEST=GetTile&LAYER=cone&layer=x", 400, "repeated-parameter"),
        ("/wmts/1.0.0/nothing/default/WebMercatorQuad/0/0/0.png", 404, "no-raster"),
        ("/wmts/1.0.0/cone/default/Nothing/0/0/0.png", 404, "no-tile-matrix-set"),
    ],
)
async def test_what_is_not_there_is_told_plainly(here, tail, status, code):
    answer = await here.get(tail)
    if "%2F" in tail:
        assert answer.status_code == 404
        return
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_owslib_reads_the_capabilities_and_a_tile(address):
    service = WebMapTileService(f"{address}/wmts")
    assert set(service.contents) == {"cone", "cone_heights"}
    assert set(service.tilematrixsets) == {"WebMercatorQuad", "WorldCRS84Quad"}
    layer = service.contents["cone"]
    assert layer.boundingBoxWGS84 == pytest.approx((115.80, 31.75, 115.90, 31.85))
    tile = MERCATOR.tile(LON, LAT, 12)
    read = service.gettile(
        layer="cone", tilematrixset="WebMercatorQuad", tilematrix="12", row=tile.y, column=tile.x,
        format="image/png", style="default",
    )  # fmt: skip
    assert pixels(read.read()).any()


@pytest.mark.parametrize("scheme", ["WebMercatorQuad", "WorldCRS84Quad"])
def test_gdal_reads_the_cone_in_its_place(address, gdal, tmp_path, scheme):
    place = f"WMTS:{address}/wmts/1.0.0/WMTSCapabilities.xml,layer=cone_heights,tilematrixset={scheme}"
    copied = tmp_path / "cone.tif"
    gdal(
        "gdalwarp", "-q", "-t_srs", "EPSG:4326", "-te", "115.8", "31.75", "115.9", "31.85", "-ts", "200",
        "200", place, str(copied),
    )  # fmt: skip
    with rasterio.open(copied) as image:
        bands = image.read()
    # the lightest colour is the top of the cone, in the middle
    brightness = bands[:3].astype(int).sum(axis=0)
    row, column = np.unravel_index(brightness.argmax(), brightness.shape)
    assert abs(row - 100) < 12 and abs(column - 100) < 12


async def test_the_capabilities_are_xml_with_both_encodings(here):
    answer = await here.get("/wmts?service=WMTS&request=GetCapabilities&version=1.0.0")
    assert answer.headers["content-type"].startswith("application/xml")
    root = etree.fromstring(answer.content)
    names = {"wmts": "http://www.opengis.net/wmts/1.0", "ows": "http://www.opengis.net/ows/1.1"}
    assert root.tag == "{http://www.opengis.net/wmts/1.0}Capabilities"
    assert len(root.findall("wmts:Contents/wmts:Layer/wmts:ResourceURL", names)) == 2
    operations = {one.get("name") for one in root.findall("ows:OperationsMetadata/ows:Operation", names)}
    assert operations == {"GetCapabilities", "GetTile"}
