"""The definer functions: indexed, fail-closed, cut to the scope."""

import geopandas as gpd
import mapbox_vector_tile
import morecantile
import psycopg
import pytest
import shapely
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from layers.database import connect_application
from layers.definitions import GeometryFamily
from tests.conftest import superuser_address
from tests.layers.little_city import (
    COUNTY,
    EAST_TOWN,
    NORTH,
    SOUTH,
    WEST,
    WEST_TOWN,
    fill,
    one,
    points,
    squares,
)

pytestmark = pytest.mark.postgis

MATRIX = morecantile.tms.get("WebMercatorQuad")


def named(template: str, layer: str) -> str:
    """Put a layer's name into a query."""
    return template.replace("LAYER", layer)


ITEMS = "SELECT id FROM city.LAYER_items(%s, NULL, NULL, NULL, %s, %s, %s)"
SHAPES = "SELECT id, ST_AsBinary(geom) FROM city.LAYER_items(NULL, NULL, NULL, NULL, NULL, true, NULL)"
TILE = "SELECT mvt FROM city.LAYER_tile(%s, %s, %s, %s, %s)"
CUT = "SELECT ST_AsBinary(geom), ST_AsBinary(ST_Transform(geom_3857, 4326)) FROM city.{} WHERE code = 'both'"


@pytest.fixture(scope="module")
def city(module_database, catalog):
    # One pipe lies in the west, one in the east, one crosses from west to east, one leaves the county.
    lines = [
        shapely.LineString([(115.61, 31.71), (115.62, 31.71)]),
        shapely.LineString([(115.65, 31.71), (115.66, 31.71)]),
        shapely.LineString([(115.62, 31.72), (115.66, 31.72)]),
        shapely.LineString([(115.61, 31.73), (115.55, 31.73)]),
    ]
    pipes = gpd.GeoDataFrame(
        {"code": ["west", "east", "both", "leaving"], "medium": "water", "kind": "water_distribution"},
        geometry=lines,
        crs=4326,
    )[["code", "medium", "geometry"]]
    fill(module_database, catalog, cameras=points(6000), buildings=squares(6000), pipes=pipes)
    return module_database


def tile_at(longitude, latitude, zoom):
    tile = MATRIX.tile(longitude, latitude, zoom)
    return tile.z, tile.x, tile.y


def drawn(connection, layer, tile, *, prefixes=None):
    data = one(connection, named(TILE, layer), *tile, prefixes is None, prefixes)
    return mapbox_vector_tile.decode(data).get(layer, {"features": []})["features"] if data else []


def all_read_functions(catalog):
    for name, layer in catalog.layers.items():
        if layer.geometry is not GeometryFamily.NONE:
            yield named("SELECT * FROM city.LAYER_tile(10, 840, 410, %s, %s)", name)
            yield named(
                "SELECT * FROM city.LAYER_tile_then(10, 840, 410, %s, %s, now(), now(), '2020-12-31')", name
            )
        yield named("SELECT * FROM city.LAYER_items(NULL, NULL, NULL, NULL, 10, %s, %s)", name)
        yield named("SELECT * FROM city.LAYER_item(1, %s, %s)", name)
        then = "SELECT * FROM city.LAYER_items_then(NULL, 0, 10, %s, %s, now(), now(), '2020-12-31')"
        yield named(then, name)


@pytest.mark.parametrize(
    ("whole", "prefixes"),
    [(None, None), (None, [COUNTY]), (False, None), (False, []), (False, [""]), (False, [COUNTY, ""]),
     (False, [None]), (False, [COUNTY, None])],
)  # fmt: skip
def test_every_read_function_refuses_an_empty_scope(city, catalog, whole, prefixes):
    with connect_application(city) as connection:
        for call in all_read_functions(catalog):
            with pytest.raises(InsufficientPrivilege, match="reading needs a scope"):
                connection.execute(call.encode(), [whole, prefixes])


def test_every_read_function_runs_in_every_zoom_band(city, catalog):
    with connect_application(city) as connection:
        for call in all_read_functions(catalog):
            connection.execute(call.encode(), [True, None])
            connection.execute(call.encode(), [False, [WEST_TOWN]])
        for name, layer in catalog.layers.items():
            for zoom in range(23 if layer.geometry is not GeometryFamily.NONE else 0):
                drawn(connection, name, tile_at(115.62, 31.72, zoom))


