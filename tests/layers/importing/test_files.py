"""Files into a real PostGIS: whole or not at all, with every refusal told."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import psycopg
import pytest
from shapely import Point, box

from geo.datum import from_wgs84
from geo.errors import BadInput, Refused
from layers.database import Addresses, admin_connection
from layers.definitions.loading import Catalog
from layers.importing.files import import_osm, import_vector_file
from layers.importing.sources import read_vector_file
from layers.scope import Classification, Scope, Verb

pytestmark = pytest.mark.postgis
EVERYTHING = Scope.everything("tests")


@pytest.fixture
def connection(database: Addresses) -> Iterator[psycopg.Connection[Any]]:
    with admin_connection(database) as connection:
        yield connection


def rows(connection: psycopg.Connection[Any], layer: str) -> int:
    return connection.execute(f"SELECT count(*) FROM city.{layer}").fetchone()[0]  # noqa: S608 - a test's own name


def test_monaco_is_stored_with_its_directions_and_its_source(
    connection: psycopg.Connection[Any], catalog: Catalog, test_data: Path
) -> None:
    shares: list[float] = []
    summary = import_osm(
        connection, catalog, test_data / "osm/monaco.osm.pbf", scope=EVERYTHING, progress=shares.append
    )
    assert summary.taken["buildings"] == rows(connection, "buildings") == 1207
    assert summary.refused == []
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    found = connection.execute(
        "SELECT azimuth_deg, source, provenance FROM city.cameras ORDER BY azimuth_deg"
    ).fetchall()
    assert [row[0] for row in found] == [0.0, 160.0, 240.0, *[None] * 7]
    assert {row[2] for row in found} == {"imported"}
    assert "ODbL" in found[0][1]
    credits = connection.execute("SELECT value FROM onemap.setting WHERE key = 'credits'").fetchone()
    assert credits == (["© OpenStreetMap contributors (ODbL-1.0)"],)


def test_the_same_extract_twice_is_refused_and_keeps_what_is_there(
    connection: psycopg.Connection[Any], catalog: Catalog, test_data: Path
) -> None:
    only = frozenset({"cameras"})
    import_osm(connection, catalog, test_data / "osm/monaco.osm.pbf", scope=EVERYTHING, layers=only)
    again = import_osm(connection, catalog, test_data / "osm/monaco.osm.pbf", scope=EVERYTHING, layers=only)
    assert {one.reason for one in again.refused} == {"taken"}
    assert rows(connection, "cameras") == 10


@pytest.mark.parametrize("share", [0.3, 0.95])
def test_an_extract_that_is_cut_off_leaves_nothing(
    connection: psycopg.Connection[Any], catalog: Catalog, test_data: Path, tmp_path: Path, share: float
) -> None:
    whole = (test_data / "osm/porto_alegre_roads.osm.pbf").read_bytes()
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BadInput, match="to its end"):
        import_osm(connection, catalog, cut, scope=EVERYTHING)
    assert rows(connection, "roads") == rows(connection, "poles") == 0


def test_a_dry_run_tells_everything_and_stores_nothing(
    connection: psycopg.Connection[Any], catalog: Catalog, test_data: Path
) -> None:
    summary = import_osm(
        connection, catalog, test_data / "osm/monaco.osm.pbf", scope=EVERYTHING, dry_run=True
    )
    assert summary.taken["buildings"] == 1207
    assert rows(connection, "buildings") == 0


def test_who_may_not_import_imports_nothing(
    connection: psycopg.Connection[Any], catalog: Catalog, test_data: Path
) -> None:
    reader = Scope("reader", frozenset({Verb.READ}), frozenset(Classification))
    with pytest.raises(Refused):
        import_osm(connection, catalog, test_data / "osm/monaco.osm.pbf", scope=reader)


def written(path: Path, crs: int = 4326, **columns: list) -> Path:
    points = [Point(115.90 + 0.001 * k, 31.86) for k in range(len(next(iter(columns.values()))))]
    gpd.GeoDataFrame(columns, geometry=points, crs=4326).to_crs(crs).to_file(path)
    return path


@pytest.mark.filterwarnings("error")
def test_what_is_wrong_in_rows_is_told_by_rows_and_not_warned_of(
    connection: psycopg.Connection[Any], catalog: Catalog, tmp_path: Path
) -> None:
    """Words among numbers, an id given twice, a ring left open, latitude before longitude."""
    ring = [[115.9, 31.8], [115.91, 31.8], [115.91, 31.81], [115.9, 31.81]]
    shapes = [("Polygon", [ring]), ("Point", [31.86, 115.93]), ("Point", [115.93, 31.86])]
    features = [
        {
            "type": "Feature", "id": 1, "geometry": {"type": kind, "coordinates": at},
            "properties": {"class": "school", "name": "门口", "minimum_share": share},
        }
        for (kind, at), share in zip(shapes, (0.5, 0.9, "most"), strict=True)
    ]  # fmt: skip
    path = tmp_path / "places.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    layer = catalog.layer("key_places")
    summary = import_vector_file(connection, catalog, path, layer, scope=EVERYTHING, datum="wgs84")
    assert [(one.row, one.field, one.reason) for one in summary.refused] == [
        (1, "geom", "geometry-missing"), (2, "geom", "axes-swapped"), (3, "minimum_share", "type"),
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".fgb", ".shp"])
def test_a_vector_file_lands_where_it_lies(
    connection: psycopg.Connection[Any], catalog: Catalog, tmp_path: Path, suffix: str
) -> None:
    path = written(tmp_path / f"poles{suffix}", kind=["lamp", "signal"], hoch=[8.0, 6.5])
    summary = import_vector_file(
        connection,
        catalog,
        path,
        catalog.layer("poles"),
        scope=EVERYTHING,
        datum="wgs84",
        renames={"hoch": "height_m"},
    )
    assert summary.taken["poles"] == 2
    found = connection.execute(
        "SELECT kind, height_m, round(ext.ST_X(geom)::numeric, 6) FROM city.poles ORDER BY id"
    ).fetchall()
    assert sorted((kind, height, float(x)) for kind, height, x in found) == [
        ("lamp", 8.0, 115.9), ("signal", 6.5, 115.901),
    ]  # fmt: skip


def test_one_row_that_does_not_fit_refuses_the_file_and_names_the_row(
    connection: psycopg.Connection[Any], catalog: Catalog, tmp_path: Path
) -> None:
    path = written(tmp_path / "poles.gpkg", crs=4548, kind=["lamp", "castle", "lamp"], height_m=[8, 7, -3])
    summary = import_vector_file(connection, catalog, path, catalog.layer("poles"), scope=EVERYTHING)
    assert {(one.row, one.field, one.reason) for one in summary.refused} == {
        (2, "kind", "code"), (3, "height_m", "range"),
    }  # fmt: skip
    assert rows(connection, "poles") == 0


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".fgb", ".shp"])
def test_rows_without_geometry_and_values_are_read_as_such(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"poles{suffix}"
    shapes, options = [Point(115.9, 31.8), None], {"SPATIAL_INDEX": "NO"} if suffix == ".fgb" else {}
    columns = {
        "kind": ["灯", None],
        "count": pd.array([2, None], "Int64"),
        "on": pd.array([True, None], "boolean"),
    }
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4326).to_file(path, **options)
    frame = read_vector_file(path, datum="wgs84")
    assert frame.geometry.tolist() == shapes
    assert frame.iloc[0, :3].tolist() == ["灯", 2, 1]
    assert frame.iloc[1, :3].isna().all()


def test_gcj02_coordinates_are_undone(tmp_path: Path) -> None:
    lon, lat = from_wgs84(115.90, 31.86, "gcj02")
    path = tmp_path / "shifted.geojson"
    gpd.GeoDataFrame(geometry=[Point(lon, lat)], crs=4326).to_file(path)
    placed = read_vector_file(path, datum="gcj02").geometry[0]
    assert placed.distance(Point(115.90, 31.86)) < 1e-7


@pytest.mark.parametrize(
    ("crs", "words"), [(4326, "state the datum"), (2435, "Beijing 1954"), (None, "no coordinate system")]
)
def test_coordinates_that_cannot_be_placed_without_guessing_are_refused(
    tmp_path: Path, crs: int | None, words: str
) -> None:
    path = tmp_path / "where.gpkg"
    gpd.GeoDataFrame(geometry=[Point(115.9, 31.8) if crs == 4326 else Point(5e5, 3.5e6)], crs=crs).to_file(
        path
    )
    with pytest.raises(BadInput, match=words):
        read_vector_file(path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gauss_kruger_no_shx_dbf/gauss_kruger.shp", "shx is missing"),
        ("mixed_crs.gpkg", "say which one"),
        ("demo.dxf", "not imported"),
        ("no-such-file.gpkg", "no file"),
        ("utf16_le_bom.csv", "not imported"),
    ],
)
def test_files_that_are_traps_are_refused_and_say_what_to_do(test_data: Path, name: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_vector_file(test_data / "nasty" / name)


def test_a_virtual_data_source_in_disguise_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "innocent.json"
    path.write_text(
        "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource>"
        "<SrcLayer>x</SrcLayer></OGRVRTLayer></OGRVRTDataSource>",
        encoding="utf-8",
    )
    with pytest.raises(BadInput):
        read_vector_file(path, datum="wgs84")


def test_a_gbk_shapefile_keeps_its_characters_when_told(test_data: Path) -> None:
    frame = read_vector_file(test_data / "nasty/derived_gbk_no_cpg/bozhou_counties.shp", encoding="gb18030")
    texts = " ".join(frame.drop(columns="geometry").astype(str).to_numpy().ravel())
    assert "谯城" in texts


@pytest.mark.parametrize("renames", [{"nope": "kind"}, {"kind": "nope"}])
def test_a_rename_of_nothing_or_to_nothing_is_refused(
    connection: psycopg.Connection[Any], catalog: Catalog, tmp_path: Path, renames: dict[str, str]
) -> None:
    path = written(tmp_path / "poles.geojson", kind=["lamp"])
    with pytest.raises(BadInput, match="nope"):
        import_vector_file(
            connection,
            catalog,
            path,
            catalog.layer("poles"),
            scope=EVERYTHING,
            datum="wgs84",
            renames=renames,
        )


def test_columns_that_are_no_field_are_left_out(
    connection: psycopg.Connection[Any], catalog: Catalog, tmp_path: Path
) -> None:
    path = tmp_path / "parks.geojson"
    document = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"kind": "park", "mood": "calm"},
                "geometry": box(115.9, 31.85, 115.91, 31.86).__geo_interface__,
            }
        ],
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    summary = import_vector_file(
        connection, catalog, path, catalog.layer("green_and_public_space"), scope=EVERYTHING, datum="cgcs2000"
    )
    assert summary.taken["green_and_public_space"] == 1
