"""Layers into GeoPackages, read back with GDAL."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import psycopg
import pyogrio
import pytest
from pyproj import Transformer
from shapely import Point, box

from geo.errors import BadInput, NotFound, Refused
from layers.database import Addresses, admin_connection, connect_application
from layers.definitions.loading import Catalog
from layers.exporting import export_geopackage
from layers.importing.loading import load
from layers.scope import Classification, Scope, Verb

pytestmark = pytest.mark.postgis
EVERYTHING = Scope.everything("tests")


@pytest.fixture
def connection(database: Addresses, catalog: Catalog) -> Iterator[psycopg.Connection[Any]]:
    regions = gpd.GeoDataFrame(
        {
            "code": ["341504001", "341504002"],
            "system": "admin",
            "level": "town",
            "name": ["甲街道", "乙街道"],
            "code_prefix": ["341504001", "341504002"],
        },
        geometry=[box(115.8, 31.8, 115.9, 31.9), box(115.9, 31.8, 116.0, 31.9)],
        crs=4326,
    )
    cameras = gpd.GeoDataFrame(
        {
            "code": ["a", "b", "c"],
            "name": ["东门", None, "西门"],
            "online": [True, False, None],
            "azimuth_deg": [0.0, 90.0, None],
            "using_departments": [["town", "public_security"], [], None],
            "installed_on": ["2019-05-01", None, "2020-12-31"],
        },
        geometry=[Point(115.85, 31.85), Point(115.95, 31.85), Point(117, 31)],
        crs=4326,
    )
    with admin_connection(database) as admin:
        for name, frame in (("regions", regions), ("cameras", cameras)):
            load(admin, catalog.layer(name), catalog.code_lists, frame, scope=EVERYTHING, source="test")
    with connect_application(database) as connection:
        yield connection


def test_values_come_back_with_their_types_and_nothing_unknown_becomes_zero(
    connection: psycopg.Connection[Any], catalog: Catalog, tmp_path: Path
) -> None:
    path = tmp_path / "cameras.gpkg"
    assert export_geopackage(connection, catalog.layer("cameras"), path, scope=EVERYTHING) == 3
    frame = gpd.read_file(path).set_index("code")
    assert frame.crs.to_epsg() == 4490
    assert frame.loc["a", "azimuth_deg"] == 0.0
    assert frame["azimuth_deg"].isna().to_dict() == {"a": False, "b": False, "c": True}
    assert frame.loc["a", "using_departments"] == '["town", "public_security"]'
    assert frame.loc["a", "region_code"] == "341504001"
    assert str(frame.loc["a", "installed_on"])[:10] == "2019-05-01"
    types = dict(zip(*(pyogrio.read_info(path)[key] for key in ("fields", "dtypes")), strict=True))
    assert types["online"] == "bool"
    assert types["azimuth_deg"] == "float64"
    assert types["installed_on"].startswith("datetime64")


@pytest.mark.parametrize("epsg", [4326, 4548, 4527, 3857])
def test_coordinates_are_those_of_the_system_asked_for(
    connection: psycopg.Connection[Any], catalog: Catalog, tmp_path: Path, epsg: int
) -> None:
    path = tmp_path / "cameras.gpkg"
    export_geopackage(connection, catalog.layer("cameras"), path, scope=EVERYTHING, epsg=epsg)
    frame = gpd.read_file(path).set_index("code")
    expected = Transformer.from_crs(4326, epsg, always_xy=True).transform(115.85, 31.85)
    assert frame.crs.to_epsg() == epsg
    assert frame.loc["a", "geometry"].distance(Point(expected)) < 0.01


def test_a_region_or_a_narrow_scope_gives_its_own_rows_only(
    connection: psycopg.Connection[Any], catalog: Catalog, tmp_path: Path
) -> None:
    cameras = catalog.layer("cameras")
    export_geopackage(connection, cameras, tmp_path / "r.gpkg", scope=EVERYTHING, region="341504002")
    assert gpd.read_file(tmp_path / "r.gpkg")["code"].tolist() == ["b"]
    narrow = Scope("w", frozenset({Verb.READ, Verb.EXPORT}), frozenset(Classification), ("341504001",))
    export_geopackage(connection, cameras, tmp_path / "s.gpkg", scope=narrow)
    assert gpd.read_file(tmp_path / "s.gpkg")["code"].tolist() == ["a"]


def test_an_empty_layer_and_one_without_geometry_keep_their_columns(
    connection: psycopg.Connection[Any], catalog: Catalog, tmp_path: Path
) -> None:
    for name in ("pipes", "emergency_supplies"):
        path = tmp_path / f"{name}.gpkg"
        assert export_geopackage(connection, catalog.layer(name), path, scope=EVERYTHING) == 0
        assert set(catalog.layer(name).field_names) <= set(pyogrio.read_info(path, layer=name)["fields"])


def test_what_may_not_or_cannot_be_exported_leaves_no_file(
    connection: psycopg.Connection[Any], catalog: Catalog, tmp_path: Path
) -> None:
    cameras = catalog.layer("cameras")
    (tmp_path / "there.gpkg").write_bytes(b"keep me")
    reader = Scope("r", frozenset({Verb.READ}), frozenset(Classification))
    public = Scope("p", frozenset({Verb.EXPORT}), frozenset({Classification.PUBLIC}))
    for error, path, how in (
        (Refused, tmp_path / "a.gpkg", {"scope": reader}),
        (NotFound, tmp_path / "a.gpkg", {"scope": public}),
        (BadInput, tmp_path / "a.gpkg", {"scope": EVERYTHING, "epsg": 2435}),
        (BadInput, tmp_path / "a.gpkg", {"scope": EVERYTHING, "region": "1' OR '1'='1"}),
        (BadInput, tmp_path / "a.shp", {"scope": EVERYTHING}),
        (BadInput, tmp_path / "there.gpkg", {"scope": EVERYTHING}),
        (BadInput, tmp_path / "nowhere/a.gpkg", {"scope": EVERYTHING}),
    ):
        with pytest.raises(error):
            export_geopackage(connection, cameras, path, **how)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there.gpkg"]
    assert (tmp_path / "there.gpkg").read_bytes() == b"keep me"