def test_only_the_application_may_call_them(server, city):
    with psycopg.connect(superuser_address(server.cluster, city)) as connection:
        callers = connection.execute(
            "SELECT DISTINCT a.grantee::regrole::text FROM pg_proc AS p, aclexplode(p.proacl) AS a"
            " WHERE p.pronamespace = 'city'::regnamespace AND p.proname ~ '_(tile|thin|items|item)(_then)?$'"
        ).fetchall()
        unsafe = connection.execute(
            "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace IN ('city'::regnamespace,"
            " 'onemap'::regnamespace)"
            " AND NOT EXISTS (SELECT FROM unnest(proconfig) AS c WHERE c LIKE 'search_path=%')"
        ).fetchall()
    assert sorted(callers) == [("onemap_app",), ("onemap_owner",)]
    assert unsafe == []


@pytest.fixture
def plans(server, city):
    """Give a connection of the application that hears the plans of statements inside functions."""
    name = str(psycopg.conninfo.conninfo_to_dict(city.admin)["dbname"])
    with psycopg.connect(superuser_address(server.cluster, city), autocommit=True) as superuser:
        for setting, value in {
            "session_preload_libraries": "auto_explain",
            "auto_explain.log_min_duration": "0",
            "auto_explain.log_nested_statements": "on",
            "client_min_messages": "log",
        }.items():
            superuser.execute(
                sql.SQL("ALTER ROLE onemap_app IN DATABASE {} SET {} = {}").format(
                    sql.Identifier(name), sql.SQL(setting), sql.Literal(value)
                )
            )
        heard: list[str] = []
        with connect_application(city) as connection:
            connection.add_notice_handler(lambda notice: heard.append(notice.message_primary or ""))
            yield connection, heard
        superuser.execute(
            sql.SQL("ALTER ROLE onemap_app IN DATABASE {} RESET ALL").format(sql.Identifier(name))
        )


@pytest.mark.parametrize("prefixes", [None, [WEST_TOWN]], ids=["whole city", "one town"])
@pytest.mark.parametrize("layer", ["cameras", "buildings"])
def test_tiles_and_items_use_the_spatial_index_as_the_application(plans, layer, prefixes):
    connection, heard = plans
    drawn(connection, layer, tile_at(115.62, 31.72, 17), prefixes=prefixes)
    assert f"Index Scan on {layer}_geom_3857" in "\n".join(heard) or f"using {layer}_geom_3857" in "\n".join(
        heard
    )
    heard.clear()
    box = [115.620, 31.720, 115.622, 31.722]
    connection.execute(named(ITEMS, layer).encode(), [box, 10, prefixes is None, prefixes])
    assert f"Index Scan on {layer}_geom_3857" in "\n".join(heard) or f"using {layer}_geom_3857" in "\n".join(
        heard
    )


def test_the_first_page_of_a_wide_box_is_read_in_order_and_not_sorted(plans):
    connection, heard = plans
    connection.execute(named(ITEMS, "cameras").encode(), [[115, 31, 116, 32], 10, True, None])
    plan = "\n".join(heard)
    assert "using cameras_pkey" in plan
    assert "Sort" not in plan


@pytest.mark.parametrize(
    "box", [[115.6, 31.7, 115.68, 31.78], [115.62, 31.72, 115.63, 31.73], [115.0, 31.0, 115.61, 31.71]]
)
@pytest.mark.parametrize("layer", ["cameras", "buildings", "pipes"])
def test_a_box_finds_what_a_plain_query_finds(city, layer, box):
    with connect_application(city) as connection:
        found = {row[0] for row in connection.execute(named(ITEMS, layer).encode(), [box, None, True, None])}
        everything = connection.execute(named(SHAPES, layer).encode())
        wanted = {
            number for number, shape in everything if shapely.box(*box).intersects(shapely.from_wkb(shape))
        }
    assert found == wanted


def test_pages_follow_each_other_without_gap_or_repeat(city):
    with connect_application(city) as connection:
        ids, after = [], None
        while page := connection.execute(
            "SELECT id FROM city.cameras_items(NULL, NULL, NULL, %s, 700, true, NULL)", [after]
        ).fetchall():
            ids += [number for (number,) in page]
            after = ids[-1]
    assert len(ids) == 6000
    assert ids == sorted(set(ids))


def test_a_tile_carries_ids_and_features_of_its_margin(city):
    with connect_application(city) as connection:
        tile = tile_at(115.63, 31.73, 15)
        features = drawn(connection, "cameras", tile)
        west, south, east, north = MATRIX.bounds(*(morecantile.Tile(tile[1], tile[2], tile[0]),))
        inside = {
            row[0]
            for row in connection.execute(
                named(ITEMS, "cameras").encode(), [[west, south, east, north], None, True, None]
            )
        }
    ids = {feature["id"] for feature in features}
    assert inside < ids
    assert 0 not in ids


def test_attributes_come_with_their_zoom(city, catalog):
    with connect_application(city) as connection:
        connection.execute("SELECT 1")
        low = drawn(connection, "cameras", tile_at(115.63, 31.73, 10))
        fields = {
            one.name
            for one in catalog.layer("cameras").fields
            if one.tile_from is not None and one.tile_from <= 10
        }
    assert low
    assert set().union(*(feature["properties"] for feature in low)) <= {"code", "status", *fields}


def test_the_snapshot_tells_which_changes_a_tile_has_seen(city):
    with connect_application(city) as connection:
        snapshot = one(connection, "SELECT snapshot FROM city.cameras_tile(0, 0, 0, true, NULL)")
        seen = one(
            connection,
            "SELECT bool_and(pg_visible_in_snapshot(xid, %s::pg_snapshot)) FROM onemap.layer_change",
            snapshot,
        )
    assert seen is True


@pytest.mark.parametrize(
    ("prefixes", "codes"),
    [
        (None, {"west", "east", "both", "leaving"}),
        ([COUNTY], {"west", "east", "both", "leaving"}),
        ([WEST_TOWN], {"west", "both", "leaving"}),
        ([EAST_TOWN], {"east", "both"}),
        ([f"{WEST_TOWN}001G01", f"{EAST_TOWN}001"], {"west", "east", "both", "leaving"}),
        (["999999"], set()),
    ],
)
def test_a_feature_is_seen_by_each_region_that_it_touches(city, prefixes, codes):
    with connect_application(city) as connection:
        query = "SELECT code FROM city.pipes_items(NULL, NULL, NULL, NULL, NULL, %s, %s)"
        items = {code for (code,) in connection.execute(query, [prefixes is None, prefixes])}
        tile = {
            feature["properties"]["code"]
            for feature in drawn(connection, "pipes", tile_at(115.64, 31.72, 8), prefixes=prefixes)
        }
    assert items == codes
    assert tile == codes


@pytest.mark.parametrize("read", ["items", "item", "tile"])
def test_a_restricted_feature_that_crosses_is_cut_to_the_scope(city, read):
    west_town = shapely.box(WEST, SOUTH, WEST + 0.04, NORTH)
    with connect_application(city) as connection:
        number = one(
            connection,
            "SELECT id FROM city.pipes_items(NULL, NULL, NULL, NULL, NULL, true, NULL) WHERE code = 'both'",
        )
        if read == "tile":
            zoom, x, y = tile_at(115.6595, 31.72, 15)
            features = drawn(connection, "pipes", (zoom, x, y), prefixes=[WEST_TOWN])
            assert "both" not in {feature["properties"]["code"] for feature in features}
            assert "both" in {
                feature["properties"]["code"] for feature in drawn(connection, "pipes", (zoom, x, y))
            }
            return
        call = (
            "items(NULL, NULL, NULL, NULL, NULL, false, %s)"
            if read == "items"
            else f"item({number}, false, %s)"
        )
        query = CUT.replace("{}", f"pipes_{call}")
        row = connection.execute(query.encode(), [[WEST_TOWN]]).fetchone()
    for shape in map(shapely.from_wkb, row):
        assert west_town.buffer(1e-9).covers(shape)
        assert shape.length == pytest.approx(0.02, rel=1e-6)


def test_a_part_shows_its_own_rows_only(city):
    with connect_application(city) as connection:
        communities = drawn(connection, "communities", tile_at(115.63, 31.73, 12))
        grids = connection.execute(
            named(ITEMS, "governance_grids").encode(), [None, None, True, None]
        ).fetchall()
    assert len(communities) == 4
    assert len(grids) == 8
